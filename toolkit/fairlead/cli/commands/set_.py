"""`fairlead set`: how a version enters the first environment."""

from __future__ import annotations

import click

from fairlead.cli import output
from fairlead.steps.forging import open_forge
from fairlead.steps.world import Run, environments, open_world
from fairlead.workflows import set_


@click.command(name="set")
@click.argument("app")
@click.argument("env")
@click.argument("assignments", nargs=-1, required=True, metavar="image=REF|FIELD=VALUE...")
@click.option("--pr", "pull", is_flag=True, help="By a pull request, not directly on the branch.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(run: Run, app: str, env: str, assignments: tuple[str, ...], pull: bool, as_json: bool) -> None:
    """Set an image or a field of an app in an environment, touching no other byte.

    In the first environment of a chain directly on the branch (`--pr`: by a pull request); elsewhere as the
    environment's `direct` says: allow, approve (by a pull request), deny.
    """
    world = open_world(run)
    forge = open_forge(world, environments(world).config)
    done = set_.run(world, forge, app, env, assignments, pull=pull)
    if as_json:
        number = done.pull.number if done.pull is not None else None
        output.as_json({"changes": list(done.told), "commit": done.commit or None, "pull": number})
        return
    for line in done.told:
        output.result(line)
    if done.pull is not None:
        output.result(f"#{done.pull.number}  {done.pull.want.title}  [{done.pull.want.head}]")
    elif done.commit:
        output.result(f"committed {done.commit[:12]}")
    else:
        output.note("nothing to do: it is so already")
