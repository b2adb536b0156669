"""Generators that only the controller runs: the rest is rendered, and says that it is incomplete."""

from __future__ import annotations

import pytest

from fairlead.model.findings import Where
from fairlead.model.rendering import Opaque, Rendered, RenderFailed, Trial
from fairlead.model.snapshot import MemorySnapshot
from tests.judging import findings, told
from tests.unit.render.conftest import Make

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_KSOPS = (
    "apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata:\n  name: secrets\n  annotations:\n"
    "    config.kubernetes.io/function: |\n      exec:\n        path: ksops\nfiles:\n- ./db.enc.yaml\n"
)
_SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  a: ENC[x]\nsops:\n  version: 3.9.0\n"
_LABEL = (
    "apiVersion: builtin\nkind: LabelTransformer\nmetadata:\n  name: l\nlabels:\n  a: b\n"
    "fieldSpecs: [{path: metadata/labels, create: true}]\n"
)
_THING = "apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: x\n"
_FILES = {
    "dev/kustomization.yaml": "resources: [s.yaml]\ngenerators:\n- ksops.yaml\n",
    "dev/s.yaml": _SERVICE,
    "dev/ksops.yaml": _KSOPS,
    "dev/db.enc.yaml": _SECRET,
}


def _render(make: Make, files: dict[str, str]) -> object:
    (result,) = make(1).render((Trial(MemorySnapshot.of(files), "dev"),))
    return result


def test_ksops_is_left_out_and_named_with_what_it_makes(make: Make) -> None:
    result = _render(make, _FILES)
    assert isinstance(result, Rendered)
    assert result.text == _SERVICE
    assert result.opaque == (Opaque(Where("dev/ksops.yaml", 1, 1), "generators", "ksops", ("Secret/db",)),)


@pytest.mark.parametrize(
    ("kustomization", "more", "places"),
    [
        ("resources: [s.yaml]\ngenerators:\n- |-\n  apiVersion: example.com/v1\n  kind: Thing\n  metadata: {name: x}\n",
         {}, [("dev/kustomization.yaml", 3, "generators")]),
        ("resources: [s.yaml]\ntransformers: [both.yaml]\n", {"dev/both.yaml": _LABEL + "---\n" + _THING},
         [("dev/both.yaml", 9, "transformers")]),
        ("resources: [s.yaml]\nvalidators: [plugins]\ntransformers: [label.yaml]\n",
         {"dev/plugins/kustomization.yaml": "resources: [t.yaml]\n", "dev/plugins/t.yaml": _THING,
          "dev/label.yaml": _LABEL}, [("dev/plugins/t.yaml", 1, "validators")]),
        ("resources: [s.yaml]\ncomponents: [c]\n",
         {"dev/c/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
          "generators: [t.yaml]\n", "dev/c/t.yaml": _THING}, [("dev/c/t.yaml", 1, "generators")]),
    ],
)  # fmt: skip
def test_what_is_no_plugin_stays(
    make: Make, kustomization: str, more: dict[str, str], places: list[tuple[str, int, str]]
) -> None:
    result = _render(make, {**_FILES, "dev/kustomization.yaml": kustomization, **more})
    assert isinstance(result, Rendered), result
    assert [(o.where.path, o.where.line, o.role) for o in result.opaque] == places
    assert ("a: b" in result.text) == any(_LABEL in text for text in more.values())


def test_what_can_not_be_rendered_without_it_fails_as_kustomize_said(make: Make) -> None:
    patched = (
        _FILES["dev/kustomization.yaml"]
        + "patches: [{patch: '{apiVersion: v1, kind: Secret, metadata: {name: db}}'}]\n"
    )
    result = _render(make, {**_FILES, "dev/kustomization.yaml": patched})
    assert isinstance(result, RenderFailed)
    assert result.code == "plugin"


def test_the_inputs_are_the_files_as_they_are(program: str) -> None:
    from fairlead.render.helper import HelperRenderer

    snapshot = MemorySnapshot.of(_FILES)
    (result,) = HelperRenderer(program, 1).render((Trial(snapshot, "dev"),))
    blobs = {one.path: one.blob for one in result.inputs if one.kind == "file"}
    for path in _FILES:
        entry = snapshot.entry(path)
        assert entry is not None
        assert blobs[path] == entry.oid


_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n"
    "    image: example.com/web:1\n    envFrom:\n    - secretRef:\n        name: %s\n"
)
_CONFIG = {"fairlead.yaml": "version: 1\nenvironments: {dev: {}}\nlayout: ['{env}']\n"}


def test_a_note_tells_it_and_what_it_makes_is_not_missed() -> None:
    files = {**_FILES, **_CONFIG, "dev/s.yaml": _POD % "db"}
    (note,) = findings(files)
    assert (note.rule, str(note.where), note.severity.value) == ("opaque-generator", "dev/ksops.yaml:1:1", "note")
    assert note.message == "ksops is run by the controller alone: what it makes (Secret/db) is not judged"
    assert told({**files, "dev/s.yaml": _POD % "other"}, "dangling-reference") == [
        "dev/s.yaml:11:15 dangling-reference"
    ]
    unknown = {**files, "dev/s.yaml": _POD % "other", "dev/ksops.yaml": _THING}
    assert told(unknown, "dangling-reference") == []
