"""Rollback: a plan to an earlier state of one app in one environment, proved by equal rendering."""

from __future__ import annotations

from fairlead.delivery.commits import trailer_lines
from fairlead.delivery.deliver import Words, deliver, hop_of
from fairlead.edit.nodes import parse
from fairlead.edit.splice import apply as splice
from fairlead.edit.splice import byte_edit, difference, spliced
from fairlead.ledger import holds
from fairlead.model.changes import Change, DropFile, Edit, NewFile
from fairlead.model.errors import ConflictError, SyntaxProblem, UsageError
from fairlead.model.findings import Where
from fairlead.model.gates import Hold
from fairlead.model.overlays import Overlay
from fairlead.model.plan import AppMoves, FieldClass, Hop, Move, Plan, Unit, Verdict
from fairlead.model.pulls import Forge, Pull
from fairlead.model.rendering import Trial
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.promotion.align import Aligner, Pair
from fairlead.promotion.branches import head_branch
from fairlead.promotion.carriers.secrets import is_sealed, is_secret
from fairlead.promotion.holds import holding, name_of, values_of
from fairlead.promotion.plan_json import hop_id
from fairlead.report.difference import Group
from fairlead.report.pull_text import body, title
from fairlead.steps.chronicle import Chronicle, tell
from fairlead.steps.planning import ENGINE, Planned, tree_of
from fairlead.steps.rendering import opened
from fairlead.steps.reviewers import reviewers
from fairlead.steps.verify import Evidence, assess, same_rendering
from fairlead.steps.world import World, environments, known_app


@dataclass(frozen=True)
class Return:
    """A rollback, planned: where to, whether it renders the same as then, and what differs where not."""

    chronicle: Chronicle
    planned: Planned
    evidence: tuple[Evidence, ...]
    good: str
    told: str
    proved: bool
    off: tuple[Group, ...]


def plan(world: World, forge: Forge, app: str, env: str, to: str = "", *, reason: str = "") -> Return:
    """Plan the way back: to a revision, or to what stood before the last change.

    Raises:
        UsageError: unknown app or environment, no earlier state, a revision that this clone lacks.
    """
    chronicle = Chronicle(world, environments(world), forge.pulls())
    here = chronicle.environments
    target = here.config.environment(env).name
    overlays = here.layout.find(known_app(here.layout, app), target)
    if not overlays:
        raise UsageError(f"{app} has no overlay in {target}")
    good, told = _good(chronicle, app, target, to)
    then = world.git.at(good)
    moves: list[Move] = []
    for overlay in overlays:
        if not then.is_dir(overlay.path):
            raise UsageError(f"{overlay.path} did not exist at {good[:12]}", remedy="fairlead history shows its states")
        moves += _moves(here.snapshot, then, overlay)
    if not moves:
        raise UsageError(
            f"{app} in {target} is as it was at {good[:12]}: nothing to take back",
            remedy=f"fairlead history {app} {target} shows earlier states",
        )
    after = here.snapshot.with_files(spliced(here.snapshot, [c for m in moves for c in m.changes], verify=False))
    unit = Unit(f"back to {good[:12]}", tuple(moves), chosen=True)
    path = overlays[0].path
    carried = AppMoves(app, path, path, world.git.tree_of(good, path), (unit,))
    hop = Hop(
        id=hop_id("rollback", target, target, (carried,)),
        source=target,
        target=target,
        branch=head_branch(target, (app,), "rollback-"),
        source_commit=good,
        apps=(carried,),
        result_tree=tree_of(chronicle, after),
    )
    made = Plan("rollback", ENGINE, here.branch, here.commit, here.config.oid, (hop,), reason=reason)
    planned = Planned(made, ((here.snapshot, after),))
    with opened(world) as engine:
        ruled = engine.under(here.config.build)
        proofs = [same_rendering(ruled, Trial(then, o.path), Trial(after, o.path)) for o in overlays]
        evidence = assess(world.run, engine, here, planned)
    differing = tuple(group for _, off in proofs for group in off)
    return Return(chronicle, planned, evidence, good, told, all(ok for ok, _ in proofs), differing)


def _good(chronicle: Chronicle, app: str, env: str, to: str) -> tuple[str, str]:
    repo = chronicle.world.git
    if to:
        commit = repo.git.resolve(to)
        if commit is None:
            hint = "git fetch --unshallow" if repo.is_shallow() else "fairlead history shows earlier states"
            raise UsageError(f"there is no commit {to!r} in this clone", remedy=hint)
        return commit, f"the state at {to}"
    paths = [o.path for o in chronicle.environments.layout.find(app, env)]
    history = chronicle.history(paths)
    records = history.of(app, env)
    if not records or not records[0].parent:
        raise UsageError(
            f"nothing came before the present state of {app} in {env}",
            remedy="; ".join(history.gaps) or "name a state with --to REV",
        )
    return records[0].parent, f"the state before {tell(records[0])}"


def _moves(now: Snapshot, then: Snapshot, overlay: Overlay) -> list[Move]:
    out: list[Move] = []
    names = dict.fromkeys((*now.files(overlay.path), *then.files(overlay.path)))
    for path in names:
        here, there = now.entry(path), then.entry(path)
        label = path[len(overlay.path) + 1 :]
        if here is not None and there is not None:
            if here.oid != there.oid:
                out += _file(path, label, now.read(path), then.read(path))
        elif there is not None:
            out.append(_whole(path, label, NewFile(path, then.read(path), there.mode), "", "(file)"))
        elif here is not None:
            out.append(_whole(path, label, DropFile(path, here.oid), "(file)", ""))
    return out


def _file(path: str, label: str, now: bytes, then: bytes) -> list[Move]:
    """Field by field where that gives the good bytes exactly, else the one stretch that differs."""
    moves = _fields(path, label, now, then)
    try:
        if moves and splice(now, [c for m in moves for c in m.changes if isinstance(c, Edit)]) == then:
            return moves
    except ConflictError:
        pass
    stretch = difference(path, now, then)
    assert stretch is not None
    # What it holds is not told: there may be secrets in it.
    return [_whole(path, label, stretch, *(f"({len(text)} bytes)" for text in (stretch.old, stretch.new)))]


def _fields(path: str, label: str, now: bytes, then: bytes) -> list[Move]:
    """The moves of a file as single values; none where something else than values differs."""
    try:
        source, target = parse(then, path), parse(now, path)
    except SyntaxProblem:
        return []
    sealed = is_sealed(source) or is_sealed(target)
    moves = []
    for pair in Aligner(source, target, ()).differences():
        if not isinstance(pair, Pair) or pair.target.shared or pair.source.shared:
            return []
        good = source.text[pair.source.start : pair.source.end]
        edit = byte_edit(path, target.text, pair.target.start, pair.target.end, good)
        old, new = pair.target.value, pair.source.value
        if sealed or is_secret(pair):
            old = new = "(secret)"
        moves.append(_move(path, f"{label}: {pair.field}", edit, old, new, pair))
    return moves


def _move(path: str, field: str, change: Change, old: str, new: str, pair: Pair) -> Move:
    return Move(
        field=field, old=old, new=new, field_class=FieldClass.VERSION, verdict=Verdict.PROMOTE,
        reason="as it was", carrier="rollback", changes=(change,),
        stands_at=Where(path, pair.source.line, pair.source.column),
        at=Where(path, pair.target.line, pair.target.column), token=(old, new),
    )  # fmt: skip


def _whole(path: str, field: str, change: Change, old: str, new: str) -> Move:
    return Move(
        field=field, old=old, new=new, field_class=FieldClass.VERSION, verdict=Verdict.PROMOTE,
        reason="as it was", carrier="rollback", changes=(change,), stands_at=Where(path), at=Where(path),
    )  # fmt: skip


def refuse_unproved(back: Return) -> None:
    """Refuse a rollback that would not render as the good state did. Raises ConflictError."""
    if not back.proved:
        shared = ", ".join(g.subject for g in back.off[:5])
        raise ConflictError(
            "the earlier files would not render as they did then: something they share has changed"
            + (f" ({shared})" if shared else ", or the earlier state does not build here"),
            remedy="take the shared base back first (git revert), or roll back to a later state with --to",
        )


def apply(back: Return, forge: Forge) -> Pull:
    """Open the pull request and leave a hold.

    Promotions of the same app that are open there are closed, and those that would carry what was taken back
    further on.

    Raises:
        ConflictError: see `refuse_unproved`, or something moved meanwhile.
    """
    refuse_unproved(back)
    made = back.planned.plan
    hop = made.hops[0]
    world = back.chronicle.world
    app = hop.apps[0].app
    others = [pull for pull in forge.pulls(open_only=True) if _is_promotion(pull, app, hop.target)]
    evidence = back.evidence[0]
    text = body(
        "rollback", hop, evidence.changed, evidence.findings, trailer_lines(made, hop, hop.apps),
        reason=made.reason, unrendered=evidence.unrendered,
    )  # fmt: skip
    words = [Words(title("rollback", hop), text, reviewers(back.chronicle.environments, hop, world.actor))]
    (pull,) = deliver(world.git, forge, made, words, world.actor, instead=others)
    hold = _hold(back, pull)
    if hold is not None:
        holds.record(world.git, hold)
        others += _above(back, forge, hold)
    for other in others:
        forge.close(other.number, f"{app} in {hop.target} is rolled back by #{pull.number}", world.actor)
    forge.share()
    return pull


def _is_promotion(pull: Pull, app: str, env: str) -> bool:
    return {f"environment: {env}", f"app: {app}"} <= set(pull.want.labels) and not pull.want.key.startswith("rollback")


def _hold(back: Return, pull: Pull) -> Hold | None:
    """The hold that this rollback leaves on what it took back; None where it took back no value."""
    made, world = back.planned.plan, back.chronicle.world
    hop = made.hops[0]
    taken_back = hop.apps[0].chosen()
    values = values_of(taken_back)
    if not values:
        return None
    return Hold(
        holds.hold_id(hop.id, pull.number), hop.apps[0].app, hop.target, name_of(taken_back), values,
        world.run.clock.now(), world.actor, pull.number, made.reason,
    )  # fmt: skip


def _above(back: Return, forge: Forge, hold: Hold) -> list[Pull]:
    """The open promotions that would carry what is held into environments further on."""
    found, further = [], back.chronicle.environments.config.downstream(hold.env)
    for pull in forge.pulls(open_only=True):
        if not any(_is_promotion(pull, hold.app, env) for env in further):
            continue
        planned = hop_of(back.chronicle.world.git, pull)
        apps = planned[1].apps if planned is not None else ()
        if any(holding(move, (hold,)) for moves in apps if moves.app == hold.app for move in moves.chosen()):
            found.append(pull)
    return found
