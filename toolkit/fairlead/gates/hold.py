"""What was rolled back must not come again unasked.

A rollback leaves a hold on what it took back. While it lasts, no pull request brings these values into that
environment, nor into one that comes after it in a chain; `promote` leaves them out unless they are named, and open
pull requests of them are closed. `fairlead release UNIT --reason TEXT` ends it.
"""

from __future__ import annotations

from fairlead.model.gates import Facts, GateResult, GateState, Hold
from fairlead.repo.config import Environment, GateRules
from fairlead.repo.times import moment

ID = "hold"


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Closed by any hold on what comes."""
    if not facts.holds:
        return GateResult(ID, GateState.OPEN, "nothing that comes is held")
    first = facts.holds[0]
    more = f" (and {len(facts.holds) - 1} more)" if len(facts.holds) > 1 else ""
    message = (
        f"{first.app} {first.name} was rolled back in {first.env} on {moment(first.at)}{more}; "
        f"fairlead release {first.name} --reason TEXT ends the hold"
    )
    return GateResult(ID, GateState.CLOSED, message, tuple(map(_evidence, facts.holds)))


def _evidence(hold: Hold) -> str:
    pull = f" by #{hold.pull}" if hold.pull else ""
    reason = f": {hold.reason}" if hold.reason else ""
    return f"{hold.app} {hold.name}: rolled back in {hold.env}{pull}, {hold.by} at {moment(hold.at)}{reason}"
