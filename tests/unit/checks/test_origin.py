"""Where a rendered value was written, feature by feature, through the real kustomize."""

from __future__ import annotations

import pytest

from fairlead.checks.context import Judged
from tests.judging import judged, object_of

_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      initContainers:
      - name: init
        image: shop/init:1
      containers:
      - name: side
        image: shop/side:1
      - name: web
        image: shop/web:1
        env:
        - name: A
          value: "1"
"""
_BASE = {"base/kustomization.yaml": "resources:\n- d.yaml\n", "base/d.yaml": _DEPLOYMENT}
_WEB = ("spec", "template", "spec", "containers", "=web", "image")
_SIDE = ("spec", "template", "spec", "containers", "=side", "image")
_REPLICAS = ("spec", "replicas")


def place(of: Judged, label: str, path: tuple[str | int, ...]) -> str:
    """Where a field was written; `=web` in a path is the index of the item of that name."""
    rendered = object_of(of, label)
    at, way = rendered.body, []
    for part in path:
        named = isinstance(part, str) and part.startswith("=")
        way.append(next(i for i, item in enumerate(at) if item["name"] == part[1:]) if named else part)
        at = at[way[-1]] if isinstance(at, list) else (at or {}).get(part)
    return str(of.origin.of(rendered, tuple(way)))


def where(overlay: str, path: tuple[str | int, ...], label: str = "Deployment/", **more: str) -> str:
    files = {**_BASE, "o/kustomization.yaml": "resources:\n- ../base\n" + overlay}
    files |= {name.replace("__", "/").replace("_yaml", ".yaml"): text for name, text in more.items()}
    of = judged(files, "o")
    return place(of, label, path)


def test_untouched_values_stand_in_the_base() -> None:
    assert where("", _WEB) == "base/d.yaml:16:16"
    assert where("", _REPLICAS) == "base/d.yaml:6:13"
    assert where("", ("spec", "template", "spec", "containers", "=web", "env", 0, "value")) == "base/d.yaml:19:18"


def test_an_images_entry_is_the_origin_of_what_it_matches_and_of_nothing_else() -> None:
    entry = "images:\n- name: shop/web\n  newTag: '2'\n"
    assert where(entry, _WEB) == "o/kustomization.yaml:5:11"
    assert where(entry, _SIDE) == "base/d.yaml:14:16"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("  newName: other/web\n", "o/kustomization.yaml:5:12"),
        ("  digest: sha256:" + "a" * 64 + "\n", "o/kustomization.yaml:5:11"),
        ("  newName: other/web\n  newTag: '2'\n", "o/kustomization.yaml:6:11"),
    ],
)
def test_the_version_is_the_place_of_an_images_entry(entry: str, expected: str) -> None:
    assert where("images:\n- name: shop/web\n" + entry, _WEB) == expected


def test_the_outermost_images_entry_wins_by_the_name_that_it_sees() -> None:
    files = {
        **_BASE,
        "base/kustomization.yaml": "resources:\n- d.yaml\nimages:\n- name: shop/web\n  newName: mirror/web\n",
        "o/kustomization.yaml": "resources:\n- ../base\nimages:\n- name: shop/web\n  newTag: x\n"
        "- name: mirror/web\n  newTag: '3'\n",
    }
    of = judged(files, "o")
    assert place(of, "Deployment/web", _WEB) == "o/kustomization.yaml:7:11"


_MERGE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 5
  template:
    spec:
      containers:
      - name: web
        image: shop/web:5
"""


def test_a_strategic_merge_file_is_the_origin_by_the_containers_name() -> None:
    patch = "patches:\n- path: p.yaml\n"
    assert where(patch, _WEB, o__p_yaml=_MERGE) == "o/p.yaml:11:16"
    assert where(patch, _REPLICAS, o__p_yaml=_MERGE) == "o/p.yaml:6:13"
    assert where(patch, _SIDE, o__p_yaml=_MERGE) == "base/d.yaml:14:16"


def test_an_inline_block_is_told_in_the_outer_files_lines_and_columns() -> None:
    block = "".join("    " + line + "\n" for line in _MERGE.splitlines())
    assert where("patches:\n- patch: |-\n" + block, _WEB) == "o/kustomization.yaml:15:20"
    assert where("patchesStrategicMerge:\n- |-\n" + block, _REPLICAS) == "o/kustomization.yaml:10:17"


def test_a_patch_with_a_target_reaches_whom_it_selects() -> None:
    patch = "patches:\n- path: p.yaml\n  target: {kind: Deployment, name: w.*}\n"
    assert where(patch, _REPLICAS, o__p_yaml=_MERGE.replace("name: web\nspec", "name: any\nspec")) == "o/p.yaml:6:13"


def test_a_json_patch_is_the_origin_of_what_its_path_leads_to() -> None:
    patch = (
        "patches:\n- target: {kind: Deployment}\n  patch: |-\n    - op: replace\n      path: /spec/replicas\n"
        "      value: 4\n    - op: replace\n      path: /spec/template/spec/containers/1/image\n"
        "      value: shop/web:9\n"
    )
    assert where(patch, _REPLICAS) == "o/kustomization.yaml:8:14"
    assert where(patch, _WEB) == "o/kustomization.yaml:11:14"
    assert where(patch, _SIDE) == "base/d.yaml:14:16"


def test_an_images_entry_after_a_patch_wins() -> None:
    both = "patches:\n- path: p.yaml\nimages:\n- name: shop/web\n  newTag: '6'\n"
    assert where(both, _WEB, o__p_yaml=_MERGE) == "o/kustomization.yaml:7:11"


def test_namespace_replicas_labels_and_prefix_have_their_fields() -> None:
    text = (
        "namespace: here\nnamePrefix: a-\nreplicas:\n- name: web\n  count: 3\n"
        "labels:\n- pairs:\n    tier: front\n  includeTemplates: true\ncommonAnnotations:\n  note: x\n"
    )
    assert where(text, ("metadata", "namespace")) == "o/kustomization.yaml:3:12"
    assert where(text, ("metadata", "name")) == "o/kustomization.yaml:4:13"
    assert where(text, _REPLICAS) == "o/kustomization.yaml:7:10"
    assert where(text, ("metadata", "labels", "tier")) == "o/kustomization.yaml:10:11"
    assert where(text, ("spec", "template", "metadata", "labels", "tier")) == "o/kustomization.yaml:10:11"
    assert where(text, ("metadata", "annotations", "note")) == "o/kustomization.yaml:13:9"


def test_generated_data_stands_at_its_literal_its_env_line_or_in_its_file() -> None:
    text = (
        "configMapGenerator:\n- name: settings\n  literals:\n  - A=1\n  envs: [x.env]\n  files:\n  - conf.txt\n"
        "  - other=conf.txt\n"
    )
    more = {"o__x.env": "# no\nB=2\n", "o__conf.txt": "hello\n"}
    files = {**_BASE, "o/kustomization.yaml": "resources:\n- ../base\n" + text}
    files |= {name.replace("__", "/"): body for name, body in more.items()}
    of = judged(files, "o")
    made = object_of(of, "ConfigMap/settings-")
    places = {key: str(of.origin.of(made, ("data", key))) for key in ("A", "B", "conf.txt", "other")}
    assert places == {
        "A": "o/kustomization.yaml:6:5",
        "B": "o/x.env:2:1",
        "conf.txt": "o/conf.txt:1:1",
        "other": "o/conf.txt:1:1",
    }


def test_a_merged_generator_key_stands_in_the_overlay_and_the_rest_in_the_base() -> None:
    files = {
        **_BASE,
        "base/kustomization.yaml": "resources: [d.yaml]\nconfigMapGenerator:\n- name: s\n  literals: [A=1, B=1]\n",
        "o/kustomization.yaml": "resources:\n- ../base\nconfigMapGenerator:\n- name: s\n  behavior: merge\n"
        "  literals:\n  - A=2\n",
    }
    of = judged(files, "o")
    made = object_of(of, "ConfigMap/s-")
    assert str(of.origin.of(made, ("data", "A"))) == "o/kustomization.yaml:7:5"
    assert str(of.origin.of(made, ("data", "B"))) == "base/kustomization.yaml:4:19"


def test_a_replaced_value_stands_at_its_source() -> None:
    text = (
        "configMapGenerator:\n- name: s\n  literals: [N=7]\nreplacements:\n- source: {kind: ConfigMap, name: s,"
        " fieldPath: data.N}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths:\n"
        "    - spec.template.spec.containers.[name=web].env.[name=A].value\n"
    )
    path = ("spec", "template", "spec", "containers", "=web", "env", 0, "value")
    assert where(text, path) == "o/kustomization.yaml:5:14"


def test_a_component_counts_as_the_outer_layer() -> None:
    files = {
        **_BASE,
        "c/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nreplicas:\n"
        "- name: web\n  count: 8\n",
        "o/kustomization.yaml": "resources:\n- ../base\ncomponents:\n- ../c\n",
    }
    of = judged(files, "o")
    assert place(of, "Deployment/web", _REPLICAS) == "c/kustomization.yaml:5:10"


def test_what_nobody_wrote_is_told_at_the_nearest_part_that_is_written() -> None:
    assert where("", ("spec", "template", "spec", "containers", "=web", "resources", "limits")) == "base/d.yaml:15:9"
    assert where("", ("status",)) == "base/d.yaml:1:1"


def test_crlf_and_two_documents_in_a_file() -> None:
    both = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n---\n" + _DEPLOYMENT
    files = {**_BASE, "base/d.yaml": both.replace("\n", "\r\n")}
    of = judged(files, "base")
    assert place(of, "Deployment/web", _WEB) == "base/d.yaml:21:16"
