"""`fairlead release`: what a rollback took back may come again."""

from __future__ import annotations

import click

from fairlead.cli import output
from fairlead.model.gates import Hold
from fairlead.promotion.plan_json import encode
from fairlead.repo.times import moment
from fairlead.steps.forging import open_forge
from fairlead.steps.world import Run, environments, open_world
from fairlead.workflows import release


@click.command(name="release")
@click.argument("unit", default="")
@click.option("--app", default="", metavar="APP", help="Only of this app.")
@click.option("--reason", default="", help="What has changed; goes on record.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(run: Run, unit: str, app: str, reason: str, as_json: bool) -> None:
    """End the hold that a rollback left on what it took back; without UNIT, show what is held.

    Until then nothing brings it into that environment again, nor into one that comes after it. UNIT is the version, or
    the field, as `fairlead promote` shows it.
    """
    world = open_world(run)
    forge = open_forge(world, environments(world).config)
    found = release.run(world, forge, unit, reason, app) if unit else release.standing(world, app)
    if as_json:
        output.as_json([encode(hold) for hold in found])
    elif unit:
        for hold in found:
            output.result(f"{hold.app} {hold.name} is held in {hold.env} no more")
    elif found:
        output.table(("app", "unit", "rolled back in", "when", "by", "why"), [_row(hold) for hold in found])
    else:
        output.note("nothing is held")


def _row(hold: Hold) -> tuple[str, ...]:
    where = f"{hold.env} (#{hold.pull})" if hold.pull else hold.env
    return hold.app, hold.name, where, moment(hold.at), hold.by, hold.reason
