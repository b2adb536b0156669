"""A value must have stood in the source environment for some time before it goes further.

Counted from when it was merged there, as the forge or the audit vouches for it; the dates of commits are no
evidence, for anybody may write them. Without evidence the gate waits. That the source left it for a newer one does
not stop the clock, and the evidence says so: where versions come faster than they soak, none would ever get further.
What was taken back is stopped by the gate `order`. With `still`, what the source has left is stopped here: then the
newer version is the one to be promoted, once it has run for as long.

`gates: {soak: 24h}` or `gates: {soak: {for: 24h, still: true}}` in the environment that is entered.
"""

from __future__ import annotations

from fairlead.model.gates import Carried, Facts, GateResult, GateState
from fairlead.repo.config import Environment, GateRules
from fairlead.repo.times import moment, span

ID = "soak"


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Waiting until the youngest value was merged long enough ago."""
    if not rules.soak:
        return GateResult(ID, GateState.OPEN, "no soak time is asked")
    if not facts.source:
        return GateResult(ID, GateState.OPEN, "nothing is carried from another environment, so nothing can soak")
    evidence = tuple(_evidence(c, facts) for c in facts.carried)
    unknown = _unknown(facts)
    if unknown:
        return GateResult(ID, GateState.WAITING, f"{unknown} (asked: {span(rules.soak)})", evidence)
    gone = next((c for c in facts.carried if rules.still and not c.holds), None)
    if gone is not None:
        ran = f" after {span(gone.left - gone.since)}" if gone.left else ""
        message = f"{facts.source} has left {gone.value} of {gone.field}{ran}, and it must run there still"
        return GateResult(ID, GateState.CLOSED, message, evidence)
    until = max((c.since + rules.soak for c in facts.carried), default=0)
    if facts.now < until:
        left = f"{span(until - facts.now)} of {span(rules.soak)} in {facts.source} are left"
        return GateResult(ID, GateState.WAITING, f"{left}, until {moment(until)}", evidence, until)
    return GateResult(ID, GateState.OPEN, f"came to {facts.source} {span(rules.soak)} ago or earlier", evidence)


def _unknown(facts: Facts) -> str:
    """Why it can't be told how long the values ran, and what helps; empty where it can."""
    unknown = [c for c in facts.carried if not c.since]
    if facts.carried and not unknown:
        return ""
    if facts.waits_for:
        return f"begins when {', '.join(facts.waits_for)} is merged"
    what = f"since when {unknown[0].field} {unknown[0].value} runs" if unknown else "what of this runs"
    return (
        f"nothing vouches for {what} in {facts.source}: a merge by `fairlead pr merge` does, "
        "and where it happened elsewhere, git fetch origin 'refs/fairlead/*:refs/fairlead/*'"
    )


def _evidence(carried: Carried, facts: Facts) -> str:
    if not carried.since:
        return f"{carried.field} {carried.value}: no evidence"
    by = f", by {carried.evidence}" if carried.evidence else ""
    left = f"; left for a newer one after {span(carried.left - carried.since)}" if carried.left else ""
    came = f"in {facts.source} since {moment(carried.since)} ({span(facts.now - carried.since)}{by})"
    return f"{carried.field} {carried.value}: {came}{left}"
