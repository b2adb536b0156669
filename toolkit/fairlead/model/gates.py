"""What a gate is asked, and what it answers."""

from __future__ import annotations

import enum

from fairlead.model.findings import Finding
from fairlead.model.pulls import Review, Status
from fairlead.model.values import dataclass


class GateState(enum.StrEnum):
    """Open, waiting for something that comes by itself or by people, or closed."""

    OPEN = "open"
    WAITING = "waiting"
    CLOSED = "closed"


@dataclass(frozen=True)
class Carried:
    """What the source environment knows of one value that a pull request moves.

    `holds`: the source has it now. `since`: when it came there (0: no evidence), by the commit `landing`.
    `left_for_newer`: it had it and has moved on without taking it back, at `left` (0: no evidence). `awaited`: another
    environment or cluster of the source's stage, which has not had it yet.
    """

    field: str
    value: str
    holds: bool
    since: int
    evidence: str
    left_for_newer: bool = False
    taken_back: bool = False
    left: int = 0
    landing: str = ""
    awaited: bool = False


@dataclass(frozen=True)
class Hold:
    """A rollback's word that what it took back must not come again, until somebody releases it.

    `values` are (field, value) pairs of an app as they ran in `env`; `name` is how people call them.
    """

    id: str
    app: str
    env: str
    name: str
    values: tuple[tuple[str, str], ...]
    at: int
    by: str
    pull: int = 0
    reason: str = ""


@dataclass(frozen=True)
class Ownership:
    """Some changed files, whom they belong to as written, and who these are (as `person` names them)."""

    paths: tuple[str, ...]
    owners: tuple[str, ...]
    people: tuple[str, ...]
    section: str = ""
    wanted: int = 1


@dataclass(frozen=True)
class Ran:
    """How the configured command ended for one app; `code` None where it took too long or could not be started."""

    app: str
    code: int | None
    output: str
    seconds: float


class Health(enum.StrEnum):
    """What a controller says of an object: as it should be, on the way, broken; or nobody could tell."""

    HEALTHY = "healthy"
    PROGRESSING = "progressing"
    DEGRADED = "degraded"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Watched:
    """An object of a cluster that runs some apps' source: how it is, in whose words, and at which revision.

    `holds`: whether that is at or after what is carried; None where it tells no commit, or one that nobody knows here.
    """

    what: str
    health: Health
    told: str
    apps: tuple[str, ...]
    revision: str = ""
    holds: bool | None = None


@dataclass(frozen=True)
class Proof:
    """What verifying a pull request against its stored plan found: a `verb`, what is wrong, what stands where.

    `forged`: the plan itself is not true; else the faults are what the pull request does beside it.
    """

    verb: str
    faults: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    forged: bool = False


@dataclass(frozen=True)
class Facts:
    """Everything that gates judge by; gathered before, so that gates stay pure. `now` in seconds UTC.

    `source` is empty where nothing was promoted: a version set by hand, a rollback, a direct change.
    `waits_for` names the pull requests that must be merged before this one. `planned`: it does what its plan says
    and nothing else, as `proof` found (None where it names none); `entry`: versions enter the target, as the first of
    its chain. `statuses` are those of the source's commits, `ran` is empty where the command was not run. `watched` is
    what a cluster says of the source, `probed` how the command that stands for it ended. `rules` are the files it
    changes by which pull requests are judged.
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
    calendars: tuple[tuple[str, bytes], ...] = ()
    planned: bool = False
    entry: bool = False
    holds: tuple[Hold, ...] = ()
    owners: tuple[Ownership, ...] = ()
    remarks: tuple[str, ...] = ()
    source_commit: str = ""
    statuses: tuple[tuple[str, tuple[Status, ...]], ...] = ()
    ran: tuple[Ran, ...] = ()
    watched: tuple[Watched, ...] = ()
    probed: tuple[Ran, ...] = ()
    proof: Proof | None = None
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class GateResult:
    """A gate's word: its evidence, and until when it waits (seconds UTC, 0 where that can't be known)."""

    gate: str
    state: GateState
    message: str
    evidence: tuple[str, ...] = ()
    until: int = 0
