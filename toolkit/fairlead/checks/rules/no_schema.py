"""A kind that no schema is known for, so that its fields were not judged.

One note a kind. Custom resources are the usual case; a kind of Kubernetes itself that is gone in the declared
version is another.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.model.findings import Finding, Severity

ID = "no-schema"
GROUP = "schema"
SEVERITY = Severity.NOTE
SCOPE = OVERLAY

_KUSTOMIZATION = "resources:\n- object.yaml\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/object.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: web\n",
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/object.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n",
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Name each kind without a schema, at its first object."""
    seen: set[tuple[str, str]] = set()
    schemas, version = judged.shared.schemas, judged.kubernetes
    for rendered in judged.objects:
        key = (rendered.api_version, rendered.kind)
        if key in seen or not version or schemas.knows(version, rendered):
            continue
        seen.add(key)
        yield judged.finding(
            ID,
            f"no schema for {rendered.kind} ({rendered.api_version}) in Kubernetes {version}: not judged",
            "nothing to do for a custom resource; else check apiVersion and kind",
            judged.origin.of(rendered, ("kind",)),
            severity=SEVERITY,
        )
