"""A plan as canonical JSON and back; its id is the sha256 of that text.

Canonical: keys sorted, no spaces, UTF-8, bytes as text where they are UTF-8 and as base64 where not. The same
plan gives the same text on every machine.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar

from fairlead.model.changes import Change, DropFile, Edit, NewFile
from fairlead.model.errors import UsageError
from fairlead.model.findings import Where
from fairlead.model.plan import AppMoves, FieldClass, Hop, Move, Plan, Unit, Verdict

FORM = "fairlead-plan/1"
_T = TypeVar("_T")


def encode(value: Any) -> Any:
    """A frozen value as JSON values."""
    if isinstance(value, Where):
        return [value.path, value.line, value.column]
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode()}
    if is_dataclass(value) and not isinstance(value, type):
        body = {f.name: encode(getattr(value, f.name)) for f in fields(value)}
        if isinstance(value, (Edit, NewFile, DropFile)):
            body["change"] = {Edit: "edit", NewFile: "new", DropFile: "drop"}[type(value)]
        return body
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    return value


def canonical(value: Any) -> bytes:
    """Canonical JSON bytes of a frozen value."""
    return json.dumps(encode(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogateescape"
    )


def plan_id(plan: Plan) -> str:
    """The sha256 of the plan's canonical JSON."""
    import hashlib

    return hashlib.sha256(canonical(plan)).hexdigest()


def hop_id(verb: str, source: str, target: str, apps: Iterable[AppMoves]) -> str:
    """The sha256 of what a hop does: which bytes replace which. No commit ids, places or reasons in it."""
    import hashlib

    does = [[a.app, encode(a.changes())] for a in apps]
    text = json.dumps([FORM, verb, source, target, does], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def dump(plan: Plan) -> bytes:
    """A plan file: readable JSON with the form's name and the id."""
    body = {"form": FORM, "id": plan_id(plan), "plan": encode(plan)}
    return (json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8", "surrogateescape")


def load(data: bytes, name: str) -> tuple[str, Plan]:
    """Read a plan file; its id and the plan.

    Raises:
        UsageError: where it is no plan, or its content isn't what its id says.
    """
    try:
        body = json.loads(data.decode("utf-8"))
        if body["form"] != FORM:
            raise UsageError(f"{name} is a plan of another form ({body['form']})", remedy="make a fresh plan")
        plan = _plan(body["plan"])
        said = body["id"]
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise UsageError(f"{name} is no plan: {error}", remedy="fairlead promote --plan-out writes one") from None
    if plan_id(plan) != said:
        raise UsageError(
            f"{name} was changed after it was made: its content has the id {plan_id(plan)[:12]}, it says {said[:12]}",
            remedy="make a fresh plan; choose with --unit, --field and --exclude instead of editing it",
        )
    return said, plan


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} should be text")
    return value


def _bytes(value: Any) -> bytes:
    return base64.b64decode(value["base64"], validate=True) if isinstance(value, dict) else _text(value).encode()


def _where(value: Any) -> Where:
    path, line, column = value
    return Where(_text(path), int(line), int(column))


def _change(body: dict[str, Any]) -> Change:
    kind = body["change"]
    if kind == "edit":
        return Edit(_text(body["path"]), int(body["start"]), int(body["end"]), _bytes(body["old"]), _bytes(body["new"]))
    if kind == "new":
        return NewFile(_text(body["path"]), _bytes(body["data"]), int(body["mode"]))
    return DropFile(_text(body["path"]), _text(body["oid"]))


def _move(body: dict[str, Any]) -> Move:
    token = body["token"]
    return Move(
        field=_text(body["field"]),
        old=_text(body["old"]),
        new=_text(body["new"]),
        field_class=FieldClass(body["field_class"]),
        verdict=Verdict(body["verdict"]),
        reason=_text(body["reason"]),
        carrier=_text(body["carrier"]),
        changes=_all(_change, body["changes"]),
        stands_at=_where(body["stands_at"]),
        at=_where(body["at"]),
        token=None if token is None else (_text(token[0]), _text(token[1])),
    )


def _all(make: Callable[[Any], _T], items: Any) -> tuple[_T, ...]:
    return tuple(make(item) for item in items)


def _unit(body: dict[str, Any]) -> Unit:
    return Unit(_text(body["key"]), _all(_move, body["moves"]), bool(body["chosen"]))


def _app(body: dict[str, Any]) -> AppMoves:
    return AppMoves(
        _text(body["app"]), _text(body["source_path"]), _text(body["target_path"]), _text(body["source_tree"]),
        _all(_unit, body["units"]), _all(_move, body["held"]), _text(body["source_commit"]),
    )  # fmt: skip


def _hop(body: dict[str, Any]) -> Hop:
    return Hop(
        _text(body["id"]),
        _text(body["source"]),
        _text(body["target"]),
        _text(body["branch"]),
        _text(body["source_commit"]),
        _all(_app, body["apps"]),
        _text(body["result_tree"]),
    )


def _plan(body: dict[str, Any]) -> Plan:
    return Plan(
        verb=_text(body["verb"]),
        engine=_text(body["engine"]),
        target_branch=_text(body["target_branch"]),
        target_commit=_text(body["target_commit"]),
        config_oid=_text(body["config_oid"]),
        hops=_all(_hop, body["hops"]),
        selection=_all(_text, body["selection"]),
        warnings=_all(_text, body["warnings"]),
        reason=_text(body["reason"]),
    )
