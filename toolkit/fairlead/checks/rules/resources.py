"""A container without requests for CPU and memory, or without a limit for memory.

Without requests, the scheduler places it blindly, and an autoscaler has nothing to measure by; without a limit, a leak
takes the node down. Init containers that end are left alone, so is a limit for CPU: that is a matter of taste.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.workloads import Container, table
from fairlead.model.findings import Finding, Severity

ID = "resources"
GROUP = "safety"
SEVERITY = Severity.WARNING
SCOPE = OVERLAY
OPTIONAL = True

_CONFIG = "version: 1\nenvironments: {dev: {}}\ncheck: {select: [default, resources]}\n"
_POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: shop/web:1\n"
_KUSTOMIZATION = "resources:\n- pod.yaml\n"
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/pod.yaml": _POD,
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/pod.yaml": _POD
        + "    resources:\n      requests: {cpu: 50m, memory: 64Mi}\n      limits: {memory: 128Mi}\n",
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Look at every container that stays."""
    severity = judged.weighed(Severity.WARNING, Severity.NOTE)
    for pod in judged.pods:
        whole = table(pod.spec.get("resources"))  # of the pod, from 1.34 on
        for container in pod.containers:
            if container.kind == "containers" or container.body.get("restartPolicy") == "Always":
                missing = _missing(container, whole)
                if missing:
                    yield judged.finding(
                        ID,
                        f"container {container.name!r} of {pod.owner.label} has no {' and no '.join(missing)}",
                        "say under `resources` what it needs: requests of cpu and memory, and a limit of memory",
                        judged.origin.of(pod.owner, (*container.path, "resources"), key=True),
                        subject=pod.owner.label,
                        severity=severity,
                    )


def _missing(container: Container, whole: dict[str, object]) -> list[str]:
    own = table(container.body.get("resources"))
    requests, limits = ({**table(whole.get(k)), **table(own.get(k))} for k in ("requests", "limits"))
    out = [f"request of {name}" for name in ("cpu", "memory") if name not in requests and name not in limits]
    return out if "memory" in limits else [*out, "limit of memory"]
