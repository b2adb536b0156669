"""From a request to a Plan: hops along the chain, each app's moves, the trees that result. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace

from fairlead import __version__
from fairlead.doors.git.trees import tree_id
from fairlead.edit.splice import spliced
from fairlead.model.errors import ConflictError, UneditableError, UsageError
from fairlead.model.overlays import Overlay
from fairlead.model.plan import AppMoves, Hop, Move, Plan, Unit, Verdict
from fairlead.model.snapshot import AtMemory, AtTree, Overlaid, Snapshot, below
from fairlead.model.values import dataclass
from fairlead.promotion.branches import head_branch
from fairlead.promotion.compare import Bases
from fairlead.promotion.files import YAML
from fairlead.promotion.habits import Pace, Past, choose
from fairlead.promotion.holds import barred, named
from fairlead.promotion.lessons import missing
from fairlead.promotion.newcomers import as_unit, home, newcomer, remarks
from fairlead.promotion.overlays import own_files, survey
from fairlead.promotion.plan_json import hop_id
from fairlead.promotion.selection import refuse_half, refuse_unmatched, select
from fairlead.promotion.units import LONE, gather, held_back
from fairlead.promotion.views import Surroundings
from fairlead.steps.ahead import MANY, NOTHING, Task, ahead
from fairlead.steps.as_of import Earlier, earlier
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.learning import Learner
from fairlead.steps.routes import Request, Step, steps
from fairlead.steps.soaking import newest_soaked
from fairlead.steps.world import Environments
from fairlead.steps.writers import Writers

ENGINE = f"fairlead/{__version__}"
_MANY = 5


@dataclass(frozen=True)
class Planned:
    """A plan, and for each hop the environments before and after it."""

    plan: Plan
    states: tuple[tuple[Snapshot, Snapshot], ...]

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not any(app.changes() for hop in self.plan.hops for app in hop.apps)


def make_plan(chronicle: Chronicle, request: Request) -> Planned:
    """Plan a promotion from the environments as they are committed.

    Raises:
        UsageError: see `routes.steps`, `as_of.earlier`, `selection.refuse_unmatched`, `selection.refuse_half`.
    """
    environments = chronicle.environments
    if request.soaked and (request.through or request.as_of):
        other = "--through" if request.through else "--as-of"
        raise UsageError(
            f"--next and {other} can't go together: "
            + ("what a lower hop is about to bring has not soaked" if request.through else "each says which state"),
            remedy="promote one hop at a time" if request.through else "leave one of them out",
        )
    way, notes = steps(environments, request)
    planner = _Planner(chronicle, request, way, (*notes, *environments.layout.notes))
    if sum(len(step.apps) for step in way) > _MANY:
        chronicle.expect_many()
        planner.writers.look()
        environments.snapshot.keep(planner.files(way))
    done: list[Hop] = []
    states: list[tuple[Snapshot, Snapshot]] = []
    reached: dict[str, Snapshot] = {}
    lifts = {step.target for step in way}
    lowest = [step for step in way if step.source not in lifts]
    # Whoever shows the progress has a thread for it, and then no process can help.
    with (
        planner.ahead(environments.snapshot, lowest),
        chronicle.world.run.progress.task("planning", sum(len(step.apps) for step in way)) as progress,
    ):
        for step in way:
            state = reached.get(step.source, environments.snapshot)
            moves = []
            with nullcontext() if step in lowest else planner.ahead(state, [step]):
                for app in step.apps:
                    planned = planner.soaked if request.soaked else planner.app
                    moves.append(planned(state, app, step.source, step.target))
                    progress.advance()
            moved = tuple(m for m in moves if m is not None)
            # Each unit's edits were proved when it was looked at (`_editable`).
            after = state.with_files(spliced(state, [c for a in moved for c in a.changes()], verify=False))
            done.append(planner.hop(step.source, step.target, moved, after))
            states.append((state, after))
            reached[step.target] = after
    refuse_unmatched(
        request.selection,
        [(a.app, h.target, m) for h in done for a in h.apps for m in (*a.held, *a.chosen())],
        [(a.app, u) for h in done for a in h.apps for u in a.units],
    )
    for made in (app for hop in done for app in hop.apps):
        refuse_half(request.selection, made.app, made.units, made.held)
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

    def __init__(self, chronicle: Chronicle, request: Request, way: Sequence[Step], notes: Sequence[str] = ()) -> None:
        self._chronicle = chronicle
        self._environments = chronicle.environments
        self._request = request
        self._paths = tuple(sorted(o.path for o in self._environments.layout.overlays))
        rules = self._environments.config.promote
        self.writers = Writers(chronicle.world, self._environments.commit, rules.writers)
        self._learner = Learner(chronicle)
        self._earlier = earlier(chronicle.world, self._environments, request.as_of) if request.as_of else None
        self._start = way[0].source
        self._sorted: tuple[Snapshot | None, tuple[str, ...]] = (None, ())
        self._made: dict[tuple[str, str], tuple[Overlay, ...]] = {}
        self._told: list[str] = list(notes)
        self._ahead = NOTHING

    @property
    def warnings(self) -> list[str]:
        """What the plan has to say, beside its moves."""
        return [*self._told, *self._learner.warnings()]

    def files(self, way: Iterable[Step]) -> Iterator[str]:
        """The YAML files that these hops compare."""
        layout = self._environments.layout
        places = {(app, env) for step in way for app in step.apps for env in (step.source, step.target)}
        for app, env in sorted(places):
            for overlay in layout.find(app, env):
                yield from (p for p in self._environments.snapshot.files(overlay.path) if p.endswith(YAML))

    @contextmanager
    def ahead(self, state: Snapshot, hops: Sequence[Step]) -> Iterator[None]:
        """While this lasts, another process compares the files of some of the apps of these hops."""

        def find(task: Task) -> Iterator[tuple[tuple[str, str], Iterable[Move]]]:
            app, source, target = task
            around = self.surroundings(state, app, source, target)
            bases = self._chronicle.late_bases(app, source, target)
            for pair in self._pairs(app, source, target):
                yield (pair[0].path, pair[1].path), self._survey(state, pair, around, bases)

        tasks = [(app, step.source, step.target) for step in hops for app in step.apps]
        if self._request.soaked or len(tasks) < MANY:
            yield
            return
        self._chronicle.history()  # once, for both processes
        before = self._ahead
        with ahead(tasks, find, self._chronicle.world.run.jobs) as self._ahead:
            yield
        self._ahead = before

    def app(self, state: Snapshot, app: str, source: str, target: str) -> AppMoves | None:
        """One app's moves for one hop; None where it isn't in both environments."""
        pairs = self._pairs(app, source, target)
        if not pairs:
            return None if self._found(app, target) else self._newcomer(state, app, source, target)
        rollout = self._environments.config.environment(target).rollout
        one_by_one = rollout == "one-by-one" and not self._request.together
        rounds = [[pair] for pair in pairs] if one_by_one else [pairs]
        for number, now in enumerate(rounds, 1):
            moves, units = self._chosen(state, app, now)
            if any(unit.chosen for unit in units):
                waiting = ", ".join(theirs.id.cluster or theirs.path for some in rounds[number:] for _, theirs in some)
                if waiting:
                    self._told.append(f"{app}: {target} is rolled out one by one; then comes {waiting}")
                break
        (mine, theirs), *_ = now
        return AppMoves(
            app=app,
            source_path=mine.path,
            target_path=theirs.path,
            source_tree=self._tree(state, mine),
            units=units,
            held=held_back(moves, units),
        )

    def _chosen(
        self, state: Snapshot, app: str, pairs: list[tuple[Overlay, Overlay]]
    ) -> tuple[list[Move], tuple[Unit, ...]]:
        """The moves between some overlays, and their units as they are chosen."""
        source, target = pairs[0][0].id.env, pairs[0][1].id.env
        around = self.surroundings(state, app, source, target)
        bases = self._chronicle.late_bases(app, source, target)
        moves = [m for pair in pairs for m in self._compared(app, state, pair, around, bases)]
        known = self._known(app, source, around, moves)
        by_hand = missing(known.own, bases, moves)
        if by_hand:
            known_bases = {**by_hand, **bases}
            moves = [m for pair in pairs for m in self._survey(state, pair, around, known_bases)]
        pace = Pace(self._environments.config.promote.pace)
        holds = self._chronicle.held(app, target)
        moves = named(moves, holds)
        units = barred(choose(gather(moves), known, target, pace), holds)
        units = select(app, target, units, self._request.selection)
        return moves, self._compatible(state, tuple(self._editable(state, unit) for unit in units))

    def _compared(
        self, app: str, state: Snapshot, pair: tuple[Overlay, Overlay], around: Surroundings, bases: Bases
    ) -> Iterable[Move]:
        """The moves of two overlays, as the history says; by another process, where one looks at this app."""
        task = app, pair[0].id.env, around.target_env
        found = self._ahead.moves(task, (pair[0].path, pair[1].path))
        return self._survey(state, pair, around, bases) if found is None else found

    def _survey(
        self, state: Snapshot, pair: tuple[Overlay, Overlay], around: Surroundings, bases: Bases
    ) -> Iterable[Move]:
        return survey(self._seen(state, pair[0]), *pair, self._paths, around, bases)

    def _seen(self, state: Snapshot, overlay: Overlay) -> Snapshot:
        """A state as the source is looked at: with `--as-of`, the first hop's source is as it was then."""
        if self._earlier is None or overlay.id.env != self._start:
            return state
        return self._earlier.over(state, overlay)

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
        return Surroundings(app, target, words, rules, self.writers.of)

    def _pairs(self, app: str, source: str, target: str) -> list[tuple[Overlay, Overlay]]:
        layout = self._environments.layout
        sources, targets = self._found(app, source), layout.find(app, target)
        if not targets and sources and app in self._request.apps:
            return []
        if not sources or not targets:
            lacking = source if not sources else target
            self._told.append(f"{app} has no overlay in {lacking}: nothing to promote there")
            return []
        pairs, first = [], min(sources, key=self._turn)
        for mine, theirs in layout.counterparts(app, source, target):
            if mine is None:
                self._told.append(f"{theirs.path} has no counterpart in {source}; compared with {first.path}")
            pairs.append((mine or first, theirs))
        if self._earlier is not None and source == self._start:
            gone = [mine.path for mine, _ in pairs if self._earlier.lacks(mine)]
            self._told += [f"{path} was not there at {self._earlier.name}: left out" for path in gone]
            pairs = [pair for pair in pairs if pair[0].path not in gone]
        return sorted(pairs, key=lambda pair: self._turn(pair[1]))

    def _turn(self, overlay: Overlay) -> int:
        """When an overlay's cluster has its turn in the rollout of its environment."""
        clusters = self._environments.config.environment(overlay.id.env).clusters
        return clusters.index(overlay.id.cluster) if overlay.id.cluster in clusters else len(clusters)

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
            seen = self._seen(state, mine)
            moves += newcomer(seen, mine, there, own_files(seen, mine, self._paths))
        self._told += remarks(app, target, moves)
        unit = as_unit(app, tuple(moves))
        units = () if unit is None else select(app, target, (unit,), self._request.selection)
        if any(u.chosen for u in units):
            self._made[app, target] = tuple(there for there in homes if there is not None)
        first, there = sources[0], homes[0]
        assert there is not None
        tree = self._tree(state, first)
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

    def _tree(self, state: Snapshot, overlay: Overlay) -> str:
        """The tree id of a folder as committed; empty where this plan has changed it in memory."""
        if isinstance(state, Overlaid) and below(self._changed(state), overlay.path):
            return ""
        return self._origin(overlay.id.env).snapshot.tree(overlay.path)

    def _changed(self, state: Overlaid) -> tuple[str, ...]:
        if self._sorted[0] is not state:
            self._sorted = (state, tuple(sorted(state.changes)))
        return self._sorted[1]

    def _origin(self, source: str) -> Environments | Earlier:
        return self._earlier if self._earlier is not None and source == self._start else self._environments

    def hop(self, source: str, target: str, apps: tuple[AppMoves, ...], after: Snapshot) -> Hop:
        """The hop as a value, with the tree that it makes of the branch."""
        moving = tuple(a for a in apps if a.changes())
        names = [a.app for a in moving or apps]
        return Hop(
            id=hop_id("promote", source, target, moving),
            source=source,
            target=target,
            branch=head_branch(target, names) if names else "",
            source_commit=self._origin(source).commit,
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
