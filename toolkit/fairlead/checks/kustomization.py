"""What a kustomization may hold: kustomize's own types (api v0.21.1, types/), for rules that look at its fields."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.objects import plain
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value
from fairlead.model.values import dataclass


@dataclass(frozen=True)
class Of:
    """A list of something, or a map of it."""

    kind: type
    of: Shape


@dataclass(frozen=True)
class Fields:
    """A map with these fields; `what` is what it is called."""

    what: str
    fields: dict[str, Shape]


TEXT, FLAG, WHOLE, ANYTHING = "text", "true or false", "a whole number", "anything"
Shape = str | Of | Fields


def _list(of: Shape) -> Of:
    return Of(list, of)


def _all(names: str, shape: Shape = TEXT) -> dict[str, Shape]:
    return dict.fromkeys(names.split(), shape)


_TEXTS = Of(dict, TEXT)
_ID = _all("group version kind name namespace")
_SELECTOR = _ID | _all("labelSelector annotationSelector")
_OPTIONS: dict[str, Shape] = {
    "labels": _TEXTS, "annotations": _TEXTS, "disableNameSuffixHash": FLAG, "immutable": FLAG,
}  # fmt: skip
_GENERATOR = _all("name namespace behavior env") | _all("literals files envs", _list(TEXT)) | {
    "options": Fields("a generator's options", _OPTIONS)
}  # fmt: skip
_REPLACING = Fields(
    "a replacement's options", _all("delimiter encoding") | {"index": WHOLE, "create": FLAG}
)  # fmt: skip
_TARGET: dict[str, Shape] = {
    "select": Fields("a target's select", _SELECTOR),
    "reject": _list(Fields("a target's reject", _SELECTOR)),
    "fieldPaths": _list(TEXT),
    "options": _REPLACING,
}
_SOURCE: dict[str, Shape] = _ID | {"fieldPath": TEXT, "options": _REPLACING}
_PATCH: dict[str, Shape] = _all("path patch") | {
    "target": Fields("a patch's target", _SELECTOR),
    "options": Fields("a patch's options", _all("allowNameChange allowKindChange", FLAG)),
}
_IMAGE = _list(Fields("an entry of images", _all("name newName newTag digest tagSuffix")))
_CHART = _all("name version repo releaseName namespace valuesFile valuesMerge kubeVersion nameTemplate") | _all(
    "includeCRDs skipHooks skipTests debug devel", FLAG
)
_CHART |= _all("additionalValuesFiles apiVersions", _list(TEXT)) | {"valuesInline": ANYTHING}
_FIELD_SPEC = _all("group version kind path") | {"create": FLAG}
_LABEL: dict[str, Shape] = {
    "pairs": _TEXTS, "includeSelectors": FLAG, "includeTemplates": FLAG,
    "fields": _list(Fields("a field of labels", _FIELD_SPEC)),
}  # fmt: skip
_VAR: dict[str, Shape] = {
    "name": TEXT,
    "objref": Fields("a var's objref", _all("apiVersion group version kind name namespace")),
    "fieldref": Fields("a var's fieldref", _all("fieldPath")),
}

KUSTOMIZATION = Fields(
    "a kustomization",
    _all("apiVersion kind namePrefix nameSuffix namespace")
    | _all("resources components crds bases configurations generators transformers validators", _list(TEXT))
    | _all("buildMetadata patchesStrategicMerge", _list(TEXT))
    | _all("commonLabels commonAnnotations openapi", _TEXTS)
    | _all("metadata", ANYTHING)
    | _all("images imageTags", _IMAGE)
    | _all("patches patchesJson6902", _list(Fields("an entry of patches", _PATCH)))
    | {
        "labels": _list(Fields("an entry of labels", _LABEL)),
        "replicas": _list(Fields("an entry of replicas", {"name": TEXT, "count": WHOLE})),
        "replacements": _list(
            Fields(
                "an entry of replacements",
                {
                    "path": TEXT,
                    "sourceValue": TEXT,
                    "source": Fields("a replacement's source", _SOURCE),
                    "targets": _list(Fields("a replacement's target", _TARGET)),
                },
            )
        ),
        "vars": _list(Fields("an entry of vars", _VAR)),
        "sortOptions": Fields(
            "sortOptions",
            {
                "order": TEXT,
                "legacySortOptions": Fields("legacySortOptions", _all("orderFirst orderLast", _list(TEXT))),
            },
        ),
        "configMapGenerator": _list(Fields("an entry of configMapGenerator", _GENERATOR)),
        "secretGenerator": _list(Fields("an entry of secretGenerator", _GENERATOR | {"type": TEXT})),
        "generatorOptions": Fields("generatorOptions", _OPTIONS),
        "helmGlobals": Fields("helmGlobals", _all("chartHome configHome")),
        "helmCharts": _list(Fields("an entry of helmCharts", _CHART)),
        "helmChartInflationGenerator": ANYTHING,
    },
)


@dataclass(frozen=True)
class Unknown:
    """A key that kustomize doesn't know, and those that it does."""

    key: Scalar
    known: Fields


@dataclass(frozen=True)
class Wrong:
    """A value that is not what kustomize takes: the names that lead there, and what is wanted."""

    field: str
    node: Value
    wanted: str
    given: str


def flaws(body: Mapping) -> Iterator[Unknown | Wrong]:
    """What is wrong with the fields of a kustomization; case doesn't matter to kustomize."""
    yield from _fields(body, KUSTOMIZATION, "")


def _fields(node: Mapping, known: Fields, path: str) -> Iterator[Unknown | Wrong]:
    lower = {name.lower(): shape for name, shape in known.fields.items()}
    for key, value in node.items:
        if key.value in ("<<", "?"):
            continue
        shape = lower.get(key.value.lower())
        if shape is None:
            yield Unknown(key, known)
        else:
            yield from _value(value, shape, f"{path}.{key.value}" if path else key.value)


def _value(node: Value, shape: Shape, path: str) -> Iterator[Unknown | Wrong]:
    given = _kind(node)
    if shape == ANYTHING or given == "nothing":
        return
    if isinstance(shape, str):
        fits = given == shape or (shape == WHOLE and given == "a number" and float(plain(_text(node))).is_integer())
        if not fits:
            yield Wrong(path, node, shape, given)
    elif isinstance(shape, Fields) and isinstance(node, Mapping):
        yield from _fields(node, shape, path)
    elif isinstance(shape, Of) and shape.kind is list and isinstance(node, Sequence):
        for item in node.items:
            yield from _value(item, shape.of, path)
    elif isinstance(shape, Of) and shape.kind is dict and isinstance(node, Mapping):
        for key, value in node.items:
            if key.value != "<<":
                yield from _value(value, shape.of, f"{path}.{key.value}")
    else:
        yield Wrong(path, node, "a list" if isinstance(shape, Of) and shape.kind is list else "a map", given)


def _text(node: Value) -> str:
    return node.value if isinstance(node, Scalar) else ""


def _kind(node: Value) -> str:
    if isinstance(node, Mapping):
        return "a map"
    if isinstance(node, Sequence):
        return "a list"
    if node.style or node.tag:
        return TEXT
    value = plain(node.value)
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return FLAG
    if isinstance(value, int):
        return WHOLE
    return "a number" if isinstance(value, float) else TEXT
