"""fairlead doctor: what is missing here, and how to get it."""

from __future__ import annotations

import click

from fairlead.cli import output
from fairlead.workflows import doctor as workflow


@click.command()
@click.option("--online", is_flag=True, help="Ask the forge, too, what the token may do and what the branch demands.")
@click.pass_context
def command(ctx: click.Context, online: bool) -> int:
    """Say which tools are there, what is missing and how to get it, and what the configuration says."""
    lines = workflow.examine(ctx.obj, online=online)
    width = max(len(line.what) for line in lines)
    for line in lines:
        output.result(f"{line.what:<{width}}  {line.state}")
        if line.remedy:
            output.result(f"{'':<{width}}  -> {line.remedy}")
    return 6 if any(line.fatal for line in lines) else 0
