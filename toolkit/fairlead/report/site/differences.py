"""What differs between two environments' rendered objects, grouped by change, the expected apart."""

from __future__ import annotations

import json
import re

from fairlead.model.values import dataclass
from fairlead.report.site.sheets import Item, Sheet

ABSENT = ""
_HIDDEN = "(hidden)"
_NONE = object()  # stands for what isn't there; null is a value


@dataclass(frozen=True)
class Difference:
    """One value that differs, in all of `subjects` alike; empty where a side doesn't have it.

    `by_name`: both values are the same but for the environment's own name.
    """

    field: str
    old: str
    new: str
    subjects: tuple[str, ...]
    by_name: bool = False


def differences(source: Sheet, target: Sheet) -> tuple[Difference, ...]:
    """All differences, those of the same value together, in the order of the objects."""
    left, right = _aligned(source), _aligned(target)
    found: dict[tuple[str, str, str], list[str]] = {}
    for key in dict.fromkeys((*left, *right)):
        subject = f"{key[0]}/{key[1]}"
        if key not in left or key not in right:
            sides = tuple("there" if key in side else ABSENT for side in (left, right))
            found.setdefault(("the object", sides[0], sides[1]), []).append(subject)
            continue
        pairs: list[tuple[str, object, object]] = []
        _compare(_body(left[key], source), _body(right[key], target), "", pairs)
        for field, old, new in pairs:
            found.setdefault((field, *_shown(key[0], field, old, new)), []).append(subject)
    return tuple(
        Difference(field, old, new, tuple(subjects), bool(old) and _plain(old, source) == _plain(new, target))
        for (field, old, new), subjects in found.items()
    )


def _shown(kind: str, field: str, old: object, new: object) -> tuple[str, str]:
    if kind == "Secret" and field.startswith(("data", "stringData")):
        return ABSENT if old is _NONE else _HIDDEN, ABSENT if new is _NONE else _HIDDEN
    return _text(old), _text(new)


def _text(value: object) -> str:
    if value is _NONE:
        return ABSENT
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _aligned(sheet: Sheet) -> dict[tuple[str, str], Item]:
    out: dict[tuple[str, str], Item] = {}
    for item in sheet.items:
        key = (item.kind, _plain(item.stem, sheet))
        while key in out:
            key = (key[0], key[1] + "'")
        out[key] = item
    return out


def _plain(text: str, sheet: Sheet) -> str:
    """The text with the environment's words and its part of a host replaced by a sign for them."""
    words = sorted(sheet.words, key=len, reverse=True)
    if not words:
        return text
    pattern = "|".join(map(re.escape, words))
    return re.sub(rf"(?<![A-Za-z0-9])(?:{pattern})(?![A-Za-z0-9])", "{env}", text)


def _body(item: Item, sheet: Sheet) -> object:
    """The object without its name, and with generated names as they are written in the files."""
    stems = {other.name: other.stem for other in sheet.items if other.name != other.stem}
    body = _renamed(item.body, stems)
    if isinstance(body, dict) and isinstance(body.get("metadata"), dict):
        body["metadata"].pop("name", None)
    return body


def _renamed(value: object, stems: dict[str, str]) -> object:
    if isinstance(value, dict):
        return {key: _renamed(below, stems) for key, below in value.items()}
    if isinstance(value, list):
        return [_renamed(below, stems) for below in value]
    return stems.get(value, value) if isinstance(value, str) else value


def _compare(old: object, new: object, path: str, out: list[tuple[str, object, object]]) -> None:
    """Append (field, old, new) of whatever differs; a part that one side lacks is one difference."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            step = f"{path}.{key}" if path else str(key)
            _compare(old.get(key, _NONE), new.get(key, _NONE), step, out)
    elif isinstance(old, list) and isinstance(new, list) and old and new:
        left, right = (dict(zip(_steps(side), side, strict=True)) for side in (old, new))
        for step in dict.fromkeys((*left, *right)):
            _compare(left.get(step, _NONE), right.get(step, _NONE), f"{path}[{step}]", out)
    elif old != new or type(old) is not type(new):
        out.append((path, old, new))


def _steps(items: list[object]) -> list[str]:
    """What names the members of a list: their `name`s where all have different ones, else their places."""
    names = [str(item["name"]) for item in items if isinstance(item, dict) and "name" in item]
    return names if len(names) == len(items) == len(set(names)) else [str(place) for place in range(len(items))]
