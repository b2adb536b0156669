"""A program of yours must agree: one that asks a cluster for health, a change calendar, a ticket.

It is run once for each app that the pull request changes in the environment, without a shell, and must end with 0 in
time. FAIRLEAD_APP, FAIRLEAD_ENV, FAIRLEAD_SOURCE (the environment before, or empty) and FAIRLEAD_COMMIT (the head)
tell it what about; FAIRLEAD_ROOT is the repository. Files of the repository that the command names are taken from the
branch that is entered, never from the pull request, and lie in the folder in which it runs. The end of what it prints
is kept as evidence.

`gates: {command: [ops/healthy.sh]}` or `gates: {command: {run: [python3, ops/healthy.py], timeout: 2m}}` in the
environment that is entered.
"""

from __future__ import annotations

from fairlead.model.gates import Facts, GateResult, GateState, Ran
from fairlead.repo.config import Environment, GateRules
from fairlead.repo.times import span

ID = "command"


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Closed where it says no for an app, or says nothing."""
    if not rules.command:
        return GateResult(ID, GateState.OPEN, "no command is asked")
    program = " ".join(rules.command)
    evidence = tuple(_evidence(ran, rules) for ran in facts.ran)
    bad = next((ran for ran in facts.ran if ran.code != 0), None)
    if bad is not None:
        what = "gave no answer" if bad.code is None else f"says no ({bad.code})"
        return GateResult(ID, GateState.CLOSED, f"{program} {what} for {bad.app}", evidence)
    if not facts.ran:
        return GateResult(ID, GateState.CLOSED, f"{program} was not run: no app of {target.name} is changed")
    return GateResult(ID, GateState.OPEN, f"{program} says yes", evidence)


def _evidence(ran: Ran, rules: GateRules) -> str:
    end = f"ended with {ran.code}" if ran.code is not None else f"did not answer within {span(rules.timeout)}"
    return f"{ran.app}: {end} after {ran.seconds:.1f} s" + (f": {ran.output}" if ran.output else "")
