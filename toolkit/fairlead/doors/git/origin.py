"""One branch of the remote, fetched and pushed: the remote's own ref is the commit point, and it is read back.

A fetch moves the clone's remote-tracking ref, and nothing else. git runs here with the user's own credentials and none
of the programs that the repository's configuration names.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from fairlead.doors.git.plumbing import HARDENED, GitFailed, environment
from fairlead.doors.proc import Process, Result, run
from fairlead.model.errors import DeniedError, WorldError

if TYPE_CHECKING:
    from fairlead.doors.git.repository import Repository

REMOTE = "origin"
_TIME = 60.0  # seconds
_NETWORK = (
    "-c", "http.lowSpeedLimit=500", "-c", "http.lowSpeedTime=20", "-c", "credential.interactive=never",
    "-c", "core.askPass=",
)  # fmt: skip
_FETCH = (
    "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-gc",
    "--upload-pack=git-upload-pack", "--end-of-options", REMOTE,
)  # fmt: skip
_PUSH = (
    "push", "--quiet", "--no-verify", "--no-signed", "--recurse-submodules=no", "--receive-pack=git-receive-pack",
)  # fmt: skip
_UNSENT = "stale info"  # git saw that the ref is elsewhere before it sent anything
RACE = (_UNSENT, "fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref", "reference already")
_TOLD = ("remote: error", "remote: GitLab:", "fatal:", "error:", "!")  # how the line that matters begins
_DENIED = (
    "permission", "denied", "authentication", "403", "not allowed to push", "could not read username",
    "could not read password",
)  # fmt: skip
_ID = re.compile(r"\b[0-9a-f]{7,64}\b")


class Origin:
    """The remote that a clone came from."""

    def __init__(self, repo: Repository) -> None:
        self._repo = repo

    def fetch(self, branch: str) -> str | None:
        """The remote's tip of a branch, with its history; None where it has none.

        Raises:
            WorldError: no network, or it takes too long.
            DeniedError: it doesn't let us.
        """
        ref = f"refs/remotes/{REMOTE}/{branch}"
        said = self._git(*_FETCH, f"+refs/heads/{branch}:{ref}")
        if "couldn't find remote ref" in said:
            return None
        if said:
            raise failed("fetch", said)
        return self._repo.git.resolve(ref)

    def push(self, branch: str, new: str, old: str) -> str:
        """Move the remote's branch from `old` to `new`; where it stands then, which is elsewhere after a race.

        Empty where it had moved before anything was sent, so that nobody looked. git's exit code doesn't decide: a
        connection may break after the remote has moved the ref.

        Raises:
            WorldError: the remote can't be asked, or refuses for a reason that another try doesn't change.
            DeniedError: it doesn't let us.
        """
        ref = f"refs/heads/{branch}"
        said = self._git(*_PUSH, f"--force-with-lease={ref}:{old}", "--end-of-options", REMOTE, f"{new}:{ref}")
        if not said:
            return new
        if _UNSENT in said:
            return ""
        tip = self.fetch(branch)
        if tip is not None and tip != old and self._repo.is_ancestor(new, tip):
            return new
        if tip is not None and (tip != old or any(word in said for word in RACE)):
            return tip
        raise failed("push", said)

    def _git(self, *argv: str) -> str:
        """Run git with the remote; nothing where it went well, else what it said."""
        return complaint(talk(self._repo, *argv, own=self._own), argv[0])

    @cached_property
    def _own(self) -> tuple[tuple[str, str], ...]:
        return own(self._repo)


def talk(
    repo: Repository, *argv: str, own: tuple[tuple[str, str], ...] = (), login: Mapping[str, str] | None = None
) -> Result:
    """Run git with the remote, as the person's `own` configuration says.

    `login` goes into git's environment, where no list of processes shows it.
    """
    extra = {"GIT_ALLOW_PROTOCOL": "https:http:ssh:file", "SSH_ASKPASS_REQUIRE": "never", **(login or {})}
    if "GIT_SSH_COMMAND" not in os.environ:
        commands = [value for name, value in own if name == "core.sshcommand"]
        extra["GIT_SSH_COMMAND"] = commands[-1] if commands else "ssh -o BatchMode=yes"
    # The person's own credential helpers, also those for one server, and none of the repository's.
    helpers = [f"{name}={value}" for name, value in own if name.startswith("credential.") and "=" not in name]
    words = tuple(word for helper in ("credential.helper=", *helpers) for word in ("-c", helper))
    command = ("git", f"--git-dir={repo.git.git_dir}", *HARDENED, *_NETWORK, *words, *argv)
    return run(Process(command, cwd=repo.git.work_tree or repo.git.git_dir, env=environment(extra), timeout=_TIME))


def complaint(done: Result, what: str) -> str:
    """What git complains of; nothing where it went well."""
    if done.timed_out:
        return f"{REMOTE} did not answer within {_TIME:.0f} seconds"
    return "" if done.code == 0 else done.stderr.strip() or f"git {what} ended with {done.code}"


def own(repo: Repository) -> tuple[tuple[str, str], ...]:
    """What the system's and the person's configuration say of credentials and of ssh: (name, value)."""
    try:
        asked = ("--null", "--show-scope", "--get-regexp", r"^(credential\.(.*\.)?helper|core\.sshcommand)$")
        said = repo.git.text("config", *asked).split("\0")
    except GitFailed:
        return ()
    rows = zip(said[::2], said[1::2], strict=False)
    found = (row.partition("\n") for scope, row in rows if scope in ("system", "global"))
    return tuple((name, value) for name, _, value in found)


def failed(what: str, said: str) -> WorldError | DeniedError:
    """The error for what git said of a fetch or push."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = next((line for line in lines if line.startswith(_TOLD)), lines[0])
    told = told.removeprefix("fatal: ")[:300]
    words = [line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:")]
    if told.startswith("unable to access") and words:  # git tells of the status alone, the server why
        told = f"{' '.join(words)[:200]} ({told})"
    text = _ID.sub("", said.casefold())  # an id may hold any figures
    if any(word in text for word in _DENIED):
        return DeniedError(f"{REMOTE} does not allow it: {told}", remedy="look at the token or key that git uses")
    remedy = f"nothing was changed; see: git {what} {REMOTE}"
    if "pre-receive" in said or "hook declined" in said or "protected" in said:
        remedy = "the branch takes changes by pull request alone: use --pr"
    return WorldError(f"git {what} failed: {told}", remedy=remedy)
