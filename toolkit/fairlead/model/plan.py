"""A promotion as a value: what moves, why, what stays, and the hops in order."""

from __future__ import annotations

import enum

from fairlead.model.changes import Change, Edit
from fairlead.model.findings import Where
from fairlead.model.values import dataclass


class FieldClass(enum.StrEnum):
    """Whose a differing field is."""

    VERSION = "version"
    OFFERED = "offered"
    OWNED = "owned"
    AUTOMATED = "automated"


class Verdict(enum.StrEnum):
    """What becomes of a difference by default."""

    PROMOTE = "promote"
    OFFER = "offer"
    KEEP = "keep"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Move:
    """One differing field.

    `field` names it for people (`kustomization.yaml: images[web].newTag`), `old` and `new` are the target's
    and the source's values, `stands_at` is where the source value is written, `changes` are the edits that
    carry it (empty for what can only be told). `token` is the revision that moves, by which units are made.
    """

    field: str
    old: str
    new: str
    field_class: FieldClass
    verdict: Verdict
    reason: str
    carrier: str
    changes: tuple[Change, ...]
    stands_at: Where
    at: Where
    token: tuple[str, str] | None = None


@dataclass(frozen=True)
class Unit:
    """Moves that are chosen together, never half: all fields that take the same old -> new revision."""

    key: str
    moves: tuple[Move, ...]
    chosen: bool


@dataclass(frozen=True)
class AppMoves:
    """What one app's commit of a hop does, and what was left alone.

    `source_commit` is where its source's values stand; empty: at the hop's own.
    """

    app: str
    source_path: str
    target_path: str
    source_tree: str
    units: tuple[Unit, ...]
    held: tuple[Move, ...] = ()
    source_commit: str = ""

    def chosen(self) -> tuple[Move, ...]:
        """The moves that are carried."""
        return tuple(m for u in self.units if u.chosen for m in u.moves)

    def changes(self) -> tuple[Change, ...]:
        """The edits of the chosen moves, each once (two fields may share one span), by file and place.

        What comes in at one place comes in the source's order.
        """
        moves = sorted(self.chosen(), key=lambda m: (m.stands_at.path, m.stands_at.line or 0, m.stands_at.column or 0))
        changes = dict.fromkeys(c for m in moves for c in m.changes)
        return tuple(sorted(changes, key=lambda c: (c.path, c.start if isinstance(c, Edit) else 0)))


@dataclass(frozen=True)
class Hop:
    """One step of the chain: one branch, one pull request, one commit an app.

    `id` is the sha256 of what the hop does (no commit ids in it): a rebuilt stack keeps its ids.
    """

    id: str
    source: str
    target: str
    branch: str
    source_commit: str
    apps: tuple[AppMoves, ...]
    result_tree: str


@dataclass(frozen=True)
class Plan:
    """Frozen; its id is the sha256 of its canonical JSON. Holds no gates, clock or findings."""

    verb: str
    engine: str
    target_branch: str
    target_commit: str
    config_oid: str
    hops: tuple[Hop, ...]
    selection: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    reason: str = ""
