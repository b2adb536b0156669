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
