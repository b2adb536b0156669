"""Pull requests: look at them, review them, merge them when the gates are open, close them."""

from __future__ import annotations

from fairlead.delivery.deliver import hop_of
from fairlead.ledger import holds
from fairlead.model.errors import DeniedError, FairleadError, UsageError
from fairlead.model.plan import Hop, Plan
from fairlead.model.pulls import Draft, Forge, Method, Pull, Status, person
from fairlead.model.values import dataclass
from fairlead.steps import auto_merging
from fairlead.steps.gating import Gating
from fairlead.steps.merging import Seen, line, see
from fairlead.steps.world import World


@dataclass(frozen=True)
class Listing:
    """Pull requests, newest first, and what couldn't be read or judged."""

    rows: tuple[Seen, ...]
    notes: tuple[str, ...]


def listing(world: World, forge: Forge, gating: Gating, *, every: bool = False) -> Listing:
    """The open pull requests, or all; judged by the gates that need nothing rendered."""
    rows, notes = [], []
    for pull in reversed(forge.pulls(open_only=not every, reviewed=True)):
        try:
            rows.append(see(world, gating, pull, quick=True))
        except FairleadError as error:  # one that can't be judged must not hide the others
            rows.append(Seen(pull, (), (), world.run.clock.now()))
            notes.append(f"#{pull.number} can't be judged: {error.message}")
    return Listing(tuple(rows), (*forge.notes(), *notes))


def show(world: World, forge: Forge, gating: Gating, number: int) -> Seen:
    """One pull request."""
    return see(world, gating, forge.get(number))


def plan_of(world: World, pull: Pull) -> tuple[Plan, Hop]:
    """The plan that a pull request carries out, from its ref, and the hop that it is.

    Raises:
        UsageError: it has none (a version set by hand), or this clone lacks it.
    """
    found = hop_of(world.git, pull)
    if found is None:
        if not pull.want.plan_id:
            raise UsageError(f"#{pull.number} has no plan", remedy=f"fairlead pr show {pull.number} has its text")
        raise UsageError(
            f"the plan of #{pull.number} is not in this clone",
            remedy="git fetch origin 'refs/fairlead/*:refs/fairlead/*'",
        )
    return found


def open_branch(world: World, forge: Forge, base: str, branch: str, title: str = "") -> Pull:
    """Open a pull request of a branch that somebody made by hand, or bring the open one up to its head.

    Raises:
        UsageError: there is no such branch, it is one of fairlead's own, or it has nothing new.
    """
    repo = world.git
    head, tip = repo.tip(branch), repo.tip(base)
    if head is None or tip is None:
        raise UsageError(f"there is no branch {branch!r}", remedy=f"branches are: {', '.join(repo.branches())}")
    if branch == base or branch.startswith("fairlead/") or repo.is_ancestor(head, tip):
        raise UsageError(f"{branch} has nothing of its own to bring into {base}", remedy="name a branch with commits")
    subject, _, text = repo.message(head).partition("\n")
    draft = Draft(
        key=f"branch {branch}", title=line(title or subject), body=text.strip(), head=branch, head_oid=head,
        base=base, author=world.actor, plan_id="", hop_id=head,
    )  # fmt: skip
    return forge.ensure(draft)


def review(world: World, forge: Forge, number: int, *, approved: bool) -> Pull:
    """Record the asker's word on it. Raises DeniedError where they approve what they asked for."""
    pull = forge.get(number)
    if approved and person(world.actor) == person(pull.want.author):
        raise DeniedError(
            f"{world.actor} asked for #{number} and can't approve it: that takes a second person",
            remedy="somebody else runs `fairlead pr approve`; who asks is git's user.email, or --as WHO",
        )
    return forge.review(number, world.actor, approved=approved)


def close(world: World, forge: Forge, number: int, why: str) -> Pull:
    """Close it unmerged. A rollback's hold goes with it.

    Raises UsageError without a reason, ConflictError where it was merged.
    """
    if not why.strip():
        raise UsageError("a reason is missing", remedy=f'fairlead pr close {number} --why "what changed"')
    pull = forge.close(number, line(why), world.actor)
    left = [hold for hold in holds.read(world.git).standing if hold.pull == number]
    if left:  # a rollback that is not to be leaves nothing behind
        holds.release(world.git, left, f"#{number} was closed: {line(why)}", world.actor, world.run.clock.now())
        forge.share()
    return pull


def auto(world: World, forge: Forge, number: int, method: Method | None) -> Pull:
    """Have it merged by itself when its gates are open; None: no more. Raises ConflictError where it isn't open."""
    asked = auto_merging.ask(world, forge, forge.get(number), method)
    forge.share()
    return asked


def set_status(world: World, forge: Forge, revision: str, status: Status) -> str:
    """Record a program's word on a commit; the commit. Raises UsageError for one that this clone lacks."""
    commit = world.git.git.resolve(revision)
    if commit is None:
        raise UsageError(f"there is no commit {revision!r} in this clone", remedy="git log shows what there is")
    forge.set_status(commit, status)
    return commit
