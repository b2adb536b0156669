"""Bring a pull request's head into its base branch, in a way that a killed run can be run again."""

from __future__ import annotations

from fairlead.doors.git.merging import merge_trees
from fairlead.doors.git.repository import Repository
from fairlead.model.errors import ConflictError
from fairlead.model.pulls import Pull

_ATTEMPTS = 5


def land(repo: Repository, pull: Pull, by: str, message: str, now: int) -> str:
    """Merge the head into the base; the merge commit's id. Where it has landed already, that one's.

    Raises:
        ConflictError: see LocalForge.merge.
    """
    for attempt in range(_ATTEMPTS):
        base = repo.tip(pull.want.base)
        if base is None:
            raise ConflictError(
                f"there is no branch {pull.want.base!r} to merge #{pull.number} into",
                remedy="git branch shows what there is",
            )
        landed = repo.landed(pull.want.head_oid, base)
        if landed is not None:
            if landed[0] == base and landed[0] != pull.want.head_oid:
                # A run that was killed after the branch moved may have left the work tree behind.
                repo.catch_up(pull.want.base, landed[1], base)
            return landed[0]
        try:
            return _merge(repo, pull, base, by, message=message, now=now)
        except ConflictError:
            # Somebody else committed to the base meanwhile: that may be no conflict at all.
            if attempt == _ATTEMPTS - 1 or repo.tip(pull.want.base) == base:
                raise
    raise AssertionError  # pragma: no cover


def _merge(repo: Repository, pull: Pull, base: str, by: str, *, message: str, now: int) -> str:
    want = pull.want
    # In a clone, the branch may stand with the remote's only.
    head = repo.tip(want.head) or repo.git.resolve(f"refs/remotes/origin/{want.head}")
    if head != want.head_oid:
        state = "is gone" if head is None else "was moved past what was reviewed"
        raise ConflictError(
            f"the branch {want.head} of #{pull.number} {state}",
            remedy="run the promotion again: it brings the branch and the pull request up to date",
        )
    fork = repo.merge_base(base, want.head_oid)
    if fork is None:
        raise ConflictError(f"#{pull.number} and {want.base} have no history in common", remedy="promote again")
    if fork == base:
        tree = repo.tree_of(want.head_oid, "")
    else:
        merged = merge_trees(repo.git, fork, base, want.head_oid)
        if merged.conflicts:
            files = ", ".join(merged.conflicts[:10]) + (" …" if len(merged.conflicts) > 10 else "")
            raise ConflictError(
                f"{want.base} has changed since #{pull.number} was made, in: {files}",
                remedy="run the promotion again: it plans anew on what is there now",
            )
        tree = merged.tree
    commit = repo.commit_tree(tree, (base, want.head_oid), message, now, by or "somebody")
    repo.advance(want.base, commit, base)
    return commit
