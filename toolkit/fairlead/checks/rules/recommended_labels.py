"""A workload or Service without the label app.kubernetes.io/name.

It is the first of Kubernetes'
[recommended labels](https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/), which tools
and people tell applications by.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.workloads import table
from fairlead.model.findings import Finding, Severity

ID = "recommended-labels"
GROUP = "safety"
SEVERITY = Severity.NOTE
SCOPE = OVERLAY
OPTIONAL = True

_CONFIG = "version: 1\nenvironments: {dev: {}}\ncheck: {select: [default, recommended-labels]}\n"
_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE + "  labels:\n    app.kubernetes.io/name: web\n",
    }
)
_NAME = "app.kubernetes.io/name"
_KINDS = frozenset(("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service"))


def check(judged: Judged) -> Iterator[Finding]:
    """Look at workloads and Services."""
    for rendered in judged.objects:
        meta = table(rendered.body.get("metadata"))
        if rendered.kind in _KINDS and "." not in rendered.group and not table(meta.get("labels")).get(_NAME):
            yield judged.finding(
                ID,
                f"{rendered.label} has no label {_NAME}",
                f"add it: `labels: [{{pairs: {{{_NAME}: ...}}}}]` in the kustomization",
                judged.origin.of(rendered, ("metadata", "labels")),
                subject=rendered.label,
                severity=SEVERITY,
            )
