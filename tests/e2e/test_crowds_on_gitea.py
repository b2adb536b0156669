"""Many at once, and much at once, on a real Gitea: 32 promoters, a stack of three hops with 20 apps, 300 open ones."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.sealed import Started
from tests.e2e.test_on_gitea import DEPLOYMENT, Person, overlay, person
from tests.forges import gitea

pytestmark = [
    pytest.mark.skipif(gitea.CACHED is None, reason=gitea.WHY_NOT),
    pytest.mark.skipif(not gitea.WHOLE, reason="two minutes on a real Gitea: make test-forge runs it"),
]

ENVIRONMENTS = ("dev", "staging", "qa", "production")
CONFIG = """\
version: 1
environments: {dev: {}, staging: {}, qa: {}, production: {}}
chains: [[dev, staging, qa, production]]
layout: ["apps/{app}/overlays/{env}"]
forge: {kind: gitea}
"""


def shop(folder: Path, apps: list[str]) -> tuple[gitea.Server, str, Person]:
    """ann's clone of a new repository: every app has a newer version in dev."""
    server = gitea.server()
    project = server.project("ann", "bob")
    ann = person(server, "ann", project, folder)
    texts = {"fairlead.yaml": CONFIG}
    for app in apps:
        texts[f"apps/{app}/base/deployment.yaml"] = DEPLOYMENT.replace("name: web", f"name: {app}")
        texts[f"apps/{app}/base/kustomization.yaml"] = "resources: [deployment.yaml]\n"
        for env in ENVIRONMENTS:
            texts[f"apps/{app}/overlays/{env}/kustomization.yaml"] = overlay("1.1.0" if env == "dev" else "1.0.0")
    for path, text in texts.items():
        place = ann.clone / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    ann.git("checkout", "--quiet", "-B", "main")
    ann.git("add", "--all")
    ann.git("commit", "--quiet", "-m", "Begin")
    ann.git("push", "--quiet", "origin", "main")
    server.wait_for_push(project)
    return server, project, ann


def clones(ann: Person, folder: Path, count: int) -> list[Path]:
    found = []
    for number in range(count):
        place = folder / f"clone-{number}"
        subprocess.run(["cp", "-a", str(ann.clone), str(place)], check=True)
        found.append(place)
    return found


def together(ann: Person, places: list[Path], commands: list[list[str]]) -> list[tuple[int, str]]:
    running = [Started(words, place, ann.environment()) for place, words in zip(places, commands, strict=True)]
    said = [run.communicate(600)[1] for run in running]
    return [(run.returncode, text) for run, text in zip(running, said, strict=True)]


def pulls(server: gitea.Server, project: str, state: str = "all") -> list[dict]:
    found, page = [], 1
    while rows := server.call("GET", f"repos/{project}/pulls?state={state}&limit=50&page={page}"):
        found += rows
        page += 1
    return found


def test_32_promoters_of_one_app_make_one_pull_request(tmp_path):
    server, project, ann = shop(tmp_path, ["web"])
    done = together(ann, clones(ann, tmp_path, 32), [["promote", "web", "--to", "staging", "--yes"]] * 32)
    assert [code for code, _ in done] == [0] * 32, [text for code, text in done if code]
    assert [row["number"] for row in pulls(server, project)] == [1]


def test_32_promoters_of_an_app_each_make_32(tmp_path):
    apps = [f"app-{number:02}" for number in range(32)]
    server, project, ann = shop(tmp_path, apps)
    done = together(ann, clones(ann, tmp_path, 32), [["promote", app, "--to", "staging", "--yes"] for app in apps])
    assert [code for code, _ in done] == [0] * 32, [text for code, text in done if code]
    rows = pulls(server, project, "open")
    assert sorted(row["head"]["ref"] for row in rows) == [f"fairlead/staging/{app}" for app in apps]


def test_a_stack_of_three_hops_with_20_apps_from_the_first_word_to_the_last_merge(tmp_path):
    apps = [f"app-{number:02}" for number in range(20)]
    server, project, ann = shop(tmp_path, apps)
    ann.fine("promote", "--all", "--through", "production", "--yes")
    numbers = sorted(row["number"] for row in pulls(server, project, "open"))
    assert len(numbers) == 3
    for number, env in zip(numbers, ENVIRONMENTS[1:], strict=True):
        for upper in numbers[numbers.index(number) + 1 :]:
            done = ann.run("pr", "merge", str(upper), "--yes")
            assert done.returncode in (1, 5), done.stderr
        ann.fine("gate", str(number))
        ann.fine("pr", "merge", str(number), "--yes")
        ann.git("fetch", "--quiet", "origin", "main")
        for app in apps:
            text = ann.git("show", f"origin/main:apps/{app}/overlays/{env}/kustomization.yaml")
            assert "newTag: 1.1.0" in text
    assert pulls(server, project, "open") == []
    subjects = ann.git("log", "--format=%B", "origin/main")
    assert len(re.findall("^Fairlead-Promote: app-", subjects, re.MULTILINE)) >= 60


def test_among_300_open_ones_its_own_is_found(tmp_path):
    server, project, ann = shop(tmp_path, ["web"])
    tip = ann.git("rev-parse", "main")
    tree = ann.git("rev-parse", "main^{tree}")
    heads = []
    for number in range(300):
        oid = ann.git("commit-tree", tree, "-p", tip, "-m", f"Other {number}")
        heads.append(f"{oid}:refs/heads/other-{number}")
    ann.git("push", "--quiet", "origin", *heads)
    for number in range(300):
        body = {"head": f"other-{number}", "base": "main", "title": f"Other {number}"}
        server.call("POST", f"repos/{project}/pulls", body)
    ann.fine("promote", "web", "--to", "staging", "--yes")
    ann.fine("promote", "web", "--to", "staging", "--yes")
    ours = [row for row in pulls(server, project, "open") if row["head"]["ref"].startswith("fairlead/")]
    assert [row["number"] for row in ours] == [301]
    listed = json.loads(ann.run("pr", "list", "--json").stdout)
    assert len(listed if isinstance(listed, list) else listed["pulls"]) == 301
