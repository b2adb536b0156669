"""Remote bases: what the URL in a kustomization means to kustomize, and whether the configuration allows it.

How a URL is read is kustomize's own business (`api/internal/git/repospec.go`); this reads it the same way.
"""

from __future__ import annotations

import re
from dataclasses import replace

from fairlead.model.patterns import pattern
from fairlead.model.values import dataclass
from fairlead.repo.names import covers

_SCHEMES = ("ssh://", "https://", "http://", "file://")
_USER = pattern(r"[a-zA-Z][a-zA-Z0-9-]*@")
_COMMIT = pattern(r"[0-9a-f]{40}|[0-9a-f]{64}")
# What may be handed on, to git and to a shell's `case`: no blanks, no quotes, nothing that is not ASCII.
_REPOSITORY = pattern(r"[A-Za-z0-9/][A-Za-z0-9._~:/@%+,=-]*")
_TAG = pattern(r"[A-Za-z0-9_][A-Za-z0-9._/+-]*")
_PASSWORD = pattern(r"[a-z]+://[^/]*:[^/]*@")


@dataclass(frozen=True)
class RemoteRule:
    """Repositories that kustomizations may name as remote bases: a glob. `tags`: also at a tag, not only a commit."""

    repository: str
    tags: bool = False


@dataclass(frozen=True)
class BuildOverride:
    """What is allowed otherwise for the overlays that its globs mean; None: as elsewhere."""

    paths: tuple[str, ...]
    unrestricted: bool | None = None
    helm: bool | None = None
    remote: tuple[RemoteRule, ...] | None = None
    releases: bool | None = None


@dataclass(frozen=True)
class BuildRules:
    """What the configuration allows a build beyond kustomize's defaults.

    `unrestricted` is kustomize's `--load-restrictor LoadRestrictionsNone`, within the repository. `releases` are Helm
    releases among the objects, `charts` the folders that hold charts of Helm repositories. Of two overrides
    that fit an overlay's folder, the later one counts; `root` is the folder that their globs start at.
    """

    unrestricted: bool = False
    helm: bool = False
    remote: tuple[RemoteRule, ...] = ()
    releases: bool = False
    charts: tuple[str, ...] = ()
    overrides: tuple[BuildOverride, ...] = ()
    root: str = ""

    def of(self, overlay: str) -> BuildRules:
        """The rules for one overlay, by its folder; without overrides."""
        rules = self.plain
        prefix = self.root + "/" if self.root else ""
        below = overlay[len(prefix) :]
        for one in self.overrides if overlay.startswith(prefix) else ():
            if any(covers(glob, below) for glob in one.paths):
                rules = replace(
                    rules,
                    unrestricted=rules.unrestricted if one.unrestricted is None else one.unrestricted,
                    helm=rules.helm if one.helm is None else one.helm,
                    remote=rules.remote if one.remote is None else one.remote,
                    releases=rules.releases if one.releases is None else one.releases,
                )
        return rules

    @property
    def plain(self) -> BuildRules:
        """The rules where no override fits."""
        return replace(self, overrides=(), root="") if self.overrides else self

    @property
    def may_release(self) -> bool:
        """Whether Helm releases are rendered anywhere."""
        return self.releases or any(one.releases for one in self.overrides)

    @property
    def may_inflate(self) -> bool:
        """Whether charts are inflated anywhere."""
        return self.helm or any(one.helm for one in self.overrides)


@dataclass(frozen=True)
class RemoteBase:
    """A repository as git is asked for it, the ref to take, and the folder in it."""

    repository: str
    ref: str
    path: str

    @property
    def is_commit(self) -> bool:
        """Whether the ref is a full commit id, which nobody can move."""
        return _COMMIT.fullmatch(self.ref) is not None

    @property
    def name(self) -> str:
        """The same for every way to write it, whatever the folder."""
        return f"{self.repository}?ref={self.ref}"


@dataclass(frozen=True)
class Denial:
    """Why a remote base is not fetched, and what would be accepted."""

    message: str
    remedy: str


def remote_base(written: str) -> RemoteBase | None:
    """Read a URL as kustomize does; None where it is no git repository to it."""
    if written.startswith("/"):
        return None
    rest, _, query = written.partition("?")
    host, rest = _host(rest)
    if not host:
        return None
    split = _split(rest, whole=host.startswith("file://"))
    if split is None or not split[0]:
        return None
    repository, path = split
    if _leaves(path.removeprefix("/")):
        return None
    return RemoteBase(host + repository, _ref(query), path.removeprefix("/"))


def _host(text: str) -> tuple[str, str]:
    """The part before the repository's path, as git wants it, and the rest; empty where there is none."""
    if text[:5].lower() == "git::":
        text = text[5:]
    scheme = next((s for s in _SCHEMES if text[: len(s)].lower() == s), "")
    text = text[len(scheme) :]
    named = _USER.match(text)
    user = named[0] if named is not None else ""
    text = text[len(user) :]
    github = text.lower().startswith(("github.com/", "github.com:"))
    short = not scheme and (bool(user) or github)  # the form of scp: host:path
    if not scheme and not short:
        return "", text
    if scheme == "file://":
        return scheme, user + text
    end = text.find("/")
    if short:
        colon = text.find(":")
        if end == -1 or 0 < colon < end:
            end = colon
    host, rest = (text[: end + 1], text[end + 1 :]) if end >= 0 else (text, "")
    if github and (scheme == "ssh://" or user):
        scheme, host = "", "github.com:"
    elif github:
        scheme, host = "https://", "github.com/"
    return (scheme + user + host, rest) if host else ("", text)


def _split(text: str, *, whole: bool) -> tuple[str, str] | None:
    """The repository's path and the folder in it, by a marker, else after two segments (`whole`: never)."""
    at = text.find("_git/")
    if at >= 0:
        name, _, path = text[at + 5 :].partition("/")
        return text[: at + 5] + name, path
    at = text.find("//")
    if at >= 0:
        return text[:at], text[at + 2 :]
    at = text.find(".git")
    if at >= 0:
        return text[: at + 4], text[at + 4 :]
    if whole:
        return text, ""
    parts = text.split("/")
    return ("/".join(parts[:2]), "/".join(parts[2:])) if len(parts) >= 2 else None


def _leaves(path: str) -> bool:
    depth = 0
    for word in path.split("/"):
        depth += 0 if word in ("", ".") else (-1 if word == ".." else 1)
        if depth < 0:
            return True
    return False


def _ref(query: str) -> str:
    from urllib.parse import parse_qs

    if ";" in query or re.search(r"%(?![0-9A-Fa-f]{2})", query):  # Go's url.ParseQuery gives up on these
        return ""
    values = parse_qs(query, keep_blank_values=True)
    first = {key: found[0] for key, found in values.items()}
    return first.get("ref") or first.get("version") or ""


def allowing(base: RemoteBase, rules: BuildRules) -> tuple[RemoteRule, ...]:
    """The entries of `build: {remote}` that name the repository."""
    return tuple(rule for rule in rules.remote if _matches(rule.repository, base.repository))


def _matches(pattern: str, repository: str) -> bool:
    host, rest = _host(pattern)
    words = "".join(
        {"**": ".*", "*": "[^/]*"}.get(word, re.escape(word)) for word in re.split(r"(\*\*|\*)", _bare(host + rest))
    )
    return re.fullmatch(words, _bare(repository)) is not None


def _bare(repository: str) -> str:
    return repository.rstrip("/").removesuffix(".git")


def is_pattern(text: str) -> bool:
    """Whether an entry of `build: {remote}` names a host that kustomize would understand, not by a glob."""
    host, rest = _host(text)
    return bool(host) and "*" not in host and bool(rest.strip("/"))


_ONE_FILE = pattern(r"https?://[^?#]*\.(?:ya?ml|json)")


def denied(written: str, rules: BuildRules) -> Denial | None:
    """Why a URL in a kustomization is not fetched; None where it is."""
    base = None if _ONE_FILE.fullmatch(written) else remote_base(written)
    if base is None:
        return Denial(
            f"{written!r} is no git repository to kustomize, and single files are never fetched",
            "copy it into the repository and refer to the copy",
        )
    if _PASSWORD.match(base.repository):
        return Denial("a URL holds a password", "leave it to git's credential helper, and take it out of the URL")
    if _REPOSITORY.fullmatch(base.repository) is None or (base.ref and _TAG.fullmatch(base.ref) is None):
        return Denial(f"{written!r} holds characters that fairlead hands to nobody", "write it in plain characters")
    found = allowing(base, rules)
    if not found:
        return Denial(
            f"{written!r} is fetched from elsewhere, and fairlead builds offline",
            "copy it into the repository and refer to the copy; or allow it in fairlead.yaml: "
            f"`build: {{remote: ['{_bare(base.repository)}']}}`",
        )
    if base.is_commit or (any(rule.tags for rule in found) and base.ref):
        return None
    if not base.ref:
        return Denial(f"{written!r} names no version: what it gives today, it need not give tomorrow", _PIN)
    return Denial(
        f"{written!r} is not pinned: a branch or tag can be moved",
        _PIN + "; or allow the repository's tags: "
        f"`build: {{remote: [{{repository: '{_bare(base.repository)}', tags: true}}]}}`",
    )


_PIN = "write the full id of a commit: `?ref=` and its 40 digits (git ls-remote tells it)"
