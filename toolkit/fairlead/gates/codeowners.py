"""An owner of each changed file must have approved.

Whom a file belongs to says CODEOWNERS on the branch that is entered, in the form of GitHub, GitLab (with sections) or
Gitea; of the changed files, those count that the environment is rendered from. An approval counts as it does for
`approvals`, so who asked does not, even as the only owner. `teams:` in fairlead.yaml says who `@ann` and
`@shop/payments` are.

`gates: {codeowners: true}` in the environment that is entered.
"""

from __future__ import annotations

from fairlead.model.gates import Facts, GateResult, GateState, Ownership
from fairlead.model.pulls import latest, person
from fairlead.repo.config import Environment, GateRules

ID = "codeowners"


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Waiting until each file has the approval of one whom it belongs to."""
    if not rules.codeowners:
        return GateResult(ID, GateState.OPEN, "no owner's approval is asked", facts.remarks)
    given = {person(r.author): r.author for r in latest(facts.reviews, facts.hop_id, facts.requested_by) if r.approved}
    missing, evidence = [], list(facts.remarks)
    for owned in facts.owners:
        yes = [given[who] for who in given if who in owned.people]
        if len(yes) < owned.wanted:
            missing.append(owned)
        evidence.append(f"{_names(owned)}: {', '.join(yes) or 'nobody'} approved ({_files(owned)})")
    if not missing:
        message = "each file's owners approved" if facts.owners else "the changed files belong to nobody"
        return GateResult(ID, GateState.OPEN, message, tuple(evidence))
    others = [owned for owned in missing if not set(owned.people) - {person(facts.requested_by)}]
    if others:
        hint = f"nobody but {facts.requested_by} is known for it: name people under `teams:` in fairlead.yaml"
        message = f"{_names(others[0])} must approve, and {hint}"
    else:
        message = f"{' and '.join(dict.fromkeys(map(_names, missing)))} must approve"
    return GateResult(ID, GateState.WAITING, message, tuple(evidence))


def _names(owned: Ownership) -> str:
    count = f"{owned.wanted} of " if owned.wanted > 1 else ""
    section = f" [{owned.section}]" if owned.section else ""
    return f"{count}{' or '.join(owned.owners)}{section}"


def _files(owned: Ownership) -> str:
    more = f" and {len(owned.paths) - 3} more" if len(owned.paths) > 3 else ""
    return ", ".join(owned.paths[:3]) + more
