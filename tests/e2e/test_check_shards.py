"""`check --shard` and `report merge` as people and CI run them: eight shards print what one run prints."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.sealed import environment, fairlead, git
from tests.support import new_repo

_POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n    image: shop/web:1\n"
_WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: web\n"
_CONFIG = (
    "version: 1\nenvironments:\n  dev: {}\n  staging: {kubernetes: '1.33'}\n  production: {protected: true}\n"
    "chains: [[dev, staging, production]]\nlayout: ['apps/{app}/overlays/{env}']\n"
)


def _app(name: str, pod: str) -> dict[str, str]:
    overlays = {
        f"apps/{name}/overlays/{env}/kustomization.yaml": f"namespace: {name}-{env}\nresources:\n- ../../base\n"
        for env in ("dev", "staging", "production")
    }
    return {
        f"apps/{name}/base/kustomization.yaml": "resources:\n- pod.yaml\n- ../../../shared\n",
        f"apps/{name}/base/pod.yaml": pod.replace("name: web", f"name: {name}"),
        **overlays,
    }


_FILES = {
    "fairlead.yaml": _CONFIG,
    "shared/kustomization.yaml": "resources:\n- widget.yaml\nimages:\n- name: nobody\n  newTag: '1'\n",
    "shared/widget.yaml": _WIDGET,
    "shared/forgotten.yaml": _POD,
    **_app("api", _POD),
    **_app("shop", _POD.replace(":1", "")),
    **_app("mail", _POD.replace("image:", "imgae:")),
    "apps/mail/overlays/dev/kustomization.yaml": "resources:\n- ../../base\n- gone.yaml\n",
    "apps/api/overlays/dev/kustomization.yaml": "namespace: api-production\nresources:\n- ../../base\n",
    "lone/kustomization.yaml": "resources:\n- ../shared\nreplicas:\n- name: nobody\n  count: 2\n",
    "team/fairlead.yaml": "version: 1\nenvironments: {dev: {}}\nchains: [[dev]]\nlayout: ['{app}/overlays/{env}']\n",
    "team/web/overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\n",
    "team/web/overlays/dev/pod.yaml": _POD.replace("image:", "imgae:"),
    "team/web/overlays/dev/more.yaml": _POD,
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    new_repo(tmp_path / "fleet", _FILES)
    return tmp_path / "fleet"


def _timeless(text: str) -> str:
    """Without what depends on the machine and its cache."""
    return re.sub(r'"(seconds|rendered)": [^\n]+', r'"\1": …', text)


def _untimed(text: str) -> str:
    return re.sub(r'time="[^"]+"', 'time="…"', text)


def _unquoted(text: str) -> str:
    """Without source lines: who merges reports has no files."""
    return re.sub(r"(?m)^    [ \d]+ \| .*\n", "", text)


def _shards(repo: Path, count: int, *arguments: str) -> list[str]:
    """The reports' names, made by processes that run at the same time, within the repository."""
    names = [f"report-{index}.json" for index in range(1, count + 1)]
    running = []
    for index, name in enumerate(names, 1):
        argv = [
            sys.executable,
            "-m",
            "fairlead",
            "check",
            "--shard",
            f"{index}/{count}",
            "--format",
            "json",
            *arguments,
        ]
        with (repo / name).open("w") as out:
            running.append(subprocess.Popen(argv, cwd=repo, env=environment(repo / "no-home"), stdout=out))
    assert {process.wait(120) for process in running} <= {0, 1}
    return names


@pytest.mark.parametrize("count", [1, 3, 8])
def test_all_shards_merged_print_what_one_run_prints(repo: Path, count: int) -> None:
    whole, text = fairlead("check", "--format", "json", cwd=repo), fairlead("check", cwd=repo)
    rules = {finding["rule"] for finding in json.loads(whole.stdout)["findings"]}
    assert rules == {
        "schema", "dead-image", "mutable-tag", "foreign-namespace", "missing-file", "build-failure", "no-schema",
        "unread-file",
    }  # fmt: skip
    names = _shards(repo, count)
    merged = fairlead("report", "merge", *names, "--format", "json", cwd=repo)
    assert (merged.returncode, _timeless(merged.stdout)) == (1, _timeless(whole.stdout))
    told = fairlead("report", "merge", *reversed(names), cwd=repo)
    assert (told.returncode, told.stdout, told.stderr) == (1, _unquoted(text.stdout), text.stderr)
    for form in ("sarif", "junit", "github", "gitlab", "markdown"):
        one, several = (
            fairlead(*words, "--format", form, cwd=repo) for words in (("check",), ("report", "merge", *names))
        )
        assert (several.returncode, _untimed(several.stdout)) == (1, _untimed(one.stdout))


@pytest.mark.parametrize(
    "asked",
    [("--at", "HEAD"), ("--staged",), ("--since", "HEAD"), ("apps/mail", "team"), ("shared/widget.yaml", "lone")],
)
def test_shards_are_of_whatever_is_asked_for(repo: Path, asked: tuple[str, ...]) -> None:
    (repo / "apps/api/base/pod.yaml").write_text(_POD.replace("image:", "imagge:"))
    git("add", "apps", cwd=repo)
    (repo / "apps/api/base/pod.yaml").write_text("not yaml: [")
    whole = fairlead("check", "--format", "json", *asked, cwd=repo)
    assert json.loads(whole.stdout)["summary"]["overlays"] > 1
    merged = fairlead("report", "merge", *_shards(repo, 3, *asked), "--format", "json", cwd=repo)
    assert (merged.returncode, _timeless(merged.stdout)) == (whole.returncode, _timeless(whole.stdout))


def test_shards_of_nothing_are_nothing(repo: Path) -> None:
    names = _shards(repo, 2, "--staged")
    whole = fairlead("check", "--staged", "--format", "json", cwd=repo)
    merged = fairlead("report", "merge", *names, "--format", "json", cwd=repo)
    assert (merged.returncode, merged.stdout) == (0, whole.stdout)


def test_a_shard_says_which_it_is(repo: Path) -> None:
    told = fairlead("check", "--shard", "1/2", cwd=repo)
    assert re.search(r"^shard 1 of 2: \d+ of 11 overlays$", told.stderr, re.MULTILINE)
    assert fairlead("-q", "check", "--shard", "1/2", cwd=repo).stderr == ""


def _shard(repo: Path, name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((repo / name).read_text())
    return told


def test_costs_of_an_earlier_report_decide_the_split(repo: Path) -> None:
    names = _shards(repo, 2)
    costs = fairlead("report", "merge", *names, "--format", "json", cwd=repo).stdout
    body = json.loads(costs)
    assert all(overlay["seconds"] > 0 for overlay in body["overlays"] if overlay["built"])
    for overlay in body["overlays"]:
        overlay["seconds"] = 90.0 if overlay["path"] == "lone" else 0.01
    (repo / "costs.json").write_text(json.dumps(body))
    sizes = [len(_shard(repo, name)["overlays"]) for name in _shards(repo, 2, "--costs", "costs.json")]
    assert sorted(sizes) == [1, 10]
    assert fairlead("report", "merge", *names, "--format", "json", cwd=repo).stdout != costs  # measured again
    assert _timeless(fairlead("report", "merge", *names, "--format", "json", cwd=repo).stdout) == _timeless(costs)


def test_costs_that_are_not_there_yet_are_no_fault(repo: Path) -> None:
    told = fairlead("check", "--shard", "1/2", "--costs", "costs.json", cwd=repo)
    assert "note: there is no costs.json yet" in told.stderr
    assert told.returncode in (0, 1)


@pytest.mark.parametrize("share", ["0/4", "5/4", "x", "1", "1/0", "1/4/2", "-1/4", "1/257", "1.5/4", "²/4", ""])
def test_a_shard_that_can_not_be_is_told_with_one_that_can(repo: Path, share: str) -> None:
    told = fairlead("check", "--shard", share, cwd=repo)
    assert (told.returncode, told.stdout) == (2, "")
    assert "--shard 1/4" in told.stderr
    assert "Traceback" not in told.stderr


def test_costs_without_a_shard_and_costs_that_are_none_are_refused(repo: Path) -> None:
    alone = fairlead("check", "--costs", "costs.json", cwd=repo)
    assert (alone.returncode, "there is no --shard" in alone.stderr) == (2, True)
    none = fairlead("check", "--shard", "1/2", "--costs", "fairlead.yaml", cwd=repo)
    assert (none.returncode, "fairlead.yaml is no report" in none.stderr) == (2, True)
    folder = fairlead("check", "--shard", "1/2", "--costs", "apps", cwd=repo)
    assert (folder.returncode, "can't read apps" in folder.stderr) == (2, True)


def _refused(repo: Path, code: int, *names: str) -> str:
    done = fairlead("report", "merge", *names, cwd=repo)
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr.startswith("error: ")
    return done.stderr


def test_shards_that_do_not_make_a_whole_are_refused_with_what_to_do(repo: Path) -> None:
    one, two, three = _shards(repo, 3)
    assert "shard 2 of 3 is missing" in _refused(repo, 2, one, three)
    assert "--shard 2/3" in _refused(repo, 2, one, three)
    assert "shards 1, 3 of 3 are missing" in _refused(repo, 2, two)
    assert f"{one} and {one} both are shard 1/3" in _refused(repo, 2, one, two, one, three)
    assert "can't read gone.json" in _refused(repo, 2, one, two, "gone.json")
    assert "fairlead.yaml is no report" in _refused(repo, 2, one, "fairlead.yaml")
    (repo / "whole.json").write_text(fairlead("check", "--format", "json", cwd=repo).stdout)
    assert "whole.json is the report of a whole run" in _refused(repo, 2, one, two, "whole.json")
    body = _shard(repo, three)
    (repo / "other.json").write_text(json.dumps({**body, "shard": {**body["shard"], "count": 4}}))
    assert f"{one} is one of 3 shards, other.json one of 4" in _refused(repo, 2, one, two, "other.json")
    (repo / "other.json").write_text(json.dumps({**body, "renderer": "kustomize v1.0.0"}))
    assert "other.json was rendered by kustomize v1.0.0" in _refused(repo, 5, one, two, "other.json")
    (repo / "other.json").write_text(json.dumps({**body, "version": 9}))
    assert "other.json is a report of another form" in _refused(repo, 2, one, two, "other.json")
    taken = [*_shard(repo, one)["shard"]["places"], *body["shard"]["places"]][: len(body["overlays"])]
    (repo / "other.json").write_text(json.dumps({**body, "shard": {**body["shard"], "places": taken}}))
    assert "an overlay is missing, or judged twice" in _refused(repo, 2, one, two, "other.json")


def test_shards_of_different_runs_are_refused_with_the_reason(repo: Path) -> None:
    one, two = _shards(repo, 2)
    costs = (repo / one).read_text()
    (repo / "costs.json").write_text(costs)

    def again(*arguments: str) -> str:
        (repo / "again.json").write_text(
            fairlead("check", "--shard", "2/2", "--format", "json", *arguments, cwd=repo).stdout
        )
        return _refused(repo, 5, one, "again.json")

    assert "again.json was asked for other overlays than" in again("apps")
    assert "again.json was balanced by other costs than" in again("--costs", "costs.json")
    pod = repo / "apps/api/base/pod.yaml"
    pod.write_text(pod.read_text() + "# changed\n")
    assert "again.json judged other files than" in again()
    body = _shard(repo, two)
    body["shard"]["basis"]["fairlead"] = "0"
    (repo / "again.json").write_text(json.dumps(body))
    assert "again.json was made by another version of fairlead than" in _refused(repo, 5, one, "again.json")
