"""Nothing enters an environment during a freeze.

A freeze is a time of weekdays, hours and dates in a time zone; one that ends at or before the hour it begins
spans midnight and belongs to the day on which it begins. Or it recurs by a rule of iCalendar (`rrule`), whose first
window is on the day `start`. Or it is a calendar file of the repository (`calendar: ops/freezes.ics`), as every
calendar program writes it; with `match`, only events with such a summary. The file is read from the branch that is
entered; where it can't be read, the gate is closed. Where the clocks change within a window, the longer reading
holds. The gate waits until all freezes that follow on one another are over.

`gates: {freeze: [{days: [fri], from: "16:00", to: "06:00", tz: Europe/Vienna, why: weekend}]}`,
`{start: 2026-12-24, rrule: FREQ=YEARLY, for: 9d, why: holidays}`, `{calendar: ops/freezes.ics, match: "*freeze*"}`.
"""

from __future__ import annotations

from fairlead.model.gates import Facts, GateResult, GateState
from fairlead.repo.config import Environment, Freeze, GateRules
from fairlead.repo.freezes import CalendarProblem, Window, windows
from fairlead.repo.times import moment

ID = "freeze"

_HORIZON = 400 * 86400  # beyond it, an end is none that anybody waits for


def judge(rules: GateRules, target: Environment, facts: Facts) -> GateResult:
    """Waiting until the freeze is over; closed where no end is in sight, or a calendar can't be read."""
    if not rules.freeze:
        return GateResult(ID, GateState.OPEN, "no freeze is set")
    calendars = dict(facts.calendars)
    try:
        found = [(f, windows(f, calendars, facts.now, facts.now)) for f in rules.freeze]
        active = [(freeze, held) for freeze, held in found if held]
        if not active:
            return GateResult(ID, GateState.OPEN, "no freeze now", (f"judged at {moment(facts.now)}",))
        until = _over([w for f in rules.freeze for w in windows(f, calendars, facts.now, facts.now + _HORIZON)], facts)
    except CalendarProblem as problem:
        message = f"the freezes of {target.name} can't be told: {problem}; mend it on the branch that is entered"
        return GateResult(ID, GateState.CLOSED, message)
    evidence = tuple(_words(freeze, held) for freeze, held in active)
    why = "; ".join(dict.fromkeys(w.why or f.why for f, held in active for w in held if w.why or f.why))
    reason = f" ({why})" if why else ""
    if not until:
        message = f"{target.name} is frozen{reason}, and no end is in sight; mend `freeze:` in fairlead.yaml"
        return GateResult(ID, GateState.CLOSED, message, evidence)
    return GateResult(ID, GateState.WAITING, f"{target.name} is frozen until {moment(until)}{reason}", evidence, until)


def _over(found: list[Window], facts: Facts) -> int:
    """When the last of the windows that follow on one another is over; 0 where that is out of sight."""
    at = facts.now
    for window in sorted(found):
        if window.begin <= at:
            at = max(at, window.end)
    return at if at - facts.now < _HORIZON else 0


def _words(freeze: Freeze, held: tuple[Window, ...]) -> str:
    if freeze.calendar:
        span = "; ".join(f"{w.why} ({moment(w.begin)} to {moment(w.end)})" for w in held)
        return f"frozen: {span}, by {freeze.calendar}"
    if freeze.rrule:
        return f"frozen: {freeze.rrule}, from {freeze.first_day} on ({freeze.tz})"
    parts = [", ".join(freeze.days)] if freeze.days else []
    if (freeze.begin, freeze.end) != (0, 24 * 60):
        parts.append(f"{_clock(freeze.begin)} to {_clock(freeze.end)}")
    if freeze.first_day or freeze.last_day:
        parts.append(f"{freeze.first_day or '…'} to {freeze.last_day or '…'}")
    return f"frozen: {'; '.join(parts) or 'always'} ({freeze.tz})"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
