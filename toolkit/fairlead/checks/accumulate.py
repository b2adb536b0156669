"""What kustomize gathers, told from the files alone: which resource comes from where, and what is done to it.

It follows kustomize's order (resources, generators, components, then patches, namespace, names, labels,
replicas, images, replacements). Where something can't be known without running it (Helm, plugins, remote
bases, unreadable files), the result says that it is open, and no rule may call an entry dead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from fairlead.checks import layers, patches
from fairlead.checks.images import container_images, means, replaced
from fairlead.checks.layers import Layer
from fairlead.checks.patches import Patch, Target, selects, text_of
from fairlead.checks.places import Place
from fairlead.checks.sameness import says
from fairlead.checks.sources import Sources, maps
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value, scalars
from fairlead.model.findings import Where
from fairlead.model.snapshot import join
from fairlead.repo.graph import Graph, Kustomization, Reference

_UNPREFIXED = frozenset(("CustomResourceDefinition", "APIService", "Namespace"))
_OPENING = ("helmCharts", "helmChartInflationGenerator", "generators", "transformers", "helmGlobals")


@dataclass(frozen=True)
class Resource:
    """One resource as accumulated: what was written, what it is called by now, what was done to it."""

    api_version: str
    kind: str
    names: tuple[str, ...]
    namespaces: tuple[str, ...]
    place: Place
    node: Mapping = field(hash=False, compare=False, repr=False)
    layers: tuple[Layer, ...] = ()
    images: frozenset[str] = frozenset()
    hashed: bool = False

    @property
    def name(self) -> str:
        """What it is called by now."""
        return self.names[-1]

    def with_layer(self, layer: Layer) -> Resource:
        """The same with one more thing done to it."""
        # As `replace`, which takes six times as long: every entry of a kustomization does this to every resource.
        other = object.__new__(Resource)
        other.__dict__.update(self.__dict__, layers=(*self.layers, layer))
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


@dataclass(frozen=True)
class Accumulated:
    """The resources of a kustomization, and what its entries reached. `open`: there may be more to it."""

    resources: tuple[Resource, ...] = ()
    patches: tuple[Use, ...] = ()
    images: tuple[Use, ...] = ()
    replacements: tuple[Use, ...] = ()
    open: bool = False

    @property
    def uses(self) -> tuple[Use, ...]:
        """All entries."""
        return (*self.patches, *self.images, *self.replacements)


class Accumulator:
    """Accumulates kustomizations of one snapshot, each base once."""

    def __init__(self, graph: Graph, sources: Sources) -> None:
        self._graph = graph
        self._sources = sources
        self._done: dict[str, Accumulated] = {}
        self._within: set[str] = set()  # components being run: a circle of them must end

    def of(self, folder: str) -> Accumulated:
        """What a kustomization gathers."""
        if folder not in self._done:
            self._done[folder] = Accumulated(open=True)  # what a cycle gets to see
            self._done[folder] = self._apply(folder, Accumulated())
        return self._done[folder]

    def _apply(self, folder: str, before: Accumulated) -> Accumulated:
        node = self._graph.kustomization(folder)
        if node is None or node.body is None:
            return replace(before, open=True)
        state = _State(node, node.body, self._sources, list(before.resources), before.open)
        for reference in node.references:
            if reference.kind in ("resources", "bases"):
                self._gather(reference, state)
        state.generate()
        for reference in node.references:
            if reference.kind == "components":
                self._component(reference, state)
        state.transform()
        return Accumulated(
            tuple(state.resources), tuple(state.patches), tuple(state.images), tuple(state.replacements), state.open
        )

    def _gather(self, reference: Reference, state: _State) -> None:
        if not reference.found or reference.path is None:
            state.open = True
        elif reference.is_dir:
            below = self.of(reference.path)
            state.resources += below.resources
            state.open = state.open or below.open
        else:
            stream = self._sources.stream(reference.path)
            state.open = state.open or stream is None
            state.resources += (_resource(node, Place(reference.path)) for node in maps(stream))

    def _component(self, reference: Reference, state: _State) -> None:
        if not reference.is_dir or reference.path is None or reference.path in self._within:
            state.open = True
            return
        self._within.add(reference.path)
        done = self._apply(reference.path, Accumulated(tuple(state.resources), open=state.open))
        self._within.discard(reference.path)
        state.resources = list(done.resources)
        state.open = done.open
        state.patches += done.patches
        state.images += done.images
        state.replacements += done.replacements


def _resource(node: Mapping, place: Place) -> Resource:
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
    )


class _State:
    """One kustomization being run."""

    def __init__(
        self, node: Kustomization, body: Mapping, sources: Sources, resources: list[Resource], open_: bool
    ) -> None:
        self.node = node
        self.body = body
        self.sources = sources
        self.resources = resources
        self.place = Place(node.path)
        self.patches: list[Use] = []
        self.images: list[Use] = []
        self.replacements: list[Use] = []
        self.open = open_ or any(body.get(key) is not None for key in _OPENING)

    def _entries(self, key: str) -> list[Mapping]:
        value = self.body.get(key)
        return [i for i in value.items if isinstance(i, Mapping)] if isinstance(value, Sequence) else []

    def generate(self) -> None:
        """Run configMapGenerator and secretGenerator."""
        options = self.body.get("generatorOptions")
        unhashed = isinstance(options, Mapping) and text_of(options, "disableNameSuffixHash") == "true"
        for key, kind in (("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")):
            for entry in self._entries(key):
                layer = layers.Generated(self._keys(entry))
                if text_of(entry, "behavior") in ("merge", "replace"):
                    self._onto(lambda r, k=kind, e=entry: r.kind == k and text_of(e, "name") in r.names, layer)
                    continue
                own = entry.get("options")
                plain = isinstance(own, Mapping) and text_of(own, "disableNameSuffixHash") == "true"
                made = Resource(
                    "v1", kind, (text_of(entry, "name"),), (text_of(entry, "namespace"),), self.place, entry,
                    (layer,), hashed=not (unhashed or plain),
                )  # fmt: skip
                self.resources.append(made)

    def _keys(self, entry: Mapping) -> tuple[tuple[str, Where], ...]:
        out: list[tuple[str, Where]] = []
        for item in layers.texts(entry.get("files")):
            key, _, path = item.value.rpartition("=")
            out.append((key or path.rpartition("/")[2], self.place.of(item)))
        for item in (*layers.texts(entry.get("envs")), *layers.texts(_listed(entry.get("env")))):
            out += self._env_keys(item)
        out += [(i.value.partition("=")[0], self.place.of(i)) for i in layers.texts(entry.get("literals"))]
        return tuple(out)

    def _env_keys(self, item: Scalar) -> list[tuple[str, Where]]:
        found = next((r for r in self.node.references if r.written == item.value and r.path), None)
        data = self.sources.data(found.path) if found is not None and found.path else None
        if found is None or found.path is None or data is None:
            return []
        lines = data.decode("utf-8", "replace").splitlines()
        return [
            (line.partition("=")[0].strip(), Where(found.path, number, 1))
            for number, line in enumerate(lines, 1)
            if line.strip() and not line.lstrip().startswith("#")
        ]

    def transform(self) -> None:
        """The transformers, in kustomize's order."""
        for patch in patches.read(self.node, self.sources):
            self._patch(patch)
        self._namespace()
        self._rename()
        for layer in self._labels():
            self._onto(lambda _: True, layer)
        for entry in self._entries("replicas"):
            count = entry.get("count")
            name = text_of(entry, "name")
            self._onto(lambda r, n=name: n in r.names, layers.Counted(self.place.of(count or entry)))
        for entry in self._entries("images"):
            self._image(entry)
        self._replacements()

    def _onto(self, meant: object, layer: Layer) -> int:
        assert callable(meant)
        hits = 0
        for index, resource in enumerate(self.resources):
            if meant(resource):
                self.resources[index] = resource.with_layer(layer)
                hits += 1
        return hits

    def _patch(self, patch: Patch) -> None:
        before = list(self.resources)
        if patch.target is None:
            hits = sum(self._merge(patch, document) for document in patch.merges)
        else:
            hits = 0
            for index, resource in enumerate(self.resources):
                if matches(patch.target, resource):
                    hits += 1
                    self.resources[index] = _patched(resource, patch)
        changed = ((old, new) for old, new in zip(before, self.resources, strict=True) if old is not new)
        idle = hits > 0 and all(says(old.node, old.layers, _last(new)) for old, new in changed)
        self.patches.append(Use(patch.listed, str(patch.target or patch.written), hits, patch, idle=idle))

    def _merge(self, patch: Patch, document: Mapping) -> int:
        own = _resource(document, patch.place)
        hits = 0
        for index, resource in enumerate(self.resources):
            same = resource.kind == own.kind and _group(resource) == _group(own)
            if same and own.name in resource.names:
                hits += 1
                self.resources[index] = _patched(resource, replace(patch, documents=(document,)))
        return hits

    def _namespace(self) -> None:
        value = self.body.get("namespace")
        if not isinstance(value, Scalar) or not value.value:
            return
        for index, resource in enumerate(self.resources):
            after = resource.with_layer(layers.Namespaced(self.place.of(value), resource.kind))
            if resource.kind == "Namespace":
                after = replace(after, names=(*after.names, value.value))
            elif resource.kind not in layers.CLUSTER_SCOPED:
                after = replace(after, namespaces=(*after.namespaces, value.value))
            self.resources[index] = after

    def _rename(self) -> None:
        for key in ("namePrefix", "nameSuffix"):
            value = self.body.get(key)
            if not isinstance(value, Scalar) or not value.value:
                continue
            layer = layers.Renamed(self.place.of(value))
            for index, resource in enumerate(self.resources):
                if resource.kind not in _UNPREFIXED:
                    old = resource.name
                    new = value.value + old if key == "namePrefix" else old + value.value
                    self.resources[index] = replace(resource.with_layer(layer), names=(*resource.names, new))

    def _labels(self) -> list[Layer]:
        found = [layers.pairs(self.body.get(key), self.place) for key in ("commonLabels", "commonAnnotations")]
        found += [layers.pairs(entry.get("pairs"), self.place) for entry in self._entries("labels")]
        return [layers.Labelled(pairs) for pairs in found if pairs]

    def _image(self, entry: Mapping) -> None:
        layer = layers.Imaged(entry, self.place)
        parts = tuple(text_of(entry, key) for key in ("newName", "newTag", "digest"))
        hits = 0
        anywhere = any(r.kind == "configurations" for r in self.node.references)
        for index, resource in enumerate(self.resources):
            meant = {image for image in resource.images if means(layer.name, image)}
            if not meant and anywhere and any(means(layer.name, s.value) for s in scalars(resource.node)):
                hits += 1
            if meant:
                hits += 1
                changed = (replaced(image, *parts) if image in meant else image for image in resource.images)
                self.resources[index] = replace(resource.with_layer(layer), images=frozenset(changed))
        name = entry.get("name")
        self.images.append(Use(self.place.of(name or entry), layer.name, hits, kind="images"))

    def _replacements(self) -> None:
        for entry, place in self._replacing():
            for target in _maps(entry.get("targets")):
                select = target.get("select")
                paths = tuple((s.value, place.of(s)) for s in layers.texts(target.get("fieldPaths")))
                if isinstance(select, Mapping) and paths:
                    chosen = patches.target_of(select)
                    hits = self._onto(lambda r, t=chosen: matches(t, r), layers.Replaced(paths))
                    where = place.of(target.key("select") or target)
                    self.replacements.append(Use(where, str(chosen), hits, kind="replacements", name=chosen.name))

    def _replacing(self) -> Iterator[tuple[Mapping, Place]]:
        """The replacements, those in files of their own included."""
        for entry in self._entries("replacements"):
            path = text_of(entry, "path")
            if not path:
                yield entry, self.place
                continue
            file = join(self.node.folder, path) or ""
            stream = self.sources.stream(file) if file else None
            for document in stream.documents if stream is not None else ():
                some = [document] if isinstance(document, Mapping) else _maps(document)
                yield from ((one, Place(file)) for one in some)


def _patched(resource: Resource, patch: Patch) -> Resource:
    brought = {image.value for document in patch.merges for image in container_images(document)}
    for operation in patch.operations:
        value = operation.get("value")
        if text_of(operation, "path").endswith("/image") and isinstance(value, Scalar):
            brought.add(value.value)
        elif isinstance(value, Mapping | Sequence):
            brought |= {s.value for s in scalars(value) if s.value}
    return replace(resource.with_layer(layers.Patched(patch)), images=resource.images | brought)


def _last(resource: Resource) -> Patch:
    layer = resource.layers[-1]
    assert isinstance(layer, layers.Patched)
    return layer.patch


def _group(resource: Resource) -> str:
    return resource.api_version.rpartition("/")[0]


def _maps(node: Value | None) -> list[Mapping]:
    return [i for i in node.items if isinstance(i, Mapping)] if isinstance(node, Sequence) else []


def _listed(node: Value | None) -> Value | None:
    return Sequence([node], 0, 0, 0, 0) if isinstance(node, Scalar) else None


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
