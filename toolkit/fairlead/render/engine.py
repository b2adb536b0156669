"""What every engine is: a renderer that also shares what it knows of a snapshot, and counts what it has done."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from typing import Protocol

from fairlead.model.rendering import Renderer, RenderResult, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.render.memory import Memory
from fairlead.render.views import View
from fairlead.repo.remotes import BuildRules


class Engine(Renderer, Protocol):
    """A renderer as the steps use it. `memory` is None where nothing is kept from run to run."""

    on_result: Callable[[], None] | None

    @property
    def memory(self) -> Memory | None:
        """What earlier runs recorded."""

    @property
    def releases(self) -> bool:
        """Whether the charts of Helm releases are rendered."""

    def prime(self) -> None:
        """Say that there will be something to render."""

    def under(self, rules: BuildRules) -> Engine:
        """The same engine, rendering by what a configuration allows; by default nothing is."""

    def of(self, overlay: str) -> Engine:
        """The engine by what is allowed for one overlay: its memory is the one that knows the overlay."""

    def stream(self, trials: tuple[Trial, ...]) -> Generator[tuple[int, RenderResult], None, None]:
        """Results as they come, each with its trial's place."""

    def view(self, snapshot: Snapshot) -> View:
        """The snapshot's graph and parsed files."""


def in_order(
    stream: Generator[tuple[int, RenderResult], None, None], on_result: Callable[[], None] | None
) -> tuple[RenderResult, ...]:
    """All results of a stream in the order of their trials; `on_result` is called for each as it comes."""
    found: dict[int, RenderResult] = {}
    with closing(stream):
        for index, result in stream:
            found[index] = result
            if on_result is not None:
                on_result()
    return tuple(found[index] for index in sorted(found))
