"""An overlay that kustomize can't build.

Nothing of it can be applied, and no other rule can look at its objects. The message is kustomize's own, in
plain words, at the reference, patch or field that is at fault. Where another rule explains the failure
(a missing file, an unknown key), that rule's finding stands alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.model.findings import Finding, Severity
from fairlead.model.rendering import RenderFailed

ID = "build-failure"
GROUP = "builds"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\nreplicas:\n- name: wbe\n  count: 2\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Explain why the overlay did not build."""
    result = judged.result
    if not isinstance(result, RenderFailed) or result.code == "remote":
        return
    if result.at is not None or result.code == "timeout":
        message, remedy, where = result.message, "mend this place", result.at
    else:
        from fairlead.checks.failures import explain  # many patterns, for what is rare

        resources = judged.shared.accumulator.of(judged.folder).resources
        told = explain(result.message, judged.closure, judged.shared.sources, resources)
        message, remedy, where = told.message, told.remedy, told.where
    yield judged.finding(ID, message, remedy, where or judged.entry, severity=SEVERITY)
