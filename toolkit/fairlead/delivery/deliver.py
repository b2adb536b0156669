"""Apply a plan: bottom hop first, each hop one branch and one pull request; rebuild the upper ones after a merge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from fairlead.delivery.commits import build, generation_of
from fairlead.delivery.refusals import refuse_overlap, refuse_stale
from fairlead.doors.git.plumbing import ZERO, GitFailed
from fairlead.doors.lock import clear_stale, locked
from fairlead.model.errors import ConflictError, UsageError
from fairlead.model.plan import Hop, Plan
from fairlead.model.pulls import Draft, Forge, Pull
from fairlead.model.values import dataclass
from fairlead.promotion.plan_json import dump, load, plan_id
from fairlead.promotion.trailers import line, read

if TYPE_CHECKING:
    from fairlead.doors.git.repository import Repository

PLANS = "refs/fairlead/plans/"
_PATIENCE = 300.0  # seconds; a crowd of promoters waits for its turn


@dataclass(frozen=True)
class Words:
    """The words of one hop's pull request, whose review is asked, and whether it is no more than a draft yet."""

    title: str
    body: str
    reviewers: tuple[str, ...] = ()
    draft: bool = False


def key(plan: Plan, hop: Hop) -> str:
    """Which promotion this is: the same key, the same pull request."""
    apps = ",".join(a.app for a in hop.apps if a.changes())
    return f"{plan.verb} {hop.source}->{hop.target} {apps}"


def moving(plan: Plan) -> tuple[Hop, ...]:
    """The hops that change something."""
    return tuple(h for h in plan.hops if any(a.changes() for a in h.apps))


@contextmanager
def delivering(repo: Repository) -> Iterator[None]:
    """One delivery at a time in a repository: what it looks at before it writes stays so."""
    with locked(repo.common_dir / "fairlead-delivery.lock", _PATIENCE):
        yield


def deliver(
    repo: Repository,
    forge: Forge,
    plan: Plan,
    words: Sequence[Words],
    actor: str,
    *,
    instead: Sequence[Pull] = (),
    without: frozenset[str] = frozenset(),
) -> tuple[Pull, ...]:
    """Branches and pull requests of a plan, in order; it takes the place of those in `instead`.

    The hops whose ids are in `without` are not delivered.

    Raises:
        ConflictError: a file moved under the plan, an overlapping promotion is open, a branch moved meanwhile.
    """
    with delivering(repo):
        hops = [row for row in zip(moving(plan), words, strict=True) if row[0].id not in without]
        return _deliver(repo, forge, plan, hops, actor, frozenset(p.number for p in instead))


def _deliver(
    repo: Repository, forge: Forge, plan: Plan, hops: Sequence[tuple[Hop, Words]], actor: str, instead: frozenset[int]
) -> tuple[Pull, ...]:
    tip = repo.tip(plan.target_branch)
    if tip is None:
        raise UsageError(f"the branch {plan.target_branch!r} is gone")
    refuse_stale(repo, plan, tip)
    refuse_overlap(forge.pulls(open_only=True), [(key(plan, hop), hop) for hop, _ in hops], instead)
    store_plan(repo, plan)
    name = plan_id(plan)
    pulls: list[Pull] = []
    lower: dict[str, tuple[str, str]] = {}  # environment -> head and key of the hop that reached it
    for hop, text in hops:
        base, below = lower.get(hop.source, (tip, ""))  # a wave's hops stand side by side
        count = generation_of(hop, forge.find(key(plan, hop)))
        head = build(repo, plan, hop, base, count)
        place_branch(repo, hop.branch, head)
        draft = Draft(
            key=key(plan, hop),
            title=text.title,
            body=f"{text.body.rstrip()}\n{line('Generation', str(count))}\n",
            head=hop.branch,
            head_oid=head,
            base=plan.target_branch,
            author=actor,
            plan_id=name,
            hop_id=hop.id,
            below=below,
            draft=bool(below) or text.draft,
            labels=(f"environment: {hop.target}", *(f"app: {a.app}" for a in hop.apps if a.changes())),
            reviewers=text.reviewers,
        )
        pulls.append(forge.ensure(draft))
        lower[hop.target] = (head, draft.key)
    return tuple(pulls)


def store_plan(repo: Repository, plan: Plan) -> None:
    """Keep the plan under its ref, so that it travels with the push."""
    ref = PLANS + plan_id(plan)
    clear_stale(repo.common_dir / f"{ref}.lock")
    if not repo.refs(ref):
        repo.move(ref, repo.store_blob(dump(plan)), ZERO)


def stored_plan(repo: Repository, name: str) -> Plan | None:
    """The plan of an id, from its ref; None where this clone lacks it, or what stands there is none of this id."""
    oid = repo.refs(PLANS + name).get(PLANS + name)
    with suppress(UsageError, GitFailed):
        known, plan = load(repo.git.blob(oid), PLANS + name) if oid is not None else ("", None)
        return plan if known == name else None
    return None


def hop_by_id(repo: Repository, name: str) -> tuple[Plan, Hop] | None:
    """The hop of an id in any stored plan; None where this clone has none."""
    for ref in repo.refs(PLANS):
        plan = stored_plan(repo, ref.removeprefix(PLANS))
        hop = next((h for h in plan.hops if h.id == name), None) if plan is not None else None
        if plan is not None and hop is not None:
            return plan, hop
    return None


def hop_of(repo: Repository, pull: Pull) -> tuple[Plan, Hop] | None:
    """The stored plan of a pull request, and the hop that it is; None where this clone lacks them."""
    plan = stored_plan(repo, pull.want.plan_id) if pull.want.plan_id else None
    if plan is None:
        return None
    hop = next((h for h in plan.hops if h.id == pull.want.hop_id), None)
    return None if hop is None else (plan, hop)


def place_branch(repo: Repository, branch: str, head: str) -> None:
    """Point a pull request's branch at a commit; call it while `delivering`.

    Raises:
        ConflictError: a person has committed to the branch; that would be lost.
    """
    ref = f"refs/heads/{branch}"
    clear_stale(repo.common_dir / f"{ref}.lock")
    at = repo.tip(branch)
    if at == head:
        return
    if at is None:
        repo.move(ref, head, ZERO)
        return
    if not repo.is_ancestor(at, head) and not read(repo.message(at)).acts:
        raise ConflictError(
            f"{branch} has a commit that fairlead did not make: {at[:12]}",
            remedy=f"merge or close its pull request, or move the commit elsewhere: git branch mine {at[:12]}",
        )
    repo.advance(branch, head, at)


def _never(plan: Plan, hop: Hop) -> bool:
    return False


def rebuild_above(
    repo: Repository, forge: Forge, merged: Pull, drafted: Callable[[Plan, Hop], bool] = _never
) -> tuple[Pull, ...]:
    """After a merge: the pull requests that stood on it are built again on the target, with the same hop.

    `drafted` says whether one that stands on the target is still no more than a draft.

    Raises:
        ConflictError: where the target no longer holds what the hop replaces; the pull request stays as it was.
    """
    with delivering(repo):
        return _rebuild_above(repo, forge, merged, drafted)


def _rebuild_above(
    repo: Repository, forge: Forge, merged: Pull, drafted: Callable[[Plan, Hop], bool]
) -> tuple[Pull, ...]:
    tip = repo.tip(merged.want.base)
    done: list[Pull] = []
    waiting = [] if tip is None else [(tip, merged.want.key)]
    while waiting:
        base, below = waiting.pop(0)
        for pull in forge.pulls(open_only=True):
            found = hop_of(repo, pull) if pull.want.below == below else None
            if found is None:
                continue
            plan, hop = found
            head = build(repo, plan, hop, base, generation_of(hop, pull))
            place_branch(repo, hop.branch, head)
            on_target = below == merged.want.key
            draft = pull.want.draft and (drafted(plan, hop) if on_target else True)
            want = replace(pull.want, head_oid=head, below="" if on_target else below, draft=draft)
            done.append(forge.ensure(want))
            waiting.append((head, want.key))
    return tuple(done)
