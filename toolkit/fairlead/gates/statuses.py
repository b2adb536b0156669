"""Programs must have called the source's commit good: CI's tests, a scan.

Each named status must be a success on the commit from which the promotion was made, or on those by which what it
carries came into the source environment. A failure on the commit closes the gate; otherwise it waits. On the local
forge, `fairlead pr status REV NAME success` records one.

`gates: {statuses: [ci/test]}` in the environment that is entered.
"""

from __future__ import annotations

from fairlead.model.gates import Facts, GateResult, GateState
from fairlead.model.pulls import Status, StatusState
from fairlead.repo.config import Environment, GateRules
from fairlead.repo.times import moment

ID = "statuses"


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Open where each is a success; closed by a failure."""
    if not rules.statuses:
        return GateResult(ID, GateState.OPEN, "no status is asked")
    if not facts.source:
        return GateResult(ID, GateState.OPEN, "nothing is carried from another environment")
    told = {commit: {s.context: s for s in found} for commit, found in facts.statuses}
    landings = tuple(dict.fromkeys(c.landing for c in facts.carried))
    failed: list[str] = []
    missing: list[str] = []
    evidence: list[str] = []
    for name in rules.statuses:
        ways = [(facts.source_commit,), landings]
        best = next((way for way in ways if way and all(_good(told, commit, name) for commit in way)), ())
        found = [(c, told[c][name]) for c in (*ways[0], *landings) if name in told.get(c, {})]
        evidence += dict.fromkeys(_evidence(commit, status) for commit, status in (found or ()))
        if not best:
            (failed if any(s.state is StatusState.FAILURE for _, s in found) else missing).append(name)
    where = f"{facts.source_commit[:12]}, the source's commit"
    if failed:
        return GateResult(ID, GateState.CLOSED, f"{', '.join(failed)} failed on {where}", tuple(evidence))
    if missing:
        return GateResult(ID, GateState.WAITING, f"{', '.join(missing)} is no success on {where} yet", tuple(evidence))
    return GateResult(ID, GateState.OPEN, f"{', '.join(rules.statuses)}: success", tuple(evidence))


def _good(told: dict[str, dict[str, Status]], commit: str, name: str) -> bool:
    status = told.get(commit, {}).get(name)
    return status is not None and status.state is StatusState.SUCCESS


def _evidence(commit: str, status: Status) -> str:
    text = f": {status.text}" if status.text else ""
    return f"{status.context} {status.state} on {commit[:12]}, by {status.author} at {moment(status.at)}{text}"
