"""Files that no kustomization reads: which of them were meant."""

from __future__ import annotations

import pytest

from tests.judging import findings

_FLUX = (
    "apiVersion: %s\nkind: %s\nmetadata: {name: %s}\nspec:\n  interval: 5m\n  path: ./apps\n"
    "  sourceRef: {kind: GitRepository, name: flux-system}\n"
)


@pytest.mark.parametrize(
    ("api", "kind"),
    [
        ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"),
        ("helm.toolkit.fluxcd.io/v2", "HelmRelease"),
        ("argoproj.io/v1alpha1", "Application"),
    ],
)
def test_what_tells_a_controller_is_meant_where_its_like_is_listed_beside_it(api: str, kind: str) -> None:
    files = {
        "clusters/dev/kustomization.yaml": "resources: [one.yaml]\n",
        "clusters/dev/one.yaml": _FLUX % (api, kind, "one"),
        "clusters/dev/two.yaml": _FLUX % (api, kind, "two"),
    }
    assert [f.where.path for f in findings(files, "unread-file")] == ["clusters/dev/two.yaml"]


def test_what_tells_a_controller_and_is_alone_there_may_be_applied_by_hand() -> None:
    files = {
        "clusters/dev/kustomization.yaml": "resources: [map.yaml]\n",
        "clusters/dev/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
        "clusters/dev/two.yaml": _FLUX % ("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "two"),
        "clusters/dev/flux-system/three.yaml": _FLUX % ("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "three"),
    }
    assert findings(files, "unread-file") == []
