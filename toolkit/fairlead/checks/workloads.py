"""The pods that rendered objects ask for, wherever their specification stands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from fairlead.checks.objects import Json, Object
from fairlead.model.values import dataclass

Path = tuple[str | int, ...]
_TEMPLATES: dict[str, Path] = {
    "Pod": (),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "Rollout"),
        ("spec", "template"),
    ),
}
_LISTS = ("initContainers", "containers", "ephemeralContainers")


@dataclass(frozen=True)
class Container:
    """One container, and the way to it. `kind` is the list that it stands in."""

    path: Path
    kind: str
    body: dict[str, Any]

    @property
    def name(self) -> str:
        """Its name; empty where it has none."""
        return text(self.body.get("name"))


@dataclass(frozen=True)
class Pod:
    """A pod, or the template of one: the object that asks for it, and the way to where `spec` and `metadata` stand."""

    owner: Object
    path: Path
    body: dict[str, Any]

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The pod's specification."""
        return table(self.body.get("spec"))

    @property
    def labels(self) -> dict[str, Any]:
        """The labels that selectors see."""
        return table(table(self.body.get("metadata")).get("labels"))

    @cached_property
    def containers(self) -> tuple[Container, ...]:
        """All containers, init containers first."""
        return tuple(
            Container((*self.path, "spec", kind, index), kind, item)
            for kind in _LISTS
            for index, item in enumerate(items(self.spec.get(kind)))
            if isinstance(item, dict)
        )


def pods(rendered: Object) -> tuple[Pod, ...]:
    """The pods that an object asks for; those of kinds that nobody knows are found by their shape."""
    found: tuple[Pod, ...] | None = rendered.kept.get("pods")
    if found is None:
        found = rendered.kept["pods"] = tuple(_pods(rendered))
    return found


def _pods(rendered: Object) -> Iterator[Pod]:
    path = _TEMPLATES.get(rendered.kind)
    if path is not None:
        body = at(rendered.body, path)
        if isinstance(body, dict):
            yield Pod(rendered, path, body)
    elif rendered.kind != "CustomResourceDefinition" and "." in rendered.group:
        yield from _shaped(rendered, rendered.body, ())


def _shaped(rendered: Object, body: Json, path: Path) -> Iterator[Pod]:
    if isinstance(body, list):
        for index, item in enumerate(body):
            yield from _shaped(rendered, item, (*path, index))
    elif isinstance(body, dict):
        spec = body.get("spec")
        if path and isinstance(spec, dict) and isinstance(spec.get("containers"), list):
            yield Pod(rendered, path, body)
            return
        for key, value in body.items():
            if isinstance(value, dict | list):
                yield from _shaped(rendered, value, (*path, key))


def at(body: Json, path: Path) -> Json:
    """The value at a path; None where there is none."""
    for part in path:
        if isinstance(part, int):
            body = body[part] if isinstance(body, list) and part < len(body) else None
        else:
            body = body.get(part) if isinstance(body, dict) else None
    return body


def table(value: Json) -> dict[str, Any]:
    """A map as it is, anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: Json) -> list[Any]:
    """A list as it is, anything else as an empty one."""
    return value if isinstance(value, list) else []


def text(value: Json) -> str:
    """A string as it is, anything else as an empty one."""
    return value if isinstance(value, str) else ""


def texts(body: Json, way: tuple[str, ...], path: Path = ()) -> Iterator[tuple[str, Path]]:
    """The strings at the end of a way, with the path to each; `*` is every item of a list."""
    if not way:
        if isinstance(body, str) and body:
            yield body, path
    elif way[0] == "*":
        for index, item in enumerate(items(body)):
            yield from texts(item, way[1:], (*path, index))
    else:
        yield from texts(table(body).get(way[0]), way[1:], (*path, way[0]))
