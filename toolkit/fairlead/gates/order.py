"""A change enters an environment only after the one before it.

Every value that a pull request carries must be what the source environment runs now, or what it ran until
it moved on to a newer one. A value that was taken back there (a rollback) closes the gate: it must not go
further. The pull requests that this one stands on come first; until they are merged, the gate waits. It waits as well
for what else is of the source's stage, its other environments and clusters (any of them will do with `order: any`).
"""

from __future__ import annotations

from fairlead.model.gates import Carried, Facts, GateResult, GateState
from fairlead.repo.config import Environment, GateRules

ID = "order"


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Closed where the source doesn't stand behind a value; waiting for lower pull requests, for history."""
    if not facts.source:
        if facts.waits_for:
            return _waits(facts, ())
        return GateResult(ID, GateState.OPEN, "nothing is carried from another environment")
    evidence = tuple(_evidence(c, facts.source) for c in facts.carried)
    astray = [c for c in facts.carried if not c.holds and not (c.left_for_newer and not c.taken_back)]
    if facts.waits_for and not any(c.taken_back for c in astray):
        return _waits(facts, evidence)
    if astray and all(c.awaited for c in astray):
        more = f" (and {len(astray) - 1} more)" if len(astray) > 1 else ""
        message = f"{astray[0].field} is not {astray[0].value} yet{more}; all of the stage before comes first"
        return GateResult(ID, GateState.WAITING, message, evidence)
    if astray:
        back = [c for c in astray if c.taken_back]
        first = (back or astray)[0]
        what = "was taken back there" if back else "is not what it runs"
        more = f" (and {len(astray) - 1} more)" if len(astray) > 1 else ""
        message = f"{facts.source}: {first.value} of {first.field} {what}{more}; promote what it runs now"
        return GateResult(ID, GateState.CLOSED, message, evidence)
    if not facts.carried:
        return GateResult(
            ID,
            GateState.WAITING,
            f"it isn't known which values of {facts.source} this carries; a full clone may know: git fetch --unshallow",
        )
    return GateResult(ID, GateState.OPEN, f"{facts.source} runs what this carries", evidence)


def _waits(facts: Facts, evidence: tuple[str, ...]) -> GateResult:
    message = f"{', '.join(facts.waits_for)} must be merged before"
    return GateResult(ID, GateState.WAITING, message, evidence)


def _evidence(carried: Carried, source: str) -> str:
    state = (
        f"{source} runs it"
        if carried.holds
        else f"taken back in {source}"
        if carried.taken_back
        else f"{source} left it for a newer one"
        if carried.left_for_newer
        else "not there yet"
        if carried.awaited
        else f"{source} does not run it"
    )
    return f"{carried.field} {carried.value}: {state}"
