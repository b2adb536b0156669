"""`fairlead status`: the matrix of apps and environments."""

from __future__ import annotations

import click

from fairlead.cli import output, show_status
from fairlead.model.standing import Row, Standing
from fairlead.report.status.json import as_data
from fairlead.steps.forging import open_forge
from fairlead.steps.world import Run, environments, open_world
from fairlead.workflows import status


@click.command(name="status")
@click.argument("apps", nargs=-1)
@click.option("--env", "envs", multiple=True, metavar="ENV", help="Only this environment, and what leads into it.")
@click.option("--behind", is_flag=True, help="Only apps that are not in step.")
@click.option("--json", "as_json", is_flag=True, help="For programs; the form is published as status.schema.json.")
@click.pass_obj
def command(run: Run, apps: tuple[str, ...], envs: tuple[str, ...], behind: bool, as_json: bool) -> None:
    """Apps x environments: what runs where, what is behind by what since when, and what waits.

    Each app, for each step of the chain: in step, behind, in conflict, drifted by a change of its own, with an
    open pull request and the gates that are not open. A time in brackets is a commit's own, which nobody vouches for.
    """
    world = open_world(run)
    forge = open_forge(world, environments(world).config)
    found = status.run(world, forge, apps, envs)
    if behind:
        found = status.only(found, _not_in_step)
    if as_json:
        output.as_json(as_data(found))
    else:
        show_status.show(found, run.clock.now())


def _not_in_step(row: Row) -> bool:
    return any(pair.standing is not Standing.IN_STEP for pair in row.pairs)
