"""`fairlead affected` as people and CI run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.test_check_cli import fairlead, git
from tests.support import new_repo

_POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
_FILES = {
    "fairlead.yaml": "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"
    "layout: ['apps/{app}/overlays/{env}']\n",
    "shared/kustomization.yaml": "resources: [pod.yaml]\n",
    "shared/pod.yaml": _POD,
    "apps/web/base/kustomization.yaml": "resources: [../../../shared]\n",
    "apps/web/overlays/dev/kustomization.yaml": "resources: [../../base]\n",
    "apps/web/overlays/production/kustomization.yaml": "resources: [../../base, later.yaml]\n",
    "apps/api/overlays/dev/kustomization.yaml": "resources: [pod.yaml]\n",
    "apps/api/overlays/dev/pod.yaml": _POD,
    "README.md": "# fleet\n",
}
_WEB = ["apps/web/overlays/dev", "apps/web/overlays/production"]


@pytest.fixture(params=["library", "program"])
def engine(request: pytest.FixtureRequest) -> dict[str, str]:
    return {} if request.param == "library" else {"FAIRLEAD_RENDERER": "none"}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    new_repo(tmp_path / "fleet", _FILES)
    return tmp_path / "fleet"


def _told(repo: Path, *arguments: str, **environment: str) -> dict[str, list[list[str]]]:
    done = fairlead(repo, "affected", "--json", *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return {o["path"]: o["ways"] for o in json.loads(done.stdout)["overlays"]}


def test_the_way_leads_from_the_overlay_to_the_file(repo: Path, engine: dict[str, str]) -> None:
    (repo / "shared/pod.yaml").write_text(_POD + "spec: {}\n")
    told = _told(repo, **engine)
    assert sorted(told) == _WEB
    assert told["apps/web/overlays/dev"] == [
        [
            "apps/web/overlays/dev/kustomization.yaml", "apps/web/base/kustomization.yaml",
            "shared/kustomization.yaml", "shared/pod.yaml",
        ]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("paths", "overlays"),
    [
        (["shared/pod.yaml"], _WEB),
        (["shared"], _WEB),
        (["apps/api"], ["apps/api/overlays/dev"]),
        (["README.md"], []),
        (["apps/web/overlays/production/later.yaml"], ["apps/web/overlays/production"]),
        (["shared/kustomization.yml"], _WEB),  # of two kustomization files, kustomize takes neither
        (["shared/other.yaml"], []),
        (["fairlead.yaml"], ["apps/api/overlays/dev", *_WEB]),
    ],
)
def test_paths_ask_what_their_change_would_reach(repo: Path, paths: list[str], overlays: list[str]) -> None:
    for _ in ("by the kustomization files", "by what was recorded"):
        assert sorted(_told(repo, *paths)) == overlays
        fairlead(repo, "check")


def test_a_file_beside_counts_where_kustomizations_may_read_it(repo: Path) -> None:
    (repo / "fairlead.yaml").write_text(_FILES["fairlead.yaml"] + "build: {load_restrictor: none}\n")
    (repo / "apps/api/overlays/dev/kustomization.yaml").write_text("resources: [../../../../common/pod.yaml]\n")
    (repo / "common").mkdir()
    (repo / "common/pod.yaml").write_text(_POD)
    git(repo, "add", "--all")
    git(repo, "commit", "-qm", "beside")
    (repo / "common/pod.yaml").write_text(_POD + "spec: {}\n")
    git(repo, "add", "--all")
    assert list(_told(repo, "--staged")) == ["apps/api/overlays/dev"]
    done = fairlead(repo, "check", "--staged", "--format", "json")
    assert [o["path"] for o in json.loads(done.stdout)["overlays"]] == ["apps/api/overlays/dev"]


def test_a_base_that_is_there_no_more_is_missed_by_who_named_it(repo: Path, engine: dict[str, str]) -> None:
    git(repo, "rm", "-q", "-r", "shared")
    git(repo, "commit", "-qm", "gone")
    assert sorted(_told(repo, "shared/kustomization.yaml", **engine)) == _WEB


def test_before_and_after_a_change_both_count(repo: Path, engine: dict[str, str]) -> None:
    (repo / "apps/web/base/kustomization.yaml").write_text("resources: []\n")
    (repo / "shared/pod.yaml").write_text(_POD + "spec: {}\n")
    told = _told(repo, **engine)
    assert [way[-1] for way in told["apps/web/overlays/dev"]] == ["apps/web/base/kustomization.yaml", "shared/pod.yaml"]


def test_an_overlay_that_is_gone_is_told_so(repo: Path) -> None:
    git(repo, "rm", "-q", "-r", "apps/api")
    done = fairlead(repo, "affected", "--staged", "--json")
    (row,) = json.loads(done.stdout)["overlays"]
    assert (row["path"], row["gone"]) == ("apps/api/overlays/dev", True)


def test_since_counts_from_where_history_forked(repo: Path) -> None:
    git(repo, "switch", "-q", "-c", "topic")
    (repo / "apps/api/overlays/dev/pod.yaml").write_text(_POD + "spec: {}\n")
    git(repo, "commit", "-qam", "topic")
    git(repo, "switch", "-q", "main")
    (repo / "shared/pod.yaml").write_text(_POD + "spec: {}\n")
    git(repo, "commit", "-qam", "main goes on")
    git(repo, "switch", "-q", "topic")
    assert list(_told(repo, "--since", "main")) == ["apps/api/overlays/dev"]
    done = fairlead(repo, "check", "--since", "main", "--format", "json")
    assert [o["path"] for o in json.loads(done.stdout)["overlays"]] == ["apps/api/overlays/dev"]


def test_text_names_app_environment_and_the_file_that_changed(repo: Path) -> None:
    (repo / "shared/pod.yaml").write_text(_POD + "spec: {}\n")
    done = fairlead(repo, "affected")
    assert done.returncode == 0
    row = " ".join(next(line for line in done.stdout.splitlines() if "overlays/production" in line).split())
    assert row.startswith("apps/web/overlays/production web production shared/pod.yaml <- shared <-")
    assert done.stderr == "2 overlays of web in dev, production\n"


def test_nothing_is_no_error(repo: Path) -> None:
    done = fairlead(repo, "affected")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "nothing changed\n")
    (repo / "README.md").write_text("other\n")
    assert fairlead(repo, "affected").stderr == "1 changed files reach no overlay\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--staged", "--since", "HEAD"], "exclude each other"),
        (["--since", "nowhere"], "there is no commit 'nowhere'"),
        (["../elsewhere"], "is not in"),
    ],
)
def test_words_that_are_off_are_told(repo: Path, arguments: list[str], told: str) -> None:
    done = fairlead(repo, "affected", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_shallow_clone_says_how_to_get_more(repo: Path, tmp_path: Path) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", "more")
    git(tmp_path, "clone", "-q", "--depth", "1", repo.as_uri(), "shallow")
    done = fairlead(tmp_path / "shallow", "check", "--since", "HEAD~1")
    assert done.returncode == 2
    assert "git fetch --unshallow" in done.stderr
