"""The main job on a double of GitLab: two people, two clones, a stack of two hops, from first word to last merge."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from fairlead.cli.main import run
from tests.e2e.test_on_gitea import CONFIG, DEPLOYMENT, overlay
from tests.forges.gitlab.server import Server, server
from tests.forges.gitlab.state import Project

TAGS = {"dev": "1.1.0", "staging": "1.0.0", "production": "1.0.0"}


@dataclass
class Person:
    """Somebody with a clone and a token of their own."""

    name: str
    home: Path
    clone: Path
    double: Server
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def run(self, *argv: str, token: str = "") -> tuple[int, str]:
        """The exit code, and all that was said."""
        self.monkeypatch.setenv("HOME", str(self.home))
        self.monkeypatch.setenv("GITLAB_TOKEN", token or self.double.token(self.name))
        self.monkeypatch.setenv("FAIRLEAD_FORGE_URL", self.double.url)
        code = run(["-C", str(self.clone), *argv])
        told = self.capsys.readouterr()
        assert self.double.token(self.name) not in told.out + told.err
        return code, told.out + told.err

    def fine(self, *argv: str) -> str:
        code, told = self.run(*argv)
        assert code == 0, (argv, told)
        return told

    def git(self, *argv: str) -> str:
        return subprocess.run(
            ["git", "-c", f"http.{self.double.url}/.extraHeader=Authorization: {self.login}", *argv],
            cwd=self.clone, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip

    @property
    def login(self) -> str:
        from base64 import b64encode

        return "Basic " + b64encode(f"oauth2:{self.double.token(self.name)}".encode()).decode()


@pytest.fixture
def shop(tmp_path, monkeypatch, capsys) -> tuple[Project, Person, Person]:
    double = server()
    project = double.project("ann", "bob")
    people = []
    for name in ("ann", "bob"):
        home, clone = tmp_path / f"home-{name}", tmp_path / name
        home.mkdir()
        clone.mkdir()
        (home / ".gitconfig").write_text(f"[user]\n  name = {name}\n  email = {name}@example.org\n")
        people.append(Person(name, home, clone, double, monkeypatch, capsys))
    ann, bob = people
    monkeypatch.delenv("GIT_CONFIG_GLOBAL")
    monkeypatch.setenv("HOME", str(ann.home))
    texts = {"fairlead.yaml": CONFIG.replace("gitea", "gitlab"), "apps/web/base/deployment.yaml": DEPLOYMENT}
    texts |= {"apps/web/base/kustomization.yaml": "resources: [deployment.yaml]\n"}
    texts |= {f"apps/web/overlays/{env}/kustomization.yaml": overlay(tag) for env, tag in TAGS.items()}
    for path, text in texts.items():
        place = ann.clone / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    ann.git("init", "--quiet", "-b", "main")
    ann.git("remote", "add", "origin", f"{double.url}/{project.path}.git")
    ann.git("add", "--all")
    ann.git("commit", "--quiet", "-m", "Begin")
    ann.git("push", "--quiet", "origin", "main")
    bob.git("clone", "--quiet", f"{double.url}/{project.path}.git", ".")
    return project, ann, bob


def test_two_hops_from_two_clones_from_the_first_word_to_the_last_merge(shop):
    project, ann, bob = shop
    assert f"gitlab, {project.path} on {ann.double.url}; token from GITLAB_TOKEN" in ann.fine("doctor")
    code, told = ann.run("promote", "web", "--to", "staging", "--yes", token="wrong")
    assert (code, "GITLAB_TOKEN" in told or "does not allow" in told) == (4, True), told

    ann.fine("promote", "web", "--from", "dev", "--through", "production", "--yes")
    low, high = project.requests
    assert [(r.author.username, r.target_branch, r.draft) for r in (low, high)] == [
        ("ann", "main", False), ("ann", "main", True),
    ]  # fmt: skip
    assert set(low.labels) >= {"environment: staging", "app: web"}
    heads = [low.sha, high.sha]
    bob.fine("promote", "web", "--from", "dev", "--through", "production", "--yes")  # from another clone: the same
    assert [r.sha for r in project.requests] == heads

    assert bob.run("pr", "merge", "1", "--yes")[0] == 1
    assert ann.run("pr", "approve", "1")[0] == 4
    bob.fine("pr", "approve", "1")
    bob.fine("gate", "1")
    bob.fine("pr", "merge", "1", "--yes")
    assert (low.state, low.merged_by.username) == ("merged", "bob")
    assert [(s.name, s.status) for s in project.latest(heads[0])] == [("fairlead/gate", "success")]

    ann.fine("promote", "web", "--to", "production", "--yes")
    assert (len(project.requests), high.state, high.draft) == (2, "opened", False)
    bob.fine("pr", "approve", "2")
    bob.fine("pr", "merge", "2", "--yes")
    ann.git("fetch", "--quiet", "origin", "main")
    for env in ("staging", "production"):
        assert "newTag: 1.1.0" in ann.git("show", f"origin/main:apps/web/overlays/{env}/kustomization.yaml")
    message = ann.git("show", "-s", "--format=%B", "origin/main")
    assert "Fairlead-Promote: web staging -> production" in message
    assert "Fairlead-Approved-By: bob@example.org" in message
    assert [ref for ref in project.git.tips() if ref.startswith("fairlead/")] == []
    assert ann.double.problems == []
