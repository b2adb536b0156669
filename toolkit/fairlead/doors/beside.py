"""Work that another process does meanwhile: forked, so that it knows all that this one does, and changes nothing."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType


def can_help(jobs: int = 0) -> bool:
    """Whether another process would have a processor of its own. `jobs` is how many people want, 0: as there are.

    A process with threads is not forked: what one of them holds would be held for ever. Elsewhere than on Linux,
    the system's own libraries have such threads.
    """
    if not sys.platform.startswith("linux") or threading.active_count() > 1:
        return False
    return (jobs or len(os.sched_getaffinity(0))) > 1


class Beside:
    """A process that does `work` and ends. It ends with the block, too, asked for its answer or not."""

    def __init__(self, work: Callable[[], bytes]) -> None:
        self._out, out = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            _do(work, out)
        os.close(out)

    def answer(self) -> bytes | None:
        """What the work gave; None where it failed, so that whoever asks does it, and meets the error."""
        with os.fdopen(self._out, "rb") as pipe:
            self._out = -1
            data = pipe.read()
        return data if self._ended() == 0 else None

    def _ended(self) -> int:
        _, status = os.waitpid(self._pid, 0)
        self._pid = 0
        return status

    def __enter__(self) -> Beside:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._out >= 0:
            os.close(self._out)
            self._out = -1
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._ended()


def _do(work: Callable[[], bytes], out: int) -> None:
    """All of the other process's life: nothing that was prepared here for the end of this program happens there."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        data = memoryview(work())
        while data:
            data = data[os.write(out, data) :]
        code = 0
    except BaseException:
        pass
    finally:
        os._exit(code)
