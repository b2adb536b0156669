"""fairlead check: validate overlays."""

from __future__ import annotations

import click

from fairlead.cli import output
from fairlead.steps.world import Run
from fairlead.workflows import check as workflow


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--staged", is_flag=True, help="Judge what is staged, and only overlays that it reaches.")
@click.option("--at", "at", metavar="REV", default=None, help="Judge a commit instead of the files as they lie.")
@click.option("--since", metavar="REV", default=None, help="Judge only overlays that changes since REV reach.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def command(
    ctx: click.Context, paths: tuple[str, ...], staged: bool, at: str | None, since: str | None, form: str
) -> int:
    """Validate overlays: do they build, do Kubernetes' schemas accept them, does every entry do something?

    With PATHs, only the overlays that lie there or read what lies there. Exit code 1 means that there is at
    least one error.
    """
    run: Run = ctx.obj
    if staged and (at is not None or since is not None):
        other = "--at" if at is not None else "--since"
        raise click.UsageError(f"--staged and {other} exclude each other", ctx)
    outcome = workflow.check(run, workflow.Request(paths, staged, at, since))
    failed = any(finding.severity.value == "error" for finding in outcome.findings)
    if form == "json":
        from fairlead.report import findings_json

        output.as_json(
            findings_json.data(outcome.findings, outcome.results, outcome.layout, outcome.version, outcome.notes)
        )
        return int(failed)
    from fairlead.report import findings_text

    for line in findings_text.lines(outcome.findings):
        output.styled(line.pieces)
    if ctx.find_root().params.get("quiet"):
        return int(failed)
    for text in outcome.notes:
        output.note(f"note: {text}")
    if outcome.results or outcome.findings:
        output.note(findings_text.summary(outcome.findings, outcome.results))
    elif staged or since is not None:
        output.note(f"nothing that {'is staged' if staged else 'was changed'} reaches an overlay")
    return int(failed)
