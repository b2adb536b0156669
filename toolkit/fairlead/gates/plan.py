"""A pull request that says it is a promotion must be one: exactly its stored plan, and a true one.

Whoever may write to the repository can write a plan, so it is not believed. Each value that it writes must stand in the
source environment's files, in a commit of the branch; a rollback must lead to what stood on the branch before; and the
branch must change by the plan's edits and nothing else, byte for byte. Another commit on top closes the gate, and is
told with file, line and author: it belongs on a branch of its own, as a direct change. A merge of the target into the
branch ("update branch") is no change. A version that was set has no plan: it may change nothing but what it names.
"""

from __future__ import annotations

from fairlead.model.gates import Facts, GateResult, GateState
from fairlead.repo.config import Environment, GateRules

ID = "plan"


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Closed by anything that is not of the plan, or that makes it untrue."""
    proof = facts.proof
    if proof is None:
        return GateResult(ID, GateState.OPEN, "it claims no plan")
    if not proof.faults:
        what = "it does what its plan says, and nothing else" if proof.verb != "set" else "it sets what it says"
        return GateResult(ID, GateState.OPEN, what, proof.evidence)
    several = len(proof.faults) > 1
    more = f" (and {len(proof.faults) - 1} more)" if several else ""
    why = "its plan is not true" if proof.forged else "it is not its plan" if proof.verb else "there is no such plan"
    return GateResult(ID, GateState.CLOSED, f"{why}: {proof.faults[0]}{more}", proof.faults if several else ())
