"""A promotion that joins those that are open already: the apps of all, planned anew, in one pull request."""

from __future__ import annotations

from dataclasses import replace

from fairlead.delivery.deliver import hop_of, key, moving
from fairlead.delivery.refusals import overlapping
from fairlead.model.errors import ConflictError
from fairlead.model.plan import AppMoves, Hop, Plan
from fairlead.model.pulls import Forge, Pull
from fairlead.repo.apps import environment_of
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.planning import Planned, make_plan
from fairlead.steps.routes import Request


def joined(
    chronicle: Chronicle, planned: Planned, request: Request, forge: Forge, *, newest: bool
) -> tuple[Planned, tuple[Pull, ...]]:
    """A plan with the apps of all open promotions that it overlaps, and those pull requests, which it replaces.

    `newest`: also where an app of theirs would get something else now, which has not soaked as long.

    Raises:
        ConflictError: one of them is no such promotion: of another kind, source or selection, or of a stack.
    """
    opened = forge.pulls(open_only=True)
    found: dict[int, Pull] = {}
    while True:
        hops = [(key(planned.plan, hop), hop) for hop in moving(planned.plan)]
        new = [(hop, p) for hop, rows in overlapping(opened, hops) for p, _ in rows if p.number not in found]
        if not new:
            break
        for hop, pull in new:
            _refuse_other(chronicle, planned.plan, hop, pull, opened)
            found[pull.number] = pull
        if request.apps or request.sets:  # else it is of all apps
            apps = [label.removeprefix("app: ") for _, p in new for label in p.want.labels if label.startswith("app: ")]
            # Theirs first: where they have it all, the same promotion is brought up to date.
            request = replace(request, apps=tuple(dict.fromkeys((*apps, *request.apps))))
            planned = make_plan(chronicle, request)
    ours = {key(planned.plan, hop) for hop in moving(planned.plan)}
    gone = tuple(pull for pull in found.values() if pull.want.key not in ours)
    for pull in gone if not newest else ():
        _refuse_starving(chronicle, planned.plan, pull)
    return planned, gone


def close_joined(forge: Forge, pulls: tuple[Pull, ...], instead: tuple[Pull, ...], actor: str) -> None:
    """Close those of which another took the place."""
    for gone in instead:
        where = {label for label in gone.want.labels if label.startswith("environment: ")}
        into = next((pull for pull in pulls if not where.isdisjoint(pull.want.labels)), None)
        if into is not None:
            forge.close(gone.number, f"joined by #{into.number}", actor)


def _refuse_other(chronicle: Chronicle, plan: Plan, hop: Hop, pull: Pull, opened: tuple[Pull, ...]) -> None:
    known = hop_of(chronicle.world.git, pull)
    name = f"pull request #{pull.number}"
    why = ""
    if known is None:
        why = f"the plan of {name} is not in this clone"
    elif known[0].verb != "promote" or known[1].source != hop.source:
        why = f"{name} is no promotion from {hop.source}"
    elif pull.want.below or any(other.want.below == pull.want.key for other in opened):
        why = f"{name} is part of a stack"
    elif known[0].selection != plan.selection:
        why = f"{name} was made with another selection ({', '.join(known[0].selection) or 'what is the default'})"
    if why:
        remedy = f"fairlead pr merge {pull.number}, or fairlead pr close {pull.number} --why joined"
        raise ConflictError(f"{why}: it can't be joined", remedy=remedy)


def _refuse_starving(chronicle: Chronicle, plan: Plan, pull: Pull) -> None:
    known = hop_of(chronicle.world.git, pull)
    now = next((h for h in plan.hops if known is not None and h.target == known[1].target), None)
    if known is None or now is None:
        return
    apps = tuple(a.app for a in known[1].apps if a.changes())
    if not environment_of(chronicle.environments.config, now.target, apps).gates.soak:
        return
    wished = {moves.app: moves for moves in now.apps}
    changed = [a.app for a in known[1].apps if a.changes() and _said(a) != _said(wished.get(a.app))]
    if changed:
        raise ConflictError(
            f"{', '.join(changed)} would get something else than by pull request #{pull.number}, and that soaks",
            remedy="merge that one first, or --supersede newest",
        )


def _said(moves: AppMoves | None) -> set[tuple[str, str]]:
    return set() if moves is None else {(move.field, move.new) for move in moves.chosen()}
