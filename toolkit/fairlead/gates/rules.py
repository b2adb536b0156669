"""Who changes the rules needs the word of those whom the rules protect.

fairlead.yaml, CODEOWNERS, freeze calendars, policies, vendored schemas, the baseline of known findings, programs that
gates run, and the forge's workflows change no rendered object, and decide which pull requests may. A change of one is
judged by the rules as they stand on the branch, never by its own; it asks for the approvals of every protected
environment: as many as `approvals` says there, and one by somebody else where it says none (unless `direct: allow`).
With `codeowners: true` an owner of these files must be among them.
"""

from __future__ import annotations

from fairlead.model.gates import Facts, GateResult, GateState
from fairlead.model.pulls import latest
from fairlead.repo.config import Environment, GateRules

ID = "rules"
_FEW = 5


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Waiting for people, where it changes what others are judged by."""
    if not facts.rules:
        return GateResult(ID, GateState.OPEN, "the rules stay as they are")
    more = f" and {len(facts.rules) - _FEW} more" if len(facts.rules) > _FEW else ""
    files = f"{', '.join(facts.rules[:_FEW])}{more}"
    wanted = rules.approvals or int(target.direct != "allow")
    if not target.guarded or not wanted:
        return GateResult(ID, GateState.OPEN, f"it changes the rules ({files}); {target.name} asks for nobody's word")
    given = [r.author for r in latest(facts.reviews, facts.hop_id, facts.requested_by) if r.approved]
    if len(given) >= wanted:
        return GateResult(ID, GateState.OPEN, f"it changes the rules, as {', '.join(given)} approved", (files,))
    message = f"it changes the rules ({files}): {len(given)} of {wanted} approvals that {target.name} asks for that"
    return GateResult(ID, GateState.WAITING, message)
