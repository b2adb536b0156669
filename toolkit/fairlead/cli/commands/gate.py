"""`fairlead gate`: may it be merged now? Ends with 1 where it may not."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from fairlead.cli import output
from fairlead.cli.show_gates import table
from fairlead.model.errors import UsageError
from fairlead.steps import ci
from fairlead.steps.forging import open_forge
from fairlead.steps.sweeping import Row
from fairlead.steps.verdicts import Verdict
from fairlead.steps.world import Run, environments
from fairlead.workflows import gate


@click.command(name="gate")
@click.argument("number", metavar="N", type=click.IntRange(min=1), required=False)
@click.option("--head", default="", metavar="REV", help="Judge this commit as a pull request that nobody has reviewed.")
@click.option("--all-open", is_flag=True, help="Judge every open one, and merge those that are to be by themselves.")
@click.option("--merge-group", default="", metavar="REF", help="Judge the commit of a merge queue or merge train.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(run: Run, number: int | None, head: str, all_open: bool, merge_group: str, as_json: bool) -> int:
    """Judge a pull request by what its merge would do: whom it reaches, and whether it may be merged now.

    What the gates say is written into its comment, and as the status `fairlead/gate` of its head, where that is
    something new. Ends with 1 where a gate waits or is closed. The rules are those of the branch that is entered, which
    CI's variables name; the pull request's commit need not be checked out.

    With --all-open, for a job that runs every few minutes: what has soaked opens, what no longer holds closes, drafts
    become ready, and those set to merge by themselves (`fairlead pr auto`) are merged, from the bottom of each stack.
    Ends with 0 where each could be judged; otherwise as the first one that could not.
    """
    asked = [number is not None, bool(head), all_open, bool(merge_group)]
    if sum(asked) != 1:
        raise UsageError(
            "one thing is to be judged",
            remedy="fairlead gate N, or one of --all-open, --head REV, --merge-group REF",
        )
    world = ci.world(run)
    forge = open_forge(world, environments(world).config)
    if all_open:
        rows = gate.all_open(world, forge)
        notes = (*forge.notes(), *filter(None, (gate.unrequired(world, forge),)))
        return _swept(rows, notes, as_json=as_json)
    if merge_group:
        verdict = gate.of_group(world, forge, merge_group)
    else:
        verdict = gate.run(world, forge, number) if number is not None else gate.of_branch(world, forge, head)
    _told(verdict, environments(world).branch, as_json=as_json)
    return 0 if verdict.open else 1


def _told(verdict: Verdict, branch: str, *, as_json: bool) -> None:
    if as_json:
        output.as_json(_data(verdict))
        return
    if not verdict.pull.number and verdict.pull.want.key.startswith("group "):
        output.result(verdict.pull.want.title)
    if verdict.environments:
        output.result(f"reaches {', '.join(verdict.environments)}")
    elif verdict.pull.want.base != branch:
        output.result(f"enters {verdict.pull.want.base}, and not {branch}: nothing to wait for")
    elif not verdict.gates:
        output.result("changes no environment: nothing to wait for")
    else:
        output.result("changes no environment")
    if verdict.gates:
        table(verdict.gates)


def _data(verdict: Verdict) -> dict[str, Any]:
    found = [asdict(result) for result in verdict.gates]
    return {
        "environments": verdict.environments, "open": verdict.open, "state": verdict.state, "at": verdict.at,
        "gates": found,
    }  # fmt: skip


def _swept(rows: tuple[Row, ...], notes: tuple[str, ...], *, as_json: bool) -> int:
    if as_json:
        output.as_json({"pulls": [_row(row) for row in rows], "notes": notes})
    elif rows:
        output.table(
            ("#", "title", "gate", "waits for", "done"),
            [(str(row.pull.number), row.pull.want.title, _state(row), _waits(row), "\n".join(row.did)) for row in rows],
        )
    else:
        output.note("no open pull requests")
    failed = [row for row in rows if row.error is not None]
    for note in notes:
        output.note(f"note: {note}")
    for row in failed:
        output.note(f"error: #{row.pull.number}: {row.error.message if row.error is not None else ''}")
    return failed[0].error.exit_code if failed and failed[0].error is not None else 0


def _state(row: Row) -> str:
    return str(row.verdict.state) if row.verdict is not None else "error" if row.error is not None else ""


def _waits(row: Row) -> str:
    return row.verdict.told if row.verdict is not None and not row.verdict.open else ""


def _row(row: Row) -> dict[str, Any]:
    error = {"message": row.error.message, "exit": row.error.exit_code} if row.error is not None else None
    known = _data(row.verdict) if row.verdict is not None else {}
    auto = row.pull.auto.value if row.pull.auto is not None else ""
    named = {"number": row.pull.number, "title": row.pull.want.title, "pull": row.pull.state, "auto": auto}
    return {**named, **known, "done": row.did, "error": error}
