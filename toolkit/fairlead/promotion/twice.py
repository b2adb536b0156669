"""Keys that stand twice in one map: readers differ in which one counts, so that nothing below them is carried."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fairlead.edit.nodes import Duplicate, Mapping, Sequence, Stream, Value
from fairlead.model.findings import Where
from fairlead.model.plan import Move, Verdict
from fairlead.model.values import dataclass

_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Twice:
    """A stretch of a file, as (line, column), that stands under such a key, and what to say of it."""

    begin: _Place
    end: _Place
    told: str

    def holds(self, at: Where | None) -> bool:
        """Whether a place of the same file lies in it."""
        return at is not None and self.begin <= (at.line, at.column) <= self.end


def twice(stream: Stream, path: str) -> tuple[Twice, ...]:
    """What stands under keys that stand twice."""
    if not stream.duplicates:
        return ()
    known = {id(key): found for found in stream.duplicates for key in (found.first, found.second)}
    return tuple(_found(stream, path, known))


def _found(stream: Stream, path: str, known: dict[int, Duplicate]) -> Iterator[Twice]:
    stack: list[Value | None] = list(stream.documents)
    while stack:
        node = stack.pop()
        if isinstance(node, Sequence):
            stack += node.items
        elif isinstance(node, Mapping):
            for key, item in node.items:
                found = known.get(id(key))
                if found is None:
                    stack.append(item)
                    continue
                where = Where(path, found.second.line, found.second.column)
                told = f"{where}: {found.key} stands twice in one map, first in line {found.first.line}; remove one"
                yield Twice((key.line, key.column), _place(stream.text, item.end), told)


def _place(text: str, offset: int) -> _Place:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def left_alone(move: Move, source: tuple[Twice, ...], target: tuple[Twice, ...]) -> Move:
    """The move, without its edit where one of its sides stands under a key that stands twice."""
    if move.verdict is Verdict.KEEP:
        return move
    told = [t.told for t in source if t.holds(move.stands_at)] + [t.told for t in target if t.holds(move.at)]
    return replace(move, verdict=Verdict.OFFER, reason=f"left alone: {told[0]}", changes=()) if told else move
