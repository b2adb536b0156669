"""YAML inside a block scalar (inline patches, ConfigMap files, Helm values), with spans of the outer file."""

from __future__ import annotations

import re
from bisect import bisect_right

from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value, parse_text
from fairlead.model.errors import SyntaxProblem
from fairlead.model.values import dataclass

_HEADER = re.compile(r"[|][-+0-9]*[ \t]*(?:#[^\n]*)?\r?\n")


@dataclass(frozen=True, slots=True)
class _Lines:
    """Where the lines of a block's value begin: in the value, and in the outer text; `indent` was cut off."""

    inner: list[int]
    outer: list[int]
    indent: int


def embedded(text: str, scalar: Scalar) -> list[Value] | None:
    """The documents that a literal block scalar holds, their offsets and lines counted in the outer text.

    None where it is no literal block, holds no map or list, or is no YAML: then it is a value like another.
    Folded blocks (`>`) join lines, so their spans can't be told.
    """
    if scalar.style != "|" or (":" not in scalar.value and "- " not in scalar.value):
        return None
    header = _HEADER.search(text, scalar.start, scalar.end)
    if header is None:
        return None
    lines = _lines(text[header.end() : scalar.end], header.end(), scalar.value)
    if lines is None:
        return None
    try:
        stream = parse_text(scalar.value)
    except SyntaxProblem:
        return None
    documents = [d for d in stream.documents if d is not None]
    if not documents or any(isinstance(d, Scalar) for d in documents):
        return None
    seen: set[int] = set()
    for document in documents:
        _shift(document, lines, scalar.line + text.count("\n", scalar.start, header.start()), seen)
    return documents


def _lines(raw: str, begin: int, value: str) -> _Lines | None:
    wanted, given = value.split("\n"), raw.split("\n")
    first = next((line for line in wanted if line.strip()), "")
    source = next((line for line in given if line.strip()), "").rstrip("\r")
    indent = len(source) - len(first)
    if indent < 0:
        return None
    inner, outer, at, place = [], [], 0, begin
    for number, line in enumerate(wanted):
        if number >= len(given):
            if line:
                return None
            break
        bare = given[number].rstrip("\r")
        if bare[indent:] != line and (bare.strip() or line.strip()):
            if number < len(wanted) - 1:
                return None
            break  # the end of a chomped block: nothing of the value stands there
        inner.append(at)
        outer.append(place + min(indent, len(bare)))
        at += len(line) + 1
        place += len(given[number]) + 1
    return _Lines(inner, outer, indent)


def _shift(node: Value, lines: _Lines, above: int, seen: set[int]) -> None:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, Sequence):
        for item in node.items:
            _shift(item, lines, above, seen)
    elif isinstance(node, Mapping):
        for key, item in node.items:
            _shift(key, lines, above, seen)
            _shift(item, lines, above, seen)
    first = bisect_right(lines.inner, node.start) - 1
    last = bisect_right(lines.inner, max(node.end - 1, node.start)) - 1
    node.start += lines.outer[first] - lines.inner[first]
    node.end += lines.outer[last] - lines.inner[last]
    node.line += above
    node.column += lines.indent
