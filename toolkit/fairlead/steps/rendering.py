"""Render overlays with progress shown: what check, render, promote and rollback share."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.model.rendering import Rendered, RenderResult, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.render import helper
from fairlead.render.engine import Engine
from fairlead.render.kustomize import KustomizeRenderer
from fairlead.steps.world import Run


def renderer(run: Run) -> Engine:
    """The renderer of this run: kustomize's library where the helper is there, else the program."""
    program = helper.found()
    return KustomizeRenderer(run.jobs) if program is None else helper.HelperRenderer(program, run.jobs)


def render_all(
    run: Run, engine: Engine, snapshot: Snapshot, folders: Iterable[str], name: str = "rendering"
) -> tuple[RenderResult, ...]:
    """Render folders of one snapshot, in order. Raises WorldError where there is no kustomize."""
    trials = tuple(Trial(snapshot, folder) for folder in folders)
    if not trials:
        return ()
    with run.progress.task(name, len(trials)) as step:
        engine.on_result = step.advance
        try:
            return engine.render(trials)
        finally:
            engine.on_result = None


def built(results: Iterable[RenderResult]) -> int:
    """How many built."""
    return sum(isinstance(result, Rendered) for result in results)
