"""Other programs that write into the repository."""

from __future__ import annotations

import pytest

from fairlead.model.plan import FieldClass, Verdict
from fairlead.promotion import keepers
from fairlead.promotion.views import Keeper
from fairlead.repo.config import Writer
from tests.promoting import FILE, around, moves, the_move

IMAGES = "images:\n- name: ghcr.io/x/web\n  newTag: {}\n- name: nginx\n  newTag: {}\n"
APP = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
  annotations:
    argocd-image-updater.argoproj.io/image-list: web=ghcr.io/x/web:~1.2
    argocd-image-updater.argoproj.io/write-back-method: git:secret:argocd/git
    argocd-image-updater.argoproj.io/write-back-target: TARGET
spec:
  source: {path: apps/web/overlays/production, repoURL: https://example.com/o/r}
"""
UPDATER = """\
apiVersion: argocd-image-updater.argoproj.io/v1alpha1
kind: ImageUpdater
metadata: {name: all}
spec:
  writeBackConfig: {method: git, gitConfig: {writeBackTarget: kustomization}}
  applicationRefs:
  - namePattern: "w*"
    images: [{alias: web, imageName: "ghcr.io/x/web:~1.2"}]
"""


def annotated(text: str) -> list[Keeper]:
    return list(keepers.annotated(keepers.apps(keepers.documents([("app.yaml", text.encode())]))))


def kustomizations(folder: str, images: tuple[str, ...] = ("ghcr.io/x/web",)) -> Keeper:
    files = ("kustomization.yaml", "kustomization.yml", "Kustomization")
    return Keeper("Argo CD Image Updater (web)", tuple(f"{folder}/{f}" for f in files), images=images)


@pytest.mark.parametrize(
    ("target", "folder"),
    [
        ("kustomization", "apps/web/overlays/production"),
        ("kustomization:../staging", "apps/web/overlays/staging"),
        ("kustomization:/clusters/eu", "clusters/eu"),
    ],
)
def test_an_application_whose_images_are_written_into_a_kustomization(target, folder):
    assert annotated(APP.replace("TARGET", f'"{target}"')) == [kustomizations(folder)]


def test_one_whose_images_are_written_into_values():
    text = APP.replace(
        "TARGET", "helmvalues:/charts/web/values.yaml\n    argocd-image-updater.argoproj.io/web.helm.image-tag: app.tag"
    )
    assert annotated(text) == [
        Keeper("Argo CD Image Updater (web)", ("charts/web/values.yaml",), fields=("app.tag",))
    ]  # fmt: skip


@pytest.mark.parametrize("how", ["write-back-method: argocd", "other: x"])
def test_one_that_is_updated_by_the_api_writes_nothing(how):
    assert (
        annotated(APP.replace("write-back-method: git:secret:argocd/git", how).replace("TARGET", "kustomization")) == []
    )


def test_an_image_updater_object_speaks_of_applications_by_name():
    found = list(keepers.documents([("u.yaml", UPDATER.encode()), ("a.yaml", APP.encode()), ("bad.yaml", b"a: [")]))
    assert list(keepers.updaters(found, keepers.apps(found))) == [kustomizations("apps/web/overlays/production")]


def test_flux_writes_marked_values_below_its_path():
    text = b"kind: ImageUpdateAutomation\nmetadata: {name: all}\nspec: {update: {path: ./clusters/eu}}\n"
    assert list(keepers.flux(keepers.documents([("f.yaml", text)]))) == [
        Keeper("ImageUpdateAutomation/all", ("clusters/eu",), marked=True)
    ]  # fmt: skip


def test_only_its_images_are_kept():
    where = around(keepers=lambda path: (kustomizations("apps/web/overlays/production"),) if path == FILE else ())
    web, nginx = moves(IMAGES.format("1.3", "1.3"), IMAGES.format("1.2", "1.2"), where)
    assert (web.carrier, web.field_class, web.verdict, web.reason) == (
        "writers", FieldClass.AUTOMATED, Verdict.OFFER, "Argo CD Image Updater (web) keeps this value",
    )  # fmt: skip
    assert nginx.verdict is Verdict.PROMOTE


@pytest.mark.parametrize(("fields", "verdict"), [((), "offer"), (("*.tag",), "offer"), (("other",), "promote")])
def test_a_configured_writer_keeps_its_files_or_fields(fields, verdict):
    ours, _ = keepers.configured((Writer("renovate", ("apps/*",), fields),))
    assert str(the_move("a: {tag: b2c}\n", "a: {tag: a1b}\n", around(keepers=lambda _: (ours,))).verdict) == verdict


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("docker.io/library/nginx:1.2", "nginx"), ("nginx", "nginx"),
        ("r.io:5000/x/web:1@sha256:ab", "r.io:5000/x/web"),
        ("r.io:5000/x/web", "r.io:5000/x/web"),
    ],
)  # fmt: skip
def test_the_name_of_an_image(reference, name):
    assert keepers.image_name(reference) == name
