"""fairlead check: validate overlays."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from fairlead.cli import output
from fairlead.cli.hook import Hooked
from fairlead.cli.show_findings import Wishes, options, show
from fairlead.doors.fs import read_plan
from fairlead.steps import sharding
from fairlead.steps.world import Run
from fairlead.workflows import check as workflow

if TYPE_CHECKING:
    from fairlead.steps.external import Wish


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--staged", is_flag=True, help="Judge what is staged, and only overlays that it reaches.")
@click.option("--at", "at", metavar="REV", default=None, help="Judge a commit instead of the files as they lie.")
@click.option("--since", metavar="REV", default=None, help="Judge only overlays that changes since REV reach.")
@click.option("--new", is_flag=True, help="With --since or --staged: only findings that the change brings.")
@click.option(
    "--as-if",
    type=click.Path(path_type=Path),
    metavar="PLAN",
    default=None,
    help="Judge what a plan would make of the branch, and only overlays that it reaches.",
)
@click.option(
    "--baseline",
    type=click.Choice(["write", "prune"]),
    default=None,
    help="Write the file of known findings, or take out of it what is gone.",
)
@click.option("--shard", metavar="I/N", default=None, help="Judge one of N parts; `fairlead report merge` joins them.")
@click.option("--costs", type=click.Path(), metavar="FILE", default=None, help="An earlier report; balances shards.")
@click.option("--fix", is_flag=True, help="Mend what can be proved, in the files as they lie.")
@click.option("--dry-run", is_flag=True, help="With --fix: tell what would be mended, and write nothing.")
@click.option("--diff", is_flag=True, help="With --fix: print it as a patch, and write nothing.")
@click.option(
    "--external",
    is_flag=False,
    flag_value="",
    multiple=True,
    metavar="[TOOL]",
    help="Ask kube-linter, kube-score, conftest and pluto, too, where they are on PATH; or just this one of them.",
)
@options
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    paths: tuple[str, ...],
    staged: bool,
    at: str | None,
    since: str | None,
    new: bool,
    as_if: Path | None,
    baseline: str | None,
    shard: str | None,
    costs: str | None,
    fix: bool,
    dry_run: bool,
    diff: bool,
    external: tuple[str, ...],
    form: str,
    reports: tuple[tuple[str, str], ...],
    every: bool,
) -> int:
    """Validate overlays: do they build, do Kubernetes' schemas accept them, does every entry do something?

    With PATHs, only the overlays that lie there or read what lies there. With --shard, the I-th of N parts of
    what would be judged without it: every overlay is in exactly one of them, on every machine the same. Exit
    code 1 means that there is at least one error.

    With --fix, what rules know how to mend is mended where every overlay that reads the file renders the same
    bytes afterwards. Exit code 1 then means that files were changed (or would be), 0 that there was nothing to mend.
    """
    run: Run = ctx.obj
    wishes = Wishes.of(ctx, form, reports, every)
    _refuse_together(ctx)
    hooked = Hooked.of(os.environ) if staged else Hooked()
    if fix:
        from fairlead.cli import show_fixes
        from fairlead.workflows import fix as mending

        write = not (dry_run or diff)
        fixed = mending.run(run, mending.Request(paths, staged, write, hooked.idle))
        return show_fixes.show(fixed, diff=diff, written=write, quiet=wishes.quiet)
    wish = None
    if shard is not None:
        recorded = sharding.costs(run.folder / costs, costs) if costs is not None else {}
        if recorded is None and not wishes.quiet:
            output.note(f"note: there is no {costs} yet: costs are taken from the number of files")
        wish = sharding.Sharding(sharding.share(shard), recorded or {})
    plan = None if as_if is None else (read_plan(as_if), str(as_if))
    paths, others = _others(run, paths, external)
    if hooked.since is not None:
        staged, since, at = False, hooked.since, hooked.at
    request = workflow.Request(paths, staged, at, since, wish, new, plan, baseline or "", others, hooked.idle)
    nothing = f"nothing that {'is staged' if staged else 'was changed'} reaches an overlay"
    some = staged or since is not None or as_if is not None
    return show(workflow.check(run, request), wishes, nothing if some else "")


def _others(run: Run, paths: tuple[str, ...], words: tuple[str, ...]) -> tuple[tuple[str, ...], Wish | None]:
    """Which tools to ask; a path that follows a bare `--external` is one of the paths."""
    if not words:
        return paths, None
    from fairlead.steps.external import TOOLS, Wish

    said = [name for word in words for name in word.split(",") if name]
    strays = tuple(word for word in said if word not in TOOLS and Path(run.folder, word).exists())
    return (*strays, *paths), Wish.of(tuple(word for word in said if word not in strays))


# What can't be said together, and what makes no sense alone.
_APART = (("staged", "at"), ("staged", "since"), ("staged", "as_if"), ("as_if", "at"), ("as_if", "since"))
_UNFIXED = ("at", "since", "new", "as_if", "baseline", "shard", "costs", "external", "reports", "every")
_ALONE = ("paths", "staged", "at", "since", "new", "as_if", "shard")


def _refuse_together(ctx: click.Context) -> None:
    said = {name for name, value in ctx.params.items() if value not in (None, False, ())}

    def flag(name: str) -> str:
        return "PATH" if name == "paths" else f"--{name.replace('_', '-')}"

    for one, other in _APART:
        if {one, other} <= said:
            raise click.UsageError(f"{flag(one)} and {flag(other)} exclude each other", ctx)
    for name in ("dry_run", "diff"):
        if name in said and "fix" not in said:
            raise click.UsageError(f"{flag(name)} says how to --fix", ctx)
    if "fix" in said:
        others = [flag(name) for name in _UNFIXED if name in said]
        others += [f"--format {ctx.params['form']}"] if ctx.params["form"] != "text" else []
        if others:
            raise click.UsageError(f"--fix and {others[0]} exclude each other", ctx)
    if "baseline" in said and said.intersection(_ALONE):
        other = next(name for name in _ALONE if name in said)
        raise click.UsageError(f"--baseline is about all that is found: it doesn't go with {flag(other)}", ctx)
    if "new" in said and not said & {"staged", "since", "as_if"}:
        raise click.UsageError("--new compares with what was before: say --since REV or --staged", ctx)
    if "new" in said and "shard" in said:
        raise click.UsageError("--new and --shard exclude each other", ctx)
    if "costs" in said and "shard" not in said:
        raise click.UsageError("--costs says how to split, and there is no --shard", ctx)
