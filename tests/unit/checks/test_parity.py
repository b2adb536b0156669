"""What one environment lacks and its mates have; versions along the chain."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fairlead.model.findings import Severity
from tests.judging import findings

_THREE = "version: 1\nenvironments: {dev: {}, staging: {}, production: {}}\nchains: [[dev, staging, production]]\n"
_TWO = "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"
_WORK = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
    "      containers:\n      - name: web\n        image: example.com/web:1.0.0\n"
)
_ENV = "        env:\n        - {name: PORT, value: '80'}\n"
_SIDE = "      - name: proxy\n        image: example.com/proxy:1.0.0\n        env:\n        - {name: A, value: b}\n"
_CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata: {A: b}\n"


def _files(config: str, overlays: Mapping[str, str]) -> dict[str, str]:
    files = {"fairlead.yaml": config}
    for env, text in overlays.items():
        files[f"overlays/{env}/kustomization.yaml"] = "resources:\n- all.yaml\n"
        files[f"overlays/{env}/all.yaml"] = text
    return files


def _parity(config: str, overlays: Mapping[str, str]) -> list[tuple[str, str, Severity]]:
    return [(str(f.where), f.message, f.severity) for f in findings(_files(config, overlays), "parity")]


@pytest.mark.parametrize("lacking", ["dev", "staging", "production"])
def test_a_variable_that_one_of_three_lacks_is_told_there_with_who_has_it(lacking: str) -> None:
    overlays = {env: _WORK + ("" if env == lacking else _ENV) for env in ("dev", "staging", "production")}
    first, second = (env for env in overlays if env != lacking)
    assert _parity(_THREE, overlays) == [
        (
            f"overlays/{lacking}/all.yaml:11:9",
            f"Deployment/web of {lacking} has no variable 'PORT' in its container web; "
            f"{first} (overlays/{first}/all.yaml:13:9), {second} (overlays/{second}/all.yaml:13:9) have it",
            Severity.NOTE if lacking == "dev" else Severity.WARNING,
        )
    ]


def test_a_container_that_has_other_variables_is_told_at_its_list() -> None:
    two = _ENV + "        - {name: MODE, value: a}\n"
    ((where, _, _),) = _parity(_THREE, {"dev": _WORK + two, "staging": _WORK + _ENV, "production": _WORK + two})
    assert where == "overlays/staging/all.yaml:13:9"


@pytest.mark.parametrize(
    ("path", "what"),
    [("containers/1/env/0", "variable"), ("containers/1/env", "variable"), ("containers/1", "container")],
)
def test_where_a_patch_takes_it_away_the_patch_is_told(path: str, what: str) -> None:
    work = _WORK.replace("      containers:", "      initContainers: [{name: first, image: a:1}]\n      containers:")
    files = _files(_THREE, dict.fromkeys(("dev", "staging", "production"), work + _SIDE))
    files["overlays/staging/kustomization.yaml"] += (
        "patches:\n- target: {kind: Deployment}\n  patch: |-\n    - op: remove\n"
        f"      path: /spec/template/spec/{path}\n"
    )
    (found,) = findings(files, "parity")
    assert (str(found.where), f"no {what}" in found.message) == ("overlays/staging/kustomization.yaml:7:13", True)


def test_a_variable_that_comes_with_the_next_version_is_a_note_at_the_end_of_the_chain() -> None:
    new = (_WORK + _ENV).replace("web:1.0.0", "web:1.1.0")
    ((_, _, severity),) = _parity(_THREE, {"dev": new, "staging": new, "production": _WORK})
    assert severity is Severity.NOTE


def test_in_the_middle_of_the_chain_no_promotion_explains_it() -> None:
    new = (_WORK + _ENV).replace("web:1.0.0", "web:1.1.0")
    ((_, _, severity),) = _parity(_THREE, {"dev": new, "staging": _WORK, "production": new})
    assert severity is Severity.WARNING


def test_what_only_one_of_three_has_is_its_own() -> None:
    assert _parity(_THREE, {"dev": _WORK + _ENV, "staging": _WORK, "production": _WORK}) == []


def test_a_missing_container_is_told_without_its_variables() -> None:
    found = _parity(_THREE, {"dev": _WORK + _SIDE, "staging": _WORK, "production": _WORK + _SIDE})
    assert [(where, message.partition(";")[0]) for where, message, _ in found] == [
        ("overlays/staging/all.yaml:10:7", "Deployment/web of staging has no container 'proxy'")
    ]


def test_a_container_of_another_name_is_not_missing() -> None:
    other = _WORK.replace("name: web\n        image", "name: web-2\n        image")
    assert _parity(_THREE, {"dev": _WORK, "staging": other, "production": _WORK}) == []


def test_a_missing_object_is_told_at_the_overlay() -> None:
    extra = "---\n" + _CONFIG_MAP % "extra"
    ((where, message, _),) = _parity(_THREE, {"dev": _WORK + extra, "staging": _WORK + extra, "production": _WORK})
    assert where == "overlays/production/kustomization.yaml:1:1"
    assert message.startswith("production has no ConfigMap/extra; dev (overlays/dev/all.yaml:14:1), ")


def test_an_environment_that_is_another_thing_altogether_is_left_alone() -> None:
    many = "---\n".join(_CONFIG_MAP % name for name in ("a", "b", "c"))
    assert _parity(_THREE, {"dev": many, "staging": many, "production": _CONFIG_MAP % "a"}) == []


def test_names_with_the_environments_word_are_the_same_name() -> None:
    overlays = {env: _CONFIG_MAP % f"web-{env}" for env in ("dev", "staging", "production")}
    assert _parity(_THREE, overlays) == []
    overlays["staging"] = overlays["staging"].replace("A: b", "")
    assert [message.partition(";")[0] for _, message, _ in _parity(_THREE, overlays)] == [
        "ConfigMap/web-staging of staging has no key 'A'"
    ]


@pytest.mark.parametrize("lacking", ["dev", "production"])
def test_of_two_either_is_told_what_it_lacks_as_a_note(lacking: str) -> None:
    overlays = {env: _WORK + ("" if env == lacking else _ENV) for env in ("dev", "production")}
    ((where, _, severity),) = _parity(_TWO, overlays)
    assert (where, severity) == (f"overlays/{lacking}/all.yaml:11:9", Severity.NOTE)


def test_one_of_an_environments_clusters_that_alone_lacks_something_is_told() -> None:
    overlays = dict.fromkeys(("dev/a", "production/a", "production/b", "production/c"), _WORK + _ENV)
    overlays["production/b"] = _WORK
    config = _TWO + 'layout: ["overlays/{env}/{cluster}"]\n'
    assert _parity(config, overlays) == [
        (
            "overlays/production/b/all.yaml:11:9",
            "Deployment/web of overlays/production/b has no variable 'PORT' in its container web; "
            "all 3 others that have the object have it",
            Severity.NOTE,
        )
    ]
    overlays["production/c"] = _WORK
    assert _parity(config, overlays) == []


def test_of_two_neither_is_told_of_objects_that_the_other_has() -> None:
    extra = "---\n" + _CONFIG_MAP % "extra"
    assert _parity(_TWO, {"dev": _WORK, "production": _WORK + extra}) == []
    assert _parity(_TWO, {"dev": _WORK + extra, "production": _WORK}) == []


def test_an_ephemeral_environment_and_one_that_does_not_build_have_no_voice() -> None:
    config = _TWO.replace("dev: {}", "dev: {}, preview: {ephemeral: true}")
    assert _parity(config, {"dev": _WORK + _ENV, "preview": _WORK, "production": _WORK + _ENV}) == []
    files = _files(_THREE, {"dev": _WORK + _ENV, "staging": _WORK + _ENV, "production": _WORK})
    files["overlays/production/kustomization.yaml"] += "- gone.yaml\n"
    assert findings(files, "parity") == []


def _order(config: str, versions: Mapping[str, str]) -> list[tuple[str, str, Severity]]:
    files = _files(config, {env: _WORK.replace("1.0.0", version) for env, version in versions.items()})
    return [(str(f.where), f.message, f.severity) for f in findings(files, "version-order")]


def test_a_later_environment_that_is_ahead_is_told_at_its_image() -> None:
    assert _order(_THREE, {"dev": "2.0.0", "staging": "1.9.0", "production": "1.10.0"}) == [
        (
            "overlays/production/all.yaml:12:16",
            "example.com/web 1.10.0 is ahead of staging, which has 1.9.0 (overlays/staging/all.yaml:12:16)",
            Severity.WARNING,
        )
    ]


@pytest.mark.parametrize(
    "versions",
    [
        {"dev": "1.1.0", "staging": "1.0.0", "production": "1.0.0"},
        {"dev": "1.1.0", "production": "1.1.0"},
        {"dev": "latest", "staging": "latest", "production": "1.0.0"},
        {"dev": "1.0.0-rc.1", "staging": "1.0.0-rc.1", "production": "1.0.0-rc.1"},
        {"dev": "main-20240101", "staging": "main-20240101", "production": "release-20240301"},
        {"dev": "3f2504e", "staging": "3f2504e", "production": "9c6668c"},
    ],
)
def test_what_is_in_order_or_has_none(versions: dict[str, str]) -> None:
    assert _order(_THREE, versions) == []


def test_a_stage_that_the_app_leaves_out_is_stepped_over() -> None:
    ((where, _, _),) = _order(_THREE, {"dev": "1.0.0", "production": "1.1.0"})
    assert where == "overlays/production/all.yaml:12:16"


def test_of_a_wave_one_that_has_it_is_enough() -> None:
    config = (
        "version: 1\nenvironments: {a: {}, b: {}, production: {}}\nchains: [[[a, b], production]]\n"
        'layout: ["overlays/{env}"]\n'
    )
    assert _order(config, {"a": "1.0.0", "b": "1.1.0", "production": "1.1.0"}) == []
    assert len(_order(config, {"a": "1.0.0", "b": "1.0.0", "production": "1.1.0"})) == 1
