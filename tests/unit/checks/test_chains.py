"""Apps and overlays in their chains, and objects that collide."""

from __future__ import annotations

import pytest

from fairlead.model.findings import Severity
from tests.judging import findings, told

_CONFIG = (
    "version: 1\nenvironments:\n  dev: {}\n  staging: {}\n  production: {}\nchains: [[dev, staging, production]]\n"
    'layout: ["apps/{app}/overlays/{env}"]\n'
)
_OVERLAY = "configMapGenerator:\n- name: web\n  literals: [A=b]\n"


def _overlays(*paths: str, config: str = _CONFIG, text: str = _OVERLAY) -> dict[str, str]:
    return {"fairlead.yaml": config, **{f"apps/{path}/kustomization.yaml": text for path in paths}}


_ALL = tuple(f"cart/overlays/{env}" for env in ("dev", "staging", "production"))


def _absent(*envs: str) -> list[tuple[str, Severity]]:
    files = _overlays(*_ALL, *(f"web/overlays/{env}" for env in envs))
    return [(f.message, f.severity) for f in findings(files, "absent-app")]


def test_a_hole_in_a_chain_is_a_warning_its_ends_are_notes() -> None:
    assert _absent("dev", "production") == [
        ("staging lacks the app web, which dev and production have", Severity.WARNING)
    ]
    assert _absent("dev", "staging") == [("production lacks the app web, which dev and staging have", Severity.NOTE)]
    assert _absent("staging", "production") == [
        ("dev lacks the app web, which staging and production have", Severity.NOTE)
    ]


@pytest.mark.parametrize("envs", [("dev",), ("production",), ("dev", "staging", "production")])
def test_an_app_of_one_environment_is_its_own(envs: tuple[str, ...]) -> None:
    assert _absent(*envs) == []


def test_a_stage_that_no_app_has_is_no_hole() -> None:
    assert findings(_overlays("web/overlays/dev", "web/overlays/production"), "absent-app") == []


def test_all_that_is_after_the_end_is_told_at_once() -> None:
    config = (
        "version: 1\nenvironments: {a: {}, b: {}, c: {}, d: {}}\nchains: [[a, b, [c, d]]]\n"
        'layout: ["apps/{app}/overlays/{env}"]\n'
    )
    files = _overlays(*(f"cart/overlays/{e}" for e in "abcd"), "web/overlays/a", "web/overlays/b", config=config)
    (found,) = findings(files, "absent-app")
    assert (found.message, str(found.where)) == (
        "c and d lack the app web, which a and b have",
        "apps/web/overlays/a/kustomization.yaml:1:1",
    )


def test_an_environment_in_no_chain_is_told_once_where_it_is_declared() -> None:
    config = _CONFIG.replace("  production: {}\n", "  production: {}\n  tools: {}\n")
    (found,) = findings(_overlays("cart/overlays/tools", "web/overlays/tools", config=config), "unchained-overlay")
    assert (str(found.where), found.severity, len(found.overlays)) == ("fairlead.yaml:6:3", Severity.NOTE, 2)


@pytest.mark.parametrize("word", ["stagin", "qa", "staging-2", "prod"])
def test_a_folder_that_looks_like_an_overlay_and_is_none_is_told(word: str) -> None:
    files = _overlays(*_ALL, f"cart/overlays/{word}")
    assert told(files, "unchained-overlay") == [f"apps/cart/overlays/{word}/kustomization.yaml:1:1 unchained-overlay"]


@pytest.mark.parametrize("path", ["cart/overlays/common", "cart/base", "cart/overlays/staging/qa"])
def test_other_folders_are_left_alone(path: str) -> None:
    assert findings(_overlays(*_ALL, path), "unchained-overlay") == []


def test_without_chains_nothing_is_unchained() -> None:
    files = _overlays(*_ALL, "cart/overlays/qa")
    del files["fairlead.yaml"]
    assert findings(files, "unchained-overlay") == []


_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata: {a: b}\n"


def _colliding(files: dict[str, str]) -> list[tuple[str, str, Severity]]:
    return [(str(f.where), f.message, f.severity) for f in findings(files, "colliding-object")]


def test_two_apps_that_take_one_object_from_one_file_are_warned() -> None:
    files = _overlays("a/overlays/dev", "b/overlays/dev", text="namespace: x\nresources: [../../../../base]\n")
    files |= {"base/kustomization.yaml": "resources: [m.yaml]\n", "base/m.yaml": _MAP % "settings"}
    message = "ConfigMap/settings in the namespace x also comes from the app %s of dev (base/m.yaml:1:1)"
    assert _colliding(files) == [("base/m.yaml:1:1", message % app, Severity.WARNING) for app in "ab"]


def test_an_overlay_that_takes_others_in_collides_with_none_of_them() -> None:
    files = _overlays("a/overlays/dev", "b/overlays/dev", text="namespace: x\nresources: [m.yaml]\n")
    files["apps/a/overlays/dev/m.yaml"] = _MAP % "a"
    files["apps/b/overlays/dev/m.yaml"] = _MAP % "b"
    files["apps/all/overlays/dev/kustomization.yaml"] = (
        "resources: [../../../a/overlays/dev, ../../../b/overlays/dev]\n"
    )
    assert _colliding(files) == []


def test_one_app_in_two_places_is_one_warning_for_each() -> None:
    text = "namespace: x\nresources: [m.yaml]\n"
    files = _overlays("east/overlays/dev", "west/overlays/dev", text=text)
    for app in ("east", "west"):
        files[f"apps/{app}/overlays/dev/m.yaml"] = "---\n".join(_MAP % name for name in "abcde")
    found = _colliding(files)
    assert [(where, severity) for where, _, severity in found] == [
        ("apps/east/overlays/dev/kustomization.yaml:1:1", Severity.WARNING),
        ("apps/west/overlays/dev/kustomization.yaml:1:1", Severity.WARNING),
    ]
    assert found[0][1] == "5 objects of east also come from west of dev, most of what both have"


def test_clusters_and_environments_are_different_places() -> None:
    config = _CONFIG.replace("overlays/{env}", "overlays/{env}[/{cluster}]")
    text = "namespace: x\nresources: [m.yaml]\n"
    paths = ("a/overlays/dev/one", "b/overlays/dev/two", "b/overlays/staging/one")
    files = _overlays(*paths, config=config, text=text)
    files |= {f"apps/{path}/m.yaml": _MAP % "m" for path in paths}
    assert _colliding(files) == []


def test_objects_whose_names_the_cluster_makes_do_not_collide() -> None:
    files = _overlays("a/overlays/dev", "b/overlays/dev", text="namespace: x\nresources: [m.yaml]\n")
    job = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  generateName: m-\nspec: {}\n"
    files |= {f"apps/{app}/overlays/dev/m.yaml": job for app in "ab"}
    assert _colliding(files) == []
