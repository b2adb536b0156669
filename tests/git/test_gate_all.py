"""`fairlead gate --all-open`: what has soaked opens, what no longer holds closes, what is to merge by itself merges."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from fairlead.ledger import audit
from fairlead.model.errors import ConflictError, WorldError
from fairlead.model.gates import GateState
from fairlead.model.pulls import GATE, Draft, Forge, Method, Pull, PullState, Review, Status, StatusState
from fairlead.repo.config import read
from fairlead.steps.sweeping import Row, Sweep, bottom_first
from fairlead.workflows import gate, pull
from tests.promotions import CONFIG, Desk, git, overlay, path
from tests.support import commit

SOAKED = CONFIG.replace("staging: {}", "staging: {gates: {soak: 1h}}")
APPROVED = CONFIG.replace("staging: {}", "staging: {gates: {approvals: 1}}")


def desk_of(tmp_path, config: str, tag: str = "1.1.0") -> Desk:
    desk = Desk.make(tmp_path / "repo", config=config)
    desk.set(tag)
    return desk


def swept(desk: Desk) -> dict[int, Row]:
    world = desk.world
    return {row.pull.number: row for row in gate.all_open(world, desk.forge(world))}


def status(desk: Desk, number: int) -> Status:
    forge = desk.forge()
    return next(s for s in forge.statuses(forge.get(number).want.head_oid) if s.context == GATE)


def auto(desk: Desk, number: int, method: Method | None = Method.MERGE) -> Pull:
    world = desk.world
    return pull.auto(world, desk.forge(world), number, method)


# ── opening and closing ──


def test_what_has_soaked_opens_and_its_draft_becomes_ready(tmp_path):
    desk = desk_of(tmp_path, SOAKED)
    (opened,) = desk.promote()
    assert opened.want.draft
    row = swept(desk)[1]
    assert (row.did, row.verdict.state) == (("fairlead/gate: pending",), StatusState.PENDING)
    assert status(desk, 1).text.startswith("soak until 2025-06-15 16:06 UTC [")
    desk.clock.time += 3600
    row = swept(desk)[1]
    assert row.did == ("fairlead/gate: success", "made ready")
    assert not desk.forge().get(1).want.draft
    assert (status(desk, 1).state, status(desk, 1).text.partition(" [")[0]) == (
        StatusState.SUCCESS, "every gate is open",
    )  # fmt: skip
    assert swept(desk)[1].did == ()


def test_what_no_longer_holds_closes(tmp_path):
    desk = desk_of(tmp_path, APPROVED)
    desk.promote()
    desk.forge().review(1, "bob@x.org", approved=True)
    assert swept(desk)[1].verdict.state is StatusState.SUCCESS
    desk.forge().review(1, "bob@x.org", approved=False)
    assert swept(desk)[1].did == ("fairlead/gate: failure",)
    desk.forge().review(1, "bob@x.org", approved=True)
    assert swept(desk)[1].did == ("fairlead/gate: success",)
    frozen = APPROVED.replace("approvals: 1", "approvals: 1, freeze: [{days: [sun], why: sunday}]")
    desk.change({"fairlead.yaml": frozen})
    assert swept(desk)[1].did == ("fairlead/gate: pending",)
    assert "freeze until 2025-06-16 00:00 UTC" in status(desk, 1).text


class Counting:
    """A forge that counts what it is asked."""

    def __init__(self, forge: Forge) -> None:
        self._forge, self.calls = forge, Counter[str]()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._forge, name)
        if not callable(found):
            return found

        def call(*args: Any, **more: Any) -> Any:
            self.calls[name] += 1
            return found(*args, **more)

        return call


def test_what_is_unchanged_is_not_written_and_asks_little(tmp_path):
    desk = Desk.make(tmp_path / "repo", "web", "api", config=SOAKED)
    desk.change({path("dev", app): overlay("dev", "1.1.0") for app in ("web", "api")})
    desk.promote("web")
    desk.promote("api")
    swept(desk)
    before = git(desk.folder, "for-each-ref", "refs/fairlead")
    desk.clock.time += 600  # what is left of the soak is told by its end
    world = desk.world
    forge = Counting(desk.forge(world))
    rows = gate.all_open(world, forge)
    assert [row.did for row in rows] == [(), ()]
    assert git(desk.folder, "for-each-ref", "refs/fairlead") == before
    assert forge.calls == {"pulls": 1, "statuses": 2, "share": 1}  # the last asks nobody, where nothing is new


def test_one_that_fails_stops_no_other(tmp_path, monkeypatch):
    desk = Desk.make(tmp_path / "repo", "web", "api", config=SOAKED)
    desk.change({path("dev", app): overlay("dev", "1.1.0") for app in ("web", "api")})
    desk.promote("web")
    desk.promote("api")
    real = Sweep._judged
    world = desk.world

    def judged(self: Sweep, one: Pull) -> Row:
        if one.number == 1:
            raise WorldError("no answer")
        return real(self, one)

    monkeypatch.setattr(Sweep, "_judged", judged)
    first, second = gate.all_open(world, desk.forge(world))
    assert (first.error.message, first.error.exit_code) == ("no answer", 6)
    assert second.verdict.state is StatusState.PENDING


# ── by itself ──


def test_a_stack_set_to_merge_by_itself_is_merged_from_below(tmp_path):
    desk = desk_of(tmp_path, CONFIG)
    low, high = desk.promote(through="production")
    auto(desk, high.number)
    auto(desk, low.number, Method.SQUASH)
    rows = swept(desk)
    assert [row.pull.state for row in rows.values()] == [PullState.MERGED, PullState.MERGED]
    assert "#2 built again" in rows[1].did
    assert desk.tags() == dict.fromkeys(("dev", "staging", "production"), "1.1.0")
    assert git(desk.folder, "rev-list", "--parents", "-1", rows[1].pull.merge_commit).count(" ") == 1


def test_an_upper_that_soaks_stays_and_is_merged_in_a_later_round(tmp_path):
    rules = CONFIG.replace("production: {match: [prod]}", "production: {match: [prod], gates: {soak: 1h}}")
    desk = desk_of(tmp_path, rules)
    for opened in desk.promote(through="production"):
        auto(desk, opened.number)
    rows = swept(desk)
    assert (rows[1].pull.state, rows[2].verdict.state) == (PullState.MERGED, StatusState.PENDING)
    above = desk.forge().get(2)
    assert (above.want.draft, above.want.below, above.auto) == (True, "", Method.MERGE)
    desk.clock.time += 3600
    assert swept(desk)[2].pull.state is PullState.MERGED
    assert desk.tags()["production"] == "1.1.0"


def test_who_asked_is_on_record_and_a_new_version_is_not_merged_by_that_word(tmp_path):
    desk = desk_of(tmp_path, APPROVED)
    desk.promote()
    asked = auto(desk, 1)
    assert asked.auto is Method.MERGE
    (told,) = [c.text for c in asked.comments if c.marker == "auto"]
    assert told.startswith("To be merged (merge) as soon as every gate is open, as ann@\u200bx.org asked.")
    entry = audit.entries(desk.world.git)[0]
    assert (entry.verb, entry.actor) == ("auto-merge", "ann@x.org")
    desk.set("1.2.0")
    (newer,) = desk.promote()
    assert newer.auto is None
    auto(desk, 1)
    assert auto(desk, 1, None).auto is None
    desk.forge().review(1, "bob@x.org", approved=True)
    assert swept(desk)[1].pull.state is PullState.OPEN


def test_the_environment_or_a_flag_says_so_and_off_stays_off(tmp_path):
    desk = desk_of(tmp_path, CONFIG.replace("staging: {}", "staging: {auto_merge: squash}"))
    (opened,) = desk.promote()
    assert opened.auto is Method.SQUASH
    auto(desk, 1, None)
    (again,) = desk.promote()
    assert again.auto is None


def test_nothing_is_merged_whose_head_or_reviews_have_moved(tmp_path):
    desk = desk_of(tmp_path, APPROVED)
    (opened,) = desk.promote()
    desk.forge().review(1, "bob@x.org", approved=True)
    auto(desk, 1)
    commit(desk.world.git, opened.want.head, {"evil.yaml": "a: 1\n"})
    row = swept(desk)[1]
    assert row.pull.state is PullState.OPEN
    (shut,) = [r for r in row.verdict.shut if r.gate == "plan"]
    assert shut.message.startswith("it is not its plan: evil.yaml: is new, which is no part of the plan, in ")


def test_an_approval_that_is_withdrawn_meanwhile_is_no_approval(tmp_path, monkeypatch):
    desk = desk_of(tmp_path, APPROVED)
    desk.promote()
    desk.forge().review(1, "bob@x.org", approved=True)
    auto(desk, 1)
    real = Sweep._merged

    def late(self: Sweep, row: Row, verdict: Any) -> Row:
        self.forge.review(1, "bob@x.org", approved=False)
        return real(self, row, verdict)

    monkeypatch.setattr(Sweep, "_merged", late)
    row = swept(desk)[1]
    assert row.error.exit_code == 1
    assert "bob@x.org requested changes" in row.error.message


# ── what people did meanwhile ──


def test_what_was_merged_by_hand_is_recorded_and_what_stood_on_it_built_again(tmp_path):
    desk = desk_of(tmp_path, CONFIG)
    low, high = desk.promote(through="production")
    git(desk.folder, "merge", "-q", "--no-ff", "-m", "Merge", low.want.head)
    rows = swept(desk)
    assert rows[1].did == ("had landed by hand: recorded as merged", "#2 built again")
    assert desk.forge().get(high.number).want.below == ""
    assert rows[2].verdict.state is StatusState.SUCCESS


def test_a_lower_that_the_forge_merged_leaves_its_upper_on_the_branch(tmp_path):
    desk = desk_of(tmp_path, CONFIG)
    low, _ = desk.promote(through="production")
    desk.forge().merge(1, low.want.head_oid, "bob", "Merge\n\nFairlead-Promote: web dev -> staging\n")
    row = swept(desk)[2]
    assert row.did[:2] == ("#2 built again", "fairlead/gate: success")


def test_what_enters_another_branch_is_left_alone(tmp_path):
    desk = desk_of(tmp_path, CONFIG)
    git(desk.folder, "branch", "other")
    oid = commit(desk.world.git, "x", {path("production"): overlay("production", "6.6.6")}, start="main")
    desk.forge().ensure(Draft("x", "x", "", "x", oid, "other", "ann", plan_id="", hop_id=oid))
    assert swept(desk)[1].did == ("enters other, and not main",)
    assert desk.forge().statuses(oid) == ()
    world = desk.world
    assert gate.run(world, desk.forge(world), 1).environments == ()


def test_a_status_that_somebody_else_has_set_is_set_right(tmp_path):
    desk = desk_of(tmp_path, APPROVED)
    (opened,) = desk.promote()
    swept(desk)
    forged = replace(status(desk, 1), state=StatusState.SUCCESS)
    desk.forge().set_status(opened.want.head_oid, forged)
    assert swept(desk)[1].did == ("fairlead/gate: pending",)


def test_a_pull_request_that_reaches_nothing_gets_no_comment(tmp_path):
    desk = desk_of(tmp_path, CONFIG)
    oid = commit(desk.world.git, "x", {"README.md": "x\n"}, start="main")
    desk.forge().ensure(Draft("x", "x", "", "x", oid, "main", "ann", plan_id="", hop_id=oid))
    assert swept(desk)[1].did == ("fairlead/gate: success",)
    assert desk.forge().get(1).comments == ()


def test_a_person_decides_whether_theirs_is_a_draft(tmp_path):
    desk = desk_of(tmp_path, CONFIG)
    oid = commit(desk.world.git, "x", {"README.md": "x\n"}, start="main")
    desk.forge().ensure(Draft("x", "x", "", "x", oid, "main", "ann", plan_id="", hop_id=oid, draft=True))
    swept(desk)
    assert desk.forge().get(1).want.draft


def test_bottom_first_even_where_stacks_are_circular():
    def one(number: int, key: str, below: str = "") -> Pull:
        want = Draft(key, "", "", "", "", "main", "", "", "", below=below)
        return Pull(number, PullState.OPEN, want, 0, 0)

    pulls = (one(1, "a", "b"), one(2, "b", "c"), one(3, "c"), one(4, "x", "y"), one(5, "y", "x"))
    assert [p.number for p in bottom_first(pulls)] == [3, 2, 1, 5, 4]


# ── drafts and reviewers ──


@pytest.mark.parametrize(
    ("rules", "draft"),
    [
        ("gates: {soak: 1h}", True),
        ("gates: {freeze: [{why: always}]}", True),
        ("gates: {approvals: 2, statuses: [ci]}", False),
        ("gates: {}", False),
    ],
)
def test_a_draft_while_something_else_than_people_and_programs_waits(tmp_path, rules, draft):
    desk = desk_of(tmp_path, CONFIG.replace("staging: {}", f"staging: {{{rules}}}"))
    (opened,) = desk.promote()
    assert opened.want.draft is draft
    desk.forge().review(1, "bob@x.org", approved=True)  # a draft can be reviewed all the same


def test_drafts_can_be_switched_off(tmp_path):
    desk = desk_of(tmp_path, SOAKED + "promote: {drafts: false}\n")
    low, high = desk.promote(through="production")
    assert (low.want.draft, high.want.draft) == (False, True)


def test_a_draft_that_a_person_made_ready_stays_so(tmp_path):
    desk = desk_of(tmp_path, SOAKED)
    (opened,) = desk.promote()
    desk.forge().ensure(replace(opened.want, draft=False))
    (again,) = desk.promote()
    assert not again.want.draft


def test_reviewers_are_the_owners_of_what_changes_and_those_of_the_environment_but_never_who_asks(tmp_path):
    config = CONFIG.replace("staging: {}", 'staging: {reviewers: ["@shop/release", carl, ann@x.org]}')
    desk = desk_of(tmp_path, config + 'teams: {"@web": [ann@x.org, dora@x.org]}\napps: {web: {owners: ["@eve"]}}\n')
    desk.change({"CODEOWNERS": "* @nobody\n/apps/web/overlays/staging/ @web @bob\n"})
    (opened,) = desk.promote()
    assert opened.want.reviewers == ("@shop/release", "carl", "dora@x.org", "bob", "eve")


def test_auto_merge_says_how():
    for said, method in (("true", "merge"), ("false", ""), ("rebase", "rebase")):
        text = f"version: 1\nenvironments: {{a: {{auto_merge: {said}}}}}\n"
        assert read(text.encode()).environment("a").auto_merge == method


def test_auto_merge_of_what_is_not_open_is_refused(tmp_path):
    desk = desk_of(tmp_path, CONFIG)
    desk.promote()
    desk.forge().close(1, "no", "ann")
    with pytest.raises(ConflictError, match="is closed"):
        auto(desk, 1)


def test_reviews_of_an_earlier_state_of_a_hand_made_branch_do_not_count(tmp_path):
    desk = Desk.make(tmp_path / "repo")
    oid = commit(desk.world.git, "x", {path("staging"): overlay("staging", "1.0.1")}, start="main")
    desk.forge().ensure(Draft("x", "x", "", "x", oid, "main", "ann", plan_id="", hop_id=oid))
    desk.forge().review(1, "bob@x.org", approved=True)
    assert swept(desk)[1].verdict.open
    commit(desk.world.git, "x", {path("staging"): overlay("staging", "6.6.6")})
    (shut,) = swept(desk)[1].verdict.shut
    assert (shut.gate, shut.state) == ("direct", GateState.WAITING)
    assert Review("bob@x.org", approved=True, at=desk.clock.time, hop_id=oid) in desk.forge().get(1).reviews


def test_a_clone_without_the_history_says_so_and_calls_nothing_good(tmp_path):
    """As CI makes one by default: it can't tell what a pull request changes, and must not say that it is nothing."""
    desk = desk_of(tmp_path, CONFIG)
    oid = commit(desk.world.git, "x", {path("production"): overlay("production", "6.6.6")}, start="main~1")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{desk.folder}", "shallow")
    git(tmp_path / "shallow", "fetch", "-q", "--depth", "1", "origin", "x")
    there = Desk(tmp_path / "shallow")
    there.forge().ensure(Draft("x", "x", "", "x", oid, "main", "ann", plan_id="", hop_id=oid))
    row = swept(there)[1]
    assert (row.verdict, row.error.exit_code) == (None, 6)
    assert "what #1 changes can't be told" in row.error.message
    assert there.forge().statuses(oid) == ()
