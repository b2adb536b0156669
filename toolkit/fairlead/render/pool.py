"""Workers side by side: each request to whoever is free, each answer as it comes, each process ended."""

from __future__ import annotations

import threading
import time
import weakref
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from queue import SimpleQueue

from fairlead.model.snapshot import Snapshot
from fairlead.render import wire
from fairlead.render.messages import too_slow
from fairlead.render.remotes import Remotes
from fairlead.render.wire import Answer
from fairlead.render.worker import Died, Late, Worker

_KEPT = 8  # snapshots that stay open between two batches


@dataclass(frozen=True)
class Request:
    """An overlay of a snapshot, and how it is to be rendered."""

    snapshot: Snapshot
    overlay: str
    unrestricted: bool = False
    origin: bool = False
    remotes: Remotes | None = None


@dataclass
class _Opened:
    snapshot: Snapshot
    name: str
    line: bytes = b""


class Pool:
    """At most `size` workers, started when they are needed. Ends them when it is closed, dropped, or at exit."""

    def __init__(self, program: str, size: int, timeout: float, hello: wire.Hello | None = None) -> None:
        self._program = program
        self._size = size
        self._timeout = timeout
        self._workers: list[Worker | None] = []
        self._opened: list[_Opened] = []
        self._names = 0
        self._lock = threading.Lock()
        self._stopping = False
        self._hello = hello
        self.close = weakref.finalize(self, _end, self._workers)

    @property
    def hello(self) -> wire.Hello:
        """What the workers say of themselves."""
        return self._hello or self._worker(0).hello

    @property
    def pids(self) -> tuple[int, ...]:
        """The workers that run."""
        return tuple(worker.pid for worker in self._workers if worker is not None)

    def stream(self, requests: Sequence[Request]) -> Generator[tuple[int, Answer], None, None]:
        """Answers as they come, each with its request's place in the sequence.

        Whatever ends the loop early (Ctrl-C, an error) ends the workers that are busy.
        """
        opened = self._open(requests)
        waiting = deque(enumerate(requests))
        answers: SimpleQueue[tuple[int, Answer | BaseException]] = SimpleQueue()
        places = range(min(self._size, len(requests)))
        for place in places:
            self._worker(place)  # a program that can't be started is said here, once
        threads = [
            threading.Thread(target=self._serve, args=(place, waiting, opened, answers), name=f"render {place}")
            for place in places
        ]
        for thread in threads:
            thread.start()
        done = 0
        try:
            while done < len(requests):
                index, answer = answers.get()
                if isinstance(answer, BaseException):
                    raise answer
                done += 1
                yield index, answer
        finally:
            if done < len(requests):
                self._stop(waiting, threads)
            for thread in threads:
                thread.join()

    def _stop(self, waiting: deque[tuple[int, Request]], threads: list[threading.Thread]) -> None:
        """End what runs. A thread may be about to start a worker, so that killing once is not enough."""
        waiting.clear()
        self._stopping = True
        while any(thread.is_alive() for thread in threads):
            for worker in self._workers:
                if worker is not None:
                    worker.kill()
            for thread in threads:
                thread.join(0.05)
        self._stopping = False
        for place in range(len(self._workers)):
            self._drop(place)

    def _serve(
        self,
        place: int,
        waiting: deque[tuple[int, Request]],
        opened: dict[int, _Opened],
        answers: SimpleQueue[tuple[int, Answer | BaseException]],
    ) -> None:
        index = -1
        try:
            while waiting:
                try:
                    index, request = waiting.popleft()
                except IndexError:
                    return
                answers.put((index, self._answer(place, request, opened[id(request.snapshot)])))
        except BaseException as error:
            answers.put((index, error))

    def _answer(self, place: int, request: Request, opened: _Opened) -> Answer:
        """One answer. Who dies over a request is replaced and asked again, once: it may have been killed."""
        words = ""
        for _ in range(2):
            worker = self._worker(place)
            try:
                lines = self._lines(worker, request, opened)
                begin = time.perf_counter()
                answer = worker.ask(lines, self._timeout)
                return replace(answer, seconds=time.perf_counter() - begin)
            except Late:
                self._drop(place)
                return Answer("timeout", too_slow(self._timeout))
            except Died as died:
                self._drop(place)
                words = died.words
                if self._stopping:
                    break
                if "out of memory" in words or "cannot allocate memory" in words:
                    return Answer("build", "kustomize needs more than 1 GiB of memory for it")
        return Answer("build", f"kustomize ended without an answer: {words}")

    def _lines(self, worker: Worker, request: Request, opened: _Opened) -> bytes:
        lines = b""
        if opened.name not in worker.told:
            current = {known.name for known in self._opened}
            for name in worker.told - current:
                lines += wire.forgetting(name)
            worker.told &= current
            with self._lock:
                opened.line = opened.line or wire.opening(opened.snapshot, opened.name)
            lines += opened.line
            worker.told.add(opened.name)
        asked = wire.request(
            0, opened.name, request.overlay,
            unrestricted=request.unrestricted, origin=request.origin, remotes=request.remotes,
        )  # fmt: skip
        return lines + asked

    def _open(self, requests: Sequence[Request]) -> dict[int, _Opened]:
        """A name for each snapshot; those of earlier batches are forgotten when they are many."""
        known = {id(opened.snapshot): opened for opened in self._opened}
        wanted: dict[int, _Opened] = {}
        for request in requests:
            key = id(request.snapshot)
            if key in wanted:
                continue
            if key not in known:
                self._names += 1
                known[key] = _Opened(request.snapshot, str(self._names))
            wanted[key] = known[key]
        earlier = [opened for opened in self._opened if id(opened.snapshot) not in wanted]
        self._opened = [*earlier[-_KEPT:], *wanted.values()]
        return wanted

    def _worker(self, place: int) -> Worker:
        while len(self._workers) <= place:
            self._workers.append(None)
        worker = self._workers[place]
        if worker is None:
            worker = self._workers[place] = Worker(self._program)
            self._hello = worker.hello
        return worker

    def _drop(self, place: int) -> None:
        worker = self._workers[place]
        self._workers[place] = None
        if worker is not None:
            worker.close()


def _end(workers: list[Worker | None]) -> None:
    for worker in workers:
        if worker is not None:
            worker.close()
    workers.clear()
