"""Values of charts that kustomize inflates: which entry of `helmCharts:` an object is of, and which of its values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fairlead.checks.accumulate import Accumulator
from fairlead.checks.objects import Object
from fairlead.checks.patches import text_of
from fairlead.checks.places import Place, value_at
from fairlead.checks.sources import Sources
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value
from fairlead.model.findings import Where
from fairlead.model.snapshot import join
from fairlead.repo.graph import Kustomization

_GENERATOR = "HelmChartInflationGenerator"


class _Chart(NamedTuple):
    entry: Mapping
    place: Place
    folder: str
    chain: tuple[str, ...]

    @property
    def names(self) -> set[str]:
        return {text_of(self.entry, key) for key in ("name", "releaseName")} - {""}

    def values(self, sources: Sources) -> Iterator[tuple[str, Scalar, Place]]:
        """The values that it is given: the last part of each one's way, and the scalar."""
        yield from ((name, leaf, self.place) for name, leaf in _leaves(self.entry.get("valuesInline")))
        more = self.entry.get("additionalValuesFiles")
        written = [self.entry.get("valuesFile"), *(more.items if isinstance(more, Sequence) else ())]
        for item in written:
            path = join(self.folder, item.value) if isinstance(item, Scalar) and item.value else None
            stream = sources.stream(path) if path else None
            for document in stream.documents if stream is not None and path else ():
                yield from ((name, leaf, Place(path or "")) for name, leaf in _leaves(document))


class Charts(NamedTuple):
    """The charts of an overlay and of all that it reaches."""

    charts: tuple[_Chart, ...]
    sources: Sources

    @classmethod
    def of(cls, accumulator: Accumulator, overlay: str) -> Charts:
        """Those of an overlay."""
        nodes = accumulator.kustomizations(overlay)
        outermost = nodes[0].path if nodes else ""
        found = [
            _Chart(entry, place, node.folder, tuple(dict.fromkeys((outermost, node.path, place.path))))
            for node in nodes
            for entry, place in _entries(node, accumulator.sources)
        ]
        return cls(tuple(found), accumulator.sources)

    def find(self, rendered: Object, path: tuple[str | int, ...]) -> tuple[Where, tuple[str, ...]] | None:
        """The value that a field has its text from, if just one is called and reads like it; else the chart's entry."""
        chart = self._chart(rendered)
        if chart is None:
            return None
        name = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
        text = str(value_at(rendered.body, path)).lower()
        same = [
            place.of(leaf)
            for called, leaf, place in chart.values(self.sources)
            if called == name and leaf.value.lower() == text
        ]
        where = same[0] if len(set(same)) == 1 else chart.place.of(chart.entry.get("name") or chart.entry)
        return where, tuple(dict.fromkeys((*chart.chain, where.path)))

    def _chart(self, rendered: Object) -> _Chart | None:
        if len(self.charts) == 1:
            return self.charts[0]
        meta = rendered.body.get("metadata")
        labels = meta.get("labels") if isinstance(meta, dict) else None
        told = {
            str(labels.get(key))
            for key in ("app.kubernetes.io/instance", "app.kubernetes.io/name", "release", "chart")
            if isinstance(labels, dict) and key in labels
        }
        meant = [c for c in self.charts if c.names & told]
        near = meant or [c for c in self.charts if any(rendered.name.startswith(n) for n in c.names)]
        return near[0] if len(near) == 1 else None


def _entries(node: Kustomization, sources: Sources) -> Iterator[tuple[Mapping, Place]]:
    found = node.body.get("helmCharts") if node.body is not None else None
    for entry in found.items if isinstance(found, Sequence) else ():
        if isinstance(entry, Mapping):
            yield entry, Place(node.path)
    for reference in node.references:
        stream = sources.stream(reference.path) if reference.kind == "generators" and reference.path else None
        for document in stream.documents if stream is not None and reference.path else ():
            if isinstance(document, Mapping) and text_of(document, "kind") == _GENERATOR:
                yield document, Place(reference.path or "")


def _leaves(value: Value | None, name: str = "") -> Iterator[tuple[str, Scalar]]:
    if isinstance(value, Scalar):
        yield name, value
    elif isinstance(value, Sequence):
        for item in value.items:
            yield from _leaves(item, name)
    elif isinstance(value, Mapping):
        for key, below in value.items:
            yield from _leaves(below, key.value)
