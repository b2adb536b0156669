"""A key that stands twice in one YAML map.

In a kustomization and in patches kustomize takes the last one and says nothing; people may read the first. In
resources it stops, without the place.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import REPOSITORY, Example, Shared
from fairlead.model.findings import Finding, Severity, Where

ID = "duplicate-key"
GROUP = "builds"
SEVERITY = Severity.ERROR
SCOPE = REPOSITORY

_KUSTOMIZATION = "resources:\n- config.yaml\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/config.yaml": (
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  LEVEL: info\n  LEVEL: debug\n"
        ),
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  LEVEL: info\n",
    }
)


def check(shared: Shared) -> Iterator[Finding]:
    """Look into every YAML file that is read."""
    for path in shared.yaml_files:
        stream = shared.sources.stream(path)
        for twice in stream.duplicates if stream is not None else ():
            yield Finding(
                ID,
                SEVERITY,
                f"{twice.key!r} stands twice, first at {twice.first.line}:{twice.first.column}",
                "remove one of the two",
                Where(path, twice.second.line, twice.second.column),
            )
