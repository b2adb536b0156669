"""A tag that moves, where images must be fixed.

`latest`, no tag at all, or a branch's name: what runs tomorrow isn't what was tested today. A digest is
always fine. Images must be fixed in protected environments, and where the configuration says so:
`environments: {staging: {images: fixed}}`; `images: any` lets tags move.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.images import parse
from fairlead.checks.objects import Json
from fairlead.model.findings import Finding, Severity

ID = "mutable-tag"
GROUP = "safety"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_CONFIG = "version: 1\nenvironments: {dev: {}, production: {protected: true}}\nchains: [[dev, production]]\n"
_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n"
    "  - name: web\n    image: example.com/shop/web:latest\n"
)
_KUSTOMIZATION = "resources:\n- pod.yaml\n"
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/production/kustomization.yaml": _KUSTOMIZATION,
        "overlays/production/pod.yaml": _POD,
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/production/kustomization.yaml": _KUSTOMIZATION
        + "images:\n- name: example.com/shop/web\n  newTag: 1.4.2\n",
        "overlays/production/pod.yaml": _POD,
    }
)
MOVING = frozenset(
    ("latest", "main", "master", "dev", "develop", "development", "stable", "edge", "nightly", "staging", "prod",
     "production", "release", "head", "trunk", "snapshot", "canary", "next", "current", "test", "testing", "qa", "uat")
)  # fmt: skip
_LISTS = ("containers", "initContainers", "ephemeralContainers")


def check(judged: Judged) -> Iterator[Finding]:
    """Look at every container of every pod."""
    environment = judged.environment
    if environment is None or environment.images != "fixed":
        return
    why = f"{environment.name} is protected" if environment.protected else f"images are fixed in {environment.name}"
    for rendered in judged.objects:
        if rendered.kind == "CustomResourceDefinition":
            continue
        for path, text in images(rendered.body):
            image = parse(text)
            if image.digest or image.tag.lower() not in MOVING | {""}:
                continue
            what = f"the tag {image.tag!r} of {image.name}" if image.tag else f"{image.name} without a tag"
            yield judged.finding(
                ID,
                f"{what} is not one version, and {why}",
                "name a version that doesn't move, or a digest",
                judged.origin.of(rendered, path),
                subject=rendered.label,
                severity=SEVERITY,
            )


def images(body: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every container's image and the way to it, at any depth."""
    if isinstance(body, list):
        for index, item in enumerate(body):
            yield from images(item, (*path, index))
    elif isinstance(body, dict):
        for key, value in body.items():
            if key in _LISTS and isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, dict) and isinstance(item.get("image"), str) and item["image"]:
                        yield (*path, key, index, "image"), item["image"]
            elif isinstance(value, dict | list):
                yield from images(value, (*path, key))
