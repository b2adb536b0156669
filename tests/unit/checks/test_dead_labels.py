"""Labels and annotations that change nothing: told at the pair, and only where it renders the same without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.model.rendering import Rendered, Trial
from fairlead.model.snapshot import MemorySnapshot
from fairlead.steps.rendering import renderer
from fairlead.steps.world import Run
from tests.judging import findings

_WORK = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n"
    "  labels: {app: web, tier: front, stage: one}\nspec:\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
    "      containers:\n      - name: web\n        image: example.com/web:1.0.0\n"
)
_SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  labels: {app: web, tier: front}\nspec:\n"
    "  selector: {app: web}\n  ports: [{port: 80}]\n"
)
_PLAIN = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  labels: {app: web, tier: front, seven: 7}\n"
_BASE = "resources:\n- work.yaml\n- service.yaml\n"
_OVERLAY = "resources:\n- ../../base\n"
_AT = "overlays/dev/kustomization.yaml"


def _files(overlay: str, base: str = _BASE, **more: str) -> dict[str, str]:
    return {
        "base/kustomization.yaml": base,
        "base/work.yaml": _WORK,
        "base/service.yaml": _SERVICE,
        _AT: overlay,
        **more,
    }


def _told(files: dict[str, str]) -> list[str]:
    return [f"{f.where} {f.message.rpartition('(')[2]}" for f in findings(files, "dead-label")]


def _renders_alike(one: dict[str, str], other: dict[str, str]) -> bool:
    engine = renderer(Run(Path(), jobs=1))
    texts = []
    for files in (one, other):
        (result,) = engine.render((Trial(MemorySnapshot.of(files), "overlays/dev"),))
        assert isinstance(result, Rendered), result
        texts.append(result.text)
    return texts[0] == texts[1]


_METADATA = "- pairs:\n    app: web\n"


@pytest.mark.parametrize(
    ("added", "line"),
    [
        pytest.param(f"labels:\n{_METADATA}", 5, id="labels that are written"),
        pytest.param("labels:\n- includeSelectors: true\n  pairs:\n    app: web\n", 6, id="selectors, too"),
        pytest.param("labels:\n- includeTemplates: true\n  pairs:\n    app: web\n", 6, id="templates, too"),
        pytest.param("commonLabels:\n  app: web\n", 4, id="commonLabels"),
    ],
)
def test_what_every_object_has_already_is_told_at_the_pair(added: str, line: int) -> None:
    files = _files(_OVERLAY + added)
    assert _told(files) == [f"{_AT}:{line}:{5 if 'pairs' in added else 3} app: web)"]
    assert _renders_alike(files, _files(_OVERLAY))


@pytest.mark.parametrize(
    "added",
    [
        pytest.param("labels:\n- pairs: {tier: front}\n  includeTemplates: true\n", id="the template lacks it"),
        pytest.param("commonLabels: {tier: front}\n", id="the selector lacks it"),
        pytest.param("labels:\n- pairs: {stage: one}\n", id="one of two objects has it"),
        pytest.param("labels:\n- pairs: {app: shop}\n", id="with another value"),
        pytest.param("commonAnnotations: {app: web}\n", id="an annotation of that name"),
        pytest.param("labels:\n- pairs: {app: web}\n  fields:\n  - path: spec/more\n    create: true\n",
                     id="a field of one's own"),
    ],
)  # fmt: skip
def test_what_changes_one_field_of_one_object_is_not_told(added: str) -> None:
    files = _files(_OVERLAY + added)
    assert _told(files) == []
    assert not _renders_alike(files, _files(_OVERLAY + added.partition("labels:")[0].partition("common")[0]))


@pytest.mark.parametrize(
    ("base", "overlay"),
    [
        pytest.param("labels:\n- pairs: {team: shop}\n", "labels:\n- pairs: {team: shop}\n", id="labels of the base"),
        pytest.param("commonLabels: {team: shop}\n", "commonLabels: {team: shop}\n", id="commonLabels of the base"),
        pytest.param("commonAnnotations: {a: b}\n", "commonAnnotations: {a: b}\n", id="commonAnnotations of the base"),
        pytest.param(
            "patches:\n- target: {name: web}\n  patch: |-\n    - {op: add, path: /metadata/labels/team, value: shop}\n",
            "labels:\n- pairs: {team: shop}\n",
            id="a JSON patch of the base",
        ),
    ],
)
def test_what_the_base_brings_is_known(base: str, overlay: str) -> None:
    files = _files(_OVERLAY + overlay, _BASE + base)
    (only,) = _told(files)
    assert only.startswith(_AT)
    assert _renders_alike(files, _files(_OVERLAY, _BASE + base))


def test_of_two_entries_of_a_kustomization_the_one_that_does_less_is_told() -> None:
    files = _files(_OVERLAY + "commonLabels:\n  team: shop\nlabels:\n- pairs:\n    team: shop\n")
    assert _told(files) == [f"{_AT}:7:5 team: shop)"]
    assert _renders_alike(files, _files(_OVERLAY + "commonLabels:\n  team: shop\n"))


def test_of_two_entries_that_do_the_same_the_later_is_told() -> None:
    files = _files(_OVERLAY + "labels:\n- pairs:\n    team: shop\n- pairs:\n    team: shop\n")
    assert _told(files) == [f"{_AT}:7:5 team: shop)"]


def test_entries_that_contradict_each_other_are_left_alone() -> None:
    labels = "labels:\n- pairs: {app: web}\n- pairs: {app: shop}\n- pairs: {app: web}\n"
    assert _told(_files(_OVERLAY + labels.replace("- pairs: {app: web}\n", "", 1))) == []


def test_of_two_pairs_the_one_that_does_something_is_not_told() -> None:
    files = _files(f"{_OVERLAY}commonLabels:\n  team: shop\n  app: web\n")
    assert _told(files) == [f"{_AT}:5:3 app: web)"]


@pytest.mark.parametrize(
    ("plain", "told"),
    [("2.8.2", True), ("v1", True), ("1.10", False), ("7", False), ("0x1f", False), ("on", False), ("1e3", False)],
)
def test_what_yaml_takes_for_text_is_told(plain: str, *, told: bool) -> None:
    files = _files(
        f"resources:\n- plain.yaml\nlabels:\n- pairs: {{seven: '{plain}'}}\n",
        **{"overlays/dev/plain.yaml": _PLAIN.replace("seven: 7", f"seven: {plain}")},
    )
    assert bool(_told(files)) is told


def test_a_number_is_made_text_by_it() -> None:
    files = _files("resources:\n- plain.yaml\nlabels:\n- pairs: {seven: '7'}\n", **{"overlays/dev/plain.yaml": _PLAIN})
    assert _told(files) == []
    assert not _renders_alike(files, {**files, _AT: "resources:\n- plain.yaml\n"})


def test_a_component_that_labels_something_in_another_overlay_is_not_told() -> None:
    component = {
        "parts/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
        "labels:\n- pairs: {app: web}\n",
        "overlays/dev/plain.yaml": _PLAIN,
        "overlays/prod/plain.yaml": _PLAIN.replace("app: web, ", ""),
        "overlays/prod/kustomization.yaml": "resources: [plain.yaml]\ncomponents: [../../parts]\n",
    }
    files = _files("resources: [plain.yaml]\ncomponents: [../../parts]\n", **component)
    assert _told(files) == []
    alone = {path: text for path, text in files.items() if "prod" not in path}
    assert _told(alone) == ["parts/kustomization.yaml:4:11 app: web)"]


def test_where_not_all_objects_are_known_nothing_is_told() -> None:
    (only,) = findings(_files("labels:\n- pairs: {app: web}\nresources:\n- ../../base\n"), "dead-label")
    assert only.where.line == 2
    assert findings(_files("labels:\n- pairs: {app: web}\nresources:\n- ../../base\n- gone.yaml\n"), "dead-label") == []
