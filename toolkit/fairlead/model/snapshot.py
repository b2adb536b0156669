"""The Snapshot: an immutable view of the repository's files, wherever they are read from."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import NamedTuple, Protocol, runtime_checkable

from fairlead.model.values import dataclass

REGULAR = 0o100644
EXECUTABLE = 0o100755
SYMLINK = 0o120000
MAX_LINKS = 16
MAX_PATH = 4096


@dataclass(frozen=True)
class AtTree:
    """Files as a git tree holds them; `commit` is the commit it was reached by, if any."""

    git_dir: str
    tree: str
    commit: str | None = None


@dataclass(frozen=True)
class AtIndex:
    """Files as git's index holds them: exactly what is staged."""

    git_dir: str


@dataclass(frozen=True)
class AtFolder:
    """Files as they lie in a folder, a git work tree or not."""

    root: str


@dataclass(frozen=True)
class AtMemory:
    """Files that exist nowhere but here, or edits on top of another anchor."""

    base: AtTree | AtIndex | AtFolder | None = None


Anchor = AtTree | AtIndex | AtFolder | AtMemory


class Entry(NamedTuple):
    """A file's mode (git's octal) and git blob id."""

    mode: int
    oid: str


@dataclass(frozen=True)
class File:
    """Content for `with_files`."""

    data: bytes
    mode: int = REGULAR


@runtime_checkable
class Snapshot(Protocol):
    """path -> bytes. Paths are relative to the repository's root, with `/`, without `..`."""

    @property
    def anchor(self) -> Anchor:
        """Where the files are read from."""

    @property
    def may_have_links(self) -> bool:
        """Whether there are symbolic links, or nobody knows."""

    def entry(self, path: str) -> Entry | None:
        """Mode and blob id of a file, None where there is no file of that name."""

    def read(self, path: str) -> bytes:
        """The bytes of a file (of a symbolic link: its target). Raises KeyError where there is none."""

    def files(self, under: str = "") -> tuple[str, ...]:
        """All file paths below a folder, sorted."""

    def is_dir(self, path: str) -> bool:
        """Whether any file lies below `path`; the root always is one."""

    def with_files(self, changes: Mapping[str, File | None]) -> Snapshot:
        """Another snapshot, with these files written (or removed: None)."""


@runtime_checkable
class ReadsMany(Protocol):
    """A snapshot that reads many files faster than one by one."""

    def passing(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """The bytes of files that are there, in their order; they are not kept."""


@runtime_checkable
class KeepsMany(Protocol):
    """A snapshot that reads many files at once faster than one by one, and keeps them for who asks."""

    def keep(self, paths: Iterable[str]) -> None:
        """Read files that will be asked for one by one."""


def passing(snapshot: Snapshot, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The bytes of files that are there, for who looks at many of them once."""
    if isinstance(snapshot, ReadsMany):
        return snapshot.passing(paths)
    return ((path, snapshot.read(path)) for path in paths)


def blob_id(data: bytes) -> str:
    """Git's id of a blob (SHA-1 object format)."""
    import hashlib

    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def below(paths: tuple[str, ...], under: str) -> tuple[str, ...]:
    """The part of a sorted tuple of paths that lies below a folder."""
    if not under:
        return paths
    prefix = under.rstrip("/") + "/"
    start = bisect_left(paths, prefix)
    return paths[start : bisect_left(paths, prefix[:-1] + "0", start)]  # "0" follows "/" in ASCII


class Overlaid:
    """Edits in memory on top of another snapshot."""

    def __init__(self, base: Snapshot, changes: Mapping[str, File | None]) -> None:
        earlier: Mapping[str, File | None] = base.changes if isinstance(base, Overlaid) else {}
        self._base: Snapshot = base.base if isinstance(base, Overlaid) else base
        self._changes: dict[str, File | None] = {**earlier, **changes}

    @property
    def anchor(self) -> Anchor:
        """The base's anchor, marked as edited."""
        base = self._base.anchor
        return base if isinstance(base, AtMemory) else AtMemory(base)

    @property
    def may_have_links(self) -> bool:
        """See Snapshot."""
        return self._base.may_have_links or any(f is not None and f.mode == SYMLINK for f in self._changes.values())

    @property
    def base(self) -> Snapshot:
        """What the edits stand on."""
        return self._base

    @property
    def changes(self) -> Mapping[str, File | None]:
        """The edits: path -> new file, or None where it was removed."""
        return self._changes

    def entry(self, path: str) -> Entry | None:
        """See Snapshot."""
        if path in self._changes:
            file = self._changes[path]
            return None if file is None else Entry(file.mode, blob_id(file.data))
        return self._base.entry(path)

    def read(self, path: str) -> bytes:
        """See Snapshot."""
        if path in self._changes:
            file = self._changes[path]
            if file is None:
                raise KeyError(path)
            return file.data
        return self._base.read(path)

    def files(self, under: str = "") -> tuple[str, ...]:
        """See Snapshot."""
        known = self._base.files(under)
        added, gone = self._moved
        if not added and not gone:  # edits alone: what was listed once is the listing
            return known
        prefix = under.rstrip("/") + "/" if under else ""
        return tuple(sorted({*known, *(path for path in added if path.startswith(prefix))} - gone))

    @cached_property
    def _moved(self) -> tuple[frozenset[str], frozenset[str]]:
        """The paths that the base lacks, and those of it that are gone."""
        changes, base = self._changes.items(), self._base
        added = frozenset(path for path, file in changes if file is not None and base.entry(path) is None)
        return added, frozenset(path for path, file in changes if file is None and base.entry(path) is not None)

    def is_dir(self, path: str) -> bool:
        """See Snapshot."""
        return not path or bool(self.files(path))

    def with_files(self, changes: Mapping[str, File | None]) -> Overlaid:
        """See Snapshot."""
        return Overlaid(self, changes)


@dataclass(frozen=True)
class MemorySnapshot:
    """Files that exist nowhere else: a template's output, a test's fixture."""

    contents: Mapping[str, File] = field(default_factory=dict)

    @classmethod
    def of(cls, files: Mapping[str, str | bytes]) -> MemorySnapshot:
        """Build one from texts (UTF-8) or bytes."""
        return cls({p: File(d.encode() if isinstance(d, str) else d) for p, d in files.items()})

    @property
    def anchor(self) -> Anchor:
        """See Snapshot."""
        return AtMemory()

    @property
    def may_have_links(self) -> bool:
        """See Snapshot."""
        return any(file.mode == SYMLINK for file in self.contents.values())

    def entry(self, path: str) -> Entry | None:
        """See Snapshot."""
        file = self.contents.get(path)
        return None if file is None else Entry(file.mode, blob_id(file.data))

    def read(self, path: str) -> bytes:
        """See Snapshot."""
        return self.contents[path].data

    def files(self, under: str = "") -> tuple[str, ...]:
        """See Snapshot."""
        return below(tuple(sorted(self.contents)), under)

    def is_dir(self, path: str) -> bool:
        """See Snapshot."""
        return not path or bool(self.files(path))

    def with_files(self, changes: Mapping[str, File | None]) -> Snapshot:
        """See Snapshot."""
        return Overlaid(self, changes)


def join(folder: str, relative: str) -> str | None:
    """A relative path as written in a file of `folder`, from the root; None where it leaves the repository."""
    parts = [] if relative.startswith("/") else [p for p in folder.split("/") if p]
    for part in relative.split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if not parts:
                return None
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def follow(snapshot: Snapshot, path: str) -> str | None:
    """The path that `path` leads to through symbolic links inside the repository; None where it leaves it."""
    return followed(snapshot, path)[0]


def followed(snapshot: Snapshot, path: str) -> tuple[str | None, tuple[str, ...]]:
    """Where `path` leads, as `follow` tells it, and the links on the way."""
    if len(path) > MAX_PATH:
        return path, ()  # nothing can be there
    here: list[str] = []
    links: list[str] = []
    rest = path.split("/")[::-1]
    while rest:
        word = rest.pop()
        if word == "..":  # of where a link has led to, not of its name: as the kernel does
            if not here:
                return None, tuple(links)
            here.pop()
        elif word not in ("", "."):
            here.append(word)
            head = "/".join(here)
            entry = snapshot.entry(head)
            if entry is not None and entry.mode == SYMLINK:
                links.append(head)
                target = snapshot.read(head).decode("utf-8", "surrogateescape")
                if target.startswith("/") or len(links) > MAX_LINKS:
                    return None, tuple(links)
                here.pop()
                rest += target.split("/")[::-1]
    return "/".join(here), tuple(links)


class Links:
    """`follow` for many paths of one snapshot: that a folder is none and lies behind none is found out once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._none = not snapshot.may_have_links
        self._plain: dict[str, bool] = {"": True}

    def follow(self, path: str) -> str | None:
        """See `follow`."""
        if self._none or len(path) > MAX_PATH or self._is_plain(path.rpartition("/")[0], path):
            return path
        return follow(self._snapshot, path)

    def _is_plain(self, folder: str, path: str) -> bool:
        known = self._plain.get(folder)
        if known is None:
            known = self._plain[folder] = self._is_plain(folder.rpartition("/")[0], folder)
        if not known:
            return False
        entry = self._snapshot.entry(path)
        return entry is None or entry.mode != SYMLINK
