"""compare: how the rendered objects of apps differ between two environments, beside the environments' own names."""

from __future__ import annotations

from fairlead.model.errors import UsageError
from fairlead.model.overlays import Overlay
from fairlead.model.rendering import Trial
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.report.compared import Compared, Difference, State, texts, why
from fairlead.report.counterparts import differences
from fairlead.report.difference import Row, grouped
from fairlead.steps.checking import Scope, scope
from fairlead.steps.comparing import Sides, plainly, render_both
from fairlead.steps.rendering import opened
from fairlead.steps.world import Run, World, known_app, open_world


@dataclass(frozen=True)
class Request:
    """Which environments, of which apps (none: all), of the files as they lie, of a commit, or of what is staged."""

    source: str
    target: str
    apps: tuple[str, ...] = ()
    at: str | None = None
    staged: bool = False


def compare(run: Run, request: Request) -> Difference:
    """Render both environments and compare; overlays are named by the target's path.

    Raises:
        UsageError: no such environment, app or commit; an app that is named and is not in both.
        ConfigError: a bad fairlead.yaml.
        WorldError: no kustomize.
    """
    world = open_world(run)
    snapshot = _snapshot(world, request)
    part = scope(snapshot, world.prefix)
    source, target = (_environment(part, name) for name in (request.source, request.target))
    if source == target:
        raise UsageError(f"{source} would be compared with itself", remedy="name two environments")
    pairs, overlays, remarks = _pairs(part, request.apps, source, target)
    words = {theirs.path: (*mine.words, *theirs.words) for mine, theirs in pairs}
    wanted = tuple(Sides(o.path, Trial(snapshot, mine.path), Trial(snapshot, o.path), o.id) for mine, o in pairs)
    rows: list[Row] = []
    with opened(world) as engine:
        for one, first, second in render_both(run, engine.under(part.config.build), wanted):
            both = texts(first, second)
            found = [] if both is None else [(one.overlay, *row) for row in differences(*both, words[one.overlay])]
            plain = (plainly(engine, one.before, first), plainly(engine, one.after, second))
            failed = [f"{side.overlay} does not build: {why(side)}" for side in plain if side is not None and why(side)]
            state = State.UNBUILT if failed else State.CHANGED if found else State.SAME
            overlays.append(Compared(one.overlay, state, "; ".join(failed), one.id))
            remarks += failed
            rows += found
    overlays.sort(key=lambda one: one.overlay)
    return Difference(tuple(overlays), grouped(rows), tuple(sorted(set(remarks))))


def _snapshot(world: World, request: Request) -> Snapshot:
    if request.staged:
        if request.at is not None:
            raise UsageError("--staged and --at exclude each other", remedy="name one state")
        return world.git.index()
    return world.git.at(request.at) if request.at is not None else world.work_tree


def _environment(part: Scope, name: str) -> str:
    if part.config.environments:
        return part.config.environment(name).name
    known = sorted({overlay.id.env for overlay in part.layout.overlays})
    if name not in known:
        raise UsageError(f"there is no environment {name!r}", remedy=f"environments are: {', '.join(known) or 'none'}")
    return name


def _pairs(
    part: Scope, apps: tuple[str, ...], source: str, target: str
) -> tuple[list[tuple[Overlay, Overlay]], list[Compared], list[str]]:
    """The overlays to compare; those that only one side has, and what is to be said of them."""
    pairs: list[tuple[Overlay, Overlay]] = []
    alone: list[Compared] = []
    remarks: list[str] = []
    for app in dict.fromkeys(known_app(part.layout, app) for app in apps) or part.layout.apps():
        mine, theirs = part.layout.find(app, source), part.layout.find(app, target)
        lacking = source if not mine else target if not theirs else ""
        if lacking and apps:
            raise UsageError(
                f"{app} has no overlay in {lacking}", remedy=f"{app} is in: {', '.join(_stages(part, app))}"
            )
        counterparts = part.layout.counterparts(app, source, target)
        found = [(one, other) for one, other in counterparts if one is not None]
        used = {one.path for one, _ in found} | {other.path for _, other in found}
        pairs += found
        for overlay in (*mine, *theirs):
            if overlay.path not in used:
                at, missing = (source, target) if overlay.id.env == source else (target, source)
                alone.append(Compared(overlay.path, State.GONE if at == source else State.NEW, id=overlay.id))
                remarks.append(f"{overlay.path} is in {at} and has no counterpart in {missing}")
    return pairs, alone, remarks


def _stages(part: Scope, app: str) -> list[str]:
    return sorted({overlay.id.env for overlay in part.layout.overlays if overlay.id.app == app})
