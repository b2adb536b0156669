"""The audit log: a chain of commits under a ref of its own, one JSON entry each, so that it travels with git.

It holds what history can't say: when fairlead did or first saw something, and who asked. Commit dates are
never evidence; these times are, as far as one trusts who wrote them.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from fairlead.doors.git.plumbing import ZERO
from fairlead.doors.lock import clear_stale, locked
from fairlead.model.errors import ConflictError, FairleadError
from fairlead.model.values import dataclass

if TYPE_CHECKING:
    from fairlead.doors.git.repository import Repository

REF = "refs/fairlead/audit"
_TRIES = 50


@dataclass(frozen=True)
class Entry:
    """One entry: `at` in seconds since the epoch by the writer's clock, `commits` the landings it speaks of."""

    verb: str
    at: int
    actor: str
    commits: tuple[str, ...] = ()
    app: str = ""
    env: str = ""
    detail: str = ""


def append(repo: Repository, entry: Entry) -> None:
    """Add an entry. Raises DeniedError and WorldError where git can't write."""
    tree = repo.git.text("mktree", stdin=b"")
    subject = " ".join(w for w in (entry.verb, entry.app, entry.env) if w)
    message = f"{subject}\n\n{json.dumps(asdict(entry), sort_keys=True, ensure_ascii=True)}\n"
    with locked(repo.common_dir / "fairlead.lock"):
        clear_stale(repo.common_dir / f"{REF}.lock")
        for _ in range(_TRIES):
            tip = repo.git.resolve(REF)
            commit = repo.commit_tree(tree, [tip] if tip else [], message, entry.at)
            try:
                repo.move(REF, commit, tip or ZERO)
            except ConflictError:
                continue
            return
    raise ConflictError("the audit log moves faster than it can be written", remedy="run the command again")


def entries(repo: Repository) -> tuple[Entry, ...]:
    """All entries, newest first; what is no entry of ours is passed over."""
    out = []
    for _, _, message in repo.commit_messages(REF):
        try:
            body = json.loads(message.split("\n", 2)[2])
            out.append(
                Entry(
                    str(body["verb"]),
                    int(body["at"]),
                    str(body["actor"]),
                    tuple(map(str, body["commits"])),
                    str(body["app"]),
                    str(body["env"]),
                    str(body["detail"]),
                )
            )
        except (ValueError, KeyError, IndexError, TypeError):
            continue
    return tuple(out)


def observe(repo: Repository, landings: tuple[str, ...], at: int, actor: str) -> bool:
    """Record that these landings were seen now, if nobody recorded them before; False where git can't write."""
    if not landings:
        return True
    try:
        append(repo, Entry("seen", at, actor, landings))
    except FairleadError:
        return False  # a read-only clone: the history says that it has no evidence
    return True
