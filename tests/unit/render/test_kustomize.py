"""The renderer, with the real kustomize or kubectl."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.doors.fs import FolderSnapshot
from fairlead.model.errors import WorldError
from fairlead.model.findings import Where
from fairlead.model.rendering import Rendered, RenderFailed, Trial
from fairlead.model.snapshot import SYMLINK, File, MemorySnapshot
from fairlead.render import kustomize
from fairlead.render.kustomize import KustomizeRenderer
from tests.support import new_repo

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_FILES = {
    "base/kustomization.yaml": "resources: [s.yaml]\n",
    "base/s.yaml": _SERVICE,
    "dev/kustomization.yaml": "resources: [../base]\nnamespace: dev\n",
    "staging/kustomization.yaml": "resources: [../base]\nnamespace: staging\n",
}


def test_answers_stand_in_the_order_of_the_trials_and_each_is_counted() -> None:
    snapshot = MemorySnapshot.of(_FILES)
    counted: list[int] = []
    engine = KustomizeRenderer(2, on_result=lambda: counted.append(1))
    names = ("staging", "dev", "base", "dev")
    results = engine.render(tuple(Trial(snapshot, name) for name in names))
    assert tuple(r.overlay for r in results) == names
    assert all(isinstance(r, Rendered) for r in results)
    assert len(counted) == 4
    assert engine.render(()) == ()


def test_a_folder_a_commit_the_index_an_edit_and_memory_render_to_the_same_bytes(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "r", _FILES)
    memory = MemorySnapshot.of(_FILES)
    snapshots = [
        repo.work_tree(), repo.at("HEAD"), repo.index(), memory,
        FolderSnapshot(str(tmp_path / "r")), memory.with_files({"unrelated": File(b"x")}),
    ]  # fmt: skip
    engine = KustomizeRenderer(2)
    texts = {getattr(r, "text", r) for r in engine.render(tuple(Trial(s, "dev") for s in snapshots))}
    assert len(texts) == 1


def test_a_failures_words_are_the_same_whatever_the_folder(tmp_path: Path) -> None:
    files = {**_FILES, "dev/kustomization.yaml": "resources: [../base]\nreplicas:\n- {name: x, count: 1}\n"}
    repo = new_repo(tmp_path / "r", files)
    engine = KustomizeRenderer(2)
    results = engine.render(tuple(Trial(s, "dev") for s in (repo.work_tree(), repo.at("HEAD"))))
    assert len(set(results)) == 1
    (failed,) = set(results)
    assert isinstance(failed, RenderFailed)
    assert failed.code == "build"
    assert "/" not in failed.message.replace("../base", "")


def test_a_file_that_the_graph_does_not_name_is_found_by_the_whole_tree() -> None:
    files = {
        **_FILES,
        "dev/kustomization.yaml": "resources: [../base]\ntransformers: [t.yaml]\n",
        "dev/t.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npath: hidden.yaml\n",
        "dev/hidden.yaml": _SERVICE + "  labels: {hidden: 'yes'}\n",
    }
    (result,) = KustomizeRenderer(1).render((Trial(MemorySnapshot.of(files), "dev"),))
    assert isinstance(result, Rendered)
    assert "hidden:" in result.text


@pytest.mark.parametrize(
    "reference",
    ["github.com/example/web//deploy?ref=v1", "https://example.com/a.yaml", "git@github.com:example/web.git"],
)
def test_a_remote_reference_is_refused_before_anything_runs(reference: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kustomize, "run", lambda _: pytest.fail("kustomize was started"))
    files = {**_FILES, "base/kustomization.yaml": f"resources:\n- {reference}\n"}
    (result,) = KustomizeRenderer(1).render((Trial(MemorySnapshot.of(files), "dev"),))
    assert isinstance(result, RenderFailed)
    assert (result.code, result.at) == ("remote", Where("base/kustomization.yaml", 2, 3))


def test_what_leads_out_of_the_repository_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kustomization.yaml").write_text("namePrefix: a-\n")
    root = tmp_path / "r"
    (root / "dev").mkdir(parents=True)
    (root / "dev/kustomization.yaml").write_text("resources: [../link, ../../outside]\n")
    (root / "link").symlink_to(outside)
    (result,) = KustomizeRenderer(1).render((Trial(FolderSnapshot(str(root)), "dev"),))
    assert isinstance(result, RenderFailed)
    assert (result.code, str(result.at)) == ("missing", "dev/kustomization.yaml:1:13")


def test_links_inside_the_repository_are_followed() -> None:
    files = MemorySnapshot.of(_FILES).with_files(
        {
            "common": File(b"base", SYMLINK),
            "dev/s.yaml": File(b"../base/s.yaml", SYMLINK),
            "dev/kustomization.yaml": File(b"resources: [../common]\n"),
        }
    )
    (result,) = KustomizeRenderer(1).render((Trial(files, "dev"),))
    assert isinstance(result, Rendered)


def test_neither_git_nor_helm_nor_the_network_can_be_reached() -> None:
    environment = kustomize._ENVIRONMENT
    assert environment["PATH"] == ""
    assert environment["HTTPS_PROXY"] == environment["http_proxy"] == "http://127.0.0.1:9"
    assert "KUSTOMIZE_PLUGIN_HOME" not in environment


def test_without_kustomize_the_remedy_says_where_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kustomize, "which", lambda _: None)
    with pytest.raises(WorldError) as caught:
        KustomizeRenderer(1).render((Trial(MemorySnapshot.of(_FILES), "dev"),))
    assert caught.value.remedy is not None


def test_a_time_limit_is_a_result(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "kustomize"
    slow.write_text("#!/bin/sh\nexec /bin/sleep 20\n")
    slow.chmod(0o755)
    monkeypatch.setattr(kustomize, "which", lambda name: str(slow) if name == "kustomize" else None)
    (result,) = KustomizeRenderer(1, timeout=0.3).render((Trial(MemorySnapshot.of(_FILES), "dev"),))
    assert isinstance(result, RenderFailed)
    assert result.code == "timeout"


def test_the_version_names_the_engine() -> None:
    name, _, number = KustomizeRenderer(1).version.rpartition(" ")
    assert name in ("kustomize", "kubectl kustomize")
    assert number.startswith("v")
