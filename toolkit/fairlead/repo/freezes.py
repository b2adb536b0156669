"""When freezes are: their windows, told by a calendar library; nothing here counts days itself.

Every form becomes an iCalendar event (RFC 5545): weekdays and hours, a recurrence rule, a calendar file of the
repository. The library knows recurrence, exceptions, moved occurrences and time zones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fairlead.model.values import dataclass
from fairlead.repo.config import Freeze

if TYPE_CHECKING:
    from icalendar import Calendar

_DAYS = {"mon": "MO", "tue": "TU", "wed": "WE", "thu": "TH", "fri": "FR", "sat": "SA", "sun": "SU"}
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")  # of shorter ones, a year's windows would never be counted
_MOST_BYTES = 2_000_000
_FAR = datetime(9000, 1, 1).date()


class CalendarProblem(ValueError):  # noqa: N818  it is turned into an error, or into a gate's word
    """A rule or a calendar can't be read; says what is wrong with it."""


@dataclass(frozen=True, order=True)
class Window:
    """A time in which nothing enters: from `begin` until before `end`, in seconds UTC."""

    begin: int
    end: int
    why: str = ""


def windows(freeze: Freeze, calendars: Mapping[str, bytes], first: int, last: int) -> tuple[Window, ...]:
    """The windows of a freeze that reach into this span of time. `calendars` are the files by path.

    Raises:
        CalendarProblem: its calendar is missing or can't be read.
    """
    from recurring_ical_events import of

    calendar = _calendar(freeze, calendars, first)
    begin, end = (datetime.fromtimestamp(at, UTC) for at in (first, last))
    try:
        # A day more on either side: whole days and floating times are read in the freeze's zone, not in UTC.
        found = of(calendar).between(begin - timedelta(days=1), end + timedelta(days=1))
        events = [(_window(event, freeze), event) for event in found]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise CalendarProblem(_told(error)) from None
    return tuple(sorted(w for w, event in events if w.begin <= last and w.end > first and _counts(event, freeze)))


def refuse_rule(rule: str) -> None:
    """Refuse a recurrence rule that is none, or repeats within a day. Raises CalendarProblem."""
    from icalendar import vRecur

    try:
        parts = vRecur.from_ical(rule)
    except (ValueError, KeyError) as error:
        raise CalendarProblem(_told(error)) from None
    if str(next(iter(parts.get("FREQ", ())), "")) not in _FREQUENCIES:
        raise CalendarProblem(f"FREQ must be one of {', '.join(_FREQUENCIES)}")


def _calendar(freeze: Freeze, calendars: Mapping[str, bytes], first: int) -> Calendar:
    from icalendar import Calendar, Event

    if freeze.calendar:
        return _file(freeze.calendar, calendars)
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "fairlead")
    span = _rule_span(freeze) if freeze.rrule else _weekly_span(freeze, first)
    if span is not None:
        event = Event()
        event.add("uid", "freeze")
        event.add("dtstart", span[0])
        event.add("dtend", span[1])
        event.add("rrule", span[2])
        event.add("summary", freeze.why)
        calendar.add_component(event)
    return calendar


def _file(path: str, calendars: Mapping[str, bytes]) -> Calendar:
    from icalendar import Calendar

    data = calendars.get(path)
    if data is None:
        raise CalendarProblem(f"there is no file {path} on the branch")
    if len(data) > _MOST_BYTES:
        raise CalendarProblem(f"{path} is larger than {_MOST_BYTES} bytes")
    try:
        calendar = Calendar.from_ical(data)
    except (ValueError, KeyError, IndexError, AttributeError) as error:
        raise CalendarProblem(f"{path} is no iCalendar file: {_told(error)}") from None
    for event in calendar.walk("VEVENT"):
        rules = event.get("RRULE", ())
        try:
            for rule in rules if isinstance(rules, list) else [rules] if rules else []:
                refuse_rule(rule.to_ical().decode())
            if event.errors or "DTSTART" not in event:  # the library reads on; a freeze must not be lost so
                raise CalendarProblem("; ".join(f"{n}: {e}" for n, e in event.errors) or "it has no DTSTART")
            begin: Any = event["DTSTART"]
            if str(begin.dt)[:4] < "1970":
                raise CalendarProblem("it begins before 1970")  # a rule is followed from its beginning on
        except CalendarProblem as problem:
            raise CalendarProblem(f"{path}: the event {event.get('SUMMARY', '')!s}: {problem}") from None
    return calendar


def _weekly_span(freeze: Freeze, first: int) -> tuple[datetime, datetime, Any] | None:
    """The first window of weekdays and hours that matters here, and its rule; None where it is over by then."""
    from icalendar import vRecur

    zone = _zone(freeze.tz)
    near = datetime.fromtimestamp(first, zone).date() - timedelta(days=8)
    day = max(near, date.fromisoformat(freeze.first_day)) if freeze.first_day else near
    last = date.fromisoformat(freeze.last_day) if freeze.last_day else _FAR
    names = [_DAYS[name] for name in freeze.days]
    day = next((d for d in (day + timedelta(days=n) for n in range(7)) if not names or _name(d) in names), day)
    if day > last:
        return None
    begin = _wall(day, freeze.begin, zone)
    end = _wall(day, freeze.end if freeze.end > freeze.begin else freeze.end + 24 * 60, zone)
    until = datetime.combine(last, time(23, 59, 59), UTC if last == _FAR else zone)
    rule = vRecur({"FREQ": "WEEKLY", "BYDAY": names} if names else {"FREQ": "DAILY"})
    if last != _FAR:
        rule["UNTIL"] = [until.astimezone(UTC)]
    return begin, end, rule


def _rule_span(freeze: Freeze) -> tuple[datetime, datetime, Any]:
    from icalendar import vRecur

    zone, day = _zone(freeze.tz), date.fromisoformat(freeze.first_day)
    begin = _wall(day, freeze.begin, zone)
    if freeze.lasts:
        end = begin + timedelta(seconds=freeze.lasts)  # by the wall clock: three days end at the same hour
    else:
        end = _wall(day, freeze.end if freeze.end > freeze.begin else freeze.end + 24 * 60, zone)
    rule = vRecur.from_ical(freeze.rrule)
    if freeze.last_day and "UNTIL" not in rule and "COUNT" not in rule:
        until = datetime.combine(date.fromisoformat(freeze.last_day), time(23, 59, 59), zone)
        rule["UNTIL"] = [until.astimezone(UTC)]
    return begin, end, rule


def _window(event: Any, freeze: Freeze) -> Window:
    zone = _zone(freeze.tz)
    begin, end = (_readings(moment, zone) for moment in (event.start, event.end))
    return Window(min(begin), max(end), str(event.get("SUMMARY", "")))


def _readings(moment: date, zone: tzinfo) -> Iterator[int]:
    """What a wall clock's time may mean: two moments where the clocks change, else twice the same."""
    wall = moment if isinstance(moment, datetime) else datetime.combine(moment, time())
    if wall.tzinfo is None:
        wall = wall.replace(tzinfo=zone)
    return (int(wall.replace(fold=fold).timestamp()) for fold in (0, 1))


def _counts(event: Any, freeze: Freeze) -> bool:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return False
    return not freeze.match or fnmatchcase(str(event.get("SUMMARY", "")).casefold(), freeze.match.casefold())


def _name(day: date) -> str:
    return tuple(_DAYS.values())[day.weekday()]


def _wall(day: date, minutes: int, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone) + timedelta(minutes=minutes)


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)  # UTC must not need a time zone database


def _told(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
