"""What a rollback took back is offered with the hold named, and never carried unasked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fairlead.model.gates import Hold
from fairlead.model.plan import Move, Unit, Verdict
from fairlead.promotion.fields import contains
from fairlead.promotion.units import gather
from fairlead.repo.times import moment


def gathered(moves: Iterable[Move], holds: tuple[Hold, ...]) -> tuple[tuple[Move, ...], tuple[Unit, ...]]:
    """The moves with their holds named, and the units of them: one that holds anything held is not chosen."""
    if not holds:
        plain = tuple(moves)
        return plain, gather(plain)
    told, held = [], set()
    for move in moves:
        hold = holding(move, holds) if move.verdict in (Verdict.PROMOTE, Verdict.OFFER) else None
        if hold is not None:
            reason = f"held: rolled back in {hold.env} on {moment(hold.at)}; fairlead release {hold.name} ends it"
            move = replace(move, verdict=Verdict.OFFER, reason=reason)  # noqa: PLW2901
            held.add(move)
        told.append(move)
    units = (replace(u, chosen=False) if held.intersection(u.moves) else u for u in gather(told))
    return tuple(told), tuple(sorted(units, key=lambda u: not u.chosen))


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
