"""What every forge must do. A new forge is one more line in FORGES."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from fairlead.doors.clock import SystemClock
from fairlead.doors.git.repository import Repository
from fairlead.forge import KINDS, local
from fairlead.forge import gitea as gitea_forge
from fairlead.forge import github as github_forge
from fairlead.forge import gitlab as gitlab_forge
from fairlead.forge.http import Token
from fairlead.forge.selection import Place as Address
from fairlead.model.errors import ConflictError, UsageError
from fairlead.model.pulls import Comment, Draft, Forge, Method, Pull, PullState, Review, Status, StatusState, person
from tests.forges import gitea, smallest
from tests.forges.github import server as github
from tests.forges.gitlab import server as gitlab_double
from tests.support import StillClock, commit, new_repo

FILES = {"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"}


@dataclass
class Place:
    """A forge and the repository behind it. `as_` is the forge as another person speaks with it."""

    forge: Forge
    repo: Repository
    clock: StillClock | SystemClock
    as_: Callable[[str], Forge]
    publish: Callable[[str], None] = lambda ref: None

    def branch(self, name: str = "fairlead/staging/web", path: str = "a.yaml", text: str = "a: 2\n", **more) -> str:
        return commit(self.repo, name, {path: text}, start="main", **more)

    def on_main(self, texts: dict[str, str]) -> str:
        """A commit on main, there too."""
        oid = commit(self.repo, "main", texts)
        self.publish("main")
        return oid

    def later(self) -> None:
        if isinstance(self.clock, StillClock):
            self.clock.time += 60

    def is_now(self, stamp: int) -> bool:
        return stamp == self.clock.now() if isinstance(self.clock, StillClock) else abs(stamp - self.clock.now()) < 60


def _local(folder: Path) -> Place:
    repo = new_repo(folder, FILES)
    clock = StillClock()
    forge = local.connect(repo, clock)
    return Place(forge, repo, clock, lambda who: forge)


def _gitea(folder: Path) -> Place:
    if gitea.CACHED is None:
        pytest.skip(gitea.WHY_NOT)
    server, clock = gitea.server(), SystemClock()
    project = server.project("ann", "bob", "bot")
    repo = new_repo(folder, FILES)
    repo.git.run("remote", "add", "origin", f"{server.url}/{project}.git")
    there = Address("gitea", server.url, project)

    def as_(who: str) -> Forge:
        return gitea_forge.connect(repo, clock, there, Token(server.token(person(who).partition("@")[0]), "a test"))

    place = _hosted(as_, repo, clock)
    server.wait_for_push(project)
    return place


def _github(folder: Path, clock: SystemClock | None = None) -> Place:
    double, clock = github.double(), clock or SystemClock()
    project = double.project("ann", "bob", "bot")
    repo = new_repo(folder, FILES)
    repo.git.run("remote", "add", "origin", f"{double.url}/{project}.git")
    there = Address("github", double.url, project)

    def as_(who: str) -> Forge:
        return github_forge.connect(repo, clock, there, Token(double.token(person(who).partition("@")[0]), "a test"))

    return _hosted(as_, repo, clock)


def _gitlab(folder: Path) -> Place:
    server, clock = gitlab_double.server(), SystemClock()
    project = server.project("ann", "bob", "bot").path
    repo = new_repo(folder, FILES)
    repo.git.run("remote", "add", "origin", f"{server.url}/{project}.git")
    there = Address("gitlab", server.url, project)

    def as_(who: str) -> Forge:
        return gitlab_forge.connect(repo, clock, there, Token(server.token(person(who).partition("@")[0]), "a test"))

    return _hosted(as_, repo, clock)


def _hosted(as_: Callable[[str], Forge], repo: Repository, clock: SystemClock) -> Place:
    """On a server, with main there."""
    forge = as_("ann")

    def publish(ref: str) -> None:
        at = forge.remote.upstream.refs(f"refs/heads/{ref}").get(f"refs/heads/{ref}", "0" * 40)
        forge.remote.upstream.push(f"refs/heads/{ref}", repo.tip(ref), at)

    publish("main")
    return Place(forge, repo, clock, as_, publish)


def _smallest(folder: Path) -> Place:
    clock = StillClock()
    server, repo = smallest.Server.make(folder / "there.git", clock), new_repo(folder / "here", FILES)
    repo.git.run("remote", "add", "origin", str(server.folder))

    def as_(who: str) -> Forge:
        return smallest.connect(repo, server, person(who).partition("@")[0])

    def publish(ref: str) -> None:
        repo.git.run("push", "--quiet", "origin", f"refs/heads/{ref}")

    publish("main")
    return Place(as_("ann"), repo, clock, as_, publish)


FORGES: dict[str, Callable[[Path], Place]] = {
    "local": _local, "smallest": _smallest, "gitea": _gitea, "github": _github, "gitlab": _gitlab,
}  # fmt: skip


def test_every_kind_of_forge_stands_in_this_suite():
    assert set(FORGES) == {*KINDS, smallest.SmallestHost.kind}


@pytest.fixture(params=FORGES)
def place(request, tmp_path) -> Iterator[Place]:
    yield FORGES[request.param](tmp_path)
    assert github.mistakes() == []


def draft(oid: str, **more) -> Draft:
    values = {
        "key": "promote web dev staging", "title": "promote web dev -> staging", "body": "A table.",
        "head": "fairlead/staging/web", "head_oid": oid, "base": "main", "author": "ann@example.org",
        "plan_id": "p1", "hop_id": "h1",
    }  # fmt: skip
    return Draft(**(values | more))


def test_it_says_which_kind_it_is(place):
    assert place.forge.kind in FORGES


def test_without_pull_requests_there_is_none(place):
    assert place.forge.pulls() == ()
    assert place.forge.find("anything") is None
    assert place.forge.notes() == ()


def test_ensure_opens_the_first_pull_request_as_number_1(place):
    want = draft(place.branch())
    pull = place.forge.ensure(want)
    assert pull == Pull(1, PullState.OPEN, want, created=pull.created, updated=pull.updated)
    assert place.is_now(pull.created)
    assert place.is_now(pull.updated)
    assert place.forge.get(1) == pull
    assert place.forge.find(want.key) == pull
    assert place.forge.pulls() == (pull,)


def test_ensure_again_with_the_same_draft_changes_nothing(place):
    want = draft(place.branch())
    first = place.forge.ensure(want)
    place.later()
    assert place.forge.ensure(want) == first


def test_somebody_else_who_runs_the_same_promotion_again_does_not_become_its_requester(place):
    want = draft(place.branch())
    first = place.forge.ensure(want)
    assert place.forge.ensure(replace(want, author="bob@example.org")) == first


def test_the_same_key_is_updated_in_place(place):
    want = draft(place.branch())
    place.forge.ensure(want)
    place.later()
    newer = replace(want, head_oid=place.branch(text="a: 3\n"), hop_id="h2", author="bob@example.org", labels=("x",))
    pull = place.forge.ensure(newer)
    assert (pull.number, pull.want) == (1, replace(newer, author=pull.want.author))
    assert pull.want.author == "bob@example.org"
    assert place.is_now(pull.updated)
    assert place.forge.pulls() == (pull,)


def test_another_key_is_another_pull_request(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    second = place.forge.ensure(draft(oid, key="other", head="fairlead/staging/other"))
    assert second.number == 2
    assert [p.number for p in place.forge.pulls()] == [1, 2]


def test_a_key_whose_pull_request_was_merged_gets_a_new_one(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    place.forge.merge(1, oid, "bob@example.org", "Merge\n")
    again = place.branch(text="a: 3\n")
    assert place.forge.ensure(draft(again)).number == 2
    assert [p.number for p in place.forge.pulls(open_only=True)] == [2]


def test_an_unknown_number_is_refused_with_those_that_there_are(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    with pytest.raises(UsageError, match="no pull request 7") as caught:
        place.forge.get(7)
    assert "1" in str(caught.value.remedy)


def test_a_branch_name_that_is_none_is_refused(place):
    oid = place.branch()
    for name in ("-x", "a..b", "a b", "$(id)", "x.lock", "a//b", "", "é", "a\nb", "/a", "a/"):
        with pytest.raises(UsageError):
            place.forge.ensure(draft(oid, head=name))
    assert place.forge.pulls() == ()


def test_reviews_are_kept_with_the_hop_that_they_were_given_for(place):
    want = draft(place.branch())
    place.forge.ensure(want)
    place.as_("bob@example.org").review(1, "bob@example.org", approved=True)
    pull = place.forge.ensure(replace(want, head_oid=place.branch(text="a: 3\n"), hop_id="h2"))
    assert pull.reviews == (Review("bob@example.org", approved=True, at=pull.reviews[0].at, hop_id="h1"),)
    assert place.is_now(pull.reviews[0].at)
    pull = place.as_("bob@example.org").review(1, "bob@example.org", approved=False)  # some forges keep the last alone
    assert pull.reviews[-1] == Review("bob@example.org", approved=False, at=pull.reviews[-1].at, hop_id="h2")
    assert place.forge.get(1).reviews == pull.reviews


def test_the_same_review_twice_is_one(place):
    place.forge.ensure(draft(place.branch()))
    first = place.as_("bob@example.org").review(1, "bob@example.org", approved=True)
    place.later()
    assert place.as_("bob@example.org").review(1, "Bob <BOB@example.org>", approved=True) == first


def test_a_comment_with_a_marker_is_replaced_and_others_are_added(place):
    place.forge.ensure(draft(place.branch()))
    bot, ann = place.as_("bot@example.org"), place.as_("ann@example.org")
    bot.comment(1, "gates", "waits", "bot@example.org")
    ann.comment(1, "", "looks good", "ann@example.org")
    ann.comment(1, "", "really", "ann@example.org")
    pull = bot.comment(1, "gates", "open", "bot@example.org")
    assert [replace(comment, at=0) for comment in pull.comments] == [
        Comment("bot@example.org", 0, "open", "gates"),
        Comment("ann@example.org", 0, "looks good"),
        Comment("ann@example.org", 0, "really"),
    ]
    assert place.is_now(pull.comments[0].at)


def test_merge_lands_the_head_on_the_base_and_says_who_and_when(place):
    before = place.repo.tip("main")
    oid = place.branch()
    place.forge.ensure(draft(oid))
    place.later()
    pull = place.as_("bob@example.org").merge(
        1, oid, "bob@example.org", "promote web\n\nFairlead-Promote: web dev -> staging\n"
    )
    tip = place.repo.tip("main")
    assert (pull.state, pull.merged_by, pull.merge_commit) == (PullState.MERGED, "bob@example.org", tip)
    assert place.is_now(pull.merged_at)
    assert place.repo.git.text("rev-list", "--parents", "-n1", tip).split() == [tip, before, oid]
    assert place.repo.message(tip).strip().endswith("Fairlead-Promote: web dev -> staging")
    assert place.repo.read_file("main", "a.yaml") == b"a: 2\n"
    assert place.repo.tip("fairlead/staging/web") is None


def test_merging_a_merged_one_again_changes_nothing(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    first = place.forge.merge(1, oid, "bob", "Merge\n")
    place.later()
    assert place.forge.merge(1, oid, "eve", "Merge\n") == first


def test_merge_is_refused_where_the_reviewed_head_is_another(place):
    old = place.branch()
    want = draft(old)
    place.forge.ensure(want)
    place.forge.ensure(replace(want, head_oid=place.branch(text="a: 3\n"), hop_id="h2"))
    before = place.repo.tip("main")
    with pytest.raises(ConflictError):
        place.forge.merge(1, old, "bob", "Merge\n")
    assert place.repo.tip("main") == before


def test_merge_is_refused_where_the_branch_was_moved_behind_its_back(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    place.branch(path="b.yaml", text="b: evil\n")
    place.publish("fairlead/staging/web")
    before = place.repo.tip("main")
    with pytest.raises(ConflictError, match="moved"):
        place.forge.merge(1, oid, "bob", "Merge\n")
    assert (place.repo.tip("main"), place.forge.get(1).state) == (before, PullState.OPEN)


def test_the_lower_of_a_stack_comes_first(place):
    low = place.branch()
    high = commit(place.repo, "fairlead/production/web", {"b.yaml": "b: 2\n"}, start=low)
    place.forge.ensure(draft(low))
    place.forge.ensure(draft(high, key="upper", head="fairlead/production/web", below="promote web dev staging"))
    with pytest.raises(ConflictError, match="#1"):
        place.forge.merge(2, high, "bob", "Merge\n")
    place.forge.merge(1, low, "bob", "Merge\n")
    assert place.forge.merge(2, high, "bob", "Merge\n").state is PullState.MERGED
    assert place.repo.read_file("main", "b.yaml") == b"b: 2\n"


def test_what_stands_on_a_closed_one_is_not_merged(place):
    low = place.branch()
    high = commit(place.repo, "fairlead/production/web", {"b.yaml": "b: 2\n"}, start=low)
    place.forge.ensure(draft(low))
    place.forge.ensure(draft(high, key="upper", head="fairlead/production/web", below="promote web dev staging"))
    place.forge.close(1, "not wanted", "ann")
    with pytest.raises(ConflictError, match="closed"):
        place.forge.merge(2, high, "bob", "Merge\n")


def test_a_base_that_moved_elsewhere_is_merged_with(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    place.on_main({"b.yaml": "b: 9\n"})
    place.forge.merge(1, oid, "bob", "Merge\n")
    assert place.repo.read_file("main", "a.yaml") == b"a: 2\n"
    assert place.repo.read_file("main", "b.yaml") == b"b: 9\n"


def test_a_base_that_moved_in_the_same_file_is_a_conflict_that_names_it(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    moved = place.on_main({"a.yaml": "a: 9\n"})
    with pytest.raises(ConflictError, match=r"a\.yaml"):
        place.forge.merge(1, oid, "bob", "Merge\n")
    assert (place.repo.tip("main"), place.forge.get(1).state) == (moved, PullState.OPEN)


def test_close_says_why_and_removes_the_branch(place):
    place.forge.ensure(draft(place.branch()))
    pull = place.forge.close(1, "a newer one came", "ann")
    assert (pull.state, pull.closed_why) == (PullState.CLOSED, "a newer one came")
    assert place.repo.tip("fairlead/staging/web") is None
    assert place.forge.find(pull.want.key) is None
    assert place.forge.close(1, "again", "ann") == pull


def test_a_branch_that_is_not_fairleads_own_is_left_standing(place):
    oid = place.branch("feature")
    place.forge.ensure(draft(oid, head="feature"))
    place.forge.close(1, "no", "ann")
    assert place.repo.tip("feature") == oid


def test_what_is_done_is_done(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    place.forge.merge(1, oid, "bob", "Merge\n")
    with pytest.raises(ConflictError, match="merged"):
        place.forge.close(1, "too late", "ann")
    with pytest.raises(ConflictError, match="merged"):
        place.forge.review(1, "bob", approved=True)
    again = place.branch(text="a: 5\n")
    place.forge.ensure(draft(again))
    place.forge.close(2, "no", "ann")
    with pytest.raises(ConflictError, match="closed: no"):
        place.forge.merge(2, again, "bob", "Merge\n")


# ── statuses ──


def test_a_commit_without_statuses_has_none(place):
    assert place.forge.statuses(place.branch()) == ()


def test_of_each_context_the_latest_status_counts(place):
    oid, other = place.branch(), place.branch("fairlead/staging/api", text="a: 3\n")
    words = [
        Status("ci/test", StatusState.PENDING, "ci@example.org", 1_750_000_000),
        Status("ci/scan", StatusState.SUCCESS, "ci@example.org", 1_750_000_001, "nothing found"),
        Status("ci/test", StatusState.FAILURE, "ci@example.org", 1_750_000_002, "3 of 12 | failed\n"),
    ]
    place.publish("fairlead/staging/web")
    for word in words:
        place.forge.set_status(oid, word)
    assert [(s.context, s.state, s.text.strip()) for s in place.forge.statuses(oid)] == [
        ("ci/scan", StatusState.SUCCESS, "nothing found"), ("ci/test", StatusState.FAILURE, "3 of 12 | failed"),
    ]  # fmt: skip
    assert place.forge.statuses(other) == ()


def test_reviewers_and_labels_are_asked_for_and_kept(place):
    want = draft(place.branch(), reviewers=("bob", "nobody-of-that-name"), labels=("environment: staging", "app: web"))
    pull = place.forge.ensure(want)
    assert pull.want == want
    assert place.forge.ensure(want) == pull
    fewer = replace(want, labels=("app: web",))
    assert place.forge.ensure(fewer).want.labels == ("app: web",)


def test_a_merge_by_itself_is_kept_until_it_is_taken_back_or_another_change_comes(place):
    want = draft(place.branch())
    number = place.forge.ensure(want).number
    assert place.forge.get(number).auto is None
    assert place.forge.auto_merge(number, want.head_oid, Method.SQUASH, "ann").auto is Method.SQUASH
    assert place.forge.pulls(open_only=True)[0].auto is Method.SQUASH
    assert place.forge.auto_merge(number, want.head_oid, None, "ann").auto is None
    place.forge.auto_merge(number, want.head_oid, Method.MERGE, "ann")
    assert place.forge.ensure(replace(want, title="Another title")).auto is Method.MERGE
    newer = replace(want, head_oid=place.branch(text="a: 3\n"), hop_id="h2")
    assert place.forge.ensure(newer).auto is None
    with pytest.raises(ConflictError, match="#1"):
        place.forge.auto_merge(number, want.head_oid, Method.MERGE, "ann")


def test_what_the_branch_demands_and_what_the_token_may_is_told(place):
    assert place.forge.protection("main").known
    assert "fairlead/gate" not in place.forge.protection("main").required
    assert all(right.allowed for right in place.forge.rights())


def test_a_listing_has_the_reviews_where_they_are_asked_for(place):
    number = place.forge.ensure(draft(place.branch())).number
    place.as_("bob").review(number, "bob@example.org", approved=True)
    (pull,) = place.forge.pulls(open_only=True, reviewed=True)
    assert [(person(r.author), r.approved, r.hop_id) for r in pull.reviews] == [
        (person(place.forge.get(number).reviews[0].author), True, "h1")
    ]


def test_a_promotion_of_the_same_key_on_another_branch_is_refused(place):
    want = draft(place.branch())
    place.forge.ensure(want)
    other = replace(want, head="fairlead/staging/other", head_oid=place.branch("fairlead/staging/other", "b.yaml"))
    if place.forge.kind == "local":  # one record a key: it says where it is now
        assert place.forge.ensure(other).want.head == "fairlead/staging/other"
        return
    with pytest.raises(ConflictError, match="is of the branch fairlead/staging/web"):
        place.forge.ensure(other)
