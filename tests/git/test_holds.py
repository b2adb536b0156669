"""A rollback holds what it took back, everywhere further on, until somebody releases it; a hotfix is carried back."""

from __future__ import annotations

import pytest

from fairlead.model.errors import GateClosedError, UsageError
from fairlead.model.plan import Verdict
from fairlead.model.pulls import PullState
from fairlead.workflows import backport, history, release
from fairlead.workflows import pull as workflow
from tests.git.test_gating import by_hand, judged, shut
from tests.promotions import Desk, git, overlay, path

TAG = "images[example.com/web].newTag"
UP = {"source": "staging", "target": "production"}


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk.make(tmp_path / "repo")


@pytest.fixture
def held(desk) -> Desk:
    """1.1.0 went all the way up and was taken back in production."""
    desk.bring("1.1.0")
    desk.merge(desk.roll_back().number)
    return desk


def let_go(desk: Desk, unit: str = "1.1.0") -> None:
    release.run(desk.world, desk.forge(), unit, "mended upstream")


def the_move(desk: Desk, **wishes):
    hop = desk.plan(**wishes).plan.hops[0]
    return next(m for a in hop.apps for m in (*a.chosen(), *a.held) if m.field.endswith(TAG))


def test_a_plan_offers_what_is_held_with_the_hold_named(held):
    move = the_move(held, **UP)
    assert move.verdict is Verdict.OFFER
    assert move.reason == ("held: rolled back in production on 2025-06-15 15:06 UTC; fairlead release 1.1.0 ends it")
    assert held.plan(**UP).empty
    assert held.plan(every_app=True, **UP).empty


def test_it_can_be_named_and_is_not_merged_before_it_is_released(held):
    (pull,) = held.promote(units=("1.1.0",), **UP)
    (closed,) = judged(held, pull.number)["production"]
    assert (closed.gate, closed.evidence) == (
        "hold", ("web 1.1.0: rolled back in production by #3, ann@x.org at 2025-06-15 15:06 UTC",),
    )  # fmt: skip
    with pytest.raises(GateClosedError, match=r"fairlead release 1\.1\.0 --reason TEXT"):
        held.merge(pull.number)
    let_go(held)
    held.merge(pull.number)
    assert held.tags()["production"] == "1.1.0"


def test_once_released_it_is_promoted_by_default(held):
    let_go(held)
    assert held.moves(**UP)[TAG] == ("promote", "1.0.0", "1.1.0")
    (pull,) = held.promote(**UP)
    held.merge(pull.number)
    assert held.tags()["production"] == "1.1.0"


def test_a_newer_version_is_not_held(held):
    held.bring("1.2.0")
    assert held.tags()["production"] == "1.2.0"


def test_a_hand_edit_does_not_bring_it_either(held):
    pull = by_hand(held, {path("production"): overlay("production", "1.1.0")})
    assert shut(held, pull.number) == {"production": ["hold", "direct"]}
    other = by_hand(held, {path("production"): overlay("production", "1.1.1")}, "other")
    assert shut(held, other.number) == {"production": ["direct"]}


def test_a_rollback_in_the_middle_closes_and_holds_further_on(desk):
    desk.bring("1.1.0", through="staging")
    (up,) = desk.promote(**UP)
    back = desk.roll_back("staging")
    assert (desk.forge().get(up.number).state, desk.forge().get(up.number).closed_why) == (
        PullState.CLOSED, f"web in staging is rolled back by #{back.number}",
    )  # fmt: skip
    desk.merge(back.number)
    skipping = {"source": "dev", "target": "production", "skip_order": True, "reason": "now"}
    assert the_move(desk, **skipping).reason.startswith("held: rolled back in staging on ")
    assert desk.plan(source="dev", target="staging").empty
    let_go(desk)
    assert not desk.plan(source="dev", target="staging").empty


def test_a_newer_promotion_further_on_stays_open(desk):
    desk.bring("1.1.0", through="staging")
    (up,) = desk.promote(**UP)
    desk.bring("1.2.0", through="staging")
    desk.merge(desk.roll_back("staging").number)
    assert desk.forge().get(up.number).state is PullState.OPEN


def test_a_hold_travels_with_a_clone(held, tmp_path):
    git(tmp_path, "clone", "-q", str(held.folder), "clone")
    there = Desk(tmp_path / "clone")
    git(there.folder, "fetch", "-q", "origin", "refs/fairlead/*:refs/fairlead/*")
    assert the_move(there, **UP).reason.startswith("held: rolled back in production on ")
    assert [hold.name for hold in release.standing(there.world)] == ["1.1.0"]


def test_a_clone_without_the_log_still_does_not_bring_it_by_default(held, tmp_path):
    git(tmp_path, "clone", "-q", str(held.folder), "clone")
    move = the_move(Desk(tmp_path / "clone"), **UP)
    assert (move.verdict, move.reason.partition(" in ")[0]) == (
        Verdict.OFFER, "taken back by the rollback of production",
    )  # fmt: skip


def test_a_rollback_that_is_closed_leaves_no_hold(desk):
    desk.bring("1.1.0")
    pull = desk.roll_back()
    assert [hold.name for hold in release.standing(desk.world)] == ["1.1.0"]
    workflow.close(desk.world, desk.forge(), pull.number, "a false alarm")
    assert release.standing(desk.world) == ()


def test_the_same_rollback_twice_is_one_hold_and_again_later_another(held):
    desk = held
    let_go(desk)
    (pull,) = desk.promote(**UP)
    desk.merge(pull.number)
    desk.roll_back()
    back = desk.roll_back()
    assert [hold.pull for hold in release.standing(desk.world)] == [back.number]
    desk.merge(back.number)
    assert desk.plan(**UP).empty


@pytest.mark.parametrize(
    ("unit", "reason", "message", "remedy"),
    [
        ("1.1.0", " ", "a reason is missing", "--reason"),
        ("1.1.1", "x", "nothing named '1.1.1' is held", "did you mean '1.1.0'"),
        ("web", "x", "nothing named 'web' is held", "held: 1.1.0 (web in production)"),
    ],
)
def test_releases_that_can_not_be(held, unit, reason, message, remedy):
    with pytest.raises(UsageError) as caught:
        release.run(held.world, held.forge(), unit, reason)
    assert message in caught.value.message
    assert remedy.casefold() in caught.value.remedy.casefold()


# ── hotfixes ──


@pytest.fixture
def mended(desk) -> Desk:
    """Production has a hotfix of its own."""
    desk.bring("1.1.0")
    desk.change({path("production"): overlay("production", "1.1.1")}, "Mend it at night")
    return desk


def plan_back(desk: Desk, field: str = "", into: str = "") -> backport.Return:
    return backport.plan(desk.world, desk.forge(), "web", "production", field, into)


def test_a_plan_names_the_way_back_of_a_hotfix(mended):
    move = the_move(mended, **UP)
    assert move.verdict is Verdict.KEEP
    assert "a hotfix stays; `fairlead backport web production` carries it to the source, too" in move.reason


def test_a_conflict_offers_take_keep_and_back_port(mended):
    mended.bring("1.2.0", through="staging")
    move = the_move(mended, **UP)
    assert move.verdict is Verdict.CONFLICT
    assert move.reason.endswith(
        "would be lost; take the source's with --field, keep it as it is, or carry it down: "
        "fairlead backport web production"
    )
    assert mended.plan(**UP).empty
    (pull,) = mended.promote(units=("1.2.0",), **UP)
    mended.merge(pull.number)
    assert mended.tags()["production"] == "1.2.0"


def test_a_hotfix_is_carried_back_and_the_chain_agrees_again(mended):
    desk = mended
    back = plan_back(desk)
    (hop,) = back.planned.plan.hops
    assert [(m.field.partition(": ")[2], m.old, m.new) for m in hop.apps[0].chosen()] == [(TAG, "1.1.0", "1.1.1")]
    pull = backport.apply(back, desk.forge())
    assert (pull.want.title, pull.want.head) == (
        "fix(staging): back-port web from production (1.1.1)", "fairlead/staging/backport-web",
    )  # fmt: skip
    assert shut(desk, pull.number) == {"staging": []}
    desk.merge(pull.number)
    assert desk.tags() == {"dev": "1.1.0", "staging": "1.1.1", "production": "1.1.1"}
    assert TAG not in desk.moves(**UP)
    assert desk.plan(source="dev", target="staging").empty
    world = desk.world
    assert [r.verb for r in history.run(world, desk.forge(world), "web", "staging").records][:1] == ["backport"]


def test_into_the_first_environment_from_where_it_comes_up_again(mended):
    desk = mended
    desk.merge(backport.apply(plan_back(desk, into="dev"), desk.forge()).number)
    assert desk.tags()["dev"] == "1.1.1"
    for pull in desk.promote(through="staging"):
        desk.merge(pull.number)
    assert set(desk.tags().values()) == {"1.1.1"}


def test_one_field_by_name(mended):
    pull = backport.apply(plan_back(mended, "*newTag"), mended.forge())
    assert "1.1.1" in pull.want.title


@pytest.mark.parametrize(
    ("field", "into", "message"),
    [
        ("*.nothing", "", "no differing field is named '*.nothing'"),
        ("", "production", "production does not come before production in a chain"),
    ],
)
def test_back_ports_that_can_not_be(mended, field, into, message):
    with pytest.raises(UsageError) as caught:
        plan_back(mended, field, into)
    assert message in caught.value.message
    assert caught.value.remedy


def test_without_a_hotfix_there_is_nothing_to_carry_back(desk):
    desk.bring("1.1.0")
    with pytest.raises(UsageError, match="production has no hotfix of web that staging lacks"):
        plan_back(desk)


def test_what_belongs_to_production_is_no_hotfix(desk):
    desk.bring("1.1.0")
    desk.change({path("production"): overlay("production", "1.1.0").replace("count: 10", "count: 12")})
    with pytest.raises(UsageError, match="no hotfix"):
        plan_back(desk)
