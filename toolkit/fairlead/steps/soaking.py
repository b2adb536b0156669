"""What has soaked: which state of a source may go on, and which open promotion is not to be pushed aside by a newer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from fairlead import gates
from fairlead.delivery.deliver import key, moving
from fairlead.gates import order, soak
from fairlead.model.gates import Facts, GateState
from fairlead.model.plan import AppMoves, Hop, Plan
from fairlead.model.pulls import Forge, Pull
from fairlead.model.snapshot import File, Snapshot
from fairlead.model.values import dataclass
from fairlead.steps.chronicle import Chronicle

Planner = Callable[[Snapshot], AppMoves | None]


@dataclass(frozen=True)
class Staying:
    """An open pull request that waits to have soaked, and stays though a newer hop would take its place."""

    pull: Pull
    hop: Hop
    message: str


def soaked(chronicle: Chronicle, hop: Hop) -> bool:
    """Whether all that a hop carries may go on: its source stands behind it, and it has run there for long enough."""
    environment = chronicle.environments.config.environment(hop.target)
    facts = Facts(
        now=chronicle.world.run.clock.now(), source=hop.source, target=hop.target, requested_by="", hop_id=hop.id,
        carried=chronicle.carried(hop),
    )  # fmt: skip
    return gates.is_open(gates.judge(environment, facts, (order, soak)))


def staying(chronicle: Chronicle, forge: Forge, plan: Plan) -> tuple[Staying, ...]:
    """The open pull requests that this plan doesn't replace: those that wait to have soaked, when its own have not.

    One that something else than time and people stands against (a closed gate) is replaced; it would never land.
    """
    if plan.verb != "promote":
        return ()
    from fairlead.steps.gating import open_gating  # with the checks behind it, a third of the time to start

    gating = open_gating(chronicle.world, chronicle.environments, forge)
    found = []
    for hop in moving(plan):
        pull = forge.find(key(plan, hop))
        if pull is None or pull.want.hop_id == hop.id:
            continue
        results = gating.judge(pull, quick=True)
        waits = next((r for r in results if r.gate == soak.ID and r.state is GateState.WAITING), None)
        dead = any(r.state is GateState.CLOSED for r in results)
        if waits is not None and not dead and not pull.want.below and not soaked(chronicle, hop):
            found.append(Staying(pull, hop, waits.message))
    return tuple(found)


def left_out(plan: Plan, stays: tuple[Staying, ...]) -> frozenset[str]:
    """The ids of the hops that are not delivered: those whose pull request stays, and all that would stand on them."""
    out = {s.hop.id for s in stays}
    reached = {s.hop.target for s in stays}
    for hop in plan.hops:
        if hop.source in reached:
            out.add(hop.id)
            reached.add(hop.target)
    return frozenset(out)


def newest_soaked(
    chronicle: Chronicle, plan_app: Planner, app: str, source: str, target: str
) -> tuple[AppMoves | None, str]:
    """The moves of an app from the newest state of its source that has soaked, and what is to be said of that.

    Where none has that brings anything, nothing is carried.
    """
    here = chronicle.environments
    now = plan_app(here.snapshot)
    if now is None or not now.changes() or soaked(chronicle, _hop(chronicle, source, target, now)):
        return now, ""
    for commit, state in _earlier(chronicle, app, source):
        moves = plan_app(state)
        if moves is None:
            continue
        moves = replace(moves, source_commit=commit, source_tree=chronicle.world.git.tree_of(commit, moves.source_path))
        if not moves.changes() or soaked(chronicle, _hop(chronicle, source, target, moves)):
            break
    else:
        moves = None
    if moves is not None and moves.changes():
        told = f"what {source} runs now has not soaked; carried is what it ran at {moves.source_commit[:12]}"
        return moves, f"{app}: {told}"
    idle = tuple(replace(u, chosen=False) for u in now.units)
    nothing = replace(now, units=idle, held=(*now.held, *now.chosen()))
    return nothing, f"{app}: nothing has soaked in {source} that {target} does not run"


def _hop(chronicle: Chronicle, source: str, target: str, moves: AppMoves) -> Hop:
    return Hop("", source, target, "", moves.source_commit or chronicle.environments.commit, (moves,), "")


def _earlier(chronicle: Chronicle, app: str, source: str) -> Iterator[tuple[str, Snapshot]]:
    """The environments with an app's source as it was after each earlier landing, newest first."""
    here, repo = chronicle.environments, chronicle.world.git
    overlays = here.layout.find(app, source)
    others = tuple(o.path + "/" for o in here.layout.overlays if o not in overlays)
    folders = [o.path for o in overlays]
    for record in chronicle.history(folders).of(app, source)[1:]:
        then = repo.at(record.commit)
        files: dict[str, File | None] = {}
        for folder in folders:
            for path in dict.fromkeys((*here.snapshot.files(folder), *then.files(folder))):
                entry = then.entry(path)
                if entry != here.snapshot.entry(path) and not path.startswith(others):
                    files[path] = None if entry is None else File(then.read(path), entry.mode)
        yield record.commit, here.snapshot.with_files(files)
