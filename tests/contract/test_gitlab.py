"""What is GitLab's own, on a double of it: faults, texts, what people do meanwhile, pages, and the double itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fairlead.doors.clock import SystemClock
from fairlead.forge import http
from fairlead.forge.hosted import HostedForge
from fairlead.forge.http import Token
from fairlead.model.errors import ConfigError, ConflictError, DeniedError, WorldError
from fairlead.model.pulls import PullState, Status, StatusState
from tests.contract.test_forge import draft
from tests.forges.gitlab.operations import OPERATIONS
from tests.forges.gitlab.shapes import ShapeError, check_answer, check_request

GATE = Status("fairlead/gate", StatusState.PENDING, "", 0, "waits")

# ── faults ──


@pytest.mark.parametrize("how", ["before", "after", "500", "503 after", "429"])
def test_whatever_goes_wrong_once_there_is_one_of_each(lab, how):
    for name in ("open", "update", "write_note", "edit_note", "approve", "merge", "set_status", "list", "get", "notes"):
        lab.double.fail(name, how)
    oid = lab.branch()
    want = draft(oid, labels=("environment: staging",), reviewers=("bob",))
    assert lab.forge.ensure(want).want == want
    lab.forge.comment(1, "gates", "waits", "ann")
    lab.forge.comment(1, "gates", "open", "ann")
    lab.as_("bob").review(1, "bob", approved=True)
    lab.forge.set_status(oid, replace(GATE, state=StatusState.SUCCESS))
    assert lab.approvals() == ["bob@example.org"]
    assert lab.forge.merge(1, oid, "ann", "Merge\n").state is PullState.MERGED
    (one,) = lab.requests
    assert one.labels == ["environment: staging"]
    assert [n.body.splitlines()[-1] for n in one.notes if not n.system] == ["open"]
    assert [s.name for s in lab.project.latest(oid)] == ["fairlead/gate"]
    assert not any(fault.times for fault in lab.double.faults)


def test_an_answer_that_comes_too_late_makes_no_second_one(lab, monkeypatch):
    lab.forge.host.client.api._patience = http.Patience(read=0.1)
    lab.double.fail("open", "slow", seconds="0.4")
    oid = lab.branch(put=True)
    monkeypatch.setattr(http, "_FIRST", 0.5)
    lab.forge._clock = SystemClock()
    assert lab.forge.ensure(draft(oid)).number == 1
    assert len(lab.requests) == 1


@pytest.mark.parametrize(
    ("headers", "waits"),
    [({"Retry_After": "7"}, 7), ({}, 0), ({"RateLimit_Reset": "soon"}, 20)],
)
def test_too_many_requests_are_waited_for_as_gitlab_asks_and_by_nobody_else(lab, headers, waits):
    headers = {k: str(lab.clock.now() + 20) if v == "soon" else v for k, v in headers.items()}
    lab.double.fail("list", 429, 2, **headers)
    before = lab.clock.ahead
    assert lab.forge.find("anything") is None
    assert lab.calls() == ["list", "list", "list"]
    assert waits - 1 <= lab.clock.ahead - before < 2 * waits + 5


def test_a_limit_that_lasts_ends_after_a_few_tries(lab):
    lab.double.fail("list", 429, 99)
    with pytest.raises(WorldError, match="too many requests"):
        lab.forge.find("anything")
    assert lab.calls() == ["list"] * 5
    lab.double.faults.clear()
    lab.double.fail("list", 429, 99, Retry_After="3600")
    with pytest.raises(WorldError, match="too many requests"):
        lab.forge.find("anything")
    assert lab.calls() == ["list"]


def test_a_proxys_page_is_told_as_one(lab):
    lab.double.fail("list", "html")
    with pytest.raises(WorldError, match="web page"):
        lab.forge.find("anything")


@pytest.mark.parametrize(
    ("token", "error", "said"),
    [
        (None, DeniedError, "no token"),
        (Token("wrong", "GITLAB_TOKEN"), DeniedError, "GITLAB_TOKEN"),
        (Token("reads", "GITLAB_TOKEN"), DeniedError, "insufficient_scope"),
        (Token("ends", "GITLAB_TOKEN"), DeniedError, "does not accept the token of GITLAB_TOKEN"),
        (Token("stranger", "GITLAB_TOKEN"), DeniedError, "has no projects/"),
    ],
)
def test_a_token_that_does_not_do_is_refused_with_what_it_lacks_and_never_shown(lab, token, error, said):
    oid = lab.branch(put=True)
    lab.double.token("ann", "reads", scopes=("read_api", "read_repository"))
    lab.double.token("ann", "ends", left=1)
    lab.double.token("eve", "stranger")
    lab.double.world.logins["ends"].left = 1
    with pytest.raises(error, match=said) as caught:
        lab.as_token(token).ensure(draft(oid))
    assert caught.value.exit_code == 4
    assert token is None or token.value == "reads" or token.value not in f"{caught.value} {caught.value.remedy}".split()
    assert lab.requests == []


def test_a_project_that_was_moved_is_told_as_such(lab):
    old, lab.project.path = lab.project.path, f"{lab.project.path}-new"
    lab.project.old_paths.add(old)
    with pytest.raises(ConfigError, match="moved") as caught:
        lab.as_token(Token(lab.double.token("ann"), "a test"), old).find("anything")
    assert "git remote set-url" in str(caught.value.remedy)


def test_an_archived_project_is_read_alone(lab):
    lab.opened()
    lab.project.rules.archived = True
    assert lab.forge.find(draft("x").key).number == 1
    for job in (
        lambda: lab.forge.comment(1, "gates", "waits", "ann"),
        lambda: lab.forge.ensure(draft(lab.branch("a: 3\n"), hop_id="h2")),
    ):
        with pytest.raises(DeniedError) as caught:
            job()
        assert caught.value.exit_code == 4
    assert {right.remedy for right in lab.forge.rights() if not right.allowed} == {"the project is archived"}


def test_in_a_job_git_is_let_in_with_the_token_that_was_given_and_not_with_the_jobs(lab):
    lab.double.token("ann", "of-this-job", job=True)
    host = lab.double.url.removeprefix("http://")
    lab.repo.git.run("remote", "set-url", "origin", f"http://gitlab-ci-token:of-this-job@{host}/{lab.project.path}.git")
    oid = lab.branch()
    with pytest.raises(DeniedError):
        lab.as_token(Token("of-this-job", "CI_JOB_TOKEN")).remote.publish(draft(oid))
    assert lab.as_token(Token(lab.double.token("bot"), "FAIRLEAD_TOKEN")).ensure(draft(oid)).number == 1


def test_somebody_who_was_faster_has_opened_it(lab, monkeypatch):
    oid = lab.branch(put=True)
    real = HostedForge._find  # which sees nothing until it has tried to open one itself
    monkeypatch.setattr(HostedForge, "_find", lambda self, key: real(self, key) if "open" in lab.double.calls else None)
    lab.request(draft(oid))
    assert lab.forge.ensure(draft(oid)).number == 1
    assert (len(lab.requests), lab.calls().count("open")) == (1, 1)


def test_a_branch_that_the_project_protects_is_told_and_nothing_is_opened(lab):
    lab.project.rules.protected["fairlead/staging/web"] = 0
    with pytest.raises(DeniedError, match="not allowed to push code to protected branches"):
        lab.forge.ensure(draft(lab.branch()))
    assert lab.requests == []


# ── texts ──


def test_no_line_of_a_text_is_a_quick_action(lab):
    oid = lab.branch(put=True)
    body = "/merge\n\n```diff\n/close now\n+/approve\n /ready\n```\n/etc/passwd\n/label ~x"
    want = draft(oid, body=body)
    assert lab.forge.ensure(want).want == want
    assert "\\n\\/merge\\n".replace("\\n", "\n") in lab.requests[0].description
    lab.calls()
    lab.forge.ensure(want)
    assert "update" not in lab.calls()
    assert lab.forge.comment(1, "gates", "/close\r\nit\n", "ann").comments[0].text == "/close\nit"


def test_what_ends_a_text_is_as_gitlab_leaves_it_so_nothing_is_changed_again(lab):
    oid = lab.branch(put=True)
    lab.forge.ensure(draft(oid, body="A table.\r\n\n"))
    lab.calls()
    lab.forge.ensure(draft(oid, body="A table.\r\n\n"))
    assert "update" not in lab.calls()


def test_people_are_known_by_mail_where_a_list_does_not_tell_it(lab):
    lab.opened()
    lab.double.world.shows_mail = False
    try:
        assert lab.as_("bob").review(1, "bob", approved=True).reviews[0].author == "bob@example.org"
    finally:
        lab.double.world.shows_mail = True


def test_a_merge_request_whose_commits_are_gone_is_passed_over(lab):
    lab.opened()
    lab.request(draft(lab.requests[0].sha, key="gone")).sha = None
    assert [pull.number for pull in lab.forge.pulls()] == [1]


# ── what people do meanwhile ──


def test_a_merge_request_that_lost_its_text_is_not_overwritten(lab):
    oid = lab.opened()
    lab.requests[0].description = "Mine now."
    with pytest.raises(ConflictError, match="of something else"):
        lab.forge.ensure(draft(oid))
    assert [r.description for r in lab.requests] == ["Mine now."]


def test_one_that_was_closed_by_hand_gets_a_new_one(lab):
    oid = lab.opened()
    lab.requests[0].state = "closed"
    assert lab.forge.ensure(draft(oid)).number == 2


def test_one_that_was_merged_by_hand_is_merged(lab):
    oid = lab.opened()
    lab.forge.remote.upstream.push("refs/heads/main", oid, lab.project.tips["main"])
    pull = lab.forge.get(1)
    assert (pull.state, pull.merged_by, pull.merge_commit) == (PullState.MERGED, "ann@example.org", oid)
    assert lab.forge.merge(1, oid, "ann", "Merge\n").state is PullState.MERGED
    assert lab.calls().count("merge") == 0


def test_one_from_a_fork_is_named_and_believed_nothing(lab):
    fork = lab.double.world.project("eve/environments", {"eve": 40}, parent=lab.project)
    want = draft(lab.branch())
    fork.git.run("fetch", str(lab.repo.root), "refs/heads/*:refs/heads/*")
    fork.git.look()
    lab.request(want, fork)
    assert lab.forge.find(want.key) is None
    assert lab.forge.pulls() == ()
    assert lab.forge.notes() == (f"#1 comes from a fork (eve:{want.head}); it was left out",)
    with pytest.raises(DeniedError, match="fork"):
        lab.forge.get(1)


# ── pages, and the double itself ──


def test_all_300_are_read_by_pages_and_the_last_is_found(lab):
    lab.opened()
    one = lab.requests[0]
    key = draft("").key
    texts = (one.description.replace(key, f"k{n}") for n in range(2, 301))
    lab.project.requests += [replace(one, iid=n, description=text) for n, text in enumerate(texts, 2)]
    assert sorted(row.number for row in lab.forge.host.rows(open_only=True)) == list(range(1, 301))
    assert lab.calls() == ["list"] * 3
    assert lab.forge.find("k300").number == 300


def test_another_address_of_a_next_page_gets_no_token(lab):
    client = lab.forge.host.client
    with pytest.raises(WorldError, match="our token does not go"):
        client.send("GET", "https://elsewhere.example/api/v4/user", None, None)


def test_the_double_refuses_what_gitlabs_client_knows_nothing_of():
    by_name = {one.name: one for one in OPERATIONS}
    check_request(by_name["open"], {"title": "x", "reviewer_ids": [1], "labels": "a,b"})
    for name, want in (("open", {"titel": "x"}), ("merge", {"sha": 1}), ("list", {"per_page": "many"})):
        with pytest.raises(ShapeError):
            check_request(by_name[name], want)
    check_answer(by_name["get"], {"iid": 1, "sha": None, "author": {"id": 1}})
    for answer in ({"number": 1}, {"iid": "1"}, {"author": {"login": "x"}}, {"changes_count": 1}, {"labels": [1]}):
        with pytest.raises(ShapeError):
            check_answer(by_name["get"], answer)
