"""Shows what a check found, for people or for programs; the exit code that follows from it."""

from __future__ import annotations

from fairlead.cli import output
from fairlead.model.findings import Severity
from fairlead.steps.checking import Outcome


def show(outcome: Outcome, form: str, *, quiet: bool, nothing: str = "") -> int:
    """Print an outcome as `text` or `json`; 1 where it holds an error. `nothing` is said where there is none."""
    failed = any(finding.severity is Severity.ERROR for finding in outcome.findings)
    if form == "json":
        from fairlead.report import findings_json

        output.as_json(
            findings_json.data(
                outcome.findings,
                outcome.results,
                outcome.layout,
                outcome.version,
                outcome.notes,
                outcome.cut,
                outcome.ignored,
            )
        )
        return int(failed)
    from fairlead.report import findings_text

    for line in findings_text.lines(outcome.findings):
        output.styled(line.pieces)
    if quiet:
        return int(failed)
    for text in outcome.notes:
        output.note(f"note: {text}")
    if outcome.cut is not None:
        share = outcome.cut.share
        output.note(f"shard {share.index} of {share.count}: {len(outcome.results)} of {outcome.cut.total} overlays")
    if outcome.results or outcome.findings:
        output.note(findings_text.summary(outcome.findings, outcome.results))
    elif nothing:
        output.note(nothing)
    return int(failed)
