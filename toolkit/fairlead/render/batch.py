"""One run over many requests: each goes to whoever is free, each answer comes when it is there."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import replace
from queue import SimpleQueue
from typing import TYPE_CHECKING

from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.render.messages import too_slow
from fairlead.render.remotes import Remotes
from fairlead.render.wire import Answer
from fairlead.render.worker import Died, Late, Worker

if TYPE_CHECKING:
    from fairlead.render.pool import Opened, Pool

_AHEAD = 256  # answers that nobody has taken yet: their texts take memory
_GLANCE = 0.1  # seconds between two looks whether all is over


@dataclass(frozen=True)
class Request:
    """An overlay of a snapshot, and how it is to be rendered."""

    snapshot: Snapshot
    overlay: str
    unrestricted: bool = False
    origin: bool = False
    remotes: Remotes | None = None


class _Stopped(Exception):  # noqa: N818  it ends a thread, and nobody sees it
    """The batch is over before its requests are."""


class Batch:
    """A thread for each worker that is lent; all of them end with the stream."""

    def __init__(self, pool: Pool, requests: Sequence[Request], threads: int) -> None:
        self._pool = pool
        self._size = len(requests)
        self._opened: dict[int, Opened] = pool.open([request.snapshot for request in requests])
        self._waiting = deque(enumerate(requests))
        self._answers: SimpleQueue[tuple[int, Answer | BaseException]] = SimpleQueue()
        # Daemons: they are always waited for, unless Ctrl-C is pressed again; then Python's end must not wait.
        self._threads = [
            threading.Thread(target=self._serve, name=f"render {place}", daemon=True) for place in range(threads)
        ]
        self._room = threading.Semaphore(_AHEAD)
        self._lock = threading.Lock()
        self._busy: set[Worker] = set()
        self._stopped = False

    def stream(self) -> Generator[tuple[int, Answer], None, None]:
        """See Pool."""
        done = 0
        try:
            for thread in self._threads:
                thread.start()
            while done < self._size:
                index, answer = self._answers.get()
                self._room.release()
                if isinstance(answer, BaseException):
                    raise answer
                done += 1
                yield index, answer
        finally:
            if done < self._size:
                self._stop()
            for thread in self._threads:
                if thread.ident is not None:  # it was started
                    thread.join()

    def _stop(self) -> None:
        """End what runs: a thread whose worker is gone ends, and starts no other."""
        with self._lock:
            self._stopped = True
            self._waiting.clear()
            for worker in self._busy:
                worker.kill()

    def _serve(self) -> None:
        index, worker = -1, None
        try:
            while True:
                while not self._room.acquire(timeout=_GLANCE):
                    if self._stopped:
                        return
                try:
                    index, request = self._waiting.popleft()
                except IndexError:
                    return
                worker, answer = self._answer(worker, request)
                self._answers.put((index, answer))
        except _Stopped:
            return
        except BaseException as error:
            self._answers.put((index, error))
        finally:
            with self._lock:
                left, self._busy = self._busy, self._busy - {worker}
            if worker is not None and worker in left:
                self._pool.take_back(worker)

    def _answer(self, worker: Worker | None, request: Request) -> tuple[Worker | None, Answer]:
        """One answer. Who dies over a request is replaced and asked again, once: it may have been killed."""
        opened, words = self._opened[id(request.snapshot)], ""
        for _ in range(2):
            worker = worker or self._lent()
            try:
                lines = self._pool.lines(worker, request, opened)
                begin = time.perf_counter()
                answer = worker.ask(lines, self._pool.timeout)
                return worker, replace(answer, seconds=time.perf_counter() - begin)
            except Late:
                self._drop(worker)
                return None, Answer("timeout", too_slow(self._pool.timeout))
            except Died as died:
                self._drop(worker)
                worker, words = None, died.words
                if "out of memory" in words or "cannot allocate memory" in words:
                    return None, Answer("build", "kustomize needs more than 1 GiB of memory for it")
            except BaseException:  # the snapshot can't be read, or it was no renderer
                self._drop(worker)
                raise
        return None, Answer("build", f"kustomize ended without an answer: {words}")

    def _lent(self) -> Worker:
        """A worker that the end of the batch ends, from the moment that its process runs."""
        with self._lock:
            if self._stopped:
                raise _Stopped
            worker = self._pool.lend()
            self._busy.add(worker)
        try:
            self._pool.greet(worker)
        except BaseException:
            self._drop(worker)
            if self._stopped:
                raise _Stopped from None
            raise
        return worker

    def _drop(self, worker: Worker) -> None:
        with self._lock:
            self._busy.discard(worker)
        self._pool.drop(worker)
