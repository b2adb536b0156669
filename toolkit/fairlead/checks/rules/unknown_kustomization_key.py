"""A key that kustomize doesn't know, in a kustomization."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import REPOSITORY, Example, Shared
from fairlead.checks.kustomization import Unknown
from fairlead.model.findings import Finding, Severity, Where
from fairlead.repo.names import near_miss

ID = "unknown-kustomization-key"
GROUP = "builds"
SEVERITY = Severity.ERROR
SCOPE = REPOSITORY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": "resuorces:\n- service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)


def check(shared: Shared) -> Iterator[Finding]:
    """Look at the keys of every kustomization that is read, at every level."""
    for node in shared.kustomizations:
        for flaw in shared.flaws(node):
            if isinstance(flaw, Unknown):
                known = tuple(flaw.known.fields)
                yield Finding(
                    ID,
                    SEVERITY,
                    f"{flaw.key.value!r} is no key of {flaw.known.what}",
                    near_miss(flaw.key.value, known) or "remove it; known are: " + ", ".join(known),
                    Where(node.path, flaw.key.line, flaw.key.column),
                )
