"""Folders as Snapshots, temporary trees, and the all-or-nothing write into a folder."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
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
    join,
)


class FolderSnapshot:
    """Files as they lie in a folder. Files are read when asked for, and kept: one look, one answer.

    `lister` gives the paths that count as the repository's (git's tracked and not ignored ones); a file that
    is not listed, but referred to, is found all the same. As in git, nothing lies below a symbolic link: whoever
    asks has followed it.
    """

    def __init__(self, root: str, lister: Callable[[], Iterable[str]] | None = None) -> None:
        self._root = Path(root)
        self._lister = lister
        self._paths: tuple[str, ...] | None = None
        self._data: dict[str, File | None] = {}
        self._entries: dict[str, Entry] = {}
        self._beyond: dict[str, bool] = {"": False}

    @property
    def anchor(self) -> AtFolder:
        """See Snapshot."""
        return AtFolder(str(self._root))

    def _load(self, path: str) -> File | None:
        if path not in self._data:
            self._data[path] = self._look(path)
        return self._data[path]

    def _look(self, path: str) -> File | None:
        if not path or "\0" in path or ".." in path.split("/"):
            return None
        place = self._root / path
        try:
            info = place.lstat()
            if self._is_beyond_a_link(path.rpartition("/")[0]):
                return None
            if stat.S_ISLNK(info.st_mode):
                return File(os.fsencode(place.readlink()), SYMLINK)
            if not stat.S_ISREG(info.st_mode):
                return None
            return File(place.read_bytes(), EXECUTABLE if info.st_mode & 0o100 else REGULAR)
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        except OSError as error:
            if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):  # no file can be called so
                return None
            raise WorldError(f"can't read {path}: {error.strerror}", where=Where(path)) from None

    def entry(self, path: str) -> Entry | None:
        """See Snapshot."""
        file = self._load(path)
        if file is not None and path not in self._entries:
            self._entries[path] = Entry(file.mode, blob_id(file.data))
        return None if file is None else self._entries[path]

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
        if not path or ".." in path.split("/"):
            return not path
        try:
            return (self._root / path).is_dir() and not self._is_beyond_a_link(path)
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
        if not target.startswith("/") and join(path.rpartition("/")[0], target) is not None:
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
