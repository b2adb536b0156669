"""Objects for Argo CD and Flux that lie in files which no kustomization reads: they are applied as they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field

from fairlead.checks.objects import Object
from fairlead.checks.parts import Mark, Part
from fairlead.checks.places import Place
from fairlead.checks.reconcilers import MARKS, is_controller
from fairlead.checks.sources import ELSEWHERE, Sources, maps
from fairlead.checks.workloads import Path, table, text
from fairlead.edit.nodes import Mapping
from fairlead.edit.scalars import typed
from fairlead.model.errors import SyntaxProblem
from fairlead.model.findings import Where
from fairlead.model.values import dataclass
from fairlead.repo.layout import KUSTOMIZATION_NAMES


@dataclass(frozen=True)
class Filed:
    """One object as it stands in its file."""

    object: Object
    place: Place
    node: Mapping = field(hash=False, compare=False, repr=False)

    def of(self, path: Path) -> Where:
        """Where a value of it is written; the nearest part around it where it isn't."""
        return Part(self.node, Mark(self.place, -1, ())).near(path).where()


def filed(listed: tuple[str, ...], read: frozenset[str], sources: Sources) -> Iterator[Filed]:
    """The controllers' objects among some files, those left out that kustomizations read."""
    for path in listed:
        if not path.endswith((".yaml", ".yml")) or path in read:
            continue
        if path.rpartition("/")[2] in KUSTOMIZATION_NAMES or ELSEWHERE.search(path):
            continue
        data = sources.data(path)
        if data is None or not any(mark in data for mark in MARKS):
            continue
        for node in maps(sources.stream(path)):
            try:
                body = typed(node, path)
            except SyntaxProblem:
                continue
            rendered = _object(body) if isinstance(body, dict) else None
            if rendered is not None and is_controller(rendered):
                yield Filed(rendered, Place(path), node)


def _object(body: dict[str, object]) -> Object:
    meta = table(body.get("metadata"))
    return Object(
        text(body.get("apiVersion")), text(body.get("kind")), text(meta.get("name")), text(meta.get("namespace")), body
    )
