"""A target of `replacements:` that selects nothing.

kustomize is silent there: the value looks as if it were written. (A source that selects nothing stops the build.)
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.model.findings import Finding, Severity
from fairlead.repo.names import near_miss

ID = "dead-replacement"
GROUP = "dead"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_REPLACEMENT = (
    "resources:\n- service.yaml\nreplacements:\n- source: {kind: Service, name: web}\n  targets:\n"
    "  - select:\n      kind: Service\n      name: NAME\n    fieldPaths: [metadata.name]\n"
)
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _REPLACEMENT.replace("NAME", "wbe"),
        "overlays/dev/service.yaml": _SERVICE,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _REPLACEMENT.replace("NAME", "web"),
        "overlays/dev/service.yaml": _SERVICE,
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Name the targets that nothing answers to."""
    for use in judged.shared.uses(judged.folder):
        if use.kind != "replacements" or use.hits:
            continue
        names = sorted({r.name for r in judged.shared.accumulator.of(judged.folder).resources})
        yield judged.finding(
            ID,
            f"this replacement writes nothing: no resource for {use.what}",
            (near_miss(use.name, names) if use.name and use.name not in names else "")
            or "select a resource that is there, or remove the target",
            use.where,
            severity=SEVERITY,
        )
