"""What happened to a pull request, for whoever wants to be told."""

from __future__ import annotations

import enum

from fairlead.model.gates import GateResult
from fairlead.model.pulls import Pull
from fairlead.model.values import dataclass


class EventKind(enum.StrEnum):
    """What happened."""

    OPENED = "opened"
    UPDATED = "updated"
    WAITING = "waiting"
    MERGED = "merged"
    CLOSED = "closed"
    ROLLED_BACK = "rolled-back"
    EMERGENCY = "emergency"


@dataclass(frozen=True)
class Event:
    """One thing that happened to a pull request, at a time in seconds UTC, by somebody's hand.

    `mark` tells it from others of its kind and pull request: the same event has the same, whoever tells it and how
    often. `gates` are those that are shut. `why` is a person's reason, `url` where people see the pull request, which
    says that it does `verb` for `apps`, from the environment `source` (empty for none) into `target`.
    """

    kind: EventKind
    pull: Pull
    at: int
    by: str
    mark: str = ""
    gates: tuple[GateResult, ...] = ()
    why: str = ""
    url: str = ""
    verb: str = ""
    apps: tuple[str, ...] = ()
    source: str = ""
    target: str = ""
