"""fairlead schemas: the schemas that objects are judged by."""

from __future__ import annotations

import click

from fairlead.cli import output
from fairlead.workflows import schemas as workflow


@click.group()
def command() -> None:
    """The schemas that objects are judged by."""


@command.command()
@click.option(
    "--from", "given", multiple=True, type=click.Path(), metavar="PATH", help="A file or folder to take from."
)
@click.option("--into", type=click.Path(), metavar="FOLDER", default=None, help="Where they go (default: schemas).")
@click.option("--all", "everything", is_flag=True, help="Also for kinds that the repository's definitions judge.")
@click.pass_context
def vendor(ctx: click.Context, given: tuple[str, ...], into: str | None, everything: bool) -> int:
    """Bring a schema into the repository for each kind that is judged by none.

    It is taken from what --from names (CustomResourceDefinitions, or schemas as GROUP/KIND_VERSION.json), from the
    definitions that overlays render, and from the https URLs of `check: {schema_locations}`. This is the one command
    that fetches them; checks stay offline. Exit code 1 means that a kind is still without a schema.
    """
    done = workflow.vendor(ctx.obj, workflow.Request(given, into, everything))
    for path in done.written:
        output.result(f"wrote {path}")
    if done.kept:
        output.note(f"{len(done.kept)} were there already")
    for kind in done.missing:
        output.note(f"no schema for {kind.kind} ({kind.api_version})")
    if not done.written and not done.kept and not done.missing:
        output.note("every kind is judged by a schema")
    elif done.line and (done.written or done.kept):
        output.note(f"so that checks look there, write into fairlead.yaml:\n  {done.line}")
    return int(bool(done.missing))
