"""What a review, a merge, a status and a rule are on GitLab, on a double of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fairlead.forge.http import Token
from fairlead.model.errors import ConflictError, DeniedError
from fairlead.model.pulls import Method, Protection, PullState, Status, StatusState
from tests.contract.test_forge import draft
from tests.support import commit

GATE = Status("fairlead/gate", StatusState.PENDING, "", 0, "waits")

# ── reviews ──


def test_an_approval_is_one_of_the_head_that_was_there_and_can_be_given_again(lab):
    lab.opened()
    bob = lab.as_("bob")
    bob.review(1, "bob", approved=True)
    assert lab.approvals() == ["bob@example.org"]
    lab.forge.ensure(draft(lab.branch("a: 666\n"), hop_id="h2"))
    assert lab.approvals() == []
    forged = lab.requests[0].description.replace('"h1"]', '"h2"]')
    assert forged != lab.requests[0].description
    lab.requests[0].description = forged
    assert lab.approvals() == []
    bob.review(1, "bob", approved=True)
    assert lab.approvals() == ["bob@example.org"]


def test_an_approval_holds_where_the_same_change_is_built_again_on_a_base_that_moved(lab):
    lab.opened()
    lab.as_("bob").review(1, "bob", approved=True)
    moved = lab.on_main({"b.yaml": "b: 9\n"})
    old = lab.repo.tip("fairlead/staging/web")
    lab.repo.move("refs/heads/fairlead/staging/web", "0" * 40, old)
    again = commit(lab.repo, "fairlead/staging/web", {"a.yaml": "a: 2\n"}, start=moved)
    lab.forge.remote.upstream.push("refs/heads/fairlead/staging/web", again, old)
    assert lab.forge.ensure(draft(again)).want.head_oid == again
    assert lab.approvals() == ["bob@example.org"]


def test_approvals_that_gitlab_takes_back_do_not_count(lab):
    lab.project.rules.reset_approvals_on_push = True
    lab.opened()
    bob = lab.as_("bob")
    bob.review(1, "bob", approved=True)
    lab.forge.ensure(draft(lab.branch("a: 3\n"), hop_id="h2"))
    assert lab.forge.get(1).reviews == ()
    bob.review(1, "bob", approved=True)
    assert lab.approvals() == ["bob@example.org"]
    bob.host.client.sure(bob.host.client.merge_request(1).unapprove)
    assert lab.approvals() == []


def test_a_comment_that_says_it_approves_is_none(lab):
    lab.opened()
    lab.as_("bob").comment(1, "", "approved this merge request", "bob")
    assert (lab.approvals(), lab.forge.get(1).reviews) == ([], ())


def test_nobody_approves_their_own_where_the_project_says_so(lab):
    lab.project.rules.author_may_approve = False
    lab.opened()
    with pytest.raises(DeniedError, match="does not let ann approve #1"):
        lab.forge.review(1, "ann", approved=True)


def test_reviewers_are_found_by_login_and_mail_and_groups_are_passed_over(lab):
    lab.double.token("eve")
    people = ("@bob", "bot@example.org", "@shop/live", "eve", "nobody-there", "ann")
    lab.forge.ensure(draft(lab.opened(), reviewers=people))
    assert [user.username for user in lab.requests[0].reviewers] == ["bob", "bot"]
    lab.project.rules.several_reviewers = False
    lab.forge.ensure(draft(lab.branch("a: 3\n"), hop_id="h2", reviewers=("bob",)))
    assert [user.username for user in lab.requests[0].reviewers] == ["bob", "bot"]


# ── merging ──


def test_a_draft_is_one_there_and_is_not_merged_until_it_is_none(lab):
    oid = lab.opened()
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
    oid = lab.opened()
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
    oid = lab.opened()
    lab.on_main({"b.yaml": "b: 9\n"})
    lab.project.rules.__dict__.update(rules)
    with pytest.raises(ConflictError, match=said):
        lab.forge.merge(1, oid, "ann", "Merge\n")
    assert lab.forge.get(1).state is PullState.OPEN


def test_who_may_not_merge_into_the_branch_is_told_so(lab):
    oid = lab.opened()
    lab.project.rules.protected["main"] = 40
    with pytest.raises(DeniedError, match="merge into main"):
        lab.as_("bob").merge(1, oid, "bob", "Merge\n")
    assert lab.forge.merge(1, oid, "ann", "Merge\n").state is PullState.MERGED


def test_a_merge_waits_as_long_as_gitlab_looks(lab):
    lab.project.looks, lab.project.lag = 4, 2
    oid = lab.opened()
    assert lab.forge.merge(1, oid, "ann", "Merge\n").state is PullState.MERGED
    assert lab.calls().count("merge") > 1
    lab.project.looks, lab.clock.rate = 999, 10
    again = lab.branch("a: 3\n")
    lab.forge.ensure(draft(again))
    with pytest.raises(ConflictError, match="still looks"):
        lab.forge.merge(2, again, "ann", "Merge\n")


def test_gitlab_is_told_to_merge_by_itself_only_where_it_waits_for_the_gate(lab):
    oid = lab.opened()
    lab.forge.auto_merge(1, oid, Method.MERGE, "ann")
    assert (lab.requests[0].auto, lab.requests[0].state) == (None, "opened")
    lab.project.rules.only_allow_merge_if_pipeline_succeeds = True
    lab.forge.auto_merge(1, oid, Method.MERGE, "ann")
    assert (lab.requests[0].auto, lab.requests[0].state) == (None, "opened")
    lab.forge.set_status(oid, GATE)
    lab.project.others[oid] = 7  # another pipeline than that of the status is what GitLab would wait for
    lab.forge.auto_merge(1, oid, Method.MERGE, "ann")
    assert lab.requests[0].auto is None
    lab.project.others.clear()
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
    oid = lab.opened()
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
    with pytest.raises(DeniedError, match="CI_JOB_TOKEN") as caught:
        job.find("anything")
    assert "project access token" in str(caught.value.remedy)
