"""The main job on a double of GitHub: two people, two clones, two hops, opened, approved, gated, merged."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.sealed import fairlead
from tests.e2e.test_on_gitea import CONFIG, DEPLOYMENT, WRONG, overlay
from tests.forges.github import server as github


@dataclass
class Member:
    """Somebody with a clone, a home and a token for the double."""

    name: str
    clone: Path
    home: Path
    token: str
    url: str

    def run(self, *argv: str, token: str = "") -> subprocess.CompletedProcess[str]:
        login = {"GITHUB_TOKEN": token or self.token, "FAIRLEAD_FORGE_URL": self.url, "HOME": str(self.home)}
        return fairlead(*argv, cwd=self.clone, **login)

    def fine(self, *argv: str) -> str:
        done = self.run(*argv)
        assert done.returncode == 0, (argv, done.stdout, done.stderr)
        assert self.token not in done.stdout + done.stderr
        return done.stdout + done.stderr

    def git(self, *argv: str) -> str:
        login = f"url.{self.url.replace('//', f'//x:{self.token}@')}/.insteadOf={self.url}/"
        mail = f"user.email={self.name}@example.org"
        return subprocess.run(
            ["git", "-c", login, "-c", f"user.name={self.name}", "-c", mail, *argv],
            cwd=self.clone, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip


def member(name, project, folder) -> Member:
    double = github.double()
    clone, home = folder / name, folder / f"home-{name}"
    clone.mkdir()
    home.mkdir()
    (home / ".gitconfig").write_text(f"[user]\n  name = {name}\n  email = {name}@example.org\n")
    made = Member(name, clone, home, double.token(name), double.url)
    made.git("clone", "--quiet", f"{double.url}/{project}.git", ".")
    made.git("remote", "set-url", "origin", f"{double.url}/{project}.git")
    return made


@pytest.fixture
def shop(tmp_path):
    project = github.double().project("ann", "bob")
    ann = member("ann", project, tmp_path)
    tags = {"dev": "1.1.0", "staging": "1.0.0", "production": "1.0.0"}
    texts = {"fairlead.yaml": CONFIG.replace("gitea", "github"), "apps/web/base/deployment.yaml": DEPLOYMENT}
    texts |= {"apps/web/base/kustomization.yaml": "resources: [deployment.yaml]\n", "CODEOWNERS": "* @bob\n"}
    texts |= {f"apps/web/overlays/{env}/kustomization.yaml": overlay(tag) for env, tag in tags.items()}
    for path, text in texts.items():
        place = ann.clone / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    ann.git("checkout", "--quiet", "-B", "main")
    ann.git("add", "--all")
    ann.git("commit", "--quiet", "-m", "Begin")
    ann.git("push", "--quiet", "origin", "main")
    yield project, ann, member("bob", project, tmp_path)
    assert github.mistakes() == []


def test_two_hops_from_two_clones_from_the_first_word_to_the_last_merge(shop):
    project, ann, bob = shop
    repo = github.double().repo(project)
    assert f"github, {project} on {ann.url}; token from GITHUB_TOKEN" in ann.fine("doctor")
    done = ann.run("promote", "web", "--to", "staging", "--yes", token=WRONG)
    assert (done.returncode, WRONG in done.stderr) == (4, False), done.stderr

    ann.fine("promote", "web", "--through", "production", "--yes")
    bob.fine("promote", "web", "--through", "production", "--yes")  # and from another clone: the same
    first, second = repo.pulls.values()
    assert [(p.user.login, p.base, p.draft) for p in (first, second)] == [("ann", "main", False), ("ann", "main", True)]
    assert first.labels == ["environment: staging", "app: web"]
    assert first.body.rstrip().splitlines()[-1].startswith("Fairlead-")

    shut = bob.run("pr", "merge", "1", "--yes")
    assert (shut.returncode, "approvals" in shut.stderr) == (1, True), shut.stderr
    bob.fine("pr", "approve", "1")
    bob.fine("gate", "1")
    bob.fine("pr", "merge", "1", "--yes")
    assert (first.merged_by.login, repo.git.tip(first.head)) == ("bob", None)
    assert [(row["context"], row["state"]) for row in repo.statuses[first.sha]] == [("fairlead/gate", "success")]

    ann.fine("promote", "web", "--to", "production", "--yes")  # the upper one is built anew on what was merged
    assert (len(repo.pulls), second.draft) == (2, False)
    bob.fine("pr", "approve", "2")
    bob.fine("pr", "merge", "2", "--yes")
    assert second.merged_by.login == "bob"
    message = repo.git.run("show", "-s", "--format=%B", "main")
    assert "Fairlead-Promote: web staging -> production" in message
    assert "Fairlead-Approved-By: bob@example.org" in message
    assert "newTag: 1.1.0" in repo.git.run("show", "main:apps/web/overlays/production/kustomization.yaml")
