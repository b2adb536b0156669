"""Finding the place that a sentence of kustomize is about, by what the sentence names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from fairlead.checks import patches
from fairlead.checks.patches import Patch, text_of
from fairlead.checks.sources import Sources, maps
from fairlead.edit.blocks import entries
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value
from fairlead.model.findings import Where
from fairlead.repo.graph import Closure, Kustomization

Match = re.Match[str]
Find = Callable[[Match, Closure, Sources], Where | None]
GENERATORS = ("configMapGenerator", "secretGenerator")


def at(path: str, node: Value) -> Where:
    """The place of a node."""
    return Where(path, node.line, node.column)


def _bodies(closure: Closure) -> Iterator[tuple[Kustomization, Mapping]]:
    for node in closure.kustomizations:
        if node.body is not None:
            yield node, node.body


def key(*names: str) -> Find:
    """The first kustomization that has one of these fields."""

    def find(_match: Match, closure: Closure, _sources: Sources) -> Where | None:
        found = (at(node.path, key) for node, body in _bodies(closure) for name in names if (key := body.key(name)))
        return next(found, None)

    return find


def value(name: str, good: tuple[str, ...]) -> Find:
    """A field with another value than these."""

    def find(_match: Match, closure: Closure, _sources: Sources) -> Where | None:
        for node, body in _bodies(closure):
            value = body.get(name)
            if isinstance(value, Scalar) and value.value not in good:
                return at(node.path, value)
        return None

    return find


def reference(match: Match, closure: Closure, _sources: Sources) -> Where | None:
    """The reference that leads to the path of the first group."""
    wanted = match[1].strip("/")
    for node in reversed(closure.kustomizations):
        for reference in node.references:
            if reference.path is not None and (reference.path == wanted or reference.written == match[1]):
                return reference.where
    return None


def folder(match: Match, closure: Closure, _sources: Sources) -> Where | None:
    """The kustomization of the folder that the first group names."""
    return next((Where(n.path, 1, 1) for n in closure.kustomizations if n.folder == match[1].strip("/")), None)


def empty_entry(_match: Match, closure: Closure, _sources: Sources) -> Where | None:
    """An entry of a list that says nothing."""
    for node, body in _bodies(closure):
        for name in ("resources", "components", "bases"):
            value = body.get(name)
            for item in value.items if isinstance(value, Sequence) else ():
                if isinstance(item, Scalar) and item.value in ("", "~", "null"):
                    return at(node.path, item)
    return None


def _replacements(closure: Closure, sources: Sources) -> Iterator[tuple[str, Mapping]]:
    for node, body in _bodies(closure):
        for entry in entries(body.get("replacements")):
            yield node.path, entry
        for reference in node.references:
            if reference.kind == "replacements" and reference.path is not None:
                stream = sources.stream(reference.path)
                for document in stream.documents if stream is not None else ():
                    some = [document] if isinstance(document, Mapping) else entries(document)
                    yield from ((reference.path, one) for one in some)


def source(field: str) -> Find:
    """A field of a replacement's source; the sentence's last group is its kind and name."""

    def find(match: Match, closure: Closure, sources: Sources) -> Where | None:
        asked = match[match.re.groups]
        for path, entry in _replacements(closure, sources):
            told = entry.get("source")
            if isinstance(told, Mapping):
                kind, name = text_of(told, "kind"), text_of(told, "name")
                if (not kind or asked.startswith(kind + ".")) and (not name or f"/{name}." in asked + "."):
                    return at(path, told.get(field) or told)
        return None

    return find


def field_path(match: Match, closure: Closure, sources: Sources) -> Where | None:
    """The target's path of a replacement that the first group is."""
    for path, entry in _replacements(closure, sources):
        for target in entries(entry.get("targets")):
            listed = target.get("fieldPaths")
            for item in listed.items if isinstance(listed, Sequence) else ():
                if isinstance(item, Scalar) and item.value == match[1]:
                    return at(path, item)
    return None


def patch(wanted: Callable[[Match, Patch], Where | None]) -> Find:
    """The first patch of which something is said."""

    def find(match: Match, closure: Closure, sources: Sources) -> Where | None:
        found = (wanted(match, patch) for node in closure.kustomizations for patch in patches.read(node, sources))
        return next((where for where in found if where is not None), None)

    return find


def operation(key: str) -> Callable[[Match, Patch], Where | None]:
    """The operation of a patch whose field is the first group."""

    def wanted(match: Match, patch: Patch) -> Where | None:
        for operation in patch.operations:
            if text_of(operation, key) == match[1]:
                return patch.place.of(operation.get(key) or operation)
        return None

    return wanted


def pattern(match: Match, patch: Patch) -> Where | None:
    """The patch whose target has the second group as a pattern."""
    fields = () if patch.target is None else (patch.target.name, patch.target.kind, patch.target.namespace)
    return patch.listed if match[2] in fields else None


def patch_entry(test: Callable[[Mapping], bool]) -> Find:
    """The first entry of `patches` that passes a test."""

    def find(_match: Match, closure: Closure, _sources: Sources) -> Where | None:
        for node, body in _bodies(closure):
            for name in ("patches", "patchesJson6902"):
                for entry in entries(body.get(name)):
                    if test(entry):
                        return at(node.path, entry)
        return None

    return find


def literal(match: Match, closure: Closure, _sources: Sources) -> Where | None:
    """The literal of a generator that the first group is."""
    for node, _, entry in _generated(closure):
        listed = entry.get("literals")
        for item in listed.items if isinstance(listed, Sequence) else ():
            if isinstance(item, Scalar) and item.value == match[1]:
                return at(node.path, item)
    return None


def _generated(closure: Closure) -> Iterator[tuple[Kustomization, str, Mapping]]:
    for node, body in _bodies(closure):
        for name in GENERATORS:
            yield from ((node, name, entry) for entry in entries(body.get(name)))


def generator(named: Callable[[Match], str], *, last: bool = False) -> Find:
    """The generator of a name (of two of them the `last`)."""

    def find(match: Match, closure: Closure, _sources: Sources) -> Where | None:
        name = named(match)
        found = [
            at(node.path, entry.get("name") or entry)
            for node, _, entry in _generated(closure)
            if text_of(entry, "name") == name
        ]
        return found[-1 if last else 0] if found else None

    return find


def object_(match: Match, closure: Closure, sources: Sources) -> Where | None:
    """The object whose kind and name are the last two groups."""
    kind, name = match[match.re.groups - 1], match[match.re.groups]
    for path in sorted(closure.files):
        for document in maps(sources.stream(path) if path.endswith((".yaml", ".yml", ".json")) else None):
            meta = document.get("metadata")
            if text_of(document, "kind") == kind and isinstance(meta, Mapping) and text_of(meta, "name") == name:
                return at(path, document)
    return None
