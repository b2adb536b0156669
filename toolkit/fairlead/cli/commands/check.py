"""fairlead check: validate overlays."""

from __future__ import annotations

import click

from fairlead.cli import output
from fairlead.cli.show_findings import Wishes, options, show
from fairlead.steps import sharding
from fairlead.steps.world import Run
from fairlead.workflows import check as workflow


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--staged", is_flag=True, help="Judge what is staged, and only overlays that it reaches.")
@click.option("--at", "at", metavar="REV", default=None, help="Judge a commit instead of the files as they lie.")
@click.option("--since", metavar="REV", default=None, help="Judge only overlays that changes since REV reach.")
@click.option("--shard", metavar="I/N", default=None, help="Judge one of N parts; `fairlead report merge` joins them.")
@click.option("--costs", type=click.Path(), metavar="FILE", default=None, help="An earlier report; balances shards.")
@options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    paths: tuple[str, ...],
    staged: bool,
    at: str | None,
    since: str | None,
    shard: str | None,
    costs: str | None,
    form: str,
    reports: tuple[tuple[str, str], ...],
    every: bool,
) -> int:
    """Validate overlays: do they build, do Kubernetes' schemas accept them, does every entry do something?

    With PATHs, only the overlays that lie there or read what lies there. With --shard, the I-th of N parts of
    what would be judged without it: every overlay is in exactly one of them, on every machine the same. Exit
    code 1 means that there is at least one error.
    """
    run: Run = ctx.obj
    wishes = Wishes.of(ctx, form, reports, every)
    if staged and (at is not None or since is not None):
        other = "--at" if at is not None else "--since"
        raise click.UsageError(f"--staged and {other} exclude each other", ctx)
    if costs is not None and shard is None:
        raise click.UsageError("--costs says how to split, and there is no --shard", ctx)
    wish = None
    if shard is not None:
        recorded = sharding.costs(run.folder / costs, costs) if costs is not None else {}
        if recorded is None and not wishes.quiet:
            output.note(f"note: there is no {costs} yet: costs are taken from the number of files")
        wish = sharding.Sharding(sharding.share(shard), recorded or {})
    outcome = workflow.check(run, workflow.Request(paths, staged, at, since, wish))
    nothing = f"nothing that {'is staged' if staged else 'was changed'} reaches an overlay"
    return show(outcome, wishes, nothing if staged or since is not None else "")
