"""What every engine is: a renderer that also shares what it knows of a snapshot, and counts what it has done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fairlead.model.rendering import Renderer
from fairlead.model.snapshot import Snapshot
from fairlead.render.views import View
from fairlead.repo.remotes import BuildRules


class Engine(Renderer, Protocol):
    """A renderer as the steps use it."""

    on_result: Callable[[], None] | None

    def under(self, rules: BuildRules) -> Engine:
        """The same engine, rendering by what a configuration allows; by default nothing is."""

    def view(self, snapshot: Snapshot) -> View:
        """The snapshot's graph and parsed files."""
