"""An API that Kubernetes will remove, or a version that a CustomResourceDefinition calls deprecated.

Told by the version that the environment declares (`kubernetes:`), or that another environment of the chain has, where
that is newer. The remedy names what to write instead, and when the API goes.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.apis import absence, gone, instead
from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.lifecycle import lifecycle, number
from fairlead.checks.objects import Object
from fairlead.model.findings import Finding, Severity

ID = "deprecated-api"
GROUP = "schema"
SEVERITY = Severity.WARNING
SCOPE = OVERLAY

_CONFIG = "version: 1\nenvironments:\n  dev:\n    kubernetes: '1.30'\n"
_KUSTOMIZATION = "resources:\n- schema.yaml\n"
_FLOW = "kind: FlowSchema\nmetadata:\n  name: web\nspec:\n  priorityLevelConfiguration:\n    name: web\n"
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/schema.yaml": "apiVersion: flowcontrol.apiserver.k8s.io/v1beta3\n" + _FLOW,
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/schema.yaml": "apiVersion: flowcontrol.apiserver.k8s.io/v1\n" + _FLOW,
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Look every object's API up."""
    if not judged.schemas.version:
        return
    newest, other = judged.newest_kubernetes
    for rendered in judged.objects:
        words, remedy = _fate(judged, rendered, newest, other)
        if words:
            yield judged.finding(
                ID, f"{rendered.label}: {rendered.api_version} {words}", remedy,
                judged.origin.of(rendered, ("apiVersion",)), subject=rendered.label, severity=SEVERITY,
            )  # fmt: skip


def _fate(judged: Judged, rendered: Object, newest: str, other: str) -> tuple[str, str]:
    """What becomes of an object's API, and what to do; empty where it stays, or is gone already."""
    known = lifecycle(rendered.api_version, rendered.kind)
    if known is not None:
        if number(known.deprecated) > number(newest) or gone(known, newest):
            return "", ""
        early = number(known.deprecated) > number(judged.kubernetes)
        words = f"is deprecated since Kubernetes {known.deprecated}" + (f", and {other} has {newest}" if early else "")
        return words, instead(known) + (f"; {known.removed} removes it" if known.removed else "")
    coverage = judged.schemas.of(rendered)
    version = coverage.version
    if version is None or not version.deprecated or absence(judged, rendered) is not None:
        return "", ""
    return f"is deprecated by {coverage.defined}", version.warning or "write a version that is not deprecated"
