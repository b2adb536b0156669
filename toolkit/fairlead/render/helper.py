"""Renders overlays by kustomize's own library, in long-lived helper processes: nothing is laid out on a disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import closing
from copy import copy
from dataclasses import replace

from fairlead.checks.flux_files import FluxFiles
from fairlead.doors.renderer import found
from fairlead.model.errors import WorldError
from fairlead.model.rendering import NO_PROGRAM, Input, Rendered, RenderFailed, RenderResult, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.render.batch import Request
from fairlead.render.by_path import ByPath
from fairlead.render.engine import Engine, in_order
from fairlead.render.kustomize import KustomizeRenderer
from fairlead.render.messages import code_of, message, warnings
from fairlead.render.opaque import without_opaque
from fairlead.render.pool import Pool
from fairlead.render.reach import joined, reach
from fairlead.render.releases import Releases
from fairlead.render.remotes import Remotes
from fairlead.render.views import View, Views, refusal
from fairlead.render.wire import Answer, Hello
from fairlead.repo.definitions import Known
from fairlead.repo.manifest import Facts
from fairlead.repo.remotes import BuildRules

TIMEOUT = 60.0
__all__ = ["HelperRenderer", "found"]


class HelperRenderer:
    """Meets `render.engine.Engine`, with the same verdicts, bytes and words as the `kustomize` program."""

    def __init__(
        self,
        program: str,
        jobs: int = 0,
        *,
        timeout: float = TIMEOUT,
        on_result: Callable[[], None] | None = None,
        hello: Hello | None = None,
        facts: dict[str, tuple[str, Facts]] | None = None,
        defined: Known | None = None,
        flux: FluxFiles | None = None,
    ) -> None:
        self.on_result = on_result
        self._rules = BuildRules()
        self._remotes: Remotes | None = None
        self._releases: Releases | None = None
        self._ruled: dict[BuildRules, HelperRenderer] = {}
        self._views = Views(facts, defined, flux)
        self._pool = Pool(program, jobs or os.cpu_count() or 1, timeout, hello)
        self._program = KustomizeRenderer(jobs, timeout=timeout)

    @property
    def memory(self) -> None:
        """Nothing is kept; see `render.cached`."""
        return

    @property
    def hello(self) -> Hello:
        """What the helper says of itself."""
        return self._pool.hello

    @property
    def version(self) -> str:
        """Name and version of the engine."""
        return f"kustomize library {self._pool.hello.api}"

    @property
    def build(self) -> str:
        """What stands for the helper's own sources: results are the same for the same build."""
        return self._pool.hello.build

    @property
    def pids(self) -> tuple[int, ...]:
        """The helper processes that run."""
        return self._pool.pids

    @property
    def releases(self) -> bool:
        """See Engine."""
        return self._releases is not None

    def prime(self) -> None:
        """See Engine."""
        self._pool.prime()

    def of(self, overlay: str) -> HelperRenderer:
        """See Engine."""
        return self

    def under(self, rules: BuildRules) -> Engine:
        """The same processes, rendering by what a configuration allows."""
        return ByPath(self, rules) if rules.overrides else self.ruled(rules)

    def ruled(self, rules: BuildRules) -> HelperRenderer:
        """The same by rules without overrides."""
        if rules == self._rules:
            return self
        if rules not in self._ruled:
            other = copy(self)
            other._rules = rules
            other._remotes = Remotes(rules) if rules.remote else None
            other._program = self._program.ruled(replace(rules, releases=False))
            other._releases = Releases(rules) if rules.helm and rules.releases else None
            self._ruled[rules] = other
        return self._ruled[rules]

    def view(self, snapshot: Snapshot) -> View:
        """The snapshot's graph and parsed files, for whoever looks at the same files."""
        return self._views.of(snapshot)

    def render(self, trials: tuple[Trial, ...]) -> tuple[RenderResult, ...]:
        """Render all, in parallel; the answers stand in the order of the trials."""
        return in_order(self.stream(trials), self.on_result)

    def render_with(
        self, trials: tuple[Trial, ...], *, origin: bool = False, unrestricted: bool | None = None
    ) -> tuple[RenderResult, ...]:
        """Render otherwise than the configuration says.

        `origin` has kustomize note each object's file in an annotation (at twice the cost); `unrestricted` is
        kustomize's `--load-restrictor LoadRestrictionsNone`: files beside the kustomization's folder may be
        read, but never from outside the repository.
        """
        return in_order(self.stream(trials, origin=origin, unrestricted=unrestricted), self.on_result)

    def stream(
        self, trials: tuple[Trial, ...], *, origin: bool = False, unrestricted: bool | None = None
    ) -> Generator[tuple[int, RenderResult], None, None]:
        """Results as they come, each with its trial's place.

        Raises:
            WorldError: the helper can't be started, or the snapshot can't be read.
        """
        free = self._rules.unrestricted if unrestricted is None else unrestricted
        results = without_opaque(trials, lambda some: self._stream(some, free, origin), self.view)
        yield from results if self._releases is None else self._releases.added(results, trials, self.view)

    def _stream(
        self, trials: tuple[Trial, ...], free: bool, origin: bool
    ) -> Generator[tuple[int, RenderResult], None, None]:
        requests = [Request(t.snapshot, t.overlay, free, origin, self._remotes) for t in trials]
        again: list[int] = []
        inflated: list[int] = []
        with closing(self._pool.stream(requests)) as answers:
            for index, answer in answers:
                # A remote base is fetched when it is first asked for; whoever asked before is asked again.
                if answer.code == "remote" and self._remotes is not None and self._refusal(trials[index]) is None:
                    again.append(index)
                elif answer.code == "helm" and self._rules.helm:
                    inflated.append(index)
                else:
                    yield index, self._result(trials[index], answer)
        if again:
            with closing(self._pool.stream([requests[index] for index in again])) as answers:
                for place, answer in answers:
                    if answer.code == "helm" and self._rules.helm:
                        inflated.append(again[place])
                    else:
                        yield again[place], self._result(trials[again[place]], answer)
        if inflated:
            yield from zip(inflated, self._inflate(tuple(trials[index] for index in inflated)), strict=True)

    def _inflate(self, trials: tuple[Trial, ...]) -> tuple[RenderResult, ...]:
        """By the program: helm reads a disk, and so does only it."""
        if not self._program.is_there:
            return tuple(RenderFailed(trial.overlay, "helm", NO_PROGRAM) for trial in trials)
        return self._program.render(trials)

    def close(self) -> None:
        """End the helper processes. They end with the renderer, too, and with Python."""
        self._pool.close()

    def _told_by(self, code: str, inputs: tuple[Input, ...]) -> tuple[Input, ...]:
        """Whether a server answers is no input that could be told."""
        return () if code == "remote" and self._remotes is not None else inputs

    def _refusal(self, trial: Trial) -> RenderFailed | None:
        return refusal(trial, self.view(trial.snapshot), self._remotes)

    def _result(self, trial: Trial, answer: Answer) -> RenderResult:
        return replace(self._told(trial, answer), seconds=answer.seconds)

    def _told(self, trial: Trial, answer: Answer) -> RenderResult:
        roots = (self._pool.hello.root,)
        if not answer.code:
            text = answer.output.decode("utf-8", "replace")
            said = warnings("\n".join(answer.warnings), roots)
            return Rendered(trial.overlay, text, said, answer.inputs, values=answer.values)
        if answer.code == "world":
            raise WorldError(answer.error, remedy="git fetch --unshallow (or --refetch), or check permissions")
        if answer.code == "timeout":
            return RenderFailed(trial.overlay, "timeout", answer.error)
        # What other engines refuse before they ask: found here only when it matters, and told in the same words.
        inputs = joined(answer.inputs, reach(self.view(trial.snapshot), trial.overlay))
        told = self._refusal(trial)
        if told is not None:
            return replace(told, inputs=self._told_by(told.code, inputs))
        text = message(answer.error, roots)
        if answer.code in ("remote", "missing"):
            return RenderFailed(trial.overlay, answer.code, text, answer.at, self._told_by(answer.code, inputs))
        # Where it happened is told by the rules, which explain kustomize's words.
        return RenderFailed(trial.overlay, code_of(text), text, None, inputs)
