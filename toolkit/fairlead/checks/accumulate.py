"""What kustomize gathers, told from the files alone: which resource comes from where, and what is done to it.

It follows kustomize's order (resources, generators, components, then patches, namespace, names, labels, replicas,
images, replacements, transformers by file). Where something can't be known without running it (Helm, plugins, remote
bases, unreadable files, files without any object yet), the result says that it is open, and no rule may call an
entry dead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fairlead.checks import fieldspecs, layers, patches, plugins
from fairlead.checks.fieldspecs import METADATA_LABELS, FieldSpec, Specs
from fairlead.checks.generating import KINDS, Generator
from fairlead.checks.layers import Route
from fairlead.checks.patches import text_of
from fairlead.checks.places import Place, inline
from fairlead.checks.plugins import Plugin
from fairlead.checks.sources import Sources, maps
from fairlead.checks.stage import Resource, Stage, Use, matches, resource
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value, parse_text
from fairlead.model.errors import SyntaxProblem
from fairlead.model.values import dataclass
from fairlead.repo.graph import Graph, Kustomization, Reference

_OPENING = ("helmCharts", "helmChartInflationGenerator", "generators", "transformers", "helmGlobals")


@dataclass(frozen=True)
class Accumulated:
    """The resources of a kustomization, and what its entries reached. `open`: there may be more to it."""

    resources: tuple[Resource, ...] = ()
    patches: tuple[Use, ...] = ()
    images: tuple[Use, ...] = ()
    replacements: tuple[Use, ...] = ()
    labels: tuple[Use, ...] = ()
    open: bool = False
    specs: tuple[tuple[str, tuple[FieldSpec, ...]], ...] = ()

    @property
    def uses(self) -> tuple[Use, ...]:
        """All entries."""
        return (*self.patches, *self.images, *self.replacements, *self.labels)


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
            self._done[folder] = self._apply(folder, Accumulated(), ())
        return self._done[folder]

    @property
    def sources(self) -> Sources:
        """The files."""
        return self._sources

    def kustomizations(self, folder: str) -> list[Kustomization]:
        """A kustomization and all that it reaches, outermost first."""
        return self._graph.closure(folder).kustomizations

    def _apply(self, folder: str, before: Accumulated, route: Route) -> Accumulated:
        node = self._graph.kustomization(folder)
        if node is None or node.body is None:
            return replace(before, open=True)
        state = _State(node, node.body, self._sources, before, (*route, node.path))
        for reference in node.references:
            if reference.kind in ("resources", "bases"):
                self._gather(reference, state)
        state.configure()
        state.generate(self._plugins("generators", state))
        for reference in node.references:
            if reference.kind == "components":
                self._component(reference, state)
        state.transform(self._plugins("transformers", state))
        return state.done()

    def _gather(self, reference: Reference, state: _State) -> None:
        if not reference.found or reference.path is None:
            state.open = True
        elif reference.is_dir:
            below = self.of(reference.path)
            passed = layers.Gathered(state.route)
            state.stage.resources += [each.with_layer(passed) for each in below.resources]
            state.stage.specs = fieldspecs.joined(state.stage.specs, dict(below.specs))
            state.open = state.open or below.open
        else:
            found = maps(self._sources.stream(reference.path))
            state.open = state.open or not found  # unreadable, or a place holder that is filled in later
            place = Place(reference.path)
            state.stage.resources += (resource(node, place, state.route) for node in found)

    def _component(self, reference: Reference, state: _State) -> None:
        if not reference.is_dir or reference.path is None or reference.path in self._within:
            state.open = True
            return
        self._within.add(reference.path)
        before = Accumulated(tuple(state.stage.resources), open=state.open, specs=tuple(state.stage.specs.items()))
        state.take(self._apply(reference.path, before, state.route))
        self._within.discard(reference.path)

    def _plugins(self, key: str, state: _State) -> Iterator[Plugin]:
        """The documents of `transformers:` or `generators:`: files, what folders gather, or written there."""
        value = state.body.get(key)
        for item in value.items if isinstance(value, Sequence) else ():
            if isinstance(item, Scalar) and "\n" in item.value:
                yield from state.written_there(item)
        for reference in state.node.references:
            if reference.kind != key or not reference.found or reference.path is None:
                continue
            if reference.is_dir:
                for each in self.of(reference.path).resources:
                    yield Plugin(each.node, each.place, (*state.route, *each.route), reference.path)
            else:
                for document in maps(self._sources.stream(reference.path)):
                    yield Plugin(document, Place(reference.path), state.route, state.node.folder)


class _State:
    """One kustomization being run."""

    def __init__(self, node: Kustomization, body: Mapping, sources: Sources, before: Accumulated, route: Route) -> None:
        self.node = node
        self.body = body
        self.sources = sources
        self.place = Place(node.path)
        self.route = route
        self.stage = Stage(before.resources, dict(before.specs))
        self.open = before.open or any(body.get(key) is not None for key in _OPENING)

    def done(self) -> Accumulated:
        """What came of it."""
        stage = self.stage
        return Accumulated(
            tuple(stage.resources),
            tuple(stage.patches),
            tuple(stage.images),
            tuple(stage.replacements),
            tuple(stage.labels),
            self.open,
            tuple(stage.specs.items()),
        )

    def take(self, done: Accumulated) -> None:
        """Go on with what a component made of the resources."""
        self.stage.resources = list(done.resources)
        self.stage.specs = dict(done.specs)
        self.open = done.open
        self.stage.patches += done.patches
        self.stage.images += done.images
        self.stage.replacements += done.replacements
        self.stage.labels += done.labels

    def written_there(self, item: Scalar) -> Iterator[Plugin]:
        """A transformer or generator that stands in the kustomization itself."""
        place = inline(self.node.path, item, self.node.stream.text if self.node.stream is not None else "")
        try:
            documents = parse_text(item.value, self.node.path).documents
        except SyntaxProblem:
            return
        for document in documents:
            if isinstance(document, Mapping):
                yield Plugin(document, place, self.route, self.node.folder, item.value)

    def configure(self) -> None:
        """Read `configurations:`."""
        for reference in self.node.references:
            if reference.kind == "configurations" and reference.path:
                for document in maps(self.sources.stream(reference.path)):
                    found: Specs = fieldspecs.configured(document)
                    self.stage.specs = fieldspecs.joined(self.stage.specs, found)

    def _entries(self, key: str) -> list[Mapping]:
        value = self.body.get(key)
        return [i for i in value.items if isinstance(i, Mapping)] if isinstance(value, Sequence) else []

    def generate(self, by_file: Iterator[Plugin]) -> None:
        """Run configMapGenerator, secretGenerator, and generators by file."""
        options = self.body.get("generatorOptions")
        for key, kind in KINDS.items():
            for entry in self._entries(key):
                made = Generator(kind, entry, self.place, self.node.folder, self.route, options)
                self.stage.generate(made, self.sources)
        for plugin in by_file:
            plugins.generate(plugin, self.stage, self.sources)

    def transform(self, by_file: Iterator[Plugin]) -> None:
        """The transformers, in kustomize's order."""
        stage, place, route = self.stage, self.place, self.route
        for patch in patches.read(self.node, self.sources, patches.FIRST):
            stage.patch(patch, route)
        value = self.body.get("namespace")
        if isinstance(value, Scalar) and value.value:
            stage.namespace(layers.Namespaced(value, place, route, stage.known("namespace")))
        for key in ("namePrefix", "nameSuffix"):
            value = self.body.get(key)
            if isinstance(value, Scalar) and value.value:
                stage.rename(layers.Renamed(value, place, route, stage.known(key), key == "nameSuffix"))
        found = ((pairs, specs) for pairs, specs in self._labels() if isinstance(pairs, Mapping) and pairs.items)
        stage.label([layers.Labelled(pairs, place, route, specs) for pairs, specs in found])
        for patch in patches.read(self.node, self.sources, patches.LAST):
            stage.patch(patch, route)
        for entry in self._entries("replicas"):
            plugins.count(entry, place, route, stage, stage.known("replicas"))
        for entry in self._entries("images"):
            stage.image(layers.Imaged(entry, place, route, stage.known("images")))
        plugins.replace_values(self.body, self.node.folder, place, route, stage, self.sources)
        for plugin in by_file:
            plugins.transform(plugin, stage, self.sources)

    def _labels(self) -> Iterator[tuple[Value | None, tuple[FieldSpec, ...]]]:
        known = self.stage.known
        for entry in self._entries("labels"):
            specs = (*fieldspecs.read(entry.get("fields")), *known("labels"))
            if text_of(entry, "includeSelectors") == "true":
                specs = (*specs, *known("commonLabels"))
            elif text_of(entry, "includeTemplates") == "true":
                specs = (*specs, *known("templateLabels"), METADATA_LABELS)
            else:
                specs = (*specs, METADATA_LABELS)
            yield entry.get("pairs"), specs
        yield self.body.get("commonLabels"), known("commonLabels")
        yield self.body.get("commonAnnotations"), known("commonAnnotations")


__all__ = ["Accumulated", "Accumulator", "Resource", "Use", "matches"]
