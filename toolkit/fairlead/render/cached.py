"""The helper with a memory: what stands as it was rendered before is recalled, the rest rendered and kept."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing

from fairlead.model.rendering import RenderResult, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.render.by_path import ByPath
from fairlead.render.engine import Engine, in_order
from fairlead.render.helper import HelperRenderer
from fairlead.render.memory import Memory
from fairlead.render.releases import stamp
from fairlead.render.views import View
from fairlead.repo.remotes import BuildRules


class CachedRenderer:
    """Meets `render.engine.Engine`."""

    def __init__(self, engine: HelperRenderer, memory: Memory) -> None:
        self._engine = engine
        self.memory = memory
        self.on_result: Callable[[], None] | None = None
        self._ruled: dict[BuildRules, CachedRenderer] = {BuildRules(): self}

    @property
    def releases(self) -> bool:
        """See Engine."""
        return self._engine.releases

    def prime(self) -> None:
        """See Engine."""
        self._engine.prime()

    def of(self, overlay: str) -> CachedRenderer:
        """See Engine."""
        return self

    def under(self, rules: BuildRules) -> Engine:
        """The same engine by what a configuration allows, with a memory of its own for it."""
        if rules.overrides:
            return ByPath(self, rules)
        if rules not in self._ruled:
            memory = self.memory.of(repr(rules) + stamp(rules), self.memory.manifest.facts)
            other = CachedRenderer(self._engine.ruled(rules), memory)
            other._ruled = self._ruled
            self._ruled[rules] = other
        return self._ruled[rules]

    def flush(self) -> None:
        """Write what was learned."""
        for ruled in self._ruled.values():
            ruled.memory.flush()

    @property
    def version(self) -> str:
        """Name and version of the engine."""
        return self._engine.version

    def view(self, snapshot: Snapshot) -> View:
        """See Engine."""
        return self._engine.view(snapshot)

    def render(self, trials: tuple[Trial, ...]) -> tuple[RenderResult, ...]:
        """Render what was not rendered before; the answers stand in the order of the trials."""
        return in_order(self.stream(trials), self.on_result)

    def stream(self, trials: tuple[Trial, ...]) -> Generator[tuple[int, RenderResult], None, None]:
        """Results as they come: first what is recalled."""
        ways = [self.memory.way(self.view(trial.snapshot).standing, trial.overlay) for trial in trials]
        self.memory.expect(way for way in ways if way is not None)
        waiting = []
        for index, way in enumerate(ways):
            result = None if way is None else self.memory.result(way)
            if result is None:
                waiting.append(index)
            else:
                yield index, result
        with closing(self._engine.stream(tuple(trials[index] for index in waiting))) as stream:
            for place, result in stream:
                self.memory.keep(result)
                yield waiting[place], result
