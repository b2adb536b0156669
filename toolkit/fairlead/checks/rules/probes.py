"""A container behind a Service without a readiness probe, or without a liveness or startup probe.

Without a readiness probe, requests reach it before it can answer them; without a liveness probe, it stays when it
hangs. Asked of the pods that a Service of the same overlay selects; Jobs are left alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.selectors import of_service
from fairlead.checks.workloads import Pod, items, table
from fairlead.model.findings import Finding, Severity

ID = "probes"
GROUP = "safety"
SEVERITY = Severity.WARNING
SCOPE = OVERLAY
OPTIONAL = True

_CONFIG = "version: 1\nenvironments: {dev: {}}\ncheck: {select: [default, probes]}\n"
_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels:\n    app: web\nspec:\n  containers:\n"
    "  - name: web\n    image: shop/web:1\n    ports:\n    - containerPort: 8080\n"
)
_PROBES = "    %sProbe:\n      httpGet: {path: /, port: 8080}\n"
_FILES = {
    "fairlead.yaml": _CONFIG,
    "overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\n- service.yaml\n",
    "overlays/dev/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n"
    "  selector: {app: web}\n  ports:\n  - port: 8080\n",
}
BAD = Example({**_FILES, "overlays/dev/pod.yaml": _POD})
GOOD = Example({**_FILES, "overlays/dev/pod.yaml": _POD + _PROBES % "readiness" + _PROBES % "liveness"})
_ENDING = frozenset(("Job", "CronJob"))


def check(judged: Judged) -> Iterator[Finding]:
    """Look at the pods of every Service."""
    told: set[int] = set()
    for service in judged.objects:
        spec = table(service.body.get("spec"))
        if service.kind != "Service" or service.group or not table(spec.get("selector")):
            continue
        for pod in of_service(judged.pods, spec, service.namespace):
            if id(pod) not in told and pod.owner.kind not in _ENDING:
                told.add(id(pod))
                yield from _of_pod(judged, pod, {table(port).get("targetPort") for port in items(spec.get("ports"))})


def _of_pod(judged: Judged, pod: Pod, targets: set[object]) -> Iterator[Finding]:
    containers = [c for c in pod.containers if c.kind == "containers"]
    serving = [c for c in containers if _ports(c.body) & targets] or containers[:1]  # the others are its helpers
    for container in serving:
        alive = "livenessProbe" in container.body or "startupProbe" in container.body
        missing = [] if "readinessProbe" in container.body else ["readiness"]
        missing += [] if alive else ["liveness"]
        if missing:
            yield judged.finding(
                ID,
                f"container {container.name!r} of {pod.owner.label} has no {' and no '.join(missing)} probe",
                f"add `{missing[0]}Probe`: what it can answer when it is ready",
                judged.origin.of(pod.owner, (*container.path, f"{missing[0]}Probe")),
                subject=pod.owner.label,
                severity=judged.weighed(Severity.WARNING, Severity.NOTE),
            )


def _ports(body: dict[str, object]) -> set[object]:
    return {table(port).get(key) for port in items(body.get("ports")) for key in ("name", "containerPort")} - {None}
