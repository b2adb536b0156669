"""A number of replicas is written, and a HorizontalPodAutoscaler sets it, too.

Each time the overlay is applied, the number falls back to what is written, until the autoscaler notices: under load
that takes pods away just when they are needed.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.objects import Object
from fairlead.checks.workloads import table, text
from fairlead.model.findings import Finding, Severity

ID = "fixed-replicas"
GROUP = "safety"
SEVERITY = Severity.WARNING
SCOPE = OVERLAY

_DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n%s  selector: {matchLabels: {app: web}}\n"
    "  template:\n    metadata: {labels: {app: web}}\n    spec:\n      containers:\n      - name: web\n"
    "        image: example.com/web:1\n"
)
_SCALER = (
    "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  maxReplicas: 9\n"
    "  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: web\n"
)
_KUSTOMIZATION = "resources:\n- deployment.yaml\n- autoscaler.yaml\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/deployment.yaml": _DEPLOYMENT % "  replicas: 3\n",
        "overlays/dev/autoscaler.yaml": _SCALER,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/deployment.yaml": _DEPLOYMENT % "",
        "overlays/dev/autoscaler.yaml": _SCALER,
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Look for the targets of all autoscalers."""
    scaled = {key: scaler for scaler in judged.objects if (key := _target(scaler)) is not None}
    for rendered in judged.objects if scaled else ():
        scaler = scaled.get((rendered.kind, rendered.namespace, rendered.name))
        count = table(rendered.body.get("spec")).get("replicas")
        if scaler is None or not isinstance(count, int) or count == 0:  # no replicas: it does not scale then
            continue
        yield judged.finding(
            ID,
            f"{rendered.label} has replicas: {count}, and {scaler.label} sets that, too",
            "leave replicas out, also in `replicas:` of the kustomization, and say minReplicas in the autoscaler",
            judged.origin.of(rendered, ("spec", "replicas")),
            subject=rendered.label,
            severity=judged.weighed(Severity.WARNING, Severity.NOTE),
        )


def _target(scaler: Object) -> tuple[str, str, str] | None:
    if (scaler.kind, scaler.group) not in (("HorizontalPodAutoscaler", "autoscaling"), ("ScaledObject", "keda.sh")):
        return None
    target = table(table(scaler.body.get("spec")).get("scaleTargetRef"))
    return text(target.get("kind")) or "Deployment", scaler.namespace, text(target.get("name"))
