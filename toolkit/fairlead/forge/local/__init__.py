"""Pull requests without a server: kept in git itself under `refs/fairlead/pulls/`, so they travel with it.

Each pull request is a ref, `refs/fairlead/pulls/<number>`, to a chain of commits: one an event, whose tree
holds the pull request as it stood then (`pull.json`) and whose message says what happened. `git log` of the
ref is the audit trail. Who may write the ref may write anything into it: reviews are as trustworthy as write
access is.
"""

from __future__ import annotations

from fairlead.doors.git.repository import Repository
from fairlead.forge.local.pulls import LocalForge
from fairlead.model.runtime import Clock

__all__ = ["LocalForge", "connect"]


def connect(repo: Repository, clock: Clock) -> LocalForge:
    """The local forge of a repository."""
    return LocalForge(repo, clock)
