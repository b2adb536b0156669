"""Whether a patch or a label would write only what an object says already, told from the files alone.

Where that can't be told (another layer wrote there before, lists without names, directives), the answer is no.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, NamedTuple

from fairlead.checks import layers
from fairlead.checks.fieldspecs import FieldSpec, has_pair, meant
from fairlead.checks.generating import Generated
from fairlead.checks.layers import Layer
from fairlead.checks.parts import Part
from fairlead.checks.patches import Patch, text_of
from fairlead.checks.playing import Player
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value

if TYPE_CHECKING:
    from fairlead.checks.stage import Resource


class _Named(NamedTuple):
    """A step to the list item of this name."""

    name: str


_Way = tuple[str | _Named, ...]


def says(resource: Resource, patch: Patch) -> bool:
    """Whether a resource, as its layers left it, says all of a patch."""
    if patch.operations:
        written = [_written(operation) for operation in patch.operations]
    else:
        leaves = (found for document in patch.merges for found in _leaves(document, ()))
        written = [(way, value) for way, value in leaves if way != ("kind",)]
    found: list[tuple[_Way, Value]] = []
    for way, value in written:
        there = _find(resource.node, way) if way is not None else None
        if way is None or there is None or value is None or not _same(there, value):
            return False
        found.append((way, there))
    root = Player().play(resource) if found else None
    return root is not None and all(_stands(root, way, there) for way, there in found)


def carry(resources: Collection[Resource], specs: tuple[FieldSpec, ...], name: str, value: Scalar) -> bool:
    """Whether all resources, as their layers left them, have a label (or annotation) in each field that it goes to."""
    if not all(_may_carry(each, name, value.value) for each in resources):
        return False
    player = Player()
    return all(
        has_pair(player.play(each), spec, name, value.value)
        for each in resources
        for spec in meant(specs, each.api_version, each.kind)
    )


def _may_carry(resource: Resource, name: str, value: str) -> bool:
    """Whether it is worth while to play its layers: what is written says so, or what a layer brings may."""
    return _says(resource.node, name, value) or any(_may_bring(layer, name, value) for layer in resource.layers)


def _may_bring(layer: Layer, name: str, value: str) -> bool:
    if isinstance(layer, layers.Labelled):
        return text_of(layer.pairs, name) == value
    if isinstance(layer, layers.Patched):
        return bool(layer.patch.operations) or any(_says(each, name, value) for each in layer.patch.merges)
    if isinstance(layer, Generated):
        return any(_says(each, name, value) for each in (layer.generator.entry, layer.generator.options))
    return isinstance(layer, layers.Replaced | layers.Added)


def _says(node: Value | None, name: str, value: str) -> bool:
    """Whether the labels or annotations of an object, or of a generator's options, say so as they are written."""
    for holder in (_member(node, "metadata"), _member(node, "options"), node):
        for key in ("labels", "annotations"):
            written = _member(holder, key)
            if isinstance(written, Mapping) and (text_of(written, name) == value or written.get("<<") is not None):
                return True
    return False


def _member(node: Value | None, key: str) -> Value | None:
    return node.get(key) if isinstance(node, Mapping) else None


def _written(operation: Mapping) -> tuple[_Way | None, Value | None]:
    pointer = text_of(operation, "path")
    if text_of(operation, "op") not in ("add", "replace") or not pointer.startswith("/"):
        return None, None
    way = tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])
    return (None if any(part.isdigit() or part == "-" for part in way) else way), operation.get("value")


def _find(node: Value | None, way: _Way) -> Value | None:
    for step in way:
        if isinstance(step, str):
            node = node.get(step) if isinstance(node, Mapping) else None
        else:
            items = node.items if isinstance(node, Sequence) else []
            node = next((i for i in items if isinstance(i, Mapping) and text_of(i, "name") == step.name), None)
    return node


def _stands(root: Part, way: _Way, there: Value) -> bool:
    """Whether what was written at first is what stands there now, and nothing above or below it was touched."""
    at: Part | None = root
    for step in way:
        if at is None:
            return False
        if isinstance(step, str):
            at = at.get(step)
        else:
            at = next((item for item in at.items or () if item.says("name") == step.name), None)
    return at is not None and _untouched(at, there)


def _untouched(part: Part, node: Value) -> bool:
    if part.node is not node:
        return False
    if isinstance(node, Mapping):
        fields = part.fields or {}
        return len(fields) == len(node.items) and all(
            key.value in fields and _untouched(fields[key.value], value) for key, value in node.items
        )
    if isinstance(node, Sequence):
        items = part.items or []
        return len(items) == len(node.items) and all(map(_untouched, items, node.items))
    return part.text == node.value


def _same(left: Value, right: Value) -> bool:
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return (left.value, left.tag) == (right.value, right.tag) and bool(left.style) == bool(right.style)
    if isinstance(left, Sequence) and isinstance(right, Sequence):
        return len(left.items) == len(right.items) and all(map(_same, left.items, right.items))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        mine, other = ({key.value: value for key, value in side.items} for side in (left, right))
        return mine.keys() == other.keys() and all(_same(mine[key], other[key]) for key in mine)
    return False


def _leaves(node: Value, way: _Way) -> Iterator[tuple[_Way | None, Value]]:
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
        for item in node.items:
            name = item.get("name") if isinstance(item, Mapping) else None
            if not isinstance(name, Scalar):
                yield None, item
                continue
            yield from _leaves(item, (*way, _Named(name.value)))
    else:
        yield way, node
