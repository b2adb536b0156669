"""`fairlead history`: what came into the environments, when, by whom."""

from __future__ import annotations

import click

from fairlead.cli import output
from fairlead.model.history import Record
from fairlead.promotion.plan_json import encode
from fairlead.repo.times import moment
from fairlead.steps.forging import open_forge
from fairlead.steps.world import Run, environments, open_world
from fairlead.workflows import history


@click.command(name="history")
@click.argument("app", default="")
@click.argument("env", default="")
@click.option("-n", "limit", type=click.IntRange(min=1), default=30, help="So many records (default 30).")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(run: Run, app: str, env: str, limit: int, as_json: bool) -> None:
    """What came into the environments, newest first, rebuilt from git alone: a bare clone will do.

    A time in brackets is the commit's own date, which nobody vouches for.
    """
    world = open_world(run)
    forge = open_forge(world, environments(world).config)
    found = history.run(world, forge, app, env, limit)
    if as_json:
        output.as_json(encode(found))
        return
    rows = []
    for r in found.records:
        when = moment(r.at) if r.evidence else f"({moment(r.at)})"
        way = f"{r.source} -> {r.target}" if r.source not in ("", r.target) else r.target
        rows.append((when, str(r.verb), r.app, way, r.commit[:8], r.actor, _told(r)))
    output.table(("when", "what", "app", "environment", "commit", "who", "subject"), rows)
    for gap in found.gaps:
        output.note(f"note: {gap}")


def _told(record: Record) -> str:
    if not record.emergency:
        return record.subject
    return f"{record.subject}\nEMERGENCY, without {record.emergency}: {record.reason}"
