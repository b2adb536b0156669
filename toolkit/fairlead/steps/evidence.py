"""What gates said is kept: as a comment of the pull request, and in the audit log at its merge."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from fairlead.ledger import audit
from fairlead.model.errors import UsageError
from fairlead.model.gates import GateResult, GateState
from fairlead.model.pulls import Forge, Pull, PullState
from fairlead.promotion.trailers import line
from fairlead.report import gate_text
from fairlead.report.gate_text import alarm, comment
from fairlead.steps.watching import Watching
from fairlead.steps.world import World

if TYPE_CHECKING:
    from fairlead.steps.gating import Gating

MARKER = gate_text.MARKER
LABEL = "emergency"


def names(results: Iterable[GateResult]) -> str:
    """The gates by name, each once."""
    return ", ".join(dict.fromkeys(result.gate for result in results))


def refuse_unexplained(reason: str, *, emergency: bool) -> str:
    """The reason of an emergency, empty where there is none. Raises UsageError where it is missing."""
    if emergency and not reason.strip():
        raise UsageError("an emergency needs a reason", remedy="--emergency --reason 'what can't wait'")
    return " ".join(reason.split()) if emergency else ""


def publish(forge: Forge, pull: Pull, results: tuple[GateResult, ...], at: int, by: str, emergency: str = "") -> Pull:
    """Write what the gates say into the pull request's one comment of theirs; who watches the forge hears it."""
    if isinstance(forge, Watching):
        forge.heard(pull, results, at, by, emergency)
    return forge.comment(pull.number, MARKER, comment(results, at, by, emergency), by)


def keep(world: World, pull: Pull, results: tuple[GateResult, ...], emergency: str = "") -> None:
    """Put on record what the gates said when it was merged."""
    shut = [r for r in results if r.state is not GateState.OPEN]
    detail = {"pull": pull.number, "gates": [asdict(result) for result in results]}
    if emergency and shut:
        detail |= {"emergency": names(shut), "reason": emergency}
    text = json.dumps(detail, ensure_ascii=True)
    # Whose word it is that it landed then is the pull request's; the log says what was judged.
    audit.append(world.git, audit.Entry("merge", pull.merged_at, world.actor, (pull.merge_commit,), detail=text))


def mark(world: World, forge: Forge, gating: Gating, pulls: Iterable[Pull], reason: str) -> tuple[Pull, ...]:
    """Say in pull requests that they are an emergency: which gates it is to skip, and why."""
    out = []
    for pull in pulls:
        results = gating.judge(pull)
        shut = tuple(r for r in results if r.state is not GateState.OPEN)
        told = alarm(results, world.actor, reason)
        ends = "\n".join((line("Emergency", names(shut) or "none"), line("Reason", reason)))
        want = replace(
            pull.want,
            body=f"{told}\n\n{pull.want.body.rstrip()}\n{ends}\n",
            labels=tuple(dict.fromkeys((*pull.want.labels, LABEL))),
            draft=bool(pull.want.below),
        )
        out.append(forge.ensure(want) if pull.state is PullState.OPEN else pull)
        publish(forge, pull, results, world.run.clock.now(), world.actor, reason)
        detail = json.dumps({"pull": pull.number, "emergency": names(shut), "reason": reason}, ensure_ascii=True)
        audit.append(world.git, audit.Entry("emergency", world.run.clock.now(), world.actor, detail=detail))
    return tuple(out)
