"""Whether a patch would write only what an object says already, told from the files alone.

Where that can't be told (another layer wrote there before, lists without names, directives), the answer is no.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.layers import Layer
from fairlead.checks.patches import Patch, text_of
from fairlead.checks.places import Item, Step, find
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value


def says(node: Mapping, layers: tuple[Layer, ...], patch: Patch) -> bool:
    """Whether an object with these layers says all of a patch."""
    if patch.operations:
        return all(_has(node, layers, operation) for operation in patch.operations)
    ways = [found for document in patch.merges for found in _leaves(document, ())]
    return bool(ways) and all(
        way is not None and _equal(node, layers, way, value) for way, value in ways if way != ("kind",)
    )


def _has(node: Mapping, layers: tuple[Layer, ...], operation: Mapping) -> bool:
    pointer = text_of(operation, "path")
    if text_of(operation, "op") not in ("add", "replace") or not pointer.startswith("/"):
        return False
    way = tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
    value = operation.get("value")
    if value is None or any(part.isdigit() or part == "-" for part in way):
        return False
    return _equal(node, layers, way, value)


def _equal(node: Mapping, layers: tuple[Layer, ...], way: tuple[Step, ...], value: Value) -> bool:
    if any(layer.writes(way[:size]) is not None for layer in layers for size in range(1, len(way) + 1)):
        return False
    found = find(node, way)
    return not found.left and _same(found.node, value)


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return (left.value, left.tag) == (right.value, right.tag) and bool(left.style) == bool(right.style)
    if isinstance(left, Sequence) and isinstance(right, Sequence):
        return len(left.items) == len(right.items) and all(map(_same, left.items, right.items))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        mine, other = ({key.value: value for key, value in side.items} for side in (left, right))
        return mine.keys() == other.keys() and all(_same(mine[key], other[key]) for key in mine)
    return False


def _leaves(node: Value, way: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...] | None, Value]]:
    """What a strategic merge patch writes: ways and values; None for a way that can't be told."""
    if isinstance(node, Mapping | Sequence) and not node.items:
        yield None, node  # an empty one may bring its key into being
    elif isinstance(node, Mapping):
        for key, value in node.items:
            plain_null = isinstance(value, Scalar) and not value.style and value.value in ("", "~", "null")
            if key.value.startswith("$") or key.value == "<<" or plain_null:
                yield None, value
            elif way or key.value not in ("apiVersion", "kind"):
                if way == ("metadata",) and key.value in ("name", "namespace"):
                    continue  # by which it finds its object
                yield from _leaves(value, (*way, key.value))
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            name = item.get("name") if isinstance(item, Mapping) else None
            if not isinstance(name, Scalar):
                yield None, item
                continue
            yield from _leaves(item, (*way, Item(index, (("name", name.value),))))
    else:
        yield way, node
