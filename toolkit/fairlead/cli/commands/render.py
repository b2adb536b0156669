"""fairlead render: print the objects of an app in an environment."""

from __future__ import annotations

import click

from fairlead.cli import output
from fairlead.workflows import render as workflow


@click.command()
@click.argument("app")
@click.argument("env")
@click.option("--at", "at", metavar="REV", default=None, help="Render a commit instead of the files as they lie.")
@click.pass_context
def command(ctx: click.Context, app: str, env: str, at: str | None) -> None:
    """Print the objects of APP in ENV as YAML, as kustomize makes them."""
    made = workflow.render(ctx.obj, workflow.Request(app, env, at))
    output.raw("---\n".join(made.texts))
    for warning in made.warnings:
        output.note(warning)
