"""Input that was made to break a checker: a finding with a place, never a traceback, and soon."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from fairlead.doors.fs import FolderSnapshot
from fairlead.model.findings import Severity
from fairlead.steps.world import Run
from fairlead.workflows.check import Request, check

_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
_OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n"
_LISTED = "resources:\n- x.yaml\n"

_FILES: dict[str, bytes] = {
    "alias bomb": (_OBJECT + _BOMB).encode(),
    "an anchor that holds itself": (_OBJECT + "data: &a\n  b: *a\n").encode(),
    "30,000 nested lists": (_OBJECT + "data: " + "[" * 30_000 + "\n").encode(),
    "30,000 nested dashes": ("- " * 30_000 + "a\n").encode(),
    "2,000 nested maps": (_OBJECT + "".join(" " * n + "a:\n" for n in range(2_000))).encode(),
    "50 MB": _OBJECT.encode() + b"# " + b"x" * 50_000_000,
    "NUL": _OBJECT.encode() + b"data: {a: \0}\n",
    "tabs": _OBJECT.encode() + b"data:\n\ta: b\n",
    "not UTF-8": _OBJECT.encode() + b"data: {a: \xff\xfe}\n",
    "UTF-16": (_OBJECT + "data: 5\n").encode("utf-16"),
    "Jinja": _OBJECT.encode() + b"{% if x %}\ndata: {{ values }}\n{% endif %}\n",
    "no map": b"just words\n",
    "unclosed quote": _OBJECT.encode() + b'data: {a: "\n',
    "a bad tag": _OBJECT.encode() + b"data: !!python/object/apply:os.system [id]\n",
    "a control character": _OBJECT.encode() + b"data: {a: \x1b[31m}\n",
}


def findings(root: Path) -> list[str]:
    begin = time.monotonic()
    outcome = check(Run(root, jobs=2), Request())
    assert time.monotonic() - begin < 15
    assert all(f.message and f.remedy and f.where.path for f in outcome.findings)
    return [str(f.where.path) for f in outcome.findings if f.severity is Severity.ERROR]


@pytest.mark.parametrize("name", _FILES)
def test_a_hostile_resource_is_a_finding(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "overlays/dev"
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text(_LISTED)
    (folder / "x.yaml").write_bytes(_FILES[name])
    assert findings(tmp_path), name


@pytest.mark.parametrize("name", _FILES)
def test_a_hostile_kustomization_is_a_finding(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "overlays/dev"
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_bytes(_FILES[name])
    assert findings(tmp_path) == ["overlays/dev/kustomization.yaml"] * len(findings(tmp_path)) != []


@pytest.mark.parametrize("name", _FILES)
def test_a_hostile_patch_is_a_finding(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "overlays/dev"
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text("resources:\n- s.yaml\npatches:\n- path: x.yaml\n")
    (folder / "s.yaml").write_text(_OBJECT.replace("web", "other"))
    (folder / "x.yaml").write_bytes(_FILES[name])
    assert findings(tmp_path), name


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "---\n---\n", "null\n", "[]\n", "5\n"])
def test_an_empty_kustomization_is_a_finding(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "overlays/dev"
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text(text)
    assert findings(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "resources: 5\n", "resources: {a: b}\n", "resources: [[a]]\n", "resources: [null]\n", "patches: [5]\n",
        "patches:\n- patch: 5\n", "patches:\n- target: []\n  path: a\n", "images: {name: x}\n", "images: [[]]\n",
        "configMapGenerator: x\n", "labels: [5]\n", "replacements: [5]\n", "resources: ['']\n", "? [a]\n: b\n",
        "patches:\n- {target: {name: '(('}, patch: '- {op: add, path: /a, value: b}'}\n", "namespace: [a]\n",
        "resources: ['\\0']\n", "resources: ['" + "a/" * 5000 + "']\n", "components: [.]\n", "replicas: [{name: 5}]\n",
    ],
)  # fmt: skip
def test_a_kustomization_of_wrong_types_is_no_traceback(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "overlays/dev"
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text(text)
    findings(tmp_path)


def test_links_out_of_the_tree_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.yaml").write_text(_OBJECT + "data: {token: hunter2}\n")
    root = tmp_path / "r"
    folder = root / "overlays/dev"
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text(
        "resources:\n- link.yaml\nconfigMapGenerator:\n- name: a\n  files: [l]\n"
    )
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "l").symlink_to("../../../secret.yaml")
    outcome = check(Run(root), Request())
    assert [f.rule for f in outcome.findings] == ["missing-file", "missing-file"]
    assert "hunter2" not in repr(outcome)


def test_a_link_to_itself_ends(tmp_path: Path) -> None:
    folder = tmp_path / "overlays/dev"
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text("resources: [a.yaml]\n")
    (folder / "a.yaml").symlink_to("a.yaml")
    assert findings(tmp_path)


def test_bases_in_a_circle_are_told(tmp_path: Path) -> None:
    for here, there in (("a", "b"), ("b", "c"), ("c", "a"), ("overlays/dev", "../a")):
        folder = tmp_path / here
        folder.mkdir(parents=True)
        (folder / "kustomization.yaml").write_text(f"resources: [../{there}]\n")
    outcome = check(Run(tmp_path), Request())
    assert [(f.rule, str(f.where)) for f in outcome.findings] == [("cycle", "c/kustomization.yaml:1:13")]


def test_names_that_are_not_utf_8_or_hold_escapes(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"overlays/d\xffv")
    folder.mkdir(parents=True)
    (folder / "kustomization.yaml").write_text(_LISTED)
    (folder / "x.yaml").write_text(_OBJECT)
    (folder / "\x1b[31m.yaml").write_text(_OBJECT)
    findings(tmp_path)
    assert FolderSnapshot(str(tmp_path)).files()
