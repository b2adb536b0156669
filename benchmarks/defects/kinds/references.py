"""Names that lead nowhere: what a pod takes, an Ingress leads to, an autoscaler scales."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from benchmarks.defects.kinds.kustomizations import shuffled
from benchmarks.defects.model import Kind, Proof, Seed
from benchmarks.defects.site import POD_AT, Site, Source, scalar, value
from benchmarks.defects.text import dig, maps, typo
from fairlead.checks.objects import Json, Object
from fairlead.edit.nodes import Mapping, Scalar, Value

# Where in a pod the names of others stand; `*` goes through a list.
_NAMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "ConfigMap": (
        ("containers", "*", "envFrom", "*", "configMapRef", "name"),
        ("containers", "*", "env", "*", "valueFrom", "configMapKeyRef", "name"),
        ("volumes", "*", "configMap", "name"),
        ("volumes", "*", "projected", "sources", "*", "configMap", "name"),
    ),
    "Secret": (
        ("containers", "*", "envFrom", "*", "secretRef", "name"),
        ("containers", "*", "env", "*", "valueFrom", "secretKeyRef", "name"),
        ("volumes", "*", "secret", "secretName"),
    ),
    "ServiceAccount": (("serviceAccountName",),),
    "PersistentVolumeClaim": (("volumes", "*", "persistentVolumeClaim", "claimName"),),
}
_MAKERS = ("ExternalSecret", "SealedSecret", "Certificate")


def reached(node: Value | None, way: tuple[str, ...]) -> Iterator[tuple[Mapping, Scalar]]:
    """The scalars at a way, each with the map that holds it."""
    if node is None or not way:
        return
    if way[0] == "*":
        for item in maps(node):
            yield from reached(item, way[1:])
    elif len(way) == 1:
        leaf = scalar(dig(node, way[0]))
        if leaf is not None and isinstance(node, Mapping) and not node.shared:
            yield node, leaf
    else:
        yield from reached(dig(node, way[0]), way[1:])


def _written(site: Site, kind: str, name: str) -> list[str]:
    """How others may call an object of the overlay before kustomize renames it."""
    return [
        one.name for one in site.objects if one.kind == kind and (one.name == name or one.name.startswith(name + "-"))
    ]


def mentions(label: str, name: str) -> Proof:
    """The proof that an object now names something."""

    def inside(body: Json) -> bool:
        if isinstance(body, dict):
            return any(inside(each) for each in body.values())
        if isinstance(body, list):
            return any(inside(each) for each in body)
        return bool(body == name)

    def proof(objects: tuple[Object, ...]) -> bool:
        return any(one.label == label and inside(one.body) for one in objects)

    return proof


def _pod_name(kind: str) -> Callable[[Site, Random], Iterator[Seed]]:
    def sow(site: Site, random: Random) -> Iterator[Seed]:
        found = [
            (source, leaf)
            for source in site.of_kind(*POD_AT)
            for way in _NAMES[kind]
            for holder, leaf in reached(dig(source.node, *POD_AT[source.object.kind]), way)
            if holder.get("optional") is None and _brought(site, kind, leaf.value)
        ]
        for source, leaf in shuffled(found, random):
            yield _renamed(site, source, leaf, kind, random)

    return sow


def _brought(site: Site, kind: str, name: str) -> bool:
    if _written(site, kind, name):
        return True
    return kind == "Secret" and any(
        one.kind in _MAKERS
        and name in (one.name, value(one.body, "spec", "target", "name"), value(one.body, "spec", "secretName"))
        for one in site.objects
    )


def _renamed(site: Site, source: Source, leaf: Scalar, kind: str, random: Random) -> Seed:
    new = typo(leaf.value, random)
    while _written(site, kind, new):
        new += "x"
    return source.written(leaf, new, mentions(source.object.label, new))


def _other(kind: str, holders: tuple[str, ...], *ways: tuple[str, ...]) -> Callable[[Site, Random], Iterator[Seed]]:
    def sow(site: Site, random: Random) -> Iterator[Seed]:
        found = [
            (source, leaf)
            for source in site.of_kind(*holders)
            for way in ways
            for _, leaf in reached(source.node, way)
            if _written(site, kind, leaf.value)
        ]
        for source, leaf in shuffled(found, random):
            yield _renamed(site, source, leaf, kind, random)

    return sow


def _missing_key(site: Site, random: Random) -> Iterator[Seed]:
    for kind, ref in shuffled([("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")], random):
        way = ("containers", "*", "env", "*", "valueFrom", ref)
        for source in shuffled(site.of_kind(*POD_AT), random):
            for holder, leaf in reached(dig(source.node, *POD_AT[source.object.kind]), (*way, "key")):
                name = scalar(holder.get("name"))
                brought = (
                    [site.named(kind, each) for each in _written(site, kind, name.value)] if name is not None else []
                )
                keys = {key for one in brought if one is not None for part in ("data", "stringData", "binaryData")
                        for key in value(one.body, part) or ()}  # fmt: skip
                if leaf.value in keys and holder.get("optional") is None:
                    new = typo(leaf.value, random)
                    if new not in keys:
                        yield source.written(leaf, new, mentions(source.object.label, new))


def _mounted(site: Site, random: Random) -> Iterator[Seed]:
    for container in shuffled(site.containers(), random):
        for item in shuffled(maps(container.node.get("volumeMounts")), random):
            node = scalar(item.get("name"))
            if node is not None:
                new = typo(node.value, random)
                yield container.source.written(node, new, mentions(container.source.object.label, new))


_S = "safety"
_TOLD = ("dangling-reference",)
_BACKEND = ("spec", "rules", "*", "http", "paths", "*", "backend", "service", "name")
KINDS = (
    *(
        Kind(f"dangling-{kind.lower()}", _S, f"a pod names a {kind} that nobody brings", _TOLD, _pod_name(kind))
        for kind in _NAMES
    ),
    Kind(
        "dangling-service", _S, "an Ingress leads to a Service that nobody brings", _TOLD,
        _other("Service", ("Ingress",), _BACKEND, ("spec", "defaultBackend", "service", "name")),
    ),
    Kind(
        "dangling-target", _S, "an autoscaler scales what nobody brings", _TOLD,
        _other("Deployment", ("HorizontalPodAutoscaler",), ("spec", "scaleTargetRef", "name")),
    ),
    Kind(
        "dangling-role", _S, "a binding of a role that nobody brings", _TOLD,
        _other("Role", ("RoleBinding",), ("roleRef", "name")),
    ),
    Kind("missing-key", _S, "a pod takes a key that its ConfigMap or Secret lacks", ("missing-key",), _missing_key),
    Kind(
        "missing-volume", _S, "a container mounts a volume that its pod lacks", ("missing-volume", "schema"), _mounted
    ),
)  # fmt: skip
