"""What a pull request changes beside its plan: where, by which commit, by whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fairlead.doors.git.history import touching
from fairlead.model.pulls import Pull
from fairlead.model.snapshot import File, Snapshot
from fairlead.model.values import dataclass
from fairlead.promotion.trailers import line, lines
from fairlead.steps.effects import Merge

if TYPE_CHECKING:
    from fairlead.doors.git.repository import Repository

_FEW = 10
_LONGEST = 80


@dataclass(frozen=True)
class Stray:
    """One difference from the plan; `line` is 0 where it is a whole file."""

    path: str
    line: int
    what: str
    commit: str = ""
    author: str = ""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        by = f", in {self.commit[:12]} by {self.author}" if self.commit else ""
        return f"{place}: {self.what}{by}"


def strays(repo: Repository, pull: Pull, merge: Merge, wished: Mapping[str, File | None] | None) -> tuple[Stray, ...]:
    """Where the branch after a merge is not what the plan makes of it; nothing where it is, byte for byte.

    `wished` are the files of the plan; None: they don't fit the branch any more.
    """
    if wished is None:
        return (Stray(pull.want.base, 0, "has changed where the plan does: promote again"),)
    found = []
    for path in sorted({*merge.paths, *wished}):
        after = _file(merge.after, path)
        planned = wished[path] if path in wished else _file(merge.before, path)
        if after != planned:
            found.append(_stray(repo, pull, path, planned, after))
    more = len(found) - _FEW
    return (*found[:_FEW], *((Stray(f"{more} files more", 0, "are not as planned"),) if more > 0 else ()))


def _file(snapshot: Snapshot, path: str) -> File | None:
    entry = snapshot.entry(path)
    return None if entry is None else File(snapshot.read(path), entry.mode)


def _stray(repo: Repository, pull: Pull, path: str, planned: File | None, after: File | None) -> Stray:
    commit, author = _touched(repo, pull, path)
    if planned is not None and after is not None and planned.data != after.data:
        number, text = _first(planned.data, after.data)
        return Stray(path, number, f"{text!r} is no part of the plan" if text else "lines are gone", commit, author)
    if after is None:
        return Stray(path, 0, "is removed, which is no part of the plan", commit, author)
    what = "is new, which is no part of the plan" if planned is None else "has another mode than planned"
    return Stray(path, 0, what, commit, author)


def _first(planned: bytes, after: bytes) -> tuple[int, str]:
    """The first line that is not as planned, and what it says."""
    wanted, there = (data.decode("utf-8", "replace").splitlines() for data in (planned, after))
    for number, row in enumerate(there, 1):
        if number > len(wanted) or row != wanted[number - 1]:
            text = row.strip()
            return number, text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
    return len(there) or 1, ""


def _touched(repo: Repository, pull: Pull, path: str) -> tuple[str, str]:
    """The newest commit of the branch alone that touched a path and is none of its plan's, and its author."""
    base = repo.tip(pull.want.base)
    rows = touching(repo.git, base, pull.want.head_oid, path) if base is not None else ()
    own = line("Plan", pull.want.hop_id)
    others = (row for row in rows if own not in lines(repo.message(row[0])))
    return next(iter((*others, *rows)), ("", ""))
