"""Finding a rendered field in a parsed file, and saying where it stands, inline patches included."""

from __future__ import annotations

from dataclasses import dataclass

from fairlead.checks.objects import Json
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value
from fairlead.model.findings import Where

# What tells list items apart, by kustomize's merge keys, the most telling first.
_KEYS = (
    "name",
    "key",
    "containerPort",
    "port",
    "mountPath",
    "devicePath",
    "ip",
    "topologyKey",
    "host",
    "path",
    "kind",
)


@dataclass(frozen=True)
class Item:
    """A step into a list: the index, and what tells the item from others."""

    index: int
    keys: tuple[tuple[str, str], ...] = ()


Step = str | Item


@dataclass(frozen=True)
class Place:
    """How a node's position is told: `line` and `column` are added; `fixed` where only one place is known."""

    path: str
    line: int = 0
    column: int = 0
    fixed: bool = False

    def of(self, node: Value) -> Where:
        """Where a node stands in the file of the repository."""
        if self.fixed:
            return Where(self.path, self.line, self.column)
        return Where(self.path, node.line + self.line, node.column + self.column)


def inline(path: str, scalar: Scalar, text: str) -> Place:
    """The place of YAML inside a scalar; `text` is the outer file's."""
    if scalar.style != "|":
        return Place(path, scalar.line, scalar.column, fixed=True)
    for line in text[scalar.start : scalar.end].split("\n")[1:]:
        if line.strip():
            return Place(path, scalar.line, len(line) - len(line.lstrip(" ")))
    return Place(path, scalar.line, scalar.column, fixed=True)


def steps(body: Json, path: tuple[str | int, ...]) -> tuple[Step, ...]:
    """A path into a rendered object, with what tells list items apart."""
    out: list[Step] = []
    at = body
    for part in path:
        if isinstance(part, int):
            item = at[part] if isinstance(at, list) and part < len(at) else None
            keys: tuple[tuple[str, str], ...] = ()
            if isinstance(item, dict):
                keys = tuple((k, str(item[k])) for k in _KEYS if isinstance(item.get(k), str | int))
            elif item is not None:
                keys = (("", str(item)),)
            out.append(Item(part, keys))
            at = item
        else:
            out.append(part)
            at = at.get(part) if isinstance(at, dict) else None
    return tuple(out)


def value_at(body: Json, path: tuple[str | int, ...]) -> Json:
    """The value at a path of a rendered object; None where there is none."""
    for part in path:
        if isinstance(part, int):
            body = body[part] if isinstance(body, list) and part < len(body) else None
        else:
            body = body.get(part) if isinstance(body, dict) else None
    return body


@dataclass(frozen=True)
class Found:
    """How far a path could be followed: the node, its key if any, and how many steps were not found."""

    node: Value
    key: Scalar | None
    left: int

    def telling(self, *, key: bool = False) -> Value:
        """The node to point at: a leaf's value, else the key that holds the rest."""
        if self.key is not None and (key or not isinstance(self.node, Scalar)):
            return self.key
        return self.node


def find(node: Value, way: tuple[Step, ...]) -> Found:
    """Follow steps into a parsed file as far as they lead."""
    key: Scalar | None = None
    for number, step in enumerate(way):
        below, name = _into(node, step)
        if below is None:
            return Found(node, key, len(way) - number)
        node, key = below, name
    return Found(node, key, 0)


def _into(node: Value, step: Step) -> tuple[Value | None, Scalar | None]:
    if isinstance(step, str):
        return (node.get(step), node.key(step)) if isinstance(node, Mapping) else (None, None)
    return (_item(node, step), None) if isinstance(node, Sequence) else (None, None)


def _item(node: Sequence, step: Item) -> Value | None:
    for key, text in step.keys:
        told = False
        for item in (*node.items[step.index : step.index + 1], *node.items):  # of two alike, its own
            value = item.get(key) if isinstance(item, Mapping) else (item if not key else None)
            if isinstance(value, Scalar):
                told = True
                if value.value == text:
                    return item
        if told and key in ("name", "", "containerPort", "mountPath"):
            return None  # the list names its items so, and this one is not among them
    return node.items[step.index] if step.index < len(node.items) and not _named(node) else None


def _named(node: Sequence) -> bool:
    return any(isinstance(item, Mapping) and item.get("name") is not None for item in node.items)
