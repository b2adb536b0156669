"""A plan on the terminal: what moves, what that does to the rendering, what stays and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fairlead.cli import output
from fairlead.delivery.commits import short
from fairlead.model.findings import Severity
from fairlead.model.plan import Hop, Move, Plan, Verdict
from fairlead.promotion.plan_json import encode, plan_id

if TYPE_CHECKING:
    from fairlead.report.difference import Group
    from fairlead.steps.soaking import Staying
    from fairlead.steps.verify import Evidence

_STYLE = {
    Verdict.CONFLICT: "bold red",
    Verdict.OFFER: "yellow",
    Verdict.KEEP: "dim",
    Verdict.PROMOTE: "green",
}


_TOLD = 10  # lines, where a list of choices follows


def plan(made: Plan, evidence: Sequence[Evidence], *, held: bool = True) -> None:
    """Print a plan for people, to stdout."""
    for index, hop in enumerate(made.hops):
        output.result("")
        output.heading(f"{hop.source} -> {hop.target}")
        moving(hop)
        if index < len(evidence):
            rendering(evidence[index])
        if held:
            held_back(hop)
    for warning in made.warnings:
        output.note(f"note: {warning}")


def moving(hop: Hop) -> None:
    """What a hop carries."""
    rows = [(a.app, m) for a in hop.apps for m in a.chosen()]
    if not rows:
        output.result("  nothing to carry")
        return
    columns = ("app", "field", hop.target, f"from {hop.source}", "why")
    output.table(columns, [(app, field_name(m), short(m.old), short(m.new), m.reason) for app, m in rows])


def field_name(move: Move) -> str:
    """A field as people call it: the file only where it isn't the kustomization itself."""
    return move.field.removeprefix("kustomization.yaml: ")


def rendering(evidence: Evidence) -> None:
    """The rendered difference, grouped, and what the checks say of the result."""
    for line in evidence.unrendered:
        output.note(f"note: not compared: {line}")
    differences(evidence.changed)
    findings(evidence)


def findings(evidence: Evidence) -> None:
    """What no edit explains, and what the checks say of the result and did not say before."""
    for left in evidence.unexplained:
        output.result(f"  error: no edit explains {left}")
    for finding in evidence.findings:
        sign = "error" if finding.severity is Severity.ERROR else str(finding.severity)
        output.result(f"  {sign}: {finding.where}: {finding.message}")


def differences(changed: Sequence[Group]) -> None:
    """Groups of rendered changes, coloured as a diff."""
    for group in changed:
        output.styled(((f"  {group.subject}", "path"), (f"  ({group.where})", "")))
        for number, line in enumerate(group.lines):
            if not line.startswith("@@"):
                output.styled(((f"    {line}", {"+": "added", "-": "removed"}.get(line[:1], "")),))
            elif number:
                output.result("    …")


def held_back(hop: Hop) -> None:
    """What is not carried, conflicts first."""
    rows = _held(hop)
    if not rows:
        return
    output.result(f"  held back ({len(rows)}; {hop.target} | {hop.source}):")
    several = len({app for app, _ in rows}) > 1
    for app, move in rows:
        name = f"{app}: {field_name(move)}" if several else field_name(move)
        values = f"{short(move.old) or '(absent)'} | {short(move.new) or '(absent)'}"
        output.coloured(f"    {move.verdict:<8} {name}:  {values}  ({move.reason})", _STYLE[move.verdict])


def staying(hop: Hop) -> None:
    """What nobody can tick: that is not carried and in no unit; a line each, and not too many."""
    units = {m for a in hop.apps for u in a.units for m in u.moves}
    rows = [(app, move) for app, move in _held(hop) if move not in units]
    if not rows:
        return
    several = len({app for app, _ in rows}) > 1
    room = (output.width() or 120) // 3
    cells = []
    for app, move in rows[:_TOLD]:
        name = f"{app}: {field_name(move)}" if several else field_name(move)
        words = (_tail(name, room), _head(short(move.old)), _head(short(move.new)), move.reason)
        cells.append(tuple(((word, _STYLE[move.verdict]),) for word in words))
    output.matrix(("not carried", hop.target, hop.source, "why"), cells, cut=True)
    if len(rows) > _TOLD:
        output.result(f"… and {len(rows) - _TOLD} more")
    output.result("")


def stays(found: Sequence[Staying]) -> None:
    """The open pull requests that are left as they are, and why."""
    for stay in found:
        number, title = stay.pull.number, stay.pull.want.title
        output.note(f"note: #{number} {title} stays as it is: it soaks ({stay.message}), and this has not soaked")
        output.note("  --supersede newest replaces it all the same")


def _tail(text: str, room: int) -> str:
    """The end of a name, which tells most."""
    return text if len(text) <= room else "…" + text[1 - room :]


def _head(text: str, room: int = 14) -> str:
    return (text if len(text) <= room else text[: room - 1] + "…") or "(absent)"


def _held(hop: Hop) -> list[tuple[str, Move]]:
    order = [Verdict.CONFLICT, Verdict.PROMOTE, Verdict.OFFER, Verdict.KEEP]
    return sorted(((a.app, m) for a in hop.apps for m in a.held), key=lambda row: order.index(row[1].verdict))


def as_data(made: Plan, evidence: Sequence[Evidence]) -> dict[str, Any]:
    """The plan and its evidence for programs."""
    return {
        "id": plan_id(made),
        "plan": encode(made),
        "evidence": [
            {
                "changed": [encode(g) for g in e.changed],
                "unrendered": list(e.unrendered),
                "findings": [encode(f) for f in e.findings],
                "unexplained": [encode(u) for u in e.unexplained],
            }
            for e in evidence
        ],
    }
