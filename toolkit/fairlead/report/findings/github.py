"""Annotations by GitHub Actions' workflow commands: they show beside the lines of a pull request.

GitHub keeps ten errors, ten warnings and ten notices a step. So the worst come first, and where there are more, the
tenth says how many and of what.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.model.findings import Finding, Severity
from fairlead.report.findings.order import Rest, hit, many, rest, worst_first
from fairlead.report.findings.report import Report
from fairlead.report.visible import clean, flat

MOST = 10
_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_RULES = 8


def written(report: Report) -> str:
    """One command a line; nothing where nothing was found."""
    return "".join(line + "\n" for line in _lines(report))


def _lines(report: Report) -> Iterator[str]:
    found = worst_first(report.findings)
    for severity in Severity:
        some = [finding for finding in found if finding.severity is severity]
        kept = some if len(some) <= MOST else some[: MOST - 1]
        for finding in kept:
            yield _annotation(finding)
        left = rest(some, kept)
        if left:
            yield _left(severity, left)


def _annotation(finding: Finding) -> str:
    where = finding.where
    places = {"file": clean(where.path), "line": str(where.line or 1), "col": str(where.column or 1)}
    overlays = hit(finding, 3)
    told = (finding.message, finding.remedy, f"In {overlays}." if overlays else "")
    return _command(finding.severity, places | {"title": finding.rule}, "\n".join(flat(text) for text in told if text))


def _left(severity: Severity, left: tuple[Rest, ...]) -> str:
    total = sum(row.count for row in left)
    rows = [f"{row.count:,} of {row.rule}" for row in left[:_RULES]]
    if len(left) > _RULES:
        rows.append(f"{sum(row.count for row in left[_RULES:]):,} of other rules")
    told = f"{', '.join(rows)}. GitHub shows only {MOST} of a kind; fairlead check tells all."
    return _command(severity, {"title": f"and {many(total, 'more ' + severity.value)}"}, told)


def _command(severity: Severity, properties: dict[str, str], message: str) -> str:
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMAND[severity]} {told}::{_message(message)}"


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
