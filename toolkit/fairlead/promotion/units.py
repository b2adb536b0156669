"""Moves that belong together: one revision, one `images:` entry, a file and who names it. Chosen so, never half."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fairlead.model.changes import Change, Edit
from fairlead.model.findings import Where
from fairlead.model.plan import FieldClass, Move, Unit, Verdict

LONE = ("entries", "files")


def gather(moves: Iterable[Move]) -> tuple[Unit, ...]:
    """Make units of the moves that could be carried; in the order of their first move, chosen ones first.

    Of both, values come before entries and files that stand on one side only.

    A unit is chosen by default if one of its moves is to be promoted, none is in conflict, and all can be
    edited. Moves without an edit are in no unit: they can only be told; what is of the same revision is only offered.
    """
    moves = _whole(tuple(moves))
    groups: list[list[Move]] = []
    by_link: dict[tuple[str, str], list[Move]] = {}
    for move in moves:
        if move.verdict is Verdict.KEEP or not move.changes:
            continue
        links = _links(move)
        known = [g for link in links if (g := by_link.get(link)) is not None]
        group = known[0] if known else []
        if not known:
            groups.append(group)
        for other in known[1:]:
            if other is not group:
                group += other
                groups.remove(other)
                by_link.update({link: group for link, g in by_link.items() if g is other})
        group.append(move)
        by_link.update(dict.fromkeys(links, group))
    units = [_unit(group) for group in groups]
    return tuple(sorted(units, key=lambda u: (not u.chosen, _is_lone(u))))


def _whole(moves: tuple[Move, ...]) -> tuple[Move, ...]:
    """The moves, those only offered whose revision stands at a place that can't be edited: it would come by half."""
    stuck = {m.token: m for m in moves if m.token and not m.changes and _is_version(m)}
    return tuple(_by_half(m, stuck[m.token]) if m.changes and m.token in stuck else m for m in moves)


def _is_version(move: Move) -> bool:
    return move.field_class is FieldClass.VERSION and move.verdict is not Verdict.KEEP


def _by_half(move: Move, other: Move) -> Move:
    if move.verdict is not Verdict.PROMOTE:
        return move
    told = f"{move.reason}; {other.field} is of the same revision ({other.at}), and can't be edited"
    return replace(move, verdict=Verdict.OFFER, reason=told)


def arranged(units: Iterable[Unit]) -> tuple[Unit, ...]:
    """Units in the order in which people mostly take them: chosen ones, images, what stands at several places."""
    return tuple(sorted(units, key=lambda u: (not u.chosen, _is_lone(u), not _is_image(u), -len(u.moves))))


def _is_lone(unit: Unit) -> bool:
    return all(move.carrier in LONE for move in unit.moves)


def _is_image(unit: Unit) -> bool:
    return any(move.carrier in ("images", "marked") for move in unit.moves)


def _links(move: Move) -> list[tuple[str, str]]:
    links = [("token", f"{move.token[0]} -> {move.token[1]}")] if move.token is not None else []
    head, _, last = move.field.rpartition(".")
    if last in ("newTag", "digest", "newName") and head.endswith("]"):
        links.append(("entry", f"{move.at.path}: {head}"))
    if move.carrier in LONE or len(move.changes) > 1:
        links += [_shared(change) for change in move.changes]
    return links or [("field", move.field)]


def _shared(change: Change) -> tuple[str, str]:
    """What two moves have in common that make the same change."""
    if isinstance(change, Edit):
        return "edit", f"{change.path}: {change.start}-{change.end} {change.new!r}"
    return "file", change.path


def _unit(moves: list[Move]) -> Unit:
    verdicts = {m.verdict for m in moves}
    first = next((m for m in moves if m.token is not None), moves[0])
    key = f"{first.token[0]} -> {first.token[1]}" if first.token is not None else first.field
    return Unit(key, tuple(moves), Verdict.PROMOTE in verdicts and Verdict.CONFLICT not in verdicts)


def held_back(moves: Iterable[Move], units: Iterable[Unit]) -> tuple[Move, ...]:
    """Everything that is not carried: kept, only told, or in a unit that is not chosen; as the units tell it now."""
    told: dict[tuple[Where, str], Move] = {}
    chosen: set[tuple[Where, str]] = set()
    for unit in units:
        told |= {(m.at, m.field): m for m in unit.moves}
        chosen |= {(m.at, m.field) for m in unit.moves} if unit.chosen else set()
    return tuple(told.get((m.at, m.field), m) for m in moves if (m.at, m.field) not in chosen)
