"""Makes the digest of a judged overlay: what rules about several overlays need to know of it."""

from __future__ import annotations

from fairlead.checks import controllers
from fairlead.checks.context import Judged
from fairlead.checks.fleet import Digest, Image, Item
from fairlead.checks.images import parse
from fairlead.checks.objects import Object
from fairlead.checks.references import wanted
from fairlead.checks.workloads import Container, Pod, items, pods, table, text

_DATA = ("data", "binaryData", "stringData")


def digest(judged: Judged) -> Digest:
    """The digest of an overlay that the layout knows, and that builds; else an empty one."""
    if judged.overlay is None:
        return Digest()
    found: list[Item] = []
    images: list[Image] = []
    for rendered in judged.objects:
        asked = tuple(pods(rendered))
        item = _item(judged, rendered, asked)
        found.append(item)
        images += (i for pod in asked for c in pod.containers for i in _images(judged, item, rendered, c))
    holds = sorted(judged.closure.folders & judged.shared.by_path.keys() - {judged.folder})
    return Digest(tuple(found), tuple(images), tuple(wanted(judged)), judged.comments, tuple(holds))


def _item(judged: Judged, rendered: Object, asked: tuple[Pod, ...]) -> Item:
    resource = judged.origin.resource(rendered)
    where = judged.entry if resource is None else resource.place.of(resource.node)
    base = rendered.name if resource is None else resource.names[0]
    parts: dict[str, list[str]] = {}
    if rendered.kind in ("ConfigMap", "Secret"):
        parts["key"] = sorted({str(key) for name in _DATA for key in table(rendered.body.get(name))})
    if rendered.kind == "Service":
        ports = items(table(rendered.body.get("spec")).get("ports"))
        parts["port"] = [str(table(port).get("name") or table(port).get("port")) for port in ports]
    for pod in asked:
        for container in pod.containers:
            name = container.name
            parts.setdefault("container", []).append(name)
            parts.setdefault("variable", []).extend(f"{name}/{v}" for v in _names(container, "env"))
            parts.setdefault("port", []).extend(f"{name}/{p}" for p in _ports(container))
    if "." in rendered.group or rendered.kind == "Service":
        parts["brings"] = sorted({f"{kind}/{name}" for kind, name in controllers.brings(rendered)})
        parts["opens"] = [space] if (space := controllers.opens(rendered)) is not None else []
        parts["makes"] = list(controllers.names_after(rendered))
    told = {key: tuple(names) for key, names in parts.items() if names}
    return Item(rendered.group, rendered.kind, rendered.namespace, rendered.name, base, where, told)


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
