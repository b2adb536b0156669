"""Bring a pull request's head into its base branch, in a way that a killed run can be run again."""

from __future__ import annotations

from fairlead.doors.git.merging import merge_trees
from fairlead.doors.git.repository import Repository
from fairlead.model.errors import ConflictError
from fairlead.model.pulls import Method, Pull
from fairlead.model.values import dataclass

_ATTEMPTS = 5


@dataclass(frozen=True)
class Way:
    """How it is done: by whom, with which words, when."""

    by: str
    message: str
    now: int
    method: Method = Method.MERGE


def land(repo: Repository, pull: Pull, way: Way) -> str:
    """Bring the head into the base; the commit by which it is there. Where it has landed already, that one's.

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
        landed = repo.landed(pull.want.head_oid, base) or _absorbed(repo, pull, base)
        if landed is not None:
            if landed[0] == base and landed[0] != pull.want.head_oid:
                # A run that was killed after the branch moved may have left the work tree behind.
                repo.catch_up(pull.want.base, landed[1], base)
            return landed[0]
        try:
            return _merge(repo, pull, base, way)
        except ConflictError:
            # Somebody else committed to the base meanwhile: that may be no conflict at all.
            if attempt == _ATTEMPTS - 1 or repo.tip(pull.want.base) == base:
                raise
    raise AssertionError  # pragma: no cover


def _absorbed(repo: Repository, pull: Pull, base: str) -> tuple[str, str] | None:
    """The commit of the base by which all that the head does was there, squashed or rebased, and where it began.

    None where it isn't there.
    """
    head = pull.want.head_oid
    fork = repo.merge_base(base, head) if repo.git.resolve(head) is not None else None
    if fork in (None, base) or not _adds_nothing(repo, str(fork), base, head):
        return None
    paths = repo.changed_paths(str(fork), head)
    for commit in repo.first_parents(str(fork), base, paths):
        if _adds_nothing(repo, str(fork), commit, head):
            # Rebased, its commits stand one after the other, the last with more words at its end.
            several = repo.message(commit).startswith(repo.message(head).rstrip())
            return commit, f"{commit}~{len(repo.first_parents(str(fork), head)) if several else 1}"
    return None


def _adds_nothing(repo: Repository, fork: str, base: str, head: str) -> bool:
    merged = merge_trees(repo.git, fork, base, head)
    return not merged.conflicts and merged.tree == repo.tree_of(base, "")


def _merge(repo: Repository, pull: Pull, base: str, way: Way) -> str:
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
    if way.method is Method.REBASE:
        commit = _rebased(repo, pull, fork, base, way)
    else:
        parents = (base, want.head_oid) if way.method is Method.MERGE else (base,)
        tree = _merged(repo, pull, fork, base, want.head_oid)
        commit = repo.commit_tree(tree, parents, way.message, way.now, way.by or "somebody")
    repo.advance(want.base, commit, base)
    return commit


def _rebased(repo: Repository, pull: Pull, fork: str, base: str, way: Way) -> str:
    """The head's commits one after the other on the base, with their own words."""
    at, before, head = base, fork, pull.want.head_oid
    for commit in repo.first_parents(fork, head):
        tree = _merged(repo, pull, before, at, commit)
        words = _ended(repo.message(commit), way) if commit == head else repo.message(commit)
        at = repo.commit_tree(tree, (at,), words, way.now, way.by or "somebody")
        before = commit
    return at


def _ended(words: str, way: Way) -> str:
    """The last commit's words with what the merge's own tell beside them: who asked, approved and merged."""
    known = words.splitlines()
    more = [line for line in way.message.splitlines() if line.startswith("Fairlead-") and line not in known]
    return "\n".join((words.rstrip(), *more)) + "\n"


def _merged(repo: Repository, pull: Pull, fork: str, base: str, head: str) -> str:
    if fork == base:
        return repo.tree_of(head, "")
    merged = merge_trees(repo.git, fork, base, head)
    if merged.conflicts:
        files = ", ".join(merged.conflicts[:10]) + (" …" if len(merged.conflicts) > 10 else "")
        raise ConflictError(
            f"{pull.want.base} has changed since #{pull.number} was made, in: {files}",
            remedy="run the promotion again: it plans anew on what is there now",
        )
    return merged.tree
