"""Snapshots of a commit, of the index, of the work tree."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from fairlead.doors.fs import FolderSnapshot, Marks
from fairlead.model.snapshot import SYMLINK, AtIndex, AtTree, Entry, File, Overlaid, Snapshot, below

if TYPE_CHECKING:
    from fairlead.doors.git.plumbing import Git

_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


class ObjectSnapshot:
    """Files by their blob ids, read from git's objects when asked for."""

    def __init__(
        self, git: Git, anchor: AtTree | AtIndex, entries: Mapping[str, Entry], trees: Mapping[str, str] | None = None
    ) -> None:
        self._git = git
        self._anchor = anchor
        self._entries = entries
        self._trees = trees or {}
        self._paths: tuple[str, ...] | None = None
        self._blobs: dict[str, bytes] = {}

    @property
    def anchor(self) -> AtTree | AtIndex:
        """See Snapshot."""
        return self._anchor

    @cached_property
    def may_have_links(self) -> bool:
        """See Snapshot."""
        return any(entry.mode == SYMLINK for entry in self._entries.values())

    def entry(self, path: str) -> Entry | None:
        """See Snapshot."""
        return self._entries.get(path)

    def patched(self, anchor: AtTree, entries: Mapping[str, Entry | None]) -> ObjectSnapshot:
        """A snapshot that differs in these entries."""
        merged = {**self._entries, **entries}
        return ObjectSnapshot(self._git, anchor, {path: entry for path, entry in merged.items() if entry is not None})

    def tree(self, path: str) -> str:
        """The tree id of a folder; empty where it is none, or the files come from the index."""
        return self._trees.get(path, "")

    def read(self, path: str) -> bytes:
        """See Snapshot."""
        oid = self._entries[path].oid
        if oid not in self._blobs:
            self._blobs[oid] = self._git.blob(oid)
        return self._blobs[oid]

    def files(self, under: str = "") -> tuple[str, ...]:
        """See Snapshot."""
        if self._paths is None:
            self._paths = tuple(sorted(self._entries))
        return below(self._paths, under)

    def is_dir(self, path: str) -> bool:
        """See Snapshot."""
        return not path or bool(self.files(path))

    def with_files(self, changes: Mapping[str, File | None]) -> Snapshot:
        """See Snapshot."""
        return Overlaid(self, changes)


def at_tree(git: Git, tree: str, commit: str | None = None) -> ObjectSnapshot:
    """The files of a tree; submodules are left out."""
    entries = {}
    trees = {"": tree}
    for line in git.run("ls-tree", "-r", "-t", "-z", "--full-tree", "--end-of-options", tree).split(b"\0"):
        if line:
            head, _, name = line.partition(b"\t")
            mode, kind, oid = head.split()
            if kind == b"blob":
                entries[os.fsdecode(name)] = Entry(int(mode, 8), oid.decode())
            elif kind == b"tree":
                trees[os.fsdecode(name)] = oid.decode()
    return ObjectSnapshot(git, AtTree(git.git_dir, tree, commit), entries, trees)


def at_index(git: Git) -> ObjectSnapshot:
    """Exactly what is staged; of a path in conflict, our side."""
    entries: dict[str, Entry] = {}
    for line in git.run("ls-files", "-s", "-z", env=_index()).split(b"\0"):
        if line:
            head, _, name = line.partition(b"\t")
            mode, oid, stage = head.split()
            if stage in (b"0", b"2") and mode != b"160000":
                entries[os.fsdecode(name)] = Entry(int(mode, 8), oid.decode())
    return ObjectSnapshot(git, AtIndex(git.git_dir), entries)


def _index() -> dict[str, str] | None:
    """In a hook, git names the index that is being committed (`git commit -a`, partial commits)."""
    index = os.environ.get("GIT_INDEX_FILE")
    return {"GIT_INDEX_FILE": os.path.abspath(index)} if index else None  # noqa: PTH100  resolve() follows links


def staged(git: Git, head: str | None) -> tuple[ObjectSnapshot | None, ObjectSnapshot, tuple[str, ...]]:
    """A tree, the index, and the paths that differ. The tree's files are told from the difference.

    A second listing of all files would take as long as the rest of a hook.
    """
    index = at_index(git)
    argv = ("diff-index", "--cached", "--no-renames", "--raw", "--no-abbrev", "-z", head or _EMPTY_TREE)
    words = git.run(*argv, env=_index()).split(b"\0")[:-1]
    before: dict[str, Entry | None] = {}
    unmerged = False
    for facts, path in zip(words[::2], words[1::2], strict=True):
        mode, _, oid, _, kind = facts.lstrip(b":").split()
        there = mode not in (b"000000", b"160000")  # nothing, or a submodule
        before[os.fsdecode(path)] = Entry(int(mode, 8), oid.decode()) if there else None
        unmerged = unmerged or kind.startswith(b"U")  # it is told twice, with no more than its name
    if head is None:
        return None, index, tuple(before)
    base = at_tree(git, head) if unmerged else index.patched(AtTree(git.git_dir, head), before)
    return base, index, tuple(before)


def at_work_tree(git: Git, known: Marks | None = None) -> FolderSnapshot:
    """The work tree: tracked files that are there, and untracked ones that are not ignored."""
    root = git.work_tree
    assert root is not None

    def listing() -> set[str]:
        names = git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard").split(b"\0")
        gone = set(git.run("ls-files", "-z", "--deleted").split(b"\0"))
        return {os.fsdecode(n) for n in names if n and n not in gone}

    return FolderSnapshot(root, listing, known)
