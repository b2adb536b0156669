"""Snapshots of a commit, of the index, of the work tree."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from fairlead.doors.fs import FolderSnapshot, Marks
from fairlead.model.snapshot import AtIndex, AtTree, Entry, File, Overlaid, Snapshot, below

if TYPE_CHECKING:
    from fairlead.doors.git.plumbing import Git

_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


Row = str
_MANY = 2_000  # blobs that are asked for at once
_ROOM = 64 * 1024 * 1024  # bytes of blobs that are kept of those that were only looked at
_NOTHING, _LINK, _SUBMODULE = "000000", "120000", "160000"


class ObjectSnapshot:
    """Files by their blob ids, read from git's objects when asked for.

    `rows` are git's own words of each file, `MODE … OID`: of two hundred thousand files, few are asked for.
    `listing` is an index as git told it, for who reads it again.
    """

    def __init__(
        self,
        git: Git,
        anchor: AtTree | AtIndex,
        rows: Mapping[str, Row],
        trees: Mapping[str, Row] | None = None,
        listing: bytes = b"",
    ) -> None:
        self.listing = listing
        self._git = git
        self._anchor = anchor
        self._rows = rows
        self._trees = trees or {}
        self._paths: tuple[str, ...] | None = None
        self._entries: dict[str, Entry] = {}
        self._blobs: dict[str, bytes] = {}
        self._room = _ROOM

    @property
    def anchor(self) -> AtTree | AtIndex:
        """See Snapshot."""
        return self._anchor

    @cached_property
    def may_have_links(self) -> bool:
        """See Snapshot."""
        return any(row.startswith(_LINK) for row in self._rows.values())

    def entry(self, path: str) -> Entry | None:
        """See Snapshot."""
        entry = self._entries.get(path)
        if entry is None:
            row = self._rows.get(path)
            if row is None:
                return None
            entry = self._entries[path] = Entry(int(row[: row.index(" ")], 8), row[row.rindex(" ") + 1 :])
        return entry

    def patched(self, anchor: AtTree, rows: Mapping[str, Row | None]) -> ObjectSnapshot:
        """A snapshot that differs in these rows."""
        merged = {**self._rows, **rows}
        return ObjectSnapshot(self._git, anchor, {path: row for path, row in merged.items() if row is not None})

    def tree(self, path: str) -> str:
        """The tree id of a folder; empty where it is none, or the files come from the index."""
        return self._trees.get(path, "").rpartition(" ")[2]

    def read(self, path: str) -> bytes:
        """See Snapshot."""
        entry = self.entry(path)
        if entry is None:
            raise KeyError(path)
        if entry.oid not in self._blobs:
            self._blobs[entry.oid] = self._git.blob(entry.oid)
        return self._blobs[entry.oid]

    def keep(self, paths: Iterable[str]) -> None:
        """Read files at once that will be asked for one by one."""
        for oid, _, data in self._read_all(paths):
            self._blobs[oid] = data

    def passing(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """See ReadsMany. While there is room they are kept: who looks at all files is seldom the only one."""
        for oid, path, data in self._read_all(paths):
            if self._room >= len(data) and oid not in self._blobs:
                self._room -= len(data)
                self._blobs[oid] = data
            yield path, data

    def _read_all(self, paths: Iterable[str]) -> Iterator[tuple[str, str, bytes]]:
        ids = [(entry.oid, path) for path in paths if (entry := self.entry(path)) is not None]
        for start in range(0, len(ids), _MANY):
            some = [(oid, path, self._blobs.get(oid)) for oid, path in ids[start : start + _MANY]]
            read = self._git.objects([oid for oid, _, data in some if data is None])
            yield from ((oid, path, next(read) if data is None else data) for oid, path, data in some)

    def files(self, under: str = "") -> tuple[str, ...]:
        """See Snapshot."""
        if self._paths is None:
            self._paths = tuple(sorted(self._rows))
        return below(self._paths, under)

    def is_dir(self, path: str) -> bool:
        """See Snapshot."""
        return not path or bool(self.files(path))

    def with_files(self, changes: Mapping[str, File | None]) -> Snapshot:
        """See Snapshot."""
        return Overlaid(self, changes)


def at_tree(git: Git, tree: str, commit: str | None = None) -> ObjectSnapshot:
    """The files of a tree; submodules are left out."""
    from fairlead.doors.git.plumbing import listing

    out = git.run(*listing(tree))
    files: dict[str, Row] = {}
    trees: dict[str, Row] = {"": tree}
    for line in os.fsdecode(out).split("\0"):
        row, _, name = line.partition("\t")
        if row[7:11] == "blob":
            files[name] = row
        elif row[7:11] == "tree":
            trees[name] = row
    return ObjectSnapshot(git, AtTree(git.git_dir, tree, commit), files, trees)


def at_index(git: Git) -> ObjectSnapshot:
    """Exactly what is staged; of a path in conflict, our side."""
    listing = git.run("ls-files", "-s", "-z", env=_index())
    files: dict[str, Row] = {}
    for line in os.fsdecode(listing).split("\0"):
        row, _, name = line.partition("\t")
        if row[-2:] in (" 0", " 2") and row[:6] != _SUBMODULE:
            files[name] = row[:-2]
    return ObjectSnapshot(git, AtIndex(git.git_dir), files, listing=listing)


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
    before: dict[str, Row | None] = {}
    unmerged = False
    for facts, path in zip(words[::2], words[1::2], strict=True):
        mode, _, oid, _, kind = facts.decode().lstrip(":").split()
        before[os.fsdecode(path)] = f"{mode} {oid}" if mode not in (_NOTHING, _SUBMODULE) else None
        unmerged = unmerged or kind.startswith("U")  # it is told twice, with no more than its name
    if head is None:
        return None, index, tuple(before)
    base = at_tree(git, head) if unmerged else index.patched(AtTree(git.git_dir, head), before)
    return base, index, tuple(before)


def at_work_tree(git: Git, known: Marks | None = None) -> FolderSnapshot:
    """The work tree: tracked files that are there, and untracked ones that are not ignored."""
    root = git.work_tree
    assert root is not None

    def listing() -> set[str]:
        # One look at the disk: with their tags, so that what is deleted (R) is told from what is there.
        out = git.run("ls-files", "-z", "-t", "--cached", "--deleted", "--others", "--exclude-standard")
        lines = os.fsdecode(out).split("\0")
        return {line[2:] for line in lines if line} - {line[2:] for line in lines if line[:1] == "R"}

    return FolderSnapshot(root, listing, known)
