"""`check --fix` in memory, through the real kustomize: what is mended, byte for byte, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from fairlead.model.rendering import Rendered, Trial
from fairlead.model.snapshot import MemorySnapshot
from fairlead.steps import checking
from fairlead.steps.fixing import Fixed, fix
from fairlead.steps.rendering import renderer
from fairlead.steps.world import Run

_DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
    "      containers:\n      - name: web\n        image: example.com/shop/web:1.0\n"
)
_SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {app: web}\n  ports: [{port: 80}]\n"
)
_LABELLED = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: labelled\n  labels: {app: web}\n  annotations: {note: seen}\n"
)
_PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n"
_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: asks}\nspec:\n  containers:\n  - name: asks\n"
    "    image: example.com/shop/asks:1.0\n    args: [--app, $(PORT)]\n    env:\n    - name: URL\n"
    "      value: http://$(HOST)/\n"
)
_OVERLAY = "overlays/dev/kustomization.yaml"


def fixed(kustomization: str, more: Mapping[str, str] | None = None) -> tuple[Fixed, str]:
    """What --fix makes of an overlay over a base with a deployment."""
    files = {
        "base/kustomization.yaml": "resources: [deployment.yaml]\n",
        "base/deployment.yaml": _DEPLOYMENT,
        "overlays/dev/service.yaml": _SERVICE,
        "overlays/dev/patch.yaml": _PATCH,
        "overlays/dev/a.env": "A=1\n",
        "overlays/dev/pod.yaml": _POD,
        "overlays/dev/labelled.yaml": _LABELLED,
        _OVERLAY: kustomization,
        **(more or {}),
    }
    snapshot = MemorySnapshot.of(files)
    run = Run(Path(), jobs=2)
    engine = renderer(run)
    part = checking.scope(snapshot, "")
    done = fix(run, engine, snapshot, part, checking.folders(engine.view(snapshot), part, engine))
    after = MemorySnapshot.of({**files, **{path: new for path, (_, new) in done.files.items()}})
    first, second = engine.render((Trial(snapshot, "overlays/dev"), Trial(after, "overlays/dev")))
    assert isinstance(second, Rendered)
    assert isinstance(first, Rendered) is False or first.text == second.text
    return done, after.read(_OVERLAY).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "# head\nbases:\n- ../../base  # shared\n# tail\n",
            "# head\nresources:\n- ../../base  # shared\n# tail\n",
            id="bases alone are called resources",
        ),
        pytest.param(
            "bases: # which\n  # one\n  - ../../base\n\nresources:\n- service.yaml # own\n\n# tail\n",
            "\nresources:\n- service.yaml # own\n# which\n# one\n- ../../base\n\n# tail\n",
            id="bases join resources with their comments",
        ),
        pytest.param(
            "resources:\n- ../../base\ncommonLabels:\n  # whose\n  team: 'shop'   # kept\n",
            "resources:\n- ../../base\nlabels:\n- includeSelectors: true\n  pairs:\n"
            "    # whose\n    team: 'shop'   # kept\n",
            id="commonLabels",
        ),
        pytest.param(
            "resources:\n  - ../../base\ncommonLabels: {team: shop}",
            "resources:\n  - ../../base\nlabels:\n  - includeSelectors: true\n    pairs: {team: shop}\n",
            id="commonLabels in one line, without a line end, in a file that indents lists",
        ),
        pytest.param(
            "resources:\n- ../../base\npatchesStrategicMerge:\n# why\n- patch.yaml # more\n- |-\n"
            "  apiVersion: apps/v1\n  kind: Deployment\n  metadata: {name: web}\n  spec:\n\n    minReadySeconds: 3\n",
            "resources:\n- ../../base\npatches:\n# why\n- path: patch.yaml # more\n- patch: |-\n"
            "    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n    spec:\n\n"
            "      minReadySeconds: 3\n",
            id="patchesStrategicMerge, files and text",
        ),
        pytest.param(
            "resources:\n- ../../base\npatchesJson6902:\n- target: {kind: Deployment, name: web}\n  patch: |-\n"
            "    - {op: replace, path: /spec/replicas, value: 2}\npatches:\n- path: patch.yaml\n"
            "  target: {kind: Deployment}\n",
            None,
            id="patchesJson6902 that is applied last is still, behind the others",
        ),
        pytest.param(
            "resources:\n- ../../base\nconfigMapGenerator:\n- name: x\n  env: a.env # why\n",
            "resources:\n- ../../base\nconfigMapGenerator:\n- name: x\n  envs:\n  - a.env # why\n",
            id="env",
        ),
        pytest.param(
            "resources:\n- ../../base\n- service.yaml # once\n- ./service.yaml\n",
            "resources:\n- ../../base\n- service.yaml # once\n",
            id="a resource that is listed twice, with which it does not build",
        ),
        pytest.param(
            "resources:\n- ../../base\nimages:\n- name: nowhere\n  newTag: '1'\n\n# tail\n",
            "resources:\n- ../../base\n\n# tail\n",
            id="a dead image, and the list that it was alone in",
        ),
        pytest.param(
            "resources:\n- ../../base\npatches:\n- target: {kind: Gateway}\n  path: patch.yaml\n- path: patch.yaml\n",
            "resources:\n- ../../base\npatches:\n- path: patch.yaml\n",
            id="a dead patch",
        ),
        pytest.param(
            "resources:\n- ../../base\npatches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n"
            "    metadata: {name: web}\n    spec: {replicas: 1}\n- path: patch.yaml\n",
            "resources:\n- ../../base\npatches:\n- path: patch.yaml\n",
            id="a patch without effect",
        ),
        pytest.param(
            "resources:\n- ../../base\nlabels:\n- pairs:\n    team: shop\n- pairs:\n    team: shop\n    tier: front\n",
            "resources:\n- ../../base\nlabels:\n- pairs:\n    team: shop\n- pairs:\n    tier: front\n",
            id="one of two labels that are there already",
        ),
        pytest.param(
            "resources:\n- labelled.yaml\nlabels:\n- pairs:\n    app: web\n\n# tail\n",
            "resources:\n- labelled.yaml\n\n# tail\n",
            id="a label that is there already, and the list that it was alone in",
        ),
        pytest.param(
            "resources:\n- labelled.yaml\ncommonAnnotations:\n  note: seen\n",
            "resources:\n- labelled.yaml\n",
            id="an annotation that is there already",
        ),
        pytest.param(
            "resources:\n- ../../base\nimages:\n- name: example.com/shop/web\n  newTag: 1.10 # next\nnamePrefix: 1\n",
            "resources:\n- ../../base\nimages:\n- name: example.com/shop/web\n"
            '  newTag: "1.10" # next\nnamePrefix: "1"\n',
            id="numbers that are to be text, all that keep it from building",
        ),
        pytest.param(
            "resources:\n- ../../base\n- service.yaml\n- pod.yaml\nvars:\n- name: HOST\n"
            "  objref: {kind: Service, name: web, apiVersion: v1}\n- name: PORT\n  objref:\n    kind: Service\n"
            "    name: web\n    apiVersion: v1\n  fieldref:\n    fieldpath: spec.selector.app\n",
            "resources:\n- ../../base\n- service.yaml\n- pod.yaml\nreplacements:\n- source:\n    version: v1\n"
            "    kind: Service\n    name: web\n    fieldPath: metadata.name\n  targets:\n  - select:\n      kind: Pod\n"
            "      name: asks\n    fieldPaths:\n    - spec.containers.[name=asks].env.[name=URL].value\n    options:\n"
            "      delimiter: '/'\n      index: 2\n- source:\n    version: v1\n    kind: Service\n    name: web\n"
            "    fieldPath: spec.selector.app\n  targets:\n  - select:\n      kind: Pod\n      name: asks\n"
            "    fieldPaths:\n    - spec.containers.[name=asks].args.1\n",
            id="vars, a whole value and a part of one",
        ),
        pytest.param(
            "resources:\n- ../../base\npatches:\n- patch.yaml\n",
            "resources:\n- ../../base\npatches:\n- path: patch.yaml\n",
            id="a patch listed by its bare name",
        ),
    ],
)
def test_a_mend_changes_these_bytes_and_no_rendering(before: str, after: str | None) -> None:
    done, text = fixed(before)
    assert done.applied
    if after is None:
        after = (
            "resources:\n- ../../base\npatches:\n- path: patch.yaml\n  target: {kind: Deployment}\n"
            "- target: {kind: Deployment, name: web}\n  patch: |-\n"
            "    - {op: replace, path: /spec/replicas, value: 2}\n"
        )
    assert text == after
    assert fixed(text)[0].applied == ()


def test_line_ends_and_a_byte_order_mark_stay() -> None:
    before = "bases:\n- ../../base\nresources:\n- service.yaml\ncommonLabels:\n  team: shop\n".replace("\n", "\r\n")
    after = (
        "resources:\n- service.yaml\n- ../../base\nlabels:\n- includeSelectors: true\n  pairs:\n    team: shop\n"
    ).replace("\n", "\r\n")
    assert fixed(before)[1] == after
    assert fixed("\ufeffresources:\n- ../../base\nbases:\n- ../../base2\n", _second_base())[1] == (
        "\ufeffresources:\n- ../../base\n- ../../base2\n"
    )


def _second_base() -> dict[str, str]:
    return {"base2/kustomization.yaml": "resources: [s.yaml]\n", "base2/s.yaml": _SERVICE}


@pytest.mark.parametrize(
    ("kustomization", "why"),
    [
        pytest.param(
            "resources:\n- ../../base\nnamePrefix: a-\npatchesJson6902:\n- target: {kind: Deployment, name: web}\n"
            "  patch: |-\n    - {op: replace, path: /metadata/name, value: other}\n",
            "overlays/dev would render otherwise: Deployment/",
            id="patchesJson6902 come after the prefix, and patches before it",
        ),
        pytest.param(
            "resources:\n- ../../base\nimages:\n- name: example.com/shop/wbe\n  newTag: '1'\n",
            "it may have been meant: did you mean 'example.com/shop/web'?",
            id="a slip of the pen",
        ),
        pytest.param(
            "resources:\n- ../../base\nimages:\n- name: nowhere # one day\n  newTag: '1'\n",
            "a comment would go with it",
            id="a comment on the entry",
        ),
        pytest.param(
            "resources:\n- ../../base\n- service.yaml\nnamePrefix: a-\npatches:\n- target: {kind: Deployment}\n"
            "  patch: |-\n    - {op: add, path: /spec/template/spec/hostname, value: x$(HOST)y}\n"
            "    - {op: add, path: /spec/template/spec/containers/0/args, value: [$(HOST)]}\nvars:\n- name: HOST\n"
            "  objref: {kind: Service, name: web, apiVersion: v1}\n",
            "overlays/dev would render otherwise: Deployment/",
            id="a var that a JSON patch names, which nobody looks for",
        ),
        pytest.param(
            "resources: [../../base]\nbases: [../../base2]\n",
            "`bases` is not a list in block style",
            id="flow style",
        ),
        pytest.param(
            "resources: &all\n- ../../base\npatchesStrategicMerge: &p\n- patch.yaml\npatches: []\nopenapi: {}\n",
            "`patches` is not a list in block style",
            id="an empty list that would have to be rewritten",
        ),
    ],
)
def test_what_can_not_be_proved_or_told_is_refused_with_the_reason(kustomization: str, why: str) -> None:
    done, text = fixed(kustomization, _second_base())
    assert done.files == {}
    assert text == kustomization
    assert [one.refused[: len(why)] for one in done.refused] == [why]


def test_one_refused_mend_keeps_no_other_from_its_file() -> None:
    done, text = fixed(
        "resources:\n- ../../base\nnamePrefix: a-\npatchesJson6902:\n- target: {kind: Deployment, name: web}\n"
        "  patch: |-\n    - {op: replace, path: /metadata/name, value: other}\ncommonLabels:\n  team: shop\n"
    )
    assert [one.finding.message for one in done.applied] == ["`commonLabels` is deprecated"]
    assert [one.finding.message for one in done.refused] == ["`patchesJson6902` is deprecated"]
    assert "labels:\n- includeSelectors: true\n" in text


def test_an_overlay_that_does_not_build_proves_nothing_of_a_base_that_it_shares() -> None:
    done, _ = fixed(
        "resources:\n- ../../base\n",
        {
            "base/kustomization.yaml": "resources:\n- deployment.yaml\ncommonLabels:\n  team: shop\n",
            "overlays/production/kustomization.yaml": "resources: [../../base, https://example.com/x?ref=v1]\n",
        },
    )
    assert done.files == {}
    assert [one.refused for one in done.refused] == ["overlays/production does not build, so nothing proves it"]


@pytest.mark.parametrize(
    "more",
    [
        # the file that the patch is for is written later
        {
            _OVERLAY: "resources: [../../base, later.yaml]\npatches:\n- target: {kind: Ingress, name: web}\n"
            "  patch: |-\n    - {op: add, path: /metadata/labels, value: {a: b}}\n",
            "overlays/dev/later.yaml": "# flux bootstrap writes this\n",
        },
        # a component speaks of all there may be
        {
            _OVERLAY: "resources: [../../base]\ncomponents: [../../labels]\n",
            "labels/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n"
            "- target: {kind: Ingress}\n  patch: |-\n    - {op: add, path: /metadata/labels, value: {a: b}}\n",
        },
    ],
)
def test_a_patch_that_may_find_something_later_is_left_alone(more: dict[str, str]) -> None:
    done, _ = fixed(more[_OVERLAY], more)
    assert done.applied == ()
