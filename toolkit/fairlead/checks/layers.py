"""What a kustomization does to a resource: each layer says which fields it writes, and where that stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from fairlead.checks import images
from fairlead.checks.patches import Patch, text_of
from fairlead.checks.places import Item, Place, Step, find
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value
from fairlead.model.findings import Where

_LABEL_HOLDERS = frozenset(("labels", "matchLabels", "selector", "annotations"))
CLUSTER_SCOPED = frozenset(
    (
        "Namespace", "Node", "PersistentVolume", "StorageClass", "ClusterRole", "ClusterRoleBinding",
        "CustomResourceDefinition", "PriorityClass", "IngressClass", "RuntimeClass", "CSIDriver", "CSINode",
        "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "APIService", "VolumeAttachment",
        "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "ComponentStatus", "FlowSchema",
        "PriorityLevelConfiguration", "CertificateSigningRequest",
    )
)  # fmt: skip


class Layer(Protocol):
    """One thing that one kustomization does."""

    def writes(self, way: tuple[Step, ...]) -> Where | None:
        """Where it writes the field that this way leads to; None where it doesn't."""


@dataclass(frozen=True)
class Patched:
    """A patch, strategic merge or JSON 6902."""

    patch: Patch

    def writes(self, way: tuple[Step, ...]) -> Where | None:
        """See Layer."""
        for document in self.patch.merges:
            found = find(document, way)
            if not found.left and found.node is not document:
                return self.patch.place.of(found.telling())
        last = None
        for operation in self.patch.operations:
            last = self._operation(operation, way) or last
        return last

    def _operation(self, operation: Mapping, way: tuple[Step, ...]) -> Where | None:
        if text_of(operation, "op") not in ("add", "replace", "copy", "move"):
            return None
        pointer = tuple(
            part.replace("~1", "/").replace("~0", "~") for part in text_of(operation, "path").split("/")[1:]
        )
        value = operation.get("value")
        if len(pointer) > len(way) or not all(map(_same, pointer, way)):
            return None
        rest = way[len(pointer) :]
        if value is None:
            return None if rest else self.patch.place.of(operation.get("path") or operation)
        found = find(value, rest)
        return None if found.left else self.patch.place.of(found.telling())


def _same(part: str, step: Step) -> bool:
    return part == step if isinstance(step, str) else part in (str(step.index), "-")


@dataclass(frozen=True)
class Imaged:
    """One entry of `images:`; it writes what it matches, which the caller knows."""

    entry: Mapping = field(hash=False, compare=False)
    place: Place

    @property
    def name(self) -> str:
        """Which image it means."""
        return text_of(self.entry, "name")

    def writes(self, way: tuple[Step, ...]) -> Where | None:
        """See Layer; an image is followed by its value, not by its place."""
        return None

    def apply(self, image: str) -> tuple[str, Where] | None:
        """The image after this entry, and where its version stands; None where it isn't meant."""
        if not images.means(self.name, image):
            return None
        parts = {key: text_of(self.entry, key) for key in ("newName", "newTag", "digest")}
        told = next((self.entry.get(k) for k in ("digest", "newTag", "newName") if parts[k]), None)
        after = images.replaced(image, parts["newName"], parts["newTag"], parts["digest"])
        return after, self.place.of(told or self.entry)


@dataclass(frozen=True)
class Namespaced:
    """The `namespace:` field."""

    where: Where
    kind: str

    def writes(self, way: tuple[Step, ...]) -> Where | None:
        """See Layer."""
        field_ = ("metadata", "name" if self.kind == "Namespace" else "namespace")
        return self.where if way == field_ and (self.kind == "Namespace" or self.kind not in CLUSTER_SCOPED) else None


@dataclass(frozen=True)
class Renamed:
    """`namePrefix` or `nameSuffix`."""

    where: Where

    def writes(self, way: tuple[Step, ...]) -> Where | None:
        """See Layer."""
        return self.where if way == ("metadata", "name") else None


@dataclass(frozen=True)
class Counted:
    """An entry of `replicas:`."""

    where: Where

    def writes(self, way: tuple[Step, ...]) -> Where | None:
        """See Layer."""
        return self.where if way == ("spec", "replicas") else None


@dataclass(frozen=True)
class Labelled:
    """`labels`, `commonLabels` or `commonAnnotations`: what they add."""

    pairs: tuple[tuple[str, Where], ...]

    def writes(self, way: tuple[Step, ...]) -> Where | None:
        """See Layer."""
        if len(way) < 2 or way[-2] not in _LABEL_HOLDERS:
            return None
        return next((where for key, where in reversed(self.pairs) if key == way[-1]), None)


@dataclass(frozen=True)
class Generated:
    """An entry of a generator: the keys of its literals, files and envs."""

    pairs: tuple[tuple[str, Where], ...]

    def writes(self, way: tuple[Step, ...]) -> Where | None:
        """See Layer."""
        if len(way) != 2 or way[0] not in ("data", "binaryData", "stringData"):
            return None
        return next((where for key, where in reversed(self.pairs) if key == way[1]), None)


@dataclass(frozen=True)
class Replaced:
    """The field paths that `replacements:` write into this resource."""

    fields: tuple[tuple[str, Where], ...]

    def writes(self, way: tuple[Step, ...]) -> Where | None:
        """See Layer."""
        return next((where for path, where in reversed(self.fields) if _leads(path, way)), None)


def _leads(path: str, way: tuple[Step, ...]) -> bool:
    parts = tuple(_field_path(path))
    return len(parts) == len(way) and all(map(_meets, parts, way))


def _field_path(path: str) -> Iterator[str]:
    part, depth, escaped = "", 0, False
    for char in path:
        if escaped or (char not in ".\\[]" or (char == "." and depth)):
            part, escaped = part + char, False
        elif char == "\\":
            escaped = True
        elif char == ".":
            yield part
            part = ""
        else:
            depth += 1 if char == "[" else -1
            part += char
    yield part


def _meets(part: str, step: Step) -> bool:
    if isinstance(step, str):
        return part == step
    if part.startswith("[") and part.endswith("]"):
        key, _, value = part[1:-1].partition("=")
        return (key, value) in step.keys
    return part in ("*", str(step.index))


def pairs(node: Value | None, place: Place) -> tuple[tuple[str, Where], ...]:
    """A map's keys and where their values stand."""
    if not isinstance(node, Mapping):
        return ()
    return tuple((key.value, place.of(value)) for key, value in node.items)


def texts(node: Value | None) -> list[Scalar]:
    """The scalars of a list."""
    return [i for i in node.items if isinstance(i, Scalar)] if isinstance(node, Sequence) else []


__all__ = [
    "Counted",
    "Generated",
    "Imaged",
    "Item",
    "Labelled",
    "Layer",
    "Namespaced",
    "Patched",
    "Renamed",
    "Replaced",
]
