"""`build:` by path, as people run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fairlead.render import helper
from tests.e2e.test_check_cli import fairlead, git
from tests.support import new_repo

_BESIDE = "configMapGenerator: [{name: c, files: [../beside.txt]}]\n"
_FILES = {
    "fairlead.yaml": "version: 1\nenvironments: {dev: {}}\nlayout: ['{app}/{env}']\n"
    "build: {overrides: [{paths: [infra/*], load_restrictor: none}]}\n",
    "infra/dev/kustomization.yaml": _BESIDE,
    "infra/beside.txt": "x\n",
    "web/dev/kustomization.yaml": "resources: []\nnamespace: web\n",
}


@pytest.mark.skipif(helper.found() is None, reason="there is no fairlead-renderer: nothing is kept without it")
def test_what_was_rendered_by_the_rules_of_its_folder_is_kept_and_seen_to_change(tmp_path: Path) -> None:
    repo, there = tmp_path / "fleet", {"FAIRLEAD_CACHE": str(tmp_path / "cache")}
    new_repo(repo, _FILES)

    def check(*arguments: str) -> tuple[int, list[str]]:
        done = fairlead(repo, "check", "--format", "json", *arguments, **there)
        said = json.loads(done.stdout)
        return said["summary"]["rendered"], [one["rule"] for one in said["findings"]]

    assert [check(), check()] == [(2, []), (0, [])]
    (repo / "infra/beside.txt").write_text("y\n")
    git(repo, "add", ".")
    assert [check("--staged"), check("--staged")] == [(1, []), (0, [])]
    (repo / "fairlead.yaml").write_text(_FILES["fairlead.yaml"].replace("infra/*", "web/*"))
    rendered, found = check()
    assert (rendered, found) == (2, ["build-failure"])
