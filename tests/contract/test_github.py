"""What is GitHub's own, on its double: lost answers, limits, tokens, forks, drafts, checks, rules, merges by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from fairlead.doors.clock import SystemClock
from fairlead.forge import github as github_forge
from fairlead.forge import http
from fairlead.forge import kept as texts
from fairlead.forge.http import Token
from fairlead.forge.selection import Place as Address
from fairlead.model.errors import ConfigError, ConflictError, DeniedError, FairleadError, WorldError
from fairlead.model.pulls import Method, Protection, PullState, Status, StatusState, latest
from tests.contract.test_forge import Place, _github, draft
from tests.forges.github import server as github
from tests.forges.github.server import Fault
from tests.forges.github.state import Pull as Held
from tests.forges.github.state import Repo, Review, now
from tests.support import commit

WORDS = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
HEAD = "fairlead/staging/web"


class NimbleClock(SystemClock):
    """Real time, and no waiting: what was slept has passed."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> int:
        return int(super().now() + sum(self.slept))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def place(tmp_path) -> Iterator[Place]:
    github.double().faults.clear()
    yield _github(tmp_path, NimbleClock())
    github.double().faults.clear()
    assert github.mistakes() == []


def held(place: Place) -> Repo:
    """The repository as the double has it."""
    return github.double().repo(place.forge.host.project)


def fault(path: str, answer=None, method: str = "POST", **more) -> None:
    github.double().faults.append(Fault(path, answer, method, **more))


def speaking(place: Place, token: str | None, url: str = "") -> github_forge.GithubServer:
    there = Address("github", url or github.double().url, place.forge.host.project)
    login = None if token is None else Token(token, "GITHUB_TOKEN")
    return github_forge.connect(place.repo, place.clock, there, login)


# ── lost, slow, refused ──


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("answer", [None, (502, {}, {"message": "Server Error"})])
def test_an_answer_that_is_lost_makes_one_of_each(place, answer, after):
    for path, method in (("/pulls$", "POST"), ("/comments$", "POST"), ("/labels$", "POST"), ("/merge$", "PUT")):
        fault(path, answer, method, after=after)
    oid = place.branch()
    assert place.forge.ensure(draft(oid, labels=("environment: staging",))).number == 1
    assert [c.text for c in place.forge.comment(1, "gates", "waits", "ann").comments] == ["waits"]
    assert place.forge.merge(1, oid, "ann", "Merge\n").state is PullState.MERGED
    assert (len(held(place).pulls), held(place).pulls[1].labels) == (1, ["environment: staging"])
    assert [f.times for f in github.double().faults] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("answer", "waited"),
    [
        ((429, {"Retry-After": "7"}, {"message": "slow down"}), 7),
        ((429, {}, {"message": "slow down"}), 0.2),
        ((403, {}, {"message": WORDS}), 60),
        ((403, {"Retry-After": "60"}, {"message": WORDS}), 60),
    ],
)
def test_too_many_requests_are_waited_for_and_one_is_opened(place, answer, waited):
    fault("/pulls$", answer)
    place.forge.ensure(draft(place.branch()))
    assert max(place.clock.slept) >= waited
    assert len(held(place).pulls) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Retry-After": "3600"}, 429), ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9999999999"}, 403)],
)
def test_an_hour_is_not_waited_for(place, headers, status):
    fault("/pulls$", (status, headers, {"message": "API rate limit exceeded"}), "GET")
    with pytest.raises(WorldError, match="too many requests") as caught:
        place.forge.ensure(draft(place.branch()))
    assert (caught.value.exit_code, "run the command again" in str(caught.value.remedy)) == (6, True)
    assert place.forge.ensure(draft(place.branch())).number == 1


def test_an_answer_that_comes_too_late_makes_one_pull_request(place):
    place.forge.host.client.api._patience = http.Patience(read=0.1)
    fault("/pulls$", delay=0.4)
    fault("/pulls/1$", delay=0.4, method="GET")
    assert place.forge.ensure(draft(place.branch())).number == 1
    assert len(held(place).pulls) == 1


def test_a_web_page_and_a_certificate_that_is_none_are_told_of(place):
    fault("/pulls$", (200, {"Content-Type": "text/html"}, b"<html>Please log in</html>"), "GET")
    with pytest.raises(WorldError, match="web page"):
        place.forge.pulls()
    with pytest.raises(WorldError, match="certificate"):
        speaking(place, "x", github.double().url.replace("http:", "https:")).pulls()


def test_json_that_is_not_githubs_is_told_of(place):
    place.forge.ensure(draft(place.branch()))
    for answer in ({"number": 1}, [1, 2], {"number": "x", "head": 3}, {"a": [[[]]]}):
        fault("/pulls/1$", (200, {}, answer), "GET")
        with pytest.raises(WorldError, match="not GitHub's"):
            place.forge.get(1)


# ── tokens, places ──


def refused(place: Place, token: str | None) -> FairleadError:
    with pytest.raises(DeniedError) as caught:
        speaking(place, token).ensure(draft(place.branch()))
    assert held(place).pulls == {}
    assert (caught.value.exit_code, bool(caught.value.remedy)) == (4, True)
    assert token is None or token not in f"{caught.value} {caught.value.remedy}"
    return caught.value


def test_a_token_that_will_not_do_is_told_of_and_nothing_is_opened(place):
    world = github.double().world
    assert "does not accept no token" in str(refused(place, None))
    assert "GITHUB_TOKEN" in str(refused(place, "ghp_wrong"))
    assert "does not show it" in str(refused(place, world.token("ann", scopes=("gist",))))
    assert "Write access not granted" in str(refused(place, world.token("ann", prefix="github_pat_", reads=True)))


def test_a_token_that_expires_half_way_leaves_one_pull_request(place):
    fault("/labels$", (401, {}, {"message": "Bad credentials"}))
    want = draft(place.branch(), labels=("app: web",))
    with pytest.raises(DeniedError, match="Bad credentials"):
        place.forge.ensure(want)
    assert place.forge.ensure(want).number == 1
    assert held(place).pulls[1].labels == ["app: web"]


def test_a_repository_that_was_moved_or_archived_is_told_of(place):
    want, project = draft(place.branch()), place.forge.host.project
    held(place).archived = True
    with pytest.raises(DeniedError, match="archived"):
        place.forge.ensure(want)
    github.double().world.moved[project] = "ann/elsewhere"
    with pytest.raises(ConfigError, match="moved") as caught:
        place.forge.ensure(want)
    assert (caught.value.exit_code, "git remote set-url" in str(caught.value.remedy)) == (2, True)


def test_the_client_has_no_token_and_no_say_in_waiting(place):
    place.forge.pulls()
    requester = place.forge.host.client.requester
    assert requester.auth is None
    kwargs = requester.kwargs
    assert {kwargs[k] for k in ("retry", "seconds_between_requests", "seconds_between_writes")} == {None}


@pytest.mark.parametrize(
    ("url", "api"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://shop.ghe.com", "https://api.shop.ghe.com"),
        ("https://git.example.org", "https://git.example.org/api/v3"),
    ],
)
def test_where_the_api_is(url, api):
    assert github_forge.address(url) == api


def rights(place: Place, token: str) -> list[tuple[bool | None, str]]:
    return [(right.allowed, right.remedy) for right in speaking(place, token).rights()]


def test_rights_tell_what_a_token_lacks(place):
    world = github.double().world
    assert rights(place, world.token("ann")) == [(True, "")] * 4
    assert [may for may, _ in rights(place, world.token("bob", scopes=("repo", "workflow")))] == [True] * 4
    fine = rights(place, world.token("ann", prefix="github_pat_", scopes=None))
    assert [may for may, _ in fine] == [True, None, None, True]
    assert "Pull requests" in fine[1][1]
    held(place).access |= {"github-actions[bot]": "write", "promoter[bot]": "write"}
    own = rights(place, world.token("github-actions[bot]", prefix="ghs_", scopes=None))
    assert own[3][0] is False
    assert "GitHub App" in own[3][1]
    assert rights(place, world.token("promoter[bot]", prefix="ghs_", scopes=None))[3] == (True, "")
    held(place).archived = True
    assert "archived" in rights(place, world.token("ann"))[1][1]


def test_a_bot_keeps_its_own_comment_current(place):
    held(place).access["promoter[bot]"] = "write"
    bot = speaking(place, github.double().world.token("promoter[bot]", prefix="ghs_", scopes=None))
    bot.ensure(draft(place.branch()))
    place.forge.comment(1, "gates", "by ann", "ann")
    bot.comment(1, "gates", "waits", "bot")
    assert [(c.author, c.text) for c in bot.comment(1, "gates", "open", "bot").comments] == [
        ("ann@example.org", "by ann"), ("promoter[bot]", "open"),
    ]  # fmt: skip


# ── what people do on the web page ──


def test_a_promoter_from_another_clone_gets_the_same_pull_request(place):
    want = draft(place.branch())
    place.forge.ensure(want)
    assert place.as_("bob").ensure(replace(want, author="bob@example.org")).want.author == "ann@example.org"
    assert len(held(place).pulls) == 1


def test_where_another_promoter_was_faster_it_is_theirs(place):
    want = draft(place.branch())
    place.as_("bob").ensure(want)
    fault("/pulls$", (200, {}, []), "GET", times=2)  # not seen yet
    assert place.forge.ensure(want).number == 1


def test_a_page_that_leads_to_another_host_or_to_itself_is_not_followed(place):
    client, here = place.forge.host.client, github.double().url
    for url in ("https://evil.example/pulls", f"{here}//evil.example/pulls", f"{here}/api/v3{client.path}/pulls"):
        fault("/pulls$", (200, {"Link": f'<{url}>; rel="next"'}, [{"number": 1}]), "GET", times=2000)
        with pytest.raises(WorldError, match=r"not GitHub's|does not end"):
            client.must(lambda: list(client.repo.get_pulls()))


def test_what_was_edited_by_hand_is_put_right_and_what_was_taken_away_is_told_of(place):
    want = draft(place.branch())
    place.forge.ensure(want)
    raw = held(place).pulls[1]
    raw.title = "Something else"
    assert place.forge.ensure(want).want.title == want.title
    raw.body = "I took the comment out."
    with pytest.raises(ConflictError, match="open pull request already"):
        place.forge.ensure(want)
    raw.open = False
    assert place.forge.ensure(want).number == 2


def test_one_that_was_merged_there_by_hand_is_merged(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    repo = held(place)
    repo.merge(repo.pulls[1], github.double().world.user("bob"), "squash", "By hand", "")
    pull = place.forge.merge(1, oid, "ann", "Merge\n")
    assert (pull.state, pull.merged_by, pull.merge_commit) == (
        PullState.MERGED, "bob@example.org", place.repo.tip("main"),
    )  # fmt: skip


def test_a_head_that_is_shown_late_is_waited_for(place):
    want = draft(place.branch())
    place.forge.ensure(want)
    held(place).lag = 2
    newer = place.branch(text="a: 3\n")
    assert place.forge.ensure(replace(want, head_oid=newer, hop_id="h2")).want.head_oid == newer
    assert place.clock.slept


def test_a_branch_that_github_does_not_see_at_once_is_waited_for(place):
    errors = [{"resource": "PullRequest", "field": "head", "code": "invalid"}]
    fault("/pulls$", (422, {}, {"message": "Validation Failed", "errors": errors}), times=2)
    assert place.forge.ensure(draft(place.branch())).number == 1
    assert len(place.clock.slept) == 2


def test_a_text_that_would_be_too_long_forgets_the_earliest_heads(place):
    want = draft(place.branch(), body="x" * 60_000)
    place.forge.ensure(want)
    raw = held(place).pulls[1]
    kept = replace(texts.kept_of(want), heads=tuple((f"{n:040d}", f"{n:064d}") for n in range(49)))
    raw.body = texts.text_of(kept, want.body)
    place.forge.ensure(replace(want, head_oid=place.branch(text="a: 3\n"), hop_id="h2"))
    assert 64_000 < len(raw.body) <= 65_000
    assert f"{48:040d}" in raw.body


def test_a_pull_request_from_a_fork_is_named_and_believed_nothing(place):
    want = draft(place.branch())
    world, repo = github.double().world, held(place)
    eve = world.repo("eve", repo.name, {}, repo)
    commit(place.repo, "evil", {"a.yaml": "a: 666\n"}, start="main")
    eve.git.run("fetch", "--quiet", str(place.repo.git.git_dir), "+refs/heads/evil:refs/heads/evil")
    sha = eve.git.tip("evil")
    text = texts.text_of(texts.kept_of(want), "Please merge.")
    repo.access["eve"] = "read"
    repo.pulls[1] = Held(1, world.user("eve"), "x", text, eve, "evil", sha, "main", now(), now())
    repo.record_head(repo.pulls[1])
    assert place.forge.find(want.key) is None
    assert place.forge.pulls() == ()
    assert [note for note in place.forge.notes() if "fork" in note and "#1" in note and "eve/" in note]
    with pytest.raises(DeniedError, match="fork"):
        place.forge.get(1)
    assert place.forge.ensure(want).number == 2


# ── reviews ──


def approvals(place: Place) -> list[str]:
    pull = place.forge.get(1)
    return [r.author for r in latest(pull.reviews, pull.want.hop_id, pull.want.author) if r.approved]


def test_a_review_that_was_dismissed_by_a_person_or_a_push_does_not_count(place):
    place.forge.ensure(draft(place.branch()))
    bob = place.as_("bob")
    bob.review(1, "bob", approved=True)
    assert approvals(place) == ["bob@example.org"]
    held(place).pulls[1].reviews[0].state = "DISMISSED"
    assert approvals(place) == []
    held(place).guard("main", approvals=1, stale=True)
    bob.review(1, "bob", approved=True)
    place.forge.ensure(draft(place.branch(text="a: 3\n"), hop_id="h2"))
    assert approvals(place) == []


def test_an_approval_holds_for_the_same_change_and_no_other_whatever_the_text_claims(place):
    first = place.branch()
    place.forge.ensure(draft(first))
    place.as_("bob").review(1, "bob", approved=True)
    world, raw = github.double().world, held(place).pulls[1]
    raw.reviews.append(Review(9, world.user("bob"), "COMMENTED", first, "nice", now()))  # says nothing
    assert approvals(place) == ["bob@example.org"]
    place.forge.ensure(draft(place.branch(text="a: 666\n"), hop_id="h2"))
    raw.body = raw.body.replace(f'["{first}","h1"]', f'["{first}","h2"]')
    assert approvals(place) == []


def test_nobody_approves_their_own(place):
    place.forge.ensure(draft(place.branch()))
    with pytest.raises(ConflictError, match="approve your own"):
        place.forge.review(1, "ann", approved=True)


def test_whom_github_can_not_ask_is_passed_over(place):
    held(place).teams.add("payments")
    names = ("bob", "@ann/payments", "@other/payments", "@ann/gone", "nobody", "ann", "eve@example.org")
    place.forge.ensure(draft(place.branch(), reviewers=names))
    raw = held(place).pulls[1]
    assert ([who.login for who in raw.reviewers], raw.teams) == (["bob"], ["payments"])


# ── drafts, labels ──


def test_a_draft_is_one_there_and_is_not_merged_until_it_is_none(place):
    oid = place.branch()
    assert place.forge.ensure(draft(oid, draft=True)).want.draft
    with pytest.raises(ConflictError, match="still a draft"):
        place.forge.merge(1, oid, "ann", "Merge\n")
    assert not place.forge.ensure(draft(oid)).want.draft
    assert place.forge.ensure(draft(oid, draft=True)).want.draft
    place.forge.ensure(draft(oid))
    assert place.forge.merge(1, oid, "ann", "Merge\n", Method.SQUASH).state is PullState.MERGED
    assert place.repo.message("main").startswith("Merge")


def test_where_there_are_no_drafts_it_is_opened_as_none(place):
    held(place).drafts = False
    want = draft(place.branch(), draft=True)
    assert not place.forge.ensure(want).want.draft
    assert place.forge.ensure(want).number == 1


def test_labels_are_brought_up_to_date_and_those_of_people_stay(place):
    want = draft(place.branch(), labels=("app: shop/web & co", "environment: staging", "x" * 60))
    place.forge.ensure(want)
    held(place).labels["urgent"] = 1
    held(place).pulls[1].labels.append("urgent")
    place.forge.ensure(replace(want, labels=("app: api", "environment: staging")))
    assert sorted(held(place).pulls[1].labels) == ["app: api", "environment: staging", "urgent", f"{'x' * 49}…"]


def test_commits_come_one_after_the_other_by_a_rebase(place):
    place.branch()
    oid = commit(place.repo, HEAD, {"b.yaml": "b: 2\n"})
    place.on_main({"c.yaml": "c: 1\n"})
    place.forge.ensure(draft(oid))
    place.forge.merge(1, oid, "ann", "Merge\n", Method.REBASE)
    assert place.repo.git.text("rev-list", "--count", "--merges", "main") == "0"
    assert [place.repo.read_file("main", f"{n}.yaml") for n in "abc"] == [b"a: 2\n", b"b: 2\n", b"c: 1\n"]


# ── statuses, rules ──


def test_statuses_and_check_runs_are_one(place):
    oid, other = place.branch(), place.branch("fairlead/staging/api", text="a: 3\n")
    place.forge.ensure(draft(oid))
    repo = held(place)
    for name, conclusion in (("build", "failure"), ("build", "success"), ("lint", "skipped"), ("test", "timed_out")):
        repo.run_checked(oid, name, conclusion)
    repo.run_checked(oid, "deploy", None)
    place.forge.set_status(oid, Status("scan", StatusState.SUCCESS, "", 0, "x" * 300))
    place.forge.set_status(oid, Status("deploy", StatusState.SUCCESS, "", 0))
    found = {s.context: s for s in place.forge.statuses(oid)}
    assert {name: s.state for name, s in found.items()} == {
        "build": StatusState.SUCCESS, "lint": StatusState.SUCCESS, "test": StatusState.FAILURE,
        "deploy": StatusState.PENDING, "scan": StatusState.SUCCESS,
    }  # fmt: skip
    assert (found["build"].author, found["scan"].author, len(found["scan"].text)) == ("ci", "ann@example.org", 140)
    assert place.forge.statuses(other) == ()
    place.forge.set_status(oid, Status("scan", StatusState.SUCCESS, "", 0, "x" * 300))  # again: said already
    assert len(repo.statuses[oid]) == 2
    with pytest.raises(ConflictError, match="has no commit"):
        place.forge.set_status(other, Status("scan", StatusState.SUCCESS, "", 0))


def test_protection_is_read_from_rulesets_and_from_branch_protection(place):
    repo = held(place)
    assert place.forge.protection("main") == Protection(known=True)
    assert place.forge.protection("gone") == Protection(known=False)
    demands = {"required": ("ci",), "pinned": {"fairlead/gate": 7}, "approvals": 2, "owners": True}
    all_of_it = Protection(
        known=True, required=("ci", "fairlead/gate"), pinned=("fairlead/gate",), approvals=2, owners=True, pushes=False
    )
    repo.guard("main", **demands, queue=True)
    assert place.as_("bob").protection("main") == replace(all_of_it, queue=True)
    repo.guard("main", **demands, classic=True)
    assert place.forge.protection("main") == all_of_it
    # Whoever isn't an administrator may read the checks alone.
    assert place.as_("bob").protection("main") == replace(all_of_it, approvals=0, owners=False)


def test_what_the_rules_hold_back_is_told_in_githubs_words(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    held(place).guard("main", required=("ci",))
    with pytest.raises(ConflictError, match='Required status check "ci" is expected'):
        place.forge.merge(1, oid, "ann", "Merge\n")
    held(place).run_checked(oid, "ci", "success")
    held(place).guard("main", required=("ci",), queue=True)
    with pytest.raises(ConflictError, match="merge queue") as caught:
        place.forge.merge(1, oid, "ann", "Merge\n")
    assert "queue" in str(caught.value.remedy)
    held(place).guard("main", required=("ci",))
    fault("/merge$", (405, {}, {"message": "Base branch was modified. Review and try the merge again."}), "PUT")
    assert place.forge.merge(1, oid, "ann", "Merge\n").state is PullState.MERGED


def test_a_protected_branch_that_ours_is_pushed_to_is_told_of(place):
    held(place).guard(HEAD, locked=True)
    with pytest.raises(FairleadError, match=r"Protected branch|declined"):
        place.forge.ensure(draft(place.branch()))


# ── merged by itself ──


def test_github_merges_by_itself_only_where_it_must_wait_for_the_gate(place):
    oid = place.branch()
    place.forge.ensure(draft(oid, body="A table.\n\nFairlead-Promote: web dev -> staging\n"))
    raw = held(place).pulls[1]
    held(place).guard("main", required=("ci",))
    assert place.forge.auto_merge(1, oid, Method.SQUASH, "ann").auto is Method.SQUASH
    assert raw.auto is None
    held(place).guard("main", required=("fairlead/gate",))
    place.forge.auto_merge(1, oid, Method.SQUASH, "ann")
    assert raw.auto["method"] == "SQUASH"
    assert place.forge.auto_merge(1, oid, None, "ann").auto is None
    assert raw.auto is None
    place.forge.auto_merge(1, oid, Method.SQUASH, "ann")
    place.forge.set_status(oid, Status("fairlead/gate", StatusState.SUCCESS, "", 0))
    assert place.forge.get(1).state is PullState.MERGED
    place.forge.follow("main")
    assert "Fairlead-Promote: web dev -> staging" in place.repo.message("main")


def test_what_was_to_be_merged_by_itself_is_not_once_it_is_another_change(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    held(place).guard("main", required=("fairlead/gate",))
    place.forge.auto_merge(1, oid, Method.MERGE, "ann")
    assert place.forge.ensure(draft(place.branch(text="a: 3\n"), hop_id="h2")).auto is None
    assert held(place).pulls[1].auto is None
    with pytest.raises(ConflictError, match="was moved"):
        place.forge.auto_merge(1, oid, Method.MERGE, "ann")


def test_where_auto_merge_is_switched_off_the_wish_stays_in_the_text(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    held(place).auto_merge = False
    held(place).guard("main", required=("fairlead/gate",))
    assert place.forge.auto_merge(1, oid, Method.MERGE, "ann").auto is Method.MERGE
    assert held(place).pulls[1].auto is None


# ── many ──


def test_300_pull_requests_are_read_in_three_pages(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    repo, first = held(place), held(place).pulls[1]
    for number in range(2, 301):
        text = texts.text_of(texts.kept_of(draft(oid, key=f"k{number}")), "")
        repo.pulls[number] = replace(first, number=number, body=text, head=f"w{number}", updated="2025-01-01T00:00:00Z")
    asked = github.double().asked

    def read(*, open_only: bool) -> tuple[int, int]:
        before = len(asked)
        return len({row.number for row in place.forge.host.rows(open_only=open_only)}), len(asked) - before

    assert read(open_only=True) == (300, 3)
    assert place.forge.find("k300").number == 300
    assert read(open_only=False) == (300, 3)
    place.forge.close(299, "no", "ann")
    assert read(open_only=False) == (300, 1)  # only what was touched since
    assert read(open_only=True) == (299, 1)
    assert place.forge.find("k299") is None


def test_a_listing_asks_for_reviews_once_and_one_by_its_number_always(place):
    place.forge.ensure(draft(place.branch()))
    asked = github.double().asked
    before = len(asked)
    for _ in range(5):
        place.forge.pulls(open_only=True, reviewed=True)
    assert [path.rpartition("/")[2] for _, path in asked[before:]] == ["pulls", "reviews"] + ["pulls"] * 4
    place.as_("bob").review(1, "bob", approved=True)
    assert approvals(place) == ["bob@example.org"]
    place.clock.sleep(11)
    assert [r.author for r in place.forge.pulls(reviewed=True)[0].reviews] == ["bob@example.org"]


def test_a_request_or_answer_that_github_does_not_describe_is_a_mistake(place):
    client = place.forge.host.client
    ask = client.requester.requestJsonAndCheck
    for verb, path, body in (
        ("GET", f"{client.path}/pulls?mine=1", None), ("GET", f"{client.path}/nonsense", None),
        ("POST", f"{client.path}/pulls", {"head": "x"}), ("PATCH", f"{client.path}/pulls/1", {"drft": True}),
    ):  # fmt: skip
        with pytest.raises(ConflictError):
            client.must(lambda verb=verb, path=path, body=body: ask(verb, path, input=body))
    assert len(github.mistakes()) == 4
