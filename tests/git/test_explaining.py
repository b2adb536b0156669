"""The story of a field: who decided, what was carried last, how it came to be so."""

from __future__ import annotations

import pytest

from fairlead.model.errors import UsageError
from fairlead.model.plan import Verdict
from fairlead.workflows import explain
from fairlead.workflows.explain import Answer
from tests.promotions import CONFIG, Desk, overlay, path

FIELD = "kustomization.yaml: images[example.com/web].newTag"
SECRET = "secretGenerator:\n- name: s\n  literals: [PASSWORD={}]\n"


def ask(desk: Desk, field: str, app: str = "web", env: str = "staging") -> Answer:
    world = desk.world
    return explain.run(world, desk.forge(world), field, app, env)


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk.make(tmp_path / "r", "web", "api")


def test_a_field_that_was_never_carried_has_no_base(desk):
    desk.set("1.1.0")
    (found,) = ask(desk, "newTag").differing
    assert (found.move.verdict, found.base, found.rules) == (Verdict.PROMOTE, None, ())
    assert [(e.env, e.before, e.after) for e in found.events] == [
        ("dev", "1.0.0", "1.1.0"), ("dev", "", "1.0.0"), ("staging", "", "1.0.0"),
    ]  # fmt: skip
    assert found.unit is not None
    assert found.unit.chosen


def test_the_base_and_the_act_that_carried_it(desk):
    desk.bring("1.1.0")
    desk.set("1.2.0")
    (found,) = ask(desk, FIELD).differing
    assert found.base is not None
    assert (found.base.carried, found.base.held) == ("1.1.0", "1.1.0")
    assert found.base.told.startswith("the promotion dev -> staging in ")
    assert [(e.env, e.after, str(e.record.verb)) for e in found.events][:3] == [
        ("dev", "1.2.0", "set"), ("staging", "1.1.0", "promote"), ("dev", "1.1.0", "set"),
    ]  # fmt: skip


def test_a_hotfix_is_told_with_its_commit(desk):
    desk.bring("1.1.0")
    desk.change({path("production"): overlay("production", "1.1.0-fix1")}, "fix: at night")
    (found,) = ask(desk, "newTag", env="production").differing
    assert found.move.verdict is Verdict.KEEP
    assert (found.events[0].env, found.events[0].after, found.events[0].record.subject) == (
        "production", "1.1.0-fix1", "fix: at night",
    )  # fmt: skip


def test_a_rollback_is_told_as_what_took_it_back(desk):
    desk.bring("1.1.0")
    desk.merge(desk.roll_back().number)
    (found,) = ask(desk, "newTag", env="production").differing
    assert found.base is not None
    assert (found.base.taken_back, found.base.carried) == (True, "1.1.0")
    assert str(found.events[0].record.verb) == "rollback"


def test_the_line_of_the_configuration_that_decided_and_those_that_it_overrules(tmp_path):
    config = CONFIG + "promote:\n  own: ['*newTag']\n  offer:\n  - {field: '*newTag', env: staging}\n"
    desk = Desk.make(tmp_path / "r", config=config)
    desk.set("1.1.0")
    (found,) = ask(desk, "newTag").differing
    assert found.move.verdict is Verdict.OFFER
    assert [(r.word, str(r.pattern.where)) for r in found.rules] == [
        ("offer", "fairlead.yaml:8:5"), ("own", "fairlead.yaml:6:9"),
    ]  # fmt: skip


def test_an_equal_field_says_so_with_both_places(desk):
    answer = ask(desk, "newTag")
    assert answer.differing == ()
    (same,) = answer.equal
    assert (same.value, str(same.at)) == ("1.0.0", f"{path('staging')}:4:11")


def test_no_environment_is_every_environment(desk):
    desk.set("1.1.0")
    desk.bring("1.2.0", through="staging")
    found = ask(desk, "count", env="").differing
    assert [(f.source, f.target) for f in found] == [("dev", "staging"), ("staging", "production")]
    assert {f.app for f in ask(desk, "count", app="").differing} == {"web", "api"}


def test_unknown_words_get_a_near_miss(desk):
    desk.set("1.1.0")
    with pytest.raises(UsageError) as caught:
        ask(desk, "newTga")
    assert caught.value.remedy == f"did you mean {FIELD!r}?"
    with pytest.raises(UsageError) as caught:
        ask(desk, "zzzzzz")
    assert caught.value.remedy.startswith("fields that differ: ")


@pytest.mark.parametrize("differs", [True, False])
def test_no_secret_is_told(desk, differs):
    desk.change({path("dev"): overlay("dev", "1.0.0", SECRET.format("hunter2"))})
    other = "swordfish" if differs else "hunter2"
    desk.change({path("staging"): overlay("staging", "1.0.0", SECRET.format(other))})
    try:
        told = repr(ask(desk, "PASSWORD"))
    except UsageError as error:
        told = f"{error.message} {error.remedy}"
    assert "hunter2" not in told
    assert "swordfish" not in told


def test_of_very_many_some_are_told(tmp_path):
    desk = Desk.make(tmp_path / "r", *(f"app{number:02}" for number in range(24)))
    answer = ask(desk, "count", app="")
    assert (len(answer.differing), answer.more) == (20, 4)
    answer = ask(desk, "newTag", app="")
    assert (len(answer.equal), answer.more) == (20, 4)
