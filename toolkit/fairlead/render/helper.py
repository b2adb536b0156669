"""Renders overlays by kustomize's own library, in long-lived helper processes: nothing is laid out on a disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace

from fairlead.doors.proc import which
from fairlead.model.errors import WorldError
from fairlead.model.findings import Where
from fairlead.model.rendering import Rendered, RenderFailed, RenderResult, Trial
from fairlead.model.snapshot import Snapshot, follow
from fairlead.render.messages import code_of, message, no_folder, warnings
from fairlead.render.pool import Pool, Request
from fairlead.render.views import View, Views, refusal
from fairlead.render.wire import Answer

PROGRAM = "fairlead-renderer"
VARIABLE = "FAIRLEAD_RENDERER"  # the helper's path, or `none` to go without
TIMEOUT = 60.0


def found() -> str | None:
    """Where the helper is; None where there is none, or nobody wants it."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return None if named == "none" else named
    return which(PROGRAM, own=True)


class HelperRenderer:
    """Meets `render.engine.Engine`, with the same verdicts, bytes and words as the `kustomize` program."""

    def __init__(
        self, program: str, jobs: int = 0, *, timeout: float = TIMEOUT, on_result: Callable[[], None] | None = None
    ) -> None:
        self.on_result = on_result
        self._views = Views()
        self._pool = Pool(program, jobs or os.cpu_count() or 1, timeout)

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

    def view(self, snapshot: Snapshot) -> View:
        """The snapshot's graph and parsed files, for whoever looks at the same files."""
        return self._views.of(snapshot)

    def render(self, trials: tuple[Trial, ...]) -> tuple[RenderResult, ...]:
        """Render all, in parallel; the answers stand in the order of the trials."""
        return self._ordered(trials)

    def render_with(
        self, trials: tuple[Trial, ...], *, origin: bool = False, unrestricted: bool = False
    ) -> tuple[RenderResult, ...]:
        """Render otherwise than by default.

        `origin` has kustomize note each object's file in an annotation (at twice the cost); `unrestricted` is
        kustomize's `--load-restrictor LoadRestrictionsNone`: files beside the kustomization's folder may be
        read, but never from outside the repository.
        """
        return self._ordered(trials, origin=origin, unrestricted=unrestricted)

    def stream(
        self, trials: tuple[Trial, ...], *, origin: bool = False, unrestricted: bool = False
    ) -> Generator[tuple[int, RenderResult], None, None]:
        """Results as they come, each with its trial's place.

        Raises:
            WorldError: the helper can't be started, or the snapshot can't be read.
        """
        requests = [Request(t.snapshot, t.overlay, unrestricted, origin) for t in trials]
        with closing(self._pool.stream(requests)) as answers:
            for index, answer in answers:
                yield index, self._result(trials[index], answer)

    def close(self) -> None:
        """End the helper processes. They end with the renderer, too, and with Python."""
        self._pool.close()

    def _ordered(self, trials: tuple[Trial, ...], **how: bool) -> tuple[RenderResult, ...]:
        results: list[RenderResult | None] = [None] * len(trials)
        with closing(self.stream(trials, **how)) as stream:
            for index, result in stream:
                results[index] = result
                if self.on_result is not None:
                    self.on_result()
        return tuple(result for result in results if result is not None)

    def _result(self, trial: Trial, answer: Answer) -> RenderResult:
        return replace(self._told(trial, answer), seconds=answer.seconds)

    def _told(self, trial: Trial, answer: Answer) -> RenderResult:
        roots = (self._pool.hello.root,)
        if not answer.code:
            text = answer.output.decode("utf-8", "replace")
            return Rendered(trial.overlay, text, warnings("\n".join(answer.warnings), roots), answer.inputs)
        if answer.code == "world":
            raise WorldError(answer.error, remedy="git fetch --unshallow (or --refetch), or check permissions")
        if answer.code == "timeout":
            return RenderFailed(trial.overlay, "timeout", answer.error)
        real = follow(trial.snapshot, trial.overlay)
        if real is not None and not trial.snapshot.is_dir(real):  # a folder whose files an edit removed is none
            return RenderFailed(trial.overlay, "missing", no_folder(trial.overlay), Where(trial.overlay), answer.inputs)
        # What other engines refuse before they ask: found here only when it matters, and told in the same words.
        told = refusal(trial, self.view(trial.snapshot))
        if told is not None:
            return RenderFailed(told.overlay, told.code, told.message, told.at, answer.inputs)
        text = message(answer.error, roots)
        if answer.code in ("remote", "missing"):
            return RenderFailed(trial.overlay, answer.code, text, answer.at, answer.inputs)
        # Where it happened is told by the rules, which explain kustomize's words.
        return RenderFailed(trial.overlay, code_of(text), text, None, answer.inputs)
