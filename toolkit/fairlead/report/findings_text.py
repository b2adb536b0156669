"""The outcome of a check for people: the place first, so that editors and terminals can jump there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from fairlead.model.findings import Finding, Severity
from fairlead.model.rendering import Built


@dataclass(frozen=True)
class Line:
    """A line of the report: pieces of text, each with the name of its style."""

    pieces: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """Without styles."""
        return "".join(text for text, _ in self.pieces)


def lines(findings: Iterable[Finding]) -> Iterator[Line]:
    """The findings by file, files with errors first; notes stand last."""
    findings = tuple(findings)
    faulty = {f.where.path for f in findings if f.severity is Severity.ERROR}
    loud = [f for f in findings if f.severity is not Severity.NOTE]
    loud.sort(key=lambda f: f.where.path not in faulty)  # a stable sort: else the order stays
    for _, group in groupby(loud, key=lambda f: f.where.path):
        for finding in group:
            yield from _finding(finding)
        yield Line(())
    for finding in findings:
        if finding.severity is Severity.NOTE:
            yield Line((("note", "note"), (f" {finding.message}", ""), (f" [{finding.rule}]", "rule")))


def _finding(finding: Finding) -> Iterator[Line]:
    severity = finding.severity.value
    yield Line(
        (
            (str(finding.where), "path"),
            (f" {severity}", severity),
            (f" {finding.message}", ""),
            (f" [{finding.rule}]", "rule"),
        )
    )
    yield Line(((f"    {finding.remedy}", "remedy"),))
    hit = [overlay or "." for overlay in finding.overlays if not finding.where.path.startswith(overlay + "/")]
    if hit:
        more = f" and {len(hit) - 3} more" if len(hit) > 3 else ""
        yield Line(((f"    in {', '.join(hit[:3])}{more}", "remedy"),))


def summary(findings: Iterable[Finding], results: Iterable[Built]) -> str:
    """One line: how many overlays, how many of them build, how many findings."""
    count = Counter(finding.severity for finding in findings)
    results = tuple(results)
    built = sum(result.built for result in results)
    told = [_many(count[s], s.value) for s in Severity if count[s]]
    overlays = _many(len(results), "overlay") + ("" if built == len(results) else f", {built} of them build")
    return f"{overlays}: {', '.join(told) or 'no findings'}"


def _many(number: int, what: str) -> str:
    return f"{number} {what}" + ("" if number == 1 else "s")
