"""The commit of a merge queue or train: each of its pull requests, and what they do together."""

from __future__ import annotations

import pytest

from fairlead.model.errors import UsageError
from fairlead.model.pulls import GATE, Draft, Pull, StatusState
from fairlead.steps import ci
from fairlead.steps.verdicts import Verdict
from fairlead.workflows import gate
from tests.promotions import CONFIG, Desk, git, overlay, path
from tests.support import commit

GATED = CONFIG.replace("staging: {}", "staging: {gates: {approvals: 1}}")
EXTRA = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n"


@pytest.fixture
def desk(tmp_path) -> Desk:
    made = Desk.make(tmp_path / "repo", "web", "api", config=GATED)
    made.change({path("dev", app): overlay("dev", "1.1.0") for app in ("web", "api")})
    made.change({"apps/x/kustomization.yaml": "resources: [x.yaml]\n", "apps/x/x.yaml": EXTRA})
    return made


def queue(desk: Desk, *pulls: Pull, squash: bool = False, more: dict[str, str | None] | None = None) -> str:
    """What a merge queue makes of them, under its ref."""
    base = desk.world.git.tip("main")
    git(desk.folder, "checkout", "-q", "--detach", "main")
    for one in pulls:
        if squash:
            git(desk.folder, "merge", "-q", "--squash", one.want.head_oid)
            git(desk.folder, "commit", "-q", "-m", f"{one.want.title} (#{one.number})")
        else:
            text = f"Merge pull request #{one.number}"
            git(desk.folder, "merge", "-q", "--no-ff", "-m", text, one.want.head_oid)
    for name, text in (more or {}).items():
        (desk.folder / name).write_text(text or "")
        git(desk.folder, "add", name)
        git(desk.folder, "commit", "-q", "-m", "more")
    branch = f"gh-readonly-queue/main/pr-{pulls[-1].number}-{base}"
    git(desk.folder, "branch", branch)
    git(desk.folder, "checkout", "-q", "main")
    return f"refs/heads/{branch}"


def judged(desk: Desk, ref: str) -> Verdict:
    world = ci.world(desk.world.run)
    return gate.of_group(world, desk.forge(world), ref)


def hand(desk: Desk, head: str, files: dict[str, str | None]) -> Pull:
    oid = commit(desk.world.git, head, files, start="main")
    return desk.forge().ensure(Draft(head, head, "", head, oid, "main", "ann@x.org", plan_id="", hop_id=oid))


@pytest.mark.parametrize("squash", [False, True])
def test_each_of_a_group_is_judged_and_the_word_is_kept_on_its_commit(desk, squash):
    (web,), (api,) = desk.promote("web"), desk.promote("api")
    desk.forge().review(web.number, "bob@x.org", approved=True)
    ref = queue(desk, web, api, squash=squash)
    verdict = judged(desk, ref)
    assert (verdict.pull.want.title, verdict.environments) == ("merge group of #1, #2", ("staging",))
    assert [r.message for r in verdict.shut] == ["#2: 0 of 1 approvals; whoever asked (ann@x.org) doesn't count"]
    desk.forge().review(api.number, "bob@x.org", approved=True)
    assert judged(desk, ref).open
    (status,) = desk.forge().statuses(desk.world.git.git.resolve(ref))
    assert (status.context, status.state) == (GATE, StatusState.SUCCESS)


def test_what_they_break_together_closes_the_group_though_each_alone_is_fine(desk):
    reads = overlay("dev", "1.1.0").replace("[../../base]", "[../../base, ../../../x]")
    one = hand(desk, "reads", {path("dev"): reads})
    other = hand(desk, "drops", {"apps/x/kustomization.yaml": None, "apps/x/x.yaml": None})
    verdict = judged(desk, queue(desk, one, other))
    assert [r.gate for r in verdict.shut] == ["checks"]
    assert verdict.shut[0].message.startswith("together: dev: 1 error")


def test_what_is_in_the_commit_and_in_no_pull_request_closes_it(desk):
    (web,) = desk.promote("web")
    desk.forge().review(web.number, "bob@x.org", approved=True)
    verdict = judged(desk, queue(desk, web, more={"evil.yaml": "a: 1\n"}))
    (shut,) = verdict.shut
    assert shut.message == "the group changes evil.yaml, which none of its pull requests does"


def test_a_stack_does_not_land_at_once(desk):
    low, high = desk.promote("web", through="production")
    desk.forge().review(low.number, "bob@x.org", approved=True)
    verdict = judged(desk, queue(desk, low, high))
    assert [(r.gate, r.message) for r in verdict.shut] == [("order", "#2: #1 must be merged before")]


def test_a_group_of_nobody_is_a_change_that_nobody_has_reviewed(desk):
    oid = commit(desk.world.git, "x", {path("staging"): overlay("staging", "6.6.6")}, start="main")
    verdict = judged(desk, oid)
    assert [r.gate for r in verdict.shut] == ["approvals"]


def test_a_train_is_a_group_whose_number_its_ref_says(desk, monkeypatch):
    (web,) = desk.promote("web")
    oid = commit(desk.world.git, "train", {path("staging"): overlay("staging", "1.1.0")}, start="main")
    desk.world.git.move("refs/merge-requests/1/train", oid, "0" * 40)
    assert judged(desk, "refs/merge-requests/1/train").pull.want.title == "merge group of #1"
    monkeypatch.setenv("CI_COMMIT_SHA", oid)  # of another ref, that is no answer
    with pytest.raises(UsageError, match="no commit 'refs/merge-requests/7/train'"):
        judged(desk, "refs/merge-requests/7/train")
    monkeypatch.setenv("CI_MERGE_REQUEST_REF_PATH", "refs/merge-requests/1/merge")
    assert judged(desk, "refs/merge-requests/1/merge").pull.want.head_oid == oid
    assert web.number == 1


def test_the_branch_that_is_entered_is_what_ci_says():
    oid = "0" * 40
    assert ci.base_branch({"GITHUB_REF": f"refs/heads/gh-readonly-queue/release/1/pr-12-{oid}"}) == "release/1"
    assert ci.base_branch({"GITHUB_BASE_REF": "main", "GITHUB_REF": "refs/pull/1/merge"}) == "main"
    assert ci.base_branch({"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}) == "main"
    assert ci.base_branch({"GITHUB_REF": "refs/heads/main"}) == ""
    assert ci.group_number(f"gh-readonly-queue/main/pr-12-{oid}") == 12
    assert ci.group_number("refs/merge-requests/7/train") == 7
    assert ci.group_number("refs/heads/main") == 0
