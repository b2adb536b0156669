"""Status: what runs where, what is behind and by what, what waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from fairlead.edit.nodes import Mapping, Scalar, Sequence
from fairlead.model.gates import GateState
from fairlead.model.overlays import Overlay
from fairlead.model.plan import AppMoves, Hop, Move, Unit, Verdict
from fairlead.model.pulls import Forge, Pull
from fairlead.model.standing import Cell, InCluster, Lag, Own, Pair, Row, Standing, Status, Wait, Waiting
from fairlead.promotion.carriers.refs import ref_of
from fairlead.promotion.compare import is_hotfix
from fairlead.repo.apps import chains_of
from fairlead.repo.graph import Graph
from fairlead.steps.arrivals import arrival
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.gating import open_gating
from fairlead.steps.planning import make_plan
from fairlead.steps.routes import Request
from fairlead.steps.world import Environments, World, environments, known_app


def run(world: World, forge: Forge, apps: tuple[str, ...] = (), envs: tuple[str, ...] = ()) -> Status:
    """Survey the environments as they are committed: all, or some apps and environments.

    History is read of what is not in step, and gates are asked of what is open; nothing is rendered.

    Raises:
        UsageError: an unknown app or environment.
    """
    here = environments(world)
    names = tuple(dict.fromkeys(known_app(here.layout, a) for a in apps)) or here.layout.apps()
    wanted = frozenset(here.config.environment(e).name for e in envs)
    order = tuple(e for e in _order(here) if not wanted or e in wanted)
    survey = _Survey(world, here, forge)
    pairs: dict[str, list[Pair]] = {}
    for (source, target), some in _steps(here, names).items():
        if not wanted or target in wanted:
            for app, pair in survey.pairs(some, source, target):
                pairs.setdefault(app, []).append(pair)
    graph = Graph(here.snapshot)
    rows = tuple(Row(app, tuple(_cells(here, graph, app, order)), tuple(pairs.get(app, ()))) for app in names)
    inhabited = {o.id.env for o in here.layout.overlays}
    bare = tuple(f"no app has an overlay in {env}" for env in order if env not in inhabited)
    return Status(here.branch, here.commit, order, _groups(here, order), rows, (*bare, *survey.notes()))


def only(found: Status, wanted: Callable[[Row], bool]) -> Status:
    """The same with some of its apps."""
    return replace(found, rows=tuple(filter(wanted, found.rows)))


def _order(here: Environments) -> tuple[str, ...]:
    """The environments in the order of the chains, then the others."""
    chained = (env for chain in here.config.chains for stage in chain for env in stage)
    return tuple(dict.fromkeys((*chained, *(e.name for e in here.config.environments if not e.ephemeral))))


def _groups(here: Environments, order: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The environments that are compared with one another, those of no chain by themselves."""
    groups: list[set[str]] = []
    for chain in (*here.config.chains, *(((env,),) for env in order)):
        mine = {env for stage in chain for env in stage}
        groups = [*(g for g in groups if not g & mine), mine.union(*(g for g in groups if g & mine))]
    kept = (tuple(env for env in order if env in group) for group in groups)
    return tuple(sorted(filter(None, kept), key=lambda group: order.index(group[0])))


def _steps(here: Environments, apps: tuple[str, ...]) -> dict[tuple[str, str], tuple[str, ...]]:
    """(source, target) of every step of every chain, and the apps that take it; of a wave the first that an app has."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for app in apps:
        for lower, upper in (step for chain in chains_of(here.config, app) for step in pairwise(chain)):
            source = next((env for env in lower if here.layout.find(app, env)), lower[0])
            for target in upper:
                found.setdefault((source, target), {})[app] = None
    return {step: tuple(some) for step, some in found.items()}


class _Survey:
    """Looks at steps of the chains over one chronicle; gathers notes."""

    def __init__(self, world: World, here: Environments, forge: Forge) -> None:
        self._world, self._here, self._forge = world, here, forge
        self._chronicle = Chronicle(world, here, forge.pulls())
        self._open = tuple((p, frozenset(p.want.labels)) for p in forge.pulls(open_only=True, reviewed=True))
        self._waits: dict[int, tuple[Wait, ...]] = {}
        self._notes: dict[str, None] = {}

    def pairs(self, apps: tuple[str, ...], source: str, target: str) -> Iterator[tuple[str, Pair]]:
        """Each app that is on both sides of a step, with how it stands."""
        layout = self._here.layout
        able = tuple(a for a in apps if layout.find(a, source) and layout.find(a, target))
        if not able:
            return
        planned = make_plan(self._chronicle, Request(apps=able, source=source, target=target, together=True))
        self._notes.update(dict.fromkeys(planned.plan.warnings))
        (hop,) = planned.plan.hops
        for moves in hop.apps:
            yield moves.app, self._pair(hop, moves)

    def _pair(self, hop: Hop, moves: AppMoves) -> Pair:
        behind = tuple(self._lag(hop, moves.app, unit) for unit in moves.units if unit.chosen)
        conflicts = _own(m for m in moves.held if m.verdict is Verdict.CONFLICT)
        drift = _own(filter(is_hotfix, moves.held))
        pulls = tuple(self._pulls(moves.app, hop.target))
        return Pair(
            source=hop.source,
            target=hop.target,
            standing=_standing(pulls, behind=bool(behind), conflict=bool(conflicts), drift=bool(drift)),
            behind=behind,
            conflicts=conflicts,
            drift=drift,
            offered=sum(m.verdict is Verdict.OFFER for m in moves.held),
            pulls=pulls,
        )

    def _lag(self, hop: Hop, app: str, unit: Unit) -> Lag:
        fields = tuple(m.field for m in unit.moves)
        record = arrival(self._chronicle, app, hop.source, hop.target, unit.moves[0])
        paths = [c.path for m in unit.moves for c in m.changes]
        lacking = (
            o.id.cluster
            for o in _in_turn(self._here, app, hop.target)
            if o.id.cluster and any(path.startswith(o.path + "/") for path in paths)
        )
        at, evidence = (0, "") if record is None else (record.at, record.evidence or "commit")
        return Lag(unit.key, fields, at, evidence, tuple(lacking))

    def _pulls(self, app: str, target: str) -> Iterator[Waiting]:
        wanted = {f"environment: {target}", f"app: {app}"}
        for pull, labels in self._open:
            if wanted <= labels:
                yield Waiting(pull.number, pull.want.title, pull.want.draft, self._gates(pull))

    def _gates(self, pull: Pull) -> tuple[Wait, ...]:
        if pull.number not in self._waits:
            gating = open_gating(self._world, self._here, self._forge)
            found = gating.judge(pull, quick=True)
            self._waits[pull.number] = tuple(
                Wait(r.gate, r.state, r.message, r.until) for r in found if r.state is not GateState.OPEN
            )
        return self._waits[pull.number]

    def notes(self) -> tuple[str, ...]:
        """What could not be known, each once."""
        gaps = self._chronicle.gaps()
        return tuple(dict.fromkeys((*self._notes, *self._forge.notes(), *gaps)))


def _standing(pulls: tuple[Waiting, ...], *, behind: bool, conflict: bool, drift: bool) -> Standing:
    if conflict:
        return Standing.CONFLICT
    if pulls:
        return Standing.WAITING if any(p.gates for p in pulls) else Standing.OPEN
    if behind:
        return Standing.BEHIND
    return Standing.DRIFT if drift else Standing.IN_STEP


def _own(moves: Iterable[Move]) -> tuple[Own, ...]:
    return tuple(Own(m.field, m.old, m.new, m.reason) for m in moves)


def _cells(here: Environments, graph: Graph, app: str, order: tuple[str, ...]) -> Iterator[Cell]:
    for env in order:
        overlays = _in_turn(here, app, env)
        if overlays:
            known = {o: tuple(dict.fromkeys(_versions(graph, o.path))) for o in overlays}
            clusters = tuple(InCluster(o.id.cluster, o.path, known[o]) for o in overlays if o.id.cluster)
            versions = tuple(dict.fromkeys(v for found in known.values() for v in found))
            yield Cell(env, tuple(o.path for o in overlays), versions, clusters)


def _in_turn(here: Environments, app: str, env: str) -> tuple[Overlay, ...]:
    """An app's overlays in an environment, its clusters in the order of their rollout."""
    named = next((e.clusters for e in here.config.environments if e.name == env), ())
    turn = {cluster: index for index, cluster in enumerate(named)}
    return tuple(sorted(here.layout.find(app, env), key=lambda o: turn.get(o.id.cluster, len(turn))))


def _versions(graph: Graph, path: str) -> list[str]:
    """What an overlay's kustomization says it runs: image tags and digests, refs of remote bases."""
    node = graph.kustomization(path)
    body = node.body if node is not None else None
    if body is None:
        return []
    out = []
    images = body.get("images")
    for entry in images.items if isinstance(images, Sequence) else ():
        if isinstance(entry, Mapping):
            value = entry.get("newTag") or entry.get("digest")
            if isinstance(value, Scalar):
                out.append(value.value)
    if not out and node is not None:
        out = [ref for r in node.references if r.remote and (ref := ref_of(r.written))]
    return out
