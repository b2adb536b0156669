"""A walk through a merge request: on the double always, and on GitLab itself where the environment names a project.

    FAIRLEAD_LIVE_GITLAB=GROUP/NAME GITLAB_TOKEN=… [FAIRLEAD_LIVE_GITLAB_URL=https://gitlab.example.org]

It needs a branch `main` with a file. It leaves a closed merge request, and no branch.
"""

from __future__ import annotations

import os
from dataclasses import replace
from uuid import uuid4

import pytest

from fairlead.doors.clock import SystemClock
from fairlead.doors.git.repository import Repository
from fairlead.forge import gitlab as gitlab_forge
from fairlead.forge.hosted import HostedForge
from fairlead.forge.http import Token
from fairlead.forge.selection import Place
from fairlead.model.errors import ConflictError
from fairlead.model.pulls import PullState, Status, StatusState
from tests.contract.test_forge import draft
from tests.forges.gitlab.server import server
from tests.support import commit, new_repo

_NAMES = ("FAIRLEAD_LIVE_GITLAB", "GITLAB_TOKEN", "FAIRLEAD_LIVE_GITLAB_URL")
PROJECT, TOKEN, URL = (os.environ.get(name, "") for name in _NAMES)  # at once: a test has none of them


def _double(folder) -> tuple[Repository, Place, str]:
    double = server()
    project = double.project("ann").path
    repo = new_repo(folder, {"README.md": "A project.\n"})
    repo.git.run("remote", "add", "origin", f"{double.url}/{project}.git")
    place = Place("gitlab", double.url, project)
    first = gitlab_forge.connect(repo, SystemClock(), place, Token(double.token("ann"), "a test"))
    first.remote.upstream.push("refs/heads/main", repo.tip("main"), "0" * 40)
    return repo, place, double.token("ann")


def _live(folder) -> tuple[Repository, Place, str]:
    if not PROJECT or not TOKEN:
        pytest.skip("no project of GitLab is named: FAIRLEAD_LIVE_GITLAB=GROUP/NAME, with GITLAB_TOKEN")
    url = URL or "https://gitlab.com"
    repo = Repository.create(folder, "elsewhere", "Begin")
    repo.git.run("remote", "add", "origin", f"{url}/{PROJECT}.git")
    return repo, Place("gitlab", url, PROJECT), TOKEN


@pytest.mark.parametrize("where", [_double, _live])
def test_a_walk_through_a_merge_request(tmp_path, where):
    repo, place, token = where(tmp_path)
    forge: HostedForge = gitlab_forge.connect(repo, SystemClock(), place, Token(token, "a test"))
    forge.follow("main")
    name = uuid4().hex[:12]
    branch = f"fairlead/staging/live-{name}"
    oid = commit(repo, branch, {f"fairlead-{name}.yaml": "a: 1\n"}, start="main")
    want = draft(
        oid, key=f"live {name}", head=branch, title=f"a walk of fairlead's tests, {name}", labels=("fairlead",)
    )
    pull = forge.ensure(want)
    try:
        assert pull.want == want
        assert forge.ensure(want) == pull
        assert forge.find(want.key) == pull
        assert forge.ensure(replace(want, draft=True)).want.draft
        for text in ("waits", "open"):
            forge.comment(pull.number, "gates", text, "")
        assert [c.text for c in forge.get(pull.number).comments] == ["open"]
        for state in (StatusState.PENDING, StatusState.PENDING, StatusState.SUCCESS):
            forge.set_status(oid, Status("fairlead/gate", state, "", 0, state.value))
        assert ("fairlead/gate", StatusState.SUCCESS) in [(s.context, s.state) for s in forge.statuses(oid)]
        assert forge.protection("main").known
        assert all(right.allowed is not False for right in forge.rights())
        with pytest.raises(ConflictError):
            forge.merge(pull.number, "1" * 40, "", "Never\n")
    finally:
        closed = forge.close(pull.number, "it was a test", "")
    assert (closed.state, closed.closed_why) == (PullState.CLOSED, "it was a test")
    assert repo.tip(branch) is None
