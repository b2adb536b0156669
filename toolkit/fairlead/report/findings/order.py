"""What a person should see first, how much of it, and how the rest is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from fairlead.model.findings import Finding, Severity
from fairlead.model.rendering import Built
from fairlead.model.values import dataclass

# Of one rule and severity; more of the same tell little, and hide what else there is.
MOST = {Severity.ERROR: 50, Severity.WARNING: 10, Severity.NOTE: 5}
_RANK = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True)
class Rest:
    """How many findings of a rule and severity are not shown."""

    severity: Severity
    rule: str
    count: int

    def __str__(self) -> str:
        return f"{many(self.count, self.severity.value)} of {self.rule}"


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors, warnings, notes; within each the order stays, which is that of files and lines."""
    return tuple(sorted(findings, key=lambda finding: _RANK[finding.severity]))


def shown(findings: Iterable[Finding], *, every: bool = False) -> tuple[tuple[Finding, ...], tuple[Rest, ...]]:
    """The findings that are told one by one, worst first; and of what there is more."""
    ordered = worst_first(findings)
    if every:
        return ordered, ()
    seen: Counter[tuple[Severity, str]] = Counter()
    told = []
    for finding in ordered:
        kind = finding.severity, finding.rule
        seen[kind] += 1
        if seen[kind] <= MOST[finding.severity]:
            told.append(finding)
    return tuple(told), rest(ordered, told)


def rest(findings: Iterable[Finding], told: Iterable[Finding]) -> tuple[Rest, ...]:
    """What is found and not told, by severity and rule, the most first."""
    left = Counter((f.severity, f.rule) for f in findings)
    left.subtract((f.severity, f.rule) for f in told)
    rows = [Rest(severity, rule, count) for (severity, rule), count in left.items() if count]
    return tuple(sorted(rows, key=lambda row: (_RANK[row.severity], -row.count, row.rule)))


def summary(findings: Iterable[Finding], results: Sequence[Built]) -> str:
    """One line: how many overlays, how many of them build, how many findings."""
    built = sum(result.built for result in results)
    overlays = many(len(results), "overlay") + ("" if built == len(results) else f", {built} of them build")
    return f"{overlays}: {counted(findings) or 'no findings'}"


def closing(findings: Sequence[Finding], results: Sequence[Built], *, every: bool = False) -> tuple[str, ...]:
    """The line that stands last: the summary, and how much is not shown; none where nothing was judged."""
    if not results and not findings:
        return ()
    hidden = sum(row.count for row in shown(findings, every=every)[1])
    return (summary(findings, results) + (f" ({hidden:,} not shown: --all shows them)" if hidden else ""),)


def counted(findings: Iterable[Finding]) -> str:
    """How many errors, warnings and notes; empty for none."""
    count = Counter(finding.severity for finding in findings)
    return ", ".join(many(count[severity], severity.value) for severity in Severity if count[severity])


def many(number: int, what: str) -> str:
    """`1 error`, `1,200 errors`."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def hit(finding: Finding, most: int) -> str:
    """The overlays that a finding hits, `and 12 more`; empty where the place itself lies in its only overlay."""
    paths = [overlay or "." for overlay in finding.overlays if not finding.where.path.startswith(overlay + "/")]
    more = f" and {len(paths) - most:,} more" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more


def through(finding: Finding, most: int = 6) -> str:
    """The way that led to the place, from the overlay on, without the place itself; of a long one, both ends."""
    way = tuple(place for place in finding.chain if place not in (finding.where.path, str(finding.where)))
    if len(way) > most:
        way = (*way[: most // 2], f"… {len(way) - most} more …", *way[len(way) - most // 2 :])
    return " -> ".join(way)
