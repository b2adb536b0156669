"""Two texts that are the same but for plain values in some lines: aligned by the target's tree alone.

Where only such values differ, the source has the target's tree, so that it needs no parser, and what is the same needs
no look. It gives what `align` finds, or nothing: then `align` has to look.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import replace

from fairlead.edit.embedded import embedded
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Stream, Value
from fairlead.model.values import dataclass
from fairlead.promotion.align import (
    KNOWN_BY,
    At,
    Pair,
    dotted,
    filled,
    item_identity,
    neutral_label,
)
from fairlead.promotion.words import neutral

_MOST = 60  # lines
# Signs that reach beyond their line, or make a value read otherwise; and secrets, which name themselves without those.
_MEANING = ("&", "*", "\\", "\t", "\r", "\ufeff", "Secret")
# `key: value` or `- value`, the value on this line alone: in quotes, or of signs that mean nothing to YAML.
_LINE = re.compile(
    r"( *(?:- +)*(?:[A-Za-z0-9_][A-Za-z0-9_./-]*: +|- +))"
    r"(\"[^\"\\]*\"|'[^']*'|[A-Za-z0-9/](?:[A-Za-z0-9_./@:=+-]*[A-Za-z0-9_/])?)"
    r"(?: *| +#.*)"
)


class _Unlike(Exception):  # noqa: N818  it is caught here
    """They are no such twins."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """A value that may differ: where the target's ends, and the source's."""

    end: int
    source: Scalar


def twin_pairs(source: str, target: Stream, words: tuple[str, ...]) -> list[Pair] | None:
    """What differs, in the target's order; None where it takes a parser to tell."""
    documents = filled(target)
    if len(documents) != 1 or target.duplicates:
        return None
    for sign in _MEANING:
        if sign in source or sign in target.text:
            return None
    try:
        spots = _spots(source, target.text)
        twins = _Twins(target.text, spots, words)
        found = list(twins.values(documents[0], At("", (), ("", "")).of(documents[0], documents[0])))
    except _Unlike:
        return None
    return found if twins.met == len(spots) else None


def _spots(source: str, target: str) -> dict[int, _Spot]:
    """The values of the lines that differ, by the place of the target's. Raises _Unlike."""
    mine, theirs = source.split("\n"), target.split("\n")
    if len(mine) != len(theirs):
        raise _Unlike
    out: dict[int, _Spot] = {}
    here = there = 0
    for number, (first, second) in enumerate(zip(mine, theirs, strict=True), 1):
        if first != second:
            old, new = _LINE.fullmatch(second), _LINE.fullmatch(first)
            if old is None or new is None or old[1] != new[1] or len(out) >= _MOST:
                raise _Unlike
            text, column = new[2], len(new[1])
            style = text[0] if text[0] in "\"'" else ""
            value = text[1:-1] if style else text
            start = here + column
            scalar = Scalar(value, start, start + len(text), number, column + 1, style)
            out[there + column] = _Spot(there + column + len(old[2]), scalar)
        here += len(first) + 1
        there += len(second) + 1
    return out


class _Twins:
    """Walks the target's tree to the values that may differ; `met` counts them."""

    def __init__(self, text: str, spots: dict[int, _Spot], words: tuple[str, ...]) -> None:
        self._text = text
        self._spots = spots
        self._starts = sorted(spots)
        self._words = words
        self.met = 0

    def _holds(self, node: Value) -> bool:
        at = bisect_left(self._starts, node.start)
        return at < len(self._starts) and self._starts[at] < node.end

    def _twin(self, node: Scalar) -> Scalar:
        """The source's value. Raises _Unlike where more stands there than a value on one line."""
        spot = self._spots.get(node.start)
        if spot is None or spot.end != node.end or node.tag or node.shared:
            raise _Unlike
        return spot.source

    def values(self, node: Value, at: At) -> Iterator[Pair]:
        """What differs at and below a node that holds such values."""
        if isinstance(node, Mapping):
            yield from self._map(node, at)
        elif isinstance(node, Sequence):
            yield from self._list(node, at)
        elif node.style == "|" and not at.embedded:
            inner = embedded(self._text, node)
            if inner is None or len(inner) != 1:
                raise _Unlike
            yield from self.values(inner[0], at.inside().of(inner[0], inner[0]))
        else:
            source = self._twin(node)
            self.met += 1
            if source.value != node.value:
                yield at.pair(source, node)

    def _map(self, node: Mapping, at: At) -> Iterator[Pair]:
        table = {key.value: value for key, value in node.items}
        at = at.within(node, node, table, table)
        for key, value in node.items:
            if key.shared or self._holds(key):
                raise _Unlike
            if self._holds(value):
                yield from self.values(value, at.below(dotted(at.field, key.value), key.value, node, node))

    def _list(self, node: Sequence, at: At) -> Iterator[Pair]:
        identity = item_identity(at.keys)
        count: dict[str, int] = {}
        for item in node.items:
            label = identity(item)
            name = neutral(label, self._words)
            number = count[name] = count.get(name, 0) + 1
            if not self._holds(item):
                continue
            self._refuse_renamed(item, name, identity)
            told = neutral_label(label + (f"#{number}" if number > 1 else ""))
            yield from self.values(item, at.below(f"{at.field}[{told}]", None, node))

    def _refuse_renamed(self, item: Value, name: str, identity: Callable[[Value], str]) -> None:
        """Raise _Unlike where the source knows an item of a list by another name: there it may have another place."""
        if isinstance(item, Mapping) and not any(k.value in KNOWN_BY and self._holds(v) for k, v in item.items):
            return
        if neutral(identity(self._source(item)), self._words) != name:
            raise _Unlike

    def _source(self, node: Value) -> Value:
        """A node as the source has it, by its values alone; a block that is read by itself is left as it is."""
        if not self._holds(node):
            return node
        if isinstance(node, Scalar):
            return self._twin(node)
        if isinstance(node, Sequence):
            return replace(node, items=[self._source(item) for item in node.items])
        blocks = {id(v) for k, v in node.items if isinstance(v, Scalar) and v.style == "|" and k.value not in KNOWN_BY}
        return replace(node, items=[(k, v if id(v) in blocks else self._source(v)) for k, v in node.items])
