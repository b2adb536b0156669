"""`fairlead status`: the matrix of apps and environments."""

from __future__ import annotations

import click

from fairlead.cli import output
from fairlead.delivery.commits import short
from fairlead.promotion.plan_json import encode
from fairlead.repo.times import moment
from fairlead.steps.forging import open_forge
from fairlead.steps.world import Run, environments, open_world
from fairlead.workflows import status
from fairlead.workflows.status import Cell, Status


@click.command(name="status")
@click.argument("apps", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(run: Run, apps: tuple[str, ...], as_json: bool) -> None:
    """Apps x environments: what runs where, what is behind by what, which pull requests are open."""
    world = open_world(run)
    forge = open_forge(world, environments(world).config)
    found = status.run(world, forge, apps)
    if as_json:
        output.as_json(encode(found))
    else:
        show(found)


def show(found: Status) -> None:
    """Print the matrix for people."""
    rows = [(app, *(_cell(c) for c in cells)) for app, cells in found.rows]
    output.table(("app", *found.environments), rows)
    for _, cells in found.rows:
        for cell in cells:
            if cell is not None and (cell.conflicts or cell.hotfixes):
                for field in cell.conflicts:
                    output.note(f"conflict: {cell.app} in {cell.env}: {field}")
                for field in cell.hotfixes:
                    output.note(f"its own: {cell.app} in {cell.env}: {field}")
    for note in found.notes:
        output.note(f"note: {note}")


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return "-"
    lines = [", ".join(short(v) for v in cell.versions) or "?"]
    if cell.behind:
        lines.append("behind: " + "; ".join(short(u) for u in cell.behind))
    if cell.conflicts:
        lines.append(f"{len(cell.conflicts)} in conflict")
    if cell.since:
        lines.append(f"since {moment(cell.since).removesuffix(' UTC')}")
    lines += [f"open: #{n}" for n in cell.pulls]
    return "\n".join(lines)
