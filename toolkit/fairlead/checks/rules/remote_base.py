"""A resource that is fetched from elsewhere.

fairlead builds offline: what a URL answers today, it need not answer tomorrow, and a build that fetches lets
whoever answers decide what is deployed. Copy what is needed into the repository, at a version.

Or allow the repository in `build: {remote: [...]}` of fairlead.yaml, and name a full commit id in `?ref=` (a tag only
where the configuration says `tags: true`, a branch never). It is then fetched once into the cache, and built offline
from there; this rule is silent, unless it can't be fetched.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.model.findings import Finding, Severity
from fairlead.model.rendering import RenderFailed
from fairlead.repo.remotes import denied

ID = "remote-base"
GROUP = "safety"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example({"overlays/dev/kustomization.yaml": "resources:\n- github.com/example/web//deploy?ref=v1.2.0\n"})
GOOD = Example(
    {"overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n", "overlays/dev/service.yaml": _SERVICE}
)


def check(judged: Judged) -> Iterator[Finding]:
    """Name each reference that may not be fetched, and the one that could not be."""
    silent = True
    for _, reference in judged.closure.remote:
        denial = denied(reference.written, judged.shared.config.build.of(judged.folder))
        if denial is not None:
            silent = False
            yield judged.finding(ID, denial.message, denial.remedy, reference.where, severity=SEVERITY)
    result = judged.result
    if silent and isinstance(result, RenderFailed) and result.code == "remote":
        yield judged.finding(
            ID,
            result.message,
            "see that the repository can be reached from here (git ls-remote), and check again: it is fetched once",
            result.at or judged.entry,
            severity=SEVERITY,
        )
