"""The environment, as it would be after the merge, must pass the checks.

Only errors close the gate; warnings are `check`'s to tell.
"""

from __future__ import annotations

from fairlead.model.findings import Severity
from fairlead.model.gates import Facts, GateResult, GateState
from fairlead.repo.config import Environment, GateRules

ID = "checks"

_SHOWN = 20


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Closed by any error finding."""
    errors = [f for f in facts.findings if f.severity is Severity.ERROR]
    if not errors:
        return GateResult(ID, GateState.OPEN, f"no errors in {target.name} as it would be")
    evidence = tuple(f"{f.where}: {f.message} [{f.rule}]" for f in errors[:_SHOWN])
    if len(errors) > _SHOWN:
        evidence += (f"and {len(errors) - _SHOWN} more",)
    count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
    return GateResult(ID, GateState.CLOSED, f"{count} in {target.name} as it would be: {evidence[0]}", evidence)
