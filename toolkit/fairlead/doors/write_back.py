"""The write into a folder that people work in: all of the files, or none, and only where they are as they were read."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from fairlead.model.errors import ConflictError, DeniedError, WorldError
from fairlead.model.findings import Where


def write_back(root: Path, files: Mapping[str, tuple[bytes, bytes]]) -> None:
    """Replace files below a folder; of each, what it must hold now, and what it is to hold.

    Everything is written beside its place first; then each is renamed over its place, which keeps its mode. If one
    can't be, those before it are put back.

    Raises:
        ConflictError: where a file has changed since it was read.
        DeniedError, WorldError: where the disk says no.
    """
    beside: dict[Path, Path] = {}
    done: list[Path] = []
    place = root
    try:
        for path, (old, new) in sorted(files.items()):
            place = root / path
            _require(place, path, old)
            beside[place] = place.with_name(f".{place.name}.{os.getpid()}")
            beside[place].write_bytes(new)
            beside[place].chmod(place.stat().st_mode & 0o7777)
        for path, (old, _) in sorted(files.items()):
            place = root / path
            _require(place, path, old)
            beside[place].replace(place)
            done.append(place)
    except OSError as error:
        _restore(root, files, done)
        raise _refused(place.relative_to(root).as_posix(), error) from None
    except BaseException:
        _restore(root, files, done)
        raise
    finally:
        for temporary in beside.values():
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _require(place: Path, path: str, old: bytes) -> None:
    if place.is_symlink() or not place.is_file() or place.read_bytes() != old:
        raise ConflictError(
            f"{path} has changed since it was read; nothing was written", where=Where(path), remedy="run it again"
        )


def _restore(root: Path, files: Mapping[str, tuple[bytes, bytes]], done: list[Path]) -> None:
    for place in done:
        with suppress(OSError):
            place.write_bytes(files[place.relative_to(root).as_posix()][0])


def _refused(path: str, error: OSError) -> DeniedError | WorldError:
    message = f"can't write {path}: {error.strerror}; nothing was changed"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return DeniedError(message, where=Where(path), remedy="mend the permissions of its folder")
    return WorldError(message, where=Where(path), remedy="free space, and run it again")
