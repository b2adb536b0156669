"""What is GitLab's own, on a double of it: faults, approvals and heads, merge methods, rules, pages."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from fairlead.doors.clock import SystemClock
from fairlead.forge import gitlab as gitlab_forge
from fairlead.forge import http, kept
from fairlead.forge.hosted import HostedForge
from fairlead.forge.http import Token
from fairlead.forge.selection import Place as Address
from fairlead.model.errors import ConfigError, ConflictError, DeniedError, FairleadError, WorldError
from fairlead.model.pulls import Draft, Method, Protection, PullState, Status, StatusState, latest
from tests.contract.test_forge import FILES, Place, draft
from tests.forges.gitlab.operations import OPERATIONS
from tests.forges.gitlab.server import Server, server
from tests.forges.gitlab.shapes import ShapeError, check_answer, check_request
from tests.forges.gitlab.state import MergeRequest, Project, now
from tests.support import commit, new_repo

GATE = Status("fairlead/gate", StatusState.PENDING, "", 0, "waits")


class QuickClock(SystemClock):
    """One that waits without waiting; `rate` makes a wait longer than it was asked to be."""

    ahead = 0.0
    rate = 1

    def now(self) -> int:
        return int(time.time() + self.ahead)

    def sleep(self, seconds: float) -> None:
        self.ahead += seconds * self.rate


@dataclass
class Lab(Place):
    """A place on the double, with what is behind it."""

    double: Server = None  # type: ignore[assignment]  # always given
    project: Project = None  # type: ignore[assignment]

    @property
    def requests(self) -> list[MergeRequest]:
        return self.project.requests

    def as_token(self, token: Token | None, path: str = "") -> HostedForge:
        there = Address("gitlab", self.double.url, path or self.project.path)
        return gitlab_forge.connect(self.repo, self.clock, there, token)

    def put(self, ref: str) -> None:
        """As a push does, without git's way over http."""
        self.project.git.run("fetch", "--quiet", str(self.repo.root), f"+refs/heads/{ref}:refs/heads/{ref}")
        self.project.git.look()
        self.project.sync(self.double.world.person("ann"))

    def request(self, want: Draft, source: Project | None = None) -> MergeRequest:
        """As `ensure` opens one, at once."""
        who, at = self.double.world.person("eve" if source else "ann"), now()
        text = kept.text_of(kept.kept_of(want), want.body)
        made = MergeRequest(
            self.project.number(), next(self.project.iids), self.project, source or self.project, who, want.title, text,
            want.head, want.base, want.head_oid, at, at,
        )  # fmt: skip
        self.requests.append(made)
        self.project.record(made, want.head_oid)
        return made

    def calls(self) -> list[str]:
        """The operations since it was last asked."""
        made, self.double.calls[:] = list(self.double.calls), []
        return made


@pytest.fixture
def lab(tmp_path: Path):
    double = server()
    project = double.project("ann", "bob", "bot")
    repo = new_repo(tmp_path, FILES)
    repo.git.run("remote", "add", "origin", f"{double.url}/{project.path}.git")
    made = Lab(None, repo, QuickClock(), None, double=double, project=project)
    made.as_ = lambda who: made.as_token(Token(double.token(who), "a test"))
    made.forge = made.as_("ann")
    made.publish = made.put
    made.put("main")
    made.calls()
    yield made
    double.faults.clear()
    assert double.problems == []


def opened(lab: Lab) -> str:
    oid = lab.branch()
    lab.put("fairlead/staging/web")
    lab.request(draft(oid))
    return oid


def approvals(lab: Lab) -> list[str]:
    pull = lab.forge.get(1)
    return [r.author for r in latest(pull.reviews, pull.want.hop_id, pull.want.author) if r.approved]


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
    assert approvals(lab) == ["bob@example.org"]
    assert lab.forge.merge(1, oid, "ann", "Merge\n").state is PullState.MERGED
    (one,) = lab.requests
    assert one.labels == ["environment: staging"]
    assert [n.body.splitlines()[-1] for n in one.notes if not n.system] == ["open"]
    assert [s.name for s in lab.project.latest(oid)] == ["fairlead/gate"]
    assert not any(fault.times for fault in lab.double.faults)


def test_an_answer_that_comes_too_late_makes_no_second_one(lab, monkeypatch):
    monkeypatch.setattr(http, "_READ", 0.1)
    lab.double.fail("open", "slow", seconds="0.4")
    oid = lab.branch()
    lab.put("fairlead/staging/web")
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
    assert waits <= lab.clock.ahead - before < 2 * waits + 5


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
    oid = lab.branch()
    lab.put("fairlead/staging/web")
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
    opened(lab)
    lab.project.rules.archived = True
    assert lab.forge.find(draft("x").key).number == 1
    for job in (
        lambda: lab.forge.comment(1, "gates", "waits", "ann"),
        lambda: lab.forge.ensure(draft(lab.branch(text="a: 3\n"), hop_id="h2")),
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
    oid = lab.branch()
    lab.put("fairlead/staging/web")
    real, blind = HostedForge._find, [1, 1]
    monkeypatch.setattr(HostedForge, "_find", lambda self, key: None if blind and blind.pop() else real(self, key))
    lab.request(draft(oid))
    assert lab.forge.ensure(draft(oid)).number == 1
    assert (len(lab.requests), lab.calls().count("open")) == (1, 1)


# ── texts ──


def test_no_line_of_a_text_is_a_quick_action(lab):
    oid = lab.branch()
    lab.put("fairlead/staging/web")
    body = "/merge\n\n```diff\n/close now\n+/approve\n /ready\n```\n/etc/passwd\n/label ~x"
    want = draft(oid, body=body)
    assert lab.forge.ensure(want).want == want
    assert "\\n\\/merge\\n".replace("\\n", "\n") in lab.requests[0].description
    lab.calls()
    lab.forge.ensure(want)
    assert "update" not in lab.calls()
    assert lab.forge.comment(1, "gates", "/close\r\nit\n", "ann").comments[0].text == "/close\nit"


def test_what_ends_a_text_is_as_gitlab_leaves_it_so_nothing_is_changed_again(lab):
    oid = lab.branch()
    lab.put("fairlead/staging/web")
    lab.forge.ensure(draft(oid, body="A table.\r\n\n"))
    lab.calls()
    lab.forge.ensure(draft(oid, body="A table.\r\n\n"))
    assert "update" not in lab.calls()


def test_people_are_known_by_mail_where_a_list_does_not_tell_it(lab):
    opened(lab)
    lab.double.world.shows_mail = False
    try:
        assert lab.as_("bob").review(1, "bob", approved=True).reviews[0].author == "bob@example.org"
    finally:
        lab.double.world.shows_mail = True


def test_a_merge_request_whose_commits_are_gone_is_passed_over(lab):
    opened(lab)
    lab.request(draft(lab.requests[0].sha, key="gone")).sha = None
    assert [pull.number for pull in lab.forge.pulls()] == [1]


# ── what people do meanwhile ──


def test_a_merge_request_that_lost_its_text_is_not_overwritten(lab):
    oid = opened(lab)
    lab.requests[0].description = "Mine now."
    with pytest.raises(ConflictError, match="of something else"):
        lab.forge.ensure(draft(oid))
    assert [r.description for r in lab.requests] == ["Mine now."]


def test_one_that_was_closed_by_hand_gets_a_new_one(lab):
    oid = opened(lab)
    lab.requests[0].state = "closed"
    assert lab.forge.ensure(draft(oid)).number == 2


def test_one_that_was_merged_by_hand_is_merged(lab):
    oid = opened(lab)
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


# ── reviews ──


def test_an_approval_is_one_of_the_head_that_was_there_and_can_be_given_again(lab):
    opened(lab)
    bob = lab.as_("bob")
    bob.review(1, "bob", approved=True)
    assert approvals(lab) == ["bob@example.org"]
    lab.forge.ensure(draft(lab.branch(text="a: 666\n"), hop_id="h2"))
    assert approvals(lab) == []
    forged = lab.requests[0].description.replace('"h1"]', '"h2"]')
    assert forged != lab.requests[0].description
    lab.requests[0].description = forged
    assert approvals(lab) == []
    bob.review(1, "bob", approved=True)
    assert approvals(lab) == ["bob@example.org"]


def test_an_approval_holds_where_the_same_change_is_built_again_on_a_base_that_moved(lab):
    opened(lab)
    lab.as_("bob").review(1, "bob", approved=True)
    moved = lab.on_main({"b.yaml": "b: 9\n"})
    old = lab.repo.tip("fairlead/staging/web")
    lab.repo.move("refs/heads/fairlead/staging/web", "0" * 40, old)
    again = commit(lab.repo, "fairlead/staging/web", {"a.yaml": "a: 2\n"}, start=moved)
    lab.forge.remote.upstream.push("refs/heads/fairlead/staging/web", again, old)
    assert lab.forge.ensure(draft(again)).want.head_oid == again
    assert approvals(lab) == ["bob@example.org"]


def test_approvals_that_gitlab_takes_back_do_not_count(lab):
    lab.project.rules.reset_approvals_on_push = True
    opened(lab)
    bob = lab.as_("bob")
    bob.review(1, "bob", approved=True)
    lab.forge.ensure(draft(lab.branch(text="a: 3\n"), hop_id="h2"))
    assert lab.forge.get(1).reviews == ()
    bob.review(1, "bob", approved=True)
    assert approvals(lab) == ["bob@example.org"]
    bob.host.client.sure(bob.host.client.merge_request(1).unapprove)
    assert approvals(lab) == []


def test_a_comment_that_says_it_approves_is_none(lab):
    opened(lab)
    lab.as_("bob").comment(1, "", "approved this merge request", "bob")
    assert (approvals(lab), lab.forge.get(1).reviews) == ([], ())


def test_nobody_approves_their_own_where_the_project_says_so(lab):
    lab.project.rules.author_may_approve = False
    opened(lab)
    with pytest.raises(DeniedError, match="does not let ann approve #1"):
        lab.forge.review(1, "ann", approved=True)


def test_reviewers_are_found_by_login_and_mail_and_groups_are_passed_over(lab):
    lab.double.token("eve")
    people = ("@bob", "bot@example.org", "@shop/live", "eve", "nobody-there", "ann")
    lab.forge.ensure(draft(opened(lab), reviewers=people))
    assert [user.username for user in lab.requests[0].reviewers] == ["bob", "bot"]
    lab.project.rules.several_reviewers = False
    lab.forge.ensure(draft(lab.branch(text="a: 3\n"), hop_id="h2", reviewers=("bob",)))
    assert [user.username for user in lab.requests[0].reviewers] == ["bob", "bot"]


# ── merging ──


def test_a_draft_is_one_there_and_is_not_merged_until_it_is_none(lab):
    oid = opened(lab)
    lab.forge.ensure(draft(oid, draft=True))
    assert (lab.requests[0].draft, lab.forge.get(1).want.draft) == (True, True)
    with pytest.raises(ConflictError, match="it is a draft"):
        lab.forge.merge(1, oid, "ann", "Merge\n")
    assert not lab.forge.ensure(draft(oid)).want.draft
    pull = lab.forge.merge(1, oid, "ann", "promote web\n\nFairlead-Promote: web dev -> staging\n", Method.SQUASH)
    one, tip = lab.requests[0], lab.repo.tip("main")
    assert pull.state is PullState.MERGED
    assert lab.project.git.run("rev-parse", f"{tip}^2") == one.squash_commit
    for made in (tip, one.squash_commit):
        text = lab.project.git.run("show", "-s", "--format=%B", made)
        assert text == "promote web\n\nFairlead-Promote: web dev -> staging"


@pytest.mark.parametrize(
    ("rules", "method", "said"),
    [
        ({"merge_method": "ff"}, Method.MERGE, "fast-forward alone"),
        ({"merge_method": "ff"}, Method.REBASE, ""),
        ({"merge_method": "ff"}, Method.SQUASH, ""),
        ({"merge_method": "merge"}, Method.REBASE, "by a merge commit"),
        ({"merge_method": "rebase_merge"}, Method.MERGE, ""),
        ({"squash_option": "never"}, Method.SQUASH, "squashes none"),
        ({"squash_option": "always"}, Method.MERGE, "squashes all"),
    ],
)
def test_how_it_is_merged_is_the_projects_to_say(lab, rules, method, said):
    oid = opened(lab)
    lab.project.rules.__dict__.update(rules)
    if said:
        with pytest.raises(ConflictError, match=said) as caught:
            lab.forge.merge(1, oid, "ann", "Merge\n", method)
        assert "--method" in str(caught.value.remedy)
        assert lab.calls().count("merge") == 0
        return
    pull = lab.forge.merge(1, oid, "ann", "Merge\n", method)
    assert (pull.state, pull.merge_commit) == (PullState.MERGED, lab.repo.tip("main"))
    assert lab.repo.read_file("main", "a.yaml") == b"a: 2\n"


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"only_allow_merge_if_pipeline_succeeds": True}, "its pipeline must succeed"),
        ({"approvals": 2}, "approval rules are not met"),
        ({"merge_method": "rebase_merge"}, "main has moved"),
    ],
)
def test_what_gitlab_waits_for_is_told(lab, rules, said):
    oid = opened(lab)
    lab.on_main({"b.yaml": "b: 9\n"})
    lab.project.rules.__dict__.update(rules)
    with pytest.raises(ConflictError, match=said):
        lab.forge.merge(1, oid, "ann", "Merge\n")
    assert lab.forge.get(1).state is PullState.OPEN


def test_who_may_not_merge_into_the_branch_is_told_so(lab):
    oid = opened(lab)
    lab.project.rules.protected["main"] = 40
    with pytest.raises(DeniedError, match="merge into main"):
        lab.as_("bob").merge(1, oid, "bob", "Merge\n")
    assert lab.forge.merge(1, oid, "ann", "Merge\n").state is PullState.MERGED


def test_a_merge_waits_as_long_as_gitlab_looks(lab):
    lab.project.looks, lab.project.lag = 4, 2
    oid = opened(lab)
    assert lab.forge.merge(1, oid, "ann", "Merge\n").state is PullState.MERGED
    assert lab.calls().count("merge") > 1
    lab.project.looks, lab.clock.rate = 999, 10
    again = lab.branch(text="a: 3\n")
    lab.forge.ensure(draft(again))
    with pytest.raises(ConflictError, match="still looks"):
        lab.forge.merge(2, again, "ann", "Merge\n")


def test_gitlab_is_told_to_merge_by_itself_only_where_it_waits_for_the_gate(lab):
    oid = opened(lab)
    lab.forge.auto_merge(1, oid, Method.MERGE, "ann")
    assert (lab.requests[0].auto, lab.requests[0].state) == (None, "opened")
    lab.project.rules.only_allow_merge_if_pipeline_succeeds = True
    lab.forge.auto_merge(1, oid, Method.MERGE, "ann")
    assert (lab.requests[0].auto, lab.requests[0].state) == (None, "opened")
    lab.forge.set_status(oid, GATE)
    lab.forge.auto_merge(1, oid, Method.MERGE, "ann")
    assert lab.requests[0].auto is not None
    lab.forge.auto_merge(1, oid, None, "ann")
    assert (lab.requests[0].auto, lab.forge.get(1).auto) == (None, None)
    one = lab.requests[0]
    one.description += "\n\nFairlead-Promote: web dev -> staging"
    assert lab.forge.auto_merge(1, oid, Method.SQUASH, "ann").auto is Method.SQUASH
    lab.forge.set_status(oid, replace(GATE, state=StatusState.SUCCESS))
    assert lab.forge.get(1).state is PullState.MERGED
    for made in (one.merge_commit, one.squash_commit):
        text = lab.project.git.run("show", "-s", "--format=%B", made)
        assert text == "promote web dev -> staging\n\nFairlead-Promote: web dev -> staging"


# ── statuses, rules, rights ──


def test_a_status_that_waits_may_be_said_to_wait_again_and_then_to_be_done(lab):
    oid = opened(lab)
    for text in ("until noon", "until evening"):
        lab.forge.set_status(oid, replace(GATE, text=text))
    lab.forge.set_status(oid, replace(GATE, context="long", text="x" * 300))
    assert [(s.context, s.state, len(s.text)) for s in lab.forge.statuses(oid)] == [
        ("fairlead/gate", StatusState.PENDING, 10), ("long", StatusState.PENDING, 255),
    ]  # fmt: skip
    for state in (StatusState.SUCCESS, StatusState.PENDING, StatusState.FAILURE, StatusState.SUCCESS):
        lab.forge.set_status(oid, replace(GATE, state=state))
        assert lab.forge.statuses(oid)[0].state is state
    with pytest.raises(ConflictError, match="has no commit"):
        lab.forge.set_status("1" * 40, GATE)


def test_what_the_rules_of_a_branch_demand_is_told(lab):
    assert lab.forge.protection("main") == Protection(known=True)
    rules = lab.project.rules
    rules.protected, rules.owners, rules.approvals = {"main": 0}, True, 2
    rules.only_allow_merge_if_pipeline_succeeds = rules.merge_trains_enabled = True
    whole = Protection(True, ("fairlead/gate",), approvals=2, owners=True, pushes=False, queue=True)
    assert lab.forge.protection("main") == whole
    rules.premium = False
    assert lab.forge.protection("main") == replace(whole, approvals=0)
    assert lab.forge.protection("nowhere") == Protection(known=False)


def test_what_a_token_may_is_told_and_what_a_jobs_own_may_not(lab):
    assert [right.allowed for right in lab.forge.rights()] == [True] * 4
    lab.double.token("ann", "reads-alone", scopes=("read_api",))
    lab.project.members["guest"] = 10
    lab.double.token("guest", "a-guest")
    reads = lab.as_token(Token("reads-alone", "GITLAB_TOKEN")).rights()
    assert [right.allowed for right in reads] == [True, False, False, False]
    assert "scope `api`" in reads[2].remedy
    guest = lab.as_token(Token("a-guest", "GITLAB_TOKEN")).rights()
    assert {right.remedy for right in guest} == {"give the token's owner the role Developer in the project"}
    lab.double.token("ann", "of-a-job", job=True)
    lab.calls()
    job = lab.as_token(Token("of-a-job", "CI_JOB_TOKEN"))
    assert [right.allowed for right in job.rights()] == [False, None, False, False]
    assert (lab.calls(), "project access token" in job.rights()[2].remedy) == ([], True)
    with pytest.raises(DeniedError, match="CI_JOB_TOKEN"):
        job.find("anything")


# ── pages, and the double itself ──


def test_all_300_are_read_by_pages_and_the_last_is_found(lab):
    opened(lab)
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


def test_every_error_has_an_exit_code_of_its_own():
    assert {e.exit_code for e in (DeniedError, ConflictError, WorldError, ConfigError)} == {2, 4, 5, 6}
    assert all(issubclass(e, FairleadError) for e in (DeniedError, ConflictError, WorldError))
