"""A PodDisruptionBudget that lets no pod go.

A node can then not be drained: upgrades of the cluster wait for ever, or end it by force. It blocks where
`maxUnavailable` is 0, or where `minAvailable` is as many pods as there are, rounded up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import ceil

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.objects import Json, Object
from fairlead.checks.selectors import chosen
from fairlead.checks.workloads import Pod, table, text
from fairlead.model.findings import Finding, Severity

ID = "blocked-eviction"
GROUP = "safety"
SEVERITY = Severity.WARNING
SCOPE = OVERLAY

_DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
    "      containers:\n      - name: web\n        image: example.com/web:1\n"
)
_BUDGET = (
    "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: web\nspec:\n  minAvailable: %d\n"
    "  selector: {matchLabels: {app: web}}\n"
)
_KUSTOMIZATION = "resources:\n- deployment.yaml\n- budget.yaml\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/deployment.yaml": _DEPLOYMENT,
        "overlays/dev/budget.yaml": _BUDGET % 3,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/deployment.yaml": _DEPLOYMENT,
        "overlays/dev/budget.yaml": _BUDGET % 2,
    }
)
_COUNTED = frozenset(("Deployment", "StatefulSet", "ReplicaSet", "Rollout"))
_PERCENT = re.compile(r"([0-9]+)%")


def check(judged: Judged) -> Iterator[Finding]:
    """Count the pods of each budget."""
    for rendered in judged.objects:
        if rendered.kind != "PodDisruptionBudget" or rendered.group != "policy":
            continue
        spec = table(rendered.body.get("spec"))
        key, why = _blocks(judged, rendered, spec)
        if key:
            yield judged.finding(
                ID,
                f"{rendered.label} lets no pod go: {why}",
                "let one go at least: `maxUnavailable: 1`, or more replicas than minAvailable",
                judged.origin.of(rendered, ("spec", key)),
                subject=rendered.label,
                severity=judged.weighed(Severity.WARNING, Severity.NOTE),
            )


def _blocks(judged: Judged, rendered: Object, spec: dict[str, Json]) -> tuple[str, str]:
    most, least = spec.get("maxUnavailable"), spec.get("minAvailable")
    if most in (0, "0%", "0") and most is not False:
        return "maxUnavailable", f"maxUnavailable is {most}"
    if least == "100%":
        return "minAvailable", "minAvailable is 100%"
    if least is None:
        return "", ""
    pods = tuple(chosen(judged.pods, table(spec.get("selector")), rendered.namespace))
    count = _count(judged, pods)
    needed = _needed(least, count)
    if count and needed >= count:
        return "minAvailable", f"minAvailable is {least}, and there are {count} replicas" if count > 1 else (
            f"minAvailable is {least}, and there is one replica"
        )
    return "", ""


def _needed(least: Json, count: int) -> int:
    if isinstance(least, int):
        return least
    percent = _PERCENT.fullmatch(text(least))
    return ceil(count * int(percent[1]) / 100) if percent else 0


def _count(judged: Judged, pods: tuple[Pod, ...]) -> int:
    """How many pods there may be at most; 0 where that can't be told."""
    total = 0
    for pod in pods:
        count = table(pod.owner.body.get("spec")).get("replicas", 1)
        if pod.owner.kind not in _COUNTED or not isinstance(count, int):
            return 0
        total += max([count, *_scaled(judged, pod.owner)])
    return total


def _scaled(judged: Judged, owner: Object) -> Iterator[int]:
    for rendered in judged.objects:
        spec = table(rendered.body.get("spec"))
        target = table(spec.get("scaleTargetRef"))
        if target and text(target.get("name")) == owner.name and rendered.namespace == owner.namespace:
            most = spec.get("maxReplicas", spec.get("maxReplicaCount", 100))
            yield most if isinstance(most, int) else 100
