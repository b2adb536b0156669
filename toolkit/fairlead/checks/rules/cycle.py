"""Kustomizations that refer to each other in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import REPOSITORY, Example, Shared
from fairlead.model.findings import Finding, Severity, Where

ID = "cycle"
GROUP = "builds"
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
    """Tell each circle once, in words that don't depend on where it was entered."""
    known: set[str] = set()
    for folder in shared.folders:
        if not shared.graph.closure(folder).cycle:
            continue
        for member in sorted(shared.graph.closure(folder).folders):
            circle = () if member in known else _circle(shared, member)
            known |= {member, *circle}
            if not circle:
                continue
            way = " -> ".join(name or "." for name in (*circle, circle[0]))
            where = _closing(shared, circle[-1], circle[0])
            yield Finding(ID, SEVERITY, f"the kustomizations go in a circle: {way}", "take one reference out", where)


def _circle(shared: Shared, start: str) -> tuple[str, ...]:
    """The shortest way from a kustomization back to itself; empty where there is none."""
    trails: dict[str, tuple[str, ...]] = {start: (start,)}
    wave = [start]
    while wave:
        reached = []
        for folder in wave:
            for name in _below(shared, folder):
                if name == start:
                    return trails[folder]
                if name not in trails:
                    trails[name] = (*trails[folder], name)
                    reached.append(name)
        wave = reached
    return ()


def _below(shared: Shared, folder: str) -> list[str]:
    node = shared.graph.kustomization(folder)
    return sorted({r.path for r in node.references if r.is_dir and r.path is not None}) if node is not None else []


def _closing(shared: Shared, last: str, first: str) -> Where:
    node = shared.graph.kustomization(last)
    for reference in node.references if node is not None else ():
        if reference.path == first:
            return reference.where
    return Where(node.path if node is not None else last)
