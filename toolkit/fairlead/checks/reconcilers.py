"""What the objects of Argo CD and Flux point to: folders of the repository, variables, images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fairlead.checks.images import parse
from fairlead.checks.objects import Object
from fairlead.checks.workloads import Path, at, items, table, text
from fairlead.model.values import dataclass

_ARGO, _FLUX, _HELM = "argoproj.io", "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"
MARKS = (b"argoproj.io/", b"toolkit.fluxcd.io/")  # one stands in every file that holds such an object
_FIELD = re.compile(r"\{\{-?\s*\.?([\w.-]+)\s*-?\}\}")
_OWN_SOURCE = "flux-system"  # what `flux bootstrap` calls the repository that it writes into
FOLDER, CHART, FOLDERS, FILES, MAYBE = "folder", "chart", "folders", "files", "maybe"


@dataclass(frozen=True)
class Pointer:
    """One path that an object names, from the repository's root, with the way to where it is written.

    `needs` is what must be there: a FOLDER, a folder with a CHART, FOLDERS or FILES that a glob matches; MAYBE nothing,
    for it is made of what the cluster knows, and `*` stands for that. `source` names the repository that is meant.
    """

    path: str
    at: Path
    source: str
    needs: str = FOLDER
    revision: str = ""


@dataclass(frozen=True)
class Override:
    """An image that a controller sets whatever the overlay says."""

    image: str
    version: str
    at: Path


def is_controller(rendered: Object) -> bool:
    """Whether an object tells a controller what to apply."""
    return (rendered.group, rendered.kind) in _POINTERS


def pointers(rendered: Object) -> Iterator[Pointer]:
    """The paths that an object names."""
    found = _POINTERS.get((rendered.group, rendered.kind))
    return found(rendered.body) if found is not None else iter(())


def overrides(rendered: Object) -> Iterator[Override]:
    """The images that an object sets in what it points to."""
    if rendered.group == _FLUX:
        for index, entry in enumerate(items(at(rendered.body, ("spec", "images")))):
            version = text(table(entry).get("digest")) or text(table(entry).get("newTag"))
            if version:
                yield Override(text(table(entry).get("name")), version, ("spec", "images", index))
        return
    for spec, path in _argo_specs(rendered.body):
        for source, here in _argo_sources(spec, path):
            for index, entry in enumerate(items(table(source.get("kustomize")).get("images"))):
                old, equals, new = text(entry).partition("=")
                image = parse(new or old)
                if (image.tag or image.digest) and "{{" not in text(entry):
                    name = parse(old).name if equals else image.name
                    yield Override(name, image.digest or image.tag, (*here, "kustomize", "images", index))


def substitutes(rendered: Object) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The variables that a Flux Kustomization gives values to, and the `kind/name`s that it takes more from.

    None where it puts in nothing.
    """
    build = at(rendered.body, ("spec", "postBuild")) if rendered.group == _FLUX else None
    if not isinstance(build, dict):
        return None
    names = tuple(map(str, table(build.get("substitute"))))
    froms = tuple(
        f"{text(table(one).get('kind'))}/{text(table(one).get('name'))}" for one in items(build.get("substituteFrom"))
    )
    return (names, froms) if names or froms else None


def plain(path: str) -> str:
    """A path as written, from the root, without dots and slashes that say nothing."""
    return "/".join(part for part in path.split("/") if part not in ("", "."))


def is_own(source: str) -> bool:
    """Whether a source can only be the repository that the object lies in."""
    return source == _OWN_SOURCE


# ── Argo CD ──


def _application(body: dict[str, Any]) -> Iterator[Pointer]:
    for spec, path in _argo_specs(body):
        for source, here in _argo_sources(spec, path):
            written = text(source.get("path"))
            if written and not source.get("chart") and "{{" not in written:
                yield Pointer(plain(written), (*here, "path"), *_repository(source))


def _application_set(body: dict[str, Any]) -> Iterator[Pointer]:
    values: dict[str, str] = {}
    elements: list[dict[str, str]] = []
    sure = True
    for generator, path in _generators(at(body, ("spec", "generators")), ("spec", "generators")):
        sure = sure and "merge" not in generator  # an element that nothing else matches is dropped
        yield from _git(table(generator.get("git")), (*path, "git"))
        for name, one in generator.items():
            values |= {f"values.{key}": value for key, value in _flat(table(table(one).get("values"))).items()}
            if name == "list":
                elements += [_flat(table(element)) for element in items(table(one).get("elements"))]
    for spec, path in _argo_specs(body):
        for source, here in _argo_sources(spec, path):
            written = text(source.get("path"))
            if written and not source.get("chart"):
                yield from _templated(written, (*here, "path"), _repository(source), values, elements, sure=sure)


def _templated(
    written: str,
    path: Path,
    where: tuple[str, str, str],
    values: dict[str, str],
    elements: list[dict[str, str]],
    *,
    sure: bool,
) -> Iterator[Pointer]:
    """A path of an ApplicationSet, for each element that its list generators have."""
    source, needs, revision = where
    if "{{" not in written:
        yield Pointer(plain(written), path, source, needs, revision)
        return
    if _FIELD.sub("", written).strip("/") == "" and not values and not elements:
        return  # the path is the generator's own
    for element in (*elements, {}):
        known = values | element
        told = _FIELD.sub(lambda m, known=known: known.get(m[1], "{{"), written)  # type: ignore[misc]  # bound at once
        certain = sure and bool(element) and "{{" not in told
        yield Pointer(plain(told.replace("{{", "*")), path, source, needs if certain else MAYBE, revision)


def _generators(found: object, path: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    for index, one in enumerate(items(found)):
        generator, here = table(one), (*path, index)
        yield generator, here
        for name in ("matrix", "merge"):
            yield from _generators(table(generator.get(name)).get("generators"), (*here, name, "generators"))


def _git(git: dict[str, Any], path: Path) -> Iterator[Pointer]:
    source, revision = text(git.get("repoURL")), text(git.get("revision"))
    for key, needs in (("directories", FOLDERS), ("files", FILES)):
        for index, entry in enumerate(items(git.get(key))):
            glob = text(table(entry).get("path"))
            if glob and not table(entry).get("exclude") and "{{" not in glob:
                yield Pointer(plain(glob), (*path, key, index, "path"), source, needs, revision)


def _argo_specs(body: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Path]]:
    path: Path = ("spec", "template", "spec") if body.get("kind") == "ApplicationSet" else ("spec",)
    yield table(at(body, path)), path


def _argo_sources(spec: dict[str, Any], path: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    if isinstance(spec.get("source"), dict):
        yield spec["source"], (*path, "source")
    for index, source in enumerate(items(spec.get("sources"))):
        yield table(source), (*path, "sources", index)


def _repository(source: dict[str, Any]) -> tuple[str, str, str]:
    return text(source.get("repoURL")), FOLDER, text(source.get("targetRevision"))


def _flat(body: dict[str, Any], prefix: str = "") -> dict[str, str]:
    out: dict[str, str] = {}
    for key, value in body.items():
        if isinstance(value, dict):
            out |= _flat(value, f"{prefix}{key}.")
        elif isinstance(value, str | int) and "{{" not in str(value):
            out[f"{prefix}{key}"] = str(value)
    return out


# ── Flux ──


def _kustomization(body: dict[str, Any]) -> Iterator[Pointer]:
    reference = table(at(body, ("spec", "sourceRef")))
    written = text(at(body, ("spec", "path")))
    if written and reference.get("kind") == "GitRepository" and "${" not in written:
        yield Pointer(plain(written), ("spec", "path"), text(reference.get("name")))


def _release(body: dict[str, Any]) -> Iterator[Pointer]:
    chart = table(at(body, ("spec", "chart", "spec")))
    reference, written = table(chart.get("sourceRef")), text(chart.get("chart"))
    if written and reference.get("kind") == "GitRepository" and "${" not in written:
        yield Pointer(plain(written), ("spec", "chart", "spec", "chart"), text(reference.get("name")), CHART)


_POINTERS = {
    (_ARGO, "Application"): _application,
    (_ARGO, "ApplicationSet"): _application_set,
    (_FLUX, "Kustomization"): _kustomization,
    (_HELM, "HelmRelease"): _release,
}
