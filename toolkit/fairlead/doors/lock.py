"""One at a time: an advisory lock that dies with its holder."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fairlead.model.errors import DeniedError, WorldError


@contextmanager
def locked(place: Path, patience: float = 30.0) -> Iterator[None]:
    """Hold a file's lock; waits `patience` seconds. The kernel lets go of it when the process dies.

    Raises:
        WorldError: where somebody else holds it too long.
        DeniedError: where the file can't be written.
    """
    try:
        handle = place.open("a")
    except OSError as error:
        raise DeniedError(f"can't write {place}: {error.strerror}", remedy="check the folder's permissions") from None
    with handle:
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise WorldError(f"another fairlead holds {place}", remedy="wait for it, then try again") from None
                time.sleep(0.02)
        yield


def clear_stale(place: Path, age: float = 2.0) -> None:
    """Remove a ref's lock file that a killed git left; call it while holding our own lock.

    git holds a ref's lock for milliseconds: one that stays for `age` seconds belongs to nobody. (The lock of an
    index is another matter: an editor may be open.)
    """
    deadline = time.monotonic() + age
    while place.exists():
        try:
            if time.time() - place.stat().st_mtime > age or time.monotonic() > deadline:
                place.unlink(missing_ok=True)
                return
        except OSError:
            return
        time.sleep(0.05)
