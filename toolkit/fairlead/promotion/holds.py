"""What a rollback took back is offered with the hold named, and never carried unasked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fairlead.model.gates import Hold
from fairlead.model.plan import Move, Unit, Verdict
from fairlead.promotion.fields import contains
from fairlead.repo.times import moment


def named(moves: Iterable[Move], holds: tuple[Hold, ...]) -> list[Move]:
    """The moves, with the holds on them named."""
    return [_named(move, holds)[0] for move in moves]


def barred(units: Iterable[Unit], holds: tuple[Hold, ...]) -> tuple[Unit, ...]:
    """The units, whatever chose them: one that holds anything held is not chosen, and comes after those that are."""
    if not holds:
        return tuple(units)
    out = []
    for unit in units:
        found = [_named(move, holds) for move in unit.moves]
        held = any(is_held for _, is_held in found)
        out.append(replace(unit, moves=tuple(m for m, _ in found), chosen=False) if held else unit)
    return tuple(sorted(out, key=lambda u: not u.chosen))


def _named(move: Move, holds: tuple[Hold, ...]) -> tuple[Move, bool]:
    hold = holding(move, holds) if holds and move.verdict in (Verdict.PROMOTE, Verdict.OFFER) else None
    if hold is None:
        return move, False
    reason = f"held: rolled back in {hold.env} on {moment(hold.at)}; fairlead release {hold.name} ends it"
    return replace(move, verdict=Verdict.OFFER, reason=reason), True


def holding(move: Move, holds: Iterable[Hold]) -> Hold | None:
    """The hold on what a move would bring: the same value of the same field, or the same version."""
    version = move.token[1] if move.token is not None else ""
    for hold in holds:
        for field, value in hold.values:
            if (field, value) == (move.field, move.new) or (version and contains(value, version)):
                return hold
    return None


def values_of(taken_back: Iterable[Move]) -> tuple[tuple[str, str], ...]:
    """What a rollback's moves take back, as a hold keeps it; secrets and whole files by no value."""
    return tuple((m.field, m.old) for m in taken_back if m.token is not None and m.old != "(secret)")


def name_of(taken_back: Iterable[Move]) -> str:
    """How people call what was taken back: by its version, else by its field."""
    moves = list(taken_back)
    named = [m.old.rpartition(":")[2] for m in moves if m.token is not None and _is_version(m.old)]
    return named[0] if named else moves[0].field


def _is_version(text: str) -> bool:
    return len(text) > 1 and " " not in text and any(c.isdigit() for c in text) and not text.isdigit()
