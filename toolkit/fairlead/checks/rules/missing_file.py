"""A kustomization names a file or folder that isn't there.

kustomize stops at the first of them and tells it in a nested sentence; here each stands with the place of
its name, and the file that may have been meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import REPOSITORY, Example, Shared
from fairlead.model.findings import Finding, Severity
from fairlead.model.snapshot import follow
from fairlead.repo.graph import Reference
from fairlead.repo.names import near_miss

ID = "missing-file"
SEVERITY = Severity.ERROR
SCOPE = REPOSITORY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example(
    {"overlays/dev/kustomization.yaml": "resources:\n- servcie.yaml\n", "overlays/dev/service.yaml": _SERVICE}
)
GOOD = Example(
    {"overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n", "overlays/dev/service.yaml": _SERVICE}
)


def check(shared: Shared) -> Iterator[Finding]:
    """Name every reference that leads nowhere."""
    for node in shared.kustomizations:
        for reference in node.references:
            if reference.remote:
                continue
            if not reference.found or reference.path is None:
                message, remedy = _absent(shared, reference)
            elif reference.is_dir and shared.graph.kustomization(reference.path) is None:
                message = f"the folder {reference.written!r} holds no kustomization"
                remedy = "list its files, or write a kustomization.yaml into it"
            else:
                continue
            yield Finding(ID, SEVERITY, message, remedy, reference.where, chain=(node.path,))


def _absent(shared: Shared, reference: Reference) -> tuple[str, str]:
    written = reference.written
    if reference.path is None or follow(shared.snapshot, reference.path) is None:
        return f"{written!r} leads out of the repository", "keep what is built inside the repository"
    head, _, last = reference.path.rpartition("/")
    depth = len(head) + 1 if head else 0
    beside = {path[depth:].split("/")[0] for path in shared.snapshot.files(head)}
    return f"{written!r} isn't there", near_miss(last, sorted(beside)) or "add it, or take the reference out"
