"""A container mounts a volume that its pod lacks.

Kubernetes refuses such a pod. `volumeMounts` and `volumeDevices` name entries of the pod's `volumes`, or of a
StatefulSet's `volumeClaimTemplates`.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.workloads import items, table, text
from fairlead.model.findings import Finding, Severity
from fairlead.repo.names import near_miss

ID = "missing-volume"
GROUP = "safety"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n"
    "    image: example.com/web:1\n    volumeMounts:\n    - name: %s\n      mountPath: /cache\n"
    "  volumes:\n  - name: cache\n    emptyDir: {}\n"
)
_KUSTOMIZATION = "resources:\n- pod.yaml\n"
BAD = Example({"overlays/dev/kustomization.yaml": _KUSTOMIZATION, "overlays/dev/pod.yaml": _POD % "cahce"})
GOOD = Example({"overlays/dev/kustomization.yaml": _KUSTOMIZATION, "overlays/dev/pod.yaml": _POD % "cache"})


def check(judged: Judged) -> Iterator[Finding]:
    """Look for each mount's volume."""
    for pod in judged.pods:
        if "." in pod.owner.group:  # another controller may add volumes
            continue
        volumes = {text(table(v).get("name")) for v in items(pod.spec.get("volumes"))}
        for claim in items(table(pod.owner.body.get("spec")).get("volumeClaimTemplates")):
            volumes.add(text(table(table(claim).get("metadata")).get("name")))
        for container in pod.containers:
            for key in ("volumeMounts", "volumeDevices"):
                for index, mount in enumerate(items(container.body.get(key))):
                    name = text(table(mount).get("name"))
                    if name and name not in volumes:
                        known = sorted(filter(None, volumes))
                        yield judged.finding(
                            ID,
                            f"container {container.name!r} of {pod.owner.label} mounts {name!r}, no volume of its pod",
                            near_miss(name, known) or f"add it to `volumes`; there: {', '.join(known) or 'none'}",
                            judged.origin.of(pod.owner, (*container.path, key, index, "name")),
                            subject=pod.owner.label,
                            severity=SEVERITY,
                        )
