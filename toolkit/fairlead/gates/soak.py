"""A value must have run in the source environment for some time before it goes further.

Counted from when it was merged there, as the forge or the audit vouches for it; the dates of commits are no
evidence, for anybody may write them. Without evidence the gate waits. A value that the source left for a
newer one counts the time that it ran; where that was too short, it will never have soaked.

`gates: {soak: 24h}` in the environment that is entered.
"""

from __future__ import annotations

from fairlead.model.gates import Carried, Facts, GateResult, GateState
from fairlead.repo.config import Environment, GateRules
from fairlead.repo.times import moment, span

ID = "soak"


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Waiting until the youngest value has run long enough; closed where one never will have."""
    if not rules.soak:
        return GateResult(ID, GateState.OPEN, "no soak time is asked")
    if not facts.source:
        return GateResult(ID, GateState.OPEN, "nothing is carried from another environment, so nothing can soak")
    evidence = tuple(_evidence(c, facts) for c in facts.carried)
    short = [c for c in facts.carried if _ended(c) and c.since and c.left - c.since < rules.soak]
    if short:
        ran = f"{span(short[0].left - short[0].since)} of {span(rules.soak)} in {facts.source}"
        message = f"{short[0].field} {short[0].value} ran only {ran} before a newer one came; promote the newer one"
        return GateResult(ID, GateState.CLOSED, message, evidence)
    unknown = _unknown(facts)
    if unknown:
        return GateResult(ID, GateState.WAITING, f"{unknown} (asked: {span(rules.soak)})", evidence)
    until = max((c.since + rules.soak for c in facts.carried if not _ended(c)), default=0)
    if facts.now < until:
        left = f"{span(until - facts.now)} of {span(rules.soak)} in {facts.source} are left"
        return GateResult(ID, GateState.WAITING, f"{left}, until {moment(until)}", evidence, until)
    return GateResult(ID, GateState.OPEN, f"ran for {span(rules.soak)} in {facts.source}", evidence)


def _unknown(facts: Facts) -> str:
    """Why it can't be told how long the values ran, and what helps; empty where it can."""
    unknown = [c for c in facts.carried if not c.since or (not c.holds and not c.left)]
    if facts.carried and not unknown:
        return ""
    if facts.waits_for:
        return f"begins when {', '.join(facts.waits_for)} is merged"
    what = f"since when {unknown[0].field} {unknown[0].value} runs" if unknown else "what of this runs"
    return (
        f"nothing vouches for {what} in {facts.source}: a merge by `fairlead pr merge` does, "
        "and where it happened elsewhere, git fetch origin 'refs/fairlead/*:refs/fairlead/*'"
    )


def _ended(carried: Carried) -> bool:
    return not carried.holds and carried.left > 0


def _evidence(carried: Carried, facts: Facts) -> str:
    if not carried.since:
        return f"{carried.field} {carried.value}: no evidence"
    until = carried.left if _ended(carried) else facts.now
    ran = span(until - carried.since)
    by = f", by {carried.evidence}" if carried.evidence else ""
    return f"{carried.field} {carried.value}: in {facts.source} since {moment(carried.since)} ({ran}{by})"
