"""A workload whose selector does not mean its own pods.

Kubernetes refuses it: a Deployment, StatefulSet, DaemonSet or ReplicaSet has to select the labels of its template.
Often a label was changed at one of the two places, or `labels:` lacks `includeTemplates`.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.selectors import selects
from fairlead.checks.workloads import Path, table
from fairlead.model.findings import Finding, Severity

ID = "selector-mismatch"
GROUP = "safety"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector:\n    matchLabels:\n"
    "      app: %s\n  template:\n    metadata:\n      labels:\n        app: web\n    spec:\n      containers:\n"
    "      - name: web\n        image: example.com/web:1\n"
)
_KUSTOMIZATION = "resources:\n- deployment.yaml\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/deployment.yaml": _DEPLOYMENT % "wbe",
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/deployment.yaml": _DEPLOYMENT % "web",
    }
)
_KINDS = frozenset(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"))


def check(judged: Judged) -> Iterator[Finding]:
    """Compare each selector with the labels of its template."""
    for pod in judged.pods:
        owner = pod.owner
        if owner.kind not in _KINDS or owner.group != "apps":
            continue
        selector = table(table(owner.body.get("spec")).get("selector"))
        if not selector or selects(selector, pod.labels):
            continue
        path: Path = ("spec", "selector")
        pairs = table(selector.get("matchLabels"))
        key = next((key for key, value in pairs.items() if pod.labels.get(key) != value), None)
        if key is None:
            what, path = "labels that its template lacks", (*path, "matchExpressions")
            remedy = "let both say the same"
        else:
            has = f"has {pod.labels[key]!r}" if key in pod.labels else "lacks it"
            what, path = f"{key}={pairs[key]}, and its template {has}", (*path, "matchLabels", key)
            remedy = f"let both say the same: spec.template.metadata.labels needs {key}: {pairs[key]}"
        yield judged.finding(
            ID,
            f"{owner.label} selects {what}",
            remedy,
            judged.origin.of(owner, path),
            subject=owner.label,
            severity=SEVERITY,
        )
