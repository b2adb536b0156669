"""A controller's object sets an image, whatever the overlay says.

`kustomize.images` of an Argo CD Application, or `images` of a Flux Kustomization, wins over the overlay that it points
to. What is promoted into the overlay then changes nothing in the cluster, and what runs there stands in no overlay.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import FLEET, Example
from fairlead.checks.fleet import Fleet
from fairlead.model.findings import Finding, Severity

ID = "overriding-image"
GROUP = "controllers"
SEVERITY = Severity.WARNING
SCOPE = FLEET

_CONFIG = "version: 1\nenvironments: {dev: {}}\n"
_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n"
    "  containers:\n  - name: web\n    image: example.com/web:1.0.0\n"
)
_FLUX = (
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web, namespace: flux-system}\n"
    "spec:\n  interval: 5m\n  prune: true\n  path: ./overlays/dev\n"
    "  sourceRef: {kind: GitRepository, name: flux-system}\n"
)
_OVERLAY = {"overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\n", "overlays/dev/pod.yaml": _POD}
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        **_OVERLAY,
        "clusters/dev/web.yaml": _FLUX + "  images:\n  - name: example.com/web\n    newTag: 0.9.0\n",
    }
)
GOOD = Example({"fairlead.yaml": _CONFIG, **_OVERLAY, "clusters/dev/web.yaml": _FLUX})


def check(fleet: Fleet) -> Iterator[Finding]:
    """Look for the images that controllers set among those of the overlays that they point to."""
    for _, one in fleet.reconcilers:
        for folder in one.paths if one.overrides else ():
            if folder not in fleet.digests:
                continue
            images = fleet.at(folder).images
            for override in one.overrides:
                found = next((image for image in images if image.name == override.name), None)
                if found is not None:
                    other = found.version != override.version
                    yield fleet.finding(
                        ID,
                        folder,
                        f"{one.label} sets {override.name} to {override.version}, whatever the overlay has: "
                        + (f"{found.version} ({found.where})" if other else "the same now, and not after a promotion"),
                        "let the overlay name the version, and take the override out",
                        override.where,
                        severity=SEVERITY if other else Severity.NOTE,
                        subject=one.label,
                    )
