"""A program that stays: asked and answered over pipes that are open as long as it runs, killed where it is late."""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import signal
import subprocess  # long-lived pipes in both directions: sh runs a process to its end
import tempfile
import time
from typing import IO

from fairlead.doors.git.plumbing import environment
from fairlead.model.errors import WorldError

_PATIENCE = 2.0  # seconds that an idle worker has to end by itself
_CHUNK = 1 << 18


class Died(Exception):  # noqa: N818  it is caught, and turned into a result
    """The process ended without an answer; `words` is the last that it said."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Late(Exception):  # noqa: N818  it is caught, and turned into a result
    """The process did not answer in time; it is gone."""


_Started = tuple["subprocess.Popen[bytes]", IO[bytes]]
_early: dict[str, _Started] = {}


def start_early(program: str) -> None:
    """Start a program before anybody asks it; the first that does gets this one. It ends with us, asked or not.

    Raises:
        WorldError: it can't be started.
    """
    if program not in _early:
        _early[program] = process, _ = _started(program, "")
        atexit.register(_end, process)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _started(program: str, remedy: str) -> _Started:
    errors: IO[bytes] = tempfile.TemporaryFile(prefix="fairlead-")  # noqa: SIM115  it lives as long as we do
    try:
        # A session of its own: Ctrl-C is for us, and what it started can be ended with it.
        process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, bufsize=0, cwd="/",
            env=environment(), start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        errors.close()
        raise WorldError(f"can't start {program}: {error.strerror}", remedy=remedy) from None
    return process, errors


class Piped:
    """A process and its two pipes. Not safe for two threads, but for `kill`.

    `remedy` is what helps where it can't be started.
    """

    def __init__(self, program: str, remedy: str) -> None:
        self._read = bytearray()
        self._process, self._errors = _early.pop(program) if program in _early else _started(program, remedy)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def send(self, data: bytes, deadline: float) -> None:
        """Write all of it. Raises Died and Late, as all below."""
        view = memoryview(data)
        while view:
            self._wait(self._in, select.POLLOUT, deadline)
            try:
                view = view[os.write(self._in, view[:_CHUNK]) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise Died(self._words()) from None

    def line(self, deadline: float) -> bytes:
        """The next line."""
        start = 0
        while (end := self._read.find(b"\n", start)) < 0:
            start = len(self._read)
            self._more(deadline)
        return self._cut(end + 1)

    def take(self, size: int, deadline: float) -> bytes:
        """The next bytes."""
        while len(self._read) < size:
            self._more(deadline)
        return self._cut(size)

    def _cut(self, size: int) -> bytes:
        head = bytes(memoryview(self._read)[:size])
        del self._read[:size]
        return head

    def _more(self, deadline: float) -> None:
        self._wait(self._out, select.POLLIN, deadline)
        try:
            chunk = os.read(self._out, _CHUNK)
        except BlockingIOError:
            return
        if not chunk:
            raise Died(self._words())
        self._read += chunk

    def _wait(self, descriptor: int, event: int, deadline: float) -> None:
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise Late

    def _words(self) -> str:
        """The line by which a crash is known: Go says it first, and the stacks after it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_PATIENCE)
        self._errors.seek(0)
        lines = self._errors.read(_CHUNK).decode("utf-8", "replace").splitlines()
        telling = [line for line in lines if line.startswith(("fatal error:", "panic:", "runtime:"))]
        return (telling or lines[-1:] or [f"exit code {self._process.returncode}"])[-1]

    def kill(self) -> None:
        """End it now, with all that it started, and let no zombie stand. Another thread that waits for it gets Died."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if self._process.returncode is None:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def close(self) -> None:
        """End it. It only reads, so that there is nothing to wait for."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._errors.close()
