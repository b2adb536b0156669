"""Where a token comes from: the environment, the forge's own command line, git's credential helpers. Nobody is asked.

A variable of the environment says nothing of the host that it is meant for, and a repository's files say where its
forge is. So it goes to well-known hosts, to the one that CI or the person names, and to no other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from fairlead.doors.git.plumbing import HARDENED, environment
from fairlead.doors.proc import Process, run, which
from fairlead.forge.http import Token
from fairlead.model.values import dataclass

MEANT = "FAIRLEAD_FORGE_URL"
_SERVERS = (MEANT, "GITEA_SERVER_URL", "FORGEJO_SERVER_URL", "GITHUB_SERVER_URL", "GH_HOST", "CI_SERVER_URL")
_KNOWN = {"github": ("github.com",), "gitlab": ("gitlab.com",), "gitea": ("codeberg.org", "gitea.com")}
_VARIABLES = {
    "gitea": ("FAIRLEAD_TOKEN", "GITEA_TOKEN", "FORGEJO_TOKEN"),
    "github": ("FAIRLEAD_TOKEN", "GH_TOKEN", "GITHUB_TOKEN"),
    "gitlab": ("FAIRLEAD_TOKEN", "GITLAB_TOKEN", "CI_JOB_TOKEN"),
}
_ENTERPRISE = ("FAIRLEAD_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GITHUB_TOKEN")  # as gh takes them
_COMMANDS = {
    "github": ("gh", "auth", "token", "--hostname"),
    "gitlab": ("glab", "config", "get", "token", "--host"),
}
_TIME = 15.0  # seconds for a program that knows a token


@dataclass(frozen=True)
class Search:
    """The token, None where there is none; `places` is where it was looked for, `passed` what was not to be used."""

    token: Token | None
    places: tuple[str, ...]
    passed: tuple[str, ...] = ()


def look(kind: str, url: str, variables: Mapping[str, str] | None = None) -> Search:
    """The first token for a forge of this kind at a URL.

    Raises WorldError where git is missing.
    """
    env = os.environ if variables is None else variables
    host = urlsplit(url).netloc.rpartition("@")[2].casefold()
    places, passed = [], []
    enterprise = kind == "github" and host not in _KNOWN[kind]
    for name in _ENTERPRISE if enterprise else _VARIABLES[kind]:
        places.append(name)
        value = env.get(name, "").strip()
        if value and not value.isprintable():
            passed.append(f"{name} holds more than one line")
        elif value and not _meant(kind, host, env):
            passed.append(f"{name} is not sent to {host}: if it is meant for it, set {MEANT}={url}")
        elif value:
            return Search(Token(value, name), tuple(places), tuple(passed))
    for source, value in (*_command(kind, host), *_helper(url)):
        places.append(source)
        if value and value.isprintable():
            return Search(Token(value, source), tuple(places), tuple(passed))
    return Search(None, tuple(places), tuple(passed))


def _meant(kind: str, host: str, env: Mapping[str, str]) -> bool:
    values = (env.get(name, "") for name in _SERVERS)
    named = (urlsplit(value if "://" in value else f"//{value}").netloc.casefold() for value in values)
    return host in _KNOWN[kind] or host in set(filter(None, named))


def _command(kind: str, host: str) -> Iterator[tuple[str, str]]:
    argv = _COMMANDS.get(kind)
    if argv is None:
        return
    program = which(argv[0])
    value = ""
    if program is not None:
        done = run(Process((program, *argv[1:], host), timeout=_TIME))
        value = done.stdout.decode("utf-8", "replace").strip() if done.code == 0 else ""
    yield " ".join(argv[:3]), value


def _helper(url: str) -> Iterator[tuple[str, str]]:
    """What git's credential helpers know of the host: they are bound to it, and are never let ask."""
    parts = urlsplit(url)
    asked = f"protocol={parts.scheme}\nhost={parts.netloc.rpartition('@')[2]}\n\n"
    env = environment({"GIT_ASKPASS": "", "SSH_ASKPASS": "", "GCM_INTERACTIVE": "never"})
    # From nowhere: the person's own helpers, and none that the repository's configuration names.
    argv = ("git", *HARDENED, "-c", "credential.interactive=never", "-c", "core.askPass=", "credential", "fill")
    done = run(Process(argv, cwd="/", env=env, stdin=asked.encode(), timeout=_TIME))
    rows = dict(line.partition("=")[::2] for line in done.stdout.decode("utf-8", "replace").splitlines())
    yield "git credential fill", rows.get("password", "") if done.code == 0 else ""
