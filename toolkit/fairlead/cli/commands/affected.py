"""fairlead affected: which overlays a change reaches."""

from __future__ import annotations

import click

from fairlead.cli import output
from fairlead.steps.reach import Hit
from fairlead.steps.world import Run
from fairlead.workflows import affected as workflow


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--staged", is_flag=True, help="The change that is staged.")
@click.option("--since", metavar="REV", default=None, help="All that changed since history forked from REV.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def command(ctx: click.Context, paths: tuple[str, ...], staged: bool, since: str | None, as_json: bool) -> int:
    """Which overlays, apps and environments a change reaches, and by which way.

    Without options it is the change from HEAD to the files as they lie. PATHs ask what a change of these files
    would reach; they need not be there, and a folder stands for all files in it. An overlay is reached where it
    read a changed file before or reads one now.
    """
    run: Run = ctx.obj
    told = workflow.affected(run, workflow.Request(paths, staged, since))
    if as_json:
        output.as_json(
            {
                "version": 1,
                "paths": list(told.paths),
                "apps": list(told.apps),
                "environments": list(told.environments),
                "overlays": [
                    {
                        "path": hit.folder or ".",
                        "app": hit.id.app if hit.id is not None else None,
                        "env": hit.id.env if hit.id is not None else None,
                        "cluster": (hit.id.cluster or None) if hit.id is not None else None,
                        "gone": hit.gone,
                        "ways": [list(way) for way in hit.ways],
                    }
                    for hit in told.hits
                ],
            }
        )
        return 0
    if told.hits:
        rows = [
            (hit.folder or ".", hit.id.app if hit.id else "", hit.id.env if hit.id else "", _ways(hit))
            for hit in told.hits
        ]
        output.table(("Overlay", "App", "Environment", "By"), rows)
    if not ctx.find_root().params.get("quiet"):
        output.note(_summary(told))
    return 0


def _ways(hit: Hit) -> str:
    """The ways, one a line: the file that changed, then the bases and components that read it."""
    lines = [" <- ".join((way[-1], *(_folder(file) for file in reversed(way[1:-1])))) for way in hit.ways[:3]]
    more = len(hit.ways) - len(lines)
    lines += [f"and {more} more"] if more else []
    return "\n".join([*lines, "(it is there no more)"] if hit.gone else lines)


def _folder(file: str) -> str:
    return file.rpartition("/")[0] or "."


def _summary(told: workflow.Affected) -> str:
    if not told.paths:
        return "nothing changed"
    count = len(told.hits)
    if not count:
        return f"{len(told.paths)} changed files reach no overlay"
    return (
        f"{count} overlay{'' if count == 1 else 's'}"
        + (f" of {', '.join(told.apps[:8])}{' …' if len(told.apps) > 8 else ''}" if told.apps else "")
        + (f" in {', '.join(told.environments)}" if told.environments else "")
    )
