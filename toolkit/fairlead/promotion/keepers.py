"""Other programs that write into the repository, and which values they keep: Flux, Argo CD Image Updater, configured.

What one keeps in the target is no promotion's business by default: the next commit of the program would undo it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from posixpath import normpath

from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value, parse
from fairlead.model.errors import SyntaxProblem
from fairlead.model.plan import FieldClass
from fairlead.model.values import dataclass
from fairlead.promotion.rules import matches
from fairlead.promotion.views import Claim, Keeper, Surroundings, View
from fairlead.repo.config import FieldPattern, Writer

UPDATER = "argocd-image-updater.argoproj.io"
WORDS = ("ImageUpdateAutomation", UPDATER)  # a file without one of these names no writer
_TEMPLATE = re.compile(r"\{\{.*?\}\}")
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_ANYWHERE = Keeper("Argo CD Image Updater", ("*.argocd-source-*.yaml",))


def configured(writers: Iterable[Writer]) -> tuple[Keeper, ...]:
    """The writers that fairlead.yaml names, and those files that only Argo CD Image Updater writes."""
    return (*(Keeper(w.name, w.paths, fields=w.fields) for w in writers), _ANYWHERE)


def kept(claim: Claim, view: View, around: Surroundings) -> Claim:
    """The claim, as an offer where another program keeps the value in the target."""
    if claim.field_class is FieldClass.OWNED:
        return claim
    for keeper in around.keepers(view.path):
        if _means(keeper, view, around):
            span = claim.span if claim.span is not None else view.replace_whole()
            reason = f"{keeper.name} keeps this value"
            return replace(claim, carrier="writers", field_class=FieldClass.AUTOMATED, reason=reason, span=span)
    return claim


def _means(keeper: Keeper, view: View, around: Surroundings) -> bool:
    if keeper.marked:
        return "$imagepolicy" in view.line()
    if keeper.images:
        return _image(view) in keeper.images
    file, field = view.path.rpartition("/")[2], view.pair.field
    return not keeper.fields or any(
        matches(FieldPattern(f), f"{file}: {field}", around.app, around.target_env) for f in keeper.fields
    )


def _image(view: View) -> str:
    parent = view.pair.target_parent
    if "images" in view.pair.keys and view.pair.keys[-1] in ("newTag", "digest", "newName") and parent is not None:
        return image_name(_text(parent, "newName") or _text(parent, "name"))
    return image_name(view.old) if view.words[-1:] == ("image",) else ""


def image_name(reference: str) -> str:
    """An image's name without tag and digest, as Docker Hub's short names are meant."""
    name = re.sub(r"(?::[^/:]*)?(?:@.*)?$", "", reference.strip())
    return name.removeprefix("docker.io/").removeprefix("library/")


@dataclass(frozen=True, slots=True)
class App:
    """An Argo CD Application (or what an ApplicationSet makes): where its files lie, how the updater was told."""

    name: str
    folders: tuple[str, ...]
    notes: tuple[tuple[str, str], ...]

    def note(self, key: str, default: str = "") -> str:
        """An annotation of the image updater."""
        return dict(self.notes).get(f"{UPDATER}/{key}", default)


def documents(files: Iterable[tuple[str, bytes]]) -> Iterator[Mapping]:
    """The objects of some files, as far as they can be read."""
    for path, data in files:
        try:
            found = parse(data, path).documents
        except SyntaxProblem:
            continue
        yield from (d for d in found if isinstance(d, Mapping))


def flux(found: Iterable[Mapping]) -> Iterator[Keeper]:
    """What Flux ImageUpdateAutomations write: marked values below their path."""
    for document in found:
        if _text(document, "kind") == "ImageUpdateAutomation":
            folder = _clean(_text(_map(_map(document, "spec"), "update"), "path"))
            name = f"ImageUpdateAutomation/{_text(_map(document, 'metadata'), 'name')}"
            yield Keeper(name, (folder or "*",), marked=True)


def apps(found: Iterable[Mapping]) -> Iterator[App]:
    """The Applications among some objects."""
    for document in found:
        kind = _text(document, "kind")
        if kind not in ("Application", "ApplicationSet"):
            continue
        body = _map(_map(document, "spec"), "template") if kind == "ApplicationSet" else document
        meta, spec = _map(body, "metadata"), _map(body, "spec")
        sources = spec.get("sources") if spec is not None else None
        listed = sources.items if isinstance(sources, Sequence) else [spec.get("source") if spec is not None else None]
        folders = tuple(_clean(_text(s, "path")) for s in listed if isinstance(s, Mapping) and _text(s, "path"))
        notes = _map(meta, "annotations")
        told = tuple((k.value, v.value) for k, v in notes.items if isinstance(v, Scalar)) if notes is not None else ()
        yield App(_TEMPLATE.sub("*", _text(meta, "name")), folders, told)


def annotated(found: Iterable[App]) -> Iterator[Keeper]:
    """What Argo CD Image Updater writes for Applications that say so by annotations: by git, never by the API."""
    for app in found:
        images = dict(_listed(app.note("image-list")))
        if images and app.note("write-back-method").startswith("git"):
            yield from _written(app, images, app.note("write-back-target"))


def is_updater(document: Mapping) -> bool:
    """Whether an object tells Argo CD Image Updater what to do."""
    return _text(document, "kind") == "ImageUpdater"


def updaters(found: Iterable[Mapping], known: Iterable[App]) -> Iterator[Keeper]:
    """What ImageUpdater objects write, the way that the updater is told since its version 1."""
    every = tuple(known)
    for document in found:
        spec = _map(document, "spec")
        if not is_updater(document) or spec is None:
            continue
        for reference in _items(spec, "applicationRefs"):
            back = _map(reference, "writeBackConfig") or _map(spec, "writeBackConfig")
            if not _text(back, "method").startswith("git"):
                continue
            images = {_text(i, "alias"): image_name(_text(i, "imageName")) for i in _items(reference, "images")}
            target = _text(_map(back, "gitConfig"), "writeBackTarget")
            for app in every:
                if fnmatchcase(app.name, _text(reference, "namePattern")):
                    yield from _written(app, images, target)


def _written(app: App, images: dict[str, str], target: str) -> Iterator[Keeper]:
    name = f"Argo CD Image Updater ({app.name})"
    kind, _, where = target.partition(":")
    for folder in app.folders:
        place = where.lstrip("/") if where.startswith("/") else f"{folder}/{where}"
        if kind == "kustomization":
            names = tuple(_clean(f"{place}/{file}") for file in _KUSTOMIZATIONS)
            yield Keeper(name, names, images=tuple(images.values()))
        elif kind == "helmvalues":
            path = _clean(place if where else f"{folder}/values.yaml")
            fields = [app.note(f"{alias}.helm.image-tag", "image.tag") for alias in images]
            fields += [note for alias in images if (note := app.note(f"{alias}.helm.image-spec"))]
            yield Keeper(name, (path,), fields=tuple(dict.fromkeys(fields)))


def _listed(text: str) -> Iterator[tuple[str, str]]:
    """(alias, image) of `web=ghcr.io/x/web:1.x, nginx`."""
    for part in filter(None, (p.strip() for p in text.split(","))):
        alias, equals, image = part.partition("=")
        yield (alias, image_name(image)) if equals else (image_name(part), image_name(part))


def _clean(path: str) -> str:
    text = normpath(_TEMPLATE.sub("*", path).lstrip("/")) if path else ""
    return "" if text in (".", "") else text.removeprefix("./")


def _items(node: Value | None, key: str) -> list[Mapping]:
    found = node.get(key) if isinstance(node, Mapping) else None
    return [i for i in found.items if isinstance(i, Mapping)] if isinstance(found, Sequence) else []


def _map(node: Value | None, key: str) -> Mapping | None:
    found = node.get(key) if isinstance(node, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _text(node: Value | None, key: str) -> str:
    value = node.get(key) if isinstance(node, Mapping) else None
    return value.value if isinstance(value, Scalar) else ""
