"""Editing YAML text at nodes, a line at a time, so that everything else stays as it was written."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value


def dig(node: Value | None, *path: str | int) -> Value | None:
    """The node at a path; None where it doesn't lead anywhere."""
    for step in path:
        if isinstance(step, str):
            node = node.get(step) if isinstance(node, Mapping) else None
        else:
            node = node.items[step] if isinstance(node, Sequence) and step < len(node.items) else None
    return node


def word(node: Value | None) -> str:
    """A scalar's value; empty for all else."""
    return node.value if isinstance(node, Scalar) else ""


def maps(node: Value | None) -> list[Mapping]:
    """The maps of a list."""
    return [item for item in node.items if isinstance(item, Mapping)] if isinstance(node, Sequence) else []


def put(text: str, node: Value, new: str) -> str:
    """Another text in the place of a node."""
    return text[: node.start] + new + text[node.end :]


def line_of(text: str, at: int) -> int:
    """The line of an offset, from 1."""
    return text.count("\n", 0, at) + 1


def insert(text: str, line: int, new: str) -> str:
    """Whole lines before a line."""
    lines = text.splitlines(keepends=True)
    head = lines[: line - 1]
    if head and not head[-1].endswith("\n"):
        head[-1] += "\n"
    return "".join(head) + new + "".join(lines[line - 1 :])


def span(text: str, mapping: Mapping, key: str) -> tuple[int, int] | None:
    """First and last line of an entry of a map in block style; None where lines hold more than the entry."""
    name, value = mapping.key(key), mapping.get(key)
    if name is None or value is None or mapping.flow or name.shared:
        return None
    lines = text.splitlines()
    first = lines[name.line - 1]
    if first[: name.column - 1].strip():
        return None  # it begins an item of a list
    dashes = isinstance(value, Sequence) and not value.flow and value.column == name.column
    last = name.line
    for number in range(name.line + 1, len(lines) + 1):
        line = lines[number - 1]
        stripped = line.lstrip(" ")
        if not stripped or (stripped.startswith("#") and not _inside_block(value)):
            continue
        indent = len(line) - len(stripped)
        if stripped.startswith(("---", "...")) and indent == 0:
            break
        if indent > name.column - 1 or (dashes and indent == name.column - 1 and stripped.startswith("-")):
            last = number
        else:
            break
    return name.line, last


def _inside_block(value: Value) -> bool:
    return isinstance(value, Scalar) and value.style in ("|", ">")


def without(text: str, mapping: Mapping, key: str) -> str | None:
    """The text without an entry; None where it can't be taken out by lines, or nothing would remain."""
    lines = span(text, mapping, key)
    if lines is None or len(mapping.items) < 2:
        return None
    return cut(text, *lines)


def cut(text: str, first: int, last: int) -> str:
    """The text without these lines."""
    kept = text.splitlines(keepends=True)
    return "".join(kept[: first - 1] + kept[last:])


def item_span(text: str, sequence: Sequence, index: int) -> tuple[int, int] | None:
    """First and last line of an item of a list in block style."""
    if sequence.flow or sequence.shared:
        return None
    lines = text.splitlines()
    item = sequence.items[index]
    first = lines[item.line - 1]
    dash = first.find("-")
    if dash < 0 or first[:dash].strip() or dash > item.column - 1:
        return None
    last = item.line
    for number in range(item.line + 1, len(lines) + 1):
        line = lines[number - 1]
        stripped = line.lstrip(" ")
        if not stripped or stripped.startswith("#"):
            continue
        if len(line) - len(stripped) <= dash:
            break
        last = number
    return item.line, last


def without_item(text: str, sequence: Sequence, index: int) -> str | None:
    """The text without an item; None where it can't be taken out by lines, or it is the only one."""
    lines = item_span(text, sequence, index)
    return None if lines is None or len(sequence.items) < 2 else cut(text, *lines)


def typo(name: str, random: Random) -> str:
    """A name with one letter doubled, lost, or changed places with its neighbour."""
    spots = [n for n, (a, b) in enumerate(pairwise(name)) if a.isalpha() and b.isalpha() and a != b]
    if not spots:
        return name + "x"
    at = random.choice(spots)
    way = random.randrange(3)
    if way == 0:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + name[at + 1 :] if way == 1 and len(name) > 3 else name[:at] + name[at] * 2 + name[at + 1 :]
