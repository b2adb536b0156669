"""Folders as Snapshots, temporary trees, and the all-or-nothing write into a folder."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path, PurePosixPath

from fairlead.model.errors import DeniedError, FairleadError, UsageError, WorldError
from fairlead.model.findings import Where
from fairlead.model.snapshot import (
    EXECUTABLE,
    REGULAR,
    SYMLINK,
    AtFolder,
    Entry,
    File,
    Overlaid,
    Snapshot,
    below,
    blob_id,
    follow,
)

_FRESH = 2_000_000_000  # nanoseconds; some file systems tell times in steps as long as that


class Marks:
    """What files looked like when they were read, and the blob ids that they had: size, times, inode, as git does.

    A file that was read within two seconds of its last change is not trusted: it may have changed again within
    one tick of its file system's clock.
    """

    def __init__(self, load: Callable[[], dict[str, list[int | str]]] = dict) -> None:
        self._load = load
        self.changed = False

    @cached_property
    def rows(self) -> dict[str, list[int | str]]:
        """By path: the marks, and the blob id as the last."""
        return self._load()

    def of(self, path: str, info: os.stat_result) -> Entry | None:
        """The entry of a file that looks as it did; None where it may be another."""
        row = self.rows.get(path)
        if row is None or row[:-1] != _mark(info):
            return None
        mode = info.st_mode
        kind = SYMLINK if stat.S_ISLNK(mode) else EXECUTABLE if mode & 0o100 else REGULAR
        return Entry(kind, str(row[-1]))

    def note(self, path: str, info: os.stat_result, entry: Entry) -> None:
        """Remember a file that was looked at before it was read."""
        if time.time_ns() - max(info.st_mtime_ns, info.st_ctime_ns) > _FRESH:
            self.rows[path] = [*_mark(info), entry.oid]
            self.changed = True


def _mark(info: os.stat_result) -> list[int | str]:
    return [info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino, info.st_mode]


def _unreadable(path: str, error: OSError) -> WorldError:
    return WorldError(f"can't read {path}: {error.strerror}", where=Where(path))


class FolderSnapshot:
    """Files as they lie in a folder. Files are read when asked for, and kept: one look, one answer.

    `lister` gives the paths that count as the repository's (git's tracked and not ignored ones); a file that
    is not listed, but referred to, is found all the same. As in git, nothing lies below a symbolic link: whoever
    asks has followed it.
    """

    def __init__(
        self, root: str, lister: Callable[[], Iterable[str]] | None = None, known: Marks | None = None
    ) -> None:
        self._root = Path(root)
        self._prefix = str(self._root) + "/"
        self._lister = lister
        self._paths: tuple[str, ...] | None = None
        self._data: dict[str, File | None] = {}
        self._entries: dict[str, Entry | None] = {}
        self._folders: dict[str, bool] = {}
        self._absent: set[str] = set()
        self._beyond: dict[str, bool] = {"": False}
        self._marks = known if known is not None else Marks()

    @property
    def anchor(self) -> AtFolder:
        """See Snapshot."""
        return AtFolder(str(self._root))

    @property
    def may_have_links(self) -> bool:
        """See Snapshot: only looking at every path would tell."""
        return True

    def _load(self, path: str) -> File | None:
        if path not in self._data:
            self._data[path] = self._look(path)
        return self._data[path]

    def _stat(self, path: str) -> os.stat_result | None:
        if not path or "\0" in path or ".." in path.split("/"):
            return None
        try:
            info = os.lstat(self._prefix + path)
            return None if self._is_beyond_a_link(path.rpartition("/")[0]) else info
        except (FileNotFoundError, NotADirectoryError, ValueError):
            self._absent.add(path)
            return None
        except OSError as error:
            if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):  # no file can be called so
                return None
            raise _unreadable(path, error) from None

    def _look(self, path: str) -> File | None:
        info = self._stat(path)
        if info is None:
            return None
        place = self._root / path
        try:
            if stat.S_ISLNK(info.st_mode):
                file = File(os.fsencode(place.readlink()), SYMLINK)
            elif stat.S_ISREG(info.st_mode):
                file = File(place.read_bytes(), EXECUTABLE if info.st_mode & 0o100 else REGULAR)
            else:
                return None
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unreadable(path, error) from None
        self._entries[path] = entry = Entry(file.mode, blob_id(file.data))
        self._marks.note(path, info, entry)
        return file

    def entry(self, path: str) -> Entry | None:
        """See Snapshot. A file that looks as it did when it was read last is not read again."""
        if path not in self._entries:
            info = self._stat(path)
            known = self._marks.of(path, info) if info is not None else None
            self._entries[path] = known
            if known is None and info is not None:
                self._load(path)  # which notes the entry
        return self._entries[path]

    def read(self, path: str) -> bytes:
        """See Snapshot."""
        file = self._load(path)
        if file is None:
            raise KeyError(path)
        return file.data

    def files(self, under: str = "") -> tuple[str, ...]:
        """See Snapshot."""
        if self._paths is None:
            self._paths = tuple(sorted(self._lister() if self._lister is not None else walk(self._root)))
        return below(self._paths, under)

    def is_dir(self, path: str) -> bool:
        """See Snapshot."""
        if path not in self._folders:
            self._folders[path] = not path or (path not in self._absent and self._holds_files(path))
        return self._folders[path]

    def _holds_files(self, path: str) -> bool:
        if ".." in path.split("/"):
            return False
        try:
            return Path(self._prefix + path).is_dir() and not self._is_beyond_a_link(path)
        except (OSError, ValueError):  # no folder can be called so
            return False

    def _is_beyond_a_link(self, folder: str) -> bool:
        """Whether a folder that is there is a link, or lies below one."""
        if folder not in self._beyond:
            above = folder.rpartition("/")[0]
            self._beyond[folder] = self._is_beyond_a_link(above) or (self._root / folder).is_symlink()
        return self._beyond[folder]

    def with_files(self, changes: Mapping[str, File | None]) -> Snapshot:
        """See Snapshot."""
        return Overlaid(self, changes)


def walk(root: Path) -> Iterator[str]:
    """All files below a folder, `.git` left out, symbolic links named and not followed."""
    for folder, names, files in os.walk(root):
        names[:] = sorted(n for n in names if n != ".git")
        base = PurePosixPath(Path(folder).relative_to(root).as_posix())
        for name in (*files, *(n for n in names if (Path(folder) / n).is_symlink())):
            yield (base / name).as_posix()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A private folder that is gone afterwards."""
    import shutil
    import tempfile

    try:
        folder = tempfile.mkdtemp(prefix="fairlead-")
    except OSError as error:
        raise WorldError(f"can't make a temporary folder: {error.strerror}", remedy="set TMPDIR") from None
    try:
        yield Path(folder).resolve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lay_out(snapshot: Snapshot, paths: Iterable[str], root: Path) -> None:
    """Write files of a snapshot below a folder; links that lead out of the tree become empty files."""
    made: set[Path] = set()
    for path in paths:
        if snapshot.entry(path) is None or ".." in path.split("/") or "\0" in path:
            continue
        place = root / path
        if place.parent not in made:
            place.parent.mkdir(parents=True, exist_ok=True)
            made.add(place.parent)
        _write(snapshot, path, place)


def _write(snapshot: Snapshot, path: str, place: Path) -> None:
    entry = snapshot.entry(path)
    if entry is None or place.is_symlink() or place.exists():
        return
    data = snapshot.read(path)
    if entry.mode == SYMLINK:
        target = os.fsdecode(data)
        if follow(snapshot, path) is not None:
            place.symlink_to(target)
            return
        data = b""
    place.write_bytes(data)


def require_new_folder(root: Path) -> None:
    """Refuse a place where no new folder can be written, before anybody is asked anything.

    Raises:
        UsageError: where something is there already.
        DeniedError: where nothing may be written.
    """
    if root.is_symlink() or (root.exists() and (not root.is_dir() or any(root.iterdir()))):
        raise UsageError(
            f"{root} is there already" + (" and is not empty" if root.is_dir() else ", and is no folder"),
            remedy="name a folder that does not exist, or an empty one",
        )
    above = next(folder for folder in (root.parent, *root.parent.parents) if folder.exists())
    if not above.is_dir():
        raise UsageError(f"{above} is not a folder", remedy="choose another place")
    if not os.access(above, os.W_OK | os.X_OK):
        raise DeniedError(f"you may not write in {above}", remedy="choose another place")


def write_new_folder(root: Path, files: Mapping[str, File], finish: Callable[[Path], None] | None = None) -> None:
    """Write a whole new folder, or nothing: built beside it and renamed.

    `finish` may add to the folder before it is renamed; if it fails, nothing is left behind either.

    Raises:
        UsageError: where something is there already.
        DeniedError: where nothing may be written.
        WorldError: where the disk says no.
    """
    import shutil
    import tempfile

    require_new_folder(root)
    missing = [folder for folder in (root.parent, *root.parent.parents) if not folder.exists()]
    done = False
    try:
        try:
            root.parent.mkdir(parents=True, exist_ok=True)
            building = Path(tempfile.mkdtemp(prefix=f".{root.name[:40]}-", dir=root.parent))
        except OSError as error:
            raise _no_folder(f"can't write in {root.parent}", error) from None
        try:
            _fill(building, files)
            if finish is not None:
                finish(building)
            building.chmod(0o755)
            if root.is_dir():
                _move_into(building, root)
            else:
                building.replace(root)
            done = True
        except OSError as error:
            raise _no_folder(f"can't write {root}", error) from None
        finally:
            shutil.rmtree(building, ignore_errors=True)
    finally:
        if not done:
            for folder in missing:  # innermost first; what somebody else has put there meanwhile stays
                with suppress(OSError):
                    folder.rmdir()


def _move_into(building: Path, root: Path) -> None:
    """Into a folder that stays the same one: a shell may stand in it."""
    import shutil

    moved: list[Path] = []
    try:
        if any(root.iterdir()):  # somebody was faster: theirs stays
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))
        for entry in sorted(building.iterdir()):
            moved.append(entry.rename(root / entry.name))
    except BaseException:
        for place in moved:
            shutil.rmtree(place, ignore_errors=True)
            place.unlink(missing_ok=True)
        raise


def _fill(folder: Path, files: Mapping[str, File]) -> None:
    for path, file in sorted(files.items()):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(file.data)
        if file.mode == EXECUTABLE:
            place.chmod(0o755)


def _no_folder(what: str, error: OSError) -> FairleadError:
    message = f"{what}: {error.strerror}"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return DeniedError(message, remedy="choose another place, or mend its permissions")
    return WorldError(message, remedy="free space, or choose another place")


def write_text(place: Path, text: str) -> None:
    """Write a file whole: beside it, then renamed over it. Raises WorldError."""
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        beside.replace(place)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise WorldError(f"can't write {place}: {error.strerror}", remedy="choose another place") from None


def write_report(place: Path, text: str) -> None:
    """Write a report: whole, or into what is no plain file (a pipe, a terminal, a link) as it is. Raises WorldError."""
    if not place.is_symlink() and (place.is_file() or not place.exists()):
        write_text(place, text)
        return
    try:
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WorldError(f"can't write {place}: {error.strerror}", remedy="choose another place") from None


def append_text(place: Path, text: str) -> None:
    """Add to a file by one write, so that others who add at the same time don't come between. Raises WorldError."""
    data = text.encode("utf-8", "surrogateescape")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("ab", buffering=0) as file:
            file.write(data)
    except OSError as error:
        raise WorldError(f"can't write {place}: {error.strerror}", remedy="choose another place") from None


def read_plan(place: Path) -> bytes:
    """The bytes of a plan. Raises UsageError."""
    try:
        return place.read_bytes()
    except OSError as error:
        raise UsageError(
            f"can't read {place}: {error.strerror}", remedy="fairlead promote --plan-out writes one"
        ) from None
