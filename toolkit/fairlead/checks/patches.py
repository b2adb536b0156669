"""The patches of a kustomization as values: whom they mean, what they say, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Mapping_
from dataclasses import field, replace
from functools import lru_cache

from fairlead.checks.places import Place, inline
from fairlead.checks.sources import Sources
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value, parse_text
from fairlead.model.errors import SyntaxProblem
from fairlead.model.findings import Where
from fairlead.model.snapshot import join
from fairlead.model.values import dataclass
from fairlead.repo.graph import Kustomization


@dataclass(frozen=True)
class Target:
    """A `target:` selector; empty fields match everything, the others are anchored regular expressions."""

    group: str = ""
    version: str = ""
    kind: str = ""
    name: str = ""
    namespace: str = ""
    labels: str = ""
    annotations: str = ""

    def __str__(self) -> str:
        named = (
            (k, getattr(self, k)) for k in ("group", "version", "kind", "name", "namespace", "labels", "annotations")
        )
        return ", ".join(f"{key} {value}" for key, value in named if value) or "anything"


@dataclass(frozen=True)
class Patch:
    """One patch of a kustomization.

    `documents` are strategic merge patches (maps) or one JSON 6902 list; empty where the patch can't be read.
    `changes` is what it may change of a resource's identity: name, kind.
    """

    listed: Where
    written: str
    target: Target | None
    documents: tuple[Value, ...] = field(hash=False, compare=False)
    place: Place
    changes: frozenset[str] = frozenset()

    @property
    def operations(self) -> tuple[Mapping, ...]:
        """The operations, if this is a JSON 6902 patch."""
        lists = [d for d in self.documents if isinstance(d, Sequence)]
        return tuple(op for d in lists for op in d.items if isinstance(op, Mapping))

    @property
    def merges(self) -> tuple[Mapping, ...]:
        """The maps, if this is a strategic merge patch."""
        return tuple(d for d in self.documents if isinstance(d, Mapping))


@lru_cache(maxsize=4096)
def _anchored(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(f"^(?:{pattern})$")
    except re.error:
        return None


def selects(pattern: str, values: tuple[str, ...]) -> bool:
    """Whether a selector's field matches one of the values; a pattern Python can't read matches all."""
    if not pattern:
        return True
    regex = _anchored(pattern)
    return regex is None or any(regex.search(value) for value in values)


def text_of(mapping: Mapping, key: str) -> str:
    """A scalar member's text, or nothing."""
    value = mapping.get(key)
    return value.value if isinstance(value, Scalar) else ""


def labelled(selector: str, labels: Mapping_[str, str]) -> bool:
    """Whether labels (or annotations) answer to a selector as Kubernetes writes them: `a=b,c in (d,e),!f`."""
    for part in re.split(r",(?![^(]*\))", selector):
        wanted = part.strip()
        listed = re.fullmatch(r"(\S+)\s+(in|notin)\s*\(([^)]*)\)", wanted)
        if listed is not None:
            values = {v.strip() for v in listed[3].split(",")}
            met = labels.get(listed[1], "\0") in values
            met = met if listed[2] == "in" else not met
        elif "!=" in wanted:
            key, _, value = wanted.partition("!=")
            met = labels.get(key.strip()) != value.strip()
        elif "=" in wanted:
            key, _, value = wanted.replace("==", "=").partition("=")
            met = labels.get(key.strip()) == value.strip()
        else:
            met = (wanted.lstrip("!").strip() in labels) is not wanted.startswith("!")
        if not met:
            return False
    return True


FIRST, LAST = ("patchesStrategicMerge", "patches"), ("patchesJson6902",)  # what comes before and after the labels


def read(node: Kustomization, sources: Sources, names: tuple[str, ...] = (*FIRST, *LAST)) -> tuple[Patch, ...]:
    """The patches of a kustomization, of some fields or all, in the order in which kustomize applies them."""
    body = node.body
    if body is None:
        return ()
    return tuple(patch for name in names for patch in listed(node, body.get(name), sources))


def listed(node: Kustomization, value: Value | None, sources: Sources) -> Iterator[Patch]:
    """The patches of one list."""
    for item in value.items if isinstance(value, Sequence) else ():
        if isinstance(item, Scalar):
            yield _short(node, item, sources)
        elif isinstance(item, Mapping):
            yield entry(node, item, sources)


def _short(node: Kustomization, item: Scalar, sources: Sources) -> Patch:
    where = Where(node.path, item.line, item.column)
    if "\n" in item.value:
        return _inline(node, item, where, None)
    return _file(node, item.value, where, None, sources)


def entry(node: Kustomization, item: Mapping, sources: Sources, inside: str = "patch") -> Patch:
    """A patch with its target; `inside` names the field for a patch that is written there itself."""
    selector = item.get("target")
    target = target_of(selector) if isinstance(selector, Mapping) else None
    head = item.key("path") or item.key(inside) or item
    where = Where(node.path, head.line, head.column)
    path, patch = item.get("path"), item.get(inside)
    options = item.get("options")
    changes = frozenset(
        name
        for name, option in (("name", "allowNameChange"), ("kind", "allowKindChange"))
        if isinstance(options, Mapping) and text_of(options, option) == "true"
    )
    if isinstance(path, Scalar) and path.value:
        found = _file(node, path.value, Where(node.path, path.line, path.column), target, sources)
        return replace(found, changes=changes) if changes else found
    if isinstance(patch, Scalar):
        found = _inline(node, patch, where, target)
        return replace(found, changes=changes) if changes else found
    return Patch(where, "", target, (), Place(node.path, where.line, where.column, fixed=True))


def target_of(node: Mapping) -> Target:
    """A selector as written."""
    return Target(
        text_of(node, "group"),
        text_of(node, "version"),
        text_of(node, "kind"),
        text_of(node, "name"),
        text_of(node, "namespace"),
        text_of(node, "labelSelector"),
        text_of(node, "annotationSelector"),
    )


def _inline(node: Kustomization, item: Scalar, where: Where, target: Target | None) -> Patch:
    text = node.stream.text if node.stream is not None else ""
    place = inline(node.path, item, text)
    try:
        documents = tuple(d for d in parse_text(item.value, node.path).documents if d is not None)
    except SyntaxProblem:
        documents = ()
    return Patch(where, "the inline patch", target, documents, place)


def _file(node: Kustomization, written: str, where: Where, target: Target | None, sources: Sources) -> Patch:
    path = join(node.folder, written) or ""
    stream = sources.stream(path) if path else None
    documents = tuple(d for d in stream.documents if d is not None) if stream is not None else ()
    return Patch(where, written, target, documents, Place(path))
