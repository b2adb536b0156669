"""The outcome of a check for people: the place first, so that editors and terminals can jump there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from fairlead.model.findings import Finding, Severity
from fairlead.model.values import dataclass
from fairlead.report.findings.excerpt import Excerpt, Lines, columns
from fairlead.report.findings.order import Rest, closing, hit, many, shown, through
from fairlead.report.findings.report import Report
from fairlead.report.visible import clean, flat

WIDTH = 120  # where nobody knows how wide it will be shown
_OVERLAYS = 3
_INDENT = 4
_NARROWEST = 20
_QUOTE = "quote"  # the style of what is shown as it stands, and never wrapped


@dataclass(frozen=True)
class Line:
    """A line of the report: pieces of text, each with the name of its style."""

    pieces: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """Without styles."""
        return "".join(text for text, _ in self.pieces)


def written(report: Report) -> str:
    """The report as a file holds it: with its notes, and the summary at its end."""
    told = [line.text for line in lines(report)]
    return (
        "\n".join(
            (
                *told,
                *(f"note: {flat(text)}" for text in report.notes),
                *closing(report.findings, report.results, every=report.every),
            )
        )
        + "\n"
    )


def lines(report: Report, width: int = 0) -> Iterator[Line]:
    """The findings, errors first, by file; then how many more there are. Wrapped where a width is given."""
    found, left = shown(report.findings, every=report.every)
    source = Lines(report.source)
    for severity, some in groupby(found, key=lambda finding: finding.severity):
        for _, group in groupby(some, key=lambda finding: finding.where.path):
            for finding in group:
                yield from _wrapped(_finding(finding, report, source, width or WIDTH), width)
            if severity is not Severity.NOTE:
                yield Line(())
        yield from _wrapped(_more(severity, left), width)


def _finding(finding: Finding, report: Report, source: Lines, width: int) -> Iterator[Line]:
    severity = finding.severity.value
    yield Line(
        (
            (clean(str(finding.where)).replace("\n", "\\n"), "path"),
            (f" {severity}", severity),
            (f" {flat(finding.message)}", ""),
            (f" [{finding.rule}]", "rule"),
        )
    )
    if finding.severity is Severity.NOTE:
        return
    number = str(finding.where.line)
    room = max(width - _INDENT - len(number) - 3, _NARROWEST)
    excerpt = source.of(finding, report.rule(finding.rule), room)
    if excerpt is not None:
        yield from _quoted(excerpt, number, severity)
    for text in (finding.remedy, _label("through ", through(finding)), _label("in ", hit(finding, _OVERLAYS))):
        if text:
            yield Line(((" " * _INDENT + flat(text), "remedy"),))


def _quoted(excerpt: Excerpt, number: str, severity: str) -> Iterator[Line]:
    indent = " " * _INDENT
    yield Line(((f"{indent}{number} | ", "place"), (excerpt.text, _QUOTE)))
    if excerpt.caret is not None:
        gutter = " " * len(number)
        yield Line(((f"{indent}{gutter} | ", "place"), (" " * excerpt.caret, _QUOTE), ("^", severity)))


def _label(label: str, text: str) -> str:
    return label + text if text else ""


def _more(severity: Severity, left: Sequence[Rest]) -> Iterator[Line]:
    rows = [row for row in left if row.severity is severity]
    for row in rows:
        yield Line(((f"and {many(row.count, 'more ' + severity.value)}", severity.value), (f" [{row.rule}]", "rule"),
                    ("; --all shows them", "remedy")))  # fmt: skip
    if rows:
        yield Line(())


def _wrapped(told: Iterable[Line], width: int) -> Iterator[Line]:
    """Lines broken between words, what follows indented; a longer word, such as a place, stays whole."""
    for line in told:
        if not width or columns(line.text) <= width or any(style == _QUOTE for _, style in line.pieces):
            yield line
        else:
            yield from _broken(line, max(width, _NARROWEST))


def _broken(line: Line, width: int) -> Iterator[Line]:
    start = len(line.text) - len(line.text.lstrip(" "))
    indent = " " * max(start, _INDENT)
    made, used = [(" " * start, "")], start
    for word, style in ((word, style) for text, style in line.pieces for word in text.split()):
        space = " " if used > len(indent) or (used and used != start) else ""
        if used > start and used + len(space) + columns(word) > width:
            yield Line(tuple(made))
            made, used, space, start = [(indent, "")], len(indent), "", len(indent)
        made.append((space + word, style))
        used += len(space) + columns(word)
    yield Line(tuple(made))
