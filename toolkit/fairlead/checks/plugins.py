"""Transformers and generators that stand in files of their own: what kustomize itself brings, by kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from fairlead.checks import fieldspecs, layers, patches
from fairlead.checks.fieldspecs import DEFAULTS, FieldSpec
from fairlead.checks.generating import Generator
from fairlead.checks.layers import Route
from fairlead.checks.merging import pointer
from fairlead.checks.patches import Patch, target_of, text_of
from fairlead.checks.places import Place
from fairlead.checks.sources import Sources
from fairlead.checks.stage import Stage, matches
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Stream, Value
from fairlead.model.snapshot import join
from fairlead.repo.graph import Kustomization


class Plugin(NamedTuple):
    """A transformer's or generator's document.

    `folder` is what its names are relative to, `text` its own text where it stands in another file.
    """

    body: Mapping
    place: Place
    route: Route
    folder: str
    text: str | None = None

    @property
    def kind(self) -> str:
        """Which one it is."""
        return text_of(self.body, "kind")

    def specs(self, default: str) -> tuple[FieldSpec, ...]:
        """The fields that it writes."""
        return fieldspecs.read(self.body.get("fieldSpecs")) or DEFAULTS.get(default, ())


def generate(plugin: Plugin, stage: Stage, sources: Sources) -> None:
    """Run a generator."""
    if plugin.kind in ("ConfigMapGenerator", "SecretGenerator"):
        kind = plugin.kind.removesuffix("Generator")
        made = Generator(kind, plugin.body, plugin.place, plugin.folder, plugin.route)
        stage.generate(made, sources)


def transform(plugin: Plugin, stage: Stage, sources: Sources) -> None:
    """Run a transformer; one that kustomize doesn't bring is left out."""
    run = _TRANSFORMERS.get(plugin.kind)
    if run is not None:
        run(plugin, stage, sources)


def count(entry: Mapping, place: Place, route: Route, stage: Stage, specs: tuple[FieldSpec, ...]) -> None:
    """An entry of `replicas:`."""
    number, name = entry.get("count"), text_of(entry, "name")
    if isinstance(number, Scalar):
        stage.onto(lambda r: name in r.names, layers.Counted(number, place, route, specs))


def replace_values(body: Mapping, folder: str, place: Place, route: Route, stage: Stage, sources: Sources) -> None:
    """The entries of `replacements:`, written there or in files."""
    found = body.get("replacements")
    for entry in _maps(found):
        written = text_of(entry, "path")
        path = join(folder, written) if written else None
        if not written:
            stage.replacement(entry, place, route)
        elif path is not None:
            stream = sources.stream(path)
            for document in stream.documents if stream is not None else ():
                for each in [document] if isinstance(document, Mapping) else _maps(document):
                    stage.replacement(each, Place(path), (*route, path))


def _label(plugin: Plugin, stage: Stage, _: Sources) -> None:
    for key, what in (("labels", "commonLabels"), ("annotations", "commonAnnotations")):
        pairs = plugin.body.get(key)
        if isinstance(pairs, Mapping):
            stage.label([layers.Labelled(pairs, plugin.place, plugin.route, plugin.specs(what))])


def _namespace(plugin: Plugin, stage: Stage, _: Sources) -> None:
    meta = plugin.body.get("metadata")
    value = meta.get("namespace") if isinstance(meta, Mapping) else None
    if isinstance(value, Scalar) and value.value:
        unset = text_of(plugin.body, "unsetOnly") == "true"
        subjects = text_of(plugin.body, "setRoleBindingSubjects")
        specs = fieldspecs.read(plugin.body.get("fieldSpecs"))
        stage.namespace(layers.Namespaced(value, plugin.place, plugin.route, specs, unset, subjects))


def _rename(plugin: Plugin, stage: Stage, _: Sources) -> None:
    for key in ("prefix", "suffix"):
        value = plugin.body.get(key)
        if isinstance(value, Scalar) and value.value:
            specs = plugin.specs("namePrefix")
            stage.rename(layers.Renamed(value, plugin.place, plugin.route, specs, key == "suffix"))


def _count(plugin: Plugin, stage: Stage, _: Sources) -> None:
    entry = plugin.body.get("replica")
    if isinstance(entry, Mapping):
        count(entry, plugin.place, plugin.route, stage, plugin.specs("replicas"))


def _image(plugin: Plugin, stage: Stage, _: Sources) -> None:
    entry = plugin.body.get("imageTag")
    if isinstance(entry, Mapping):
        stage.image(layers.Imaged(entry, plugin.place, plugin.route, plugin.specs("images")))


def _replace(plugin: Plugin, stage: Stage, sources: Sources) -> None:
    replace_values(plugin.body, plugin.folder, plugin.place, plugin.route, stage, sources)


def _patch(plugin: Plugin, stage: Stage, sources: Sources) -> None:
    stream = sources.stream(plugin.place.path) if plugin.text is None else Stream(plugin.text, [])
    node = Kustomization(plugin.place.path, plugin.folder, stream)
    for patch in _patches(plugin, node, sources):
        stage.patch(_shifted(patch, plugin), plugin.route)


def _patches(plugin: Plugin, node: Kustomization, sources: Sources) -> Iterator[Patch]:
    if plugin.kind == "PatchStrategicMergeTransformer":
        yield from patches.listed(node, plugin.body.get("paths"), sources)
        if isinstance(plugin.body.get("patches"), Scalar):
            yield patches.entry(node, plugin.body, sources, "patches")
    else:
        inside = "jsonOp" if plugin.kind == "PatchJson6902Transformer" else "patch"
        yield patches.entry(node, plugin.body, sources, inside)


def _shifted(patch: Patch, plugin: Plugin) -> Patch:
    """A patch in a transformer that stands in a kustomization, told in the lines of that."""
    if plugin.text is None or patch.place.path != plugin.place.path:
        return patch
    line, column = patch.place.line + plugin.place.line, patch.place.column + plugin.place.column
    place = replace(patch.place, line=line, column=column)
    return replace(patch, place=place)


def _add(plugin: Plugin, stage: Stage, _: Sources) -> None:
    value = plugin.body.get("value")
    if not isinstance(value, Scalar):
        return
    for target in _maps(plugin.body.get("targets")):
        select = target.get("selector")
        path = pointer("/" + text_of(target, "fieldPath").lstrip("/"))
        meant = target_of(select) if isinstance(select, Mapping) else target_of(Mapping([], 0, 0, 0, 0))
        layer = layers.Added(value, plugin.place, plugin.route, (path,))
        stage.onto(partial(matches, meant), layer)


def _maps(node: Value | None) -> list[Mapping]:
    return [i for i in node.items if isinstance(i, Mapping)] if isinstance(node, Sequence) else []


_TRANSFORMERS: dict[str, Callable[[Plugin, Stage, Sources], None]] = {
    "LabelTransformer": _label,
    "AnnotationsTransformer": _label,
    "NamespaceTransformer": _namespace,
    "PrefixTransformer": _rename,
    "SuffixTransformer": _rename,
    "PrefixSuffixTransformer": _rename,
    "ReplicaCountTransformer": _count,
    "ImageTagTransformer": _image,
    "ReplacementTransformer": _replace,
    "PatchTransformer": _patch,
    "PatchStrategicMergeTransformer": _patch,
    "PatchJson6902Transformer": _patch,
    "ValueAddTransformer": _add,
}
