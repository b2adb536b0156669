"""An engine where the configuration allows some overlays more than others: each is rendered by its own rules."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing

from fairlead.model.rendering import RenderResult, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.render.engine import Engine, in_order
from fairlead.render.memory import Memory
from fairlead.render.views import View
from fairlead.repo.remotes import BuildRules


class ByPath:
    """Meets `render.engine.Engine`. What concerns all overlays is remembered where those without override are."""

    def __init__(self, engine: Engine, rules: BuildRules) -> None:
        self._engine = engine
        self._rules = rules
        self.on_result: Callable[[], None] | None = None
        self._known: dict[str, BuildRules] = {}

    def _of(self, overlay: str) -> BuildRules:
        if overlay not in self._known:
            self._known[overlay] = self._rules.of(overlay)
        return self._known[overlay]

    def of(self, overlay: str) -> Engine:
        """See Engine."""
        return self._engine.under(self._of(overlay))

    def under(self, rules: BuildRules) -> Engine:
        """See Engine."""
        return self if rules == self._rules else self._engine.under(rules)

    @property
    def memory(self) -> Memory | None:
        """See Engine."""
        return self._engine.under(self._rules.plain).memory

    @property
    def releases(self) -> bool:
        """See Engine: somewhere."""
        return self._rules.may_release

    @property
    def version(self) -> str:
        """Name and version of the engine."""
        return self._engine.version

    def prime(self) -> None:
        """See Engine."""
        self._engine.prime()

    def view(self, snapshot: Snapshot) -> View:
        """See Engine."""
        return self._engine.view(snapshot)

    def render(self, trials: tuple[Trial, ...]) -> tuple[RenderResult, ...]:
        """Render all, in parallel; the answers stand in the order of the trials."""
        return in_order(self.stream(trials), self.on_result)

    def stream(self, trials: tuple[Trial, ...]) -> Generator[tuple[int, RenderResult], None, None]:
        """Results as they come, those under the same rules together."""
        groups: dict[BuildRules, list[int]] = {}
        for index, trial in enumerate(trials):
            groups.setdefault(self._of(trial.overlay), []).append(index)
        for rules, places in groups.items():
            some = tuple(trials[index] for index in places)
            with closing(self._engine.under(rules).stream(some)) as stream:
                for place, result in stream:
                    yield places[place], result
