"""Which step of a JSON pointer fails in a resource, and what is there instead."""

from __future__ import annotations

from fairlead.edit.nodes import Mapping, Sequence, Value
from fairlead.model.values import dataclass
from fairlead.repo.names import near_miss


@dataclass(frozen=True)
class Step:
    """The step that fails, in words; `remedy` names what may have been meant."""

    message: str
    remedy: str = ""


def failing(node: Value, pointer: str, *, adds: bool = False) -> Step | None:
    """The first step of a pointer that leads nowhere; None where all do. `adds`: the last one need not exist."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    walked = ""
    for number, part in enumerate(parts):
        last = adds and number == len(parts) - 1
        here = walked or "the object"
        if isinstance(node, Mapping):
            below = node.get(part)
            if below is None:
                return None if last else _no_key(node, part, here)
        elif isinstance(node, Sequence):
            below = node.items[int(part)] if part.isdigit() and int(part) < len(node.items) else None
            if below is None:
                fits = part == "-" or (part.isdigit() and int(part) == len(node.items))
                return None if last and fits else _no_item(node, part, here)
        else:
            return Step(f"{here} is a value, in which there is no {part!r}")
        node, walked = below, f"{walked}/{part}"
    return None


def _no_key(node: Mapping, part: str, here: str) -> Step:
    names = [key.value for key, _ in node.items]
    there = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    return Step(f"there is no {part!r} in {here}, which has: {there or 'nothing'}", near_miss(part, names))


def _no_item(node: Sequence, part: str, here: str) -> Step:
    size = len(node.items)
    count = "1 entry" if size == 1 else f"{size} entries"
    if not part.isdigit():
        return Step(
            f"{here} is a list of {count}, and {part!r} is no index", "write a number, or `-` for behind the last"
        )
    return Step(f"{here} has {count}, counted from 0, and none at {part}")
