"""One branch of the remote, fetched and pushed: the remote's own ref is the commit point, and it is read back."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fairlead.doors.git.plumbing import HARDENED, environment
from fairlead.doors.proc import Process, Result, run
from fairlead.model.errors import DeniedError, WorldError

if TYPE_CHECKING:
    from fairlead.doors.git.repository import Repository

REMOTE = "origin"
_TIME = 60.0  # seconds
_NETWORK = ("-c", "http.lowSpeedLimit=500", "-c", "http.lowSpeedTime=20", "-c", "credential.interactive=never")
RACE = (
    "stale info",
    "fetch first",
    "non-fast-forward",
    "cannot lock ref",
    "failed to update ref",
    "reference already",
)

_DENIED = ("Permission", "permission", "denied", "Authentication", "authentication", "403", "could not read Username",
           "could not read Password")  # fmt: skip


def fetch(repo: Repository, branch: str) -> str | None:
    """The remote's tip of a branch, with its history; None where it has none. Raises WorldError and DeniedError."""
    ref = f"refs/remotes/{REMOTE}/{branch}"
    said = _git(repo, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
                "--no-auto-gc", "--end-of-options", REMOTE, f"+refs/heads/{branch}:{ref}")  # fmt: skip
    if "couldn't find remote ref" in said:
        return None
    if said:
        raise failed("fetch", said)
    return repo.git.resolve(ref)


def push(repo: Repository, branch: str, new: str, old: str) -> str:
    """Move the remote's branch from `old` to `new`; where it stands then, which is elsewhere after a race.

    git's exit code doesn't decide: a connection may break after the remote has moved the ref.

    Raises:
        WorldError: the remote can't be asked, or refuses for a reason that another try doesn't change.
        DeniedError: it doesn't let us.
    """
    ref = f"refs/heads/{branch}"
    said = _git(repo, "push", "--quiet", "--no-verify", "--no-signed", "--recurse-submodules=no",
                f"--force-with-lease={ref}:{old}", "--end-of-options", REMOTE, f"{new}:{ref}")  # fmt: skip
    if not said:
        return new
    tip = fetch(repo, branch)
    if tip is not None and tip != old and repo.is_ancestor(new, tip):
        return new
    if tip is not None and (tip != old or any(word in said for word in RACE)):
        return tip
    raise failed("push", said)


def _git(repo: Repository, *argv: str) -> str:
    """Run git with the remote; nothing where it went well, else what it said."""
    return complaint(talk(repo, *argv), argv[0])


def talk(repo: Repository, *argv: str, login: Mapping[str, str] | None = None) -> Result:
    """Run git with the remote. `login` goes into git's environment, where no list of processes shows it."""
    extra = {"GIT_ALLOW_PROTOCOL": "https:http:ssh:file", **(login or {})}
    if "GIT_SSH_COMMAND" not in os.environ:
        extra["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes"
    command = ("git", f"--git-dir={repo.git.git_dir}", *HARDENED, *_NETWORK, *argv)
    return run(Process(command, cwd=repo.git.git_dir, env=environment(extra), timeout=_TIME))


def complaint(done: Result, what: str) -> str:
    """What git complains of; nothing where it went well."""
    if done.timed_out:
        return f"{REMOTE} did not answer within {_TIME:.0f} seconds"
    return "" if done.code == 0 else done.stderr.strip() or f"git {what} ended with {done.code}"


def failed(what: str, said: str) -> WorldError | DeniedError:
    """The error for what git said of a fetch or push."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = next((line for line in lines if line.startswith(("remote: error", "fatal:", "error:", "!"))), lines[0])[:300]
    if any(word in said for word in _DENIED):
        return DeniedError(f"{REMOTE} does not allow it: {told}", remedy="look at the token or key that git uses")
    remedy = f"nothing was changed; see: git {what} {REMOTE}"
    if "pre-receive" in said or "hook declined" in said or "protected" in said:
        remedy = "the branch takes changes by pull request alone: use --pr"
    return WorldError(f"git {what} failed: {told}", remedy=remedy)
