"""Whether requests and answers have the shape that GitLab's own Go client gives them.

An answer may have only keys that the client's type or its recorded answer has, each of that type. A request may have
only the parameters that the client's options have. What GitLab means by them is nowhere checked.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from tests.forges.gitlab.operations import Operation

_FOLDER = Path(__file__).parent / "client_go"
_COMMON = {"page": "int64", "per_page": "int64", "pagination": "string", "order_by": "string", "sort": "string"}
_ITEMS = re.compile(r"\*?\[\]")


class ShapeError(AssertionError):
    """What the double was asked, or has answered, that GitLab's client knows nothing of."""


@cache
def types() -> dict[str, Any]:
    return json.loads((_FOLDER / "types.json").read_text())["types"]


@cache
def _recorded(name: str) -> Any:
    return json.loads((_FOLDER / name).read_text()) if name else None


def check_request(one: Operation, values: dict[str, Any]) -> None:
    known = {**(types()[one.options] if one.options else {}), **(_COMMON if one.method == "GET" else {})}
    for name, value in values.items():
        kind = known.get(name) or known.get(f"{name}[]")
        if kind is None:
            raise ShapeError(f"{one.name}: GitLab's client has no parameter {name!r} there, but {sorted(known)}")
        words = one.method == "GET" and isinstance(value, str)  # a query has nothing but words
        if not (words and _reads(kind, value)) and not _is(kind, value):
            raise ShapeError(f"{one.name}: {name} is {kind}, not {value!r}")


def check_answer(one: Operation, value: Any) -> None:
    if not one.answer:
        return
    record = _recorded(one.recorded)
    if isinstance(record, list) and not one.answer.startswith("[]"):
        record = record[0]
    if not _is(one.answer, value, record, problems := []):
        raise ShapeError(f"{one.name}: {'; '.join(problems)}")


def _reads(kind: str, word: str) -> bool:
    kind = kind.lstrip("*")
    if kind == "bool":
        return word in ("true", "false", "True", "False")
    return word.isdecimal() if kind.startswith("int") else True


def _is(kind: str, value: Any, record: Any = None, problems: list[str] | None = None, where: str = "") -> bool:
    """Whether a value is of a type of Go; `record` is one that GitLab's client has seen."""
    problems = problems if problems is not None else []
    if value is None:
        return True
    items = _ITEMS.match(kind)
    kind = kind.lstrip("*")
    known = types().get(kind)
    if items is not None:
        seen = record if isinstance(record, list) else [None]
        sample = next((row for row in seen if row), None)
        fine = isinstance(value, list) and all(
            _is(_ITEMS.sub("", kind, count=1), row, sample, problems, f"{where}[]") for row in value
        )
    elif isinstance(known, dict):
        fine = isinstance(value, dict) and _all_known(known, value, record, problems, where)
    elif kind == "LabelOptions":
        fine = isinstance(value, str) or (isinstance(value, list) and all(isinstance(row, str) for row in value))
    elif isinstance(known, str) and kind not in ("AccessLevelValue",):
        fine = _is(known, value, record, problems, where)
    else:
        fine = _plain(kind, value)
    if not fine and not problems:
        problems.append(f"{where or 'it'} is {kind}, not {value!r}")
    return fine


def _all_known(known: dict[str, str], value: dict[str, Any], record: Any, problems: list[str], where: str) -> bool:
    seen = record if isinstance(record, dict) else {}
    for name, what in value.items():
        place, sample = f"{where}.{name}".lstrip("."), seen.get(name)
        if name not in known and name not in seen:
            problems.append(f"GitLab's client knows no {place}")
            return False
        if name in known and not _is(known[name], what, sample, problems, place):
            return False
        if isinstance(sample, (str, bool, int, float)) and what is not None and not _alike(sample, what):
            problems.append(f"{place} was recorded as {sample!r}, not {what!r}")
            return False
    return True


def _alike(one: Any, other: Any) -> bool:
    numbers = (int, float)
    if isinstance(one, bool) or isinstance(other, bool):
        return type(one) is type(other)
    return type(one) is type(other) or (isinstance(one, numbers) and isinstance(other, numbers))


def _plain(kind: str, value: Any) -> bool:
    if kind == "string":
        return isinstance(value, str)
    if kind == "bool":
        return isinstance(value, bool)
    if kind.startswith("int") or kind == "AccessLevelValue":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind.startswith("float"):
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind == "time.Time":
        return isinstance(value, str) and "T" in value and datetime.fromisoformat(value) is not None
    return kind.startswith("map[") or kind in ("any", "ISOTime")
