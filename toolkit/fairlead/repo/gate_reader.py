"""Makes the gate rules of an environment of values that the schema has passed, and refuses what no schema can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairlead.model.errors import ConfigError
from fairlead.model.findings import Where
from fairlead.repo.config import Freeze, GateRules, duration
from fairlead.repo.health import HealthRules, fault

# A form of freeze by its key: what it needs beside it, and what it does not go with.
_FORMS = (
    ("calendar", (), ("rrule", "days", "from", "to", "start", "end", "for")),
    ("rrule", ("start",), ("days", "match")),
    ("for", ("rrule",), ("to",)),
    ("match", ("calendar",), ()),
)

_NAMES = ("argocd", "flux")
_Where = Callable[..., Where]
_Beside = Callable[[str, Where], str]


def gate_rules(body: dict[str, Any], where: _Where, beside: _Beside) -> GateRules:
    """The rules of `gates:`; `where` places a key below it, `beside` makes a path of one written there.

    Raises:
        ConfigError: with the place and what would be accepted.
    """
    soak = body.get("soak", "0s")
    soak = soak if isinstance(soak, dict) else {"for": soak}
    command = body.get("command", ())
    command = command if isinstance(command, dict) else {"run": command}
    return GateRules(
        soak=duration(soak["for"]),
        still=soak.get("still", False),
        approvals=body.get("approvals", 0),
        freeze=tuple(
            _freeze(entry, _below(where, "freeze", index), beside) for index, entry in enumerate(body.get("freeze", ()))
        ),
        codeowners=body.get("codeowners", False),
        statuses=tuple(body.get("statuses", ())),
        command=tuple(command["run"]),
        timeout=duration(command.get("timeout", "5m")),
        order=body.get("order", "all"),
        health=_health(body["health"] or {}, _below(where, "health")) if "health" in body else (),
    )


def _health(body: dict[str, Any], where: _Where) -> tuple[HealthRules, ...]:
    command = body.get("command", ())
    if command and len(body) > 1 + ("timeout" in body):
        odd = next(key for key in body if key not in ("command", "timeout"))
        raise ConfigError(
            f"`command` does not go with `{odd}`",
            where=where(odd),
            remedy="a program asks in its own way; the gate `command` is there for a second one",
        )
    names = {key: (body[key],) if isinstance(body.get(key), str) else tuple(body.get(key, ())) for key in _NAMES}
    written = [(text, where(key), True) for key in _NAMES for text in names[key]]
    written += [(body[key], where(key), False) for key in ("context", "namespace") if key in body]
    for text, place, name in written:
        wrong = fault(text, name=name)
        if wrong:
            raise ConfigError(wrong, where=place, remedy="as kubectl calls it, such as {app}-{env}")
    return (
        HealthRules(
            argocd=names["argocd"],
            flux=names["flux"],
            context=body.get("context", ""),
            namespace=body.get("namespace", ""),
            command=tuple(command),
            timeout=duration(body["timeout"]) if "timeout" in body else (300 if command else 30),
        ),
    )


def _below(where: _Where, *above: str | int) -> _Where:
    return lambda *steps: where(*above, *steps)


def _freeze(body: dict[str, Any], where: _Where, beside: _Beside) -> Freeze:
    from zoneinfo import ZoneInfo

    zone = body.get("tz", "UTC")
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        raise ConfigError(
            f"there is no time zone {zone!r}",
            where=where("tz"),
            remedy="use a name such as Europe/Vienna or UTC",
        ) from None
    _refuse_mixed(body, where)
    if "rrule" in body:
        _refuse_rule(body["rrule"], where("rrule"))
    return Freeze(
        days=tuple(body.get("days", ())),
        begin=_minutes(body.get("from", "00:00")),
        end=_minutes(body["to"]) if "to" in body else 24 * 60,
        first_day=body.get("start", ""),
        last_day=body.get("end", ""),
        tz=zone,
        why=body.get("why", ""),
        rrule=body.get("rrule", ""),
        lasts=duration(body["for"]) if "for" in body else 0,
        calendar=beside(body["calendar"], where("calendar")) if "calendar" in body else "",
        match=body.get("match", ""),
    )


def _refuse_mixed(body: dict[str, Any], where: _Where) -> None:
    for main, needs, never in _FORMS:
        if main not in body:
            continue
        odd = next((key for key in never if key in body), None)
        if odd is not None:
            raise ConfigError(
                f"`{main}` does not go with `{odd}`",
                where=where(odd),
                remedy="write two entries for two kinds of freeze",
            )
        lacking = next((key for key in needs if key not in body), None)
        if lacking is not None:
            remedy = "say on which day it is first" if lacking == "start" else f"add `{lacking}`, or leave it out"
            raise ConfigError(f"`{main}` needs `{lacking}`", where=where(main), remedy=remedy)


def _refuse_rule(rule: str, where: Where) -> None:
    from fairlead.repo.freezes import CalendarProblem, refuse_rule

    try:
        refuse_rule(rule)
    except CalendarProblem as problem:
        raise ConfigError(
            f"{rule!r} is no recurrence rule: {problem}",
            where=where,
            remedy="write it as in iCalendar: FREQ=YEARLY, or FREQ=MONTHLY;BYDAY=-1FR",
        ) from None


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
