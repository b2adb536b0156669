"""What is Gitea's own, on a real one: lost answers, forks, texts that claim too much, approvals, drafts, pages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fairlead.forge.http import Api, _CutError
from fairlead.model.errors import ConflictError, DeniedError
from fairlead.model.pulls import Method, PullState, latest
from tests.contract.test_forge import Place, _gitea, draft
from tests.forges import gitea
from tests.support import commit

pytestmark = [
    pytest.mark.skipif(gitea.CACHED is None, reason=gitea.WHY_NOT),
    pytest.mark.skipif(not gitea.WHOLE, reason="half a minute on a real Gitea: make test-forge runs it"),
]


@pytest.fixture
def place(tmp_path) -> Place:
    return _gitea(tmp_path)


def path_of(place: Place) -> str:
    return place.forge.host.path


def open_numbers(place: Place) -> list[int]:
    return sorted(raw["number"] for raw in gitea.server().call("GET", f"{path_of(place)}/pulls?state=open"))


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_answer_that_is_lost_makes_one_pull_request_and_one_label(place, monkeypatch, when):
    real, lost = Api._once, []

    def once(self, method, path, body, params):
        if method == "POST" and path not in lost:
            lost.append(path)
            if when == "after":
                real(self, method, path, body, params)
            raise _CutError("the connection broke", sent=True)
        return real(self, method, path, body, params)

    monkeypatch.setattr(Api, "_once", once)
    oid = place.branch()
    pull = place.forge.ensure(draft(oid, labels=("environment: staging",)))
    assert (pull.number, open_numbers(place)) == (1, [1])
    assert [row["name"] for row in gitea.server().call("GET", f"{path_of(place)}/labels")] == ["environment: staging"]
    place.forge.comment(1, "gates", "waits", "ann")
    assert [c.text for c in place.forge.get(1).comments] == ["waits"]
    assert place.forge.merge(1, oid, "ann", "Merge\n").state is PullState.MERGED
    assert len(lost) == 5


def test_a_promoter_from_another_clone_gets_the_same_pull_request(place):
    want = draft(place.branch())
    place.forge.ensure(want)
    assert place.as_("bob").ensure(replace(want, author="bob@example.org")).want.author == "ann@example.org"
    assert open_numbers(place) == [1]


def test_a_commit_that_somebody_pushed_to_the_branch_is_not_lost(place):
    oid = place.branch()
    place.forge.ensure(draft(oid))
    theirs = place.branch(path="b.yaml", text="b: by hand\n")
    place.publish("fairlead/staging/web")
    place.repo.move("refs/heads/fairlead/staging/web", oid, theirs)
    with pytest.raises(ConflictError, match="did not make"):
        place.forge.ensure(draft(oid))
    assert place.forge.get(1).want.head_oid == theirs


def test_commits_of_the_base_that_were_never_pushed_are_not_carried_along(place):
    commit(place.repo, "main", {"b.yaml": "b: mine\n"})
    with pytest.raises(ConflictError, match="the remote has not"):
        place.forge.ensure(draft(place.branch()))
    assert open_numbers(place) == []


def test_a_pull_request_from_a_fork_is_named_and_believed_nothing(place):
    server, project = gitea.server(), path_of(place).removeprefix("repos/")
    want = draft(place.branch())
    body = gitea.server().call("GET", f"repos/{project}")["name"]
    server.token("eve")
    server.call("POST", f"repos/{project}/forks", {"name": body}, server.token("eve"))
    forked = place.as_("eve")
    forked._path = f"repos/eve/{body}"
    server.call(
        "POST", f"repos/eve/{body}/contents/evil.yaml",
        {"content": "YTogMQo=", "message": "Evil", "new_branch": "evil", "branch": "main"}, server.token("eve"),
    )  # fmt: skip
    from fairlead.forge import kept

    text = kept.text_of(kept.kept_of(want), "Please merge.")
    server.call(
        "POST", f"repos/{project}/pulls", {"head": "eve:evil", "base": "main", "title": "x", "body": text},
        server.token("eve"),
    )  # fmt: skip
    assert place.forge.find(want.key) is None
    assert place.forge.pulls() == ()
    assert [note for note in place.forge.notes() if "fork" in note and "#1" in note]
    with pytest.raises(DeniedError, match="fork"):
        place.forge.get(1)


def approvals(place: Place) -> list[str]:
    pull = place.forge.get(1)
    return [r.author for r in latest(pull.reviews, pull.want.hop_id, pull.want.author) if r.approved]


def test_an_approval_holds_where_the_same_change_is_built_again_on_a_base_that_moved(place):
    place.forge.ensure(draft(place.branch()))
    place.as_("bob").review(1, "bob", approved=True)
    moved = place.on_main({"b.yaml": "b: 9\n"})
    old = place.repo.tip("fairlead/staging/web")
    place.repo.move("refs/heads/fairlead/staging/web", "0" * 40, old)
    again = commit(place.repo, "fairlead/staging/web", {"a.yaml": "a: 2\n"}, start=moved)
    place.forge.remote.upstream.push("refs/heads/fairlead/staging/web", again, old)
    assert place.forge.ensure(draft(again)).want.head_oid == again
    assert approvals(place) == ["bob@example.org"]


def test_an_approval_of_another_change_does_not_count_whatever_the_text_claims(place):
    first = place.branch()
    place.forge.ensure(draft(first))
    place.as_("bob").review(1, "bob", approved=True)
    place.forge.ensure(draft(place.branch(text="a: 666\n"), hop_id="h2"))
    assert approvals(place) == []
    raw = gitea.server().call("GET", f"{path_of(place)}/pulls/1")
    forged = raw["body"].replace(f'["{first}","h1"]', f'["{first}","h2"]')
    assert forged != raw["body"]
    gitea.server().call("PATCH", f"{path_of(place)}/pulls/1", {"body": forged})
    assert approvals(place) == []


def test_a_dismissed_review_does_not_count(place):
    place.forge.ensure(draft(place.branch()))
    place.as_("bob").review(1, "bob", approved=True)
    assert approvals(place) == ["bob@example.org"]
    (row,) = gitea.server().call("GET", f"{path_of(place)}/pulls/1/reviews")
    gitea.server().call("POST", f"{path_of(place)}/pulls/1/reviews/{row['id']}/dismissals", {"message": "no"})
    assert approvals(place) == []


def test_nobody_approves_their_own(place):
    place.forge.ensure(draft(place.branch()))
    with pytest.raises(ConflictError, match="approve your own"):
        place.forge.review(1, "ann", approved=True)


def test_a_draft_is_one_there_and_is_not_merged_until_it_is_none(place):
    oid = place.branch()
    assert place.forge.ensure(draft(oid, draft=True)).want.draft
    assert gitea.server().call("GET", f"{path_of(place)}/pulls/1")["draft"] is True
    with pytest.raises(ConflictError, match="Work in progress"):
        place.forge.merge(1, oid, "ann", "Merge\n")
    assert not place.forge.ensure(draft(oid)).want.draft
    assert place.forge.merge(1, oid, "ann", "Merge\n", Method.SQUASH).state is PullState.MERGED
    assert place.repo.message("main").startswith("Merge")
    assert place.repo.read_file("main", "a.yaml") == b"a: 2\n"


def test_labels_are_brought_up_to_date_and_those_of_people_stay(place):
    want = draft(place.branch(), labels=("app: web", "environment: staging"))
    place.forge.ensure(want)
    server = gitea.server()
    made = server.call("POST", f"{path_of(place)}/labels", {"name": "urgent", "color": "#ff0000"})
    server.call("POST", f"{path_of(place)}/issues/1/labels", {"labels": [made["id"]]})
    place.forge.ensure(replace(want, labels=("app: api", "environment: staging")))
    names = [label["name"] for label in server.call("GET", f"{path_of(place)}/issues/1/labels")]
    assert sorted(names) == ["app: api", "environment: staging", "urgent"]


def test_what_a_text_holds_can_not_end_its_comment_early(place):
    want = draft(place.branch(), key="a --> <b> -- --- <!-- x", author='"--><script>"@example.org')
    pull = place.forge.ensure(want)
    assert pull.want == want
    assert place.forge.find(want.key) == pull


def test_every_page_is_read(place):
    oid = place.branch()
    place.forge.host.api.page_size = 2
    for number in range(1, 6):
        name = f"fairlead/staging/w{number}"
        place.repo.move(f"refs/heads/{name}", oid, "0" * 40)
        place.forge.ensure(draft(oid, key=f"k{number}", head=name))
    assert [p.number for p in place.forge.pulls()] == [1, 2, 3, 4, 5]
    assert place.forge.find("k5").number == 5
