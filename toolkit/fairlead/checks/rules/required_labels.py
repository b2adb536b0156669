"""An object without a label that the configuration requires.

`check: {labels: [team, app.kubernetes.io/name]}` has every object carry them, and the pods of every workload, for
whoever counts costs or looks for the people in charge. `labels:` of a kustomization sets them for all at once. Outside
of all environments it is a note: whoever takes that in may add them.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.objects import Json, Object
from fairlead.checks.workloads import Path, table
from fairlead.model.findings import Finding, Severity

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
    if not required:
        return
    found: list[tuple[Object, Path, dict[str, Json]]] = [
        (rendered, (), table(table(rendered.body.get("metadata")).get("labels"))) for rendered in judged.objects
    ]
    found += [(pod.owner, pod.path, pod.labels) for pod in judged.pods if pod.path]
    for owner, path, labels in found:
        missing = [name for name in required if not labels.get(name)]
        if missing:
            yield _finding(judged, owner, path, missing, labels)


def _finding(judged: Judged, owner: Object, path: Path, missing: list[str], labels: dict[str, Json]) -> Finding:
    from difflib import get_close_matches

    made = judged.origin.resource(owner)
    who = f"{owner.kind}/{made.names[0] if made is not None else owner.name}"  # not by the hash of what it holds
    near = get_close_matches(missing[0], sorted(labels), 1, 0.85)
    return judged.finding(
        ID,
        f"{f'the pods of {who} have' if path else f'{who} has'} no label {' and no '.join(missing)}",
        f"did you mean {near[0]!r}?"
        if near
        else f"add it there, or for all: `labels: [{{pairs: {{{missing[0]}: ...}}, includeTemplates: true}}]`",
        judged.origin.of(owner, (*path, "metadata", "labels")),
        subject=owner.label,
        severity=SEVERITY if judged.overlay is not None else Severity.NOTE,
    )
