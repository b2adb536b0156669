"""What the gates said, as a pull request's comment: for people, with the evidence and the clock."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fairlead.model.gates import GateResult, GateState
from fairlead.repo.times import moment
from fairlead.report.markdown import LIMIT, cell, inline
from fairlead.report.pull_text import cut

MARKER = "gates"  # of the comment
_ROW = re.compile(r"(?m)^\| ([\w-]+) \| (\*\*(?:waits|closed)\*\*[^|\n]*) \|")
_SIGN = {GateState.OPEN: "open", GateState.WAITING: "**waits**", GateState.CLOSED: "**closed**"}


def comment(results: Iterable[GateResult], at: int, by: str, emergency: str = "") -> str:
    """The gates as a table, judged at a moment for somebody; an emergency names those that it skips."""
    told = tuple(results)
    lines = [f"Gates, judged at {moment(at)} for {inline(by)}."]
    if emergency:
        lines.append(alarm(told, by, emergency))
    rows = ["| gate | state | | evidence |", "|---|---|---|---|"]
    rows += [f"| {r.gate} | {_SIGN[r.state]}{_until(r)} | {cell(r.message)} | {_evidence(r)} |" for r in told]
    return cut("\n\n".join([*lines, "\n".join(rows)]), LIMIT, "`fairlead pr show` has all") + "\n"


def shut_rows(text: str) -> tuple[str, ...]:
    """Which gates are shut in such a comment, how, and until when."""
    return tuple(f"{gate} {state.strip()}" for gate, state in _ROW.findall(text))


def alarm(results: Iterable[GateResult], by: str, reason: str) -> str:
    """The paragraph of an emergency: which gates are skipped, as they stood, for whom, and why."""
    shut = [r for r in results if r.state is not GateState.OPEN]
    what = "; ".join(f"{r.gate} ({inline(r.message)})" for r in shut) or "none: every gate is open"
    return f"> **Emergency**, asked by {inline(by)}: {inline(reason)}\n>\n> Gates skipped: {what}"


def _until(result: GateResult) -> str:
    return f" until {moment(result.until)}" if result.until else ""


def _evidence(result: GateResult) -> str:
    return "<br>".join(map(cell, result.evidence))
