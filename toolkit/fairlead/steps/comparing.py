"""Render overlays on two sides, in one batch, and hand both results on as soon as they are there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from fairlead.checks.failures import explain
from fairlead.model.overlays import OverlayId
from fairlead.model.rendering import RenderFailed, RenderResult, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.render.engine import Engine
from fairlead.report.compared import Compared, compared
from fairlead.report.difference import Row
from fairlead.steps.reach import Hit
from fairlead.steps.world import Run


@dataclass(frozen=True)
class Sides:
    """An overlay as it is called in the report, and what is rendered for either side; None where it isn't there."""

    overlay: str
    before: Trial | None
    after: Trial | None
    id: OverlayId | None = None


def sides(engine: Engine, before: Snapshot, after: Snapshot, hits: tuple[Hit, ...]) -> tuple[Sides, ...]:
    """The two sides of the overlays that a change reaches."""
    old, new = engine.view(before).graph, engine.view(after).graph
    return tuple(
        Sides(
            hit.folder,
            Trial(before, hit.folder) if old.facts(hit.folder) is not None else None,
            Trial(after, hit.folder) if new.facts(hit.folder) is not None else None,
            hit.id,
        )
        for hit in hits
    )


def render_both(
    run: Run, engine: Engine, wanted: tuple[Sides, ...]
) -> Iterator[tuple[Sides, RenderResult | None, RenderResult | None]]:
    """Both results of each, as they come: texts that were compared need not stay until the end.

    Raises:
        WorldError: where there is no kustomize.
    """
    rows = [
        (place, side, trial)
        for place, one in enumerate(wanted)
        for side, trial in enumerate((one.before, one.after))
        if trial is not None
    ]
    if not rows:
        return
    waiting: dict[int, dict[int, RenderResult]] = {}
    with (
        run.progress.task("rendering", len(rows)) as step,
        closing(engine.stream(tuple(trial for _, _, trial in rows))) as stream,
    ):
        for index, result in stream:
            step.advance()
            place, side, _ = rows[index]
            one, found = wanted[place], waiting.setdefault(place, {})
            found[side] = result
            if len(found) == (one.before is not None) + (one.after is not None):
                del waiting[place]
                yield one, found.get(0), found.get(1)


def told(
    engine: Engine, one: Sides, before: RenderResult | None, after: RenderResult | None
) -> tuple[Compared, tuple[Row, ...]]:
    """What became of an overlay, and its changes; failures are told in plain words."""
    return compared(one.overlay, plainly(engine, one.before, before), plainly(engine, one.after, after), one.id)


def plainly(engine: Engine, trial: Trial | None, result: RenderResult | None) -> RenderResult | None:
    """A failure in plain words, with the place that is at fault; any other result as it is."""
    if not isinstance(result, RenderFailed) or trial is None or result.at is not None or result.code == "timeout":
        return result
    view = engine.view(trial.snapshot)
    found = explain(result.message, view.graph.closure(trial.overlay), view.sources)
    return replace(result, message=found.message, at=found.where)
