"""freeze: weekdays, hours, dates, zones; spans over midnight, clock changes, several at once."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from fairlead.gates import freeze
from fairlead.model.gates import Facts, GateState
from fairlead.repo.config import Environment, Freeze, GateRules

TARGET = Environment("production", ("production",))


def at(text, tz="UTC", fold=0):
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz), fold=fold).timestamp())


def judge(now, *freezes):
    return freeze.judge(GateRules(freeze=freezes), TARGET, Facts(now, "staging", "production", "ann", "h1"))


def verdict(now, *freezes):
    result = judge(now, *freezes)
    return result.state, result.until


OPEN = (GateState.OPEN, 0)


def frozen(until, tz="UTC", fold=0):
    return GateState.WAITING, at(until, tz, fold)


def test_no_freeze_is_open():
    assert verdict(at("2026-11-20T12:00")) == OPEN


def test_whole_days():  # 2026-11-20 is a Friday
    fridays = Freeze(days=("fri",))
    assert verdict(at("2026-11-19T23:59:59"), fridays) == OPEN
    assert verdict(at("2026-11-20T00:00"), fridays) == frozen("2026-11-21T00:00")
    assert verdict(at("2026-11-20T23:59:59"), fridays) == frozen("2026-11-21T00:00")
    assert verdict(at("2026-11-21T00:00"), fridays) == OPEN


def test_days_that_follow_on_one_another_are_one_freeze():
    weekend = Freeze(days=("fri", "sat", "sun"))
    assert verdict(at("2026-11-20T12:00"), weekend) == frozen("2026-11-23T00:00")


def test_hours():
    nights = Freeze(begin=18 * 60, end=22 * 60)
    assert verdict(at("2026-11-20T17:59:59"), nights) == OPEN
    assert verdict(at("2026-11-20T18:00"), nights) == frozen("2026-11-20T22:00")
    assert verdict(at("2026-11-20T22:00"), nights) == OPEN


def test_a_span_over_midnight_belongs_to_the_day_it_begins_on():
    friday_night = Freeze(days=("fri",), begin=22 * 60, end=6 * 60)
    assert verdict(at("2026-11-20T05:00"), friday_night) == OPEN
    assert verdict(at("2026-11-20T22:00"), friday_night) == frozen("2026-11-21T06:00")
    assert verdict(at("2026-11-21T05:59"), friday_night) == frozen("2026-11-21T06:00")
    assert verdict(at("2026-11-21T06:00"), friday_night) == OPEN
    assert verdict(at("2026-11-21T22:30"), friday_night) == OPEN


def test_hours_that_begin_where_they_end_are_a_whole_day():
    day = Freeze(days=("fri",), begin=9 * 60, end=9 * 60)
    assert verdict(at("2026-11-21T08:59"), day) == frozen("2026-11-21T09:00")
    assert verdict(at("2026-11-20T08:59"), day) == OPEN


def test_dates_both_included():
    holidays = Freeze(first_day="2026-12-24", last_day="2027-01-01", why="holidays")
    assert verdict(at("2026-12-23T23:59"), holidays) == OPEN
    assert verdict(at("2026-12-24T00:00"), holidays) == frozen("2027-01-02T00:00")
    assert verdict(at("2027-01-02T00:00"), holidays) == OPEN
    assert "(holidays)" in judge(at("2026-12-30T00:00"), holidays).message


def test_a_last_day_alone_and_a_first_day_alone():
    assert verdict(at("2026-11-20T12:00"), Freeze(last_day="2026-11-20")) == frozen("2026-11-21T00:00")
    assert judge(at("2026-11-20T12:00"), Freeze(first_day="2026-11-20")).state is GateState.CLOSED


def test_always_frozen_has_no_end_in_sight():
    result = judge(at("2026-11-20T12:00"), Freeze())
    assert (result.state, result.until) == (GateState.CLOSED, 0)
    assert "no end is in sight" in result.message


def test_zones():
    vienna = Freeze(days=("fri",), tz="Europe/Vienna")
    assert verdict(at("2026-11-19T22:59"), vienna) == OPEN
    assert verdict(at("2026-11-19T23:00"), vienna) == frozen("2026-11-21T00:00", "Europe/Vienna")
    auckland = Freeze(days=("fri",), tz="Pacific/Auckland")
    assert verdict(at("2026-11-19T12:00"), auckland) == frozen("2026-11-21T00:00", "Pacific/Auckland")


def test_several_freezes_that_touch_end_with_the_last():
    week_end = Freeze(days=("sat", "sun"))
    evening = Freeze(days=("fri",), begin=16 * 60, why="nobody is there")
    monday = Freeze(days=("mon",), begin=0, end=8 * 60, tz="UTC")
    result = judge(at("2026-11-20T17:00"), week_end, evening, monday)
    assert (result.state, result.until) == frozen("2026-11-23T08:00")
    assert result.evidence == ("frozen: fri; 16:00 to 24:00 (UTC)",)


def test_freezes_that_overlap_end_with_the_longer():
    long = Freeze(begin=10 * 60, end=20 * 60)
    short = Freeze(begin=9 * 60, end=12 * 60)
    assert verdict(at("2026-11-20T11:00"), long, short) == frozen("2026-11-20T20:00")


def test_a_freeze_elsewhere_in_the_week_does_not_matter():
    assert verdict(at("2026-11-18T12:00"), Freeze(days=("fri",)), Freeze(days=("mon",))) == OPEN


# Vienna: 2026-03-29 02:00 -> 03:00, 2026-10-25 03:00 -> 02:00.


def test_a_day_of_23_hours_ends_at_its_own_midnight():
    sunday = Freeze(days=("sun",), tz="Europe/Vienna")
    assert verdict(at("2026-03-28T22:59"), sunday) == OPEN
    assert verdict(at("2026-03-28T23:00"), sunday) == frozen("2026-03-29T22:00")
    assert verdict(at("2026-03-29T22:00"), sunday) == OPEN


def test_a_day_of_25_hours_ends_at_its_own_midnight():
    sunday = Freeze(days=("sun",), tz="Europe/Vienna")
    assert verdict(at("2026-10-24T22:00"), sunday) == frozen("2026-10-25T23:00")


def test_an_end_that_comes_twice_is_the_second_one():
    night = Freeze(begin=60, end=150, tz="Europe/Vienna")  # 01:00 to 02:30
    assert verdict(at("2026-10-25T00:45"), night) == frozen("2026-10-25T01:30")  # 02:45 the first time
    assert verdict(at("2026-10-25T01:30"), night) == OPEN  # 02:30 the second time


def test_an_end_that_never_comes_is_read_longer():
    night = Freeze(begin=60, end=150, tz="Europe/Vienna")
    assert verdict(at("2026-03-29T01:15"), night) == frozen("2026-03-29T01:30")
    assert verdict(at("2026-03-29T01:30"), night) == OPEN


def test_a_begin_that_never_comes_is_read_longer():
    night = Freeze(begin=150, end=240, tz="Europe/Vienna")  # 02:30 to 04:00
    assert verdict(at("2026-03-29T01:00"), night)[0] is GateState.WAITING
    assert verdict(at("2026-03-29T00:29"), night) == OPEN


@pytest.mark.parametrize("hour", range(0, 7 * 24, 5))
def test_what_it_says_of_its_end_is_true(hour):
    freezes = (
        Freeze(days=("sat", "sun"), tz="Europe/Vienna"),
        Freeze(days=("fri",), begin=16 * 60, end=9 * 60, tz="America/New_York"),
        Freeze(begin=22 * 60, end=6 * 60, tz="Asia/Kolkata"),
    )
    now = at("2026-10-21T00:00") + hour * 3600
    result = judge(now, *freezes)
    if result.state is GateState.WAITING:
        assert judge(result.until - 1, *freezes).state is GateState.WAITING
        assert judge(result.until, *freezes).state is GateState.OPEN
