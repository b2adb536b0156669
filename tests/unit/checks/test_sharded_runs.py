"""The reports of all shards together are the report of one run: rule by rule, and where shards depend on each other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fairlead.checks.context import EXTERNAL
from fairlead.checks.rules import RULES
from fairlead.model.shards import Share
from fairlead.model.snapshot import MemorySnapshot
from fairlead.render.engine import Engine
from fairlead.report.findings import json as findings_json
from fairlead.report.findings.reading import read
from fairlead.report.findings.report import Report
from fairlead.steps import checking, sharding
from fairlead.steps.checking import Outcome
from fairlead.steps.rendering import renderer
from fairlead.steps.sharding import Sharding
from fairlead.steps.world import Run
from fairlead.workflows.report import together


def _data(outcome: Outcome) -> str:
    return json.dumps(
        findings_json.data(
            Report(
                outcome.findings,
                outcome.results,
                outcome.layout,
                outcome.version,
                outcome.notes,
                outcome.cut,
                outcome.ignored,
            )
        ),
        indent=2,
    )


def _judged(engine: Engine, snapshot: MemorySnapshot, wish: Sharding | None, edited: tuple[str, ...] = ()) -> Outcome:
    part = checking.scope(snapshot, "")
    graph = engine.view(snapshot).graph
    chosen = checking.folders(engine.view(snapshot), part, engine)
    mine = sharding.narrowed(wish, graph, part, chosen, None)
    part = replace(part, edited=edited if mine.asked is None else ())  # the first shard's, as files that nobody reads
    outcome = checking.judge(Run(Path()), engine, snapshot, part, mine.folders, mine.asked, whole=chosen)
    return sharding.cut(replace(outcome, notes=part.layout.notes), mine.cut)


def _timeless(text: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(text)
    for overlay in data["overlays"]:
        del overlay["seconds"]
    return data


def _same(files: Mapping[str, str | bytes], edited: tuple[str, ...] = ()) -> dict[str, Any]:
    """Judge in one run and in shards; the report, which is the same for both."""
    snapshot = MemorySnapshot.of(files)
    engine = renderer(Run(Path(), jobs=1))
    whole = _timeless(_data(_judged(engine, snapshot, None, edited)))
    for count in (1, 2, 3, 8):
        wishes = [Sharding(Share(index, count)) for index in range(1, count + 1)]
        reports = [read(_data(_judged(engine, snapshot, wish, edited)).encode(), str(wish.share)) for wish in wishes]
        assert _timeless(_data(together(reports[::-1]))) == whole
    return whole


_OURS = [rule for rule in RULES if rule.SCOPE != EXTERNAL]


@pytest.mark.parametrize("rule", _OURS, ids=[rule.ID for rule in _OURS])
def test_shards_find_of_a_rule_what_one_run_finds(rule: ModuleType) -> None:
    assert rule.ID in {f["rule"] for f in _same(rule.BAD.files, rule.BAD.edited)["findings"]}


_POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: shop/web:1\n"
_CONFIG = "version: 1\nenvironments: {a: {}, b: {}, c: {}, d: {}, e: {}, f: {}}\n"


def _overlays(text: str, names: str = "abcdef") -> dict[str, str]:
    return {f"overlays/{name}/kustomization.yaml": text for name in names}


def test_a_fault_in_a_shared_base_is_told_once_with_the_overlays_of_all_shards() -> None:
    told = _same(
        {
            "base/kustomization.yaml": "resources:\n- pod.yaml\nimages:\n- name: other\n  newTag: '1'\n",
            "base/pod.yaml": _POD.replace("image:", "imgae:"),
            "base/forgotten.yaml": _POD,
            **_overlays("resources:\n- ../../base\n"),
        }
    )
    hit = [f"overlays/{name}" for name in "abcdef"]
    assert {f["rule"]: f["overlays"] for f in told["findings"]} == {
        "schema": hit, "dead-image": hit, "unread-file": []
    }  # fmt: skip


_PATCHING = (
    "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\npatches:\n- target:\n    kind: Pod\n    name: web\n"
    "  patch: |-\n    - op: add\n      path: /metadata/labels\n      value: {tier: front}\n"
)


def test_a_components_patch_that_one_overlay_needs_is_alive_in_every_shard() -> None:
    other = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: other\n"
    files = {
        "part/kustomization.yaml": _PATCHING,
        "other/kustomization.yaml": "resources:\n- object.yaml\n",
        "other/object.yaml": other,
        "pod/kustomization.yaml": "resources:\n- pod.yaml\n",
        "pod/pod.yaml": _POD,
        **_overlays("resources:\n- ../../other\ncomponents:\n- ../../part\n", "abcde"),
    }
    alive = _overlays("resources:\n- ../../pod\ncomponents:\n- ../../part\n", "f")
    assert [f["rule"] for f in _same({**files, **alive})["findings"]] == []
    assert [f["rule"] for f in _same(files)["findings"]] == ["dead-patch"]


def test_an_overlay_beside_the_configuration_keeps_a_components_patch_alive_in_every_shard() -> None:
    files = {
        "fleet/fairlead.yaml": _CONFIG + "layout: ['overlays/{env}']\nchains: [[a, b, c, d, e, f]]\n",
        "part/kustomization.yaml": _PATCHING,
        "pod/kustomization.yaml": "resources:\n- pod.yaml\ncomponents:\n- ../part\n",  # not below the configuration
        "pod/pod.yaml": _POD,
        "fleet/other/kustomization.yaml": "resources:\n- object.yaml\n",
        "fleet/other/object.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: other\n",
        **{f"fleet/{path}": text for path, text in _overlays(
            "resources:\n- ../../other\ncomponents:\n- ../../../part\n", "abcde").items()},
        **{f"fleet/{path}": text for path, text in _overlays("resources:\n- ../../../pod\n", "f").items()},
    }  # fmt: skip
    snapshot = MemorySnapshot.of(files)
    engine = renderer(Run(Path(), jobs=1))
    part = checking.scope(snapshot, "fleet")
    graph = engine.view(snapshot).graph
    chosen = checking.folders(engine.view(snapshot), part, engine)
    whole = checking.judge(Run(Path()), engine, snapshot, part, chosen, None, whole=chosen)
    assert whole.findings == ()
    for index in range(1, 9):
        mine = sharding.narrowed(Sharding(Share(index, 8)), graph, part, chosen, None)
        assert (
            checking.judge(Run(Path()), engine, snapshot, part, mine.folders, mine.asked, whole=chosen).findings == ()
        )


def test_circles_are_told_alike_wherever_they_are_entered() -> None:
    files = {
        **{
            f"{here}/kustomization.yaml": f"resources: [../{there}]\n" for here, there in ("xy", "yz", "zx", "pq", "qp")
        },
        **_overlays("resources: [../../x]\n", "ab"),
        **_overlays("resources: [../../z]\n", "cd"),
        **_overlays("resources: [../../q, ../../y]\n", "ef"),
    }
    told = [(f["message"], f["overlays"]) for f in _same(files)["findings"] if f["rule"] == "cycle"]
    assert told == [
        ("the kustomizations go in a circle: p -> q -> p", ["overlays/e", "overlays/f"]),
        ("the kustomizations go in a circle: x -> y -> z -> x", [f"overlays/{name}" for name in "abcdef"]),
    ]


def test_what_is_said_of_several_overlays_is_said_as_for_the_first_of_all() -> None:
    """Two Kubernetes versions have two remedies for one field, and one place can be told once."""
    environments = ", ".join(f"{n}: {{kubernetes: '1.{v}'}}" for n, v in zip("abcdef", range(34, 28, -1), strict=True))
    told = _same(
        {
            "fairlead.yaml": f"version: 1\nenvironments: {{{environments}}}\nchains: [[a, b, c, d, e, f]]\n",
            "base/kustomization.yaml": "resources:\n- pod.yaml\n- widget.yaml\n",
            "base/pod.yaml": _POD.replace("image:", "imgae:"),
            "base/widget.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: web\n",
            **_overlays("resources:\n- ../../base\n"),
        }
    )
    (schema,) = [f for f in told["findings"] if f["rule"] == "schema"]
    assert schema["remedy"].endswith("(Kubernetes 1.34)")
