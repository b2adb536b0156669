"""What the gates say of a pull request, and where it is kept: a status of its head and one comment.

Both are written only where they say something new, so that CI may judge every few minutes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from fairlead import gates
from fairlead.model.gates import GateResult, GateState
from fairlead.model.pulls import GATE, Forge, Pull, Status, StatusState
from fairlead.model.values import dataclass
from fairlead.repo.times import moment
from fairlead.steps import evidence
from fairlead.steps.gating import Gating
from fairlead.steps.world import World

_LONGEST = 140  # characters of a status, by the strictest forge
_MARK = 8


@dataclass(frozen=True)
class Verdict:
    """What the gates say, of which environments, at a moment; `pull` has number 0 where it is a branch alone."""

    pull: Pull
    environments: tuple[str, ...]
    gates: tuple[GateResult, ...]
    at: int
    tip: str = ""

    @property
    def open(self) -> bool:
        """Whether nothing stands in the way."""
        return gates.is_open(self.gates)

    @property
    def shut(self) -> tuple[GateResult, ...]:
        """The gates that aren't open."""
        return tuple(r for r in self.gates if r.state is not GateState.OPEN)

    @property
    def state(self) -> StatusState:
        """As a status: a failure where a gate is closed, pending where it only waits."""
        if self.open:
            return StatusState.SUCCESS
        closed = any(result.state is GateState.CLOSED for result in self.gates)
        return StatusState.FAILURE if closed else StatusState.PENDING

    @property
    def told(self) -> str:
        """In a line: what it waits for, and until when."""
        if not self.gates:
            return "changes no environment"
        return "; ".join(map(_told, self.shut)) or "every gate is open"

    @property
    def digest(self) -> str:
        """Of what is said, without the time that it was said at."""
        said = [[r.gate, r.state, r.until, "" if r.until else r.message] for r in self.gates]
        text = json.dumps([self.environments, said], ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:_MARK]

    def status(self, author: str) -> Status:
        """As a status; the digest at its end tells whether all else that is kept is up to date."""
        end = f" [{self.digest}]"
        told = self.told
        room = _LONGEST - len(end)
        return Status(GATE, self.state, author, self.at, (told if len(told) <= room else told[: room - 1] + "…") + end)


def _told(result: GateResult) -> str:
    return f"{result.gate} until {moment(result.until)}" if result.until else f"{result.gate}: {result.message}"


def judge(world: World, gating: Gating, pull: Pull) -> Verdict:
    """Judge a pull request, by what it would do."""
    now = gating.current(pull)
    results = gating.judge(now)
    reached = gating.reached(now, gating.effect(now))
    tip = world.git.tip(pull.want.base) or ""
    return Verdict(now, tuple(e.name for e in reached), results, world.run.clock.now(), tip)


def publish(world: World, forge: Forge, verdict: Verdict) -> bool:
    """Keep it as the status of its head, and in its comment before; False where that says so already."""
    head, status = verdict.pull.want.head_oid, verdict.status(world.actor)
    there = next((s for s in forge.statuses(head) if s.context == GATE), None)
    if there is not None and (there.state, there.text) == (status.state, status.text):
        return False
    number = verdict.pull.number
    if verdict.gates or any(c.marker == evidence.MARKER for c in forge.get(number).comments):
        evidence.publish(forge, verdict.pull, verdict.gates, verdict.at, world.actor)
    forge.set_status(head, status)
    return True


def ready(forge: Forge, verdict: Verdict) -> Pull | None:
    """Make a draft of ours ready, where nothing is left to wait for but people and programs; None where it stays.

    A pull request that a person made is theirs, and so is whether it is a draft.
    """
    want = verdict.pull.want
    waits = any(r.gate in {gate.ID for gate in gates.DRAFTING} for r in verdict.shut)
    if not (want.draft and want.plan_id) or want.below or waits:
        return None
    return forge.ensure(replace(want, draft=False))
