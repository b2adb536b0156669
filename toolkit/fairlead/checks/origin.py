"""Where a rendered value was written: patch, `images:` entry, generator, or the resource's own file."""

from __future__ import annotations

import re

from fairlead.checks.accumulate import Accumulator, Resource
from fairlead.checks.layers import Generated, Imaged
from fairlead.checks.objects import Object
from fairlead.checks.places import Step, find, steps, value_at
from fairlead.edit.nodes import Scalar
from fairlead.model.findings import Where

_HASH = re.compile(r"-[a-z0-9]{10}$")


class Origin:
    """Answers for one overlay."""

    def __init__(self, accumulator: Accumulator, overlay: str, fallback: Where) -> None:
        self._accumulator = accumulator
        self._overlay = overlay
        self._fallback = fallback

    def resource(self, rendered: Object) -> Resource | None:
        """The resource that became a rendered object; None where that can't be told."""
        rendered = rendered.written or rendered
        best: tuple[int, Resource] | None = None
        for candidate in self._accumulator.of(self._overlay).resources:
            score = _likeness(candidate, rendered)
            if score and (best is None or score > best[0]):
                best = (score, candidate)
        return best[1] if best is not None else None

    def of(self, rendered: Object, path: tuple[str | int, ...], *, key: bool = False) -> Where:
        """Where the field was written.

        The outermost kustomization that writes it wins, as in kustomize; a field that nothing writes is told
        by the nearest part of the object that is written. `key` asks for the place of the field's name.
        """
        rendered = rendered.written or rendered
        if rendered.owner is not None:  # a chart made it: where the release names the chart
            return self.of(rendered.owner, ("spec",), key=True)
        resource = self.resource(rendered)
        if resource is None:
            return self._fallback
        way = steps(rendered.body, path)
        if path and path[-1] == "image":
            where = self._image(resource, way)
        else:
            where = next((w for layer in reversed(resource.layers) if (w := layer.writes(way)) is not None), None)
            whole = find(resource.node, way)
            if where is not None and not isinstance(value_at(rendered.body, path), dict | list):
                return where
            if not whole.left and not _generated(resource):
                return resource.place.of(whole.telling(key=key))
        return where or self._near(resource, way)

    def chain(self, rendered: Object) -> tuple[str, ...]:
        """The files that made the object, as far as they say so themselves: the resource's own."""
        resource = self.resource(rendered)
        return () if resource is None else (resource.place.path,)

    def _image(self, resource: Resource, way: tuple[Step, ...]) -> Where | None:
        """Follow the value: what the resource or a patch wrote, and each entry that matched it since."""
        found = find(resource.node, way)
        current, where = "", None
        if not found.left and isinstance(found.node, Scalar):
            current, where = found.node.value, resource.place.of(found.node)
        for layer in resource.layers:
            if isinstance(layer, Imaged):
                after = layer.apply(current)
                if after is not None:
                    current, where = after
                continue
            wrote = layer.writes(way)
            if wrote is not None:
                current, where = _patched_value(layer, way) or current, wrote
        return where

    def _near(self, resource: Resource, way: tuple[Step, ...]) -> Where:
        """The nearest enclosing part that is written in the resource or, where deeper, in a patch."""
        for size in range(len(way) - 1, 0, -1):
            head = way[:size]
            found = find(resource.node, head)
            if not found.left and not _generated(resource):
                return resource.place.of(found.telling())
            for layer in reversed(resource.layers):
                where = layer.writes(head)
                if where is not None:
                    return where
        return resource.place.of(resource.node)


def _generated(resource: Resource) -> bool:
    return bool(resource.layers) and isinstance(resource.layers[0], Generated)


def _patched_value(layer: object, way: tuple[Step, ...]) -> str | None:
    from fairlead.checks.layers import Patched

    if not isinstance(layer, Patched):
        return None
    for document in layer.patch.merges:
        found = find(document, way)
        if not found.left and isinstance(found.node, Scalar):
            return found.node.value
    for operation in reversed(layer.patch.operations):
        value = operation.get("value")
        if isinstance(value, Scalar) and layer.writes(way) == layer.patch.place.of(value):
            return value.value
    return None


def _likeness(resource: Resource, rendered: Object) -> int:
    """How sure it is that this resource became the object; 0 for no."""
    if resource.kind != rendered.kind or resource.api_version.rpartition("/")[0] != rendered.group:
        return 0
    name = rendered.name
    if resource.hashed and _HASH.search(name):
        name = _HASH.sub("", name)
    if name == resource.name:
        score = 4
    elif name in resource.names or rendered.name in resource.names:
        score = 2
    else:
        return 0
    return score * 2 + (rendered.namespace == resource.namespaces[-1])
