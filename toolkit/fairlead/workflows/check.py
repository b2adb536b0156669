"""check: which overlays are asked for, render them, judge them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from fairlead.model.errors import UsageError
from fairlead.model.overlays import Layout
from fairlead.model.snapshot import Snapshot
from fairlead.repo import config as configuration
from fairlead.steps import checking, sharding
from fairlead.steps.checking import Outcome, Scope
from fairlead.steps.rendering import renderer
from fairlead.steps.sharding import Sharding
from fairlead.steps.world import Run, World, open_world

NO_CONFIG = "no fairlead.yaml: overlays are found by their folders' shape, and no environment has rules of its own"


@dataclass(frozen=True)
class Request:
    """What to check: paths (none: everything), what is staged, or a commit; all of it, or a shard of it."""

    paths: tuple[str, ...] = ()
    staged: bool = False
    at: str | None = None
    shard: Sharding | None = None


def check(run: Run, request: Request) -> Outcome:
    """Judge what is asked for.

    Raises:
        UsageError: no such path or commit; `--staged` outside of a git repository.
        ConfigError: a bad fairlead.yaml.
        WorldError: no kustomize.
    """
    return sharding.settled(request.shard, _check(open_world(run), request))


def _check(world: World, request: Request) -> Outcome:
    asked = tuple(_inside(world, path) for path in request.paths)
    if request.staged:
        return _staged(world, asked, request.shard)
    snapshot = world.git.at(request.at) if request.at else world.work_tree
    for path, written in zip(asked, request.paths, strict=True):
        if snapshot.entry(path) is None and not snapshot.is_dir(path):
            raise UsageError(f"there is no {written}", remedy="name a file or folder of the repository")
    engine = renderer(world.run)
    outcomes = []
    for part in _scopes(world, snapshot, asked):
        graph = engine.view(snapshot).graph
        chosen = checking.folders(graph, part)
        mine = sharding.narrowed(request.shard, graph, part, chosen, part.asked or None)
        outcome = checking.judge(world.run, engine, snapshot, part, mine.folders, mine.asked, chosen)
        outcomes.append(replace(outcome, notes=_notes(snapshot, part, chosen), cut=mine.cut))
    return checking.joined(outcomes)


def _staged(world: World, asked: tuple[str, ...], shard: Sharding | None) -> Outcome:
    """Only overlays that read a staged path, judged as the index has them."""
    limits = asked or ((world.prefix,) if world.prefix else ())
    staged = tuple(p for p in world.git.staged_paths() if not limits or any(_below(p, limit) for limit in limits))
    if not staged:
        return Outcome()
    index = world.git.index()
    base = world.git.at("HEAD") if world.git.git.resolve("HEAD") else None
    relevant = set(checking.could_matter(index, staged))
    if base is not None:
        relevant |= set(checking.could_matter(base, staged))
    if not relevant:
        return Outcome()
    engine = renderer(world.run)
    outcomes = []
    for part in _scopes(world, index, limits):
        whole = replace(part, asked=())
        chosen = set(checking.readers_of(engine.view(index).graph, whole, relevant))
        if base is not None:
            before = checking.readers_of(engine.view(base).graph, whole, relevant)
            chosen |= {folder for folder in before if engine.view(index).graph.kustomization(folder) is not None}
        judged = tuple(sorted(chosen))
        mine = sharding.narrowed(shard, engine.view(index).graph, part, judged, staged)
        outcome = checking.judge(world.run, engine, index, part, mine.folders, mine.asked, judged)
        outcomes.append(replace(outcome, cut=mine.cut))
    return checking.joined(outcomes)


def _scopes(world: World, snapshot: Snapshot, asked: tuple[str, ...]) -> list[Scope]:
    """The asked paths, grouped by the fairlead.yaml that governs each."""
    groups: dict[str, list[str]] = {}
    for path in asked or (world.prefix,):
        folder = path if snapshot.entry(path) is None else path.rpartition("/")[0]
        groups.setdefault(configuration.find(snapshot, folder) or "", []).append(path)
    out = []
    for config, paths in sorted(groups.items()):
        root = config.rpartition("/")[0]
        narrowed = tuple(path for path in paths if path != root)
        out.append(checking.scope(snapshot, paths[0], narrowed if len(narrowed) == len(paths) else ()))
    return out


def _notes(snapshot: Snapshot, part: Scope, chosen: tuple[str, ...]) -> tuple[str, ...]:
    notes = list(part.layout.notes)
    if not part.config.path:
        below = [p for p in snapshot.files() if p.endswith("/" + configuration.FILE_NAME)][:3]
        notes.append(NO_CONFIG + (f"; there is {', '.join(below)}: name its folder" if below else ""))
    if not chosen:
        notes.append("there is no kustomization here")
    return tuple(notes)


def _inside(world: World, path: str) -> str:
    """A path as given on the command line, from the repository's root."""
    full = Path(world.run.folder, path).absolute()
    place = full.parent.resolve() / full.name if full.name not in ("", "..") else full.resolve()
    if not place.is_relative_to(world.root):
        raise UsageError(f"{path} is not in {world.root}", remedy="go there first, or use -C")
    name = place.relative_to(world.root).as_posix()
    return "" if name == "." else name


def _below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(folder + "/")


__all__ = ["Layout", "Outcome", "Request", "check"]
