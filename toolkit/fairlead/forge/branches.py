"""Names of branches that we work with."""

from __future__ import annotations

import re

from fairlead.model.errors import UsageError

# Narrower than git's own rule, which lets pass what a shell or a command line reads otherwise.
_BRANCH = re.compile(r"(?!.*(?:\.\.|//|/\.|\.lock(?:/|\Z)))[A-Za-z0-9_][A-Za-z0-9._/+=@#-]*(?<![./])\Z")


def is_branch(name: str) -> bool:
    """Whether a branch's name is one that we work with."""
    return len(name) <= 250 and _BRANCH.match(name) is not None


def refuse_odd(*names: str) -> None:
    """Raises UsageError for a name that can't be the branch of a pull request."""
    for name in names:
        if not is_branch(name):
            raise UsageError(f"{name!r} can't be the branch of a pull request", remedy="use letters, digits, - _ . /")
