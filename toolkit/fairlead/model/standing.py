"""How environments stand to one another: what runs where, and what each step of a chain would carry."""

from __future__ import annotations

import enum

from fairlead.model.gates import GateState
from fairlead.model.values import dataclass


class Standing(enum.StrEnum):
    """The headline of an app between two environments, most pressing first."""

    CONFLICT = "conflict"  # both sides changed: a promotion would lose the target's own change
    WAITING = "waiting"  # a pull request is open, and a gate is not
    OPEN = "open"  # a pull request is open, and every gate that was asked is, too
    BEHIND = "behind"
    DRIFT = "drift"  # the target has changes of its own (a hotfix), and is behind by nothing
    IN_STEP = "in step"


@dataclass(frozen=True)
class Lag:
    """A unit that the target lacks. `since` is when it came into the source, as `evidence` vouches for.

    `evidence` is `merge`, `audit` or `seen`; `commit` where only the commit's own date says so; empty where this
    clone doesn't know (`since` is 0). `clusters` are those of the target that lack it, where it has several.
    """

    unit: str
    fields: tuple[str, ...]
    since: int = 0
    evidence: str = ""
    clusters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wait:
    """A gate that isn't open. `until` in seconds since the epoch, 0 where that can't be known."""

    gate: str
    state: GateState
    message: str
    until: int = 0


@dataclass(frozen=True)
class Waiting:
    """An open pull request into the target, with the gates that are not open."""

    number: int
    title: str
    draft: bool
    gates: tuple[Wait, ...]


@dataclass(frozen=True)
class Own:
    """A field that the target changed by itself: its value, and the source's."""

    field: str
    target: str
    source: str
    reason: str


@dataclass(frozen=True)
class Pair:
    """An app between two environments of a chain. `offered` counts the differences that a person may take."""

    source: str
    target: str
    standing: Standing
    behind: tuple[Lag, ...] = ()
    conflicts: tuple[Own, ...] = ()
    drift: tuple[Own, ...] = ()
    offered: int = 0
    pulls: tuple[Waiting, ...] = ()


@dataclass(frozen=True)
class InCluster:
    """An app in one cluster of an environment."""

    cluster: str
    path: str
    versions: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """An app in an environment: where it lies, what its kustomizations say it runs.

    `clusters` are in the order of their rollout; none where the environment has no clusters.
    """

    env: str
    paths: tuple[str, ...]
    versions: tuple[str, ...]
    clusters: tuple[InCluster, ...] = ()


@dataclass(frozen=True)
class Row:
    """One app: its cells in the order of the environments, its pairs in the order of the chains."""

    app: str
    cells: tuple[Cell, ...]
    pairs: tuple[Pair, ...]

    def cell(self, env: str) -> Cell | None:
        """Its cell of an environment."""
        return next((c for c in self.cells if c.env == env), None)

    def into(self, env: str) -> tuple[Pair, ...]:
        """Its pairs that lead into an environment."""
        return tuple(p for p in self.pairs if p.target == env)


@dataclass(frozen=True)
class Status:
    """All apps; environments in chain order; `notes` say what could not be known.

    `groups` are the environments of one chain, or of chains that share some; then one each of what is in no chain.
    """

    branch: str
    commit: str
    environments: tuple[str, ...]
    groups: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
