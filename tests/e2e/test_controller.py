"""What the controller alone does, as people see it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.test_check_cli import fairlead, git
from tests.support import new_repo
from tests.unit.render.test_opaque import _CONFIG, _FILES

_REPO = {**_FILES, **_CONFIG, "fairlead.yaml": "version: 1\nenvironments: {dev: {}}\nlayout: ['{app}/{env}']\n"}
_REPO = {path if path == "fairlead.yaml" else f"web/{path}": text for path, text in _REPO.items()}


def test_an_incomplete_rendering_says_so_each_time(tmp_path: Path) -> None:
    repo, there = tmp_path / "fleet", {"FAIRLEAD_CACHE": str(tmp_path / "cache")}
    new_repo(repo, _REPO)
    for _ in range(2):
        done = fairlead(repo, "render", "web", "dev", **there)
        assert (done.returncode, done.stdout) == (0, _FILES["dev/s.yaml"])
        assert "incomplete: the work of ksops (web/dev/ksops.yaml:1:1) is done by the controller alone" in done.stderr
        found = json.loads(fairlead(repo, "check", "--format", "json", **there).stdout)["findings"]
        assert [one["rule"] for one in found] == ["opaque-generator"]
    (repo / "web/dev/s.yaml").write_text(_FILES["dev/s.yaml"].replace("name: web", "name: other"))
    done = fairlead(repo, "diff", **there)
    assert "web/dev is shown without the work of ksops (web/dev/ksops.yaml:1:1)" in done.stdout + done.stderr
    git(repo, "commit", "-qam", "x")
    (repo / "web/dev/db.enc.yaml").write_text(_FILES["dev/db.enc.yaml"].replace("name: db", "name: other"))
    found = json.loads(fairlead(repo, "check", "--format", "json", **there).stdout)["findings"]
    assert ["Secret/other" in one["message"] for one in found] == [True]
