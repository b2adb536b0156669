"""`fairlead promote`: flags fill the request; on a terminal without any, questions do."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path

import click

from fairlead.cli import output, show_plan
from fairlead.delivery.deliver import moving
from fairlead.doors.fs import read_plan, write_text
from fairlead.model.errors import ConflictError, UsageError
from fairlead.model.plan import Plan
from fairlead.model.pulls import Forge, Pull
from fairlead.model.values import dataclass
from fairlead.promotion.message import UNSAID, Message
from fairlead.promotion.message import message as read_message
from fairlead.promotion.plan_json import dump, plan_id
from fairlead.promotion.selection import Selection
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.evidence import mark, refuse_unexplained
from fairlead.steps.forging import open_forge
from fairlead.steps.planning import Planned
from fairlead.steps.routes import NoAppNamedError, Request, steps
from fairlead.steps.soaking import Staying
from fairlead.steps.world import Run, World, environments, open_world
from fairlead.workflows import promote
from fairlead.workflows.promote import Proposal


@dataclass(frozen=True)
class Wishes:
    """What the flags say beside the request."""

    dry_run: bool = False
    exit_code: bool = False
    plan_out: Path | None = None
    plan: Path | None = None
    explain: str = ""
    yes: bool = False
    json: bool = False
    said: Message = UNSAID
    emergency: str = ""
    supersede: str = ""
    auto: bool | None = None
    join: bool = False

    @property
    def looking(self) -> bool:
        """Whether nothing is to be changed, so that nothing needs a yes."""
        return self.dry_run or self.plan_out is not None or bool(self.explain)


@click.command(name="promote")
@click.argument("apps", nargs=-1)
@click.option("--from", "source", default="", metavar="ENV", help="Source (default: the stage before, or the first).")
@click.option("--to", "target", default="", metavar="ENV", help="Target (default: the next in the chain).")
@click.option("--through", default="", metavar="ENV", help="Every hop up to here, as a stack of pull requests.")
@click.option("--all", "every", is_flag=True, help="All apps.")
@click.option("--each", is_flag=True, help="A pull request for each app, not one for all.")
@click.option("--set", "sets", multiple=True, metavar="NAME", help="The apps of a set in fairlead.yaml.")
@click.option("--as-of", default="", metavar="REV", help="The source as it stood at this commit or tag.")
@click.option(
    "--next", "soaked", is_flag=True, help="The newest that has soaked in the source, though that has moved on."
)
@click.option(
    "--supersede",
    type=click.Choice(("soaked", "newest")),
    help="What may replace an open pull request that waits to have soaked (default: as configured, soaked).",
)
@click.option("--join", is_flag=True, help="Take the place of open promotions of these apps, with all that they carry.")
@click.option("--field", "fields", multiple=True, metavar="PATTERN", help="Only these fields (* is any text).")
@click.option(
    "--unit",
    "units",
    multiple=True,
    metavar="UNIT",
    help="Only this unit: its new value, or [APP: ]OLD -> NEW.",
)
@click.option(
    "--only", "kinds", multiple=True, metavar="KIND|UNIT", help="Only images, charts, refs, versions, settings, files."
)
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Not these fields or units.")
@click.option("--partial", is_flag=True, help="Also a unit of which a value can't be edited; needs --reason.")
@click.option("--dry-run", is_flag=True, help="Show the plan; change nothing.")
@click.option("--exit-code", is_flag=True, help="With --dry-run: exit 1 where there is something to promote.")
@click.option("--plan-out", type=click.Path(path_type=Path), metavar="FILE", help="Write the plan; change nothing.")
@click.option("--plan", "plan_file", type=click.Path(path_type=Path), metavar="FILE", help="Apply exactly this plan.")
@click.option("--explain", default="", metavar="FIELD", help="Why a field is promoted, offered or kept.")
@click.option("--skip-order", is_flag=True, help="Leave out a stage; needs --reason.")
@click.option("--emergency", is_flag=True, help="Say in the pull requests which gates are to be skipped; see --reason.")
@click.option("--reason", default="", help="Recorded in the plan, the commits and the pull request.")
@click.option(
    "--auto-merge/--no-auto-merge",
    "auto",
    default=None,
    help="Merge as soon as every gate is open (default: as configured, no).",
)
@click.option(
    "-m", "--message", default="", metavar="TEXT", help="Title of the pull request; after an empty line, text on top."
)
@click.option("-y", "--yes", is_flag=True, help="Don't ask.")
@click.option("--json", "as_json", is_flag=True, help="The plan (or the pull requests) as JSON.")
@click.pass_obj
def command(
    run: Run,
    apps: tuple[str, ...],
    source: str,
    target: str,
    through: str,
    every: bool,
    each: bool,
    sets: tuple[str, ...],
    as_of: str,
    soaked: bool,
    supersede: str | None,
    join: bool,
    fields: tuple[str, ...],
    units: tuple[str, ...],
    kinds: tuple[str, ...],
    exclude: tuple[str, ...],
    partial: bool,
    dry_run: bool,
    exit_code: bool,
    plan_out: Path | None,
    plan_file: Path | None,
    explain: str,
    skip_order: bool,
    emergency: bool,
    reason: str,
    auto: bool | None,
    message: str,
    yes: bool,
    as_json: bool,
) -> int:
    """Carry changes from one environment into the next.

    Shows what moves, what that does to the rendered objects, and what stays and why; then makes one commit
    an app and hop, one branch and one pull request a hop. On a terminal it asks for what is not said: with no app named
    for everything, else whether you are sure. Without a terminal nothing is ever asked.
    APPS are names, sets of fairlead.yaml, or patterns ('pay-*').
    """
    alarm = refuse_unexplained(reason, emergency=emergency)
    wishes = Wishes(
        dry_run,
        exit_code,
        plan_out,
        plan_file,
        explain,
        yes,
        as_json,
        read_message(message),
        alarm,
        supersede or "",
        auto,
        join,
    )
    selection = Selection(fields, units, exclude, partial=partial).only(kinds)
    if partial and not reason.strip():
        raise UsageError("--partial needs a reason", remedy="--reason 'why the other half can wait'")
    why = "" if plan_file is not None and emergency else reason  # a plan has its own; this is the emergency's
    request = Request(apps, every, source, target, through, selection, skip_order, why, sets, as_of, soaked)
    if join and (through or plan_file is not None):
        other = "--through" if through else "--plan"
        raise UsageError(f"--join and {other} can't go together", remedy="join for one hop, then go on from there")
    if plan_file is not None and request != Request():
        raise UsageError("--plan applies a plan as it is", remedy="leave out apps and selections, or make a fresh plan")
    if each and (plan_file is not None or plan_out is not None or as_json or explain):
        raise UsageError(
            "--each makes a plan for each app", remedy="leave out --plan, --plan-out, --json and --explain"
        )
    world = open_world(run)
    forge = open_forge(world, environments(world).config)
    if explain and not (apps or sets) and plan_file is None:
        request = replace(request, every_app=True)
    asking = sys.stdin.isatty() and sys.stderr.isatty() and not (yes or as_json or wishes.looking)
    if asking and plan_file is None and not (apps or sets or every):
        return _walk(world, forge, request, wishes.said)
    if not asking:
        _refuse_missing(world, request, wishes)
    if each:
        from fairlead.cli.each import promote_each

        return promote_each(world, forge, request, lambda one: _promote(world, forge, one, wishes, asking=asking))
    return _promote(world, forge, request, wishes, asking=asking)


def _walk(world: World, forge: Forge, request: Request, said: Message) -> int:
    from fairlead.cli import walk

    agreed = walk.ask(world, forge, request, said)
    before = forge.pulls(open_only=True)
    _told(promote.apply(agreed.proposal, forge, agreed.said), before, as_json=False)
    output.note(f"without questions: {walk.one_line(agreed.request, agreed.said)}")
    return 0


def _refuse_missing(world: World, request: Request, wishes: Wishes) -> None:
    """Where nobody can be asked, all that is missing is told at once. Raises UsageError."""
    here = environments(world)
    missing, remedies = [], []
    if wishes.plan is None:
        try:
            steps(here, replace(request, reason=request.reason or "?"))
        except NoAppNamedError as error:
            missing.append("APP... (or --all)")
            remedies.append(error.remedy or error.message)
        if request.skip_order and not request.reason:
            missing.append("--reason")
            remedies.append("--skip-order needs a reason: --reason 'why this can't wait for its turn'")
    if not wishes.yes and not wishes.looking:
        missing.append("--yes")
        remedies.append("this would open pull requests: add --yes, or --dry-run to look first")
    if missing:
        raise UsageError(f"nobody is asked here, and this is missing: {', '.join(missing)}", remedy="\n".join(remedies))


def _planned(
    world: World, forge: Forge, request: Request, wishes: Wishes
) -> tuple[Chronicle, Planned, tuple[Pull, ...]]:
    """The plan, and the pull requests of which it takes the place."""
    if wishes.plan is not None:
        return *promote.from_file(world, forge, read_plan(wishes.plan), str(wishes.plan)), ()
    chronicle, planned = promote.plan(world, request, forge)
    if not wishes.join:
        return chronicle, planned, ()
    return chronicle, *promote.join(chronicle, planned, request, forge, wishes.supersede)


def _promote(world: World, forge: Forge, request: Request, wishes: Wishes, *, asking: bool) -> int:
    chronicle, planned, instead = _planned(world, forge, request, wishes)
    if wishes.explain:
        from fairlead.cli import show_explanation
        from fairlead.workflows import explain as explaining

        show_explanation.told(explaining.of_plans(chronicle, [planned.plan], wishes.explain), as_json=wishes.json)
        return 0
    stays = promote.stays(chronicle, planned.plan, forge, wishes.supersede)
    _overlapping(planned.plan, forge, stays, wishes, instead)
    proposal = promote.assessed(chronicle, planned)
    if not wishes.json:
        show_plan.plan(planned.plan, proposal.evidence)
        output.result(f"\nplan {plan_id(planned.plan)[:12]}")
    if wishes.plan_out is not None:
        write_text(wishes.plan_out, dump(planned.plan).decode("utf-8", "surrogateescape"))
        output.note(f"wrote {wishes.plan_out}; apply it with: fairlead promote --plan {wishes.plan_out}")
    if wishes.json and (wishes.dry_run or wishes.plan_out or planned.empty):
        output.as_json(show_plan.as_data(planned.plan, proposal.evidence))
    if planned.empty:
        output.note("nothing to promote")
        if request.soaked and not (wishes.dry_run or wishes.plan_out):
            promote.see(chronicle, planned)
        return 0
    show_plan.stays(stays)
    for pull in instead:
        output.note(f"note: it takes the place of #{pull.number} {pull.want.title}")
    if wishes.dry_run or wishes.plan_out is not None:
        return 1 if wishes.exit_code else 0
    if not wishes.yes and len(stays) < len(moving(planned.plan)):
        _confirm(proposal, asking=asking)
    before = forge.pulls(open_only=True)
    pulls = promote.apply(proposal, forge, wishes.said, supersede=wishes.supersede, auto=wishes.auto, instead=instead)
    if wishes.emergency:
        from fairlead.steps.gating import open_gating

        gating = open_gating(world, environments(world), forge)
        pulls = mark(world, forge, gating, pulls, wishes.emergency)
    _told(pulls, before, as_json=wishes.json)
    return 0


def _done(pull: Pull, before: Pull | None) -> str:
    if before is None:
        return "created"
    return "unchanged" if before.want == pull.want else "updated"


def _confirm(proposal: Proposal, *, asking: bool) -> None:
    """Default No; for a protected environment its name is typed."""
    if not asking:
        raise UsageError("this would open pull requests", remedy="add --yes, or --dry-run to look first")
    from fairlead.cli import ask

    config = proposal.chronicle.environments.config
    targets = dict.fromkeys(h.target for h in proposal.plan.hops if any(a.changes() for a in h.apps))
    guarded = [name for name in targets if config.environment(name).guarded]
    ask.sure("Open the pull requests?", guarded)


def _overlapping(
    plan: Plan, forge: Forge, stays: tuple[Staying, ...], wishes: Wishes, instead: tuple[Pull, ...]
) -> None:
    """Another open promotion of the same app stops what is to be applied, and is told of what is only looked at."""
    try:
        promote.refuse_overlapping(plan, forge, stays, instead)
    except ConflictError as error:
        if not wishes.looking:
            raise
        output.note(f"note: this could not be applied now: {error.message}")


def _told(pulls: tuple[Pull, ...], before: tuple[Pull, ...], *, as_json: bool) -> None:
    """The pull requests, each with what became of it since `before`."""
    known = {p.number: p for p in before}
    done = {p.number: _done(p, known.get(p.number)) for p in pulls}
    if as_json:
        rows = ((p, p.want) for p in pulls)
        output.as_json(
            [{"number": p.number, "title": w.title, "branch": w.head, "done": done[p.number]} for p, w in rows]
        )
        return
    for pull in pulls:
        how = [done[pull.number]] if done[pull.number] != "created" else []
        why = "the one below comes first" if pull.want.below else "its gates wait"
        how += [f"draft: {why}"] if pull.want.draft else []
        how += ["merged by itself when its gates are open"] if pull.auto is not None else []
        more = f"  ({'; '.join(how)})" if how else ""
        output.result(f"#{pull.number}  {pull.want.title}  [{pull.want.head}]{more}")
    first = pulls[0].number
    labels = dict(label.split(": ", 1) for label in reversed(pulls[0].want.labels) if ": " in label)
    back = shlex.join(["fairlead", "rollback", labels.get("app", "APP"), labels.get("environment", "ENV")])
    output.note(f"look: fairlead pr show {first}")
    output.note(f"take it back: fairlead pr close {first} --why …; after the merge: {back}")
