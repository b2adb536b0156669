"""A pull request as canonical JSON and back; what is read was written by others, and is checked."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, fields
from typing import Any, TypeVar

from fairlead.forge.branches import is_branch
from fairlead.model.pulls import Comment, Draft, Method, Pull, PullState, Review, Status, StatusState

VERSION = 1
MAX_BYTES = 8_000_000
_OID = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")

_LATER = frozenset({"reviewers"})  # records of earlier releases lack it

_Row = TypeVar("_Row", Draft, Review, Comment, Status)


class Damaged(ValueError):  # noqa: N818  it is turned into an error with a remedy
    """The bytes are not a pull request of ours; says what is wrong with them."""


def dump(pull: Pull) -> bytes:
    """The bytes of `pull.json`: keys sorted, one form for one value."""
    text = json.dumps({"version": VERSION, **asdict(pull)}, indent=1, sort_keys=True, ensure_ascii=False)
    return (text + "\n").encode("utf-8", "backslashreplace")  # a lone surrogate becomes JSON's own escape


def load(data: bytes, number: int) -> Pull:
    """The pull request that stands in a `pull.json`. Raises Damaged."""
    if len(data) > MAX_BYTES:
        raise Damaged("pull.json is too large")
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError):
        raise Damaged("pull.json is no JSON") from None
    if not isinstance(raw, dict):
        raise Damaged("pull.json is no object")
    if raw.pop("version", None) != VERSION:
        raise Damaged(f"pull.json is not of version {VERSION}; a newer fairlead may have written it")
    if raw.get("number") != number:
        raise Damaged(f"pull.json says that it is #{raw.get('number')}")
    try:
        pull = Pull(
            number=number,
            state=PullState(_text(raw, "state")),
            want=_draft(raw["want"]),
            created=_time(raw, "created"),
            updated=_time(raw, "updated"),
            reviews=tuple(_row(Review, item) for item in raw["reviews"]),
            comments=tuple(_row(Comment, item) for item in raw["comments"]),
            merged_at=_time(raw, "merged_at"),
            merged_by=_text(raw, "merged_by"),
            merge_commit=_text(raw, "merge_commit"),
            closed_why=_text(raw, "closed_why"),
            auto=None if raw.get("auto") is None else Method(_text(raw, "auto")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged(f"pull.json is malformed: {str(error)[:200]}") from None
    return pull


def dump_statuses(found: tuple[Status, ...]) -> bytes:
    """The bytes of `statuses.json`."""
    body = {"version": VERSION, "statuses": [asdict(status) for status in found]}
    return (json.dumps(body, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def load_statuses(data: bytes) -> tuple[Status, ...]:
    """The statuses of a `statuses.json`; none where it is damaged, for then nothing vouches for the commit."""
    try:
        return tuple(_row(Status, item) for item in json.loads(data[:MAX_BYTES])["statuses"])
    except (KeyError, TypeError, ValueError, RecursionError):
        return ()


def _draft(raw: object) -> Draft:
    draft = _row(Draft, raw)
    for name in (draft.head, draft.base):
        if not is_branch(name):
            raise ValueError(f"no branch name: {name!r}")
    if not _OID.match(draft.head_oid):
        raise ValueError(f"no commit id: {draft.head_oid!r}")
    return draft


def _row(kind: type[_Row], raw: object) -> _Row:
    """One flat value, each field of the type that the dataclass says."""
    if not isinstance(raw, dict):
        raise TypeError(f"no {kind.__name__.lower()}: {raw!r}")
    values: dict[str, Any] = {}
    for field in fields(kind):
        if field.type == "bool":
            values[field.name] = _bool(raw, field.name)
        elif field.type == "int":
            values[field.name] = _time(raw, field.name)
        elif field.type == "StatusState":
            values[field.name] = StatusState(_text(raw, field.name))
        elif field.type == "str":
            values[field.name] = _text(raw, field.name)
        else:
            items = raw.get(field.name, []) if field.name in _LATER else raw[field.name]
            if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
                raise TypeError(f"{field.name} is no list of texts")
            values[field.name] = tuple(items)
    return kind(**values)


def _text(raw: dict[str, Any], name: str) -> str:
    value = raw[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value


def _time(raw: dict[str, Any], name: str) -> int:
    value = raw[name]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 40:
        raise TypeError(f"{name} is no time")
    return value


def _bool(raw: dict[str, Any], name: str) -> bool:
    value = raw[name]
    if not isinstance(value, bool):
        raise TypeError(f"{name} is neither true nor false")
    return value
