"""kustomize's error text in plain words, with the place in the repository that is at fault."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from fairlead.checks import patches
from fairlead.checks.patches import Patch, text_of
from fairlead.checks.pointers import Step, failing
from fairlead.checks.sayings import plain_words
from fairlead.checks.sources import Sources, maps
from fairlead.edit.nodes import Mapping
from fairlead.model.findings import Where
from fairlead.model.rendering import NO_HELM, NO_PROGRAM
from fairlead.model.values import dataclass
from fairlead.repo.graph import Closure
from fairlead.repo.names import near_miss

if TYPE_CHECKING:  # every command that renders loads this module
    from fairlead.checks.accumulate import Resource

_ID = r"([A-Za-z]\w*)\.([\w\[\]-]+)\.(\S*?)/([^\s\"']+)\.(\[noNs\]|[a-z0-9-]+)"
_NO_TARGET = re.compile(r"(?:no matches for Id|unique target for patch) " + _ID)
_TWICE = re.compile(r"already registered id: " + _ID)
_OPERATION = re.compile(
    r"(?:error in|invalid) ?(\w+) for path: '([^']*)'"
    r"|(\w+) operation does not apply: doc is missing (?:key|path): (\S+?):?(?: |$)"
)
_REPLICAS = re.compile(r"resource with name (\S+) does not match a config")
_COUNTED = ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController")
_FROM = re.compile(r"accumulating (?:resources|components)(?: from)? '([^']+)'")
_LACKS = {
    NO_HELM: "install helm 3 or 4, or name it: FAIRLEAD_HELM=/path/to/helm",
    NO_PROGRAM: "install one of the two beside the renderer",
}
_KINDLESS = re.compile(r"accumulating resources from '([^']*)': missing kind in object")
_MAP_KEY = re.compile(r'invalid map key: map\[[^\]]*\]interface \{\}\{"([^"]*)"')
_NAMELESS = re.compile(r"missing metadata\.name in object \{\{\S+ (\w+)\}")


@dataclass(frozen=True)
class Explained:
    """What happened, what to do, and where."""

    message: str
    remedy: str
    where: Where | None = None


def explain(text: str, closure: Closure, sources: Sources, resources: tuple[Resource, ...] = ()) -> Explained:
    """Explain a failure; text that nobody knows is handed on, with the innermost file that it names.

    `resources` are what the kustomization gathers, as far as that is known from the files alone.
    """
    for choose in (_operation, _no_target, _replicas):
        failed = choose(text, closure, sources, resources)
        if failed is not None:
            return failed
    for attempt in (_twice, _generator, _helm, _kindless, _nameless, _unfilled, _empty):
        found = attempt(text, closure, sources)
        if found is not None:
            return found if found.where is not None else replace(found, where=_named(text, closure))
    told = plain_words(text, closure, sources)
    if told is not None:
        return Explained(told[0], told[1], told[2] or _named(text, closure))
    return Explained(f"kustomize can't build this: {short(text)}", "mend what kustomize names", _named(text, closure))


def short(text: str, limit: int = 400) -> str:
    """The last and most telling part of a chain of causes, on one line."""
    text = " ".join(text.split())
    parts = re.split(r"(?:accumulation err='|recursed accumulation of path '[^']*': )", text)
    return parts[-1][-limit:] if len(parts[-1]) > limit else parts[-1]


def _no_target(text: str, closure: Closure, sources: Sources, resources: tuple[Resource, ...]) -> Explained | None:
    found = _NO_TARGET.search(text)
    if found is None:
        return None
    kind, name = found[1], found[4]
    where = None
    for node in closure.kustomizations:
        for patch in patches.read(node, sources):
            for document in patch.merges:
                if patch.target is None and _is(document, kind, name):
                    named = document.get("metadata")
                    where = patch.place.of((named.get("name") if isinstance(named, Mapping) else None) or document)
    return Explained(
        f"a patch is for {kind} {name!r}, which is not among the resources",
        there(kind, name, resources)
        or near_miss(name, sorted({r.name for r in resources if r.kind == kind}))
        or "name a resource that is there, or remove the patch",
        where,
    )


def there(kind: str, name: str, resources: Iterable[Resource]) -> str:
    """The resource of that kind and name that a patch does not reach, as a remedy; empty where none is there."""
    same = next((r for r in resources if name and r.kind == kind and name in r.names), None)
    if same is None:
        return ""
    space = f"in the namespace {same.namespaces[-1]!r}" if same.namespaces[-1] else "in no namespace"
    return f"the one that is there is {same.api_version}, {space}"


def _is(document: Mapping, kind: str, name: str) -> bool:
    meta = document.get("metadata")
    return text_of(document, "kind") == kind and isinstance(meta, Mapping) and text_of(meta, "name") == name


def _twice(text: str, closure: Closure, sources: Sources) -> Explained | None:
    found = _TWICE.search(text)
    if found is None:
        return None
    kind, name = found[1], found[4]
    places = [
        Where(path, document.line, document.column)
        for path in sorted(closure.files)
        for document in maps(sources.stream(path) if path.endswith((".yaml", ".yml", ".json")) else None)
        if _is(document, kind, name)
    ]
    others = f" (also at {places[0]})" if len(places) > 1 else ""
    return Explained(
        f"{kind} {name!r} comes in twice{others}",
        "list it once: a base that is listed twice, or two files that hold the same object",
        places[-1] if places else None,
    )


def _operation(text: str, closure: Closure, sources: Sources, resources: tuple[Resource, ...]) -> Explained | None:
    found = _OPERATION.search(text)
    if found is None:
        return None
    verb, path = found[1] or found[3], (found[2] or found[4]).strip('"')
    where, step = None, None
    for node in closure.kustomizations:
        for patch in patches.read(node, sources):
            for operation in patch.operations:
                if text_of(operation, "path") == path and text_of(operation, "op") == verb:
                    where = patch.place.of(operation.get("path") or operation)
                    step = step or _step(patch, path, resources, adds=verb == "add")
    return Explained(
        f"the patch's operation {verb!r} does not apply: there is no {path}" + (f": {step.message}" if step else ""),
        (step.remedy if step is not None else "") or "mend the path; `add` writes what isn't there yet",
        where,
    )


def _step(patch: Patch, path: str, resources: tuple[Resource, ...], *, adds: bool) -> Step | None:
    """Which step fails in the first of the patch's objects in which one does."""
    from fairlead.checks.accumulate import matches

    meant = (r for r in resources if patch.target is not None and matches(patch.target, r))
    return next((step for r in meant if (step := failing(r.node, path, adds=adds)) is not None), None)


def _replicas(text: str, closure: Closure, sources: Sources, resources: tuple[Resource, ...]) -> Explained | None:
    found = _REPLICAS.search(text)
    if found is None:
        return None
    where = _entry(closure, ("replicas",), found[1])
    return Explained(
        f"`replicas:` names {found[1]!r}, and no resource with replicas is called so",
        near_miss(found[1], sorted({r.name for r in resources if r.kind in _COUNTED}))
        or "name a Deployment, StatefulSet or ReplicaSet by its name in the base",
        where,
    )


def _generator(text: str, closure: Closure, sources: Sources) -> Explained | None:
    if "cannot merge or replace" not in text:
        return None
    named = re.search(r'Name:"([^"]+)"', text) or re.search(r"/([\w.-]+)\.\[", text)
    name = named[1] if named is not None else ""
    return Explained(
        f"a generator says `behavior: merge` or `replace`, but no base generates {name!r}",
        "take the `behavior:` away, or name what the base generates",
        _entry(closure, ("configMapGenerator", "secretGenerator"), name),
    )


def _entry(closure: Closure, keys: tuple[str, ...], name: str) -> Where | None:
    for node in closure.kustomizations:
        for key in keys:
            value = node.body.get(key) if node.body is not None else None
            for item in getattr(value, "items", ()) if not isinstance(value, Mapping) else ():
                if isinstance(item, Mapping) and text_of(item, "name") == name:
                    told = item.get("name") or item
                    return Where(node.path, told.line, told.column)
    return None


def _helm(text: str, closure: Closure, sources: Sources) -> Explained | None:
    if text in _LACKS:
        message, remedy = text, _LACKS[text]
    elif "--enable-helm" in text:
        message = "Helm charts are inflated here, and fairlead does not start Helm"
        remedy = (
            "render the chart to files (`helm template`) and list those; or allow it in fairlead.yaml, for charts that "
            "lie in the repository: `build: {enable_helm: true}`"
        )
    else:
        return None
    for node in closure.kustomizations:
        for key in ("helmCharts", "helmChartInflationGenerator", "generators"):
            name = node.body.key(key) if node.body is not None else None
            if name is not None:
                return Explained(message, remedy, Where(node.path, name.line, name.column))
    return Explained(message, remedy)


def _kindless(text: str, closure: Closure, sources: Sources) -> Explained | None:
    found = _KINDLESS.search(text)
    if found is None:
        return None
    named = {r.path for node in closure.kustomizations for r in node.references if r.written == found[1]}
    places = [
        Where(path, document.line, document.column)
        for path in sorted(path for path in named if path is not None)
        for document in maps(sources.stream(path))
        if document.get("kind") is None
    ]
    return Explained(f"{found[1]} holds an object without `kind`", "write its kind", places[0] if places else None)


def _unfilled(text: str, closure: Closure, sources: Sources) -> Explained | None:
    found = _MAP_KEY.search(text)
    if found is None:
        return None
    mark = re.compile(r"\{\{-?[ \t]*" + re.escape(found[1]) + r"[ \t]*-?\}\}")
    for path in sorted(closure.files):
        stream = sources.stream(path) if path.endswith((".yaml", ".yml")) else None
        hit = mark.search(stream.text) if stream is not None else None
        if hit is not None and stream is not None:
            start = hit.start()
            where = Where(path, stream.text.count("\n", 0, start) + 1, start - stream.text.rfind("\n", 0, start))
            return Explained(
                f"{hit[0]} is a template that nobody filled", "fill it in before, or put quotes where it is text", where
            )
    return None


def _nameless(text: str, closure: Closure, sources: Sources) -> Explained | None:
    found = _NAMELESS.search(text)
    if found is None:
        return None
    where = None
    for path in sorted(closure.files):
        for document in maps(sources.stream(path) if path.endswith((".yaml", ".yml", ".json")) else None):
            meta = document.get("metadata")
            named = isinstance(meta, Mapping) and text_of(meta, "name")
            if text_of(document, "kind") == found[1] and not named and meta is not None:
                where = Where(path, document.line, document.column)
    return Explained(f"a {found[1]} has no name", "write metadata.name", where)


def _empty(text: str, closure: Closure, sources: Sources) -> Explained | None:
    if "kustomization.yaml is empty" not in text:
        return None
    for node in closure.kustomizations:
        if node.body is None or not node.body.items or not node.references:
            return Explained("the kustomization is empty", "list resources in it, or remove it", Where(node.path, 1, 1))
    return None


def _named(text: str, closure: Closure) -> Where | None:
    """The place of the innermost reference that the text names."""
    for written in reversed(_FROM.findall(text)):
        for node in reversed(closure.kustomizations):
            for reference in node.references:
                if reference.written == written:
                    return reference.where
    quoted = re.findall(r"[\w./-]+\.(?:ya?ml|json|env|properties)", text)
    for node in reversed(closure.kustomizations):
        for reference in node.references:
            if reference.path in quoted or reference.written in quoted:
                return reference.where
        if node.problem is not None and node.problem.where is not None:
            return node.problem.where
    return None
