"""Small builders that tests of several rooms share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fairlead.doors.git.plumbing import ZERO
from fairlead.doors.git.repository import Repository
from fairlead.model.snapshot import File


@dataclass
class StillClock:
    """A clock that stands until it is set."""

    time: int = 1_750_000_000

    def now(self) -> int:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += round(seconds)

    def jitter(self, seconds: float) -> float:
        return seconds


def files(texts: Mapping[str, str | None]) -> dict[str, File | None]:
    """Files of texts; None removes one."""
    return {path: None if text is None else File(text.encode()) for path, text in texts.items()}


def new_repo(folder: Path, texts: Mapping[str, str], branch: str = "main") -> Repository:
    """A repository with one commit of these files, checked out."""
    for path, text in texts.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())
    return Repository.create(folder, branch, "Begin")


def commit(
    repo: Repository, branch: str, texts: Mapping[str, str | None], *, start: str = "", message: str = "Change"
) -> str:
    """A commit on top of a branch (made at `start`), off to the side: no work tree is touched."""
    old = repo.tip(branch)
    parent = old or repo.git.resolve(start)
    assert parent is not None
    tree = repo.write_tree(parent, files(texts))
    made = repo.commit_tree(tree, (parent,), message, 1_750_000_000)
    repo.move(f"refs/heads/{branch}", made, old or ZERO)
    return made
