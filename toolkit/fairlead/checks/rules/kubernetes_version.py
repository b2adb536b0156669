"""An environment's Kubernetes version that there are no schemas of, so that the nearest ones judge.

fairlead brings the schemas of several Kubernetes versions. A newer version is judged by the newest of them, an
older one by the oldest: a field that came or went in between is judged wrongly.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import LISTING, Example, Shared
from fairlead.model.findings import Finding, Severity

ID = "kubernetes-version"
GROUP = "schema"
SEVERITY = Severity.NOTE
SCOPE = LISTING

_FILES = {
    "overlays/dev/kustomization.yaml": "resources:\n- account.yaml\n",
    "overlays/dev/account.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n",
}
_CONFIG = "version: 1\nenvironments:\n  dev:\n    kubernetes: "
BAD = Example({"fairlead.yaml": _CONFIG + "'1.99'\n", **_FILES})
GOOD = Example({"fairlead.yaml": _CONFIG + "'1.34'\n", **_FILES})


def check(shared: Shared) -> Iterator[Finding]:
    """Name each environment whose version is not there."""
    if shared.asked is not None and shared.config.path not in shared.asked:
        return
    versions = shared.schemas.versions()
    for environment in shared.config.environments:
        if environment.kubernetes_at is None or environment.kubernetes in versions or not versions:
            continue
        yield Finding(
            ID,
            SEVERITY,
            f"there are no schemas of Kubernetes {environment.kubernetes}: those of "
            f"{shared.schemas.nearest(environment.kubernetes)} judge {environment.name}",
            f"upgrade kubernetes-validate, which brings the schemas; there are {versions[0]} to {versions[-1]}",
            environment.kubernetes_at,
        )
