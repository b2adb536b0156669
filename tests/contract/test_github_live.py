"""A walk through all that fairlead does on GitHub: on the double always, on the real one where somebody names one.

    FAIRLEAD_LIVE_GITHUB=OWNER/NAME GITHUB_TOKEN=... make test ARGS="-k github_live -n 0"

The repository is one for tests alone: pull requests are opened, closed and merged there. An Enterprise server is
named by FAIRLEAD_LIVE_GITHUB_URL.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from fairlead.doors.clock import SystemClock
from fairlead.doors.git.repository import Repository
from fairlead.forge import github as github_forge
from fairlead.forge.http import Token
from fairlead.forge.selection import Place as Address
from fairlead.model.errors import ConflictError
from fairlead.model.pulls import Forge, Method, PullState, Status, StatusState
from tests.contract.test_forge import draft
from tests.forges.github import server as github
from tests.support import commit, new_repo

LIVE = os.environ.get("FAIRLEAD_LIVE_GITHUB", "")  # read at once: tests run sealed
URL = os.environ.get("FAIRLEAD_LIVE_GITHUB_URL", "https://github.com")
TOKEN = os.environ.get("GITHUB_TOKEN", "")
LABEL = "fairlead: test"


def connected(folder: Path, url: str, project: str, token: str) -> tuple[Forge, Repository]:
    repo = new_repo(folder, {"README.md": "A clone.\n"}, branch="scratch")
    repo.git.run("remote", "add", "origin", f"{url}/{project}.git")
    forge = github_forge.connect(repo, SystemClock(), Address("github", url, project), Token(token, "GITHUB_TOKEN"))
    forge.follow("main")
    return forge, repo


def walk(forge: Forge, repo: Repository) -> None:
    stamp = f"{time.time():.6f}".replace(".", "-")
    head, path = f"fairlead/live/{stamp}", f"fairlead-live/{stamp}.yaml"
    oid = commit(repo, head, {path: "a: 1\n"}, start="main")
    want = draft(oid, key=stamp, head=head, title="A test of fairlead", labels=(LABEL,), reviewers=("no-such-login-",))
    pull = forge.ensure(want)
    assert (pull.state, pull.want.head_oid, pull.want.labels) == (PullState.OPEN, oid, (LABEL,))
    assert (forge.ensure(want).number, forge.ensure(want).want) == (pull.number, want)
    forge.comment(pull.number, "gates", "waits", "test")
    assert [c.text for c in forge.comment(pull.number, "gates", "open", "test").comments] == ["open"]
    newer = commit(repo, head, {path: "a: 2\n"})
    want = replace(want, head_oid=newer, hop_id="h2", labels=())
    assert forge.ensure(want).want.head_oid == newer
    forge.set_status(newer, Status("fairlead/test", StatusState.SUCCESS, "", 0, "x" * 200))
    assert ("fairlead/test", StatusState.SUCCESS) in {(s.context, s.state) for s in forge.statuses(newer)}
    with pytest.raises(ConflictError, match="moved"):
        forge.merge(pull.number, oid, "test", "Merge\n")
    assert forge.protection("main").known
    assert all(right.allowed is not False for right in forge.rights())
    merged = forge.merge(pull.number, newer, "test", "A test of fairlead\n\nFairlead-Test: yes\n", Method.SQUASH)
    assert (merged.state, merged.merge_commit) == (PullState.MERGED, repo.tip("main"))
    assert repo.message("main").endswith("Fairlead-Test: yes\n")
    again = commit(repo, head, {path: "a: 3\n"}, start="main")
    other = forge.ensure(replace(want, head_oid=again, hop_id="h3", draft=True))
    assert other.number != pull.number
    assert forge.close(other.number, "a test", "test").state is PullState.CLOSED
    assert repo.tip(head) is None


def test_the_walk_on_the_double(tmp_path):
    double = github.double()
    project = double.project("ann")
    scratch = new_repo(tmp_path / "seed", {"a.yaml": "a: 1\n"})
    double.repo(project).git.run("fetch", "--quiet", str(scratch.git.git_dir), "refs/heads/main:refs/heads/main")
    walk(*connected(tmp_path / "clone", double.url, project, double.token("ann")))
    assert github.mistakes() == []


@pytest.mark.skipif(not (LIVE and TOKEN), reason="no GitHub is named: FAIRLEAD_LIVE_GITHUB=OWNER/NAME and GITHUB_TOKEN")
def test_the_walk_on_a_real_one(tmp_path):
    walk(*connected(tmp_path, URL, LIVE, TOKEN))
