"""An `images:` entry that matches no image.

kustomize is silent: a new tag written there never arrives. `fairlead check --fix` takes the entry out, unless it looks
like a slip of the pen.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged, Shared
from fairlead.checks.entries import removed
from fairlead.checks.images import parse
from fairlead.model.changes import Edit
from fairlead.model.findings import Finding, Severity
from fairlead.repo.names import near_miss

ID = "dead-image"
GROUP = "dead"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n"
    "  - name: web\n    image: example.com/shop/web:1.0\n"
)
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\nimages:\n- name: shop/web\n  newTag: '1.1'\n",
        "overlays/dev/pod.yaml": _POD,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\nimages:\n- name: example.com/shop/web\n"
        "  newTag: '1.1'\n",
        "overlays/dev/pod.yaml": _POD,
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Name the entries that no container's image answers to."""
    for use in judged.shared.uses(judged.folder):
        if use.kind != "images" or use.hits:
            continue
        images = {i for r in judged.shared.accumulator.of(judged.folder).resources for i in r.images}
        names = sorted({parse(image).name for image in images})
        remedy = near_miss(use.what, names) or (
            "images are: " + ", ".join(names[:10]) if names else "there are no images here; remove the entry"
        )
        yield judged.finding(
            ID,
            f"the entry for {use.what!r} matches no image",
            remedy,
            use.where,
            severity=SEVERITY,
        )


def fix(shared: Shared, finding: Finding) -> tuple[Edit, ...]:
    """Take the entry out."""
    return removed(shared, finding, ("images",))
