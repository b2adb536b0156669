"""The main job on a real Gitea: two people, two clones, one promotion, opened, updated, approved, gated, merged."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.forges import gitea

pytestmark = pytest.mark.skipif(gitea.CACHED is None, reason=gitea.WHY_NOT)

CONFIG = """\
version: 1
environments:
  dev: {}
  staging: {gates: {approvals: 1}}
  production: {gates: {approvals: 1}}
chains: [[dev, staging, production]]
layout: ["apps/{app}/overlays/{env}"]
forge: {kind: gitea}
"""
WRONG = "0123456789abcdef"
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: registry.example.com/web:1.0.0}]}
"""


def overlay(tag: str) -> str:
    return f"resources: [../../base]\nimages:\n- name: registry.example.com/web\n  newTag: {tag}\n"


@dataclass
class Person:
    """Somebody with a clone and a token of their own."""

    name: str
    clone: Path
    home: Path
    token: str
    url: str

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(self.home),
            "GITEA_TOKEN": self.token, "FAIRLEAD_FORGE_URL": self.url, "NO_COLOR": "1", **more,
        }  # fmt: skip

    def run(self, *argv: str, **more: str) -> subprocess.CompletedProcess[str]:
        env = self.environment(**more)
        command = [sys.executable, "-m", "fairlead", *argv]
        return subprocess.run(command, cwd=self.clone, env=env, capture_output=True, text=True, check=False)

    def fine(self, *argv: str) -> str:
        done = self.run(*argv)
        assert done.returncode == 0, (argv, done.stdout, done.stderr)
        assert self.token not in done.stdout + done.stderr
        return done.stdout + done.stderr

    def git(self, *argv: str) -> str:
        login = f"http.{self.url}/.extraHeader=Authorization: token {self.token}"
        return subprocess.run(
            ["git", "-c", login, "-c", f"user.name={self.name}", "-c", f"user.email={self.name}@example.org", *argv],
            cwd=self.clone, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip


def person(server: gitea.Server, name: str, project: str, folder: Path) -> Person:
    home = folder / f"home-{name}"
    home.mkdir(parents=True)
    (home / ".gitconfig").write_text(f"[user]\n  name = {name}\n  email = {name}@example.org\n")
    clone = folder / name
    clone.mkdir()
    made = Person(name, clone, home, server.token(name), server.url)
    made.git("clone", "--quiet", f"{server.url}/{project}.git", ".")
    return made


@pytest.fixture
def shop(tmp_path) -> tuple[gitea.Server, str, Person, Person]:
    server = gitea.server()
    project = server.project("ann", "bob")
    ann = person(server, "ann", project, tmp_path)
    tags = {"dev": "1.1.0", "staging": "1.0.0", "production": "1.0.0"}
    texts = {"fairlead.yaml": CONFIG, "apps/web/base/deployment.yaml": DEPLOYMENT}
    texts |= {"apps/web/base/kustomization.yaml": "resources: [deployment.yaml]\n"}
    texts |= {f"apps/web/overlays/{env}/kustomization.yaml": overlay(tag) for env, tag in tags.items()}
    for path, text in texts.items():
        place = ann.clone / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    ann.git("checkout", "--quiet", "-B", "main")
    ann.git("add", "--all")
    ann.git("commit", "--quiet", "-m", "Begin")
    ann.git("push", "--quiet", "origin", "main")
    server.wait_for_push(project)
    return server, project, ann, person(server, "bob", project, tmp_path)


def test_a_promotion_from_two_clones_from_the_first_word_to_the_merge(shop):
    server, project, ann, bob = shop
    told = ann.fine("doctor", "--online")
    assert f"gitea, {project} on {server.url}; token from GITEA_TOKEN" in told
    assert "main does not require fairlead/gate" in told

    for token, said in (
        ("", "FAIRLEAD_TOKEN, GITEA_TOKEN, FORGEJO_TOKEN, git credential fill"),
        (WRONG, "does not allow it"),
    ):
        done = ann.run("promote", "web", "--to", "staging", "--yes", GITEA_TOKEN=token)
        assert (done.returncode, said in done.stderr, WRONG in done.stderr) == (4, True, False), done.stderr

    ann.fine("promote", "web", "--to", "staging", "--yes")
    (raw,) = server.call("GET", f"repos/{project}/pulls")
    assert (raw["number"], raw["user"]["login"], raw["base"]["ref"]) == (1, "ann", "main")
    assert raw["head"]["ref"].startswith("fairlead/staging/")
    for _ in range(2):
        ann.fine("diff", "--pull", "1", "--comment")
    remarks = server.call("GET", f"repos/{project}/issues/1/comments")
    assert sum("What it changes in the rendered objects" in remark["body"] for remark in remarks) == 1
    assert {label["name"] for label in raw["labels"]} == {"environment: staging", "app: web"}
    assert raw["body"].rstrip().splitlines()[-1].startswith("Fairlead-")
    ann.fine("promote", "web", "--to", "staging", "--yes")  # again, here
    bob.fine("promote", "web", "--to", "staging", "--yes")  # and from another clone
    assert [pull["head"]["sha"] for pull in server.call("GET", f"repos/{project}/pulls?state=all")] == [
        raw["head"]["sha"]
    ]

    shut = bob.run("pr", "merge", "1", "--yes")
    assert (shut.returncode, "approvals" in shut.stderr) == (1, True), shut.stderr
    own = ann.run("pr", "approve", "1")
    assert own.returncode == 4, own.stderr
    bob.fine("pr", "approve", "1")
    assert "approvals" in bob.fine("pr", "show", "1")
    bob.fine("gate", "1")
    bob.fine("pr", "merge", "1", "--yes")
    raw = server.call("GET", f"repos/{project}/pulls/1")
    assert (raw["merged"], raw["merged_by"]["login"]) == (True, "bob")
    statuses = server.call("GET", f"repos/{project}/commits/{raw['head']['sha']}/statuses")
    assert [(row["context"], row["status"]) for row in statuses] == [("fairlead/gate", "success")]

    ann.git("fetch", "--quiet", "origin", "main")
    message = ann.git("show", "-s", "--format=%B", "origin/main")
    assert "Fairlead-Promote: web dev -> staging" in message
    assert "Fairlead-Approved-By: bob@example.org" in message
    assert "Fairlead-Merged-By: bob@example.org" in message
    assert "newTag: 1.1.0" in ann.git("show", "origin/main:apps/web/overlays/staging/kustomization.yaml")
    ann.fine("promote", "web", "--to", "production", "--yes")  # her clone follows by itself
    assert [pull["number"] for pull in server.call("GET", f"repos/{project}/pulls?state=open")] == [2]
