"""So many people other than who asked must have approved.

The latest word of each person counts, and only where it was given on what the pull request does now: when
that changes, it must be approved again. Who asked for the promotion never counts, also where a bot opened the
pull request. A request for changes closes the gate until that person approves. Code owners are shown, not
demanded.

`gates: {approvals: 2}` in the environment that is entered.
"""

from __future__ import annotations

from fairlead.model.gates import Facts, GateResult, GateState
from fairlead.model.pulls import Review, person
from fairlead.repo.config import Environment, GateRules

ID = "approvals"


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Closed by a request for changes, else waiting until there are enough."""
    words = latest(facts)
    given = approvers(facts)
    against = tuple(r.author for r in words if not r.approved)
    evidence = (
        *(f"{r.author} {'approved' if r.approved else 'requested changes'}" for r in words),
        *_uncounted(facts),
        *((f"code owners: {', '.join(facts.codeowners)}",) if facts.codeowners else ()),
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


def latest(facts: Facts) -> tuple[Review, ...]:
    """The reviews that count: each person's last on the present hop, without who asked."""
    words: dict[str, Review] = {}
    for review in sorted(facts.reviews, key=lambda r: r.at):  # stable: of the same second, the later one stands
        who = person(review.author)
        if review.hop_id == facts.hop_id and who != person(facts.requested_by):
            words.pop(who, None)
            words[who] = review
    return tuple(words.values())


def approvers(facts: Facts) -> tuple[str, ...]:
    """Whose approvals count."""
    return tuple(r.author for r in latest(facts) if r.approved)


def _uncounted(facts: Facts) -> tuple[str, ...]:
    earlier = {person(r.author): r.author for r in facts.reviews if r.approved and r.hop_id != facts.hop_id}
    now = {person(r.author) for r in facts.reviews if r.hop_id == facts.hop_id}
    return tuple(
        f"{name} approved an earlier state, which doesn't count" for who, name in earlier.items() if who not in now
    )
