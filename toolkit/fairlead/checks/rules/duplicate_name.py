"""Two entries of a pod have one name.

Of two variables with one name, the later counts, and nobody says so. Two containers, volumes, ports of one name, or
mounts at one path are refused by Kubernetes.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.objects import Json
from fairlead.checks.workloads import Path, items, table
from fairlead.model.findings import Finding, Severity

ID = "duplicate-name"
GROUP = "safety"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n"
    "    image: example.com/web:1\n    env:\n    - name: LEVEL\n      value: info\n    - name: %s\n      value: debug\n"
)
_KUSTOMIZATION = "resources:\n- pod.yaml\n"
BAD = Example({"overlays/dev/kustomization.yaml": _KUSTOMIZATION, "overlays/dev/pod.yaml": _POD % "LEVEL"})
GOOD = Example({"overlays/dev/kustomization.yaml": _KUSTOMIZATION, "overlays/dev/pod.yaml": _POD % "TRACE_LEVEL"})
_IN_CONTAINER = (
    ("env", "name", "variable", Severity.WARNING),
    ("ports", "name", "port", Severity.ERROR),
    ("volumeMounts", "mountPath", "mount at", Severity.ERROR),
)


def check(judged: Judged) -> Iterator[Finding]:
    """Look at all that a pod names."""
    for pod in judged.pods:
        spec: Path = (*pod.path, "spec")
        found = [(*one, "volume", SEVERITY) for one in _twice(pod.spec.get("volumes"), "name", (*spec, "volumes"))]
        seen: set[str] = set()
        for container in pod.containers:
            if container.name and container.name in seen:
                found.append((container.name, (*container.path, "name"), "container", SEVERITY))
            seen.add(container.name)
            for key, name, what, severity in _IN_CONTAINER:
                entries = container.body.get(key)
                if entries:
                    found += [(*one, what, severity) for one in _twice(entries, name, (*container.path, key))]
        for name, path, what, severity in found:
            yield judged.finding(
                ID,
                f"{pod.owner.label} has the {what} {name!r} twice",
                "remove one of the two" + ("; the later one counts" if severity is Severity.WARNING else ""),
                judged.origin.of(pod.owner, path),
                subject=pod.owner.label,
                severity=severity,
            )


def _twice(entries: Json, key: str, path: Path) -> Iterator[tuple[str, Path]]:
    seen: set[str] = set()
    for index, entry in enumerate(items(entries)):
        name = table(entry).get(key)
        if isinstance(name, str) and name:
            if name in seen:
                yield name, (*path, index, key)
            seen.add(name)
