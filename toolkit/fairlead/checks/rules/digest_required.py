"""An image without a digest, where the configuration asks for one.

A tag can be moved, a digest can't: `environments: {production: {images: digest}}` has every container name one. A tag
beside the digest is fine, and tells people which version it is. What is in no environment is asked for one, with a
warning, if all environments ask.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.images import parse
from fairlead.checks.workloads import text
from fairlead.model.findings import Finding, Severity

ID = "digest-required"
GROUP = "safety"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_CONFIG = "version: 1\nenvironments: {dev: {}, production: {images: digest}}\nchains: [[dev, production]]\n"
_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n"
    "  - name: web\n    image: example.com/shop/web\n"
)
_KUSTOMIZATION = "resources:\n- pod.yaml\nimages:\n- name: example.com/shop/web\n"
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/production/kustomization.yaml": _KUSTOMIZATION + "  newTag: 1.4.2\n",
        "overlays/production/pod.yaml": _POD,
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/production/kustomization.yaml": _KUSTOMIZATION
        + "  digest: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
        "overlays/production/pod.yaml": _POD,
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Look at every container of every pod."""
    who = _who_asks(judged)
    if not who:
        return
    for pod in judged.pods:
        for container in pod.containers:
            image = parse(text(container.body.get("image")))
            if image.name and not image.digest:
                yield judged.finding(
                    ID,
                    f"{image} has no digest, and {who} for one",
                    "write the digest: `digest: sha256:...` in the entry of `images:`, or `name:tag@sha256:...`",
                    judged.origin.of(pod.owner, (*container.path, "image")),
                    subject=pod.owner.label,
                    severity=SEVERITY if judged.environment is not None else Severity.WARNING,
                )


def _who_asks(judged: Judged) -> str:
    if judged.environment is not None:
        return f"{judged.environment.name} asks" if judged.environment.images == "digest" else ""
    everywhere = judged.shared.config.environments
    return "all environments ask" if everywhere and all(one.images == "digest" for one in everywhere) else ""
