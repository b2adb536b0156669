"""A baseline of known findings, only what a change brings, and what a plan would bring."""

from __future__ import annotations

import json

import pytest

from tests.e2e.test_check_cli import fairlead, git
from tests.support import new_repo

_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n"
    "  - name: web\n    image: example.com/shop/web:1.0\n"
)
_CONFIG = (
    "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"
    "layout: ['apps/{app}/overlays/{env}']\ncheck:\n  baseline: ops/known.json\n"
)
_OVERLAY = "resources: [../../base]\nimages:\n- name: %s\n  newTag: '%s'\n"
_FILES = {
    "fairlead.yaml": _CONFIG,
    "apps/web/base/kustomization.yaml": "resources: [pod.yaml]\n",
    "apps/web/base/pod.yaml": _POD,
    "apps/web/overlays/dev/kustomization.yaml": _OVERLAY % ("shop/web", "1.0"),
    "apps/web/overlays/production/kustomization.yaml": _OVERLAY % ("example.com/shop/web", "1.0"),
}
_DEV = "apps/web/overlays/dev/kustomization.yaml"


@pytest.fixture
def repo(tmp_path):
    new_repo(tmp_path / "fleet", _FILES)
    return tmp_path / "fleet"


def _adopted(repo):
    done = fairlead(repo, "check", "--baseline", "write")
    assert (done.returncode, done.stdout) == (0, "")
    assert "note: ops/known.json: 1 finding known from now on" in done.stderr
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "known")


def test_a_baseline_that_is_not_there_is_told_with_the_command_that_makes_it(repo):
    done = fairlead(repo, "check")
    assert done.returncode == 2
    assert "fairlead.yaml:6:13: there is no ops/known.json" in done.stderr
    assert "fairlead check --baseline write" in done.stderr


def test_what_is_known_is_not_told_wherever_its_line_moves_and_what_is_new_is(repo):
    _adopted(repo)
    place = repo / _DEV
    place.write_text("# a comment\n" + place.read_text())
    done = fairlead(repo, "check")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 finding is known, and not told (ops/known.json)" in done.stderr
    place.write_text(place.read_text() + "- name: shop/other\n  newTag: '2'\n")
    done = fairlead(repo, "check", "--format", "json")
    assert done.returncode == 1
    assert [(f["rule"], f["line"]) for f in json.loads(done.stdout)["findings"]] == [("dead-image", 6)]


def test_the_index_and_a_commit_have_the_baseline_that_stands_in_them(repo):
    _adopted(repo)
    (repo / "ops/known.json").write_text('{"version": 1, "findings": []}')
    assert fairlead(repo, "check").returncode == 1
    assert fairlead(repo, "check", "--at", "HEAD").returncode == 0
    (repo / _DEV).write_text((repo / _DEV).read_text() + "# changed\n")
    git(repo, "add", _DEV)
    assert fairlead(repo, "check", "--staged").returncode == 0
    git(repo, "add", ".")
    assert fairlead(repo, "check", "--staged").returncode == 1


def test_pruning_takes_out_what_is_gone_and_adds_nothing(repo):
    _adopted(repo)
    (repo / _DEV).write_text(_OVERLAY % ("shop/other", "1"))
    done = fairlead(repo, "check", "--baseline", "prune")
    assert done.returncode == 1
    assert "ops/known.json: 1 finding taken out, 0 left" in done.stderr
    assert json.loads((repo / "ops/known.json").read_text()) == {"version": 1, "findings": []}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"version": 2, "findings": []}', "ops/known.json is a baseline of version 2, and this fairlead knows 1"),
        ("[]", "ops/known.json is no baseline"),
        ("{", "ops/known.json:1:2: ops/known.json is no baseline"),
        ('{"version": 1, "findings": [{"id": "x"}]}', "ops/known.json is no baseline"),
        ("[" * 100_000, "ops/known.json is no baseline"),
    ],
)
def test_a_baseline_that_is_none_is_refused_with_its_place(repo, text, told):
    (repo / "ops").mkdir()
    (repo / "ops/known.json").write_text(text)
    done = fairlead(repo, "check")
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_shards_tell_what_one_run_tells(repo, tmp_path):
    _adopted(repo)
    names = [str(tmp_path / f"{n}.json") for n in (1, 2)]
    for number, name in enumerate(names, 1):
        fairlead(repo, "check", "--shard", f"{number}/2", "--report", f"json={name}")
    done = fairlead(repo, "report", "merge", *names)
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 finding is known" in done.stderr


def test_only_what_a_change_brings_is_told_of_it(repo):
    (repo / "fairlead.yaml").write_text(_CONFIG.partition("check:")[0])
    git(repo, "commit", "-qam", "no baseline")
    (repo / _DEV).write_text(_OVERLAY % ("shop/web", "1.1") + "- name: shop/other\n  newTag: '2'\n")
    assert json.loads(fairlead(repo, "check", "--since", "HEAD", "--format", "json").stdout)["summary"]["errors"] == 2
    done = fairlead(repo, "check", "--since", "HEAD", "--new", "--format", "json")
    assert [(f["message"], f["line"]) for f in json.loads(done.stdout)["findings"]] == [
        ("the entry for 'shop/other' matches no image", 5)
    ]
    git(repo, "add", ".")
    done = fairlead(repo, "check", "--staged", "--new")
    assert done.returncode == 1
    assert "1 finding not told: there before" in done.stderr


def test_a_plan_is_judged_as_if_it_were_applied(repo):
    (repo / "fairlead.yaml").write_text(_CONFIG.partition("check:")[0])
    (repo / _DEV).write_text(_OVERLAY % ("example.com/shop/web", "latest"))
    git(repo, "commit", "-qam", "a floating tag in dev")
    assert fairlead(repo, "check").returncode == 0
    arguments = ("promote", "web", "--field", "images*", "--plan-out", "plan.json")
    assert fairlead(repo, *arguments).returncode == 0
    before = git(repo, "status", "--porcelain")
    done = fairlead(repo, "check", "--as-if", "plan.json", "--format", "json")
    assert done.returncode == 1
    (found,) = json.loads(done.stdout)["findings"]
    assert (found["rule"], found["path"], found["line"]) == (
        "mutable-tag", "apps/web/overlays/production/kustomization.yaml", 4
    )  # fmt: skip
    assert git(repo, "status", "--porcelain") == before
    done = fairlead(repo, "check", "--as-if", "fairlead.yaml")
    assert (done.returncode, "fairlead.yaml is no plan" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--new",), "--new compares with what was before: say --since REV or --staged"),
        (("--baseline", "write", "--staged"), "--baseline is about all that is found: it doesn't go with --staged"),
        (("--as-if", "p", "--staged"), "--staged and --as-if exclude each other"),
        (("--as-if", "p"), "can't read p: No such file or directory"),
        (("--baseline", "prune"), "there is no ops/known.json"),
    ],
)
def test_what_makes_no_sense_together_is_told(repo, arguments, told):
    done = fairlead(repo, "check", *arguments)
    assert done.returncode == 2
    assert told in done.stderr
