"""A pull request that soaks is not pushed aside by a newer version, and the newest that has soaked can be asked for."""

from __future__ import annotations

import pytest

from fairlead.model.errors import UsageError
from fairlead.model.pulls import PullState
from fairlead.promotion.plan_json import dump
from fairlead.workflows import promote
from tests.promotions import Desk, git, overlay, path, texts
from tests.support import new_repo

HOUR = 3600
CONFIG = """\
version: 1
environments: {dev: {}, staging: {}, production: {match: [prod], gates: {soak: 24h}}}
chains: [[dev, staging, production]]
layout: ["apps/{app}/overlays/{env}"]
"""


def make(folder, *apps: str, config: str = CONFIG) -> Desk:
    new_repo(folder, texts(*apps, config=config))
    return Desk(folder)


@pytest.fixture
def desk(tmp_path) -> Desk:
    return make(tmp_path / "repo")


def to_staging(desk: Desk, tag: str, app: str = "web") -> None:
    """A version comes to staging, merged now."""
    desk.set(tag, app=app)
    (opened,) = desk.promote(app, target="staging")
    desk.merge(opened.number)


def wished(desk: Desk, **wishes) -> tuple[str, ...]:
    """What a plan into production would set."""
    return tuple(m.new for h in desk.plan(source="staging", **wishes).plan.hops for a in h.apps for m in a.chosen())


def upward(desk: Desk, *apps: str, **wishes) -> list[tuple[int, str]]:
    """Promote into production; the pull requests with what they would make of it."""
    pulls = desk.promote(*apps, source="staging", target="production", **wishes)
    return [(p.number, tag_of(desk, p.want.head_oid)) for p in pulls]


def tag_of(desk: Desk, commit: str, app: str = "web") -> str:
    text = (desk.world.git.read_file(commit, path("production", app)) or b"").decode()
    return text.partition("newTag: ")[2].split()[0]


# ── superseding ──


def test_a_pull_request_that_soaks_is_not_replaced_by_what_has_not_soaked(desk):
    to_staging(desk, "1.1.0")
    assert upward(desk) == [(2, "1.1.0")]
    for hours, tag in ((10, "1.2.0"), (10, "1.3.0")):
        desk.clock.time += hours * HOUR
        to_staging(desk, tag)
        assert upward(desk) == [(2, "1.1.0")]
    desk.clock.time += 5 * HOUR
    assert desk.merge(2).pull.state is PullState.MERGED
    assert desk.tags()["production"] == "1.1.0"


def test_once_the_newer_has_soaked_it_takes_the_place(desk):
    to_staging(desk, "1.1.0")
    desk.clock.time += HOUR
    to_staging(desk, "1.2.0")
    desk.clock.time += 25 * HOUR
    assert upward(desk) == [(3, "1.2.0")]
    to_staging(desk, "1.3.0")
    assert upward(desk) == [(3, "1.3.0")]  # what has soaked, and waits for nothing, starves nobody


def test_newest_replaces_it_all_the_same(tmp_path):
    desk = make(tmp_path / "repo", config=CONFIG + "promote: {supersede: newest}\n")
    to_staging(desk, "1.1.0")
    assert upward(desk) == [(2, "1.1.0")]
    to_staging(desk, "1.2.0")
    assert upward(desk) == [(2, "1.2.0")]


def test_one_that_can_never_land_is_replaced(desk):
    to_staging(desk, "1.1.0")
    upward(desk)
    desk.forge().review(2, "bob@x.org", approved=False)
    to_staging(desk, "1.2.0")
    assert upward(desk) == [(2, "1.2.0")]


def test_one_whose_value_was_taken_back_is_replaced(desk):
    to_staging(desk, "1.1.0")
    upward(desk)
    desk.clock.time += 25 * HOUR
    back = desk.roll_back("staging")
    desk.merge(back.number)
    to_staging(desk, "1.2.0")
    assert upward(desk)[-1][1] == "1.2.0"


def test_a_stack_leaves_the_upper_as_it_is_and_brings_the_lower(desk):
    to_staging(desk, "1.1.0")
    assert upward(desk) == [(2, "1.1.0")]
    desk.clock.time += 20 * HOUR
    desk.set("1.2.0")
    pulls = desk.promote(through="production")
    assert [(p.number, p.want.head) for p in pulls] == [(2, "fairlead/production/web"), (3, "fairlead/staging/web")]
    assert tag_of(desk, pulls[0].want.head_oid) == "1.1.0"
    assert desk.world.git.tip("fairlead/production/web") == pulls[0].want.head_oid


def test_what_stays_is_told_before_anything_is_done(desk):
    to_staging(desk, "1.1.0")
    upward(desk)
    desk.clock.time += 23 * HOUR
    to_staging(desk, "1.2.0")
    world = desk.world
    forge = desk.forge(world)
    before = git(desk.folder, "for-each-ref")
    request = promote.Request(("web",), source="staging", target="production")
    proposal = promote.assessed(*promote.plan(world, request, forge))
    (stays,) = promote.stays(proposal.chronicle, proposal.plan, forge)
    assert (stays.pull.number, stays.message.startswith("1h of ")) == (2, True)
    assert promote.stays(proposal.chronicle, proposal.plan, forge, "newest") == ()
    assert git(desk.folder, "for-each-ref") == before


# ── the next that has soaked ──


def test_next_takes_what_has_soaked_though_the_source_moved_on(desk):
    to_staging(desk, "1.1.0")
    desk.clock.time += 30 * HOUR
    to_staging(desk, "1.2.0")
    desk.clock.time += 30 * HOUR
    to_staging(desk, "1.3.0")
    desk.clock.time += HOUR
    planned = desk.plan(source="staging", soaked=True).plan
    assert [m.new for m in planned.hops[0].apps[0].chosen()] == ["1.2.0"]
    assert "next" in planned.selection
    assert "what staging runs now has not soaked; carried is what it ran at " in planned.warnings[-1]
    ((number, tag),) = upward(desk, soaked=True)
    assert tag == "1.2.0"
    assert desk.merge(number).pull.state is PullState.MERGED  # every gate is open
    assert wished(desk, soaked=True) == ()


def test_next_skips_what_came_too_lately_and_what_was_taken_back(desk):
    to_staging(desk, "1.1.0")
    desk.clock.time += 30 * HOUR
    to_staging(desk, "1.2.0")
    desk.clock.time += 30 * HOUR
    back = desk.roll_back("staging")  # 1.2.0 soaked, and was found bad
    desk.merge(back.number)
    assert wished(desk, soaked=True) == ()  # 1.1.0 came back just now
    desk.clock.time += 25 * HOUR
    assert wished(desk, soaked=True) == ("1.1.0",)
    to_staging(desk, "1.3.0")
    desk.clock.time += 2 * HOUR
    to_staging(desk, "1.4.0")
    assert wished(desk, soaked=True) == ("1.1.0",)
    assert wished(desk) == ("1.4.0",)


def test_next_of_two_apps_takes_of_each_what_has_soaked(tmp_path):
    desk = make(tmp_path / "repo", "web", "api")
    to_staging(desk, "1.1.0")
    desk.clock.time += 20 * HOUR
    to_staging(desk, "2.1.0", "api")
    desk.clock.time += 20 * HOUR
    to_staging(desk, "1.2.0")
    desk.clock.time += 5 * HOUR
    planned = desk.plan("web", "api", source="staging", soaked=True).plan
    assert {a.app: [m.new for m in a.chosen()] for a in planned.hops[0].apps} == {"web": ["1.1.0"], "api": ["2.1.0"]}
    sources = {a.app: a.source_commit for a in planned.hops[0].apps}
    assert (sources["api"], bool(sources["web"])) == ("", True)
    (opened,) = desk.apply(dump(planned))  # each value stands where the plan says, at its own commit
    told = git(desk.folder, "log", "--format=%(trailers:key=Fairlead-Source,valueonly)", f"main..{opened.want.head}")
    assert told.split() == [planned.hops[0].source_commit, sources["web"]]
    assert desk.merge(opened.number).pull.state is PullState.MERGED


def test_next_without_soak_is_what_runs_now(tmp_path):
    desk = make(tmp_path / "repo", config=CONFIG.replace(", gates: {soak: 24h}", ""))
    to_staging(desk, "1.1.0")
    assert wished(desk, soaked=True) == ("1.1.0",)


def test_next_carries_nothing_where_nobody_vouches_for_a_time(desk):
    desk.change({path("staging"): overlay("staging", "1.1.0")})  # merged elsewhere
    desk.clock.time += 100 * HOUR
    assert wished(desk, soaked=True) == ()
    made = desk.plan(source="staging", soaked=True).plan
    assert made.warnings[-1] == "web: nothing has soaked in staging that production does not run"
    assert [m.new for m in made.hops[0].apps[0].held if m.field.endswith("newTag")] == ["1.1.0"]


def test_next_is_for_one_hop(desk):
    with pytest.raises(UsageError, match="--next and --through"):
        desk.plan(through="production", soaked=True)
