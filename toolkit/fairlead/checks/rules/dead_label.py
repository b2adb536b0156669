"""A label or annotation that changes nothing.

Each object that `labels`, `commonLabels` or `commonAnnotations` means has it already, with the same value, wherever it
would be written, or gets it by another entry beside it; or there is no object. It looks as if it came from here, and
hides the day on which the base says something else. `fairlead check --fix` takes it out where every overlay renders
the same bytes without it.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged, Shared
from fairlead.checks.entries import unpaired
from fairlead.model.changes import Edit
from fairlead.model.findings import Finding, Severity

ID = "dead-label"
GROUP = "dead"
SEVERITY = Severity.NOTE
SCOPE = OVERLAY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  labels:\n    team: shop\n"
_LABELS = "resources:\n- service.yaml\nlabels:\n- pairs:\n    KEY: shop\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _LABELS.replace("KEY", "team"),
        "overlays/dev/service.yaml": _SERVICE,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _LABELS.replace("KEY", "owner"),
        "overlays/dev/service.yaml": _SERVICE,
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Name the pairs that every object says already, wherever they are used, and those that reach no object."""
    for use in judged.shared.uses(judged.folder):
        if use.kind == "labels" and (use.idle or not use.hits):
            why = "every object has it already" if use.hits else "there is no object that it could be written to"
            message = f"this changes nothing: {why} ({use.what})"
            yield judged.finding(
                ID, message, "take it out, or write what is to be different", use.where, severity=SEVERITY
            )


def fix(shared: Shared, finding: Finding) -> tuple[Edit, ...]:
    """Take the pair out; the whole entry, where it is the only one. A component's may be meant for what is to come."""
    node = shared.graph.kustomization(finding.where.path.rpartition("/")[0])
    if node is not None and node.component:
        return ()
    return unpaired(shared, finding.where)
