"""Which fields of a rendered object differ: leaf by leaf, list items by what identifies them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

Way: TypeAlias = tuple[str | int, ...]
GONE = object()  # what stands for a field that a side has not
_IDENTITIES = ("name", "key", "op", "containerPort", "port", "mountPath", "host", "path")


def differences(old: Any, new: Any, way: Way = ()) -> Iterator[tuple[Way, object, object]]:
    """(way, old, new) of each leaf that differs; the way is that in the new one, where it is there."""
    if old == new and type(old) is type(new):
        return
    if isinstance(old, dict) or isinstance(new, dict):
        mine, theirs = (side if isinstance(side, dict) else {} for side in (old, new))
        for key in dict.fromkeys((*mine, *theirs)):
            yield from differences(mine.get(key, GONE), theirs.get(key, GONE), (*way, key))
        yield from _scalars(old, new, way)
    elif isinstance(old, list) or isinstance(new, list):
        for first, second, at in _items(*(side if isinstance(side, list) else [] for side in (old, new))):
            yield from differences(first, second, (*way, at))
        yield from _scalars(old, new, way)
    else:
        yield way, old, new


def _scalars(old: Any, new: Any, way: Way) -> Iterator[tuple[Way, object, object]]:
    """The scalar that stood, or came to stand, where the other side has a map or a list."""
    first, second = (GONE if isinstance(side, dict | list) else side for side in (old, new))
    if first is not second:
        yield way, first, second


def _items(old: list[Any], new: list[Any]) -> Iterator[tuple[Any, Any, int]]:
    """Items side by side, by what identifies them or else by place, with the index where they are told."""
    identity = next((k for k in _IDENTITIES if _tells_apart(k, old) and _tells_apart(k, new)), None)
    if identity is not None:
        rest = {item[identity]: (at, item) for at, item in enumerate(old)}
        here = [(rest.pop(item[identity], (0, GONE))[1], item, at) for at, item in enumerate(new)]
        left = list(rest.values())  # what has another identity now is told beside what it was
        for was, item, at in here:
            yield (left.pop(0)[1] if was is GONE and left else was), item, at
        yield from ((item, GONE, at) for at, item in left)
        return
    if len(old) == len(new):
        yield from ((*pair, at) for at, pair in enumerate(zip(old, new, strict=True)))
        return
    others = list(old)
    for at, item in enumerate(new):
        if item in others:
            others.remove(item)
        else:
            yield GONE, item, at
    yield from ((item, GONE, old.index(item)) for item in others)


def _tells_apart(key: str, items: list[Any]) -> bool:
    names = [item.get(key) for item in items if isinstance(item, dict)]
    return len(names) == len(items) and all(isinstance(n, str | int) for n in names) and len(set(names)) == len(names)


def name_of(body: Any, way: Way) -> str:
    """A way for people: `spec.template.spec.containers[web].image`."""
    told, at = "", body
    for step in way:
        if isinstance(step, int):
            at = at[step] if isinstance(at, list) and step < len(at) else None
            name = at.get("name") if isinstance(at, dict) else None
            told += f"[{name if isinstance(name, str) else step}]"
        else:
            at = at.get(step) if isinstance(at, dict) else None
            told += f".{step}" if told else step
    return told
