"""A version in every place where one stands, carried; and what must never be."""

from __future__ import annotations

import pytest

from tests.promoting import carried, judged, moves

COMMITS = ("a1" * 20, "b2" * 20)
DIGESTS = ("sha256:" + "1" * 64, "sha256:" + "2" * 64)
TAGS = ("1.4.2", "1.5.0")

PLACES = {
    "newTag": ("images:\n- name: web\n  newTag: %s\n", COMMITS),
    "digest": ("images:\n- name: web\n  digest: %s\n", DIGESTS),
    "the tag in newName": ("images:\n- name: web\n  newName: r.io/org/web:%s\n", TAGS),
    "an image in a strategic patch": (
        "kind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, image: w:%s}]}}}\n",
        TAGS,
    ),
    "an image by digest": ("spec:\n  containers:\n  - name: web\n    image: r.io/web@%s\n", DIGESTS),
    "an init container": ("spec:\n  initContainers:\n  - name: a\n    image: web:%s\n", TAGS),
    "an image in an argument": ("args:\n- --sidecar=r.io/org/web:%s\n", TAGS),
    "?ref=": ("resources:\n- https://github.com/o/r//k8s?ref=%s\n", COMMITS),
    "?ref= by ssh": ("resources:\n- git@github.com:o/r.git//k8s?ref=%s&timeout=90s\n", TAGS),
    "helmCharts": ("helmCharts:\n- name: web\n  repo: https://x.io\n  version: %s\n", TAGS),
    "HelmRelease": ("kind: HelmRelease\nmetadata: {name: a}\nspec: {chart: {spec: {chart: a, version: %s}}}\n", TAGS),
    "HelmRelease, quoted": (
        "kind: HelmRelease\nmetadata: {name: a}\nspec:\n  chart:\n    spec:\n      version: '%s'\n",
        TAGS,
    ),
    "OCIRepository tag": ("kind: OCIRepository\nmetadata: {name: a}\nspec: {ref: {tag: %s}}\n", TAGS),
    "OCIRepository digest": ("kind: OCIRepository\nmetadata: {name: a}\nspec: {ref: {digest: %s}}\n", DIGESTS),
    "OCIRepository semver": ("kind: OCIRepository\nmetadata: {name: a}\nspec: {ref: {semver: %s}}\n", TAGS),
    "GitRepository tag": ("kind: GitRepository\nmetadata: {name: a}\nspec: {ref: {tag: v%s}}\n", TAGS),
    "GitRepository commit": ("kind: GitRepository\nmetadata: {name: a}\nspec: {ref: {commit: %s}}\n", COMMITS),
    "GitRepository name": ("kind: GitRepository\nmetadata: {name: a}\nspec: {ref: {name: refs/tags/v%s}}\n", TAGS),
    "Application": ("kind: Application\nmetadata: {name: a}\nspec: {source: {targetRevision: %s}}\n", TAGS),
    "Application of several sources": (
        "kind: Application\nmetadata: {name: a}\nspec: {sources: [{chart: a, targetRevision: %s}, {path: x}]}\n",
        TAGS,
    ),
    "helm parameters": (
        "kind: Application\nspec: {source: {helm: {parameters: [{name: image.tag, value: %s}]}}}\n",
        TAGS,
    ),
    "helm values in a block": (
        "kind: Application\nmetadata: {name: a}\nspec:\n  source:\n    helm:\n      values: |\n        image:\n"
        "          tag: %s\n",
        TAGS,
    ),
    "kustomize.images": (
        "kind: Application\nmetadata: {name: a}\nspec: {source: {kustomize: {images: ['r.io/org/web:%s']}}}\n",
        TAGS,
    ),
    "kustomize.images, short": (
        "kind: Application\nmetadata: {name: a}\nspec: {source: {kustomize: {images: ['web:%s']}}}\n",
        TAGS,
    ),
    "kustomize.images, renamed": (
        "kind: Application\nmetadata: {name: a}\nspec: {source: {kustomize: {images: ['web=r.io/org/web:%s']}}}\n",
        TAGS,
    ),
    "ApplicationSet": (
        "kind: ApplicationSet\nmetadata: {name: a}\nspec: {template: {spec: {source: {targetRevision: %s}}}}\n",
        TAGS,
    ),
    "Chart.yaml": ("apiVersion: v2\nname: web\nversion: 0.1.0\nappVersion: \"%s\"\n", TAGS),
    "dependencies": ("dependencies:\n- name: redis\n  repository: https://x.io\n  version: %s\n", TAGS),
    "values": ("web:\n  image:\n    repository: r.io/web\n    tag: %s\n", TAGS),
    "a generator's literal": ("configMapGenerator:\n- name: a\n  literals:\n  - WEB_VERSION=%s\n", TAGS),
    "a variable of postBuild": ("spec: {postBuild: {substitute: {WEB_TAG: %s}}}\n", TAGS),
    "a JSON patch in a block": (
        "patches:\n- target: {kind: Deployment}\n  patch: |-\n    - op: replace\n"
        "      path: /spec/template/spec/containers/0/image\n      value: r.io/web:%s\n",
        TAGS,
    ),
    "a JSON patch in a file": ("- op: replace\n  path: /spec/chart/spec/version\n  value: %s\n", TAGS),
    "a replacement": ("replacements:\n- source: {kind: A}\n  sourceValue: %s\n  targets: []\n", TAGS),
    "a label": ("labels:\n- pairs:\n    app.kubernetes.io/version: %s\n", TAGS),
}  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_version_is_carried(place):
    file, (old, new) = PLACES[place]
    assert carried(file % new, file % old) == file % new


@pytest.mark.parametrize("place", PLACES)
def test_nothing_else_changes_whatever_the_text_is_like(place):
    file, (old, new) = PLACES[place]
    for dress in (lambda t: t.replace("\n", "\r\n"), lambda t: "\ufeff" + t, lambda t: t + "\n\n# end\n",
                  lambda t: "# ä → ü 🚢\n" + t):  # fmt: skip
        assert carried(dress(file % new), dress(file % old)) == dress(file % new)


@pytest.mark.parametrize(
    ("source", "target", "verdict"),
    [
        ("spec: {path: ./apps/staging}\n", "spec: {path: ./apps/production}\n", "keep"),
        ("kind: Kustomization\nmetadata: {name: a}\nspec: {path: ./v2}\n",
         "kind: Kustomization\nmetadata: {name: a}\nspec: {path: ./v1}\n", "offer"),
        ("spec: {chart: {spec: {version: '>=1.5'}}}\n", "spec: {chart: {spec: {version: '>=1.4'}}}\n", "offer"),
        ("engineVersion: 16.2\n", "engineVersion: 15.4\n", "offer"),
        ("kind: Kafka\nmetadata: {name: a}\nspec: {version: 3.8.0}\n",
         "kind: Kafka\nmetadata: {name: a}\nspec: {version: 3.7.0}\n", "offer"),
        ("kind: Secret\nmetadata: {name: a}\nstringData: {tag: b2c}\n",
         "kind: Secret\nmetadata: {name: a}\nstringData: {tag: a1b}\n", "keep"),
        ("kind: SealedSecret\nmetadata: {name: a}\nspec: {version: 1.5.0}\n",
         "kind: SealedSecret\nmetadata: {name: a}\nspec: {version: 1.4.2}\n", "keep"),
        ("tag: b2c\nsops: {version: 3.9.0}\n", "tag: a1b\nsops: {version: 3.9.0}\n", "keep"),
    ],
)  # fmt: skip
def test_what_is_not_carried_by_default(source, target, verdict):
    assert judged(source, target)[2] == verdict


@pytest.mark.parametrize(
    "target",
    [
        "a: &a {tag: a1b}\nb: *a\n",
        "a: &a {tag: a1b}\nb: {<<: *a, x: 1}\n",
        "tag: a1b\ntag: a1b\n",
        "x:\n  tag: a1b\nx:\n  tag: a1b\n",
    ],
)
def test_what_stands_for_two_places_is_never_edited(target):
    found = moves(target.replace("a1b", "b2c"), target)
    assert found
    assert not any(move.changes for move in found)


def test_two_documents_of_one_identity_are_told_apart_by_their_order():
    text = "kind: A\nmetadata: {name: a}\ntag: %s\n---\nkind: A\nmetadata: {name: a}\ntag: %s\n"
    assert carried(text % ("b2c", "d4e"), text % ("a1b", "c3d")) == text % ("b2c", "d4e")


def test_tabs_between_values_and_comments_stay():
    assert carried("tag: b2c\t# x\n", "tag: a1b\t# x\n") == "tag: b2c\t# x\n"
