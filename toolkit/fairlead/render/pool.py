"""The workers that there are, and what they were told of: each lent to one batch at a time, each ended in time."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import field

from fairlead.model.errors import WorldError
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.render import wire
from fairlead.render.batch import Batch, Request
from fairlead.render.wire import Answer
from fairlead.render.worker import Worker

_KEPT = 8  # snapshots that stay open between two batches


@dataclass
class Opened:
    """A snapshot by the name that the workers know it by; `line` tells of it, made when it is first needed."""

    snapshot: Snapshot
    name: str
    line: bytes = b""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def told(self) -> bytes:
        """The bytes that tell a worker of it."""
        with self.lock:
            self.line = self.line or wire.opening(self.snapshot, self.name)
        return self.line


class Pool:
    """Workers are started when they are needed, and `size` are kept. Safe for several threads, each with a batch.

    They end when the pool is closed or dropped, or at Python's exit.
    """

    def __init__(self, program: str, size: int, timeout: float, hello: wire.Hello | None = None) -> None:
        self.timeout = timeout
        self._program = program
        self._size = size
        self._workers: list[Worker] = []
        self._idle: list[Worker] = []
        self._opened: list[Opened] = []
        self._names = 0
        self._lock = threading.Lock()
        self._hello = hello
        self.close = weakref.finalize(self, _end, self._workers, self._idle)

    @property
    def hello(self) -> wire.Hello:
        """What the workers say of themselves. Raises WorldError where there can be none."""
        if self._hello is None:
            worker = self.lend()
            try:
                self.greet(worker)
            finally:
                self.take_back(worker)
        assert self._hello is not None
        return self._hello

    @property
    def pids(self) -> tuple[int, ...]:
        """The workers that run."""
        return tuple(worker.pid for worker in self._workers)

    def stream(self, requests: Sequence[Request]) -> Generator[tuple[int, Answer], None, None]:
        """Answers as they come, each with its request's place in the sequence.

        Whatever ends the loop early (Ctrl-C, an error) ends the workers that are busy.
        """
        return Batch(self, requests, min(self._size, len(requests))).stream()

    def prime(self) -> None:
        """Start a worker that will be asked soon: it starts while its parent has other things to do."""
        with self._lock, suppress(WorldError):  # who asks it is told
            if not self._workers:
                worker = Worker(self._program)
                self._workers.append(worker)
                self._idle.append(worker)

    # ── for a batch ──

    def lend(self) -> Worker:
        """A worker that nobody else has: one that waits, else a new one."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
            worker = Worker(self._program)
            self._workers.append(worker)
            return worker

    def greet(self, worker: Worker) -> None:
        """See to it that a worker has said who it is. Raises WorldError."""
        self._hello = worker.greet()

    def take_back(self, worker: Worker) -> None:
        """A worker that is done; it is kept unless there are enough."""
        with self._lock:
            if worker.is_well and len(self._idle) < self._size:
                self._idle.append(worker)
                return
        self.drop(worker)

    def drop(self, worker: Worker) -> None:
        """A worker that is of no more use."""
        with self._lock:
            if worker in self._workers:
                self._workers.remove(worker)
        worker.close()

    def open(self, snapshots: Sequence[Snapshot]) -> dict[int, Opened]:
        """The names of snapshots, by their identity; those of earlier batches are forgotten when they are many."""
        with self._lock:
            known = {id(opened.snapshot): opened for opened in self._opened}
            wanted: dict[int, Opened] = {}
            for snapshot in snapshots:
                key = id(snapshot)
                if key not in known:
                    self._names += 1
                    known[key] = Opened(snapshot, str(self._names))
                wanted[key] = known[key]
            earlier = [opened for opened in self._opened if id(opened.snapshot) not in wanted]
            self._opened = [*earlier[-_KEPT:], *wanted.values()]
            return wanted

    def lines(self, worker: Worker, request: Request, opened: Opened) -> bytes:
        """What a worker has to be sent for a request: the snapshot first, where it was not told of it yet."""
        told = b""
        if opened.name not in worker.told:
            told = opened.told()
            with self._lock:
                current = {known.name for known in self._opened}
            told = b"".join(wire.forgetting(name) for name in sorted(worker.told - current)) + told
            worker.told &= current
            worker.told.add(opened.name)
        return told + wire.request(
            0, opened.name, request.overlay,
            unrestricted=request.unrestricted, origin=request.origin, remotes=request.remotes,
        )  # fmt: skip


def _end(workers: list[Worker], idle: list[Worker]) -> None:
    idle.clear()
    while workers:
        workers.pop().close()
