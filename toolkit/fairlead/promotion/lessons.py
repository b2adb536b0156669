"""What past promotions teach: which units were pending then, and which of them people took.

A lesson is made of texts, the source's and the target's before and after, whoever made the change: a promotion on
the ledger, or a commit by hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fairlead.model.errors import SyntaxProblem
from fairlead.model.plan import Move, Unit, Verdict
from fairlead.model.values import dataclass
from fairlead.promotion.compare import Base, Bases, FilePair, compare
from fairlead.promotion.units import arranged, gather
from fairlead.promotion.views import Surroundings

Place = tuple[str, str]  # target path, field


@dataclass(frozen=True, slots=True)
class Pending:
    """A unit as it stood at a promotion: where, from which value to which, its default, what people did."""

    places: frozenset[Place]
    old: str
    new: str
    default: bool
    taken: bool = False

    def meets(self, other: Pending) -> bool:
        """Whether both speak of a field in common."""
        return not self.places.isdisjoint(other.places)

    def same(self, other: Pending) -> bool:
        """Whether it is the same revision at the same place."""
        return (self.old, self.new) == (other.old, other.new) and self.meets(other)

    def beside(self, other: Pending) -> bool:
        """Whether both stand in a file in common."""
        return not {path for path, _ in self.places}.isdisjoint(path for path, _ in other.places)

    def twin(self, other: Pending) -> bool:
        """Whether it brings the same value into the same fields: of a sibling, whose own value may be another."""
        return self.new == other.new and self.fields() == other.fields()

    def fields(self) -> frozenset[str]:
        """The names of its fields, without their files: what siblings have in common."""
        return frozenset(field.partition(": ")[2] for _, field in self.places)


@dataclass(frozen=True, slots=True)
class Lesson:
    """One past promotion into `target`; `units` in the order of the offer, `carried` what was taken, old and new."""

    target: str
    paths: frozenset[str]
    units: tuple[Pending, ...]
    carried: tuple[tuple[Place, str, str], ...] = ()
    told: str = ""

    def choices(self) -> tuple[Pending, ...]:
        """What the default was, before anybody chose."""
        return tuple(u for u in self.units if u.default)


@dataclass(frozen=True, slots=True)
class Turn:
    """A file that a past promotion changed: the source's text at that time, the target's before and after."""

    source_path: str
    target_path: str
    source: bytes
    before: bytes
    after: bytes
    label: str


def pending(unit: Unit, *, taken: bool = False) -> Pending:
    """A unit as habits look at it."""
    first = next((m for m in unit.moves if m.token is not None), unit.moves[0])
    old, new = first.token if first.token is not None else (first.old, first.new)
    return Pending(frozenset((m.at.path, m.field) for m in unit.moves), old, new, unit.chosen, taken)


def lesson(turns: Iterable[Turn], around: Surroundings, told: str = "") -> Lesson | None:
    """The lesson of one promotion, by `told` for people; None where nothing was pending, or nothing of it was taken."""
    before: list[Move] = []
    after: dict[Place, Move] = {}
    paths = set()
    for turn in turns:
        here = FilePair(turn.source_path, turn.target_path, turn.source, turn.before, turn.label)
        there = FilePair(turn.source_path, turn.target_path, turn.source, turn.after, turn.label)
        try:
            found, rest = compare(here, around), compare(there, around)
        except SyntaxProblem:
            continue
        before += [m for m in found if m.carrier != "comments"]
        after |= {(m.at.path, m.field): m for m in rest}
        paths.add(turn.target_path)
    units = tuple(pending(u, taken=any(_taken(m, after) for m in u.moves)) for u in arranged(gather(before)))
    carried = tuple(((m.at.path, m.field), m.old, m.new) for m in before if m.changes and _taken(m, after))
    return Lesson(around.target_env, frozenset(paths), units, carried, told) if carried else None


def bases(lessons: Iterable[Lesson]) -> dict[Place, Base]:
    """What each field took last, newest lesson first, where no ledger tells it."""
    found: dict[Place, Base] = {}
    for one in lessons:
        for (path, field), old, new in one.carried:
            place = (path, field.partition(": ")[2])
            last = found.get(place, Base(new, new, one.told))
            found[place] = replace(last, was=(*last.was, old))
    return found


def missing(lessons: Iterable[Lesson], known: Bases, moves: Iterable[Move]) -> dict[Place, Base]:
    """Of those bases the ones that the ledger lacks and that say something new of these moves."""
    pending = {(m.at.path, m.field.partition(": ")[2]): m.old for m in moves if m.verdict is Verdict.PROMOTE}
    found = {place: base for place, base in bases(lessons).items() if place in pending and place not in known}
    return {place: base for place, base in found.items() if pending[place] not in (base.carried, *base.was)}


def _taken(move: Move, after: dict[Place, Move]) -> bool:
    """Whether nothing is left of it, or but that the registry is the target's own."""
    left = after.get((move.at.path, move.field))
    return left is None or (left.old != move.old and move.new in left.old)
