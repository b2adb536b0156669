"""Nothing enters an environment during a freeze.

A freeze is a time of weekdays, hours and dates in a time zone; one that ends at or before the hour it begins
spans midnight and belongs to the day on which it begins. Where the clocks change within its hours, the longer
reading holds. The gate waits until all freezes that follow on one another are over.

`gates: {freeze: [{days: [fri], from: "16:00", to: "06:00", tz: Europe/Vienna, why: weekend}]}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from fairlead.model.gates import Facts, GateResult, GateState
from fairlead.repo.config import Environment, Freeze, GateRules
from fairlead.repo.times import moment

ID = "freeze"

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HORIZON = 400 * 86400  # beyond it, an end is none that anybody waits for


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Waiting until the freeze is over; closed where no end is in sight."""
    active = [freeze for freeze in rules.freeze if _end(freeze, facts.now) > facts.now]
    if not active:
        message = "no freeze now" if rules.freeze else "no freeze is set"
        return GateResult(ID, GateState.OPEN, message)
    evidence = tuple(_words(freeze) for freeze in active)
    why = "; ".join(f.why for f in active if f.why)
    reason = f" ({why})" if why else ""
    until = _over(rules.freeze, facts.now)
    if not until:
        message = f"{target.name} is frozen{reason}, and no end is in sight; mend `freeze:` in fairlead.yaml"
        return GateResult(ID, GateState.CLOSED, message, evidence)
    return GateResult(ID, GateState.WAITING, f"{target.name} is frozen until {moment(until)}{reason}", evidence, until)


def _over(freezes: tuple[Freeze, ...], now: int) -> int:
    """When the last of the freezes that follow on one another is over; 0 where that is out of sight."""
    at = now
    while at - now < _HORIZON:
        later = max(_end(freeze, at) for freeze in freezes)
        if later <= at:
            return at
        at = later
    return 0


def _end(freeze: Freeze, now: int) -> int:
    """The end of the freeze's window that holds this moment; 0 outside."""
    return max((end for begin, end in _windows(freeze, now) if begin <= now < end), default=0)


def _windows(freeze: Freeze, now: int) -> Iterator[tuple[int, int]]:
    """The windows that begin around this moment: one that spans midnight began the day before."""
    zone = _zone(freeze.tz)
    today = datetime.fromtimestamp(now, zone).date()
    for shift in (-1, 0):
        day = today + timedelta(days=shift)
        if _falls_on(freeze, day):
            end = freeze.end if freeze.end > freeze.begin else freeze.end + 24 * 60
            yield min(_moments(day, freeze.begin, zone)), max(_moments(day, end, zone))


def _falls_on(freeze: Freeze, day: date) -> bool:
    text = day.isoformat()
    return (
        (not freeze.days or _DAYS[day.weekday()] in freeze.days)
        and (not freeze.first_day or freeze.first_day <= text)
        and (not freeze.last_day or text <= freeze.last_day)
    )


def _moments(day: date, minutes: int, zone: tzinfo) -> tuple[int, int]:
    """What a wall clock's time may mean: two moments where the clocks change, else twice the same."""
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
    first, second = (int(wall.replace(tzinfo=zone, fold=fold).timestamp()) for fold in (0, 1))
    return first, second


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)  # UTC must not need a time zone database


def _words(freeze: Freeze) -> str:
    parts = [", ".join(freeze.days)] if freeze.days else []
    if (freeze.begin, freeze.end) != (0, 24 * 60):
        parts.append(f"{_clock(freeze.begin)} to {_clock(freeze.end)}")
    if freeze.first_day or freeze.last_day:
        parts.append(f"{freeze.first_day or '…'} to {freeze.last_day or '…'}")
    return f"frozen: {'; '.join(parts) or 'always'} ({freeze.tz})"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
