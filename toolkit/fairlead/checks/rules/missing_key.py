"""A pod takes a key of a ConfigMap or Secret, and the object lacks that key.

The container does not start. Only objects of the same overlay are looked into, and only those that hold anything:
an empty one is filled by somebody else. `optional: true` says that the key may be missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.objects import Object
from fairlead.checks.references import keys
from fairlead.checks.workloads import table
from fairlead.model.findings import Finding, Severity
from fairlead.repo.names import near_miss

ID = "missing-key"
GROUP = "safety"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n"
    "    image: example.com/web:1\n    env:\n    - name: LEVEL\n      valueFrom:\n        configMapKeyRef:\n"
    "          name: settings\n          key: level\n"
)
_KUSTOMIZATION = "resources:\n- pod.yaml\nconfigMapGenerator:\n- name: settings\n  literals: [%s=info]\n"
BAD = Example({"overlays/dev/kustomization.yaml": _KUSTOMIZATION % "levle", "overlays/dev/pod.yaml": _POD})
GOOD = Example({"overlays/dev/kustomization.yaml": _KUSTOMIZATION % "level", "overlays/dev/pod.yaml": _POD})
_DATA = ("data", "binaryData", "stringData")


def check(judged: Judged) -> Iterator[Finding]:
    """Look up each key that a pod names."""
    there: dict[tuple[str, str, str], Object] | None = None
    for pod in judged.pods:
        for kind, name, key, path in keys(pod):
            if there is None:
                there = {(o.kind, o.namespace, o.name): o for o in judged.objects if o.kind in ("ConfigMap", "Secret")}
            held = there.get((kind, pod.owner.namespace, name))
            known = {str(k) for part in _DATA for k in table(held.body.get(part))} if held is not None else set()
            if known and key not in known and not _filled_later(held):
                made = judged.origin.resource(held) if held is not None else None
                yield judged.finding(
                    ID,
                    f"{pod.owner.label} takes the key {key!r} of {kind}/{made.names[0] if made else name}, "
                    "which lacks it",
                    near_miss(key, sorted(known)) or f"it has {', '.join(sorted(known)[:8])}",
                    judged.origin.of(pod.owner, path),
                    subject=pod.owner.label,
                    severity=SEVERITY,
                )


def _filled_later(held: Object | None) -> bool:
    """Whether somebody adds to it: OpenShift's injected bundles, tokens of service accounts."""
    if held is None:
        return True
    meta = table(held.body.get("metadata"))
    notes = {**table(meta.get("annotations")), **table(meta.get("labels"))}
    return any("inject" in key or "reflector" in key for key in notes) or (
        held.body.get("type") == "kubernetes.io/service-account-token"
    )
