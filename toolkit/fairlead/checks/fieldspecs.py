"""Which fields a transformer writes: kustomize's own field specifications, and those of `configurations:`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from fairlead.checks.parts import Part
from fairlead.checks.patches import text_of
from fairlead.edit.nodes import Mapping, Sequence, Value


class FieldSpec(NamedTuple):
    """A path of field names (`[]` and lists are walked through) in the kinds that it is true of."""

    path: str
    create: bool = False
    kind: str = ""
    group: str = ""
    version: str = ""

    def means(self, api_version: str, kind: str) -> bool:
        """Whether an object of this kind has the field."""
        group, _, version = api_version.rpartition("/")
        return self.kind in ("", kind) and (not self.group or self.group == group) and self.version in ("", version)

    @property
    def parts(self) -> tuple[str, ...]:
        """The names; a slash after a backslash is part of one."""
        return _parts(self.path)


@lru_cache(maxsize=1024)
def _parts(path: str) -> tuple[str, ...]:
    marked = path.replace("\\/", "\0")
    return tuple(p.removesuffix("[]").replace("\0", "/") for p in marked.split("/") if p)


_WORKLOADS = (("Deployment", ""), ("ReplicaSet", ""), ("DaemonSet", ""), ("StatefulSet", "apps"), ("Job", "batch"))
_TERMS = tuple(
    FieldSpec(f"spec/template/spec/{path}/labelSelector/matchLabels", False, kind, "apps")
    for kind in ("Deployment", "StatefulSet")
    for path in (
        "affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm",
        "affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution",
        "affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm",
        "affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution",
        "topologySpreadConstraints",
    )
)


def _templates(what: str) -> tuple[FieldSpec, ...]:
    pods = f"spec/template/metadata/{what}"
    return (
        FieldSpec(f"metadata/{what}", True),
        FieldSpec(pods, True, "ReplicationController", version="v1"),
        *(FieldSpec(pods, True, kind, group) for kind, group in _WORKLOADS),
        FieldSpec(f"spec/jobTemplate/metadata/{what}", True, "CronJob", "batch"),
        FieldSpec(f"spec/jobTemplate/spec/template/metadata/{what}", True, "CronJob", "batch"),
    )


_TEMPLATE_LABELS = (
    *_templates("labels"),
    FieldSpec("spec/volumeClaimTemplates[]/metadata/labels", True, "StatefulSet", "apps"),
)
DEFAULTS: dict[str, tuple[FieldSpec, ...]] = {
    "templateLabels": _TEMPLATE_LABELS,
    "commonLabels": (
        FieldSpec("spec/selector", True, "Service", version="v1"),
        FieldSpec("spec/selector", True, "ReplicationController", version="v1"),
        *(
            FieldSpec("spec/selector/matchLabels", True, kind, "apps" if kind == "StatefulSet" else "")
            for kind in ("Deployment", "ReplicaSet", "DaemonSet", "StatefulSet")
        ),
        *_TERMS,
        FieldSpec("spec/selector/matchLabels", False, "Job", "batch"),
        FieldSpec("spec/jobTemplate/spec/selector/matchLabels", False, "CronJob", "batch"),
        FieldSpec("spec/selector/matchLabels", False, "PodDisruptionBudget", "policy"),
        *(
            FieldSpec(path + "podSelector/matchLabels", False, "NetworkPolicy", "networking.k8s.io")
            for path in ("spec/", "spec/ingress/from/", "spec/egress/to/")
        ),
        *_TEMPLATE_LABELS,
    ),
    "commonAnnotations": _templates("annotations"),
    "namespace": (
        FieldSpec("metadata/name", True, "Namespace"),
        FieldSpec("spec/service/namespace", True, "APIService", "apiregistration.k8s.io"),
        FieldSpec(
            "spec/conversion/webhook/clientConfig/service/namespace",
            False,
            "CustomResourceDefinition",
            "apiextensions.k8s.io",
        ),
    ),
    "namePrefix": (FieldSpec("metadata/name"),),
    "nameSuffix": (FieldSpec("metadata/name"),),
    "replicas": tuple(
        FieldSpec("spec/replicas", True, kind)
        for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
    ),
    "images": tuple(
        FieldSpec(f"{pod}{path}")
        for pod in ("spec/", "spec/template/spec/")
        for path in ("containers[]/image", "initContainers[]/image", "volumes[]/image/reference")
    ),
}


@lru_cache(maxsize=4096)
def meant(specs: tuple[FieldSpec, ...], api_version: str, kind: str) -> tuple[FieldSpec, ...]:
    """Those that an object of this kind has."""
    return tuple(spec for spec in specs if spec.means(api_version, kind))


METADATA_LABELS = FieldSpec("metadata/labels", True)

Specs = dict[str, tuple[FieldSpec, ...]]


def read(node: Value | None) -> tuple[FieldSpec, ...]:
    """Field specifications as written in a list."""
    if not isinstance(node, Sequence):
        return ()
    return tuple(
        FieldSpec(
            text_of(item, "path"),
            text_of(item, "create") == "true",
            text_of(item, "kind"),
            text_of(item, "group"),
            text_of(item, "version"),
        )
        for item in node.items
        if isinstance(item, Mapping)
    )


def configured(document: Mapping) -> Specs:
    """What a file of `configurations:` adds."""
    out: Specs = {}
    for key, value in document.items:
        found = read(value)
        if found:
            out[key.value] = found
    return out


def joined(one: Specs, other: Specs) -> Specs:
    """Both."""
    if not other:
        return one
    return {key: tuple(dict.fromkeys((*one.get(key, ()), *other.get(key, ())))) for key in {**one, **other}}


def spots(root: Part, spec: FieldSpec, fresh: Part) -> Iterator[tuple[dict[str, Part], str]]:
    """The maps that hold the field, and its name there; what lacks on the way is made, as far as the spec says so.

    `fresh` is what the made maps are told by.
    """
    yield from _spots(root, spec.parts, fresh, create=spec.create)


def _spots(at: Part, names: tuple[str, ...], fresh: Part, *, create: bool) -> Iterator[tuple[dict[str, Part], str]]:
    if at.items is not None:
        for item in at.items:
            yield from _spots(item, names, fresh, create=create)
        return
    fields = at.fields
    if fields is None or not names:
        return
    name, rest = names[0], names[1:]
    below = fields.get(name)
    if not rest:
        if create or below is not None:
            yield fields, name
        return
    if (below is None or below.is_null) and create:
        below = fields[name] = Part.made(fresh.node, fresh.mark, {})
        below.key = fresh.key
    if below is not None:
        yield from _spots(below, rest, fresh, create=create)


def put(root: Part, spec: FieldSpec, value: Part) -> None:
    """Write a value into the field."""
    for fields, name in spots(root, spec, value):
        old = fields.get(name)
        if old is not None and old.items is not None:
            old.below = [value for _ in old.items]
        else:
            fields[name] = value


def put_pairs(root: Part, spec: FieldSpec, pairs: dict[str, Part]) -> None:
    """Write a map's members into the field."""
    if not pairs:
        return
    fresh = next(iter(pairs.values()))
    for fields, name in spots(root, spec, fresh):
        old = fields.get(name)
        if old is None or old.is_null:
            old = fields[name] = Part.made(fresh.node, fresh.mark, {})
            old.key = fresh.key
        if old.fields is not None:
            old.fields.update(pairs)


def has_pair(root: Part, spec: FieldSpec, name: str, value: str) -> bool:
    """Whether `put_pairs` would change nothing by this pair."""
    return _has_pair(root, spec.parts, name, value, create=spec.create)


def _has_pair(at: Part | None, names: tuple[str, ...], name: str, value: str, *, create: bool) -> bool:
    if at is None or at.is_null:
        return not create and (at is None or bool(names))
    if at.items is not None:
        return bool(names) and all(_has_pair(item, names, name, value, create=create) for item in at.items)
    if at.fields is None:
        return True  # no map: nothing is written there
    if names:
        return _has_pair(at.fields.get(names[0]), names[1:], name, value, create=create)
    there = at.fields.get(name)
    return there is not None and there.is_text and there.text == value
