"""A set that overlaps open promotions joins them: one pull request of all their apps, in their place."""

from __future__ import annotations

import pytest

from fairlead.cli.main import run
from fairlead.model.errors import ConflictError
from fairlead.model.pulls import Pull, PullState
from fairlead.promotion.selection import Selection
from fairlead.steps.routes import Request
from fairlead.workflows import promote
from tests.promotions import CONFIG, Desk

APPS = ("web", "api", "job")


@pytest.fixture
def desk(tmp_path) -> Desk:
    made = Desk.make(tmp_path / "repo", *APPS)
    for app in APPS:
        made.set("1.1.0", app=app)
    return made


def join(desk: Desk, *apps: str, supersede: str = "", **wishes) -> tuple[Pull, ...]:
    world = desk.world
    forge = desk.forge(world)
    request = Request(apps, **wishes)
    chronicle, planned = promote.plan(world, request, forge)
    planned, instead = promote.join(chronicle, planned, request, forge, supersede)
    return promote.apply(promote.assessed(chronicle, planned), forge, supersede=supersede, instead=instead)


def opened(desk: Desk) -> dict[int, tuple[str, ...]]:
    rows = desk.forge().pulls(open_only=True)
    return {p.number: tuple(x for x in p.want.labels if x.startswith("app: ")) for p in rows}


def test_all_that_overlap_become_one(desk):
    desk.promote("web", "api")
    desk.promote("job")
    assert [p.number for p in join(desk, "web")] == [1]  # there is no more in it than before
    assert opened(desk) == {1: ("app: web", "app: api"), 2: ("app: job",)}
    (pull,) = join(desk, "job", "api")
    assert opened(desk) == {3: ("app: web", "app: api", "app: job")}
    closed = [p.closed_why for p in desk.forge().pulls() if p.state is PullState.CLOSED]
    assert closed == ["joined by #3", "joined by #3"]
    assert [p.number for p in join(desk, "api")] == [3]
    assert desk.merge(pull.number).pull.state is PullState.MERGED
    assert [desk.tags(app)["staging"] for app in APPS] == ["1.1.0"] * 3


def test_all_apps_join_what_some_have(desk):
    desk.promote("web")
    desk.promote("job")
    (pull,) = join(desk, every_app=True)
    assert {number: len(apps) for number, apps in opened(desk).items()} == {pull.number: 3}


def test_what_is_no_such_promotion_is_not_joined(desk):
    desk.promote("web", "api", units=("1.1.0",))
    with pytest.raises(ConflictError, match=r"#1 was made with another selection \(unit=1\.1\.0\)"):
        join(desk, "web")
    assert join(desk, "web", selection=Selection(units=("1.1.0",)))
    desk.forge().close(1, "done", "ann")
    (first, _) = desk.promote("job", "web", through="production")
    with pytest.raises(ConflictError, match=f"#{first.number} is part of a stack: it can't be joined"):
        join(desk, "job")


def test_one_that_soaks_is_not_starved(tmp_path):
    config = CONFIG.replace("staging: {}", "staging: {gates: {soak: 4h}}")
    desk = Desk.make(tmp_path / "repo", *APPS, config=config)
    for app in APPS:
        desk.set("1.1.0", app=app)
    desk.promote("web", "api")
    desk.set("1.2.0", app="api")
    assert [p.number for p in join(desk, "api")] == [1]  # it stays as it is, as ever
    with pytest.raises(ConflictError, match=r"api would get something else than by pull request #1, and that soaks"):
        join(desk, "job", "web")
    join(desk, "job", "web", supersede="newest")
    assert opened(desk) == {2: ("app: web", "app: api", "app: job")}


def test_the_flag_says_what_goes(desk, capsys):
    desk.promote("web", "api")
    assert run(["-C", str(desk.folder), "promote", "job", "web", "--join", "--dry-run"]) == 0
    assert "it takes the place of #1" in capsys.readouterr().err
    assert list(opened(desk)) == [1]
    assert run(["-C", str(desk.folder), "promote", "job", "web", "--join", "--yes"]) == 0
    assert list(opened(desk)) == [2]
    assert run(["-C", str(desk.folder), "promote", "job", "web", "--join", "--through", "production", "--yes"]) == 2
