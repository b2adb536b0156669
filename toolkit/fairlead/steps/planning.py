"""From a request to a Plan: hops along the chain, each app's moves, the trees that result. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise, product

from fairlead import __version__
from fairlead.doors.git.trees import tree_id
from fairlead.edit.splice import spliced
from fairlead.model.errors import ConflictError, UneditableError, UsageError
from fairlead.model.overlays import Overlay
from fairlead.model.plan import AppMoves, Hop, Move, Plan, Unit, Verdict
from fairlead.model.snapshot import AtMemory, AtTree, Overlaid, Snapshot
from fairlead.promotion.branches import head_branch
from fairlead.promotion.compare import Bases
from fairlead.promotion.files import YAML
from fairlead.promotion.habits import Pace, Past, choose
from fairlead.promotion.holds import barred, named
from fairlead.promotion.lessons import missing
from fairlead.promotion.newcomers import as_unit, home, newcomer, remarks
from fairlead.promotion.overlays import own_files, survey
from fairlead.promotion.plan_json import hop_id
from fairlead.promotion.selection import Selection, refuse_unmatched, select
from fairlead.promotion.units import LONE, gather, held_back
from fairlead.promotion.views import Surroundings
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.learning import Learner
from fairlead.steps.soaking import newest_soaked
from fairlead.steps.world import Environments, known_app
from fairlead.steps.writers import Writers

ENGINE = f"fairlead/{__version__}"
_MANY = 5


@dataclass(frozen=True)
class Request:
    """What somebody wants promoted. Empty words take the defaults: the chain's first step, the next one up.

    `soaked`: not what the source runs now, but the newest that has run there for as long as the target asks.
    """

    apps: tuple[str, ...] = ()
    every_app: bool = False
    source: str = ""
    target: str = ""
    through: str = ""
    selection: Selection = field(default_factory=Selection)
    skip_order: bool = False
    reason: str = ""
    soaked: bool = False


@dataclass(frozen=True)
class Planned:
    """A plan, and for each hop the environments before and after it."""

    plan: Plan
    states: tuple[tuple[Snapshot, Snapshot], ...]

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not any(app.changes() for hop in self.plan.hops for app in hop.apps)


def route(environments: Environments, request: Request) -> tuple[tuple[str, str], ...]:
    """(source, target) of each hop, in order.

    Raises:
        UsageError: no chain, against its order, a stage left out without `--skip-order` and a reason.
    """
    config = environments.config
    if not config.chains:
        raise UsageError("fairlead.yaml has no chain", remedy="write `chains: [[dev, staging, production]]`")
    source = config.environment(request.source).name if request.source else ""
    target = config.environment(request.target).name if request.target else ""
    through = config.environment(request.through).name if request.through else ""
    if not source:
        before = config.stages_before(target) if target else config.first_environments()
        if not before:
            raise UsageError(f"nothing comes before {target} in the chain", remedy="name the source with --from")
        source = before[0]
    if through:
        if target:
            raise UsageError("--to and --through can't go together", remedy="--through E promotes every hop up to E")
        stages = config.route(source, through)
        if not stages:
            raise UsageError(f"no chain leads from {source} to {through}", remedy=_chains(environments))
        return tuple(pairwise(stages))
    if not target:
        after = config.stages_after(source)
        if not after:
            raise UsageError(f"{source} is the last of its chain", remedy=_chains(environments))
        return tuple((source, stage) for stage in after)
    if source == target:
        raise UsageError(f"{source} can't be promoted to itself", remedy=_chains(environments))
    if target not in config.stages_after(source):
        stages = config.route(source, target)
        if not request.skip_order:
            hint = f"--through {target} takes every hop" if stages else _chains(environments)
            raise UsageError(
                f"{target} does not come next after {source}", remedy=f"{hint}; or --skip-order with --reason"
            )
        if not request.reason:
            raise UsageError("--skip-order needs a reason", remedy="--reason 'why this can't wait for its turn'")
    return ((source, target),)


def _chains(environments: Environments) -> str:
    chains = (" -> ".join("|".join(stage) for stage in chain) for chain in environments.config.chains)
    return "chains are: " + "; ".join(chains)


def chosen_apps(environments: Environments, request: Request, hops: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The apps of a request. Raises UsageError for unknown ones, and where none is named and there are several."""
    layout = environments.layout
    if request.apps:
        return tuple(dict.fromkeys(known_app(layout, app) for app in request.apps))
    ends = {env for hop in hops for env in hop}
    able = tuple(a for a in layout.apps() if sum(bool(layout.find(a, env)) for env in ends) > 1)
    if request.every_app or len(able) == 1:
        return able
    raise UsageError(
        "no app is named", remedy=f"name one or more, or --all; apps are: {', '.join(able[:20]) or 'none'}"
    )


def make_plan(chronicle: Chronicle, request: Request) -> Planned:
    """Plan a promotion from the environments as they are committed.

    Raises:
        UsageError: see `route`, `chosen_apps`, `selection.refuse_unmatched`.
    """
    environments = chronicle.environments
    if request.soaked and request.through:
        raise UsageError(
            "--next and --through can't go together: what a lower hop is about to bring has not soaked",
            remedy="promote one hop at a time",
        )
    hops = route(environments, request)
    apps = chosen_apps(environments, request, hops)
    planner = _Planner(chronicle, request)
    if len(apps) > _MANY:
        environments.snapshot.keep(planner.files(apps, {env for hop in hops for env in hop}))
    done: list[Hop] = []
    states: list[tuple[Snapshot, Snapshot]] = []
    reached: dict[str, Snapshot] = {}
    with chronicle.world.run.progress.task("planning", len(hops) * len(apps)) as step:
        for source, target in hops:
            state = reached.get(source, environments.snapshot)
            moves = []
            for app in apps:
                moves.append((planner.soaked if request.soaked else planner.app)(state, app, source, target))
                step.advance()
            moved = tuple(m for m in moves if m is not None)
            # Each unit's edits were proved when it was looked at (`_editable`).
            after = state.with_files(spliced(state, [c for a in moved for c in a.changes()], verify=False))
            done.append(planner.hop(source, target, moved, after))
            states.append((state, after))
            reached[target] = after
    refuse_unmatched(
        request.selection,
        [(a.app, h.target, m) for h in done for a in h.apps for m in (*a.held, *a.chosen())],
        [(a.app, u) for h in done for a in h.apps for u in a.units],
    )
    plan = Plan(
        verb="promote",
        engine=ENGINE,
        target_branch=environments.branch,
        target_commit=environments.commit,
        config_oid=environments.config.oid,
        hops=tuple(done),
        selection=(*request.selection.words(), *(("next",) if request.soaked else ())),
        warnings=tuple(dict.fromkeys(planner.warnings)),
        reason=request.reason,
    )
    return Planned(plan, tuple(states))


class _Planner:
    """Plans hops over one chronicle; gathers warnings."""

    def __init__(self, chronicle: Chronicle, request: Request) -> None:
        self._chronicle = chronicle
        self._environments = chronicle.environments
        self._request = request
        self._paths = tuple(sorted(o.path for o in self._environments.layout.overlays))
        rules = self._environments.config.promote
        self._writers = Writers(chronicle.world.git.git, self._environments.commit, rules.writers)
        self._learner = Learner(chronicle)
        self._made: dict[tuple[str, str], tuple[Overlay, ...]] = {}
        self._told: list[str] = []

    @property
    def warnings(self) -> list[str]:
        """What the plan has to say, beside its moves."""
        return [*self._told, *self._learner.warnings()]

    def files(self, apps: Iterable[str], envs: Iterable[str]) -> Iterator[str]:
        """The YAML files of the overlays of these apps in these environments."""
        layout = self._environments.layout
        for app, env in product(apps, envs):
            for overlay in layout.find(app, env):
                yield from (p for p in self._environments.snapshot.files(overlay.path) if p.endswith(YAML))

    def app(self, state: Snapshot, app: str, source: str, target: str) -> AppMoves | None:
        """One app's moves for one hop; None where it isn't in both environments."""
        pairs = self._pairs(app, source, target)
        if not pairs:
            return self._newcomer(state, app, source, target)
        around = self.surroundings(state, app, source, target)
        bases = self._chronicle.late_bases(app, source, target)
        moves = self._moves(state, pairs, around, bases)
        known = self._known(app, source, around, moves)
        by_hand = missing(known.own, bases, moves)
        if by_hand:
            moves = self._moves(state, pairs, around, {**by_hand, **bases})
        pace = Pace(self._environments.config.promote.pace)
        holds = self._chronicle.held(app, target)
        moves = named(moves, holds)
        units = barred(choose(gather(moves), known, target, pace), holds)
        units = select(app, target, units, self._request.selection)
        units = self._compatible(state, tuple(self._editable(state, unit) for unit in units))
        first, second = pairs[0]
        return AppMoves(
            app=app,
            source_path=first.path,
            target_path=second.path,
            source_tree=self._tree(state, first.path),
            units=units,
            held=held_back(moves, units),
        )

    def _moves(
        self, state: Snapshot, pairs: list[tuple[Overlay, Overlay]], around: Surroundings, bases: Bases
    ) -> list[Move]:
        return [m for mine, theirs in pairs for m in survey(state, mine, theirs, self._paths, around, bases)]

    def _known(self, app: str, source: str, around: Surroundings, moves: list[Move]) -> Past:
        """What earlier promotions teach; looked up where there is something to choose."""
        paths = {m.at.path for m in moves if m.changes and m.verdict is not Verdict.KEEP}
        return self._learner.past(app, source, around, paths) if paths else Past()

    def soaked(self, state: Snapshot, app: str, source: str, target: str) -> AppMoves | None:
        """One app's moves from the newest state of its source that has soaked."""

        def plan(then: Snapshot) -> AppMoves | None:
            return self.app(then, app, source, target)

        made, note = newest_soaked(self._chronicle, plan, app, source, target)
        self._told += [note] if note else []
        return made

    def surroundings(self, state: Snapshot, app: str, source: str, target: str) -> Surroundings:
        """What carriers may know."""
        words = self._chronicle.words(source, target)
        rules = self._environments.config.promote
        return Surroundings(app, target, words, rules, self._writers.of)

    def _pairs(self, app: str, source: str, target: str) -> list[tuple[Overlay, Overlay]]:
        layout = self._environments.layout
        sources, targets = self._found(app, source), layout.find(app, target)
        if not targets and sources and app in self._request.apps:
            return []
        if not sources or not targets:
            lacking = source if not sources else target
            self._told.append(f"{app} has no overlay in {lacking}: nothing to promote there")
            return []
        pairs = layout.counterparts(app, source, target)
        self._told += [f"{o.path} has no counterpart in {source}" for mine, o in pairs if mine is None]
        return [(mine, o) for mine, o in pairs if mine is not None]

    def _found(self, app: str, env: str) -> tuple[Overlay, ...]:
        """An app's overlays in an environment, as committed or as this plan makes them."""
        return self._environments.layout.find(app, env) or self._made.get((app, env), ())

    def _newcomer(self, state: Snapshot, app: str, source: str, target: str) -> AppMoves | None:
        """An app that was asked for by name and is not in the target yet: all of it, or nothing."""
        sources = self._found(app, source)
        if not sources or app not in self._request.apps:
            return None
        layout, config = self._environments.layout, self._environments.config
        homes = [home(layout, mine, target, config.environment(target).words) for mine in sources]
        moves: list[Move] = []
        for mine, there in zip(sources, homes, strict=True):
            if there is None or state.is_dir(there.path):
                self._told.append(f"{app} is not in {target}, and no place is known for it there: make it by hand")
                return None
            moves += newcomer(state, mine, there, own_files(state, mine, self._paths))
        self._told += remarks(app, target, moves)
        unit = as_unit(app, tuple(moves))
        units = () if unit is None else select(app, target, (unit,), self._request.selection)
        if any(u.chosen for u in units):
            self._made[app, target] = tuple(there for there in homes if there is not None)
        first, there = sources[0], homes[0]
        assert there is not None
        tree = self._tree(state, first.path)
        return AppMoves(app, first.path, there.path, tree, units, held_back(moves, units))

    def _editable(self, state: Snapshot, unit: Unit) -> Unit:
        """The unit, not chosen where one of its edits can't be proved: a unit is never carried half."""
        if not unit.chosen:
            return unit
        try:
            spliced(state, tuple(dict.fromkeys(c for m in unit.moves for c in m.changes)))
        except UneditableError as error:
            self._told.append(f"{unit.key} is left out: {error.message}")
            return replace(unit, chosen=False)
        return unit

    def _compatible(self, state: Snapshot, units: tuple[Unit, ...]) -> tuple[Unit, ...]:
        """The units without those entries that can't come together with the others, though each could alone."""
        chosen = [u for u in units if u.chosen]
        if len(chosen) < 2 or not any(m.carrier in LONE for u in chosen for m in u.moves):
            return units
        out: list[Unit] = []
        for unit in units:
            earlier = [c for u in out if u.chosen for m in u.moves for c in m.changes]
            try:
                if unit.chosen:
                    spliced(state, dict.fromkeys([*earlier, *(c for m in unit.moves for c in m.changes)]))
                out.append(unit)
            except (UneditableError, ConflictError) as error:
                self._told.append(f"{unit.key} is left out, promote it after the others: {error.message}")
                out.append(replace(unit, chosen=False))
        return tuple(out)

    def _tree(self, state: Snapshot, path: str) -> str:
        """The tree id of a folder as committed; empty where this plan has changed it in memory."""
        if isinstance(state, Overlaid) and any(p.startswith(path + "/") for p in state.changes):
            return ""
        return self._environments.snapshot.tree(path)

    def hop(self, source: str, target: str, apps: tuple[AppMoves, ...], after: Snapshot) -> Hop:
        """The hop as a value, with the tree that it makes of the branch."""
        moving = tuple(a for a in apps if a.changes())
        names = [a.app for a in moving or apps]
        return Hop(
            id=hop_id("promote", source, target, moving),
            source=source,
            target=target,
            branch=head_branch(target, names) if names else "",
            source_commit=self._environments.commit,
            apps=apps,
            result_tree=tree_of(self._chronicle, after),
        )


def tree_of(chronicle: Chronicle, state: Snapshot) -> str:
    """The git tree of a state in memory, computed without leaving an object in the repository."""
    repo, base = chronicle.world.git, chronicle.environments.snapshot.anchor
    assert isinstance(base, AtTree)
    if not isinstance(state.anchor, AtMemory) or not isinstance(state, Overlaid):
        return base.tree
    return tree_id(repo.git, base.tree, state.changes, chronicle.environments.snapshot.tree)
