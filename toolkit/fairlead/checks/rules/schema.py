"""An object that Kubernetes would refuse, or a field that it would drop.

Judged by Kubernetes' own schemas, of the version that the environment declares (`kubernetes:`), strictly:
unknown fields are errors, because the server ignores them, and what was meant does not happen.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.model.findings import Finding, Severity

ID = "schema"
GROUP = "schema"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_KUSTOMIZATION = "resources:\n- pod.yaml\n"
_POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/pod.yaml": _POD + "    imagePullPolciy: Always\n    image: example.com/web:1\n",
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/pod.yaml": _POD + "    imagePullPolicy: Always\n    image: example.com/web:1\n",
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Judge every object whose kind has a schema."""
    schemas = judged.shared.schemas
    version = judged.kubernetes
    for rendered in judged.objects:
        for violation in schemas.violations(version, rendered):
            yield judged.finding(
                ID,
                f"{rendered.label}: {violation.message}",
                f"{violation.remedy} (Kubernetes {version})",
                judged.origin.of(rendered, violation.path, key=bool(violation.unknown)),
                subject=rendered.label,
                severity=SEVERITY,
            )
