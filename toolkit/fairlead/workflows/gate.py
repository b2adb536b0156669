"""Gate: may this pull request be merged now? The required check of a forge, and the same for a branch without one."""

from __future__ import annotations

from fairlead import gates
from fairlead.model.errors import UsageError
from fairlead.model.gates import GateResult, GateState
from fairlead.model.pulls import Draft, Forge, Pull, PullState, Status, StatusState
from fairlead.model.values import dataclass
from fairlead.steps import evidence
from fairlead.steps.gating import Gating
from fairlead.steps.world import World

CONTEXT = "fairlead/gate"


@dataclass(frozen=True)
class Verdict:
    """What the gates say, of which environments, at a moment; `pull` has number 0 where it is a branch alone."""

    pull: Pull
    environments: tuple[str, ...]
    gates: tuple[GateResult, ...]
    at: int

    @property
    def open(self) -> bool:
        """Whether nothing stands in the way."""
        return gates.is_open(self.gates)


def run(world: World, forge: Forge, gating: Gating, number: int) -> Verdict:
    """Judge a pull request, keep what the gates say in its comment, and as a status of its head.

    Raises:
        UsageError: it is not open, or there is none of this number.
    """
    pull = forge.get(number)
    if pull.state is not PullState.OPEN:
        raise UsageError(f"#{number} is {pull.state}", remedy="fairlead pr list shows the open ones")
    verdict = _judge(world, gating, pull)
    evidence.publish(forge, pull, verdict.gates, verdict.at, world.actor)
    forge.set_status(pull.want.head_oid, Status(CONTEXT, _state(verdict), world.actor, verdict.at, _told(verdict)))
    return verdict


def of_branch(world: World, gating: Gating, head: str) -> Verdict:
    """Judge a revision as if it were a pull request that nobody has reviewed; nothing is written.

    Raises:
        UsageError: there is no such commit.
    """
    repo, base = world.git, gating.environments.branch
    oid = repo.git.resolve(head)
    if oid is None:
        raise UsageError(f"there is no commit {head!r} in this clone", remedy="git fetch --unshallow, or git log")
    subject, _, text = repo.message(oid).partition("\n")
    draft = Draft(f"branch {head}", subject, text, head, oid, base, world.actor, plan_id="", hop_id=oid)
    now = world.run.clock.now()
    return _judge(world, gating, Pull(0, PullState.OPEN, draft, now, now))


def _judge(world: World, gating: Gating, pull: Pull) -> Verdict:
    results = gating.judge(pull)
    reached = gating.reached(pull, gating.effect(pull))
    return Verdict(pull, tuple(e.name for e in reached), results, world.run.clock.now())


def _state(verdict: Verdict) -> StatusState:
    if verdict.open:
        return StatusState.SUCCESS
    closed = any(result.state is GateState.CLOSED for result in verdict.gates)
    return StatusState.FAILURE if closed else StatusState.PENDING


def _told(verdict: Verdict) -> str:
    shut = [r for r in verdict.gates if r.state is not GateState.OPEN]
    if not verdict.environments:
        return "changes no environment"
    return "; ".join(f"{r.gate}: {r.message}" for r in shut)[:140] or "every gate is open"
