"""Which forge a clone works with: by fairlead.yaml, else by the URL that it was cloned from."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from fairlead.model.errors import ConfigError, DeniedError
from fairlead.model.findings import Where
from fairlead.model.values import dataclass
from fairlead.repo.config import ForgeRules
from fairlead.repo.names import near_miss

AUTO = "auto"
_PAGES = {"github": "pull", "gitlab": "-/merge_requests"}  # what stands before a number; elsewhere `pulls`
_HOSTS = {"github.com": "github", "gitlab.com": "gitlab", "codeberg.org": "gitea", "gitea.com": "gitea"}
_BEHIND_443 = {"ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com"}  # ssh, where its port is shut
_SCP = re.compile(r"(?:[\w.~-]+@)?(?P<host>\[[0-9a-fA-F:.]+\]|[\w.-]+):(?P<path>(?!//).+)")
_PROJECT = re.compile(r"[\w.-]+(/[\w.-]+)+")


@dataclass(frozen=True)
class Remote:
    """What a remote's URL says: the web address of its host, and the project; empty for a folder of this machine."""

    url: str = ""
    project: str = ""

    @property
    def host(self) -> str:
        """The host, with its port where one is named."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True)
class Place:
    """A forge to speak with: its kind, the web address, the project."""

    kind: str
    url: str = ""
    project: str = ""


def remote(url: str) -> Remote:
    """Read a remote's URL, in any of git's forms."""
    parts = urlsplit(url) if "://" in url else None
    if parts is not None and parts.scheme in ("http", "https"):
        return Remote(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}", _project(parts.path))
    if parts is not None and parts.scheme in ("ssh", "git+ssh") and parts.hostname:
        host = _BEHIND_443.get(parts.hostname, parts.hostname)
        return Remote(f"https://{_bracketed(host)}", _project(parts.path))
    short = _SCP.fullmatch(url) if parts is None else None
    if short is not None and len(short["host"]) > 1:  # one letter is a drive
        return Remote(f"https://{short['host']}", _project(short["path"]))
    return Remote()


def choose(rules: ForgeRules, origin: str, known: tuple[str, ...], meant: str = "") -> Place:
    """The forge of a clone from `origin`. `known` are the kinds that are built, `meant` is a URL that a person names.

    Raises:
        ConfigError: a kind that isn't known or built, nothing to tell it by, an address that can't be.
        DeniedError: the configuration names another host than that of the remote, and nobody vouches for it.
    """
    where = Where(rules.path) if rules.path else None
    there = remote(origin)
    kind = rules.kind if rules.kind not in ("", AUTO) else _kind(_host(rules.url or there.url))
    if not kind:
        raise ConfigError(
            f"which forge {_host(rules.url or there.url) or 'this clone'} is can't be told from its URL",
            where=where,
            remedy=f"forge: {{kind: …}} with one of: {', '.join(known)}",
        )
    if kind not in known:
        raise ConfigError(
            f"there is no forge {kind!r}",
            where=where,
            remedy=near_miss(kind, list(known)) or f"forges are: {', '.join(known)}",
        )
    if kind == "local":
        return Place(kind)
    place = Place(kind, (rules.url or there.url).rstrip("/"), rules.project or _inside(there, rules.url))
    _refuse(place, there, where, meant)
    return place


def page(place: Place, number: int) -> str:
    """Where people see a pull request."""
    return f"{place.url}/{place.project}/{_PAGES.get(place.kind, 'pulls')}/{number}"


def _refuse(place: Place, there: Remote, where: Where | None, meant: str) -> None:
    parts = urlsplit(place.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
        raise ConfigError(
            f"the forge has no web address: {place.url or 'nothing'!r}", where=where,
            remedy="forge: {url: https://git.example.org}",
        )  # fmt: skip
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise ConfigError(
            f"{place.url} would send the token where others can read it", where=where, remedy="use https"
        )  # fmt: skip
    if not _PROJECT.fullmatch(place.project) or ".." in place.project:
        raise ConfigError(
            f"the forge's project is not known: {place.project or 'nothing'!r}", where=where,
            remedy="forge: {project: OWNER/NAME}",
        )  # fmt: skip
    vouched = urlsplit(meant).netloc.casefold()
    if parts.netloc.casefold() not in (there.host.casefold(), vouched):
        raise DeniedError(
            f"fairlead.yaml wants to speak with {parts.netloc}, and this clone is of {there.host or 'another place'}",
            where=where,
            remedy=f"if that is right: FAIRLEAD_FORGE_URL={place.url}",
        )


def _inside(there: Remote, url: str) -> str:
    """The project's name below the forge's own folder (`https://example.org/git`)."""
    folder = urlsplit(url).path.strip("/")
    return there.project.removeprefix(f"{folder}/") if folder else there.project


def _kind(host: str) -> str:
    return "github" if host.endswith(".ghe.com") else _HOSTS.get(host, "")


def _project(path: str) -> str:
    return path.strip("/").removesuffix(".git")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").casefold().removeprefix("www.")


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
