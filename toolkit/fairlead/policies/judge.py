"""Judges objects by a long-lived program: started when it is first asked, killed where it takes too long."""

from __future__ import annotations

import os
import threading
import time
import weakref
from contextlib import suppress

from fairlead.checks.objects import Json
from fairlead.checks.policies import Document, Verdicts
from fairlead.doors.pipes import Died, Late, Piped
from fairlead.doors.proc import which
from fairlead.model.errors import WorldError
from fairlead.policies import wire
from fairlead.policies.wire import Hello

PROGRAM = "fairlead-policies"
VARIABLE = "FAIRLEAD_POLICIES"  # the program's path
TIMEOUT = 60.0  # seconds for the objects of one overlay; a policy's own costs are limited long before
_START = 30.0


def found() -> str | None:
    """Where the program is; None where there is none."""
    return os.environ.get(VARIABLE) or which(PROGRAM, own=True)


class Judge:
    """Meets `checks.policies.PolicyEngine`. Safe for several threads, one after another.

    `hello` is what the program said of itself in an earlier run, so that nothing is started to ask.
    """

    def __init__(self, program: str, *, timeout: float = TIMEOUT, hello: Hello | None = None) -> None:
        self._program = program
        self._timeout = timeout
        self._hello = hello
        self._running: list[Piped] = []
        self._told: dict[tuple[str, tuple[int, ...]], str] = {}
        self._kept: list[tuple[Document, ...]] = []  # the documents that ids stand for
        self._lock = threading.Lock()
        self.close = weakref.finalize(self, _end, self._running)

    @property
    def hello(self) -> Hello:
        """What the program says of itself. Raises WorldError where it is none."""
        if self._hello is None:
            with self._lock:
                self._process()
        assert self._hello is not None
        return self._hello

    @property
    def identity(self) -> str:
        """See PolicyEngine."""
        return f"{self.hello.build} {self.hello.apiserver} {self.hello.cel}"

    def judge(self, kubernetes: str, documents: tuple[Document, ...], objects: tuple[Json, ...]) -> Verdicts:
        """See PolicyEngine."""
        with self._lock:
            try:
                return self._ask(kubernetes, documents, objects)
            except (Died, Late, ValueError, KeyError, TypeError) as error:
                self._stop()
                if isinstance(error, Late):
                    return Verdicts(failure=f"it took longer than {self._timeout:g} s")
                return Verdicts(failure=f"{PROGRAM} ended: {error}")
            except BaseException:
                self._stop()
                raise

    def _ask(self, kubernetes: str, documents: tuple[Document, ...], objects: tuple[Json, ...]) -> Verdicts:
        process = self._process()
        deadline = time.monotonic() + self._timeout
        key = (kubernetes, tuple(map(id, documents)))
        if key not in self._told:
            name = str(len(self._told))
            process.send(wire.policies(name, kubernetes, (d.body for d in documents)), deadline)
            told = wire.answer(process.line(deadline))
            if told.failure:
                return told
            self._told[key] = name
            self._kept.append(documents)
        process.send(wire.objects(self._told[key], objects), deadline)
        return wire.answer(process.line(deadline))

    def _process(self) -> Piped:
        if self._running:
            return self._running[0]
        process = Piped(self._program, wire.REMEDY)
        self._running.append(process)
        try:
            self._hello = wire.hello(process.line(time.monotonic() + _START), self._program)
        except (Died, Late) as error:
            self._stop()
            words = str(error) or "it says nothing"
            raise WorldError(f"{self._program} does not work: {words}", remedy=wire.REMEDY) from None
        except BaseException:
            self._stop()
            raise
        return process

    def _stop(self) -> None:
        with suppress(OSError):
            _end(self._running)
        self._told.clear()
        self._kept.clear()


def _end(running: list[Piped]) -> None:
    while running:
        running.pop().close()
