"""How people have promoted here, and what that says of the default: which units, in which order, why.

Lessons are of past promotions alone, newest first. One of several is the default only where foretelling it has come
true without exception of late; see `foretelling`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import replace

from fairlead.model.plan import FieldClass, Move, Unit, Verdict
from fairlead.model.values import dataclass
from fairlead.promotion.foretelling import RECENT, Foretelling, left_behind, together
from fairlead.promotion.lessons import Lesson, Pending, pending
from fairlead.promotion.units import arranged
from fairlead.repo.versions import goes_back

_MOST = 0.6  # of the promotions in which people could have taken several
_KEPT = 5  # promotions of several units in which one stayed behind that never went


class Pace(enum.StrEnum):
    """How many pending units are the default: all, as the habit foretells surely, one where people took one."""

    ALL = "all"
    HABIT = "habit"
    ONE = "one"


@dataclass(frozen=True)
class Past:
    """Lessons, newest first: of the files in question, and of all targets."""

    own: tuple[Lesson, ...] = ()
    every: tuple[Lesson, ...] = ()


def past(lessons: Iterable[Lesson], target: str, paths: Iterable[str]) -> Past:
    """What of all lessons, newest first, concerns these files of a target."""
    every, wanted = tuple(lessons), frozenset(paths)
    own = tuple(x for x in every if x.target == target and not wanted.isdisjoint(x.paths))
    return Past(own, every)


def choose(units: Sequence[Unit], known: Past, target: str, pace: Pace = Pace.HABIT) -> tuple[Unit, ...]:
    """The units in the order in which people take them, chosen as they choose, with the reason told."""
    units = tuple(_carried(_kept(unit, known, target), known, target) for unit in arranged(units))
    looks = {pending(u): u for u in units if u.chosen}
    chosen: list[Unit] = []
    held: list[Unit] = []
    for group in together(looks):
        if len(group) == 1:
            chosen.append(looks[group[0]])
            continue
        foretold = Foretelling(group, target, known.every)
        why = _one(foretold, pace)
        taken = foretold.order[:1] if why else foretold.order
        chosen += [looks[u] for u in taken]
        held += [_held(looks[u], why + _waiting(u, known)) for u in foretold.order[len(taken) :]]
    return (*chosen, *held, *(u for u in units if not u.chosen))


def _waiting(look: Pending, known: Past) -> str:
    before = left_behind(look, known.own)
    if not before:
        return ""
    first = f", first by {before[-1].told}" if before[-1].told else ""
    return f"; this one was left behind {len(before)} times{first}"


def _one(foretold: Foretelling, pace: Pace) -> str:
    """Why only the first is the default; empty where all are."""
    habit = foretold.habit()
    if pace is Pace.ALL or not habit.mostly_one(_MOST) or (pace is Pace.HABIT and not foretold.trusted()):
        return ""
    where = "here" if habit.here else "in environments beside this one"
    return f"people take one revision at a time {where} ({habit.ones} of the last {habit.times} times)"


def _kept(unit: Unit, known: Past, target: str) -> Unit:
    """The unit, held back where it stayed behind again and again, though several others went together."""
    if not unit.chosen:
        return unit
    look, times = pending(unit), 0
    for lesson in known.own:
        met = [u for u in lesson.units if u.meets(look)]
        if any(u.taken for u in met):
            return unit
        times += any(u.default for u in met) and sum(u.taken for u in lesson.choices()) > 1
    return _held(unit, f"{target} has kept its own value through {times} promotions") if times >= _KEPT else unit


def _carried(unit: Unit, known: Past, target: str) -> Unit:
    """The unit, chosen where people carried such a field though it was only offered, or a sibling took it."""
    if unit.chosen or not all(map(_may_be_carried, unit.moves)):
        return unit
    look = pending(unit)
    asked = [u for lesson in known.own for u in lesson.units if u.meets(look) and not u.default]
    taken = sum(u.taken for u in asked)
    if taken >= 2 and 2 * taken > len(asked):
        return _chosen(unit, f"people carried it {taken} times though it was only offered")
    for lesson in known.every[: RECENT * RECENT]:
        for other in lesson.units:
            if lesson.target != target and other.taken and other.twin(look):
                return _chosen(unit, f"{lesson.target} took it already")
    return unit


def _may_be_carried(move: Move) -> bool:
    if move.verdict is not Verdict.OFFER or move.field_class is not FieldClass.OFFERED or not move.changes:
        return False
    return move.carrier not in ("guarded", "entries", "files", "comments") and not goes_back(move.old, move.new)


def _chosen(unit: Unit, why: str) -> Unit:
    moves = tuple(replace(m, verdict=Verdict.PROMOTE, reason=f"{m.reason}; {why}") for m in unit.moves)
    return replace(unit, moves=moves, chosen=True)


def _held(unit: Unit, why: str) -> Unit:
    moves = tuple(
        replace(m, verdict=Verdict.OFFER, reason=why) if m.verdict is Verdict.PROMOTE else m for m in unit.moves
    )
    return replace(unit, moves=moves, chosen=False)
