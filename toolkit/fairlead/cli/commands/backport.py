"""`fairlead backport`: a hotfix, carried back to where promotions come from."""

from __future__ import annotations

import sys

import click

from fairlead.cli import ask, output, show_plan
from fairlead.model.errors import UsageError
from fairlead.promotion.plan_json import plan_id
from fairlead.steps.forging import open_forge
from fairlead.steps.world import Run, environments, open_world
from fairlead.workflows import backport


@click.command(name="backport")
@click.argument("app")
@click.argument("env")
@click.argument("field", default="")
@click.option("--to", "into", default="", metavar="ENV", help="The environment that gets it (default: the one before).")
@click.option("--reason", default="", help="Recorded in the plan, the commit and the pull request.")
@click.option("--dry-run", is_flag=True, help="Show the plan; change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Don't ask.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(
    run: Run, app: str, env: str, field: str, into: str, reason: str, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Carry a hotfix of an environment to the one before it, by a pull request.

    Without FIELD, all that was changed in ENV alone since something was last promoted into it; with FIELD (a pattern),
    what differs there. Then the chain agrees again, and nothing is lost with the next promotion.
    """
    world = open_world(run)
    forge = open_forge(world, environments(world).config)
    back = backport.plan(world, forge, app, env, field, into, reason=reason)
    plan = back.planned.plan
    if as_json and dry_run:
        output.as_json(show_plan.as_data(plan, ()))
        return
    if not as_json:
        show_plan.plan(plan, (), held=False)
        output.result(f"\nplan {plan_id(plan)[:12]}")
    if dry_run:
        return
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError("this would open a pull request", remedy="add --yes, or --dry-run to look first")
        ask.sure("Open the pull request?", [])
    pull = backport.apply(back, forge)
    if as_json:
        output.as_json({"number": pull.number, "title": pull.want.title, "branch": pull.want.head})
    else:
        output.result(f"#{pull.number}  {pull.want.title}  [{pull.want.head}]")
