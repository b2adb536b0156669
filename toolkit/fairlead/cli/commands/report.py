"""`fairlead report`: what to do with reports of `fairlead check --format json`."""

from __future__ import annotations

import click

from fairlead.cli.show_findings import Wishes, options, show
from fairlead.steps.world import Run
from fairlead.workflows import report as workflow


@click.group("report", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Reports of `fairlead check --format json`: put those of all shards together."""


@command.command("merge")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path())
@options
@click.pass_context
def merge(
    ctx: click.Context, files: tuple[str, ...], form: str, reports: tuple[tuple[str, str], ...], every: bool
) -> int:
    """Put the reports of all shards together: the findings and the exit code are those of one run.

    FILEs are what `fairlead check --shard I/N --format json` printed, one a shard, in any order. Refused are
    a shard that is missing or there twice, and shards that judged different files, by different versions, or
    were balanced by different costs.
    """
    run: Run = ctx.obj
    wishes = Wishes.of(ctx, form, reports, every)
    return show(workflow.merge(run.folder, files), wishes)
