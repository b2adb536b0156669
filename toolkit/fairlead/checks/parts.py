"""An object in the making: each value with the place where it was written, opened no further than it is looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from fairlead.checks.places import Place
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value
from fairlead.model.findings import Where

# A plain scalar that YAML 1.1 or 1.2 takes for a number, date, truth value or nothing.
_NO_TEXT = re.compile(
    r"[-+]?(?:\d[\d_]*)?\.?[\d_]*(?:e[-+]?\d+)?|0[xob][\da-f_]+|\d[\d_]*(?::[\d.]+)+|\d{4}-\d\d?-\d\d?.*"
    r"|[-+]?\.(?:inf|nan)|true|false|yes|no|on|off|null|y|n|~",
    re.IGNORECASE,
)
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


class Mark(NamedTuple):
    """Who wrote a value: the place of its file, the layer's number, and the files that led to it, outermost first.

    `sure` is false for what stands nowhere, as the kind of a generated object.
    """

    place: Place
    at: int
    route: tuple[str, ...]
    sure: bool = True


class Part:
    """A value of the object. `below` is what a map or a list holds, None where it is a leaf or was not opened yet.

    `text` is what a leaf says by now, `node` where that was written, `key` the name under which it stands there.
    """

    __slots__ = ("below", "key", "mark", "node", "text")

    def __init__(self, node: Value, mark: Mark, key: Scalar | None = None, text: str | None = None) -> None:
        self.node = node
        self.mark = mark
        self.key = key
        self.text = text if text is not None else (node.value if isinstance(node, Scalar) else "")
        self.below: Below = None

    @classmethod
    def made(cls, node: Value, mark: Mark, below: dict[str, Part] | list[Part]) -> Part:
        """A map or list that stands nowhere as such; `node` is what it is there for."""
        part = cls(node, mark, text="")
        part.below = below
        return part

    @classmethod
    def told(cls, text: str, node: Value, mark: Mark) -> Part:
        """A leaf that stands nowhere, told by what it is there for."""
        return cls(Scalar(text, node.start, node.end, node.line, node.column), mark._replace(sure=False))

    @property
    def fields(self) -> dict[str, Part] | None:
        """What a map holds; None where it is none."""
        if self.below is None and isinstance(self.node, Mapping):
            self.below = _opened(self.node, self.mark)
        return self.below if isinstance(self.below, dict) else None

    @property
    def items(self) -> list[Part] | None:
        """What a list holds; None where it is none."""
        if self.below is None and isinstance(self.node, Sequence):
            self.below = [Part(item, self.mark) for item in self.node.items]
        return self.below if isinstance(self.below, list) else None

    @property
    def is_leaf(self) -> bool:
        """Whether it is a scalar."""
        return self.below is None and isinstance(self.node, Scalar)

    @property
    def is_null(self) -> bool:
        """Whether it is a scalar that says nothing."""
        return self.is_leaf and isinstance(self.node, Scalar) and not self.node.style and self.text in _NULLS

    @property
    def is_text(self) -> bool:
        """Whether it is a scalar that can't be taken for a number, a truth value or nothing."""
        if not self.is_leaf or not isinstance(self.node, Scalar):
            return False
        return bool(self.node.style) or _NO_TEXT.fullmatch(self.text) is None

    def get(self, *way: str) -> Part | None:
        """What stands below, by names of fields."""
        at: Part | None = self
        for name in way:
            fields = at.fields if at is not None else None
            at = fields.get(name) if fields is not None else None
        return at

    def near(self, path: tuple[str | int, ...]) -> Part:
        """What stands at a path, or the nearest part around it that is there."""
        at = self
        for step in path:
            if isinstance(step, int):
                items = at.items or []
                below = items[step] if step < len(items) else None
            else:
                below = at.get(step)
            if below is None:
                break
            at = below
        return at

    def says(self, *way: str) -> str:
        """The text of a leaf below; empty where there is none."""
        found = self.get(*way)
        return found.text if found is not None and found.is_leaf else ""

    def copied(self, led: tuple[int, tuple[str, ...]] | None = None) -> Part:
        """The same, to be changed by itself; `led` is the layer that takes it elsewhere, and the files to that."""
        mark = self.mark if led is None else self.mark._replace(at=led[0], route=led[1])
        other = Part(self.node, mark, self.key, self.text)
        if isinstance(self.below, dict):
            other.below = {name: part.copied(led) for name, part in self.below.items()}
        elif isinstance(self.below, list):
            other.below = [part.copied(led) for part in self.below]
        return other

    def where(self, *, key: bool = False) -> Where:
        """Where it stands: a leaf's value, else its name, else its first line; an item is told by its own name."""
        if self.key is not None and (key or not self.is_leaf):
            return self.mark.place.of(self.key)
        named = self.get("name") if self.key is None and not self.is_leaf else None
        if named is not None and named.key is not None:
            return named.mark.place.of(named.key)
        return self.mark.place.of(self.node)

    def where_of(self, words: str) -> Where | None:
        """The line of a text of several lines that words stand on first; None where that can't be told."""
        node = self.node
        if not isinstance(node, Scalar) or node.style != "|" or self.mark.place.fixed:
            return None
        before, found, _ = node.value.lower().partition(words.lower())
        if not found:
            return None
        of_file = node.start == 0  # in YAML, the text begins on the line after its sign
        column = len(before) - before.rfind("\n") if of_file else 1
        line = node.line + before.count("\n") + (0 if of_file else 1)
        return self.mark.place.of(Scalar(words, 0, 0, line, column))


Below: TypeAlias = "dict[str, Part] | list[Part] | None"


def _opened(node: Mapping, mark: Mark, within: tuple[Mapping, ...] = ()) -> dict[str, Part]:
    own: dict[str, Part] = {}
    merged: dict[str, Part] = {}
    for key, value in node.items:
        if key.value == "<<" and not key.style:
            for source in value.items if isinstance(value, Sequence) else (value,):
                if isinstance(source, Mapping) and not any(source is each for each in (node, *within)):
                    for name, part in _opened(source, mark, (node, *within)).items():
                        merged.setdefault(name, part)
        else:
            own[key.value] = Part(value, mark, key)
    return {**merged, **own} if merged else own


_HOLDERS = frozenset(("containers", "initContainers"))


def images(part: Part) -> Iterator[Part]:
    """The `image` of every container, at any depth: kustomize looks for them so, whatever the kind."""
    stack = [part]
    while stack:
        at = stack.pop()
        if at.below is None and not _holds(at.node):
            continue
        if at.fields is not None:
            for name, below in at.fields.items():
                stack.append(below)
                if name in _HOLDERS:
                    found = (item.get("image") for item in below.items or ())
                    yield from (image for image in found if image is not None and image.is_leaf)
        else:
            stack.extend(at.items or ())


def _holds(node: Value) -> bool:
    """Whether containers stand below; what has none need not be opened."""
    if isinstance(node, Mapping):
        return any(key.value in _HOLDERS or key.value == "<<" or _holds(value) for key, value in node.items)
    return isinstance(node, Sequence) and any(map(_holds, node.items))
