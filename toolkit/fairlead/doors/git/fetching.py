"""Ask the remote for one branch: the clone's remote-tracking ref moves, and nothing else.

git runs here with the user's own credentials and none of the programs that the repository's configuration names.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from fairlead.doors.git.plumbing import HARDENED, GitFailed, environment
from fairlead.doors.proc import Process, run

if TYPE_CHECKING:
    from fairlead.doors.git.repository import Repository

TIME = 60.0  # seconds
REMOTE = "origin"
_QUIET = (
    "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-gc",
    "--upload-pack=git-upload-pack",
)  # fmt: skip
_NETWORK = (
    "-c",
    "http.lowSpeedLimit=500",
    "-c",
    "http.lowSpeedTime=20",
    "-c",
    "credential.interactive=never",
    "-c",
    "core.askPass=",
)


class CannotFetch(Exception):  # noqa: N818  it is caught, and asked about
    """The remote could not be asked; the words say why."""


def has_remote(repo: Repository) -> bool:
    """Whether this clone came from somewhere."""
    return bool(repo.origin())


def fetch(repo: Repository, branch: str) -> str | None:
    """The remote's tip of a branch, fetched; None where it has none.

    Raises:
        CannotFetch: no network, no permission, or it takes too long.
    """
    ref = f"refs/remotes/{REMOTE}/{branch}"
    place = repo.git.work_tree or repo.git.git_dir
    argv = (
        "git", f"--git-dir={repo.git.git_dir}", *HARDENED, *_NETWORK, *_helpers(repo), *_QUIET,
        "--end-of-options", REMOTE, f"+refs/heads/{branch}:{ref}",
    )  # fmt: skip
    extra = {"GIT_ALLOW_PROTOCOL": "https:http:ssh:file", "SSH_ASKPASS_REQUIRE": "never"}
    if "GIT_SSH_COMMAND" not in os.environ:
        extra["GIT_SSH_COMMAND"] = next(iter(_own(repo, "core.sshCommand")), "ssh -o BatchMode=yes")
    done = run(Process(argv, cwd=place, env=environment(extra), timeout=TIME))
    if done.timed_out:
        raise CannotFetch(f"{REMOTE} did not answer within {TIME:.0f} seconds")
    if done.code and "couldn't find remote ref" in done.stderr:
        return None
    if done.code:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        telling = [line for line in lines if line.startswith(("fatal:", "error:"))]
        raise CannotFetch((telling or lines or ["git said nothing"])[0].removeprefix("fatal: ")[:300])
    return repo.git.resolve(ref)


def _helpers(repo: Repository) -> tuple[str, ...]:
    """The person's own credential helpers, and none of the repository's."""
    out = ["-c", "credential.helper="]
    for helper in _own(repo, "credential.helper"):
        out += ["-c", f"credential.helper={helper}"]
    return tuple(out)


def _own(repo: Repository, key: str) -> tuple[str, ...]:
    """What the system's and the person's configuration say of a key."""
    found: list[str] = []
    for scope in ("--system", "--global"):
        try:
            found += repo.git.text("config", scope, "--get-all", key).splitlines()
        except GitFailed:
            continue
    return tuple(found)
