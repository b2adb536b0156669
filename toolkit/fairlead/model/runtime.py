"""What every job is handed: a clock, and somebody to tell how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Clock(Protocol):
    """The time, so that tests own it."""

    def now(self) -> int:
        """Seconds since the epoch, UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""

    def jitter(self, seconds: float) -> float:
        """A wait of about this length, another one each time."""


class Progress(Protocol):
    """Somebody who shows how far a job is."""

    def task(self, name: str, total: int) -> AbstractContextManager[Step]:
        """Begin a task of `total` steps."""


class Step(Protocol):
    """One task's counter."""

    def advance(self, steps: int = 1) -> None:
        """So many more are done."""


class _SilentStep:
    def advance(self, steps: int = 1) -> None:
        """Nobody looks."""


class Silent:
    """Progress that nobody sees: tests, `--quiet`, output that is no terminal."""

    @contextmanager
    def task(self, name: str, total: int) -> Iterator[Step]:
        """See Progress."""
        yield _SilentStep()
