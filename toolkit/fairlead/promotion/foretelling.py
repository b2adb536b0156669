"""Which of several pending revisions people take next, and how often it came true when it was foretold.

Each past promotion is foretold from those before it, in the target itself and in its siblings. A foretelling is
trusted where all of late came true: of situations like this one, and of the revision in question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from fairlead.model.values import dataclass
from fairlead.promotion.lessons import Lesson, Pending

RECENT = 10  # promotions looked back on
_SIBLINGS = 60  # promotions looked back on, for what siblings took first
_ALIKE = 3  # foretellings that must have come true in such a situation, if the same field was among them,
_SAME = 5  # or of the same field in such a situation


@dataclass(frozen=True)
class Habit:
    """How often people took one where they could have taken several, of late."""

    ones: int
    times: int
    here: bool = True

    def mostly_one(self, most: float) -> bool:
        """Whether people took one in at least this part of the promotions."""
        return self.times > 0 and self.ones >= most * self.times


@dataclass(frozen=True)
class _Trial:
    """A past choice among several: in how new a situation, what was foretold, what people did."""

    here: bool
    news: int
    fields: frozenset[str]
    one: bool
    right: bool


class Foretelling:
    """Of the pending revisions of some files of a target, by the lessons of all targets, newest first."""

    def __init__(self, looks: Sequence[Pending], target: str, every: Sequence[Lesson]) -> None:
        self.order = _ordered(looks, target, every)
        self.first = self.order[0]
        self._news = _news(looks, _own(looks, target, every))
        self._overtaken = _overtaken(self.first, looks, target, every)
        self._trials = tuple(_trials(looks, target, every))

    def habit(self) -> Habit:
        """How people choose here; at siblings, where nobody had to choose here yet."""
        here = [t for t in self._trials if t.here]
        trials = (here or self._trials)[:RECENT]
        return Habit(sum(t.one for t in trials), len(trials), bool(here))

    def trusted(self) -> bool:
        """Whether the first of the order is surely what people take, and nothing else."""
        alike = [t for t in self._trials if t.news == self._news]
        same = [t for t in alike if t.fields == self.first.fields()]
        known = any(t.right for t in self._trials if t.fields == self.first.fields())
        return not self._overtaken and ((known and _true(alike, _ALIKE)) or _true(same, _SAME))


def together(looks: Iterable[Pending]) -> list[list[Pending]]:
    """The revisions by the files in which they stand: people choose among what they see in one file."""
    groups: list[list[Pending]] = []
    for look in looks:
        mine = [g for g in groups if any(look.beside(other) for other in g)]
        if not mine:
            groups.append([look])
            continue
        mine[0] += [*(one for g in mine[1:] for one in g), look]
        groups = [g for g in groups if g not in mine[1:]]
    return groups


def left_behind(look: Pending, own: Iterable[Lesson]) -> list[Lesson]:
    """The promotions in a row, back from the last, at which it could have been taken and was not."""
    found = []
    for lesson in own:
        met = [u for u in lesson.units if u.same(look)]
        if not met or any(u.taken for u in met):
            break
        found.append(lesson)
    return found


def _true(trials: Sequence[_Trial], least: int) -> bool:
    return len(trials) >= least and all(t.right for t in trials[:RECENT])


def _trials(looks: Sequence[Pending], target: str, every: Sequence[Lesson]) -> Iterator[_Trial]:
    """The past choices that tell of this one, newest first: in the same files, or of the same fields at a sibling."""
    fields = frozenset[str]().union(*(u.fields() for u in looks))
    for number, lesson in enumerate(every):
        here = lesson.target == target
        for group in together(lesson.choices()):
            alike = any(u.beside(look) for u in group for look in looks) if here else _share(group, fields)
            if len(group) < 2 or not alike:
                continue
            older = every[number + 1 :]
            first = _ordered(group, lesson.target, older)[0]
            one = sum(u.taken for u in group) == 1
            news = _news(group, _own(group, lesson.target, older))
            yield _Trial(here, news, first.fields(), one, one and first.taken)


def _share(group: Iterable[Pending], fields: frozenset[str]) -> bool:
    return any(not fields.isdisjoint(u.fields()) for u in group)


def _own(looks: Sequence[Pending], target: str, every: Iterable[Lesson]) -> list[Lesson]:
    """The lessons of the same files, as many as are looked back on."""
    paths = frozenset(path for look in looks for path, _ in look.places)
    found: list[Lesson] = []
    for lesson in every:
        if lesson.target == target and not paths.isdisjoint(lesson.paths):
            found.append(lesson)
            if len(found) == RECENT:
                break
    return found


def _ordered(looks: Sequence[Pending], target: str, every: Sequence[Lesson]) -> list[Pending]:
    """As they stand; later those for which a sibling took another first, last those that were passed over here."""
    own = _own(looks, target, every)
    return sorted(looks, key=lambda u: (_passed_over(u, own), _later_at_sibling(u, looks, target, every)))


def _passed_over(look: Pending, own: Iterable[Lesson]) -> bool:
    """Whether people took something further down, when it was pending last."""
    for lesson in own:
        choices = [u for u in lesson.choices() if u.beside(look)]
        place = next((i for i, u in enumerate(choices) if u.same(look)), None)
        if place is None or choices[place].taken:
            return False
        if any(u.taken for u in choices[place + 1 :]):
            return True
    return False


def _later_at_sibling(look: Pending, looks: Sequence[Pending], target: str, every: Sequence[Lesson]) -> bool:
    """Whether a sibling that could have taken it took another of these instead."""
    for lesson in _elsewhere(target, every):
        met = next((u for u in lesson.units if u.twin(look)), None)
        if met is None:
            continue
        if met.taken:
            return False
        if any(u.taken and u.twin(other) for u in lesson.units for other in looks):
            return True
    return False


def _overtaken(first: Pending, looks: Sequence[Pending], target: str, every: Sequence[Lesson]) -> bool:
    """Whether siblings have taken others of these, but not the first."""
    gone = [look for lesson in _elsewhere(target, every) for u in lesson.units if u.taken for look in looks
            if u.twin(look)]  # fmt: skip
    return bool(gone) and first not in gone


def _elsewhere(target: str, every: Sequence[Lesson]) -> Iterator[Lesson]:
    return (lesson for lesson in every[:_SIBLINGS] if lesson.target != target)


def _news(looks: Sequence[Pending], own: Sequence[Lesson]) -> int:
    """How many were not pending yet at the promotion before: none, one, or several (two)."""
    before = own[0].units if own else ()
    return min(2, sum(not any(u.same(look) and not u.taken for u in before) for look in looks))
