"""So many people other than who asked must have approved.

The latest word of each person counts, and only where it was given on what the pull request does now: when
that changes, it must be approved again. Who asked for the promotion never counts, also where a bot opened the
pull request. A request for changes closes the gate until that person approves. That owners of the files are among
them is asked by the gate `codeowners`.

`gates: {approvals: 2}` in the environment that is entered.
"""

from __future__ import annotations

from fairlead.model.gates import Facts, GateResult, GateState
from fairlead.model.pulls import latest, person
from fairlead.repo.config import Environment, GateRules

ID = "approvals"


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Closed by a request for changes, else waiting until there are enough."""
    words = latest(facts.reviews, facts.hop_id, facts.requested_by)
    given = tuple(r.author for r in words if r.approved)
    against = tuple(r.author for r in words if not r.approved)
    evidence = (
        *(f"{r.author} {'approved' if r.approved else 'requested changes'}" for r in words),
        *_uncounted(facts),
    )
    if against:
        return GateResult(ID, GateState.CLOSED, f"{', '.join(against)} requested changes", evidence)
    missing = rules.approvals - len(given)
    if missing > 0:
        message = f"{len(given)} of {rules.approvals} approvals; whoever asked ({facts.requested_by}) doesn't count"
        return GateResult(ID, GateState.WAITING, message, evidence)
    if not rules.approvals:
        return GateResult(ID, GateState.OPEN, "no approval is asked", evidence)
    return GateResult(ID, GateState.OPEN, f"approved by {', '.join(given)}", evidence)


def _uncounted(facts: Facts) -> tuple[str, ...]:
    earlier = {person(r.author): r.author for r in facts.reviews if r.approved and r.hop_id != facts.hop_id}
    now = {person(r.author) for r in facts.reviews if r.hop_id == facts.hop_id}
    return tuple(
        f"{name} approved an earlier state, which doesn't count" for who, name in earlier.items() if who not in now
    )
