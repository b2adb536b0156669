"""What a rendered overlay tells a reader: images, replicas, hosts, configuration, and who uses whom."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any

from fairlead.model.values import dataclass

_GENERATED = re.compile(r"-[bcdfghkmt2456789]{10}$")  # kustomize's hash suffix, in its own alphabet


@dataclass(frozen=True)
class Item:
    """One rendered object."""

    kind: str
    name: str
    namespace: str
    body: dict[str, Any] = field(hash=False, repr=False)

    @property
    def stem(self) -> str:
        """The name without the hash that kustomize gives to generated ones."""
        return _GENERATED.sub("", self.name) if self.kind in ("ConfigMap", "Secret") else self.name


@dataclass(frozen=True)
class Sheet:
    """One overlay, rendered; `failure` says why it has no items. `words` name its environment."""

    app: str
    env: str
    cluster: str
    path: str
    items: tuple[Item, ...] = ()
    failure: str = ""
    words: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The environment, and its cluster where it has several."""
        return f"{self.env}/{self.cluster}" if self.cluster else self.env


@dataclass(frozen=True)
class Image:
    """An image that a container runs; `tag` has the digest where there is no tag."""

    container: str
    name: str
    tag: str


def at(value: object, *keys: str) -> object:
    """A value deep in maps; None where it isn't there."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def members(value: object) -> list[dict[str, Any]]:
    """The maps in a list; nothing where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def pod(body: object) -> dict[str, Any]:
    """The pod's specification of a workload; empty where the object has none."""
    kind = at(body, "kind")
    for keys in (("spec", "jobTemplate", "spec", "template", "spec"), ("spec", "template", "spec")):
        found = at(body, *keys)
        if isinstance(found, dict) and "containers" in found:
            return found
    found = at(body, "spec")
    return found if kind == "Pod" and isinstance(found, dict) else {}


def images(sheet: Sheet) -> tuple[Image, ...]:
    """All images of an overlay, by container, each once."""
    out: dict[Image, None] = {}
    for item in sheet.items:
        spec = pod(item.body)
        for container in [*members(spec.get("initContainers")), *members(spec.get("containers"))]:
            name, tag = split(str(container.get("image", "")))
            out[Image(str(container.get("name", "")), name, tag)] = None
    return tuple(out)


def split(reference: str) -> tuple[str, str]:
    """Name and tag of an image; the digest where there is no tag."""
    head, _, digest = reference.partition("@")
    folder, slash, last = head.rpartition("/")
    name, _, tag = last.partition(":")
    return folder + slash + name, tag or digest


def replicas(sheet: Sheet) -> tuple[tuple[str, str], ...]:
    """Workload and number, of every workload that can have several."""
    return tuple(
        (
            item.stem,
            str(at(item.body, "spec", "replicas") if at(item.body, "spec", "replicas") is not None else 1),
        )
        for item in sheet.items
        if item.kind in ("Deployment", "StatefulSet", "ReplicaSet")
    )


def hosts(sheet: Sheet) -> tuple[str, ...]:
    """Names under which it is reached."""
    found: dict[str, None] = {}
    for item in sheet.items:
        for rule in members(at(item.body, "spec", "rules")) if item.kind == "Ingress" else []:
            if isinstance(rule.get("host"), str):
                found[rule["host"]] = None
        names = at(item.body, "spec", "hostnames")
        found |= {str(name): None for name in names} if isinstance(names, list) else {}
    return tuple(found)


def resources(sheet: Sheet) -> tuple[tuple[str, str], ...]:
    """Container and its requests and limits, as one line."""
    out: dict[str, str] = {}
    for item in sheet.items:
        for container in members(pod(item.body).get("containers")):
            parts = []
            for key in ("requests", "limits"):
                values = at(container, "resources", key)
                if isinstance(values, dict) and values:
                    parts.append(f"{key} " + ", ".join(f"{k} {v}" for k, v in values.items()))
            if parts:
                out[str(container.get("name", ""))] = "; ".join(parts)
    return tuple(out.items())


def namespaces(sheet: Sheet) -> tuple[str, ...]:
    """The namespaces that objects stand in."""
    return tuple(dict.fromkeys(item.namespace for item in sheet.items if item.namespace))


def configuration(sheet: Sheet) -> tuple[tuple[str, str, str], ...]:
    """(ConfigMap, key, value) of every configuration; Secrets are not looked into."""
    out = []
    for item in sheet.items:
        data = at(item.body, "data")
        if item.kind == "ConfigMap" and isinstance(data, dict):
            out += [(item.stem, str(key), str(value)) for key, value in data.items()]
    return tuple(out)


# ── who uses whom ──


def links(items: tuple[Item, ...]) -> tuple[tuple[int, int], ...]:
    """Pairs of places in `items`: the first routes to, selects, scales or mounts the second."""
    places: dict[tuple[str, str], int] = {}
    for place, item in enumerate(items):
        places.setdefault((item.kind, item.name), place)
    found: dict[tuple[int, int], None] = {}
    for place, item in enumerate(items):
        for kind, name in _named(item):
            if (kind, name) in places and places[kind, name] != place:
                found[place, places[kind, name]] = None
        for other in _selected(item, items):
            if other != place:
                found[place, other] = None
    return tuple(found)


def _named(item: Item) -> Iterator[tuple[str, str]]:
    spec = at(item.body, "spec")
    if item.kind == "Ingress":
        backends = [at(spec, "defaultBackend")]
        for rule in members(at(spec, "rules")):
            backends += [path.get("backend") for path in members(at(rule, "http", "paths"))]
        yield from (("Service", str(at(backend, "service", "name"))) for backend in backends)
        yield from (("Secret", str(tls.get("secretName"))) for tls in members(at(spec, "tls")))
    for rule in members(at(spec, "rules")):
        yield from ((str(ref.get("kind", "Service")), str(ref.get("name"))) for ref in members(rule.get("backendRefs")))
    scaled = at(spec, "scaleTargetRef")
    if isinstance(scaled, dict):
        yield str(scaled.get("kind")), str(scaled.get("name"))
    role = at(item.body, "roleRef")
    if isinstance(role, dict):
        yield str(role.get("kind")), str(role.get("name"))
    yield from ((str(s.get("kind")), str(s.get("name"))) for s in members(at(item.body, "subjects")))
    yield from _mounted(pod(item.body))


def _mounted(spec: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if isinstance(spec.get("serviceAccountName"), str):
        yield "ServiceAccount", spec["serviceAccountName"]
    for container in [*members(spec.get("initContainers")), *members(spec.get("containers"))]:
        for source in members(container.get("envFrom")):
            yield "ConfigMap", str(at(source, "configMapRef", "name"))
            yield "Secret", str(at(source, "secretRef", "name"))
        for variable in members(container.get("env")):
            yield "ConfigMap", str(at(variable, "valueFrom", "configMapKeyRef", "name"))
            yield "Secret", str(at(variable, "valueFrom", "secretKeyRef", "name"))
    for volume in members(spec.get("volumes")):
        for part in [volume, *members(at(volume, "projected", "sources"))]:
            yield "ConfigMap", str(at(part, "configMap", "name"))
            yield "Secret", str(at(part, "secret", "secretName") or at(part, "secret", "name"))
            yield "PersistentVolumeClaim", str(at(part, "persistentVolumeClaim", "claimName"))


def _selected(item: Item, items: tuple[Item, ...]) -> Iterator[int]:
    keys = {
        "Service": ("spec", "selector"),
        "PodDisruptionBudget": ("spec", "selector", "matchLabels"),
        "NetworkPolicy": ("spec", "podSelector", "matchLabels"),
    }.get(item.kind)
    wanted = at(item.body, *keys) if keys else None
    if not isinstance(wanted, dict) or not wanted:
        return
    for place, other in enumerate(items):
        labels = at(other.body, "spec", "template", "metadata", "labels")
        if isinstance(labels, dict) and wanted.items() <= labels.items():
            yield place
