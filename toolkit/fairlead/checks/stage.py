"""The resources of a kustomization while it is being run: whom an entry means, and what they are called by then."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Sequence as Sequence_
from dataclasses import field, replace
from functools import partial

from fairlead.checks import layers
from fairlead.checks.fieldspecs import DEFAULTS, FieldSpec, Specs
from fairlead.checks.generating import Generated, Generator
from fairlead.checks.images import container_images, means, replaced
from fairlead.checks.layers import Layer, Route
from fairlead.checks.objects import CLUSTER_SCOPED
from fairlead.checks.patches import Patch, Target, selects, target_of, text_of
from fairlead.checks.places import Place
from fairlead.checks.sameness import carry, says
from fairlead.checks.sources import Sources
from fairlead.edit.nodes import Mapping, Scalar, Sequence, scalars
from fairlead.model.findings import Where
from fairlead.model.values import dataclass

_UNPREFIXED = frozenset(("CustomResourceDefinition", "APIService", "Namespace"))


@dataclass(frozen=True)
class Resource:
    """One resource as accumulated: what was written, what it is called by now, what was done to it.

    `route` are the kustomizations that lead to it, outermost first; `generator` is what makes it, if anything does.
    """

    api_version: str
    kind: str
    names: tuple[str, ...]
    namespaces: tuple[str, ...]
    place: Place
    node: Mapping = field(hash=False, compare=False, repr=False)
    layers: tuple[Layer, ...] = ()
    images: frozenset[str] = frozenset()
    hashed: bool = False
    route: Route = ()
    generator: Generator | None = field(default=None, hash=False, compare=False, repr=False)

    @property
    def name(self) -> str:
        """What it is called by now."""
        return self.names[-1]

    @property
    def group(self) -> str:
        """The API group; empty for the core."""
        return self.api_version.rpartition("/")[0]

    def with_layer(self, layer: Layer, **changes: object) -> Resource:
        """The same with one more thing done to it, and what else that changes."""
        # As `replace`, which takes six times as long: every entry of a kustomization does this to every resource.
        other = object.__new__(Resource)
        other.__dict__.update(self.__dict__, layers=(*self.layers, layer), **changes)
        return other


@dataclass(frozen=True)
class Use:
    """An entry of a kustomization and how many resources it reached.

    `kind` is its field; `name` is the name that it selects by, where `what` tells more. `idle`: it reached resources,
    and each of them says already what it would write.
    """

    where: Where
    what: str
    hits: int
    patch: Patch | None = None
    kind: str = "patches"
    name: str = ""
    idle: bool = False

    def joined(self, other: Use) -> Use:
        """The same entry, where another kustomization takes it in as well: the most that is said of it."""
        best = self if self.hits >= other.hits else other
        idle = all(use.idle for use in (self, other) if use.hits)
        return best if best.idle == idle else replace(best, idle=idle)


def resource(node: Mapping, place: Place, route: Route = ()) -> Resource:
    """A resource as it is written."""
    meta = node.get("metadata")
    meta = meta if isinstance(meta, Mapping) else Mapping([], 0, 0, 0, 0)
    return Resource(
        text_of(node, "apiVersion"),
        text_of(node, "kind"),
        (text_of(meta, "name"),),
        (text_of(meta, "namespace"),),
        place,
        node,
        images=frozenset(image.value for image in container_images(node)),
        route=route,
    )


class Stage:
    """Resources, and what is done to them. Each deed adds a layer to those that it means."""

    def __init__(self, resources: Iterable[Resource], specs: Specs) -> None:
        self.resources = list(resources)
        self.specs = specs
        self.patches: list[Use] = []
        self.images: list[Use] = []
        self.replacements: list[Use] = []
        self.labels: list[Use] = []

    def known(self, what: str) -> tuple[FieldSpec, ...]:
        """The fields of a transformer: kustomize's own, and what `configurations:` add."""
        return (*DEFAULTS.get(what, ()), *self.specs.get(what, ()))

    def onto(self, meant: Callable[[Resource], bool], layer: Layer) -> int:
        """Give a layer to those that are meant, and tell how many they are."""
        hits = 0
        for index, each in enumerate(self.resources):
            if meant(each):
                self.resources[index] = each.with_layer(layer)
                hits += 1
        return hits

    def generate(self, generator: Generator, sources: Sources) -> None:
        """Make a ConfigMap or Secret, or write into one."""
        layer = Generated(generator, sources)
        if generator.behavior in ("merge", "replace"):
            same = [i for i, r in enumerate(self.resources) if r.kind == generator.kind and generator.name in r.names]
            for index in self._near(same, generator.namespace):
                self.resources[index] = self.resources[index].with_layer(layer)
            return
        made = Resource(
            "v1", generator.kind, (generator.name,), (generator.namespace,), generator.place, generator.entry,
            (layer,), hashed=generator.hashed, route=generator.route, generator=generator,
        )  # fmt: skip
        self.resources.append(made)

    def patch(self, patch: Patch, route: Route) -> None:
        """Apply a patch to whom it selects, or to the resources that its documents name."""
        before = list(self.resources)
        if patch.target is None:
            hits = sum(self._merge(patch, document, route) for document in patch.merges)
        else:
            hits = 0
            for index, each in enumerate(self.resources):
                if matches(patch.target, each):
                    hits += 1
                    self.resources[index] = _patched(each, patch, route)
        changed = ((old, new) for old, new in zip(before, self.resources, strict=True) if old is not new)
        idle = hits > 0 and all(says(old, _last(new)) for old, new in changed)
        self.patches.append(Use(patch.listed, str(patch.target or patch.written), hits, patch, idle=idle))

    def _merge(self, patch: Patch, document: Mapping, route: Route) -> int:
        own = resource(document, patch.place)
        same = [
            index
            for index, each in enumerate(self.resources)
            if each.kind == own.kind and each.group == own.group and own.name in each.names
        ]
        same = self._near(same, own.namespaces[0])
        for index in same:
            self.resources[index] = _patched(self.resources[index], replace(patch, documents=(document,)), route)
        return len(same)

    def _near(self, same: list[int], namespace: str) -> list[int]:
        """Those in the namespace, if any are."""
        name = namespace or "default"
        return [i for i in same if any((n or "default") == name for n in self.resources[i].namespaces)] or same

    def namespace(self, layer: layers.Namespaced) -> None:
        """Move everything into a namespace."""
        value = layer.value.value
        for index, each in enumerate(self.resources):
            changes: dict[str, object] = {}
            if each.kind == "Namespace":
                changes = {"names": (*each.names, value)}
            elif each.kind not in CLUSTER_SCOPED and not (layer.unset_only and each.namespaces[-1]):
                changes = {"namespaces": (*each.namespaces, value)}
            self.resources[index] = each.with_layer(layer, **changes)

    def rename(self, layer: layers.Renamed) -> None:
        """Add a prefix or suffix."""
        for index, each in enumerate(self.resources):
            if each.kind not in _UNPREFIXED:
                new = each.name + layer.value.value if layer.suffix else layer.value.value + each.name
                self.resources[index] = each.with_layer(layer, names=(*each.names, new))

    def label(self, found: Sequence_[layers.Labelled]) -> None:
        """Add labels and annotations to all that have the fields for them, entry after entry of one kustomization."""
        for layer in found:
            anybody = any(not (spec.kind or spec.group or spec.version) for spec in layer.specs)
            meant = [r for r in self.resources if anybody or any(s.means(r.api_version, r.kind) for s in layer.specs)]
            for key, value in layer.pairs.items:
                if isinstance(value, Scalar) and not key.shared and not value.shared:
                    others = [one for one in found if one is not layer and one.meets(layer, key.value)]
                    idle = bool(meant) and (
                        any(one.does_more(layer, key.value) for one in others)
                        if others
                        else carry(meant, layer.specs, key.value, value)
                    )
                    what = f"{key.value}: {value.value}"
                    self.labels.append(Use(layer.place.of(key), what, len(meant), kind="labels", idle=idle))
        for layer in found:
            self.resources = [each.with_layer(layer) for each in self.resources]

    def image(self, layer: layers.Imaged) -> None:
        """Replace images by an entry."""
        parts = tuple(text_of(layer.entry, key) for key in ("newName", "newTag", "digest"))
        hits = 0
        anywhere = bool(self.specs.get("images")) or any(spec not in DEFAULTS["images"] for spec in layer.specs)
        for index, each in enumerate(self.resources):
            meant = {image for image in each.images if means(layer.name, image)}
            elsewhere = anywhere and any(means(layer.name, s.value) for s in scalars(each.node))
            if meant or elsewhere:
                hits += 1
                changed = (replaced(image, *parts) if image in meant else image for image in each.images)
                self.resources[index] = each.with_layer(layer, images=frozenset(changed))
        name = layer.entry.get("name")
        self.images.append(Use(layer.place.of(name or layer.entry), layer.name, hits, kind="images"))

    def replacement(self, entry: Mapping, place: Place, route: Route) -> None:
        """Write one resource's value into others."""
        written, source = entry.get("sourceValue"), entry.get("source")
        wanted = source if isinstance(source, Mapping) else None
        chosen = self._source(wanted) if wanted is not None else None
        path = text_of(wanted, "fieldPath") if wanted is not None else ""
        for target in _maps(entry.get("targets")):
            select = target.get("select")
            paths = tuple(layers.field_path(s.value) for s in _texts(target.get("fieldPaths")))
            if not isinstance(select, Mapping):
                continue
            layer = layers.Replaced(
                paths or (("metadata", "name"),),
                route,
                _options(target),
                chosen,
                layers.field_path(path or "metadata.name"),
                _options(wanted),
                written if isinstance(written, Scalar) else None,
                place,
                target_of(select),
            )
            rejected = [target_of(r) for r in _maps(target.get("reject"))]
            hits = self.onto(partial(_wanted, layer.target, rejected), layer)
            where = place.of(target.key("select") or target)
            name = layer.target.name
            self.replacements.append(Use(where, str(layer.target), hits, kind="replacements", name=name))

    def _source(self, wanted: Mapping) -> Resource | None:
        keys = ("group", "version", "kind", "name", "namespace")
        group, version, kind, name, namespace = (text_of(wanted, key) for key in keys)
        for each in self.resources:
            if (
                kind in ("", each.kind)
                and (not group or group == each.group)
                and (not version or version == each.api_version.rpartition("/")[2])
                and (not name or name in each.names)
                and (not namespace or namespace in each.namespaces)
            ):
                return each
        return None


def _last(resource: Resource) -> Patch:
    layer = resource.layers[-1]
    assert isinstance(layer, layers.Patched)
    return layer.patch


def _options(holder: Mapping | None) -> layers.Options:
    found = holder.get("options") if holder is not None else None
    if not isinstance(found, Mapping):
        return layers.Options()
    index = text_of(found, "index")
    number = int(index) if index.lstrip("-").isdigit() else 0
    return layers.Options(text_of(found, "delimiter"), number, text_of(found, "create") == "true")


def _patched(before: Resource, patch: Patch, route: Route) -> Resource:
    brought = {image.value for document in patch.merges for image in container_images(document)}
    names, kind = before.names, before.kind
    for operation in patch.operations:
        value = operation.get("value")
        path = text_of(operation, "path")
        if path == "/metadata/name" and isinstance(value, Scalar):
            names = (*names, value.value)
        if path.endswith("/image") and isinstance(value, Scalar):
            brought.add(value.value)
        elif isinstance(value, Mapping | Sequence):
            brought |= {s.value for s in scalars(value) if s.value}
    for document in patch.merges if patch.changes else ():
        own = resource(document, patch.place)
        names = (*names, own.name) if "name" in patch.changes and own.name else names
        kind = own.kind if "kind" in patch.changes and own.kind else kind
    layer = layers.Patched(patch, route)
    return before.with_layer(layer, images=before.images | brought, names=names, kind=kind)


def _maps(node: object) -> list[Mapping]:
    return [i for i in node.items if isinstance(i, Mapping)] if isinstance(node, Sequence) else []


def _texts(node: object) -> list[Scalar]:
    return [i for i in node.items if isinstance(i, Scalar)] if isinstance(node, Sequence) else []


def _wanted(target: Target, rejected: list[Target], resource: Resource) -> bool:
    return matches(target, resource) and not any(matches(each, resource) for each in rejected)


def matches(target: Target, resource: Resource) -> bool:
    """Whether a selector means a resource; by its first or its present name, as kustomize does.

    Labels and annotations are not judged: layers may have brought them. Such a selector counts as meeting.
    """
    group, _, version = resource.api_version.rpartition("/")
    namespaces = tuple(n or "default" for n in resource.namespaces)
    return (
        selects(target.group, (group,))
        and selects(target.version, (version,))
        and selects(target.kind, (resource.kind,))
        and selects(target.name, resource.names)
        and selects(target.namespace, namespaces)
    )
