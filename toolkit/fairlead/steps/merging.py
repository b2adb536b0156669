"""Judge a pull request that is to be merged, merge it, and build again what stood on it: by people and by CI alike."""

from __future__ import annotations

from dataclasses import replace

from fairlead import gates
from fairlead.delivery.deliver import rebuild_above
from fairlead.model.errors import ConflictError, FairleadError, GateClosedError
from fairlead.model.gates import GateResult, GateState
from fairlead.model.plan import Hop, Plan
from fairlead.model.pulls import Forge, Method, Pull, PullState, latest
from fairlead.model.values import dataclass
from fairlead.promotion import trailers
from fairlead.repo.config import Environment
from fairlead.steps import evidence
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.drafting import waits
from fairlead.steps.gating import Gating, open_gatherer
from fairlead.steps.world import World, environments

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
class Merged:
    """A merged pull request; `again` where it was merged before and only its end was to be seen to.

    `above` are those that stood on it, built again on the branch; `notes` say of one that could not be.
    """

    pull: Pull
    gates: tuple[GateResult, ...]
    again: bool = False
    above: tuple[Pull, ...] = ()
    notes: tuple[str, ...] = ()


def see(world: World, gating: Gating, pull: Pull, *, quick: bool = False) -> Seen:
    """What the gates say of a pull request now; `quick`: those that need nothing rendered."""
    if pull.state is not PullState.OPEN:
        return Seen(pull, (), (), world.run.clock.now())
    tip, now = world.git.tip(pull.want.base) or "", gating.current(pull)
    results = gating.judge(now, quick=quick)
    reached = gating.reached(now, None if quick else gating.effect(now))
    return Seen(pull, results, reached, world.run.clock.now(), tip)


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
    seen = replace(see(world, gating, pull), emergency=line(emergency))
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
    if seen.pull.want.draft and not seen.pull.want.below:
        forge.ensure(replace(seen.pull.want, draft=False))  # forges merge no draft
    pull = forge.merge(number, seen.pull.want.head_oid, world.actor, message(world, seen.pull, seen), method)
    if not again:
        evidence.keep(world, pull, seen.gates, seen.emergency)
    done = ended(world, forge, Merged(pull, seen.gates, again))
    forge.share()
    return done


def ended(world: World, forge: Forge, merged: Merged) -> Merged:
    """What stood on a merged pull request, built again on the branch; a note says of one that could not be."""

    def drafted(plan: Plan, hop: Hop) -> bool:
        return waits(open_gatherer(Chronicle(world, environments(world), forge.pulls()), forge), plan, hop)

    try:
        above = rebuild_above(world.git, forge, merged.pull, drafted)
    except FairleadError as error:  # the merge stands; what is above can be made again by `promote`
        note = f"what stood on #{merged.pull.number} could not be built again: {error}"
        return replace(merged, notes=(note,))
    return replace(merged, above=above)


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
    ends += [f"Fairlead-Pull: {pull.number}", f"Fairlead-Requested-By: {line(want.author)}"]
    words = latest(pull.reviews, want.hop_id, want.author)
    ends += [f"Fairlead-Approved-By: {line(review.author)}" for review in words if review.approved]
    ends.append(f"Fairlead-Merged-By: {line(world.actor)}")
    if seen is not None and seen.emergency and seen.shut:
        ends += [f"Fairlead-Emergency: {evidence.names(seen.shut)}", f"Fairlead-Reason: {seen.emergency}"]
    body = "\n".join(line for line in want.body.splitlines() if not line.startswith("Fairlead-")).strip()
    return "\n\n".join(part for part in (line(want.title), body, "\n".join(ends)) if part) + "\n"


def line(text: str) -> str:
    """Text as one line."""
    return " ".join(text.split())
