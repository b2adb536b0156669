"""An API that the cluster does not serve, so that the object is refused.

An error where the version that the environment declares (`kubernetes:`) has it no more, or not yet, and where the
CustomResourceDefinition in the repository does not serve the version. A warning where another environment of the
chain has a version without it: that is what the next upgrade meets. Where no version is declared, a warning, too,
unless no supported version has the API.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.apis import absence, gone, instead
from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.lifecycle import lifecycle
from fairlead.checks.objects import Object
from fairlead.model.findings import Finding, Severity

ID = "removed-api"
GROUP = "schema"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_CONFIG = "version: 1\nenvironments:\n  dev:\n    kubernetes: '1.30'\n"
_KUSTOMIZATION = "resources:\n- budget.yaml\n"
_BUDGET = (
    "kind: PodDisruptionBudget\nmetadata:\n  name: web\nspec:\n  maxUnavailable: 1\n"
    "  selector:\n    matchLabels:\n      app: web\n"
)
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/budget.yaml": "apiVersion: policy/v1beta1\n" + _BUDGET,
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/budget.yaml": "apiVersion: policy/v1\n" + _BUDGET,
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Ask of each object whether its API is served, here and along the chain."""
    if not judged.schemas.version:
        return
    newest, other = judged.newest_kubernetes
    for rendered in judged.objects:
        found = absence(judged, rendered)
        if found is not None:
            declared = judged.environment is not None and judged.environment.kubernetes_at is not None
            severity = SEVERITY if declared or found.certain else Severity.WARNING
            whose = f"Kubernetes {judged.kubernetes}" + ("" if declared else ", as no other is declared")
            yield _finding(judged, rendered, found.message, f"{found.remedy} ({whose})", severity, found.at)
            continue
        known = lifecycle(rendered.api_version, rendered.kind)
        if known is not None and gone(known, newest):
            words = f"was removed in Kubernetes {known.removed}, and {other} has {newest}"
            yield _finding(judged, rendered, words, instead(known), Severity.WARNING)


def _finding(
    judged: Judged, rendered: Object, words: str, remedy: str, severity: Severity, at: str = "apiVersion"
) -> Finding:
    where = judged.origin.of(rendered, (at,))
    message = f"{rendered.label}: {rendered.api_version} {words}"
    return judged.finding(ID, message, remedy, where, subject=rendered.label, severity=severity)
