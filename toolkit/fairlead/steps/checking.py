"""Which kustomizations a check is about, and judging them: the same for `check`, plans and the gate."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import field, replace
from typing import TYPE_CHECKING

from fairlead.checks.context import Shared
from fairlead.checks.releases import may_read
from fairlead.checks.rules import RULES
from fairlead.checks.run import merge, merged, ordered
from fairlead.checks.run import run as run_rules
from fairlead.checks.schemas import Schemas
from fairlead.checks.settings import names
from fairlead.model.errors import ConfigError
from fairlead.model.findings import Finding
from fairlead.model.overlays import Layout
from fairlead.model.rendering import Built, RenderResult, Trial
from fairlead.model.shards import Cut, Part
from fairlead.model.shards import joined as joined_cuts
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.render.engine import Engine
from fairlead.render.reach import reach
from fairlead.render.views import View
from fairlead.repo import config as configuration
from fairlead.repo.config import Config
from fairlead.repo.layout import KUSTOMIZATION_NAMES, discover, kustomization_dirs
from fairlead.repo.manifest import readers
from fairlead.repo.names import near_miss
from fairlead.steps.across import across, beside
from fairlead.steps.judging import Recall
from fairlead.steps.schemas import BundledSchemas
from fairlead.steps.world import Run

if TYPE_CHECKING:
    from fairlead.checks.policies import Policies

_PART = 500  # overlays that are judged together


@dataclass(frozen=True)
class Scope:
    """One configuration's part of a repository. `asked` narrows it to files and folders (empty: all of it).

    `rules` is where the configuration comes from, and the policies that it asks for. `edited` are the files of which
    the change is judged.
    """

    config: Config
    layout: Layout
    everywhere: tuple[str, ...]
    rules: Snapshot
    asked: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of the kustomizations that were judged, and what was found; `cut` where it is of one shard.

    `ignored` is what comments silence. A shard can't say everything: `pending` and `across` are for who joins them.
    `asked` are the other tools that were. `snapshot` is what was judged, for who wants to show it; none where only
    reports are there.
    """

    results: tuple[Built, ...] = ()
    findings: tuple[Finding, ...] = ()
    layout: Layout = field(default_factory=lambda: Layout(()))
    version: str = ""
    notes: tuple[str, ...] = ()
    cut: Cut | None = None
    ignored: tuple[Finding, ...] = ()
    pending: tuple[Finding, ...] = ()
    across: tuple[Part, ...] = ()
    asked: tuple[str, ...] = ()
    snapshot: Snapshot | None = field(default=None, compare=False, repr=False)


def scope(snapshot: Snapshot, folder: str, asked: tuple[str, ...] = ()) -> Scope:
    """The part of a repository that the configuration of a folder governs.

    Raises:
        ConfigError: a bad fairlead.yaml, or a layout glob that matches nothing.
    """
    config = configuration.load(snapshot, folder)
    layout = discover(snapshot, config)
    if layout.empty_globs:
        glob = layout.empty_globs[0]
        raise ConfigError(
            f"the layout {glob!r} matches no kustomization",
            where=config.layout_at[config.layout.index(glob)],
            remedy="mend the glob, or remove it; {env} stands for: "
            + ", ".join(word for env in config.environments for word in env.words),
        )
    return Scope(config, layout, kustomization_dirs(snapshot, config.root), snapshot, asked)


def scopes(snapshot: Snapshot, asked: tuple[str, ...]) -> list[Scope]:
    """The asked paths, grouped by the fairlead.yaml that governs each. Raises as `scope`."""
    groups: dict[str, list[str]] = {}
    for path in asked:
        folder = path if snapshot.entry(path) is None else path.rpartition("/")[0]
        groups.setdefault(configuration.find(snapshot, folder) or "", []).append(path)
    out = []
    for config, paths in sorted(groups.items()):
        root = config.rpartition("/")[0]
        narrowed = tuple(path for path in paths if path != root)
        out.append(scope(snapshot, paths[0], narrowed if len(narrowed) == len(paths) else ()))
    return out


def as_it_was(part: Scope, before: Snapshot) -> Scope:
    """The same part of an earlier state, by the configuration of today."""
    return Scope(part.config, discover(before, part.config), kustomization_dirs(before, part.config.root), part.rules)


def folders(view: View, part: Scope, engine: Engine) -> tuple[str, ...]:
    """The kustomizations to judge: the layout's overlays, and those that nobody refers to.

    Narrowed to folders and files that were asked for: what lies there, and what reads what lies there.
    """
    engine = engine.under(part.config.build)
    overlays = {overlay.path for overlay in part.layout.overlays}
    wanted = sorted(overlays | set(view.graph.roots(part.everywhere)))
    if not part.asked:
        return tuple(wanted)
    return tuple(folder for folder in wanted if _touches(view, engine, folder, part.asked))


def _touches(view: View, engine: Engine, folder: str, asked: tuple[str, ...]) -> bool:
    if any(below(folder, path) for path in asked):
        return True
    names = reads(view, engine, folder) | view.graph.closure(folder).folders
    return any(below(name, path) for path in asked for name in names)


def below(path: str, folder: str) -> bool:
    """Whether a path is a folder, or lies in it; all do in the root."""
    return not folder or path == folder or path.startswith(folder + "/")


def readers_of(view: View, part: Scope, paths: Iterable[str], engine: Engine | None = None) -> tuple[str, ...]:
    """The kustomizations to judge because they read one of the paths; all of them where the rules changed.

    What an overlay reads was recorded when it was rendered, where an engine remembers that; else the graph says.
    """
    changed = set(paths)
    overlays = {overlay.path for overlay in part.layout.overlays}
    if part.config.path in changed or judges(part.config, changed):
        return tuple(sorted(overlays | set(view.graph.roots(part.everywhere))))
    near = set(view.graph.near(part.everywhere, changed))
    engine = None if engine is None else engine.under(part.config.build)
    if engine is not None:
        memories = dict.fromkeys(engine.of(folder).memory for folder in part.everywhere)
        near |= {f for m in memories if m is not None for f in readers(m.manifest, changed)} & set(part.everywhere)
    given = {f for f, some in view.substitutions.items() for one in some if not changed.isdisjoint(one.files)}
    near |= set(part.everywhere) if part.config.build.may_release else given & set(part.everywhere)
    judged = sorted((overlays & near) | set(view.graph.roots(tuple(sorted(near)))))
    return tuple(f for f in judged if not changed.isdisjoint(reads(view, engine, f)))


def judges(config: Config, paths: set[str]) -> bool:
    """Whether one of the paths is a policy that overlays are judged by, or was one."""
    if not config.check.policies:
        return False
    from fairlead.checks.policies import is_listed

    return any(is_listed(config, entry, path) for entry in config.check.policies for path in paths)


def reads(view: View, engine: Engine | None, folder: str) -> set[str]:
    """The files that an overlay (as Flux applies it) is made of, and those that would be if they were there."""
    given = {path for one in view.substitutions.get(folder, ()) for path in one.files}
    memory = engine.of(folder).memory if engine is not None else None
    if memory is not None:
        way = memory.way(view.standing, folder)
        if way is not None:
            charts = (view.snapshot.files(one.path) for one in way.inputs if one.kind == "tree")
            return {one.path for one in way.inputs}.union(given, *charts)
    closure = view.graph.closure(folder)
    bases = closure.folders | {reference.path for _, reference in closure.missing if reference.path is not None}
    beside = {f"{at}/{name}" if at else name for at in bases for name in KUSTOMIZATION_NAMES}
    if engine is not None and engine.of(folder).releases:
        given |= set(may_read(view.graph, view.sources, folder))
    return {one.path for one in reach(view, folder)} | beside | given


def judge(
    run: Run, engine: Engine, snapshot: Snapshot, part: Scope, chosen: tuple[str, ...],
    asked: tuple[str, ...] | None = None, known: Mapping[str, RenderResult] | None = None,
    whole: tuple[str, ...] = (),
) -> Outcome:  # fmt: skip
    """Render and judge kustomizations of one snapshot by one configuration; `whole` is what all shards judge.

    What an earlier run found and still holds is taken as it is. `known` are results that are there already.

    Raises:
        WorldError: where there is no kustomize.
    """
    engine = engine.under(part.config.build)
    view = engine.view(snapshot)
    schemas = Schemas(BundledSchemas(), snapshot, view.definitions, part.config.check.schema_locations)
    policies = _policies(part)

    def shared(folders: tuple[str, ...], seen: View = view) -> Shared:
        return Shared(
            snapshot, part.config, part.layout, seen.graph, seen.sources, schemas,
            folders, part.everywhere, asked, whole, policies, part.edited, view.substitutions,
        )  # fmt: skip

    around = shared(chosen)
    _refuse_unknown_rules(part.config)
    recall = None if engine.memory is None else Recall(engine, view, around)
    built: dict[str, Built] = {}
    digests: dict[str, str] = {}
    findings: list[Finding] = []
    with run.progress.task("checking", len(chosen)) as step:
        for folder in chosen if recall is not None else ():
            told = recall.of(folder) if recall is not None else None
            if told is not None:
                built[folder] = told[0]
                findings += told[1].findings
                digests[folder] = told[1].digest
                step.advance()
        todo = tuple(folder for folder in chosen if folder not in built)
        with closing(_results(engine, snapshot, todo, known or {})) as results:
            for folders, some in _parts(todo, results):
                seen = view if len(todo) <= _PART else view.sibling()
                for judgement in run_rules(shared(folders, seen), some):
                    built[judgement.result.overlay] = Built.of(judgement.result)
                    findings += judgement.findings
                    digests[judgement.result.overlay] = judgement.digest
                    if recall is not None:
                        recall.keep(judgement, seen)
                    step.advance()
    found_beside, files = beside(around, recall)
    findings += found_beside
    sharded = bool(whole) and set(whole) != set(chosen)
    if not sharded:
        findings += across(around, digests, files, recall)
    if engine.memory is not None:
        engine.memory.learn(view.graph.learned)
    told_of = tuple(built[folder] for folder in chosen)
    found = merge(findings)
    out = Outcome(
        told_of, found.findings, part.layout, engine.version if chosen else "", _trouble(engine), ignored=found.ignored
    )
    if sharded:
        return replace(out, pending=found.pending, across=(_part(snapshot, part.config, digests | files),))
    unused = (f for f in found.pending if _judged_all(view, part, f.where.path, built))
    return replace(out, findings=ordered((*found.findings, *unused)))


def _part(snapshot: Snapshot, config: Config, digests: Mapping[str, str]) -> Part:
    """What the shards of a run hand to who joins them."""

    def text(path: str) -> str:
        held = path and snapshot.entry(path) is not None
        return snapshot.read(path).decode("utf-8", "replace") if held else ""

    return Part(config.path, text(config.path), digests, text(config.baseline_path))


def _judged_all(view: View, part: Scope, path: str, judged: Mapping[str, Built]) -> bool:
    """Whether every overlay that may read a file was judged."""
    near = view.graph.near(part.everywhere, (path,))
    overlays = {overlay.path for overlay in part.layout.overlays}
    return all(folder in judged for folder in (*view.graph.roots(near), *(f for f in near if f in overlays)))


def _refuse_unknown_rules(config: Config) -> None:
    known = names(RULES)
    for word, where in config.check.named:
        if word not in known:
            raise ConfigError(
                f"there is no rule {word!r}", where=where, remedy=near_miss(word, known) or "see the reference of rules"
            )


def _policies(part: Scope) -> Policies | None:
    """Who judges by policies; where none are asked for, that costs nothing."""
    if not part.config.check.policies:
        return None
    from fairlead.steps.policies import asked_policies

    return asked_policies(part.config, part.rules)


def _parts(
    folders: tuple[str, ...], results: Iterator[RenderResult]
) -> Iterator[tuple[tuple[str, ...], Iterator[RenderResult]]]:
    """Some overlays at a time, and their results: what is parsed for them need not stay until the end."""
    early: dict[str, RenderResult] = {}
    for start in range(0, len(folders), _PART):
        some = folders[start : start + _PART]
        yield some, _taken(some, results, early)


def _taken(
    wanted: tuple[str, ...], results: Iterator[RenderResult], early: dict[str, RenderResult]
) -> Iterator[RenderResult]:
    """The wanted results; others that come meanwhile wait for their turn."""
    missing = set(wanted)
    for folder in wanted:
        if folder in early:
            missing.discard(folder)
            yield early.pop(folder)
    while missing:
        result = next(results)
        if result.overlay in missing:
            missing.discard(result.overlay)
            yield result
        else:
            early[result.overlay] = result


def _results(
    engine: Engine, snapshot: Snapshot, folders: tuple[str, ...], known: Mapping[str, RenderResult]
) -> Generator[RenderResult, None, None]:
    """The results as they come."""
    for folder in folders:
        if folder in known:
            yield known[folder]
    trials = tuple(Trial(snapshot, folder) for folder in folders if folder not in known)
    with closing(engine.stream(trials)) as stream:
        for _, result in stream:
            yield result


def _trouble(engine: Engine) -> tuple[str, ...]:
    told = engine.memory.trouble if engine.memory is not None else ""
    return (f"nothing is kept for the next run: {told}",) if told else ()


def joined(outcomes: Iterable[Outcome]) -> Outcome:
    """Several parts' outcomes as one."""
    parts = tuple(outcomes)
    if len(parts) == 1:
        return parts[0]
    overlays = tuple(sorted((o for p in parts for o in p.layout.overlays), key=lambda o: o.path))
    return Outcome(
        tuple(r for p in parts for r in p.results),
        merged(f for p in parts for f in p.findings),
        Layout(overlays),
        next((p.version for p in parts if p.version), ""),
        tuple(dict.fromkeys(n for p in parts for n in p.notes)),
        joined_cuts(p.cut for p in parts),
        tuple(f for p in parts for f in p.ignored),
        tuple(f for p in parts for f in p.pending),
        tuple(one for p in parts for one in p.across),
        tuple(dict.fromkeys(name for p in parts for name in p.asked)),
    )
