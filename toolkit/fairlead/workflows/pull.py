"""Pull requests: look at them, review them, merge them when the gates are open, close them."""

from __future__ import annotations

from dataclasses import replace

from fairlead import gates
from fairlead.delivery.deliver import hop_of, rebuild_above
from fairlead.ledger import holds
from fairlead.model.errors import ConflictError, DeniedError, FairleadError, GateClosedError, UsageError
from fairlead.model.gates import GateResult, GateState
from fairlead.model.plan import Hop, Plan
from fairlead.model.pulls import Draft, Forge, Method, Pull, PullState, Status, latest, person
from fairlead.model.values import dataclass
from fairlead.promotion import trailers
from fairlead.repo.config import Environment
from fairlead.steps import evidence
from fairlead.steps.gating import Gating
from fairlead.steps.world import World

_OURS = (
    "Fairlead-Requested-By",
    "Fairlead-Approved-By",
    "Fairlead-Merged-By",
    "Fairlead-Pull",
    "Fairlead-Emergency",
    "Fairlead-Reason",
)
_FRESH = 5  # seconds for which a judgement may be acted upon without another look


@dataclass(frozen=True)
class Seen:
    """A pull request and what the gates say of it (nothing where it isn't open), at a moment.

    `tip` is the branch that it was judged on. `emergency` is why it is merged though gates are shut; empty for no
    emergency.
    """

    pull: Pull
    gates: tuple[GateResult, ...]
    environments: tuple[Environment, ...]
    at: int
    tip: str = ""
    emergency: str = ""

    @property
    def open(self) -> bool:
        """Whether it may be merged."""
        return self.pull.state is PullState.OPEN and gates.is_open(self.gates)

    @property
    def shut(self) -> tuple[GateResult, ...]:
        """The gates that aren't open: what it waits for, or what an emergency skips."""
        return tuple(r for r in self.gates if r.state is not GateState.OPEN)


@dataclass(frozen=True)
class Listing:
    """Pull requests, newest first, and what couldn't be read or judged."""

    rows: tuple[Seen, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Merged:
    """A merged pull request; `again` where it was merged before and only its end was to be seen to.

    `above` are those that stood on it, built again on the branch; `notes` say of one that could not be.
    """

    pull: Pull
    gates: tuple[GateResult, ...]
    again: bool = False
    above: tuple[Pull, ...] = ()
    notes: tuple[str, ...] = ()


def listing(world: World, forge: Forge, gating: Gating, *, every: bool = False) -> Listing:
    """The open pull requests, or all; judged by the gates that need nothing rendered."""
    rows, notes = [], []
    for pull in reversed(forge.pulls(open_only=not every)):
        try:
            rows.append(_see(world, gating, pull, quick=True))
        except FairleadError as error:  # one that can't be judged must not hide the others
            rows.append(Seen(pull, (), (), world.run.clock.now()))
            notes.append(f"#{pull.number} can't be judged: {error.message}")
    return Listing(tuple(rows), (*forge.notes(), *notes))


def show(world: World, forge: Forge, gating: Gating, number: int) -> Seen:
    """One pull request."""
    return _see(world, gating, forge.get(number))


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


def _see(world: World, gating: Gating, pull: Pull, *, quick: bool = False) -> Seen:
    if pull.state is not PullState.OPEN:
        return Seen(pull, (), (), world.run.clock.now())
    tip = world.git.tip(pull.want.base) or ""
    results = gating.judge(pull, quick=quick)
    reached = gating.reached(pull, None if quick else gating.effect(pull))
    return Seen(pull, results, reached, world.run.clock.now(), tip)


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
        key=f"branch {branch}", title=_line(title or subject), body=text.strip(), head=branch, head_oid=head,
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


def prepare(world: World, forge: Forge, gating: Gating, number: int, emergency: str = "") -> Seen:
    """Judge a pull request that is to be merged; with a reason for an emergency, gates that are shut don't stop it.

    Raises:
        GateClosedError: not every gate is open; says which, and until when.
        ConflictError: it was closed.
    """
    pull = forge.get(number)
    if pull.state is PullState.CLOSED:
        raise ConflictError(f"#{number} was closed: {pull.closed_why}", remedy="promote again")
    tip = world.git.tip(pull.want.base)
    if pull.state is PullState.OPEN and tip is not None and world.git.holds(tip, pull.want.head_oid):
        return Seen(pull, (), gating.reached(pull), world.run.clock.now())  # it is in already: only to be recorded
    seen = replace(_see(world, gating, pull), emergency=_line(emergency))
    if seen.shut and not seen.emergency:
        told = "\n".join(f"  {r.gate}, {r.state}: {r.message}" for r in seen.shut)
        raise GateClosedError(
            f"#{number} can't be merged now:\n{told}",
            remedy=f"fairlead pr show {number} has the evidence; in an emergency: "
            f"fairlead pr merge {number} --emergency --reason TEXT",
        )
    return seen


def merge(
    world: World,
    forge: Forge,
    gating: Gating,
    seen: Seen,
    method: Method = Method.MERGE,
) -> Merged:
    """Merge what was judged; what changed since, or is older than a moment, is judged again.

    What stood on it is built again on the branch. Run again after a crash it converges: a merged one gets
    its end, and what stood on it, seen to.

    Raises:
        GateClosedError, ConflictError: see `prepare` and `Forge.merge`; the branch was not changed.
    """
    number = seen.pull.number
    moved = seen.pull.state is PullState.OPEN and world.git.tip(seen.pull.want.base) != seen.tip
    if moved or forge.get(number) != seen.pull or world.run.clock.now() - seen.at > _FRESH:
        hop = seen.pull.want.head_oid
        seen = prepare(world, forge, gating, number, seen.emergency)
        if seen.pull.want.head_oid != hop:
            raise ConflictError(
                f"#{number} has changed meanwhile", remedy=f"look at it again: fairlead pr show {number}"
            )
    again = seen.pull.state is PullState.MERGED
    if not again and seen.gates:
        evidence.publish(forge, seen.pull, seen.gates, seen.at, world.actor, seen.emergency)
    pull = forge.merge(number, seen.pull.want.head_oid, world.actor, message(world, seen.pull, seen), method)
    if not again:
        evidence.keep(world, pull, seen.gates, seen.emergency)
    try:
        above = rebuild_above(world.git, forge, pull)
    except FairleadError as error:  # the merge stands; what is above can be made again by `promote`
        return Merged(pull, seen.gates, again, notes=(f"what stood on #{number} could not be built again: {error}",))
    return Merged(pull, seen.gates, again, above)


def message(world: World, pull: Pull, seen: Seen | None = None) -> str:
    """The merge's message: title, text, and at its end the trailers by which history is read back.

    Those of the commits are repeated, for readers of first parents and for what a squash drops; who asked,
    approved and merged is what the forge holds, never what a commit claims.
    """
    repo, want = world.git, pull.want
    base = repo.tip(want.base)
    found: dict[str, None] = {}
    if base is not None and repo.git.resolve(want.head_oid) is not None:
        for text in repo.messages_between(base, want.head_oid):
            found.update(dict.fromkeys(trailers.lines(text)))
    found.update(dict.fromkeys(trailers.lines(want.body)))
    ends = [line for line in found if not line.startswith(_OURS)]
    ends += [f"Fairlead-Pull: {pull.number}", f"Fairlead-Requested-By: {_line(want.author)}"]
    words = latest(pull.reviews, want.hop_id, want.author)
    ends += [f"Fairlead-Approved-By: {_line(review.author)}" for review in words if review.approved]
    ends.append(f"Fairlead-Merged-By: {_line(world.actor)}")
    if seen is not None and seen.emergency and seen.shut:
        ends += [f"Fairlead-Emergency: {evidence.names(seen.shut)}", f"Fairlead-Reason: {seen.emergency}"]
    body = "\n".join(line for line in want.body.splitlines() if not line.startswith("Fairlead-")).strip()
    return "\n\n".join(part for part in (_line(want.title), body, "\n".join(ends)) if part) + "\n"


def _line(text: str) -> str:
    return " ".join(text.split())


def close(world: World, forge: Forge, number: int, why: str) -> Pull:
    """Close it unmerged. A rollback's hold goes with it.

    Raises UsageError without a reason, ConflictError where it was merged.
    """
    if not why.strip():
        raise UsageError("a reason is missing", remedy=f'fairlead pr close {number} --why "what changed"')
    pull = forge.close(number, _line(why), world.actor)
    left = [hold for hold in holds.read(world.git).standing if hold.pull == number]
    if left:  # a rollback that is not to be leaves nothing behind
        holds.release(world.git, left, f"#{number} was closed: {_line(why)}", world.actor, world.run.clock.now())
    return pull


def set_status(world: World, forge: Forge, revision: str, status: Status) -> str:
    """Record a program's word on a commit; the commit. Raises UsageError for one that this clone lacks."""
    commit = world.git.git.resolve(revision)
    if commit is None:
        raise UsageError(f"there is no commit {revision!r} in this clone", remedy="git log shows what there is")
    forge.set_status(commit, status)
    return commit
