"""A Service, PodDisruptionBudget or NetworkPolicy that selects no pod.

It has no effect: nobody is reached, nothing is protected. Often a label was renamed in the workload alone. Where
something else makes pods, too (a controller, a Helm release, a plugin), only near misses are told; overlays without
any pod in that namespace are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.controllers import hides_pods
from fairlead.checks.objects import Object
from fairlead.checks.selectors import selects
from fairlead.checks.workloads import Pod, table
from fairlead.model.findings import Finding, Severity
from fairlead.repo.names import near_miss, slip

ID = "unmatched-selector"
GROUP = "safety"
SEVERITY = Severity.WARNING
SCOPE = OVERLAY

_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels:\n    app: web\nspec:\n  containers:\n"
    "  - name: web\n    image: example.com/web:1\n"
)
_SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector:\n    app: %s\n  ports:\n  - port: 80\n"
)
_KUSTOMIZATION = "resources:\n- pod.yaml\n- service.yaml\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/pod.yaml": _POD,
        "overlays/dev/service.yaml": _SERVICE % "website",
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/pod.yaml": _POD,
        "overlays/dev/service.yaml": _SERVICE % "web",
    }
)
_SELECTORS = {"Service": ("", "selector"), "PodDisruptionBudget": ("policy", "selector"),
              "NetworkPolicy": ("networking.k8s.io", "podSelector")}  # fmt: skip


def check(judged: Judged) -> Iterator[Finding]:
    """Look for the pods of each selector in its own namespace."""
    for rendered in judged.objects:
        group, key = _SELECTORS.get(rendered.kind, ("?", ""))
        if rendered.group != group:
            continue
        written = table(table(rendered.body.get("spec")).get(key))
        plain = rendered.kind == "Service"
        selector = {"matchLabels": written} if plain else written
        if not written or (plain and table(rendered.body.get("spec")).get("type") == "ExternalName"):
            continue
        pods = [pod for pod in judged.pods if pod.owner.namespace == rendered.namespace]
        if not pods or any(selects(selector, pod.labels) for pod in pods):
            continue
        if _is_slip(table(selector.get("matchLabels")), pods) or not _may_hide(judged, rendered.namespace):
            yield _finding(judged, rendered, key, selector, pods)


def _may_hide(judged: Judged, namespace: str) -> bool:
    """Whether there may be pods that are not rendered."""
    made = (name for name in judged.opaque if not name.startswith(("Secret/", "ConfigMap/")))
    return any(made) or hides_pods(judged.objects, namespace)


def _is_slip(pairs: dict[str, Any], pods: list[Pod]) -> bool:
    """Whether all but one of the pairs are a pod's, and that one is so, too, but for a slip."""
    for pod in pods:
        odd = [key for key, value in pairs.items() if pod.labels.get(key) != value]
        if len(odd) == 1 and slip(str(pairs[odd[0]]), [str(pod.labels.get(odd[0], ""))]):
            return True
    return False


def _finding(judged: Judged, rendered: Object, key: str, selector: dict[str, Any], pods: list[Pod]) -> Finding:
    pairs = table(selector.get("matchLabels"))
    odd = [k for k, value in pairs.items() if not any(pod.labels.get(k) == value for pod in pods)]
    path: tuple[str, ...] = ("spec", key)
    remedy = "select labels that its pods have in common"
    if odd:
        path = (*path, odd[0]) if rendered.kind == "Service" else (*path, "matchLabels", odd[0])
        values = sorted({str(pod.labels[odd[0]]) for pod in pods if odd[0] in pod.labels})
        told = f"{odd[0]} is {', '.join(map(repr, values[:4]))} here" if values else f"no pod here has {odd[0]}"
        near = near_miss(str(pairs[odd[0]]), values) or near_miss(odd[0], sorted({k for p in pods for k in p.labels}))
        remedy = f"{remedy}: {told}" + (f"; {near}" if near else "")
    what = ", ".join(f"{k}={v}" for k, v in pairs.items()) or "its expressions"
    return judged.finding(
        ID,
        f"{rendered.label} selects no pod: none has {what}",
        remedy,
        judged.origin.of(rendered, path),
        subject=rendered.label,
        severity=SEVERITY,
    )
