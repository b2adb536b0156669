"""A change may come past promotion only as far as the environment says.

Every pull request counts by what it does to the environment's rendered objects: one made by hand, a bot's, an edit
of a shared base. It has come by promotion if it does exactly what its stored plan says: a promotion, a rollback or a
back-port. Anything else is direct, and `direct:` decides: `allow` lets it pass, `approve` (where nothing is said) asks
for the approval of somebody else, `deny` closes. Versions enter the first environment of a chain directly.

`direct: deny` in the environment that is entered, beside `gates:`.
"""

from __future__ import annotations

from fairlead.model.gates import Facts, GateResult, GateState
from fairlead.model.pulls import latest
from fairlead.repo.config import Environment, GateRules

ID = "direct"


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Closed where nothing may come past promotion; waiting for an approval where that is asked."""
    if facts.planned:
        return GateResult(ID, GateState.OPEN, "it does what its plan says, and nothing else")
    if facts.entry:
        return GateResult(ID, GateState.OPEN, f"versions enter {target.name} directly")
    if target.direct == "allow":
        return GateResult(ID, GateState.OPEN, f"{target.name} takes direct changes")
    if target.direct == "deny":
        message = f"{target.name} takes changes by promotion alone (direct: deny), and this is none"
        return GateResult(ID, GateState.CLOSED, message)
    if rules.approvals:
        return GateResult(ID, GateState.OPEN, "a direct change; the approvals that are asked will do")
    words = latest(facts.reviews, facts.hop_id, facts.requested_by)
    given = tuple(r.author for r in words if r.approved)
    if given:
        return GateResult(ID, GateState.OPEN, f"a direct change, approved by {', '.join(given)}")
    message = f"a direct change of {target.name} needs an approval by somebody other than {facts.requested_by}"
    return GateResult(ID, GateState.WAITING, message)
