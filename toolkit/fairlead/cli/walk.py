"""The interactive promotion: where everything stands, from where to where, which apps, which units, and sure?"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from fairlead.cli import ask as prompt
from fairlead.cli import output, show_plan
from fairlead.delivery.commits import short
from fairlead.delivery.deliver import moving
from fairlead.model.errors import CancelledError, UsageError
from fairlead.model.pulls import Forge
from fairlead.promotion.selection import Selection
from fairlead.report.pull_text import title
from fairlead.steps.planning import Planned, Request
from fairlead.steps.world import World, environments
from fairlead.workflows import promote, status
from fairlead.workflows.promote import Proposal
from fairlead.workflows.status import Status


def ask(world: World, forge: Forge) -> tuple[Proposal, dict[str, str]]:
    """Ask a promotion together; what is to be applied, and the titles of its pull requests by hop.

    Raises:
        CancelledError: the person said no. KeyboardInterrupt at any prompt: nothing was changed.
    """
    from fairlead.cli.commands.status import show

    now = status.run(world, forge)
    show(now)
    source, target = _environments(now, environments(world).config.chains)
    apps = _apps(now, target)
    request = Request(apps=apps, source=source, target=target)
    chronicle, planned = promote.plan(world, request, forge)
    if planned.empty and not any(a.units for h in planned.plan.hops for a in h.apps):
        show_plan.plan(planned.plan, ())
        raise CancelledError(f"{', '.join(apps)}: nothing can be carried from {source} to {target}")
    request = replace(request, selection=_units(planned))
    chronicle, planned = promote.plan(world, request, forge)
    if planned.empty:
        raise CancelledError("no unit was chosen; nothing was changed")
    proposal = promote.assessed(chronicle, planned)
    _summary(proposal)
    titles = {h.id: prompt.text("Title:", title(planned.plan.verb, h)) for h in moving(planned.plan)}
    _sure(proposal, target)
    output.note("without questions: " + one_line(request))
    return proposal, titles


def _environments(now: Status, chains: tuple[tuple[tuple[str, ...], ...], ...]) -> tuple[str, str]:
    steps = ((lower, upper) for chain in chains for lower, upper in pairwise(chain))
    hops = list(dict.fromkeys((a, b) for lower, upper in steps for a in lower for b in upper))
    waiting = {c.env: sum(1 for _, cells in now.rows for x in cells if x and x.env == c.env and x.behind)
               for _, cells in now.rows for c in cells if c}  # fmt: skip
    choices = [(f"{a} {b}", f"{a} -> {b}   ({waiting.get(b, 0)} apps behind)") for a, b in hops]
    if not choices:
        raise UsageError("no chain has two stages", remedy="write `chains: [[dev, staging, production]]`")
    first = next((value for value, (_, b) in zip([c[0] for c in choices], hops, strict=True) if waiting.get(b)), "")
    source, _, target = prompt.one("From where to where?", choices, first or choices[0][0]).partition(" ")
    return source, target


def _apps(now: Status, target: str) -> tuple[str, ...]:
    rows = [(app, cell) for app, cells in now.rows for cell in cells if cell is not None and cell.env == target]
    rows.sort(key=lambda row: (not row[1].behind, row[0]))
    choices = []
    for app, cell in rows:
        behind = f"behind by {', '.join(short(u) for u in cell.behind)}" if cell.behind else "in step"
        choices.append((app, f"{app}   {behind}", bool(cell.behind)))
    if not choices:
        raise UsageError(f"no app has an overlay in {target}", remedy="fairlead status shows where apps are")
    if len(choices) == 1:
        return (choices[0][0],)
    picked = prompt.several("Which apps?", choices, lambda found: bool(found) or "choose at least one")
    return tuple(picked)


def _units(planned: Planned) -> Selection:
    choices = []
    for hop in planned.plan.hops:
        show_plan.held_back(hop)
        for moves in hop.apps:
            for unit in moves.units:
                fields = ", ".join(m.field for m in unit.moves[:3]) + (" …" if len(unit.moves) > 3 else "")
                why = "" if unit.chosen else f"   held back: {unit.moves[0].reason}"
                choices.append(((moves.app, unit.key), f"{moves.app}: {short(unit.key)}   {fields}{why}", unit.chosen))
    return Selection(keys=tuple(tuple(k) for k in prompt.several("What is carried?", choices)))


def _summary(proposal: Proposal) -> None:
    for hop, evidence in zip(proposal.plan.hops, proposal.evidence, strict=True):
        output.heading(f"{hop.source} -> {hop.target}")
        show_plan.moving(hop)
        groups, overlays = len(evidence.changed), {o for g in evidence.changed for o in g.overlays}
        output.result(
            f"  the rendering changes in {groups} objects of {len(overlays)} overlays; {len(evidence.errors)} errors"
        )
    if any(e.changed for e in proposal.evidence) and prompt.confirm("Show the rendered difference?"):
        with output.pager():
            for evidence in proposal.evidence:
                show_plan.rendering(evidence)


def _sure(proposal: Proposal, target: str) -> None:
    guarded = [target] if proposal.chronicle.environments.config.environment(target).protected else []
    prompt.sure(f"Open the pull request to {target}?", guarded)


def one_line(request: Request) -> str:
    """The command that does the same without questions."""
    import shlex

    words = ["fairlead", "promote", *request.apps, "--from", request.source, "--to", request.target, "--yes"]
    for _, key in request.selection.keys or ():
        words += ["--unit", key]
    return " ".join(map(shlex.quote, words))
