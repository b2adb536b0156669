"""What a gate is asked, and what it answers."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from fairlead.model.findings import Finding
from fairlead.model.pulls import Review


class GateState(enum.StrEnum):
    """Open, waiting for something that comes by itself or by people, or closed."""

    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


@dataclass(frozen=True)
class Carried:
    """What the source environment knows of one value that a pull request moves.

    `holds`: the source has it now. `since`: when it came there (0: no evidence). `left_for_newer`: it had it
    and has moved on without taking it back, at `left` (0: no evidence).
    """

    field: str
    value: str
    holds: bool
    since: int
    evidence: str
    left_for_newer: bool = False
    taken_back: bool = False
    left: int = 0


@dataclass(frozen=True)
class Facts:
    """Everything that gates judge by; gathered before, so that gates stay pure. `now` in seconds UTC.

    `source` is empty where nothing was promoted: a version set by hand, a rollback, a direct change.
    `waits_for` names the pull requests that must be merged before this one.
    """

    now: int
    source: str
    target: str
    requested_by: str
    hop_id: str
    carried: tuple[Carried, ...] = ()
    reviews: tuple[Review, ...] = ()
    findings: tuple[Finding, ...] = ()
    waits_for: tuple[str, ...] = ()
    codeowners: tuple[str, ...] = ()
    calendars: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class GateResult:
    """A gate's word: its evidence, and until when it waits (seconds UTC, 0 where that can't be known)."""

    gate: str
    state: GateState
    message: str
    evidence: tuple[str, ...] = ()
    until: int = 0
