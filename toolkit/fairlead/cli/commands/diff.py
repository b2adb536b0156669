"""fairlead diff: what differs in the rendered objects, by a change or between environments."""

from __future__ import annotations

import click

from fairlead.cli import output, show_plan
from fairlead.model.errors import UsageError
from fairlead.report import compared
from fairlead.report.compared import Difference
from fairlead.report.markdown import inline
from fairlead.report.pull_text import HEAD, difference
from fairlead.steps.world import Run, environments


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--staged", is_flag=True, help="The change that is staged.")
@click.option("--since", metavar="REV", default=None, help="All that changed since history forked from REV.")
@click.option("--at", "at", metavar="REV", default=None, help="Up to this commit, not the files as they lie.")
@click.option("--app", "apps", multiple=True, metavar="APP", help="Only this app; may be given again.")
@click.option("--from", "source", default="", metavar="ENV", help="With --to: compare this environment ...")
@click.option("--to", "target", default="", metavar="ENV", help="... with this one.")
@click.option("--pull", "number", metavar="N", type=click.IntRange(min=1), help="What a pull request's merge would do.")
@click.option("--comment", is_flag=True, help="With --pull: keep it there as a comment.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True,
    help="Markdown is as it stands in a pull request.",
)  # fmt: skip
@click.option("--exit-code", is_flag=True, help="Exit 1 where something differs, or can't be told.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    paths: tuple[str, ...],
    staged: bool,
    since: str | None,
    at: str | None,
    apps: tuple[str, ...],
    source: str,
    target: str,
    number: int | None,
    comment: bool,
    form: str,
    exit_code: bool,
) -> int:
    """What differs in the rendered objects, grouped: the same change of several overlays is shown once.

    Without options it is what the change from HEAD to the files as they lie does, in every overlay that it reaches.
    PATHs narrow it to overlays that lie there or read what was changed there. With --from and --to, two environments
    are compared, app by app; what differs by the environments' names alone is left out. With --pull it is what merging
    a pull request would change on its branch.
    """
    run: Run = ctx.obj
    if comment and number is None:
        raise UsageError("--comment goes with --pull", remedy="fairlead diff --pull N --comment")
    if number is not None and (source or target):
        raise UsageError("--pull goes with neither --from nor --to", remedy=f"fairlead diff --pull {number}")
    if number is not None:
        found = _of_pull(run, number, paths, apps, staged=staged, since=since, at=at, comment=comment)
    elif source or target:
        found = _environments(run, paths, apps, source, target, at, staged=staged, since=since)
    else:
        from fairlead.workflows import diff

        found = diff.diff(run, diff.Request(paths, apps, staged, since, at))
    head = f"From {source} to {target}" if source else ""
    _show(found, form, head, quiet=bool(ctx.find_root().params.get("quiet")))
    return 1 if exit_code and found.differs else 0


def _of_pull(
    run: Run, number: int, paths: tuple[str, ...], apps: tuple[str, ...], *, staged: bool, since: str | None,
    at: str | None, comment: bool,
) -> Difference:  # fmt: skip
    """What a pull request does; with `comment`, its comment says so, too."""
    from fairlead.steps import ci
    from fairlead.steps.forging import open_forge
    from fairlead.workflows import diff

    world = ci.world(run)
    forge = open_forge(world, environments(world).config)
    pull = forge.get(number)
    found = diff.of_pull(world, forge, pull, diff.Request(paths, apps, staged, since, at))
    if comment:
        diff.keep(forge, pull, found, world.actor)
    return found


def _environments(
    run: Run, paths: tuple[str, ...], apps: tuple[str, ...], source: str, target: str, at: str | None, *,
    staged: bool, since: str | None,
) -> Difference:  # fmt: skip
    from fairlead.workflows import compare

    if not (source and target):
        raise UsageError("--from and --to go together", remedy="name both environments that are to be compared")
    if since is not None:
        raise UsageError(
            "--since tells of a change; --from and --to compare two environments of one state",
            remedy="leave one of them out; --at REV compares them as a commit has them",
        )
    if paths:
        wanted = " ".join(f"--app {word}" for word in paths)
        raise UsageError(
            "environments are compared by app, not by path",
            remedy=f"fairlead diff {wanted} --from {source} --to {target}",
        )
    return compare.compare(run, compare.Request(source, target, apps, at, staged))


def _show(found: Difference, form: str, head: str, *, quiet: bool) -> None:
    if form == "json":
        output.as_json(compared.data(found))
        return
    if form == "markdown":
        output.result(difference(found, inline(head) or HEAD))
    else:
        for remark in found.remarks:
            output.result(f"  {remark}")
        show_plan.differences(found.groups)
    for note in (*found.notes, *([_summary(found)] if found.overlays else [])):
        if not quiet:
            output.note(note)


def _summary(found: Difference) -> str:
    count, differing = len(found.overlays), sum(overlay.differs for overlay in found.overlays)
    many = f"{count} overlay{'' if count == 1 else 's'}"
    return f"{differing} of {many} differ{'s' if differing == 1 else ''}" if differing else f"{many}: nothing differs"
