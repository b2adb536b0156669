"""Entries between braces: put in behind a comma, on the line of their neighbour or on one of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value
from fairlead.edit.rows import Entry
from fairlead.edit.scalars import fits_plain, is_string, spell
from fairlead.model.changes import Edit

if TYPE_CHECKING:
    from fairlead.edit.entries import Text

_LONGEST = 160


def raw(given: Text, entry: Entry) -> str:
    """An entry of braces as one of block style, in one line."""
    text = given.text[entry.first.start : entry.value.end]
    if "\n" in text:
        raise given.refused("it is written in braces over several lines", entry.first)
    return text if entry.key is not None else f"- {text}"


def spelled(given: Text, entry: Entry, *, in_flow: bool, path: str) -> str:
    """An entry as it may stand between braces; further lines of it without the indentation of the first."""
    text = given.text[entry.first.start : entry.value.end].replace("\r\n", "\n")
    if in_flow and "\n" not in text:
        return text
    if in_flow:
        indent = given.text[given.line(entry.first.start) : entry.first.start]
        head, *lines = text.split("\n")
        if indent.strip() or not all(line.startswith(indent) or not line for line in lines):
            raise given.refused("it is written in braces over several lines", entry.first)
        return "\n".join([head, *(line[len(indent) :] for line in lines)])
    if path.endswith(".json") or "#" in _unquoted(given, entry):
        raise given.refused("it can't be written between braces as it is", entry.first)
    one = written(given, entry.value)
    one = one if entry.key is None else f"{_scalar(given, entry.key)}: {one}"
    if len(one) > _LONGEST:
        raise given.refused("it is too long for one line between braces", entry.first)
    return one


def _unquoted(given: Text, entry: Entry) -> str:
    from fairlead.edit.nodes import scalars

    out, at = [], entry.first.start
    for leaf in sorted(scalars(entry.value), key=lambda s: s.start):
        out.append(given.text[at : leaf.start])
        at = max(at, leaf.end)
    end = given.below(max(at - 1, 0))
    return "".join((*out, given.text[at:end]))


def written(given: Text, value: Value) -> str:
    """A node in one line of flow style."""
    if isinstance(value, Scalar):
        return _scalar(given, value)
    if isinstance(value, Sequence):
        return "[" + ", ".join(written(given, item) for item in value.items) + "]"
    return "{" + ", ".join(f"{_scalar(given, key)}: {written(given, item)}" for key, item in value.items) + "}"


def _scalar(given: Text, leaf: Scalar) -> str:
    text = given.text[leaf.start : leaf.end]
    if leaf.style in ("'", '"') and "\n" not in text:
        return text
    if leaf.style == "" and fits_plain(leaf.value, flow=True) and "\n" not in text:
        return text
    new = spell(leaf.value, leaf, leaf, flow=True) if leaf.style == "" and is_string(leaf.value) else None
    if new is None:
        raise given.refused("it can't be written between braces as it is", leaf)
    return new


def put(
    text: Text, container: Mapping | Sequence, among: list[Entry], one: str, number: int | None, *, behind: bool
) -> Edit:
    """An entry put in behind or before another; into empty braces."""
    anchor = container if number is None else among[number].first
    line = text.line(anchor.start)
    indent = text.text[line : anchor.start]
    comma = ", " if ", " in text.text[container.start : container.end] or len(among) == 1 else ","
    if number is not None and not indent.strip():  # each on a line of its own
        comma = "," + text.newline + indent
        one = one.replace("\n", text.newline + indent)
    elif "\n" in one:
        raise text.refused("it is written in braces over several lines", anchor)
    if number is None:
        braces = text.text[container.start], text.text[container.end - 1]
        return text.edit(container.start, container.end, one.join(braces))
    if behind:
        at = among[number].value.end
        return text.edit(at, at, comma + one)
    return text.edit(anchor.start, anchor.start, one + comma)


def cut(text: Text, among: list[Entry], number: int) -> Edit:
    """An entry taken out with one comma."""
    if number + 1 < len(among):
        return text.edit(among[number].first.start, among[number + 1].first.start, "")
    return text.edit(among[number - 1].value.end, among[number].value.end, "")
