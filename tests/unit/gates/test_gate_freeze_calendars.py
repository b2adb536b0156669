"""freeze by rules and files of iCalendar: recurrence, exceptions, zones, whose events count, what can't be read."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from fairlead.gates import freeze
from fairlead.model.errors import ConfigError
from fairlead.model.gates import Facts, GateState
from fairlead.repo.config import Environment, Freeze, GateRules, read

TARGET = Environment("production", ("production",))
FILE = "ops/freezes.ics"


def at(text, tz="UTC"):
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz)).timestamp())


def judge(now, rule, data=None):
    calendars = () if data is None else ((FILE, data.encode()),)
    facts = Facts(now, "staging", "production", "ann", "h1", calendars=calendars)
    return freeze.judge(GateRules(freeze=(rule,)), TARGET, facts)


def verdict(now, rule, data=None):
    result = judge(now, rule, data)
    return result.state, result.until


OPEN = (GateState.OPEN, 0)


def frozen(until, tz="UTC"):
    return GateState.WAITING, at(until, tz)


def test_holidays_every_year():
    holidays = Freeze(first_day="2025-12-24", rrule="FREQ=YEARLY", lasts=9 * 86400, tz="Europe/Vienna", why="holidays")
    assert verdict(at("2026-12-23T22:59"), holidays) == OPEN
    assert verdict(at("2026-12-23T23:00"), holidays) == frozen("2027-01-02T00:00", "Europe/Vienna")
    assert verdict(at("2030-01-01T12:00"), holidays) == frozen("2030-01-02T00:00", "Europe/Vienna")
    assert "(holidays)" in judge(at("2026-12-25T00:00"), holidays).message


def test_the_last_friday_of_each_month_from_noon_on():
    payday = Freeze(first_day="2026-01-30", rrule="FREQ=MONTHLY;BYDAY=-1FR", begin=12 * 60, end=18 * 60)
    assert verdict(at("2026-11-27T12:00"), payday) == frozen("2026-11-27T18:00")
    assert verdict(at("2026-11-20T12:00"), payday) == OPEN
    assert verdict(at("2026-11-27T11:59"), payday) == OPEN


def test_a_last_day_ends_a_rule():
    daily = Freeze(first_day="2026-11-01", last_day="2026-11-03", rrule="FREQ=DAILY", begin=0, end=60)
    assert verdict(at("2026-11-03T00:30"), daily) == frozen("2026-11-03T01:00")
    assert verdict(at("2026-11-04T00:30"), daily) == OPEN


def calendar(*events, head=""):
    rows = "".join(f"BEGIN:VEVENT\r\nUID:{n}\r\n{e}\r\nEND:VEVENT\r\n" for n, e in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{head}{rows}END:VCALENDAR\r\n"


COMPANY = calendar(
    "SUMMARY:Year-end freeze\r\nDTSTART;VALUE=DATE:20261221\r\nDTEND;VALUE=DATE:20270104",
    "SUMMARY:Weekly freeze\r\nDTSTART;TZID=America/New_York:20260102T160000\r\n"
    "DTEND;TZID=America/New_York:20260102T200000\r\nRRULE:FREQ=WEEKLY\r\n"
    "EXDATE;TZID=America/New_York:20261120T160000",
    "SUMMARY:Party\r\nDTSTART:20261210T170000Z\r\nDTEND:20261210T230000Z",
    "SUMMARY:Launch freeze\r\nSTATUS:CANCELLED\r\nDTSTART:20261215T000000Z\r\nDTEND:20261216T000000Z",
)
BY_FILE = Freeze(calendar=FILE, match="*freeze*", tz="Europe/Vienna")


def test_whole_days_of_a_file_are_in_the_zone_that_is_said():
    assert verdict(at("2026-12-20T22:59"), BY_FILE, COMPANY) == OPEN
    assert verdict(at("2026-12-20T23:00"), BY_FILE, COMPANY) == frozen("2027-01-04T00:00", "Europe/Vienna")


def test_events_that_recur_in_a_zone_of_their_own_and_their_exceptions():
    assert verdict(at("2026-11-13T20:59"), BY_FILE, COMPANY) == OPEN
    assert verdict(at("2026-11-13T21:00"), BY_FILE, COMPANY) == frozen("2026-11-14T01:00")
    assert verdict(at("2026-11-20T22:00"), BY_FILE, COMPANY) == OPEN
    assert verdict(at("2026-07-10T20:30"), BY_FILE, COMPANY) == frozen("2026-07-11T00:00")


def test_only_events_that_are_meant_count():
    assert verdict(at("2026-12-10T18:00"), BY_FILE, COMPANY) == OPEN
    assert verdict(at("2026-12-10T18:00"), Freeze(calendar=FILE), COMPANY) == frozen("2026-12-10T23:00")
    assert verdict(at("2026-12-15T12:00"), BY_FILE, COMPANY) == OPEN


def test_it_names_the_event_and_the_file():
    result = judge(at("2026-12-24T12:00"), BY_FILE, COMPANY)
    assert "(Year-end freeze)" in result.message
    assert result.evidence == (f"frozen: Year-end freeze (2026-12-20 23:00 UTC to 2027-01-03 23:00 UTC), by {FILE}",)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (None, f"there is no file {FILE}"),
        ("nonsense", "is no iCalendar file"),
        ("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", "is no iCalendar file"),
        (calendar("DTSTART:20260101T000000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=SECONDLY"), "FREQ must be one of"),
        (calendar("DTSTART:20260101T000000Z\r\nRRULE:FREQ=NEVER"), FILE),
        (calendar("DTSTART:00010101T000000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=DAILY"), "begins before 1970"),
        (calendar("DTSTART:yesterday\r\nDTEND:tomorrow"), ""),
        ("x" * 2_000_001, "larger than"),
    ],
)
def test_a_calendar_that_can_not_be_read_closes_the_gate(data, told):
    result = judge(at("2026-11-20T12:00"), BY_FILE, data)
    assert result.state is GateState.CLOSED, result
    assert told in result.message or FILE in result.message


CONFIG = """\
version: 1
environments:
  dev: {}
  production:
    gates:
      freeze:
      - %s
"""


@pytest.mark.parametrize(
    ("entry", "message", "column"),
    [
        ("{rrule: FREQ=YEARLY}", "`rrule` needs `start`", 17),
        ("{rrule: FREQ=HOURLY, start: 2026-01-01}", "'FREQ=HOURLY' is no recurrence rule", 17),
        ("{rrule: sometimes, start: 2026-01-01}", "'sometimes' is no recurrence rule", 17),
        ("{calendar: a.ics, days: [fri]}", "`calendar` does not go with `days`", 33),
        ("{calendar: ../a.ics}", "'../a.ics' leads out of the repository", 20),
        ("{for: 3d}", "`for` needs `rrule`", 15),
        ("{match: x}", "`match` needs `calendar`", 17),
    ],
)
def test_mistakes_have_a_place_and_a_remedy(entry, message, column):
    with pytest.raises(ConfigError) as caught:
        read((CONFIG % entry).encode())
    assert message in caught.value.message
    assert (caught.value.where.line, caught.value.where.column) == (7, column)
    assert caught.value.remedy


def test_a_path_is_read_from_the_files_folder():
    rules = read((CONFIG % "{calendar: ops/a.ics}").encode(), "deploy/fairlead.yaml").environment("production").gates
    assert rules.freeze[0].calendar == "deploy/ops/a.ics"
