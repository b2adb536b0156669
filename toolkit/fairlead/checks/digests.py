"""Makes the digest of a judged overlay: what rules about several overlays need to know of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from fairlead.checks import controllers, reconcilers
from fairlead.checks.context import Judged, Shared
from fairlead.checks.fleet import Digest, Host, Image, Item, Reconciler, Set, Variable
from fairlead.checks.hosts import answered, mentioned, named
from fairlead.checks.images import parse
from fairlead.checks.layers import Patched
from fairlead.checks.objects import Json, Object
from fairlead.checks.patches import text_of
from fairlead.checks.references import wanted
from fairlead.checks.workloads import Container, Path, Pod, items, pods, table, text
from fairlead.edit.nodes import Scalar
from fairlead.model.findings import Where
from fairlead.model.rendering import Rendered

if TYPE_CHECKING:
    from fairlead.checks.accumulate import Resource

_SUBSTITUTE = "kustomize.toolkit.fluxcd.io/substitute"
_VARIABLE = re.compile(r"(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_MOST = 100  # variables of one overlay
_REMOVED = re.compile(r"/spec/containers/(\d+)(?:/(env|ports)(?:/.*)?)?$")
_LISTS = {"env": "variable", "ports": "port"}
_DATA = ("data", "binaryData", "stringData")


def digest(judged: Judged) -> Digest:
    """The digest of an overlay that builds. Of one that the layout doesn't know, the environment is not compared."""
    found: list[Item] = []
    images: list[Image] = []
    hosts: list[Host] = []
    for rendered in judged.objects:
        asked = tuple(pods(rendered))
        item = _item(judged, rendered, asked)
        found.append(item)
        images += (i for pod in asked for c in pod.containers for i in _images(judged, item, rendered, c))
        hosts += _hosts(judged, rendered) if judged.overlay is not None else ()
    holds = sorted(judged.closure.folders & judged.shared.by_path.keys() - {judged.folder})
    return Digest(
        tuple(found),
        tuple(images),
        tuple(wanted(judged)),
        judged.comments,
        tuple(holds),
        tuple(dict.fromkeys(hosts)),
        judged.entry.path,
        tuple(_variables(judged)),
        tuple(_reconcilers(judged)),
        judged.opaque,
    )


def around(shared: Shared) -> Digest:
    """What tells controllers to apply folders, in files that no kustomization reads."""
    return Digest(reconcilers=tuple(_reconciler(one.object, one.of) for one in shared.filed))


def _reconcilers(judged: Judged) -> Iterator[Reconciler]:
    """What tells controllers to apply folders, among what an overlay renders."""
    for rendered in judged.objects:
        if reconcilers.is_controller(rendered):
            yield _reconciler(rendered, partial(judged.origin.of, rendered))


def _reconciler(rendered: Object, at: Callable[[Path], Where]) -> Reconciler:
    told = reconcilers.substitutes(rendered)
    return Reconciler(
        rendered.label,
        at(("metadata", "name")),
        tuple(dict.fromkeys(p.path for p in reconcilers.pointers(rendered))),
        tuple(Set(one.image, one.version, at(one.at)) for one in reconcilers.overrides(rendered)),
        None if told is None else told[0],
        () if told is None else told[1],
    )


def _variables(judged: Judged) -> Iterator[Variable]:
    """The variables without a default that Flux would put in, each at the first place that it stands at."""
    if not isinstance(judged.result, Rendered) or "${" not in judged.result.text:
        return
    seen: set[str] = set()
    for rendered in judged.rendered:
        meta = table(rendered.body.get("metadata"))
        if any(table(meta.get(kind)).get(_SUBSTITUTE) == "disabled" for kind in ("annotations", "labels")):
            continue
        for value, path in _strings(rendered.body, ()):
            for name in _VARIABLE.findall(value):
                if name not in seen and len(seen) < _MOST:
                    seen.add(name)
                    yield Variable(name, judged.origin.of(rendered, path))


def _strings(body: Json, path: Path) -> Iterator[tuple[str, Path]]:
    if isinstance(body, str):
        if "${" in body:
            yield body, path
    elif isinstance(body, dict | list):
        for key, value in body.items() if isinstance(body, dict) else enumerate(body):
            yield from _strings(value, (*path, key))


def _hosts(judged: Judged, rendered: Object) -> Iterator[Host]:
    for is_answered, found in ((True, answered(rendered)), (False, named(rendered))):
        for name, path in found:
            yield Host(name, is_answered, rendered.label, judged.origin.within(rendered, path, name))
    for name, path in mentioned(rendered):
        if judged.foreign(name.rpartition(".")[0]):
            yield Host(name, False, rendered.label, judged.origin.within(rendered, path, name))


def _item(judged: Judged, rendered: Object, asked: tuple[Pod, ...]) -> Item:
    resource = judged.origin.resource(rendered)
    where = judged.entry if resource is None else resource.place.of(resource.node)
    base = rendered.name if resource is None else resource.names[0]
    parts: dict[str, list[str]] = {}
    places: dict[str, Where] = {}
    if rendered.kind in ("ConfigMap", "Secret"):
        parts["key"] = sorted({str(key) for name in _DATA for key in table(rendered.body.get(name))})
    if rendered.kind == "Service":
        ports = items(table(rendered.body.get("spec")).get("ports"))
        parts["port"] = [str(table(port).get("name") or table(port).get("port")) for port in ports]
    for pod in asked:
        places[""] = judged.origin.of(rendered, (*pod.path, "spec", "containers"), key=True)
        for container in pod.containers:
            name = container.name
            places[name] = judged.origin.of(rendered, container.path)
            for key, what in _LISTS.items():
                if container.body.get(key):
                    places[f"{name}/{what}"] = judged.origin.of(rendered, (*container.path, key), key=True)
            parts.setdefault("container", []).append(name)
            parts.setdefault("variable", []).extend(f"{name}/{v}" for v in _names(container, "env"))
            parts.setdefault("port", []).extend(f"{name}/{p}" for p in _ports(container))
    if places and resource is not None:
        places |= _taken(resource, [c.name for pod in asked for c in pod.containers if c.kind == "containers"])
    if "." in rendered.group or rendered.kind == "Service":
        parts["brings"] = sorted({f"{kind}/{name}" for kind, name in controllers.brings(rendered)})
        parts["opens"] = [space] if (space := controllers.opens(rendered)) is not None else []
        parts["makes"] = list(controllers.names_after(rendered))
    told = {key: tuple(names) for key, names in parts.items() if names}
    return Item(rendered.group, rendered.kind, rendered.namespace, rendered.name, base, where, told, places)


def _taken(resource: Resource, names: list[str]) -> dict[str, Where]:
    """The patches that take away containers, variables or ports, by what they take them from (see Item)."""
    out: dict[str, Where] = {}
    for patch in (layer.patch for layer in resource.layers if isinstance(layer, Patched)):
        for operation in patch.operations:
            path = operation.get("path")
            found = _REMOVED.search(path.value) if isinstance(path, Scalar) else None
            if found is None or path is None or text_of(operation, "op") != "remove":
                continue
            number, what = int(found[1]), _LISTS.get(found[2] or "", "")
            if not what:
                out[""] = patch.place.of(path)
            elif number < len(names):
                out[f"{names[number]}/{what}"] = patch.place.of(path)
    return out


def _names(container: Container, key: str) -> list[str]:
    return [text(table(entry).get("name")) for entry in items(container.body.get(key))]


def _ports(container: Container) -> list[str]:
    return [str(table(port).get("containerPort")) for port in items(container.body.get("ports"))]


def _images(judged: Judged, item: Item, rendered: Object, container: Container) -> list[Image]:
    written = text(container.body.get("image"))
    if not written:
        return []
    image = parse(written)
    where = judged.origin.of(rendered, (*container.path, "image"))
    owner = f"{item.kind}/{item.base}"
    return [Image(owner, container.name, image.name, image.tag or image.digest, where)]
