"""`fairlead gate`: may it be merged now? Ends with 1 where it may not."""

from __future__ import annotations

from dataclasses import asdict

import click

from fairlead.cli import output
from fairlead.cli.show_gates import table
from fairlead.model.errors import UsageError
from fairlead.steps.forging import open_forge
from fairlead.steps.gating import open_gating
from fairlead.steps.world import Run, environments, open_world
from fairlead.workflows import gate


@click.command(name="gate")
@click.argument("number", metavar="N", type=click.IntRange(min=1), required=False)
@click.option("--head", default="", metavar="REV", help="Judge this commit as a pull request that nobody has reviewed.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_obj
def command(run: Run, number: int | None, head: str, as_json: bool) -> int:
    """Judge a pull request by what its merge would do: whom it reaches, and whether it may be merged now.

    What the gates say is written into its comment, and as the status `fairlead/gate` of its head. Ends with 1 where a
    gate waits or is closed. The rules are those of the branch that is entered.
    """
    if (number is None) == (not head):
        raise UsageError("one pull request is to be named", remedy="fairlead gate N, or fairlead gate --head REV")
    world = open_world(run)
    forge = open_forge(world, environments(world).config)
    here = environments(world)
    gating = open_gating(world, here, forge)
    verdict = gate.of_branch(world, gating, head) if number is None else gate.run(world, forge, gating, number)
    if as_json:
        found = [asdict(result) for result in verdict.gates]
        output.as_json({"environments": verdict.environments, "open": verdict.open, "at": verdict.at, "gates": found})
    elif verdict.environments:
        output.result(f"reaches {', '.join(verdict.environments)}")
        table(verdict.gates)
    else:
        output.result("changes no environment: nothing to wait for")
    return 0 if verdict.open else 1
