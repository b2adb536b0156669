"""`fairlead rollback`: back to an earlier state, by a pull request, proved by equal rendering."""

from __future__ import annotations

import sys

import click

from fairlead.cli import ask, output, show_plan
from fairlead.model.errors import UsageError
from fairlead.promotion.plan_json import plan_id
from fairlead.steps.forging import open_forge
from fairlead.steps.world import Run, environments, open_world
from fairlead.workflows import rollback


@click.command(name="rollback")
@click.argument("app")
@click.argument("env")
@click.option("--to", default="", metavar="REV", help="The state at a commit or tag (default: before the last change).")
@click.option("--reason", default="", help="Recorded in the plan, the commit and the pull request.")
@click.option("--dry-run", is_flag=True, help="Show the plan; change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Don't ask.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(run: Run, app: str, env: str, to: str, reason: str, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Take an app in an environment back to how it was.

    The pull request restores the earlier bytes; that the result renders exactly as it did then is proved
    before it is opened. Open promotions of the app into that environment are closed.
    """
    world = open_world(run)
    forge = open_forge(world, environments(world).config)
    back = rollback.plan(world, forge, app, env, to, reason=reason)
    plan = back.planned.plan
    if as_json and dry_run:
        output.as_json(show_plan.as_data(plan, back.evidence) | {"proved": back.proved, "good": back.good})
        return
    if not as_json:
        output.result(f"{app} in {env}: back to {back.told} ({back.good[:12]})")
        show_plan.plan(plan, back.evidence, held=False)
        verdict = "renders exactly as it did then" if back.proved else "would NOT render as it did then:"
        output.result(f"\n  {verdict}")
        if not back.proved:
            show_plan.differences(back.off)
        output.result(f"\nplan {plan_id(plan)[:12]}")
    if dry_run:
        return
    rollback.refuse_unproved(back)
    if not yes:
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise UsageError("this would open a pull request", remedy="add --yes, or --dry-run to look first")
        target = back.chronicle.environments.config.environment(env)
        ask.sure("Open the pull request?", [target.name] if target.guarded else [])
    pull = rollback.apply(back, forge)
    if as_json:
        output.as_json({"number": pull.number, "title": pull.want.title, "branch": pull.want.head})
    else:
        output.result(f"#{pull.number}  {pull.want.title}  [{pull.want.head}]")
