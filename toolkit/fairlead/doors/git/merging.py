"""Three-way merge of trees, file by file, off to the side."""

from __future__ import annotations

import os
from pathlib import Path

from fairlead.doors.git.plumbing import Git, GitFailed
from fairlead.model.values import dataclass


@dataclass(frozen=True)
class Merged:
    """The tree that came of it, or the files that both sides changed differently."""

    tree: str = ""
    conflicts: tuple[str, ...] = ()


def merge_trees(git: Git, base: str, ours: str, theirs: str) -> Merged:
    """Merge what `theirs` changed since `base` into `ours`.

    A file that both sides changed differently is a conflict even where the lines lie apart: an edit was
    planned and reviewed against a whole file. No renames are guessed. Works with git 2.34, which has no
    `merge-tree --write-tree`.
    """
    import tempfile

    with tempfile.TemporaryDirectory(prefix="fairlead-merge-") as folder:
        env = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        try:
            git.run("read-tree", "-i", "-m", "--aggressive", base, ours, theirs, env=env)
        except GitFailed as error:
            # A file on one side where the other has a folder; git names it.
            return Merged(conflicts=(error.stderr.strip().splitlines()[0].removeprefix("error: "),))
        unmerged = git.run("ls-files", "-u", "-z", env=env).split(b"\0")
        conflicts = tuple(dict.fromkeys(os.fsdecode(line.partition(b"\t")[2]) for line in unmerged if line))
        if conflicts:
            return Merged(conflicts=conflicts)
        return Merged(tree=git.text("write-tree", env=env))
