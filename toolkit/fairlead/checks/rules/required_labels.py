"""An object without a label that the configuration requires.

`check: {labels: [team, app.kubernetes.io/name]}` has every object carry them, and the pods of every workload, for
whoever counts costs or looks for the people in charge. `labels:` of a kustomization sets them for all at once.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.objects import Json, Object
from fairlead.checks.workloads import Path, table
from fairlead.model.findings import Finding, Severity
from fairlead.repo.names import near_miss

ID = "required-labels"
GROUP = "safety"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_CONFIG = "version: 1\nenvironments: {dev: {}}\ncheck: {labels: [team]}\n"
_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\nlabels:\n- pairs: {team: shop}\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Look at every object, and at the template of every workload."""
    required = judged.shared.config.check.labels
    if not required or judged.overlay is None:
        return
    found: list[tuple[Object, Path, str, dict[str, Json]]] = [
        (o, (), f"{o.label} has", table(table(o.body.get("metadata")).get("labels"))) for o in judged.objects
    ]
    found += [(p.owner, p.path, f"the pods of {p.owner.label} have", p.labels) for p in judged.pods if p.path]
    for owner, path, who, labels in found:
        missing = [name for name in required if not labels.get(name)]
        if missing:
            near = near_miss(missing[0], sorted(set(labels) - set(required)))
            yield judged.finding(
                ID,
                f"{who} no label {' and no '.join(missing)}",
                near
                or f"add it there, or for all: `labels: [{{pairs: {{{missing[0]}: ...}}, includeTemplates: true}}]`",
                judged.origin.of(owner, (*path, "metadata", "labels")),
                subject=owner.label,
                severity=SEVERITY,
            )
