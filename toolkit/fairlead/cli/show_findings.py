"""Shows what a check found, for people or for programs; the exit code that follows from it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from fairlead import __version__
from fairlead.cli import output
from fairlead.doors.fs import write_report
from fairlead.model.errors import FairleadError
from fairlead.model.findings import Finding, Severity
from fairlead.model.snapshot import Snapshot, follow
from fairlead.model.values import dataclass
from fairlead.report.findings import FORMATS
from fairlead.report.findings.report import Report, Rule
from fairlead.report.visible import redacted
from fairlead.steps.checking import Outcome

_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Wishes:
    """How to show an outcome: a format for stdout, more of them for files, `every` finding where they are many."""

    form: str
    files: tuple[tuple[str, Path], ...] = ()
    every: bool = False
    quiet: bool = False

    @classmethod
    def of(cls, ctx: click.Context, form: str, reports: tuple[tuple[str, str], ...], every: bool) -> Wishes:
        """What the options say. Raises click.UsageError for two reports in one file."""
        folder = ctx.obj.folder
        files = tuple((name, Path(folder, file)) for name, file in reports)
        if len({place for _, place in files}) < len(files):
            raise click.UsageError("two of --report name the same file", ctx)
        return cls(form, files, every, bool(ctx.find_root().params.get("quiet")))


def _in_files(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """FORMAT=FILE, several times."""
    out = []
    for value in values:
        form, _, file = value.partition("=")
        if form not in FORMATS:
            raise click.BadParameter(f"there is no format {form!r}; formats are: {', '.join(FORMATS)}", ctx, param)
        if not file:
            example = f"{form}=report.{_ENDING.get(form, form)}"
            raise click.BadParameter(f"say into which file, such as {example}", ctx, param)
        out.append((form, file))
    return tuple(out)


_ENDING = {"text": "txt", "junit": "xml", "markdown": "md", "github": "txt", "gitlab": "json"}
_OPTIONS = (
    click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True,
                 help="Format of what is printed."),
    click.option("--report", "reports", metavar="FORMAT=FILE", multiple=True, callback=_in_files,
                 help="Write a report into a file, too; may be repeated."),
    click.option("--all", "every", is_flag=True, help="Show every finding, also of a rule that has very many."),
)  # fmt: skip


def options(command: _Command) -> _Command:
    """The options that say how findings are shown."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def show(outcome: Outcome, wishes: Wishes, nothing: str = "") -> int:
    """Print an outcome and write its reports; 1 where it holds an error. `nothing` is said where there is none."""
    report = _report(outcome, wishes)
    for form, place in wishes.files:
        write_report(place, _written(form, report))
    if wishes.form == "json":
        from fairlead.report.findings import json

        output.as_json(json.data(report))
    elif wishes.form == "text":
        _text(report, wishes, nothing)
    else:
        output.raw(_written(wishes.form, report))
    return int(any(finding.severity is Severity.ERROR for finding in outcome.findings))


def _written(form: str, report: Report) -> str:
    text: str = importlib.import_module(f"fairlead.report.findings.{form}").written(report)
    return text


def _text(report: Report, wishes: Wishes, nothing: str) -> None:
    if report.findings:  # else a hook waits for fewer modules
        from fairlead.report.findings import text

        for line in text.lines(report, output.width()):
            output.styled(line.pieces)
    if wishes.quiet:
        return
    for told in report.notes:
        output.note(f"note: {told}")
    if report.cut is not None:
        share = report.cut.share
        output.note(f"shard {share.index} of {share.count}: {len(report.results)} of {report.cut.total} overlays")
    if report.results or report.findings:
        from fairlead.report.findings.order import closing

        for told in closing(report.findings, report.results, every=report.every):
            output.note(told)
    elif nothing:
        output.note(nothing)


def _report(outcome: Outcome, wishes: Wishes) -> Report:
    """The outcome as formats take it; no token gets into any of them."""
    return Report(
        findings=tuple(map(_without_tokens, outcome.findings)),
        results=tuple(replace(one, message=redacted(one.message)) if one.message else one for one in outcome.results),
        layout=outcome.layout,
        renderer=outcome.version,
        notes=tuple(map(redacted, outcome.notes)),
        cut=outcome.cut and replace(outcome.cut, pending=tuple(map(_without_tokens, outcome.cut.pending))),
        ignored=tuple(map(_without_tokens, outcome.ignored)),
        version=__version__,
        rules=_rules() if outcome.findings else {},
        source=_source(outcome.snapshot),
        every=wishes.every,
    )


def _without_tokens(finding: Finding) -> Finding:
    message, remedy, subject = redacted(finding.message), redacted(finding.remedy), redacted(finding.subject)
    if (message, remedy, subject) == (finding.message, finding.remedy, finding.subject):
        return finding
    return replace(finding, message=message, remedy=remedy, subject=subject)


def _rules() -> dict[str, Rule]:
    import inspect

    from fairlead.checks.rules import RULES

    def files(module: Any, name: str) -> tuple[tuple[str, str], ...]:
        example = getattr(module, name, None)
        return () if example is None else tuple(example.files.items())

    return {
        rule.ID: Rule(
            rule.ID, inspect.cleandoc(rule.__doc__ or ""), str(rule.SEVERITY), str(getattr(rule, "GROUP", "")),
            files(rule, "BAD"), files(rule, "GOOD"), bool(getattr(rule, "QUOTES", True)),
        )
        for rule in RULES
    }  # fmt: skip


def _source(snapshot: Snapshot | None) -> Callable[[str], bytes | None]:
    """The files as they were judged. What can't be read any more is not shown; the findings are."""

    def read(path: str) -> bytes | None:
        if snapshot is None:
            return None
        try:
            real = follow(snapshot, path)
            return None if real is None or snapshot.entry(real) is None else snapshot.read(real)
        except (FairleadError, OSError, KeyError):
            return None

    return read
