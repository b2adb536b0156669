"""The remote that a forge works on: refs are published under a lease, read back, and fetched when they are lacking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING

from fairlead.doors.git.origin import RACE, REMOTE, complaint, failed, own, talk
from fairlead.doors.git.plumbing import ZERO
from fairlead.doors.proc import Result
from fairlead.model.errors import ConflictError
from fairlead.model.values import dataclass

if TYPE_CHECKING:
    from fairlead.doors.git.repository import Repository

_ATTEMPTS = 3
_FETCH = (
    "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-gc",
    "--end-of-options", REMOTE,
)  # fmt: skip
_NOTHING = "Everything up-to-date"
_PUSH = ("push", "--no-verify", "--no-signed", "--recurse-submodules=no")


@dataclass(frozen=True)
class Upstream:
    """`origin` of a clone. `login` is what git's environment needs to be let in; empty: git's own helpers know."""

    repo: Repository
    login: Mapping[str, str] = field(default_factory=dict, repr=False)

    def _talk(self, *argv: str) -> Result:
        return talk(self.repo, *argv, own=self._own, login=self.login)

    @cached_property
    def _own(self) -> tuple[tuple[str, str], ...]:
        return own(self.repo)

    def refs(self, *names: str) -> dict[str, str]:
        """Where these refs stand there; those that aren't there are left out.

        Raises:
            WorldError, DeniedError: it can't be asked.
        """
        said = ""
        for _ in range(_ATTEMPTS):
            done = self._talk("ls-remote", "--end-of-options", REMOTE, *names)
            said = complaint(done, "ls-remote")
            if not said:
                rows = (line.split("\t") for line in done.stdout.decode("utf-8", "replace").splitlines())
                return {row[1]: row[0] for row in rows if len(row) == 2 and row[1] in names}
        raise failed("ls-remote", said)

    def fetch(self, *specs: str) -> None:
        """Fetch refspecs. Raises WorldError and DeniedError."""
        said = ""
        for _ in range(_ATTEMPTS):
            said = complaint(self._talk(*_FETCH, *specs), "fetch")
            if not said:
                return
            if "couldn't find remote ref" in said:
                break
        raise failed("fetch", said)

    def branch(self, name: str) -> str | None:
        """The remote's tip of a branch, fetched; None where it has none."""
        ref = f"refs/heads/{name}"
        at = self.refs(ref).get(ref)
        if at is not None:
            self.fetch(f"+{ref}:refs/remotes/{REMOTE}/{name}")
        return at

    def push(self, ref: str, new: str, old: str) -> bool:
        """Move a ref from `old` (zeros: it must not be there) to `new` (zeros: remove it); whether this moved it.

        It may stand at `new` already: then somebody else did the very same.

        git's word doesn't decide, the remote's own ref does: a connection may break after the ref has moved, and
        git may then say that everything is up to date.

        Raises:
            ConflictError: the ref stands elsewhere by now.
            WorldError, DeniedError: the remote can't be asked, or refuses.
        """
        lease = "" if old == ZERO else old
        source = "" if new == ZERO else new
        said = ""
        for _ in range(_ATTEMPTS):
            # No `+` before the refspec: it would override the lease.
            argv = (*_PUSH, f"--force-with-lease={ref}:{lease}", "--end-of-options", REMOTE, f"{source}:{ref}")
            done = self._talk(*argv)
            said = complaint(done, "push")
            if not said:
                return _NOTHING not in done.stderr
            at = self.refs(ref).get(ref, ZERO)
            if at == new:
                return False
            if at != old or any(word in said for word in RACE):
                raise ConflictError(f"{ref} has moved meanwhile on {REMOTE}", remedy="run the command again")
            if "remote rejected" in said or "denied" in said or "declined" in said:
                break
        raise failed("push", said)
