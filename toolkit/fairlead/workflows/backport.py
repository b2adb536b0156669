"""Back-port: a hotfix of an environment, carried to the one before it by a plan in the other direction."""

from __future__ import annotations

from dataclasses import replace

from fairlead.delivery.commits import trailer_lines
from fairlead.delivery.deliver import Words, deliver
from fairlead.edit.splice import spliced
from fairlead.model.errors import GateClosedError, UsageError
from fairlead.model.plan import AppMoves, Hop, Move, Plan, Unit, Verdict
from fairlead.model.pulls import Forge, Pull
from fairlead.model.values import dataclass
from fairlead.promotion.branches import head_branch
from fairlead.promotion.compare import is_hotfix
from fairlead.promotion.overlays import survey
from fairlead.promotion.plan_json import hop_id
from fairlead.promotion.selection import named
from fairlead.promotion.views import Surroundings
from fairlead.promotion.words import neutral
from fairlead.report.pull_text import body, title
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.planning import ENGINE, Planned, make_plan, tree_of
from fairlead.steps.reviewers import reviewers
from fairlead.steps.routes import Request
from fairlead.steps.world import World, environments, known_app


@dataclass(frozen=True)
class Return:
    """A back-port, planned."""

    chronicle: Chronicle
    planned: Planned


def plan(
    world: World, forge: Forge, app: str, env: str, field: str = "", into: str = "", *, reason: str = ""
) -> Return:
    """Plan it: the values that `env` changed on its own, or the one that is named, into the environment before.

    Raises:
        UsageError: unknown names, no environment before, no hotfix, a value that can't be edited there.
    """
    chronicle = Chronicle(world, environments(world), forge.pulls())
    here = chronicle.environments
    app, env = known_app(here.layout, app), here.config.environment(env).name
    below = here.config.environment(into).name if into else next(iter(here.config.stages_before(env)), "")
    if not below or env not in here.config.downstream(below):
        raise UsageError(
            f"{below or 'nothing'} does not come before {env} in a chain",
            remedy="name an environment before it with --to",
        )
    moves = _moves(chronicle, app, env, below)
    chosen = _chosen(chronicle, moves, app, env, below, field)
    unit = Unit(_key(chosen), chosen, chosen=True)
    left = tuple(move for move in moves if move not in chosen)
    source, target = (here.layout.find(app, name)[0].path for name in (env, below))
    carried = AppMoves(app, source, target, here.snapshot.tree(source), (unit,), left)
    after = here.snapshot.with_files(spliced(here.snapshot, carried.changes()))
    hop = Hop(
        id=hop_id("backport", env, below, (carried,)),
        source=env,
        target=below,
        branch=head_branch(below, (app,), "backport-"),
        source_commit=here.commit,
        apps=(carried,),
        result_tree=tree_of(chronicle, after),
    )
    made = Plan("backport", ENGINE, here.branch, here.commit, here.config.oid, (hop,), reason=reason)
    return Return(chronicle, Planned(made, ((here.snapshot, after),)))


def _moves(chronicle: Chronicle, app: str, env: str, below: str) -> tuple[Move, ...]:
    """All that differs, seen from above: what `env` has, as edits of the environment before it."""
    here = chronicle.environments
    paths = tuple(sorted(o.path for o in here.layout.overlays))
    words, rules = chronicle.words(env, below), here.config.promote
    around = Surroundings(app, below, words, rules)
    moves: list[Move] = []
    for mine, theirs in here.layout.counterparts(app, env, below):
        if mine is not None:
            moves += survey(here.snapshot, mine, theirs, paths, around, {})
    return tuple(replace(m, verdict=Verdict.OFFER) for m in moves)


def _chosen(
    chronicle: Chronicle, moves: tuple[Move, ...], app: str, env: str, below: str, field: str
) -> tuple[Move, ...]:
    """The moves of the named field, or of the hotfixes that a promotion into `env` would tell of."""
    words = chronicle.words(env, below)
    if field:
        fitting = [move for move in moves if named(move, field, app, below)]
        reason = "named by who asked"
    else:
        request = Request(apps=(app,), source=below, target=env, skip_order=True, reason="back-port")
        planned = make_plan(chronicle, request).plan.hops[0]
        own = {
            neutral(m.field, words): m
            for a in planned.apps
            for m in a.held
            if is_hotfix(m) or m.verdict is Verdict.CONFLICT
        }
        fitting = [move for move in moves if neutral(move.field, words) in own]
        reason = f"a hotfix of {env}"
    editable = tuple(replace(move, reason=reason) for move in fitting if move.changes)
    if editable:
        return editable
    if fitting:
        raise UsageError(f"{fitting[0].field} can't be carried: {fitting[0].reason}", where=fitting[0].at)
    there = "; ".join(dict.fromkeys(m.field for m in moves if m.changes)) or "none"
    what = f"no differing field is named {field!r}" if field else f"{env} has no hotfix of {app} that {below} lacks"
    raise UsageError(what, remedy=f"fields that differ: {there}")


def _key(chosen: tuple[Move, ...]) -> str:
    first = next((m for m in chosen if m.token is not None), chosen[0])
    return f"{first.token[0]} -> {first.token[1]}" if first.token is not None else first.field


def apply(back: Return, forge: Forge) -> Pull:
    """Open the pull request.

    Raises:
        GateClosedError: the checks on the result found errors; nothing is done.
        ConflictError: something moved meanwhile, another promotion of the app into that environment is open.
    """
    # Rules and engines double the time to start, and an error needs neither.
    from fairlead.steps.rendering import opened
    from fairlead.steps.verify import assess

    made, world = back.planned.plan, back.chronicle.world
    hop = made.hops[0]
    with opened(world) as engine:
        (evidence,) = assess(world.run, engine, back.chronicle.environments, back.planned)
    if evidence.errors:
        first = evidence.errors[0]
        raise GateClosedError(f"the result has errors: {first.message}", where=first.where, remedy=first.remedy)
    text = body(
        made.verb, hop, evidence.changed, evidence.findings, trailer_lines(made, hop, hop.apps),
        reason=made.reason, unrendered=evidence.unrendered,
    )  # fmt: skip
    words = Words(title(made.verb, hop), text, reviewers(back.chronicle.environments, hop, world.actor))
    (pull,) = deliver(world.git, forge, made, [words], world.actor)
    return pull
