"""What is kept from run to run changes how long a check takes, and never what it says."""

from __future__ import annotations

import json
import os
import random
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fairlead.doors.git.repository import Repository
from fairlead.doors.store import FORM, Store
from fairlead.model.rendering import Rendered, RenderFailed, Trial
from fairlead.render import helper
from fairlead.render.memory import Memory
from fairlead.repo.manifest import Standing
from fairlead.steps.checking import Outcome
from fairlead.steps.rendering import opened
from fairlead.steps.world import Run, open_world
from fairlead.workflows.check import Request, check
from tests.promotions import git
from tests.support import new_repo

pytestmark = pytest.mark.skipif(
    helper.found() is None, reason="there is no fairlead-renderer: nothing is kept without it (make renderer)"
)

_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n"
    "  - name: web\n    image: example.com/web:1.0\n"
)
_PATCH = (
    "patches:\n- target: {kind: Pod, name: %s}\n  patch: |\n    - {op: add, path: /metadata/labels, value: {a: b}}\n"
)
_COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
_APPS = {
    f"apps/{app}/overlays/{env}/kustomization.yaml": f"namespace: {app}-{env}\nresources: [../../base]\n"
    for app in ("web", "api")
    for env in ("dev", "staging", "production")
}
FILES = {
    "fairlead.yaml": "version: 1\nenvironments: {dev: {}, staging: {}, production: {}}\n"
    "chains: [[dev, staging, production]]\nlayout: ['apps/{app}/overlays/{env}']\n",
    **_APPS,
    "apps/web/base/kustomization.yaml": "resources: [pod.yaml]\n",
    "apps/web/base/pod.yaml": _POD,
    "apps/api/base/kustomization.yaml": "resources: [pod.yaml]\nconfigMapGenerator:\n- name: c\n  envs: [a.env]\n",
    "apps/api/base/pod.yaml": _POD.replace("name: web", "name: api"),
    "apps/api/base/a.env": "A=1\n",
    # One takes a component in for which it has nothing; another has.
    "apps/web/overlays/dev/kustomization.yaml": "resources: [../../base]\ncomponents: [../../../../parts/labels]\n",
    "apps/api/overlays/dev/kustomization.yaml": "resources: [../../base]\ncomponents: [../../../../parts/labels]\n",
    "parts/labels/kustomization.yaml": f"{_COMPONENT}{_PATCH % 'api'}",
    # This one does not build, and a file lies beside that is nearly what it looks for.
    "apps/api/overlays/staging/kustomization.yaml": "resources: [../../base, servce.yaml]\n",
    "apps/api/overlays/staging/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: api}\n",
    "apps/web/overlays/production/kustomization.yaml": "resources: [../../base]\nimages: [{name: x, newTag: '2'}]\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Repositories that are older than what is trusted: a file's change time can't be set back by a person."""

    def aged() -> Iterator[Path]:
        while True:
            folders = [tmp_path_factory.mktemp("shelf") / "fleet" for _ in range(12)]
            new_repo(folders[0], FILES)
            for folder in folders[1:]:
                shutil.copytree(folders[0], folder, symlinks=True)
                git(folder, "update-index", "-q", "--refresh")
            time.sleep(2.2)
            yield from folders

    return aged()


@pytest.fixture
def repo(shelf: Iterator[Path]) -> Repository:
    found = Repository.open(next(shelf))
    assert found is not None
    return found


def _told(outcome: Outcome) -> object:
    return outcome.results, outcome.findings, outcome.version, outcome.notes


def _fresh(outcome: Outcome) -> set[str]:
    return {result.overlay for result in outcome.results if result.fresh}


def _check(repo: Repository, **request: object) -> Outcome:
    return check(Run(Path(repo.root), jobs=2), Request(**request))  # type: ignore[arg-type]  options by name


def _unremembered(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> Outcome:
    with monkeypatch.context() as patch:
        patch.setenv("FAIRLEAD_CACHE", "none")
        return _check(repo)


def _write(repo: Repository, path: str, text: str | None) -> None:
    place = Path(repo.root, path)
    if text is None:
        place.unlink()
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


def test_nothing_is_rendered_twice(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _check(repo)
    monkeypatch.setattr("fairlead.render.pool.Worker", lambda *_: pytest.fail("a helper was started"))
    second = _check(repo)
    assert _fresh(first) == set(_APPS_PATHS)
    assert _fresh(second) == set()
    assert _told(first) == _told(second)
    assert {finding.rule for finding in first.findings} >= {"missing-file", "dead-image", "unread-file"}


_APPS_PATHS = tuple(sorted(path.rpartition("/")[0] for path in _APPS))


def test_files_that_look_the_same_are_not_read(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    _check(repo)
    read: list[str] = []
    real = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda self: (read.append(str(self)), real(self))[1])
    _check(repo)
    inside = [name for name in read if name.startswith(repo.root) and not name.endswith("/service.yaml")]
    assert inside == [f"{repo.root}/fairlead.yaml"]


@pytest.mark.parametrize(
    ("path", "text", "fresh"),
    [
        ("apps/web/overlays/dev/kustomization.yaml", "resources: [../../base]\n", {"apps/web/overlays/dev"}),
        ("apps/api/base/a.env", "A=2\n", {f"apps/api/overlays/{env}" for env in ("dev", "staging", "production")}),
        ("apps/web/base/pod.yaml", _POD.replace("1.0", "1.1"), {p for p in _APPS_PATHS if "/web/" in p}),
        ("apps/web/overlays/dev/kustomization.yml", "resources: [../../base]\n", {"apps/web/overlays/dev"}),
        ("apps/api/overlays/staging/servce.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: x}\n",
         {"apps/api/overlays/staging"}),
        ("README.md", "not a word of it matters\n", set()),
    ],
)  # fmt: skip
def test_only_what_a_change_reaches_is_rendered(
    repo: Repository, monkeypatch: pytest.MonkeyPatch, path: str, text: str, fresh: set[str]
) -> None:
    _check(repo)
    _write(repo, path, text)
    again = _check(repo)
    assert _fresh(again) == fresh
    assert _told(again) == _told(_unremembered(repo, monkeypatch))


def test_what_others_have_use_for_is_judged_anew_when_they_go(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _check(repo)
    assert not [f for f in before.findings if f.rule == "dead-patch"]
    _write(repo, "apps/api/overlays/dev/kustomization.yaml", "resources: [../../base]\n")
    after = _check(repo)
    assert [f.where.path for f in after.findings if f.rule == "dead-patch"] == ["parts/labels/kustomization.yaml"]
    assert _told(after) == _told(_unremembered(repo, monkeypatch))


def test_a_namespace_that_another_overlay_declares_is_judged_anew(
    repo: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    _check(repo)
    _write(repo, "apps/web/overlays/staging/kustomization.yaml", "namespace: web-dev\nresources: [../../base]\n")
    _write(repo, "apps/web/overlays/dev/kustomization.yaml", "namespace: web-dev\nresources: [../../base]\n")
    assert _told(_check(repo)) == _told(_unremembered(repo, monkeypatch))


def test_rules_that_changed_judge_anew_and_render_nothing(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    _check(repo)
    _write(repo, "fairlead.yaml", FILES["fairlead.yaml"] + "check: {ignore: [dead-image]}\n")
    after = _check(repo)
    assert _fresh(after) == set()
    assert "dead-image" not in {f.rule for f in after.findings}
    assert _told(after) == _told(_unremembered(repo, monkeypatch))


def test_code_that_changed_judges_anew(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    _check(repo)
    monkeypatch.setattr("fairlead.steps.judging._rules", lambda: "another version")
    judged: list[str] = []
    from fairlead.checks import run as rules

    real = rules.judge
    monkeypatch.setattr(rules, "judge", lambda of, *rest: (judged.append(of.folder), real(of, *rest))[1])
    assert _fresh(_check(repo)) == set()
    assert sorted(judged) == sorted(_APPS_PATHS)


_EDITS: tuple[Callable[[random.Random, str], str | None], ...] = (
    lambda rng, text: "\n".join(line for line in text.split("\n") if rng.random() > 0.2),
    lambda _, text: text.replace("web", "api"),
    lambda _, text: text.replace("- target", "# - target"),
    lambda _, text: text.replace("1.0", "latest"),
    lambda _, text: text + "\nimages: [{name: example.com/web, newTag: '3'}]\n",
    lambda _, text: text.replace("resources: [", "resources: [gone.yaml, "),
    lambda _, text: text + "\nname: [",
    lambda *_: None,
)


@pytest.mark.parametrize("seed", range(6))
def test_after_any_edits_a_remembering_check_says_what_a_forgetful_one_says(
    repo: Repository, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    rng = random.Random(seed)
    _check(repo)
    for _ in range(5):
        names = [p for p in sorted(FILES) if p != "fairlead.yaml" and Path(repo.root, p).is_file()]
        for path in rng.sample(names, 2):
            _write(repo, path, rng.choice(_EDITS)(rng, Path(repo.root, path).read_text()))
        if rng.random() < 0.5:
            gone = [p for p in sorted(FILES) if not Path(repo.root, p).is_file()]
            for path in gone[:1]:
                _write(repo, path, FILES[path])
        assert _told(_check(repo)) == _told(_unremembered(repo, monkeypatch)), seed


@pytest.mark.parametrize("size", [1, 4])
def test_overlays_that_are_judged_in_parts_are_judged_alike(
    repo: Repository, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setenv("FAIRLEAD_CACHE", "none")
    at_once = _check(repo)
    monkeypatch.setattr("fairlead.steps.checking._PART", size)
    monkeypatch.setattr("fairlead.repo.graph._AT_HAND", size)
    assert _told(_check(repo)) == _told(at_once)


def test_index_commit_and_work_tree_share_what_is_kept(repo: Repository) -> None:
    assert _fresh(_check(repo, at="HEAD")) == set(_APPS_PATHS)
    assert _fresh(_check(repo)) == set()
    _write(repo, "apps/web/base/pod.yaml", _POD.replace("1.0", "1.1"))
    repo.git.run("add", "--all")
    staged = _check(repo, staged=True)
    assert _fresh(staged) == {p for p in _APPS_PATHS if "/web/" in p}
    assert _fresh(_check(repo)) == set()
    assert _fresh(_check(repo, at="HEAD")) == set()


def test_a_cached_result_that_was_changed_is_made_again(repo: Repository) -> None:
    first = _check(repo)
    for place in (Store().folder / "results").rglob("*"):
        if place.is_file():
            place.write_bytes(bytes(byte ^ (at % 50 == 49) for at, byte in enumerate(place.read_bytes())))
    world = open_world(Run(Path(repo.root)))
    with opened(world) as engine:
        made = engine.render(tuple(Trial(world.work_tree, folder) for folder in _APPS_PATHS))
    assert not any(result.recalled for result in made)
    assert sum(isinstance(result, Rendered) for result in made) == sum(result.built for result in first.results)


def test_recalled_results_are_the_same_to_the_byte(repo: Repository) -> None:
    made = []
    for _ in range(2):
        world = open_world(Run(Path(repo.root)))
        with opened(world) as engine:
            made.append(engine.render(tuple(Trial(world.work_tree, folder) for folder in _APPS_PATHS)))
    assert made[0] == made[1]
    assert [r.recalled for r in made[1]] == [True] * len(_APPS_PATHS)
    assert any(isinstance(result, RenderFailed) for result in made[1])


def test_a_render_that_was_stopped_is_not_kept(repo: Repository) -> None:
    memory = Memory(Store(), "some", "stamp")
    late = RenderFailed("apps/web/overlays/dev", "timeout", "late", None, (), 60.0)
    unknown = Rendered("apps/web/overlays/dev", "text")
    assert memory.keep(late) is None
    assert memory.keep(unknown) is None
    assert memory.keep(replace(late, code="build")) is None
    snapshot = open_world(Run(Path(repo.root))).work_tree
    assert memory.way(Standing(snapshot), "apps/web/overlays/dev") is None


def test_many_segments_become_one(repo: Repository) -> None:
    for number in range(12):
        _write(repo, "apps/web/overlays/dev/kustomization.yaml", f"namespace: n{number}\nresources: [../../base]\n")
        _check(repo)
    segments = [p for p in (Store().folder / "manifest").rglob("*") if p.is_file()]
    assert 1 <= len(segments) <= 9
    assert _fresh(_check(repo)) == set()


def test_runs_side_by_side_lose_nothing_of_each_other(repo: Repository) -> None:
    worlds = [open_world(Run(Path(repo.root))) for _ in range(2)]
    halves = (_APPS_PATHS[::2], _APPS_PATHS[1::2])
    with opened(worlds[0]) as one, opened(worlds[1]) as two:
        for engine, world, half in ((one, worlds[0], halves[0]), (two, worlds[1], halves[1])):
            engine.render(tuple(Trial(world.work_tree, folder) for folder in half))
    world = open_world(Run(Path(repo.root)))
    with opened(world) as engine:
        assert all(r.recalled for r in engine.render(tuple(Trial(world.work_tree, f) for f in _APPS_PATHS)))


def test_without_a_cache_nothing_is_written(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAIRLEAD_CACHE", "none")
    assert _fresh(_check(repo)) == _fresh(_check(repo)) == set(_APPS_PATHS)
    assert not Path(os.environ["HOME"], ".cache").exists()


def test_a_cache_that_cannot_be_written_is_told_and_the_check_goes_on(
    repo: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("FAIRLEAD_CACHE", str(tmp_path / "file"))
    outcome = _check(repo)
    assert _fresh(outcome) == set(_APPS_PATHS)
    assert [n for n in outcome.notes if "nothing is kept for the next run" in n and "Not a directory" in n]


@pytest.mark.parametrize("said", [b"7", b"{}", b'{"mark": [], "hello": {"name": "of another version"}}', b"nonsense"])
def test_what_another_version_wrote_of_the_renderer_is_asked_anew(repo: Repository, said: bytes) -> None:
    first = _check(repo)
    store = Store()
    (place,) = [p for p in (store.folder / "helper").rglob("*") if p.is_file()]
    mark = json.loads(store.get("helper", place.name) or b"")["mark"]
    store.put("helper", place.name, said.replace(b"[]", json.dumps(mark).encode()))
    assert _told(_check(repo)) == _told(first)


def test_a_manifest_from_elsewhere_is_not_believed(repo: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is sound, and of a form that this version does not read, or holds what it should not."""
    _check(repo)
    store = Store()
    (segment,) = [p for p in (store.folder / "manifest").rglob("*") if p.is_file()]
    key = segment.relative_to(store.folder / "manifest").as_posix()
    data = store.get("manifest", key)
    assert data is not None
    for said in (
        b"{}",
        b'{"form": 2}',
        data.replace(b'"form":1', b'"form":7'),
        json.dumps({"form": 1, "inputs": 3}).encode(),
    ):
        store.put("manifest", key, said)
        assert _told(_check(repo)) == _told(_unremembered(repo, monkeypatch))
    assert FORM in str(segment)
