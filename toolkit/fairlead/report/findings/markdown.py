"""Markdown for a job's summary or a comment on a pull request: errors in sight, the rest folded away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fairlead.model.findings import Finding, Severity
from fairlead.report.findings.order import Rest, counted, hit, many, rest, shown, summary
from fairlead.report.findings.report import Report
from fairlead.report.markdown import LIMIT, cell, code, inline

_HEAD = ("| place | what | what to do | rule |", "|---|---|---|---|")
_RULES = 10
_NOTES = 20
_FOLD = "\n</details>"
_ROOM = 3_000  # letters for what stands around the rows: sums, rules that are left out


def written(report: Report) -> str:
    """At most `LIMIT` characters; it says what was left out."""
    found, _ = shown(report.findings, every=report.every)
    parts = [f"### fairlead check: {inline(summary(report.findings, report.results))}\n"]
    notes = _notes(report.notes)
    room = LIMIT - sum(map(len, parts)) - len(notes)
    for severity in Severity:
        part, room = _part(severity, [f for f in report.findings if f.severity is severity], found, room)
        parts.append(part)
    return "\n".join(part for part in (*parts, notes) if part)


def _part(severity: Severity, all_of_it: Sequence[Finding], found: Iterable[Finding], room: int) -> tuple[str, int]:
    if not all_of_it:
        return "", room
    rows, told = [], []
    for finding in found:
        row = _row(finding) if finding.severity is severity else ""
        if row and room - len(row) > _ROOM:
            room -= len(row) + 1
            rows.append(row)
            told.append(finding)
    lines = [*(_HEAD if rows else ()), *rows, *_left(rest(all_of_it, told))]
    if severity is not Severity.ERROR:
        lines = [f"<details><summary>{counted(all_of_it)}</summary>", "", *lines, _FOLD]
    text = "\n".join(lines) + "\n"
    return text, room - (len(text) - sum(len(row) + 1 for row in rows))


def _row(finding: Finding) -> str:
    what = cell(finding.message)
    overlays = hit(finding, 3)
    if overlays:
        what += f"<br>in {cell(overlays)}"
    return f"| {code(str(finding.where))} | {what} | {cell(finding.remedy)} | {cell(finding.rule)} |"


def _left(left: Sequence[Rest]) -> list[str]:
    if not left:
        return []
    rows = [cell(str(row)) for row in left[:_RULES]]
    if len(left) > _RULES:
        rows.append(f"{sum(row.count for row in left[_RULES:]):,} of other rules")
    return ["", f"*and {sum(row.count for row in left):,} more: {', '.join(rows)}*"]


def _notes(notes: Sequence[str]) -> str:
    lines = [f"- {cell(note)}" for note in notes[:_NOTES]]
    if len(notes) > _NOTES:
        lines.append(f"- and {many(len(notes) - _NOTES, 'more note')}")
    return "\n".join(lines) + "\n" if lines else ""
