"""What `check --fix` may write: the edits that a rule proposes for its finding, before anybody has proved them."""

from __future__ import annotations

from types import ModuleType

from fairlead.checks.context import Shared
from fairlead.checks.rules import RULES
from fairlead.model.changes import Edit
from fairlead.model.errors import UneditableError
from fairlead.model.findings import Finding
from fairlead.model.values import dataclass


@dataclass(frozen=True)
class Fix:
    """A proposed mend of a finding. `refused` says why there is none, though the rule knows how.

    `mends`: what did not build before may build with it; else every overlay must render the same bytes.
    """

    finding: Finding
    edits: tuple[Edit, ...] = ()
    refused: str = ""
    mends: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What tells it from others, also after other lines of its file have moved."""
        return (self.finding.rule, self.finding.where.path, self.finding.message)


_FIXERS: dict[str, ModuleType] = {rule.ID: rule for rule in RULES if hasattr(rule, "fix")}


def can_fix(rule: str) -> bool:
    """Whether a rule knows a mend for what it finds."""
    return rule in _FIXERS


def proposed(shared: Shared, finding: Finding) -> Fix | None:
    """The mend of a finding; None where its rule knows none."""
    rule = _FIXERS.get(finding.rule)
    if rule is None:
        return None
    try:
        edits = tuple(rule.fix(shared, finding))
    except UneditableError as error:
        return Fix(finding, refused=error.message)
    return Fix(finding, edits, mends=bool(getattr(rule, "MENDS", False))) if edits else None
