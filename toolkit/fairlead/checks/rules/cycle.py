"""Kustomizations that refer to each other in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import REPOSITORY, Example, Shared
from fairlead.model.findings import Finding, Severity, Where

ID = "cycle"
SEVERITY = Severity.ERROR
SCOPE = REPOSITORY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example(
    {
        "base/kustomization.yaml": "resources:\n- ../overlays/dev\n",
        "overlays/dev/kustomization.yaml": "resources:\n- ../../base\n",
    }
)
GOOD = Example(
    {
        "base/kustomization.yaml": "resources:\n- service.yaml\n",
        "base/service.yaml": _SERVICE,
        "overlays/dev/kustomization.yaml": "resources:\n- ../../base\n",
    }
)


def check(shared: Shared) -> Iterator[Finding]:
    """Name each circle once, at the reference that closes it."""
    seen: set[frozenset[str]] = set()
    for folder in shared.folders:
        trail = shared.graph.closure(folder).cycle
        circle = trail[trail.index(trail[-1]) :] if trail else ()
        if not circle or frozenset(circle) in seen:
            continue
        seen.add(frozenset(circle))
        way = " -> ".join(name or "." for name in circle)
        where = _closing(shared, circle[-2], circle[-1])
        yield Finding(ID, SEVERITY, f"the kustomizations go in a circle: {way}", "take one reference out", where)


def _closing(shared: Shared, last: str, first: str) -> Where:
    node = shared.graph.kustomization(last)
    for reference in node.references if node is not None else ():
        if reference.path == first:
            return reference.where
    return Where(node.path if node is not None else last)
