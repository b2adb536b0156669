"""A patch that says what its objects say already.

It looks as if an environment differed, and hides the day on which the base changes. What the patch finds is compared
field by field with the files; where something else may write the field, nothing is said. `fairlead check --fix` takes
it out where every overlay renders the same bytes without it.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged, Shared
from fairlead.checks.entries import removed
from fairlead.model.changes import Edit
from fairlead.model.findings import Finding, Severity

ID = "patch-without-effect"
GROUP = "dead"
SEVERITY = Severity.NOTE
SCOPE = OVERLAY

_DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: COUNT\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
    "      containers:\n      - name: web\n        image: example.com/shop/web:1.0\n"
)
_PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 3\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- deployment.yaml\npatches:\n- path: patch.yaml\n",
        "overlays/dev/deployment.yaml": _DEPLOYMENT.replace("COUNT", "3"),
        "overlays/dev/patch.yaml": _PATCH,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- deployment.yaml\npatches:\n- path: patch.yaml\n",
        "overlays/dev/deployment.yaml": _DEPLOYMENT.replace("COUNT", "1"),
        "overlays/dev/patch.yaml": _PATCH,
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Name the patches that every object of theirs agrees with, wherever they are used."""
    for use in judged.shared.uses(judged.folder):
        if use.patch is not None and use.hits and use.idle:
            yield judged.finding(
                ID,
                f"this patch changes nothing: what it finds says so already ({use.what})",
                "take it out, or write what is to be different",
                use.where,
                severity=SEVERITY,
            )


def fix(shared: Shared, finding: Finding) -> tuple[Edit, ...]:
    """Take the patch out of the list."""
    return removed(shared, finding, ("patches", "patchesStrategicMerge", "patchesJson6902"))
