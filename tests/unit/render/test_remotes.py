"""Remote bases that are allowed: fetched once, rendered offline, to the bytes of kustomize's own clone."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from fairlead.doors.git import remotes as door
from fairlead.doors.git.repository import Repository
from fairlead.model.findings import Where
from fairlead.model.rendering import Input, Rendered, RenderFailed, RenderResult, Trial
from fairlead.model.snapshot import MemorySnapshot
from fairlead.render.engine import Engine
from fairlead.render.helper import HelperRenderer
from fairlead.repo.remotes import BuildRules, RemoteRule
from tests.support import new_repo
from tests.unit.render.conftest import Make, kustomize

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_OTHER = {
    "deploy/kustomization.yaml": "resources: [../base]\nnamePrefix: far-\n"
    "configMapGenerator:\n- name: c\n  files: [f.txt]\n",
    "deploy/f.txt": "x\n",
    "base/kustomization.yaml": "resources: [s.yaml]\n",
    "base/s.yaml": _SERVICE,
    "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -part\n",
}


@pytest.fixture
def other(tmp_path: Path) -> Repository:
    """The remote repository."""
    return new_repo(tmp_path / "other", _OTHER)


@pytest.fixture
def allowed(make: Make, tmp_path: Path) -> Engine:
    """An engine that may take from the folder in which the remote repository lies, at commits and tags."""
    return make(2).under(BuildRules(remote=(RemoteRule(f"file://{tmp_path}/*", tags=True),)))


def _url(repo: Repository, folder: str, ref: str = "") -> str:
    return f"file://{repo.root}//{folder}?ref={ref or repo.git.resolve('HEAD')}"


def _one(engine: Engine, text: str) -> RenderResult:
    (result,) = engine.render(
        (Trial(MemorySnapshot.of({"dev/kustomization.yaml": text, "dev/s.yaml": _SERVICE}), "dev"),)
    )
    return result


def _text(result: RenderResult) -> str:
    assert isinstance(result, Rendered), result
    return result.text


def test_the_bytes_are_those_of_kustomizes_own_clone(allowed: Engine, other: Repository, tmp_path: Path) -> None:
    argv = kustomize()
    other.git.run("tag", "v1")
    texts = {
        "commit": f"resources: ['{_url(other, 'deploy')}']\nnamespace: dev\n",
        "tag": f"resources: ['{_url(other, 'deploy', 'v1')}']\n",
        "component": f"resources: [s.yaml]\ncomponents: ['{_url(other, 'part')}']\n",
        "origin": f"resources: ['{_url(other, 'deploy')}']\nbuildMetadata: [originAnnotations]\n",
    }
    for name, text in texts.items():
        folder = tmp_path / name
        folder.mkdir()
        (folder / "kustomization.yaml").write_text(text)
        (folder / "s.yaml").write_text(_SERVICE)
        own = subprocess.run([*argv, str(folder)], capture_output=True, text=True, check=True)
        assert _text(_one(allowed, text)) == own.stdout


def test_nothing_is_asked_for_twice(make: Make, other: Repository, tmp_path: Path) -> None:
    rules = BuildRules(remote=(RemoteRule(f"file://{tmp_path}/*", tags=True),))
    other.git.run("tag", "v1")
    texts = [f"resources: ['{_url(other, 'base', ref)}']\n" for ref in ("", "v1")]
    first = [_text(_one(make(1).under(rules), text)) for text in texts]
    shutil.rmtree(other.root)
    assert [_text(_one(make(1).under(rules), text)) for text in texts] == first == [_SERVICE, _SERVICE]


def test_many_overlays_that_name_one_base_are_all_rendered_in_order(allowed: Engine, other: Repository) -> None:
    names = tuple(f"o{number}" for number in range(40))
    url = _url(other, "base")
    files = {f"{name}/kustomization.yaml": f"resources: ['{url}']\nnamespace: {name}\n" for name in names}
    snapshot = MemorySnapshot.of(files)
    counted: list[int] = []
    allowed.on_result = lambda: counted.append(1)
    results = allowed.render(tuple(Trial(snapshot, name) for name in names))
    assert [_text(result) for result in results] == [f"{_SERVICE}  namespace: {name}\n" for name in names]
    assert len(counted) == len(names)


def test_a_moved_tag_stays_what_it_was_when_it_was_fetched(allowed: Engine, other: Repository) -> None:
    other.git.run("tag", "v1")
    text = f"resources: ['{_url(other, 'base', 'v1')}']\n"
    assert _text(_one(allowed, text)) == _SERVICE
    (Path(other.root) / "base/s.yaml").write_text(_SERVICE.replace("web", "new"))
    other.git.run("add", "--all")
    other.git.run("-c", "user.name=n", "-c", "user.email=e@localhost", "commit", "-qm", "Move")
    other.git.run("tag", "--force", "v1")
    assert _text(_one(allowed, text)) == _SERVICE


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        (
            "file://{root}//base?ref=main",
            "'file://{root}//base?ref=main' can't be fetched: file://{root} has no tag 'main'",
        ),
        (
            "file://{root}//base",
            "'file://{root}//base' names no version: what it gives today, it need not give tomorrow",
        ),
        (
            f"file://{{root}}//base?ref={'1' * 40}",
            f"'file://{{root}}//base?ref={'1' * 40}' can't be fetched: file://{{root}} has no commit {'1' * 40}, "
                "or gives it to nobody",
        ),
        (
            "https://example.com/o/r?ref=v1",
            "'https://example.com/o/r?ref=v1' is fetched from elsewhere, and fairlead builds offline",
        ),
        (
            "https://example.com/a.yaml",
            "'https://example.com/a.yaml' is no git repository to kustomize, and single files are never fetched",
        ),
    ],
)  # fmt: skip
def test_what_is_not_allowed_or_not_there_is_told_with_its_place(
    reference: str, told: str, allowed: Engine, other: Repository
) -> None:
    result = _one(allowed, f"resources:\n- s.yaml\n- '{reference.format(root=other.root)}'\n")
    assert result == RenderFailed("dev", "remote", told.format(root=other.root), Where("dev/kustomization.yaml", 3, 3))
    assert result.inputs == ()  # it may go well tomorrow: nobody keeps it


def test_a_base_is_judged_by_what_it_names_in_turn(allowed: Engine, other: Repository, tmp_path: Path) -> None:
    inner = _url(other, "base")
    outer = new_repo(tmp_path / "outer", {
        "good/kustomization.yaml": f"resources: ['{inner}']\nnameSuffix: -outer\n",
        "bad/kustomization.yaml": "resources: ['https://example.com/o/r?ref=v1']\n",
        "up/kustomization.yaml": "resources: [../../dev]\n",
        "own/kustomization.yaml": f"resources: ['file://{tmp_path}/outer//own?ref=v1']\n",
    })  # fmt: skip
    outer.git.run("tag", "v1")
    assert "name: web-outer" in _text(_one(allowed, f"resources: ['{_url(outer, 'good')}']\n"))
    for folder, code, told in (
        (
            "bad",
            "remote",
            "can't be used: bad/kustomization.yaml:1:13: 'https://example.com/o/r?ref=v1' is fetched from",
        ),
        ("up", "remote", "can't be used: up/kustomization.yaml:1:13: '../../dev' leads out of the repository"),
        ("own", "build", "cycle detected: URI"),
    ):
        result = _one(allowed, f"resources: ['{_url(outer, folder, 'v1')}']\n")
        assert isinstance(result, RenderFailed)
        assert result.code == code
        assert told in result.message


def test_a_lifted_load_restrictor_is_not_lifted_for_a_remote_base(make: Make, tmp_path: Path) -> None:
    other = new_repo(tmp_path / "other", {"deploy/kustomization.yaml": "resources: [../s.yaml]\n", "s.yaml": _SERVICE})
    rules = BuildRules(unrestricted=True, remote=(RemoteRule(f"file://{tmp_path}/*"),))
    engine = make(1).under(rules)
    result = _one(engine, f"resources: ['{_url(other, 'deploy')}']\n")
    assert isinstance(result, RenderFailed)
    assert "security; file '(remote base)/s.yaml' is not in or below '(remote base)/deploy'" in result.message


def test_a_lifted_load_restrictor_stays_within_the_repository(make: Make, tmp_path: Path) -> None:
    engine = make(1).under(BuildRules(unrestricted=True))
    root = new_repo(tmp_path / "r", {
        "dev/kustomization.yaml": "resources: [../s.yaml]\n", "s.yaml": _SERVICE,
        "out/kustomization.yaml": "resources: [../../secret.yaml]\n",
        "link/kustomization.yaml": "resources: [deep/x.yaml]\n",
        "hidden/kustomization.yaml": "resources: [../s.yaml]\ntransformers: [t.yaml]\n",
        "hidden/t.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npath: ../../secret.yaml\n",
    })  # fmt: skip
    (tmp_path / "secret.yaml").write_text(_SERVICE.replace("web", "secret"))
    # A link whose words stay inside, and whose way does not.
    (tmp_path / "r/link/deep").mkdir()
    (tmp_path / "r/link/deep/y").symlink_to("../../dev")
    (tmp_path / "r/link/deep/x.yaml").symlink_to("y/../../secret.yaml")
    for snapshot in (root.work_tree(), root.index()):
        good, *bad = engine.render(tuple(Trial(snapshot, name) for name in ("dev", "out", "link", "hidden")))
        assert _text(good) == _SERVICE
        assert [isinstance(result, RenderFailed) for result in bad] == [True] * 3
    (plain,) = make(1).render((Trial(root.work_tree(), "dev"),))
    assert isinstance(plain, RenderFailed)


def test_a_result_depends_on_the_commit(other: Repository, program: str, tmp_path: Path) -> None:
    engine = HelperRenderer(program, 1)
    rules = BuildRules(remote=(RemoteRule(f"file://{tmp_path}/other"),))
    commit = other.git.resolve("HEAD")
    result = _one(engine.under(rules), f"resources: ['{_url(other, 'base')}']\n")
    engine.close()
    assert isinstance(result, Rendered)
    assert [i for i in result.inputs if i.kind == "remote"] == [
        Input("remote", f"file://{other.root}?ref={commit}", commit or "")
    ]


def test_the_folders_that_kustomize_clones_into_are_gone(allowed: Engine, other: Repository, tmp_path: Path) -> None:
    _text(_one(allowed, f"resources: ['{_url(other, 'base')}']\n"))
    assert list((allowed._remotes.folder / "clones").iterdir()) == []  # type: ignore[attr-defined]
    assert [p.suffix for p in sorted(door.folder().iterdir())] == [".git", ".lock"]
