"""The interactive promotion: where everything stands, from where to where, which apps, which units, and sure?"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from fairlead.cli import ask as prompt
from fairlead.cli import output, show_explanation, show_plan, show_status
from fairlead.cli.ask import Item
from fairlead.delivery.commits import short
from fairlead.delivery.deliver import moving
from fairlead.model.errors import CancelledError, UsageError
from fairlead.model.findings import Severity
from fairlead.model.plan import AppMoves, FieldClass, Hop, Move, Unit, Verdict
from fairlead.model.pulls import Forge
from fairlead.model.standing import Standing, Status
from fairlead.model.values import dataclass
from fairlead.promotion.message import UNSAID, Message, message
from fairlead.promotion.selection import Selection
from fairlead.report.pull_text import title
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.explaining import explain
from fairlead.steps.planning import Planned
from fairlead.steps.preflight import preflight
from fairlead.steps.routes import Request, route
from fairlead.steps.soaking import left_out
from fairlead.steps.world import World, environments
from fairlead.workflows import promote, status
from fairlead.workflows.promote import Proposal

_WHOLE = 12  # apps; of more, those that are in step are only counted
_SUBJECTS = 6
_KINDS = (
    "carried by default",
    "versions, only if you tick them",
    "settings that nothing says whose they are",
    "what another program writes",
    "in conflict: the target's own change would be lost",
)


@dataclass(frozen=True)
class Agreed:
    """What a walk came to."""

    request: Request
    proposal: Proposal
    said: Message


def ask(world: World, forge: Forge, request: Request, said: Message) -> Agreed:
    """Ask a promotion together, but what the request says already.

    Raises:
        CancelledError: the person said no. KeyboardInterrupt at any prompt: nothing was changed.
    """
    _preflight(world, forge)
    now = status.run(world, forge)
    _matrix(now, world.run.clock.now())
    request = _environments(now, environments(world).config.chains, request)
    if not request.apps and not request.sets and not request.every_app:
        request = replace(request, apps=_apps(now, route(environments(world).config, request)))
    chronicle, planned = promote.plan(world, request, forge)
    if not any(a.units for h in planned.plan.hops for a in h.apps):
        show_plan.plan(planned.plan, ())
        raise CancelledError("nothing can be carried; nothing was changed")
    if request.selection == Selection():
        request = replace(request, selection=_Units(chronicle, planned).ask())
        chronicle, planned = promote.plan(world, request, forge)
    if planned.empty:
        raise CancelledError("no unit was chosen; nothing was changed")
    _in_the_way(chronicle, planned, forge)
    proposal = promote.assessed(chronicle, planned)
    _summary(proposal)
    promote.refuse_errors(proposal)
    said = said if said != UNSAID else _message(proposal)
    _sure(proposal)
    return Agreed(request, proposal, said)


def _preflight(world: World, forge: Forge) -> None:
    doubts = []
    for looked in preflight(world, environments(world), forge):
        output.note(f"{'ok' if not looked.doubt else '??':<4}{looked.what:<11}{looked.found}")
        if looked.doubt:
            doubts.append(looked.doubt)
            output.note(f"    {looked.doubt}")
    if doubts and not prompt.confirm("Go on with what this clone knows?"):
        raise CancelledError("nothing was changed")


def _matrix(now: Status, clock: int) -> None:
    if len(now.rows) <= _WHOLE:
        show_status.show(now, clock)
        return
    some, others = show_status.pressing(now)
    shown = some[:_WHOLE]
    if shown:
        show_status.show(replace(now, rows=shown), clock)
    more = f"{len(some) - len(shown)} more apps are not in step, " if len(some) > len(shown) else ""
    output.result(f"{more}{others} apps are in step (fairlead status shows all)")


def _environments(now: Status, chains: Sequence[Sequence[Sequence[str]]], request: Request) -> Request:
    if request.through or (request.source and request.target):
        return request
    steps = ((lower, upper) for chain in chains for lower, upper in pairwise(chain))
    hops = [(a, b) for lower, upper in steps for a in lower for b in upper]
    hops = [h for h in dict.fromkeys(hops) if request.source in ("", h[0]) and request.target in ("", h[1])]
    if not hops:
        if request.source or request.target:
            return request  # the plan says what is wrong
        raise UsageError("no chain has two stages", remedy="write `chains: [[dev, staging, production]]`")
    waiting = {
        hop: sum(bool(p.behind) for r in now.rows for p in r.pairs if (p.source, p.target) == hop) for hop in hops
    }
    choices = [((a, b), f"{a} -> {b}   {_count(waiting[a, b])} behind") for a, b in hops]
    if len(choices) == 1 and (request.source or request.target):
        return replace(request, source=hops[0][0], target=hops[0][1])
    first = next((hop for hop in hops if waiting[hop]), hops[0])
    source, target = prompt.one("From where to where?", choices, first)
    return replace(request, source=source, target=target)


def _count(number: int) -> str:
    return "1 app" if number == 1 else f"{number} apps"


def _apps(now: Status, hops: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Those that are not in step first."""
    weight = {standing: index for index, standing in enumerate(Standing)}
    rows = []
    for row in now.rows:
        pairs = [p for p in row.pairs if (p.source, p.target) in hops]
        if pairs:
            rows.append((row.app, min(pairs, key=lambda p: (not p.behind, weight[p.standing]))))
    rows.sort(key=lambda r: (not r[1].behind, weight[r[1].standing], r[0]))
    items = [Item(app, f"{app}   {show_status.headline(pair)}", bool(pair.behind)) for app, pair in rows]
    if not items:
        ends = " and ".join(dict.fromkeys(env for hop in hops for env in hop))
        raise UsageError(f"no app has overlays in {ends}", remedy="fairlead status shows where apps are")
    if len(items) == 1:
        return (rows[0][0],)
    return tuple(prompt.several("Which apps?", items, lambda found: bool(found) or "choose at least one"))


class _Units:
    """Which units are carried: a list by kind, and `?` for the story of any of them."""

    def __init__(self, chronicle: Chronicle, planned: Planned) -> None:
        self._chronicle = chronicle
        self._rows = [(hop, moves) for hop in planned.plan.hops for moves in hop.apps]
        self._several = len({moves.app for _, moves in self._rows}) > 1
        self._units: dict[tuple[str, str], tuple[Hop, AppMoves, Unit]] = {}
        for hop, moves in self._rows:  # of several hops the first says what is proposed: a tick counts for all of them
            for unit in moves.units:
                self._units.setdefault((moves.app, unit.key), (hop, moves, unit))

    def ask(self) -> Selection:
        """The choice, as flags could say it."""
        for hop in dict.fromkeys(hop for hop, _ in self._rows):
            show_plan.staying(hop)
        groups: list[tuple[str, list[Item]]] = [(kind, []) for kind in _KINDS]
        for key, (_, _, unit) in self._units.items():
            groups[_kind(unit)][1].append(Item(key, self._line(key[0], unit), unit.chosen, _why(unit)))
        picked = prompt.tick("What is carried?", [g for g in groups if g[1]], self._wonder)
        default = tuple(key for key, (_, _, unit) in self._units.items() if unit.chosen)
        if not picked:
            raise CancelledError("no unit was chosen; nothing was changed")
        if set(picked) == set(default):
            return Selection()
        names = tuple(f"{app}: {key}" if self._several else key for app, key in self._units if (app, key) in picked)
        return Selection(units=names)

    def _line(self, app: str, unit: Unit) -> str:
        fields = ", ".join(map(show_plan.field_name, unit.moves))
        move = unit.moves[0]
        what = f"{short(unit.key)}   {fields}"
        if move.token is None:
            what = f"{fields}   {short(move.old) or '(absent)'} -> {short(move.new) or '(absent)'}"
        return f"{app}: {what}" if self._several else what

    def _wonder(self, key: tuple[str, str]) -> None:
        """Explain the unit that is pointed at; then any other difference, also of those that stay."""
        hop, moves, unit = self._units[key]
        self._explain(hop, moves, unit.moves[0])
        others = [(h, a, m) for h, a in self._rows for m in (*a.chosen(), *a.held)]
        choices: list[tuple[int, str]] = [(-1, "back to the list")]
        choices += [(index, f"{self._name(a, m)}   {m.verdict}: {m.reason}") for index, (_, a, m) in enumerate(others)]
        while (picked := prompt.one("Why is another one as it is?", choices, -1)) != -1:
            self._explain(*others[picked])

    def _name(self, moves: AppMoves, move: Move) -> str:
        name = show_plan.field_name(move)
        return f"{moves.app}: {name}" if self._several else name

    def _explain(self, hop: Hop, moves: AppMoves, move: Move) -> None:
        output.result("")
        show_explanation.explanation(explain(self._chronicle, hop, moves, move))
        output.result("")


def _kind(unit: Unit) -> int:
    verdicts, classes = {m.verdict for m in unit.moves}, {m.field_class for m in unit.moves}
    if Verdict.CONFLICT in verdicts:
        return 4
    if unit.chosen:
        return 0
    if FieldClass.AUTOMATED in classes:
        return 3
    return 1 if FieldClass.VERSION in classes else 2


def _why(unit: Unit) -> str:
    held = next((m for m in unit.moves if m.verdict is not Verdict.PROMOTE), unit.moves[0])
    return held.reason


def _in_the_way(chronicle: Chronicle, planned: Planned, forge: Forge) -> None:
    """Tell now what the end would tell: another promotion of the same app, a pull request that stays as it soaks."""
    found = promote.stays(chronicle, planned.plan, forge)
    promote.refuse_overlapping(planned.plan, forge, found)
    show_plan.stays(found)
    if {hop.id for hop in moving(planned.plan)} <= left_out(planned.plan, found):
        raise CancelledError("what is open stays as it is; nothing was changed")


def _summary(proposal: Proposal) -> None:
    for hop, evidence in zip(proposal.plan.hops, proposal.evidence, strict=True):
        output.result("")
        output.heading(f"{hop.source} -> {hop.target}")
        show_plan.moving(hop)
        overlays = {o for g in evidence.changed for o in g.overlays}
        output.result(f"  rendered: {len(evidence.changed)} objects of {len(overlays)} overlays change")
        for group in evidence.changed[:_SUBJECTS]:
            output.result(f"    {group.subject}  ({group.where})")
        if len(evidence.changed) > _SUBJECTS:
            output.result(f"    … and {len(evidence.changed) - _SUBJECTS} more")
        for line in evidence.unrendered:
            output.note(f"note: not compared: {line}")
        errors, warnings = (sum(f.severity is s for f in evidence.findings) for s in (Severity.ERROR, Severity.WARNING))
        output.result(f"  checks on the result: {errors} new errors, {warnings} new warnings")
        show_plan.findings(evidence)
    for warning in proposal.plan.warnings:
        output.note(f"note: {warning}")
    if any(e.changed for e in proposal.evidence) and prompt.confirm("Show the rendered difference?"):
        with output.pager():
            for evidence in proposal.evidence:
                show_plan.rendering(evidence)


def _message(proposal: Proposal) -> Message:
    """The person's own words; none where they leave what fairlead would write."""
    hops = moving(proposal.plan)
    alone = len(hops) == 1
    default = title(proposal.plan.verb, hops[0]) if alone else ""
    question = "Title:" if alone else f"Title: (of all {len(hops)}, each names its target; empty: each its own)"
    said = message(prompt.text_or_editor(question, default, "\n".join(_template(default))))
    if not said.title and alone:
        raise CancelledError("the message is empty; nothing was changed")
    return UNSAID if said == Message(default) else said


def _template(default: str) -> Iterator[str]:
    yield default
    yield ""
    yield "# The first line is the title. What follows stands on top of the pull request's text, above what moves,"
    yield "# the rendered difference and how to take it back. Lines that begin with # are dropped."
    yield "# An empty message stops the promotion."


def _sure(proposal: Proposal) -> None:
    config = proposal.chronicle.environments.config
    targets = [hop.target for hop in moving(proposal.plan)]
    guarded = [name for name in dict.fromkeys(targets) if config.environment(name).guarded]
    prompt.sure(f"Open the pull request to {', '.join(targets)}?", guarded)


def one_line(request: Request, said: Message) -> str:
    """The command that does the same without questions."""
    words = ["fairlead", "promote", *request.apps]
    words += ["--all"] if request.every_app else []
    flags = (
        ("--from", request.source),
        ("--to", request.target),
        ("--through", request.through),
        *(("--set", name) for name in request.sets),
        ("--as-of", request.as_of),
        *(("--field", field) for field in request.selection.fields),
        *(("--unit", unit) for unit in request.selection.units),
        *(("--only", kind) for kind in request.selection.kinds),
        *(("--exclude", pattern) for pattern in request.selection.exclude),
        ("--reason", request.reason),
        ("--message", said.written),
    )
    words += [word for flag, value in flags if value for word in (flag, value)]
    words += ["--skip-order"] if request.skip_order else []
    words += ["--partial"] if request.selection.partial else []
    return shlex.join([*words, "--yes"])
