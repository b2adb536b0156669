"""The story of a field on the terminal."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fairlead.cli import output
from fairlead.delivery.commits import short
from fairlead.model.plan import Verdict
from fairlead.repo.times import moment
from fairlead.report.explanation_schema import FORM
from fairlead.steps.explaining import Event, Explanation
from fairlead.workflows.explain import Answer

MEANS = {
    Verdict.PROMOTE: "carried by default",
    Verdict.OFFER: "carried only if asked for",
    Verdict.KEEP: "stays as it is",
    Verdict.CONFLICT: "carried only by name: the target's own change would be lost",
}


def told(answer: Answer, *, as_json: bool) -> None:
    """Print an answer, for programs or people."""
    if as_json:
        output.as_json(as_data(answer))
    else:
        show(answer)


def show(answer: Answer) -> None:
    """Print why, for people."""
    for index, found in enumerate(answer.differing):
        if index:
            output.result("")
        explanation(found)
    for same in answer.equal:
        output.heading(f"{same.app}  {same.source} -> {same.target}  {same.field}")
        output.result(f"  the same on both sides: {short(same.value)!r}; there is nothing to promote")
        output.result(f"  source {same.stands_at}   target {same.at}")
    if answer.more:
        output.note(f"… and {answer.more} more: name an app and an environment, or more of the field's name")


def explanation(found: Explanation) -> None:
    """Print one."""
    move = found.move
    output.heading(f"{found.app}  {found.source} -> {found.target}  {move.field}")
    output.result(f"  {short(move.old) or '(absent)'}  <-  {short(move.new) or '(absent)'}")
    output.result(f"  {move.verdict} ({move.field_class}): {move.reason}; decided by {move.carrier}")
    output.result(f"  that is: {MEANS[move.verdict]}")
    _rules(found)
    _base(found)
    output.result(f"  source {move.stands_at}   target {move.at}")
    _unit(found)
    if found.events:
        output.result("  how it came to be so, newest first:")
        for event in found.events:
            output.result(f"    {_event(event)}")


def _rules(found: Explanation) -> None:
    for index, rule in enumerate(found.rules):
        place = f" ({rule.pattern.where})" if rule.pattern.where is not None else ""
        word = "  configured:" if index == 0 else "  overruled: "
        output.result(f"{word} promote.{rule.word} {rule.pattern}{place}")


def _base(found: Explanation) -> None:
    base = found.base
    if base is None:
        output.result("  never carried as far as this clone knows: the class alone decides")
        return
    what = "taken back" if base.taken_back else "last carried"
    held = f"; the target then held {short(base.held)!r}" if base.held != base.carried else ""
    output.result(f"  {what}: {short(base.carried)!r}, by {base.told}{held}")


def _unit(found: Explanation) -> None:
    unit = found.unit
    if unit is None or len(unit.moves) == 1:
        return
    others = [m.field for m in unit.moves if m is not found.move]
    output.result(f"  goes with {'; '.join(others)}, as the unit {unit.key!r}: all or nothing")


def _event(event: Event) -> str:
    record = event.record
    when = moment(record.at) if record.evidence else f"({moment(record.at)})"
    change = f"{short(event.before) or '(absent)'} -> {short(event.after) or '(absent)'}"
    return f"{when}  {event.env}: {change}  {record.verb} {record.commit[:8]} by {record.actor}: {record.subject}"


def as_data(answer: Answer) -> dict[str, Any]:
    """The same for programs."""
    return {
        "form": FORM,
        "differing": [_as_data(found) for found in answer.differing],
        "equal": [asdict(same) for same in answer.equal],
        "more": answer.more,
    }


def _as_data(found: Explanation) -> dict[str, Any]:
    move, base, unit = found.move, found.base, found.unit
    return {
        "app": found.app,
        "source": found.source,
        "target": found.target,
        "field": move.field,
        "old": move.old,
        "new": move.new,
        "class": move.field_class,
        "verdict": move.verdict,
        "reason": move.reason,
        "carrier": move.carrier,
        "stands_at": str(move.stands_at),
        "at": str(move.at),
        "rules": [{"list": r.word, "pattern": asdict(r.pattern)} for r in found.rules],
        "base": None if base is None else asdict(base),
        "unit": None if unit is None else {"key": unit.key, "fields": [m.field for m in unit.moves]},
        "history": [{"env": e.env, "before": e.before, "after": e.after, **asdict(e.record)} for e in found.events],
    }
