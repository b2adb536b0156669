"""`fairlead pr`: pull requests as the forge holds them, with the gates that stand before them."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from typing import Any

import click

from fairlead.cli import ask, output, show_plan
from fairlead.cli.show_gates import table, until
from fairlead.model.errors import CancelledError, UsageError
from fairlead.model.gates import GateState
from fairlead.model.pulls import Forge, Method, Pull, PullState, Status, StatusState
from fairlead.model.values import dataclass
from fairlead.promotion.plan_json import encode, plan_id
from fairlead.repo.times import moment, span
from fairlead.steps import merging
from fairlead.steps.evidence import MARKER, refuse_unexplained
from fairlead.steps.forging import open_forge
from fairlead.steps.gating import Gating, open_gating
from fairlead.steps.world import Run, World, environments, open_world
from fairlead.workflows import pull as workflow

_NUMBER = click.IntRange(min=1)


@dataclass(frozen=True)
class _Opened:
    world: World
    forge: Forge
    gating: Gating


def _open(run: Run) -> _Opened:
    world = open_world(run)
    forge = open_forge(world, environments(world).config)
    found = environments(world)
    return _Opened(world, forge, open_gating(world, found, forge))


@click.group("pr", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Pull requests: list, show, open, approve, merge, close; statuses of commits."""


@command.command("list")
@click.option("--all", "every", is_flag=True, help="Merged and closed ones too.")
@click.option("--json", "as_json", is_flag=True, help="The result for programs.")
@click.pass_obj
def list_(run: Run, /, *, every: bool, as_json: bool) -> None:
    """List the open pull requests, newest first, and what each waits for.

    The checks need every environment rendered: `fairlead pr show N` and `merge` run them.
    """
    opened = _open(run)
    listing = workflow.listing(opened.world, opened.forge, opened.gating, every=every)
    for text in listing.notes:
        output.note(f"note: {text}")
    if as_json:
        rows = [_as_json(seen) for seen in listing.rows]
        output.as_json([{name: value for name, value in row.items() if name != "mergeable"} for row in rows])
        return
    if not listing.rows:
        output.note("no pull requests" if every else "no open pull requests (--all shows the others)")
        return
    now = run.clock.now()
    output.table(
        ("#", "title", "state", "gates", "by", "updated"),
        [
            (
                str(seen.pull.number),
                seen.pull.want.title,
                str(seen.pull.state),
                _summary(seen),
                seen.pull.want.author,
                _ago(now - seen.pull.updated),
            )
            for seen in listing.rows
        ],
    )


def _number(forge: Forge, name: str) -> int:
    if name.isdecimal():
        return int(name)
    found = [pull.number for pull in forge.pulls() if pull.want.head == name]
    if not found:
        raise UsageError(f"no pull request is of a branch {name!r}", remedy="fairlead pr list --all shows them")
    return max(found)


@command.command("show")
@click.argument("name", metavar="N|BRANCH")
@click.option("--plan", "whole", is_flag=True, help="All of its plan: every value that moves or stays, and why.")
@click.option("--json", "as_json", is_flag=True, help="The result for programs; with --plan, the plan's.")
@click.pass_obj
def show(run: Run, /, *, name: str, whole: bool, as_json: bool) -> None:
    """Show one: its state, its gates with their evidence, its text, its reviews. Of a branch, the newest."""
    opened = _open(run)
    number = _number(opened.forge, name)
    if whole:
        _show_plan(opened, number, as_json=as_json)
        return
    seen = workflow.show(opened.world, opened.forge, opened.gating, number)
    if as_json:
        output.as_json(_as_json(seen))
        return
    pull, want = seen.pull, seen.pull.want
    output.result(f"#{number} {want.title}")
    output.result(f"  {_state(pull)}")
    if pull.auto is not None and pull.state is PullState.OPEN:
        output.result(f"  merged by itself ({pull.auto}) as soon as every gate is open")
    output.result(f"  {want.head} -> {want.base}, asked for by {want.author} on {moment(pull.created)}")
    below = opened.forge.find(want.below) if want.below else None
    if below is not None:
        output.result(f"  stands on #{below.number} {below.want.title}, which must be merged first")
    if seen.gates:
        output.result("")
        table(seen.gates)
    if want.body.strip():
        output.result("")
        output.markdown(want.body.strip())
    if pull.reviews or pull.comments:
        output.result("")
    for review in pull.reviews:
        word = "approved" if review.approved else "requested changes"
        stale = "" if review.hop_id == want.hop_id else " (of an earlier state: doesn't count)"
        output.result(f"  {moment(review.at)}  {review.author} {word}{stale}")
    for comment in pull.comments:
        if comment.marker == MARKER and pull.state is PullState.OPEN:
            continue  # as they stood then; they are shown as they stand now
        output.result(f"  {moment(comment.at)}  {comment.author}: {comment.text}")
    if seen.open:
        output.note(f"every gate is open: fairlead pr merge {number}")


def _show_plan(opened: _Opened, number: int, *, as_json: bool) -> None:
    made, hop = workflow.plan_of(opened.world, opened.forge.get(number))
    if as_json:
        output.as_json({"id": plan_id(made), "hop": hop.id, "plan": encode(made)})
        return
    output.result(f"plan {plan_id(made)}, made from {made.target_commit[:12]}")
    show_plan.plan(replace(made, hops=(hop,)), ())


@command.command("open")
@click.argument("branch", default="")
@click.option("--title", default="", metavar="TEXT", help="Its title (default: the subject of the last commit).")
@click.pass_obj
def open_(run: Run, /, *, branch: str, title: str) -> None:
    """Open one of a branch made by hand (default: the one that is checked out); again, it is brought up to date.

    It is judged by what it does to the rendered objects, as any other.
    """
    opened = _open(run)
    name = branch or opened.world.git.head_branch() or ""
    base = opened.gating.environments.branch
    pull = workflow.open_branch(opened.world, opened.forge, base, name, title)
    output.result(f"#{pull.number}  {pull.want.title}  [{pull.want.head}]")
    _tell_gates(opened, pull)


@command.command("approve")
@click.argument("number", metavar="N", type=_NUMBER)
@click.pass_obj
def approve(run: Run, /, *, number: int) -> None:
    """Approve what it does now, as who you are to git (or --as WHO); not what you asked for yourself."""
    opened = _open(run)
    pull = workflow.review(opened.world, opened.forge, number, approved=True)
    output.result(f"#{number} approved by {opened.world.actor}")
    _tell_gates(opened, pull)


@command.command("request-changes")
@click.argument("number", metavar="N", type=_NUMBER)
@click.pass_obj
def request_changes(run: Run, /, *, number: int) -> None:
    """Ask for changes: it can't be merged until you approve it, or it changes."""
    opened = _open(run)
    workflow.review(opened.world, opened.forge, number, approved=False)
    output.result(f"#{number}: {opened.world.actor} requested changes")


@command.command("merge")
@click.argument("number", metavar="N", type=_NUMBER)
@click.option("--yes", "-y", is_flag=True, help="Don't ask.")
@click.option("--emergency", is_flag=True, help="Skip the gates that are shut; needs --reason.")
@click.option("--reason", default="", help="Why it can't wait; goes on record with the names of the gates.")
@click.option(
    "--method",
    type=click.Choice([m.value for m in Method]),
    default=Method.MERGE.value,
    show_default=True,
    help="Under a merge commit, as one commit, or its commits one after the other.",
)
@click.pass_obj
def merge(run: Run, /, *, number: int, yes: bool, emergency: bool, reason: str, method: str) -> None:
    """Merge it if every gate is open: its base branch moves, its own branch is removed.

    What each gate said is kept in a comment and in the audit log. An emergency skips those that are shut: their names
    and the reason stand in the merge, the comment, the audit log and the history.

    One whose change was brought to the base by other means (squashed, rebased by hand) is recorded as merged. What
    stood on it is built again on the base.
    """
    why = refuse_unexplained(reason, emergency=emergency)
    opened = _open(run)
    seen = merging.prepare(opened.world, opened.forge, opened.gating, number, why)
    if why:
        for result in seen.shut:
            output.note(f"skipped: {result.gate}, {result.state}: {result.message}")
    if not yes and seen.pull.state is PullState.OPEN:
        _confirm(seen)
    merged = merging.merge(opened.world, opened.forge, opened.gating, seen, Method(method))
    want = merged.pull.want
    what = "was merged before, as" if merged.again else f"merged into {want.base} as"
    output.result(f"#{number} {want.title}: {what} {merged.pull.merge_commit[:12]}")
    for above in merged.above:
        output.result(f"#{above.number} {above.want.title}: built again on {above.want.base}")
    for note in merged.notes:
        output.note(f"note: {note}")


@command.command("auto")
@click.argument("number", metavar="N", type=_NUMBER)
@click.option(
    "--method",
    type=click.Choice([m.value for m in Method]),
    default=Method.MERGE.value,
    show_default=True,
    help="Under a merge commit, as one commit, or its commits one after the other.",
)
@click.option("--off", is_flag=True, help="Take it back: people merge it.")
@click.pass_obj
def auto(run: Run, /, *, number: int, method: str, off: bool) -> None:
    """Have it merged by itself as soon as every gate is open, by the forge or by `fairlead gate --all-open`.

    Who asked is on record. It is taken back when the pull request changes what it does.
    """
    opened = _open(run)
    pull = workflow.auto(opened.world, opened.forge, number, None if off else Method(method))
    if pull.auto is None:
        output.result(f"#{number} {pull.want.title}: people merge it")
        return
    output.result(f"#{number} {pull.want.title}: merged ({pull.auto}) as soon as every gate is open")
    _tell_gates(opened, pull)


@command.command("status")
@click.argument("revision", metavar="REV")
@click.argument("context", metavar="NAME")
@click.argument("state", type=click.Choice([str(state) for state in StatusState]))
@click.option("--text", default="", metavar="TEXT", help="What people are told.")
@click.pass_obj
def status(run: Run, /, *, revision: str, context: str, state: str, text: str) -> None:
    """Record what a program says of a commit, such as CI's tests: `fairlead pr status HEAD ci/test success`.

    The gate `statuses` asks for it on the commit that a promotion was made from.
    """
    opened = _open(run)
    word = Status(" ".join(context.split()), StatusState(state), opened.world.actor, run.clock.now(), text)
    commit = workflow.set_status(opened.world, opened.forge, revision, word)
    output.result(f"{word.context} of {commit[:12]}: {state}")


@command.command("close")
@click.argument("number", metavar="N", type=_NUMBER)
@click.option("--why", required=True, metavar="TEXT", help="What people are told.")
@click.pass_obj
def close(run: Run, /, *, number: int, why: str) -> None:
    """Close it unmerged, and remove its branch."""
    opened = _open(run)
    pull = workflow.close(opened.world, opened.forge, number, why)
    output.result(f"#{number} {pull.want.title}: closed ({pull.closed_why})")


def _confirm(seen: merging.Seen) -> None:
    """Ask on a terminal; into a protected environment, its name must be typed.

    Raises:
        UsageError: no terminal to ask on.
        CancelledError: the answer is no.
    """
    number = seen.pull.number
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            f"merging #{number} needs a yes, and there is no terminal to ask on",
            remedy=f"fairlead pr merge {number} --yes",
        )
    protected = [e.name for e in seen.environments if e.guarded]
    title = seen.pull.want.title
    if protected:
        name = protected[-1]
        sure = ask.text(f"#{number} {title}. Type {name} to merge it into that environment:").strip() == name
    else:
        sure = ask.confirm(f"Merge #{number} {title}?")
    if not sure:
        raise CancelledError(f"cancelled; #{number} stays open")


def _tell_gates(opened: _Opened, pull: Pull) -> None:
    shut = [r for r in opened.gating.judge(pull) if r.state is not GateState.OPEN]
    if shut:
        output.note("still " + "; ".join(f"{r.state}: {r.gate} ({r.message})" for r in shut))
    else:
        output.note(f"every gate is open: fairlead pr merge {pull.number}")


def _summary(seen: merging.Seen) -> str:
    """What it waits for, in a few words."""
    if seen.pull.state is not PullState.OPEN or not seen.gates:
        return ""
    shut = [r for r in seen.gates if r.state is not GateState.OPEN]
    if not shut:
        return "open"
    return ", ".join(f"{r.gate} {r.state}" + (f" until {until(r)}" if r.until else "") for r in shut)


def _state(pull: Pull) -> str:
    if pull.state is PullState.MERGED:
        return f"merged by {pull.merged_by} on {moment(pull.merged_at)} as {pull.merge_commit[:12]}"
    if pull.state is PullState.CLOSED:
        return f"closed: {pull.closed_why}"
    return "open (draft)" if pull.want.draft else "open"


def _ago(seconds: int) -> str:
    return f"{span(seconds)} ago" if seconds >= 60 else "now"


def _as_json(seen: merging.Seen) -> dict[str, Any]:
    pull = asdict(seen.pull)
    want = pull.pop("want")
    return {
        "number": pull.pop("number"),
        "state": pull.pop("state"),
        **want,
        **pull,
        "environments": [e.name for e in seen.environments],
        "gates": [asdict(r) for r in seen.gates],
        "mergeable": seen.open,
    }
