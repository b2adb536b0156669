"""Where a rendered value was written, and which files led there.

A resource's layers are played again, each value keeping the place where it was written, and the field is looked up
in the result. So a list that a patch reordered, an index of a JSON patch or a value that another resource lends is
followed as kustomize does it. What comes out is compared with what was rendered: only where the two agree is the
place called exact. Nothing is played before somebody asks.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from fairlead.checks.accumulate import Accumulator, Resource
from fairlead.checks.layers import Gathered, Namespaced, Route
from fairlead.checks.objects import Json, Object, plain
from fairlead.checks.parts import Mark, Part
from fairlead.checks.places import value_at
from fairlead.checks.playing import Player
from fairlead.model.findings import Where

if TYPE_CHECKING:
    from fairlead.checks.charts import Charts
    from fairlead.checks.merging import Lists

Way = tuple[str | int, ...]
_HASH = re.compile(r"-[a-z0-9]{10}$")
# What tells list items apart.
_TELLING = (
    "name", "key", "containerPort", "port", "mountPath", "devicePath", "ip", "topologyKey", "host", "path", "kind",
)  # fmt: skip


class Traced(NamedTuple):
    """Where a value was written, the files that led there (outermost first, that of `where` last), and how sure it is.

    `exact`: the value that stands there is the one that was rendered. Else it is the nearest place that is known.
    """

    where: Where
    chain: tuple[str, ...]
    exact: bool


class Origin:
    """Answers for one overlay."""

    def __init__(self, accumulator: Accumulator, overlay: str, fallback: Where) -> None:
        self._accumulator = accumulator
        self._overlay = overlay
        self._fallback = fallback
        self._chains: dict[Where, tuple[str, ...]] = {}

    def of(self, rendered: Object, path: Way, *, key: bool = False) -> Where:
        """Where the field was written.

        The outermost kustomization that writes it wins, as in kustomize; a field that nothing writes is told by the
        nearest part of the object that is written. `key` asks for the place of the field's name.
        """
        return self.trace(rendered, path, key=key).where

    def within(self, rendered: Object, path: Way, words: str) -> Where:
        """Where words stand in a text of several lines, if that can be told; else where the text does."""
        return self.trace(rendered, path, words=words).where

    def chain(self, rendered: Object, path: Way = (), *, key: bool = False) -> tuple[str, ...]:
        """The files that led to the place of a field, or of the object itself, outermost first."""
        return self.trace(rendered, path, key=key).chain

    def led_to(self, where: Where) -> tuple[str, ...]:
        """The chain of a place that was an answer before; empty for any other."""
        return self._chains.get(where, ())

    def trace(self, rendered: Object, path: Way, *, key: bool = False, words: str = "") -> Traced:
        """Where the field was written, with the chain and how sure it is; see `of` and `within`."""
        told = self._trace(rendered, path, key=key, words=words)
        self._chains[told.where] = told.chain
        return told

    def _trace(self, rendered: Object, path: Way, *, key: bool, words: str = "") -> Traced:
        rendered = rendered.written or rendered
        if rendered.owner is not None:  # a chart made it: where the release names the chart
            return self._trace(rendered.owner, ("spec",), key=True)._replace(exact=False)
        resource = self.resource(rendered)
        if resource is None:
            return self._unknown(rendered, path)
        part, left, holder = _follow(self._player.play(resource), rendered.body, path)
        value = value_at(rendered.body, path)
        if not left and (not part.is_leaf or _tells(part, value)):
            told = self._told(resource, part, key=key, exact=part.mark.sure and not part.mark.place.fixed)
            return told._replace(where=part.where_of(words) or told.where) if words else told
        moved = self._moved(resource, value) if isinstance(value, str) else None
        if moved is not None:
            return moved
        return self._told(resource, part if not left else holder, key=key and not left, exact=False)

    def _told(self, resource: Resource, part: Part, *, key: bool, exact: bool) -> Traced:
        where = part.where(key=key)
        return Traced(where, _chain(resource, part.mark, where.path), exact)

    def _moved(self, resource: Resource, value: str) -> Traced | None:
        """The namespace that came with the name of another resource: who set that there set it here, too."""
        for at in reversed(range(len(resource.layers))):
            layer = resource.layers[at]
            if isinstance(layer, Namespaced) and layer.value.value == value:
                return self._told(
                    resource, Part(layer.value, Mark(layer.place, at, layer.route)), key=False, exact=True
                )
        return None

    def _unknown(self, rendered: Object, path: Way) -> Traced:
        """An object that no file says: a chart's, or one of a base that can't be seen."""
        found = self._charts.find(rendered, path)
        if found is not None:
            return Traced(*found, False)
        return Traced(self._fallback, (self._fallback.path,), False)

    @cached_property
    def _charts(self) -> Charts:
        from fairlead.checks.charts import Charts

        return Charts.of(self._accumulator, self._overlay)

    def resource(self, rendered: Object) -> Resource | None:
        """The resource that became a rendered object; None where that can't be told."""
        rendered = rendered.written or rendered
        best: tuple[int, Resource] | None = None
        for candidate in self._likely(rendered):
            score = _likeness(candidate, rendered)
            if score and (best is None or score > best[0]):
                best = (score, candidate)
        return best[1] if best is not None else None

    def _likely(self, rendered: Object) -> Iterable[Resource]:
        named = self._index.get((rendered.kind, rendered.name), [])
        return named or self._index.get((rendered.kind, _HASH.sub("", rendered.name)), [])

    @cached_property
    def _index(self) -> dict[tuple[str, str], list[Resource]]:
        """The resources by kind and every name that they have had."""
        out: dict[tuple[str, str], list[Resource]] = {}
        for resource in self._accumulator.of(self._overlay).resources:
            for name in dict.fromkeys(resource.names):
                out.setdefault((resource.kind, name), []).append(resource)
        return out

    @cached_property
    def _taught(self) -> dict[tuple[str, str], Lists]:
        from fairlead.checks.openapi import taught

        return taught(self._accumulator, self._overlay)

    @cached_property
    def _player(self) -> Player:
        return Player(lambda resource: self._taught.get((resource.api_version, resource.kind), {}))


def _chain(resource: Resource, mark: Mark, path: str) -> tuple[str, ...]:
    outer: Route = ()
    for layer in resource.layers[mark.at + 1 :]:
        if isinstance(layer, Gathered):
            outer = (*layer.route, *outer)
    whole = (*outer, *mark.route)
    return whole if whole and whole[-1] == path else (*whole, path)


def _follow(root: Part, body: Json, path: Way) -> tuple[Part, int, Part]:
    """The part at a path of the rendered object, how many steps of it were not found, and the last part that was."""
    part = root
    for number, step in enumerate(path):
        below: Part | None = None
        if isinstance(step, int):
            below = _item(part.items or [], body, step)
            body = body[step] if isinstance(body, list) and step < len(body) else None
        else:
            below = (part.fields or {}).get(step)
            body = body.get(step) if isinstance(body, dict) else None
        if below is None:
            return part, len(path) - number, part
        part = below
    return part, 0, part


def _item(items: list[Part], body: Json, index: int) -> Part | None:
    """The item that became the one at an index: at the same index if they agree, else the first that does."""
    target = body[index] if isinstance(body, list) and index < len(body) else None
    if index < len(items) and (target is None or _agrees(items[index], target)):
        return items[index]
    return next((item for item in items if _agrees(item, target)), None)


def _agrees(part: Part, body: Json) -> bool:
    if isinstance(body, dict):
        fields = part.fields
        if fields is None:
            return False
        told = [key for key in _TELLING if key in fields and isinstance(body.get(key), str | int)]
        return all(_tells(fields[key], body[key]) for key in told)
    if isinstance(body, list):
        return part.items is not None
    return part.is_leaf and _tells(part, body)


def _tells(part: Part, value: Json) -> bool:
    """Whether a leaf became this value: itself, encoded, or with what references and variables add."""
    text = part.text
    if not part.is_leaf:
        return False
    if value is None:
        return part.is_null
    if not isinstance(value, str):
        return str(value) == text or bool(plain(text) == value)
    if value == text:
        return True
    if text and (value.startswith(text) or value.endswith(text) or (len(text) > 2 and text in value)):
        return True
    # kustomize breaks long base64 into lines, and its YAML library now and then adds an empty one.
    packed = "".join(value.split())
    return "$(" in text or packed in ("".join(text.split()), base64.b64encode(text.encode()).decode())


def _likeness(resource: Resource, rendered: Object) -> int:
    """How sure it is that this resource became the object; 0 for no."""
    if resource.kind != rendered.kind or resource.group != rendered.group:
        return 0
    name = rendered.name
    if resource.hashed and _HASH.search(name) and name not in resource.names:
        name = _HASH.sub("", name)
    if name == resource.name:
        score = 4
    elif name in resource.names or rendered.name in resource.names:
        score = 2
    else:
        return 0
    return score * 2 + (rendered.namespace == resource.namespaces[-1])
