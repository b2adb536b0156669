"""How people have promoted here, and what that says of the default: which units, in which order, why.

Lessons are of past promotions alone, newest first. A habit counts where it held without exception of late: each
past promotion is foretold from those before it, and only a way of foretelling that came true is trusted.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fairlead.model.plan import FieldClass, Move, Unit, Verdict
from fairlead.promotion.lessons import Lesson, Pending, pending
from fairlead.promotion.units import arranged
from fairlead.repo.versions import goes_back

_RECENT = 10  # promotions looked back on
_TRUST = 5  # times that a foretelling must have come true
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
    chosen = [u for u in units if u.chosen]
    looks = {id(u): pending(u) for u in chosen}
    order = _ordered([looks[id(u)] for u in chosen], known.own)
    chosen.sort(key=lambda u: order.index(looks[id(u)]))
    if pace is not Pace.ALL and len(chosen) > 1:
        why = _one(order, known.own, pace)
        if why:
            chosen = [chosen[0], *(_held(u, why) for u in chosen[1:])]
    return (*chosen, *(u for u in units if not u.chosen))


def _ordered(looks: Sequence[Pending], older: Sequence[Lesson]) -> list[Pending]:
    """As they stand, but those last that people passed over for one further down."""
    return sorted(looks, key=lambda look: _passed_over(look, older))


def _passed_over(look: Pending, older: Sequence[Lesson]) -> bool:
    for lesson in older[:_RECENT]:
        choices = lesson.choices()
        place = next((i for i, u in enumerate(choices) if u.same(look)), None)
        if place is None or choices[place].taken:
            return False
        if any(u.taken for u in choices[place + 1 :]):
            return True
    return False


def _one(order: Sequence[Pending], own: Sequence[Lesson], pace: Pace) -> str:
    """Why only the first is the default; empty where several are."""
    several = [lesson for lesson in own if len(lesson.choices()) > 1][:_RECENT]
    ones = sum(sum(u.taken for u in lesson.choices()) == 1 for lesson in several)
    if not several or ones < _MOST * len(several):
        return ""
    if pace is Pace.HABIT and not _trusted(_news(order, own), own):
        return ""
    return f"people take one revision at a time here ({ones} of the last {len(several)} times)"


def _trusted(news: int, own: Sequence[Lesson]) -> bool:
    """Whether, whenever as many units were new as now, the first of the order was what people took."""
    hits = []
    for number, lesson in enumerate(own):
        choices, older = lesson.choices(), own[number + 1 :]
        if len(choices) < 2 or _news(choices, older) != news:
            continue
        first = _ordered(choices, older)[0]
        hits.append(first.taken and sum(u.taken for u in choices) == 1)
        if len(hits) == _RECENT:
            break
    return len(hits) >= _TRUST and all(hits)


def _news(looks: Sequence[Pending], older: Sequence[Lesson]) -> int:
    """How many were not pending yet at the promotion before: none, one, or several (two)."""
    before = older[0].units if older else ()
    return min(2, sum(not any(u.same(look) and not u.taken for u in before) for look in looks))


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
    for lesson in known.every[: _RECENT * _RECENT]:
        for other in lesson.units:
            if lesson.target != target and other.taken and other.new == look.new and other.fields() == look.fields():
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
