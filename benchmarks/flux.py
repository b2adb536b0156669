"""What Flux needs besides overlays: a Kustomization object for each, so that Flux's tools render the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = "clusters/all"


def add(root: Path, overlays: Sequence[str]) -> None:
    """Write the objects of one cluster that runs all overlays."""
    add_named(root, {path.replace("/", "-"): path for path in overlays})


def add_named(root: Path, overlays: Mapping[str, str]) -> None:
    """Write the objects of one cluster that runs overlays, each by a name."""
    source = (
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: flux-system\n"
        "  namespace: flux-system\nspec:\n  interval: 1m\n  ref:\n    branch: main\n  url: ssh://git@localhost/fleet\n"
    )
    texts = [source, *(_kustomization(name, path) for name, path in (("flux-system", FOLDER), *overlays.items()))]
    place = root / FOLDER
    place.mkdir(parents=True, exist_ok=True)
    (place / "all.yaml").write_text("---\n".join(texts), encoding="utf-8")


def _kustomization(name: str, path: str) -> str:
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata:\n  name: {name}\n  namespace: flux-system\n"
        f"spec:\n  interval: 10m\n  path: ./{path}\n  prune: true\n"
        "  sourceRef:\n    kind: GitRepository\n    name: flux-system\n"
    )
