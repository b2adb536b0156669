"""A pod that its Pod Security level forbids.

Where a Namespace enforces a level, the server refuses such pods, and a Deployment stays without any. The level is the
one of the label `pod-security.kubernetes.io/enforce`, if the Namespace is in the same overlay, else the environment's:
`environments: {production: {pod_security: restricted}}`. What is in no environment is judged by the laxest of them, if
all have a level: a warning, for whoever takes it in may mend it. All controls of the
[Pod Security Standards](https://kubernetes.io/docs/concepts/security/pod-security-standards/) are judged, in the
environment's version of Kubernetes, or in that of the label `enforce-version`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.podsecurity import LEVELS, PRIVILEGED, violations
from fairlead.checks.workloads import Pod, table, text
from fairlead.model.findings import Finding, Severity

ID = "pod-security"
GROUP = "safety"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_CONFIG = "version: 1\nenvironments: {dev: {pod_security: baseline}}\n"
_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n%s  containers:\n"
    "  - name: web\n    image: example.com/shop/web:1.4.2\n"
)
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\n",
        "overlays/dev/pod.yaml": _POD % "  hostNetwork: true\n",
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\n",
        "overlays/dev/pod.yaml": _POD % "",
    }
)
_LABEL = "pod-security.kubernetes.io/enforce"
_VERSION = re.compile(r"v1\.([0-9]+)")


def check(judged: Judged) -> Iterator[Finding]:
    """Judge every pod by the level of its namespace."""
    levels = _levels(judged)
    usual = _usual(judged)
    if not usual and not levels:
        return
    minor = int(judged.kubernetes.partition(".")[2] or 0)
    for pod in judged.pods:
        level, version = levels.get(pod.owner.namespace, (usual, 0))
        certain = judged.environment is not None or pod.owner.namespace in levels
        if level in LEVELS[1:]:
            yield from _of_pod(judged, pod, level, version or minor, SEVERITY if certain else Severity.WARNING)


def _usual(judged: Judged) -> str:
    """The level of its environment; outside of all, the one that no environment is below."""
    if judged.environment is not None:
        return judged.environment.pod_security
    found = [env.pod_security for env in judged.shared.config.environments]
    return min(found, key=LEVELS.index) if found and all(level in LEVELS for level in found) else ""


def _levels(judged: Judged) -> dict[str, tuple[str, int]]:
    """What the rendered Namespaces enforce: the level, and the version if they name one."""
    out: dict[str, tuple[str, int]] = {}
    for rendered in judged.objects:
        if rendered.kind == "Namespace" and not rendered.group:
            labels = table(table(rendered.body.get("metadata")).get("labels"))
            level = text(labels.get(_LABEL))
            if level in LEVELS:
                named = _VERSION.fullmatch(text(labels.get(f"{_LABEL}-version")))
                out[rendered.name] = (level, int(named[1]) if named else 0)
    return out


def _of_pod(judged: Judged, pod: Pod, level: str, minor: int, severity: Severity) -> Iterator[Finding]:
    if not minor:
        return
    names = {container.path: container.name for container in pod.containers}
    deep = len(pod.path) + 3
    for violation in violations(pod, level, minor):
        name = names.get(violation.path[:deep], "")
        of = f"container {name!r} of {pod.owner.label}" if name else pod.owner.label
        yield judged.finding(
            ID,
            f"{of}: {violation.what}, which the level {level} forbids",
            f"{violation.remedy}; or give its namespace another level ({PRIVILEGED} forbids nothing)",
            judged.origin.of(pod.owner, violation.path),
            subject=pod.owner.label,
            severity=severity,
        )
