"""Which fields of a file some edits touch: by place, for an edit may give untouched ones another name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fairlead.edit.nodes import Scalar, parse
from fairlead.model.changes import Edit
from fairlead.model.values import dataclass
from fairlead.promotion.align import Aligner, Pair
from fairlead.promotion.words import neutral


@dataclass(frozen=True)
class Field:
    """A leaf with its name (environments' words made neutral) and the keys that lead to it."""

    name: str
    keys: tuple[str, ...]
    leaf: Scalar


def fields(data: bytes, words: tuple[str, ...] = ()) -> tuple[Field, ...]:
    """All leaves of a file, in its order. Raises SyntaxProblem where it can't be read."""
    stream = parse(data)
    pairs = Aligner(stream, stream, words, equal=True).differences()
    return tuple(Field(neutral(p.field, words), p.keys, p.target) for p in pairs if isinstance(p, Pair))


@dataclass(frozen=True)
class _Region:
    """Where an edit is, in characters: before it and after all of them."""

    before: tuple[int, int]
    after: tuple[int, int]


class Changed:
    """Edits of one file, as places before and after."""

    def __init__(self, data: bytes, edits: Iterable[Edit]) -> None:
        self._regions: list[_Region] = []
        shift = 0
        for edit in sorted(edits):
            start, length, grown = (
                len(part.decode("utf-8", "replace")) for part in (data[: edit.start], edit.old, edit.new)
            )
            self._regions.append(_Region((start, start + length), (start + shift, start + shift + grown)))
            shift += grown - length

    def is_untouched(self, field: Field, old: Sequence[Field]) -> bool:
        """Whether a field of the result stands there as it did, whatever it was called."""
        start, end = field.leaf.start, field.leaf.end
        if any(_meet(region.after, (start, end)) for region in self._regions):
            return False
        moved = sum(_length(r.after) - _length(r.before) for r in self._regions if r.after[1] <= start)
        return any(
            one.leaf.start == start - moved and one.leaf.value == field.leaf.value and one.keys == field.keys
            for one in old
        )

    def is_kept(self, field: Field, new: Sequence[Field]) -> bool:
        """Whether a field is still there, untouched or with another value in its place."""
        place = (field.leaf.start, field.leaf.end)
        hit = [region for region in self._regions if _meet(region.before, place)]
        if not hit:
            moved = sum(_length(r.after) - _length(r.before) for r in self._regions if r.before[1] <= place[0])
            return any(one.leaf.start == place[0] + moved and one.keys == field.keys for one in new)
        return any(
            one.keys == field.keys and _meet(region.after, (one.leaf.start, one.leaf.end))
            for region in hit
            for one in new
        )


def _meet(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two places have something in common; an edit that only removes stands between two characters."""
    return one[0] < other[1] and other[0] < one[1] if one[0] != one[1] else other[0] < one[0] < other[1]


def _length(place: tuple[int, int]) -> int:
    return place[1] - place[0]
