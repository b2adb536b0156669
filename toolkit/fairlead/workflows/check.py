"""check: which overlays are asked for, render them, judge them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fairlead.model.errors import UsageError
from fairlead.model.findings import Finding
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.render.engine import Engine
from fairlead.repo import config as configuration
from fairlead.steps import checking, known, relevance, sharding
from fairlead.steps.checking import Outcome, Scope, below, scopes
from fairlead.steps.reach import changed, reached
from fairlead.steps.rendering import opened
from fairlead.steps.sharding import Sharding
from fairlead.steps.world import Run, World, open_world

if TYPE_CHECKING:
    from fairlead.steps.external import Wish

NO_CONFIG = "no fairlead.yaml: overlays are found by their folders' shape, and no environment has rules of its own"


@dataclass(frozen=True)
class Request:
    """What to check: paths (none: everything), what is staged, or a commit; all of it, or a shard of it.

    `since`: only overlays that a change reaches, since history forked from that revision; `new`: only findings that
    were not there before it. `as_if`: the bytes and the name of a plan, which is judged as if it were applied.
    `baseline`: `write` makes all that is found known, `prune` takes out what is not found any more.
    `external`: other tools are asked, too. `or_all`: where nothing is staged, all is judged as it lies.
    """

    paths: tuple[str, ...] = ()
    staged: bool = False
    at: str | None = None
    since: str | None = None
    shard: Sharding | None = None
    new: bool = False
    as_if: tuple[bytes, str] | None = None
    baseline: str = ""
    external: Wish | None = None
    or_all: bool = False


def check(run: Run, request: Request) -> Outcome:
    """Judge what is asked for.

    Raises:
        UsageError: no such path or commit; `--staged` or `--since` outside of a git repository.
        ConfigError: a bad fairlead.yaml.
        WorldError: no kustomize.
    """
    return sharding.settled(request.shard, _check(open_world(run), request))


def _check(world: World, request: Request) -> Outcome:
    asked = tuple(world.inside(path) for path in request.paths)
    if request.staged:
        found = world.git.staged()
        if found[2] or not request.or_all:
            return _changed(world, request, *found, asked)
    if request.as_if is not None:
        before, after = _as_if(world, *request.as_if)
        return _changed(world, request, before, after, changed(before, after), asked)
    snapshot: Snapshot = world.git.at(request.at) if request.at else world.work_tree
    if request.since is not None:
        base = world.git.at(world.git.fork(request.since, request.at or "HEAD"))
        return _changed(world, request, base, snapshot, changed(base, snapshot), asked)
    for path, written in zip(asked, request.paths, strict=True):
        if snapshot.entry(path) is None and not snapshot.is_dir(path):
            raise UsageError(f"there is no {written}", remedy="name a file or folder of the repository")
    with opened(world) as engine:
        outcomes = []
        for part in scopes(snapshot, asked or (world.prefix,)):
            chosen = checking.folders(engine.view(snapshot), part, engine)
            graph = engine.view(snapshot).graph
            mine = sharding.narrowed(request.shard, graph, part, chosen, part.asked or None)
            outcome = _judged(world, request, engine, snapshot, part, mine.folders, mine.asked, chosen)
            if request.baseline:
                prune = request.baseline == "prune"
                outcome = known.write(world.root, snapshot, part.config, outcome, prune=prune)
            elif mine.cut is None:
                outcome = known.told(outcome, known.known(snapshot, part.config), whole=not part.asked)
            notes = (*_notes(snapshot, part, chosen), *outcome.notes)
            outcomes.append(sharding.cut(replace(outcome, notes=notes), mine.cut))
        return replace(checking.joined(outcomes), snapshot=snapshot)


def _as_if(world: World, data: bytes, name: str) -> tuple[Snapshot, Snapshot]:
    """The state that a plan was made from, and the one that it makes of it."""
    from fairlead.edit.splice import spliced
    from fairlead.promotion.plan_json import load

    _, plan = load(data, name)
    before: Snapshot = world.git.at(plan.target_commit)
    after = before
    for hop in plan.hops:
        after = after.with_files(spliced(after, [change for app in hop.apps for change in app.changes()]))
    return before, after


def _changed(
    world: World, request: Request, base: Snapshot | None, snapshot: Snapshot, paths: tuple[str, ...],
    asked: tuple[str, ...],
) -> Outcome:  # fmt: skip
    """Only overlays that a change reaches, judged as the snapshot has them; all where it changes what judges them."""
    limits = asked or ((world.prefix,) if world.prefix else ())
    paths = tuple(p for p in paths if not limits or any(below(p, limit) for limit in limits))
    states = (snapshot,) if base is None else (snapshot, base)
    relevant = {path for state in states for path in relevance.could_matter(state, paths)}
    gone = [path for path in paths if snapshot.entry(path) is None]
    swayed = relevance.sways(snapshot, paths) or (base is not None and relevance.sways(base, gone))
    if not relevant and not swayed:
        return Outcome()
    with opened(world) as engine:
        engine.prime()
        # Who read a changed file and does so no more is made of a kustomization that changed, and reads that one;
        # unless it is gone.
        before = base if any(snapshot.entry(path) is None for path in relevant) else None
        outcomes = []
        for part in scopes(snapshot, limits or (world.prefix,)):
            hits = reached(engine, replace(part, asked=()), before, snapshot, relevant)
            chosen = tuple(hit.folder for hit in hits if not hit.gone)
            if swayed:  # what has not to do with it is recalled
                chosen = checking.folders(engine.view(snapshot), replace(part, asked=()), engine)
            mine = sharding.narrowed(request.shard, engine.view(snapshot).graph, part, chosen, paths)
            edited = tuple(path for path in mine.asked or () if _was_edited(path, base, snapshot))
            judged = replace(part, edited=edited)
            outcome = _judged(world, request, engine, snapshot, judged, mine.folders, mine.asked, chosen)
            if mine.cut is None:
                outcome = known.told(outcome, known.known(snapshot, part.config), whole=False)
            if request.new and base is not None:
                outcome = known.new(outcome, _found_before(world, request, engine, base, part, mine.folders, paths))
            outcomes.append(sharding.cut(outcome, mine.cut))
        return replace(checking.joined(outcomes), snapshot=snapshot)


def _judged(
    world: World, request: Request, engine: Engine, snapshot: Snapshot, part: Scope, folders: tuple[str, ...],
    asked: tuple[str, ...] | None, whole: tuple[str, ...] = (),
) -> Outcome:  # fmt: skip
    outcome = checking.judge(world.run, engine, snapshot, part, folders, asked, whole=whole)
    if request.external is None:
        return outcome
    from fairlead.steps.external import with_others

    return with_others(world, engine, snapshot, part, outcome, request.external)


def _found_before(
    world: World, request: Request, engine: Engine, base: Snapshot, part: Scope, folders: tuple[str, ...],
    paths: tuple[str, ...],
) -> tuple[Finding, ...]:  # fmt: skip
    """What today's rules would have found in these overlays before the change."""
    before = checking.as_it_was(part, base)
    there = tuple(folder for folder in folders if folder in before.everywhere)
    return _judged(world, request, engine, base, before, there, paths).findings


def _was_edited(path: str, base: Snapshot | None, snapshot: Snapshot) -> bool:
    return base is not None and base.entry(path) is not None and snapshot.entry(path) is not None


def _notes(snapshot: Snapshot, part: Scope, chosen: tuple[str, ...]) -> tuple[str, ...]:
    notes = list(part.layout.notes)
    if not part.config.path:
        found = [p for p in snapshot.files() if p.endswith("/" + configuration.FILE_NAME)][:3]
        notes.append(NO_CONFIG + (f"; there is {', '.join(found)}: name its folder" if found else ""))
    if not chosen:
        notes.append("there is no kustomization here")
    return tuple(notes)


__all__ = ["Outcome", "Request", "check"]
