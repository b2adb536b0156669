"""Entries side by side: a map, a list or the documents of a file in two versions, and which stand for which."""

from __future__ import annotations

from fairlead.edit.nodes import Mapping, Scalar, Sequence, Stream, Value
from fairlead.model.values import dataclass

Container = Mapping | Sequence | Stream


@dataclass(frozen=True, slots=True)
class Rows:
    """Two containers of one kind, and the values in them that stand for one another (source, target)."""

    source: Container
    target: Container
    pairs: list[tuple[Value, Value]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A list's item, a map's key with its value, a document; `first` is where it is named."""

    value: Value
    key: Scalar | None = None

    @property
    def first(self) -> Value:
        """The node that it begins with."""
        return self.value if self.key is None else self.key


def entries(container: Container) -> list[Entry]:
    """What a container holds; empty documents are none."""
    if isinstance(container, Mapping):
        return [Entry(value, key) for key, value in container.items]
    if isinstance(container, Sequence):
        return [Entry(value) for value in container.items]
    return [Entry(d) for d in container.documents if d is not None and not (isinstance(d, Scalar) and d.start == d.end)]


def place(among: list[Entry], value: Value) -> int:
    """Which of the entries a value is."""
    return next(number for number, entry in enumerate(among) if entry.value is value)


def neighbour(rows: Rows, value: Value) -> tuple[int, bool] | None:
    """Beside which entry of the target one of the source belongs, and whether behind it.

    Behind the nearest before it that the target has too, else before the nearest behind it; None where the
    two have nothing in common.
    """
    among, there = entries(rows.source), entries(rows.target)
    at = place(among, value)
    numbers = {id(entry.value): number for number, entry in enumerate(there)}
    twins = {id(source): numbers[id(target)] for source, target in rows.pairs if id(target) in numbers}
    for other in reversed(among[:at]):
        if id(other.value) in twins:
            return twins[id(other.value)], True
    for other in among[at + 1 :]:
        if id(other.value) in twins:
            return twins[id(other.value)], False
    return None
