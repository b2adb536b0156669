"""What every engine does alike: the same verdicts, bytes and words, whatever the snapshot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fairlead.doors.fs import FolderSnapshot
from fairlead.model.findings import Where
from fairlead.model.rendering import Rendered, RenderFailed, RenderResult, Trial
from fairlead.model.snapshot import SYMLINK, File, MemorySnapshot, Snapshot
from fairlead.render.helper import HelperRenderer
from fairlead.render.kustomize import KustomizeRenderer
from tests.support import new_repo
from tests.unit.render.conftest import Make

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_FILES = {
    "base/kustomization.yaml": "resources: [s.yaml]\n",
    "base/s.yaml": _SERVICE,
    "dev/kustomization.yaml": "resources: [../base]\nnamespace: dev\n",
    "staging/kustomization.yaml": "resources: [../base]\nnamespace: staging\n",
}
_BOMB = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 8)
)


def _one(make: Make, snapshot: Snapshot, overlay: str = "dev") -> RenderResult:
    (result,) = make(1).render((Trial(snapshot, overlay),))
    return result


def _text(result: RenderResult) -> str:
    assert isinstance(result, Rendered), result
    return result.text


def test_answers_stand_in_the_order_of_the_trials_and_each_is_counted(make: Make) -> None:
    snapshot = MemorySnapshot.of(_FILES)
    counted: list[int] = []
    engine = make(2, on_result=lambda: counted.append(1))
    names = ("staging", "dev", "base", "dev") * 5
    results = engine.render(tuple(Trial(snapshot, name) for name in names))
    assert tuple(r.overlay for r in results) == names
    assert all(isinstance(r, Rendered) for r in results)
    assert len(counted) == len(names)
    assert engine.render(()) == ()


def test_a_folder_a_commit_the_index_an_edit_and_memory_render_to_the_same_bytes(make: Make, tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "r", _FILES)
    memory = MemorySnapshot.of(_FILES)
    snapshots = [
        repo.work_tree(), repo.at("HEAD"), repo.index(), memory,
        FolderSnapshot(str(tmp_path / "r")), memory.with_files({"unrelated": File(b"x")}),
        repo.at("HEAD").with_files({"unrelated": None}),
        repo.work_tree().with_files({"base/s.yaml": File(_SERVICE.encode())}),
    ]  # fmt: skip
    texts = {_text(r) for r in make(2).render(tuple(Trial(s, "dev") for s in snapshots))}
    assert texts == {_SERVICE + "  namespace: dev\n"}


def test_two_snapshots_interleaved_are_kept_apart(make: Make) -> None:
    old = MemorySnapshot.of(_FILES)
    new = old.with_files({"base/s.yaml": File(_SERVICE.replace("web", "new").encode())})
    trials = tuple(Trial(s, o) for _ in range(6) for s in (old, new) for o in ("dev", "staging"))
    for result, trial in zip(make(2).render(trials), trials, strict=True):
        assert ("name: new" in _text(result)) == (trial.snapshot is new)
        assert f"namespace: {trial.overlay}" in _text(result)


def test_edits_add_change_and_remove_files_of_a_commit(make: Make, tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "r", _FILES)
    edited = repo.at("HEAD").with_files({
        "dev/kustomization.yaml": File(b"resources: [../base, more/s.yaml]\n"),
        "dev/more/s.yaml": File(_SERVICE.replace("web", "more").encode()),
    })  # fmt: skip
    assert _text(_one(make, edited)).count("kind: Service") == 2
    removed = edited.with_files({"base/s.yaml": None})
    assert isinstance(_one(make, removed), RenderFailed)
    assert (tmp_path / "r/base/s.yaml").read_text() == _SERVICE
    assert not (tmp_path / "r/dev/more").exists()


def test_what_is_staged_is_rendered_whatever_lies_in_the_work_tree(make: Make, tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "r", _FILES)
    place = tmp_path / "r/base/s.yaml"
    place.write_text(_SERVICE.replace("web", "staged"))
    repo.git.run("add", "base/s.yaml")
    place.write_text("not: [yaml")
    assert "name: staged" in _text(_one(make, repo.index()))


def test_a_failures_words_are_the_same_whatever_the_folder(make: Make, tmp_path: Path) -> None:
    files = {**_FILES, "dev/kustomization.yaml": "resources: [../base]\nreplicas:\n- {name: x, count: 1}\n"}
    repo = new_repo(tmp_path / "r", files)
    results = make(2).render(tuple(Trial(s, "dev") for s in (repo.work_tree(), repo.at("HEAD"))))
    assert len(set(results)) == 1
    (failed,) = set(results)
    assert isinstance(failed, RenderFailed)
    assert failed.code == "build"
    assert "/" not in failed.message.replace("../base", "")


@pytest.mark.parametrize(
    "kustomization",
    [
        "resources: [none.yaml]\n",
        "resources: [../none]\n",
        "resources: [../s.yaml]\n",
        "resources: ['.']\n",
        "resources: [../base]\nreplicas: [{name: x, count: 1}]\n",
        "resources: [../base]\npatches: [{path: none.yaml}]\n",
        "resources: [../base, ../base]\n",
        "resourses: []\n",
        "namespace: [x\n",
        "",
        "configMapGenerator: [{name: c, files: [../s.yaml]}]\n",
        "components: [../base]\n",
        "helmCharts: [{name: c, repo: https://example.com}]\n",
        "resources: [../base]\ntransformers: [plugin.yaml]\n",
        "resources: [/etc/passwd]\n",
        "resources: [github.com/example/web//deploy?ref=v1]\n",
        "resources: [bomb.yaml]\n",
    ],
)
def test_both_engines_fail_in_the_same_words(kustomization: str, program: str) -> None:
    files = {
        **_FILES, "dev/kustomization.yaml": kustomization, "s.yaml": _SERVICE, "dev/bomb.yaml": _BOMB,
        "dev/plugin.yaml": "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: x}\n",
    }  # fmt: skip
    trial = (Trial(MemorySnapshot.of(files), "dev"),)
    assert HelperRenderer(program, 1).render(trial) == KustomizeRenderer(1).render(trial)


def test_a_folder_that_is_not_there_is_missing(make: Make, tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "r", {**_FILES, "prod/kustomization.yaml": "resources: [../base]\n"})
    removed = repo.at("HEAD").with_files({"prod/kustomization.yaml": None})
    assert isinstance(_one(make, repo.at("HEAD"), "prod"), Rendered)
    for snapshot, overlay in ((repo.work_tree(), "none"), (repo.at("HEAD"), "none"), (removed, "prod")):
        result = _one(make, snapshot, overlay)
        assert result == RenderFailed(overlay, "missing", f"there is no folder {overlay}", Where(overlay))


def test_a_file_that_the_graph_does_not_name_is_found(make: Make) -> None:
    files = {
        **_FILES,
        "dev/kustomization.yaml": "resources: [../base]\ntransformers: [t.yaml]\n",
        "dev/t.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npath: hidden.yaml\n",
        "dev/hidden.yaml": _SERVICE + "  labels: {hidden: 'yes'}\n",
    }
    assert "hidden:" in _text(_one(make, MemorySnapshot.of(files)))


@pytest.mark.parametrize(
    "reference",
    ["github.com/example/web//deploy?ref=v1", "https://example.com/a.yaml", "git@github.com:example/web.git"],
)
def test_a_remote_reference_is_refused_with_its_place(reference: str, make: Make) -> None:
    files = {**_FILES, "base/kustomization.yaml": f"resources:\n- {reference}\n"}
    result = _one(make, MemorySnapshot.of(files))
    assert isinstance(result, RenderFailed)
    assert (result.code, result.at) == ("remote", Where("base/kustomization.yaml", 2, 3))
    assert result.message == f"{reference!r} is fetched from elsewhere, which is denied"


def test_what_leads_out_of_the_repository_is_refused(make: Make, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kustomization.yaml").write_text("namePrefix: a-\n")
    root = tmp_path / "r"
    (root / "dev").mkdir(parents=True)
    (root / "dev/kustomization.yaml").write_text("resources: [../link, ../../outside]\n")
    (root / "link").symlink_to(outside)
    result = _one(make, FolderSnapshot(str(root)))
    assert isinstance(result, RenderFailed)
    assert (result.code, str(result.at)) == ("missing", "dev/kustomization.yaml:1:13")


def test_links_inside_the_repository_are_followed(make: Make) -> None:
    files = MemorySnapshot.of(_FILES).with_files(
        {
            "common": File(b"base", SYMLINK),
            "dev/s.yaml": File(b"more.yaml", SYMLINK),
            "dev/more.yaml": File(_SERVICE.replace("web", "more").encode()),
            "dev/kustomization.yaml": File(b"resources: [../common, s.yaml]\n"),
        }
    )
    assert _text(_one(make, files)).count("kind: Service") == 2


def test_content_that_is_not_utf8_goes_through(make: Make, tmp_path: Path) -> None:
    files = {**_FILES, "dev/kustomization.yaml": "configMapGenerator:\n- name: c\n  files: [blob.bin]\n"}
    snapshot = MemorySnapshot.of(files).with_files({"dev/blob.bin": File(b"\xff\x00\xfe")})
    assert "binaryData:\n  blob.bin: /wD+\n" in _text(_one(make, snapshot))


def test_names_that_are_not_utf8_go_through(make: Make, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9")
    files = {path.replace("dev/", f"{name}/"): text for path, text in _FILES.items()}
    repo = new_repo(tmp_path / "r", files)
    for snapshot in (MemorySnapshot.of(files), repo.work_tree(), repo.at("HEAD"), repo.index()):
        result = _one(make, snapshot, name)
        assert result.overlay == name
        assert "namespace: dev" in _text(result)


def test_warnings_are_told(make: Make) -> None:
    files = {**_FILES, "dev/kustomization.yaml": "bases: [../base]\n"}
    result = _one(make, MemorySnapshot.of(files))
    assert isinstance(result, Rendered)
    assert [w for w in result.warnings if "'bases' is deprecated" in w] == list(result.warnings)
    assert len(result.warnings) == 1


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (_BOMB, "the aliases of dev/x.yaml expand to more than 200000 values"),
        ("[" * 30_000, "dev/x.yaml nests more than 200 levels"),
        ("x: " + "x" * 5_000_000, "dev/x.yaml has 5000003 bytes; more than 4194304 are not read as YAML"),
    ],
)
def test_a_file_that_would_choke_kustomize_is_refused(file: str, told: str, make: Make) -> None:
    files = {"dev/kustomization.yaml": "resources: [x.yaml]\n", "dev/x.yaml": file}
    result = _one(make, MemorySnapshot.of(files))
    assert isinstance(result, RenderFailed)
    if file[0] == "[":  # libyaml gives up on it first, in words of its own
        assert result.code == "build"
    else:
        assert (result.code, result.message, result.at and result.at.path) == ("build", told, "dev/x.yaml")


def test_views_are_shared(make: Make) -> None:
    engine, snapshot = make(1), MemorySnapshot.of(_FILES)
    assert engine.view(snapshot) is engine.view(snapshot)
