"""What every forge on a server needs of git: branches and plans published before a pull request is, and fetched after.

Knows no forge. The remote's ref is the commit point of a promotion; what the API says of it follows.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import field
from urllib.parse import urlsplit

from fairlead.doors.git.merging import merge_trees
from fairlead.doors.git.plumbing import ZERO, GitFailed
from fairlead.doors.git.repository import Repository
from fairlead.doors.git.upstream import Upstream
from fairlead.forge.http import Token
from fairlead.model.errors import ConflictError, FairleadError
from fairlead.model.pulls import Draft
from fairlead.model.values import dataclass
from fairlead.promotion.trailers import read

PLANS = "refs/fairlead/plans/"
HEADS = "refs/fairlead/heads/"
AUDIT = "refs/fairlead/audit"
_THEIRS = "refs/fairlead/theirs/"
_TRIES = 5
_OURS = "fairlead/"  # head branches below it are made, and removed, by us


def login(
    repo: Repository, token: Token | None, url: str, user: str = "fairlead", instead_of: str = ""
) -> dict[str, str]:
    """What lets git in with a token, in its environment: no command line and no URL ever holds it.

    Nothing where the clone's remote is reached otherwise (ssh, a header that CI has set, a login of its own, but for
    that of the user `instead_of`).
    """
    try:
        origin = repo.git.text("config", "--get", "remote.origin.url")
    except GitFailed:
        return {}
    there, place = urlsplit(origin), urlsplit(url)
    own, _, host = there.netloc.rpartition("@")
    if token is None or (there.scheme, host) != (place.scheme, place.netloc):
        return {}
    if own and own.partition(":")[0] != instead_of:
        return {}
    with suppress(GitFailed):
        if repo.git.text("config", "--get-urlmatch", "http.extraHeader", f"{place.scheme}://{host}{there.path}"):
            return {}
    base = f"{place.scheme}://{place.netloc}/"
    word = base64.b64encode(f"{user}:{token.value}".encode()).decode()
    rows = {f"http.{base}.extraHeader": f"Authorization: Basic {word}"}
    if own:
        rows[f"url.{base}.insteadOf"] = f"{there.scheme}://{there.netloc}/"
    env = {"GIT_CONFIG_COUNT": str(len(rows))}
    for number, (name, value) in enumerate(rows.items()):
        env |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return env


@dataclass(frozen=True)
class Remote:
    """The git side of a forge on a server."""

    repo: Repository
    upstream: Upstream
    _asked: set[str] = field(default_factory=set, compare=False, repr=False)  # plans that the remote was asked for
    _shared: dict[str, str] = field(default_factory=dict, compare=False, repr=False)  # logs, as both sides have them

    def publish(self, draft: Draft) -> bool:
        """Bring the plan and the branch of a pull request to the remote; what is there already stays.

        Whether this moved the branch: else it stood there, or somebody else has done the very same just now.

        Raises:
            ConflictError: somebody has committed to the branch there; that would be lost.
            WorldError, DeniedError: it can't be reached, or refuses.
        """
        ref, plan = f"refs/heads/{draft.head}", PLANS + draft.plan_id
        kept = self.repo.refs(plan).get(plan) if draft.plan_id else None
        base = f"refs/heads/{draft.base}"
        there = self.upstream.refs(ref, base, *((plan,) if kept else ()))
        self._refuse_unpublished(draft, there.get(base))
        if kept and plan not in there:
            self.upstream.push(plan, kept, ZERO)
        at = there.get(ref)
        if at == draft.head_oid:
            return False
        if at is not None:
            self._refuse_loss(draft, at)
        return self.upstream.push(ref, draft.head_oid, at or ZERO)

    def _refuse_unpublished(self, draft: Draft, at: str | None) -> None:
        tip = self.repo.tip(draft.base)
        if at is None:
            raise ConflictError(f"the remote has no branch {draft.base}", remedy=f"git push origin {draft.base}")
        if tip is not None and tip != at and self.repo.git.resolve(at) is None:
            self.upstream.branch(draft.base)
        if tip is not None and self.repo.is_ancestor(tip, draft.head_oid) and not self.repo.is_ancestor(tip, at):
            raise ConflictError(
                f"{draft.base} has commits here that the remote has not: {tip[:12]}",
                remedy=f"git push origin {draft.base}, or put them on a branch of their own",
            )

    def _refuse_loss(self, draft: Draft, at: str) -> None:
        if self.repo.git.resolve(at) is None:
            self.upstream.branch(draft.head)
        if not self.repo.is_ancestor(at, draft.head_oid) and not read(self.repo.message(at)).acts:
            raise ConflictError(
                f"{draft.head} has a commit on the remote that fairlead did not make: {at[:12]}",
                remedy="merge or close its pull request, or move the commit to a branch of its own",
            )

    def bring(self, heads: Iterable[tuple[str, str, str]]) -> None:
        """See to it that these are here: (name, ref there, commit) of heads, and with any the plans.

        What the remote doesn't give is left out: whoever needs it says that it is missing.
        """
        lacking = [(name, ref) for name, ref, oid in heads if self.repo.git.resolve(oid) is None]
        if lacking:
            with suppress(FairleadError):
                specs = (f"+{ref}:{HEADS}{name}" for name, ref in lacking)
                self.upstream.fetch(*specs, f"{PLANS}*:{PLANS}*")

    def bring_plans(self, names: Iterable[str]) -> None:
        """See to it that these plans are here, where the remote has them."""
        here = self.repo.refs(PLANS)
        lacking = {name for name in names if name and PLANS + name not in here} - self._asked
        if lacking:
            self._asked.update(lacking)
            with suppress(FairleadError):
                self.upstream.fetch(f"{PLANS}*:{PLANS}*")

    def follow(self, branch: str) -> str | None:
        """Fetch a branch, and bring the clone's own along where it has nothing else; where it stands there.

        Uncommitted changes that stand in the way keep it where it is.
        """
        at = self.upstream.branch(branch)
        tip = self.repo.tip(branch)
        if at is None or at == tip:
            return at
        if tip is None:
            self.repo.move(f"refs/heads/{branch}", at, ZERO)
        elif self.repo.is_ancestor(tip, at):
            with suppress(ConflictError):
                self.repo.advance(branch, at, tip)
        return at

    def fetched(self, ref: str) -> str | None:
        """The commit at a ref there, fetched; None where it has none, or can't be asked."""
        with suppress(FairleadError):
            at = self.upstream.refs(ref).get(ref)
            if at is not None and self.repo.git.resolve(at) is None:
                self.upstream.fetch(f"+{ref}:{_THEIRS}ref")
            return at
        return None

    def share(self, ref: str) -> bool:
        """Bring a log of commits here and there together, entry by entry; False where the remote doesn't take it.

        Two that have grown apart are joined by a commit that says nothing: a log is read along all its parents.
        """
        for _ in range(_TRIES):
            mine = self.repo.refs(ref).get(ref, "")
            if mine and self._shared.get(ref) == mine:
                return True
            try:
                there = self.upstream.refs(ref).get(ref, "")
                if there and self.repo.git.resolve(there) is None:
                    self.upstream.fetch(f"+{ref}:{_THEIRS}{ref.rpartition('/')[2]}")
                if there and (self.repo.git.find(there) or ("", ""))[1] != "commit":
                    return False
                both = self._joined(mine, there)
                if both != mine:
                    self.repo.move(ref, both, mine or ZERO)
                self._shared[ref] = there
                if both and both != there:
                    self.upstream.push(ref, both, there or ZERO)
                self._shared[ref] = both
                return True
            except ConflictError:
                continue  # somebody was faster, here or there
            except (FairleadError, GitFailed):
                return False
        return False

    def _joined(self, mine: str, there: str) -> str:
        if not mine or not there or mine == there:
            return mine or there
        if self.repo.is_ancestor(mine, there):
            return there
        if self.repo.is_ancestor(there, mine):
            return mine
        time = max(self.repo.commit_time(mine), self.repo.commit_time(there))
        return self.repo.commit_tree(self.repo.tree_of(mine, ""), (there, mine), "both\n", time)

    def conflicts(self, base: str, head: str) -> tuple[str, ...]:
        """The files that two commits change differently; none where that can't be told."""
        fork = self.repo.merge_base(base, head)
        return () if fork is None else merge_trees(self.repo.git, fork, base, head).conflicts

    def same_change(self, base: str, one: str, other: str) -> bool:
        """Whether two heads do the very same to the branch: approvals of one hold for the other."""
        found = [self._change(base, head) for head in (one, other)]
        return bool(found[0]) and found[0] == found[1]

    def _change(self, base: str, head: str) -> bytes:
        fork = self.repo.merge_base(base, head) if self.repo.git.resolve(head) is not None else None
        with suppress(GitFailed):
            return b"" if fork is None else self.repo.git.run("diff-tree", "-r", "--no-renames", "-z", fork, head)
        return b""

    def drop(self, branch: str, oid: str, taken: Iterable[str]) -> bool:
        """Remove a branch that is ours, where it was left, there and here; whether it was there.

        `taken` are those that others stand on.
        """
        if not branch.startswith(_OURS) or branch in set(taken):
            return False
        ref = f"refs/heads/{branch}"
        there = self.upstream.refs(ref).get(ref) == oid
        if there:
            with suppress(ConflictError):
                self.upstream.push(ref, ZERO, oid)
        if self.repo.tip(branch) == oid and not self.repo.is_checked_out(branch):
            self.repo.move(ref, ZERO, oid)
        return there
