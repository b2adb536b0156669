"""A resource that is fetched from elsewhere.

fairlead builds offline: what a URL answers today, it need not answer tomorrow, and a build that fetches lets
whoever answers decide what is deployed. Copy what is needed into the repository, at a version.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.model.findings import Finding, Severity

ID = "remote-base"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example({"overlays/dev/kustomization.yaml": "resources:\n- github.com/example/web//deploy?ref=v1.2.0\n"})
GOOD = Example(
    {"overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n", "overlays/dev/service.yaml": _SERVICE}
)


def check(judged: Judged) -> Iterator[Finding]:
    """Name each reference that would be fetched."""
    for _, reference in judged.closure.remote:
        yield judged.finding(
            ID,
            f"{reference.written!r} is fetched from elsewhere, and fairlead builds offline",
            "copy it into the repository and refer to the copy",
            reference.where,
            severity=SEVERITY,
        )
