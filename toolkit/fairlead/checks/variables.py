"""`vars` of a kustomization as `replacements`: what each stands for, and every field that names it.

kustomize puts vars in at the very end, replacements in their kustomization; whether that makes a difference is for the
proof to tell.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.accumulate import Resource
from fairlead.checks.context import Shared
from fairlead.checks.layers import Patched
from fairlead.checks.patches import text_of
from fairlead.edit.blocks import Blocks, entries
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value
from fairlead.edit.scalars import fits_plain
from fairlead.model.changes import Edit
from fairlead.model.values import dataclass

_DELIMITERS = "/:.,@=-_ ;?&|"


@dataclass(frozen=True)
class _Field:
    """A field of a resource, as replacements write its path, and what stands there."""

    kind: str
    name: str
    path: str
    value: str


def replacements(shared: Shared, blocks: Blocks) -> tuple[Edit, ...]:
    """The edits. Raises UneditableError where a field can't be told, or a comment would go."""
    found = blocks.listed("vars")
    if found is None:
        return ()
    key, value = found
    start, end = blocks.line(key.start), blocks.end(value)
    if blocks.comment(key.end, end, value):
        raise blocks.refused("a comment would go with it", key)
    folder = blocks.path.rpartition("/")[0]
    fields = [field for r in shared.accumulator.of(folder).resources for field in _fields(r)]
    into = blocks.listed("replacements") if blocks.entry("replacements") is not None else None
    indent = " " * (blocks.indent(into[1].items[0]) if into is not None else blocks.indent(value.items[0]))
    lines = [indent + line for one in entries(value) for line in _replacement(blocks, one, fields)]
    text = "".join(line + blocks.newline for line in lines)
    if into is not None:
        return (blocks.inserted(blocks.end(into[1]), text), blocks.edit(start, end, ""))
    return (blocks.edit(start, end, f"replacements:{blocks.newline}{text}" if text else ""),)


def _replacement(blocks: Blocks, var: Mapping, fields: list[_Field]) -> list[str]:
    """The lines for one var; none where nothing names it."""
    target, named = var.get("objref"), "$(" + text_of(var, "name") + ")"
    targets = [line for field in fields if named in field.value for line in _target(blocks, var, field, named)]
    if not targets:
        return []
    if not isinstance(target, Mapping):
        raise blocks.refused("it has no `objref`", var)
    group, _, version = text_of(target, "apiVersion").rpartition("/")
    source = {
        "group": text_of(target, "group") or group,
        "version": text_of(target, "version") or version,
        "kind": text_of(target, "kind"),
        "name": text_of(target, "name"),
        "namespace": text_of(target, "namespace"),
        "fieldPath": _field_path(var),
    }
    told = [f"    {key}: {_spelled(text)}" for key, text in source.items() if text]
    return ["- source:", *told, "  targets:", *targets]


def _field_path(var: Mapping) -> str:
    reference = next((v for k, v in var.items if k.value.lower() == "fieldref"), None)
    pairs = reference.items if isinstance(reference, Mapping) else []
    path = next((v.value for k, v in pairs if k.value.lower() == "fieldpath" and isinstance(v, Scalar)), "")
    return path or "metadata.name"


def _target(blocks: Blocks, var: Mapping, field: _Field, named: str) -> list[str]:
    options = []
    if field.value != named:
        delimiter = next((d for d in _DELIMITERS if named in field.value.split(d)), "")
        if not delimiter:
            raise blocks.refused(f"{named} is not a part of {field.value!r} that a delimiter sets off", var)
        index = field.value.split(delimiter).index(named)
        options = ["    options:", f"      delimiter: '{delimiter}'", f"      index: {index}"]
    select = ["  - select:", f"      kind: {_spelled(field.kind)}", f"      name: {_spelled(field.name)}"]
    return [*select, "    fieldPaths:", f"    - {_spelled(field.path)}", *options]


def _spelled(text: str) -> str:
    return text if fits_plain(text) and not text.replace(".", "").isdigit() else "'" + text.replace("'", "''") + "'"


def _fields(resource: Resource) -> Iterator[_Field]:
    """The texts of a resource in which something may be named, those that patches brought included."""
    documents = [d for layer in resource.layers if isinstance(layer, Patched) for d in layer.patch.merges]
    known: dict[str, str] = {}
    for node in (resource.node, *documents):
        known.update((path, text) for path, text in _texts(node, ()) if "$(" in text)
    for path, text in known.items():
        yield _Field(resource.kind, resource.names[0], path, text)


def _texts(node: Value, way: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(node, Scalar):
        yield ".".join(way), node.value
    elif isinstance(node, Mapping):
        for key, value in node.items:
            yield from _texts(value, (*way, key.value.replace(".", "\\.")))
    elif isinstance(node, Sequence):
        for index, item in enumerate(node.items):
            name = text_of(item, "name") if isinstance(item, Mapping) else ""
            yield from _texts(item, (*way, f"[name={name}]" if name else str(index)))
