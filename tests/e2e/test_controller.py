"""What the controller alone does, as people see it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fairlead.doors.proc import which
from tests.e2e.test_check_cli import _DEPLOYMENT, fairlead, git
from tests.support import new_repo
from tests.unit.checks.test_substitution import _FROM, _flux
from tests.unit.render.test_opaque import _CONFIG, _FILES
from tests.unit.render.test_releases import _FLUX
from tests.unit.render.test_releases import _files as release_files

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


def test_what_flux_substitutes_is_judged_again_when_its_values_change(tmp_path: Path) -> None:
    repo, there = tmp_path / "fleet", {"FAIRLEAD_CACHE": str(tmp_path / "cache")}
    values = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: vars\ndata:\n  replicas: '%s'\n"
    new_repo(
        repo,
        {
            "fairlead.yaml": "version: 1\nenvironments: {dev: {}}\nlayout: ['{app}/{env}']\n",
            "web/dev/kustomization.yaml": "resources: [d.yaml]\n",
            "web/dev/d.yaml": _DEPLOYMENT.replace("spec:\n", "spec:\n  replicas: ${replicas}\n", 1),
            "clusters/dev/vars.yaml": values % 3,
            "clusters/dev/web.yaml": _flux("web", "./web/dev", _FROM % ("ConfigMap", "")),
        },
    )

    def check(*arguments: str) -> tuple[int, list[str]]:
        said = json.loads(fairlead(repo, "check", "--format", "json", *arguments, **there).stdout)
        return said["summary"]["overlays"], [f"{one['path']}:{one['line']} {one['rule']}" for one in said["findings"]]

    assert [check(), check()] == [(1, []), (1, [])]
    (repo / "clusters/dev/vars.yaml").write_text(values % "many")
    git(repo, "add", ".")
    wrong = ["web/dev/d.yaml:6 schema"]
    assert [check("--staged"), check("--staged"), check()] == [(1, wrong), (1, wrong), (1, wrong)]
    assert "${replicas}" in fairlead(repo, "render", "web", "dev", **there).stdout
    git(repo, "commit", "-qm", "x")
    (repo / "README.md").write_text("x\n")
    git(repo, "add", ".")
    assert check("--staged") == (0, [])


@pytest.mark.skipif(which("helm") is None, reason="there is no helm (make helm builds one, where Go is)")
def test_a_chart_bump_shows_what_it_changes(tmp_path: Path) -> None:
    repo, there = tmp_path / "fleet", {"FAIRLEAD_CACHE": str(tmp_path / "cache")}
    there["FAIRLEAD_HELM"] = which("helm") or ""
    files = release_files(_FLUX % ("charts/web", "GitRepository", ""))
    config = "version: 1\nenvironments: {dev: {}}\nlayout: ['{app}/{env}']\n"
    config += "build: {enable_helm: true, helm_releases: true}\n"
    moved = {path.replace("dev/", "web/dev/", 1): text for path, text in files.items()}
    new_repo(repo, {**moved, "fairlead.yaml": config})

    def rendered() -> int:
        return int(json.loads(fairlead(repo, "check", "--format", "json", **there).stdout)["summary"]["rendered"])

    assert [rendered(), rendered()] == [1, 0]
    (repo / "charts/web/values.yaml").write_text("size: 2\ncolor: red\nlist: [a]\n")
    for environment in (there, {**there, "FAIRLEAD_CACHE": "none"}):
        done = fairlead(repo, "diff", **environment)
        assert "ConfigMap/shop-web" in done.stdout
        assert '"2"' in done.stdout
    (repo / "charts/web/templates/more.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n")
    assert [rendered(), rendered()] == [1, 0]
