"""Which lists of custom resources a strategic merge patch merges, by the schema that `openapi:` names."""

from __future__ import annotations

from fairlead.checks.accumulate import Accumulator
from fairlead.checks.merging import Lists
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value

_DEPTH = 12  # schemas refer to each other in circles


def taught(accumulator: Accumulator, overlay: str) -> dict[tuple[str, str], Lists]:
    """(apiVersion, kind) -> ways to lists, and what tells their items apart."""
    out: dict[tuple[str, str], Lists] = {}
    for node in accumulator.kustomizations(overlay):
        for reference in node.references:
            if reference.kind == "openapi" and reference.path:
                stream = accumulator.sources.stream(reference.path)
                first = stream.first() if stream is not None else None
                definitions = first.get("definitions") if first is not None else None
                if isinstance(definitions, Mapping):
                    out |= _read(definitions)
    return out


def _read(definitions: Mapping) -> dict[tuple[str, str], Lists]:
    out: dict[tuple[str, str], Lists] = {}
    for _, schema in definitions.items:
        kinds = schema.get("x-kubernetes-group-version-kind") if isinstance(schema, Mapping) else None
        for kind in kinds.items if isinstance(kinds, Sequence) else ():
            if isinstance(kind, Mapping):
                group, version, name = (_text(kind.get(key)) for key in ("group", "version", "kind"))
                lists: Lists = {}
                _lists(schema, definitions, (), lists)
                out[f"{group}/{version}" if group else version, name] = lists
    return out


def _lists(schema: Value | None, definitions: Mapping, way: tuple[str, ...], out: Lists) -> None:
    if not isinstance(schema, Mapping) or len(way) > _DEPTH:
        return
    key = _text(schema.get("x-kubernetes-patch-merge-key"))
    strategy = _text(schema.get("x-kubernetes-patch-strategy"))
    if key and "merge" in strategy:
        out[way] = (key,)
    _lists(_referred(schema, definitions), definitions, way, out)
    _lists(schema.get("items"), definitions, way, out)
    properties = schema.get("properties")
    for name, below in properties.items if isinstance(properties, Mapping) else ():
        if name.value not in way:
            _lists(below, definitions, (*way, name.value), out)


def _referred(schema: Mapping, definitions: Mapping) -> Value | None:
    name = _text(schema.get("$ref")).removeprefix("#/definitions/")
    return definitions.get(name) if name else None


def _text(value: Value | None) -> str:
    return value.value if isinstance(value, Scalar) else ""
