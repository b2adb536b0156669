"""How a value is written: where its literal text stands within a node, and how a new one is spelled."""

from __future__ import annotations

import re
from typing import Any

from fairlead.edit.nodes import Scalar, Value, unfolded

# What YAML 1.1 or 1.2 readers (go-yaml, PyYAML, ruamel) take for something else than a string.
_NOT_STRING = re.compile(
    r"""(?xi)
    ~ | = | << | null | true | false | yes | no | on | off | y | n | \.inf | \.nan | [-+]\.inf
    | [-+]? (0b[01_]+ | 0o?[0-7_]+ | 0x[0-9a-f_]+ | [0-9_]+)
    | [-+]? ([0-9][0-9_]*)? \. [0-9_]* ([e][-+]?[0-9]+)?
    | [-+]? [0-9][0-9_]* ([e][-+]?[0-9]+)
    | [-+]? [0-9][0-9_]* (:[0-5]?[0-9])+ (\.[0-9_]*)?
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2} ([Tt\ ].*)?
    """
)
_PLAIN_START = re.compile(r"^(?:[^\s\-?:,\[\]{}#&*!|>'\"%@`]|[-?:](?=[^\s,\[\]{}]))")
_LONGEST_NUMBER = 300  # Python refuses to read integers of more than 4,300 digits
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def is_string(value: str) -> bool:
    """Whether readers take this plain scalar for a string: not a number, a date, a boolean, nothing."""
    return bool(value) and _NOT_STRING.fullmatch(value) is None


def fits_plain(value: str, *, flow: bool = False) -> bool:
    """Whether the value can be written without quotes and is read back as these characters."""
    if not value or value != value.strip() or _CONTROL.search(value) or not _PLAIN_START.match(value):
        return False
    if ": " in value or " #" in value or value.endswith(":") or value.startswith(("---", "...")):
        return False
    return not (flow and re.search(r"^:|[?,\[\]{}]", value))


def content_span(text: str, scalar: Scalar) -> tuple[int, int] | None:
    """Where the scalar's value stands literally, without quotes, tag, anchor; None where it does not."""
    raw = text[scalar.start : scalar.end]
    if scalar.style in ("'", '"'):
        close = raw.rstrip()
        if raw.endswith(scalar.style) and raw[: -1 - len(scalar.value)].endswith(scalar.style):
            begin = scalar.end - 1 - len(scalar.value)
            if text[begin : scalar.end - 1] == scalar.value and close:
                return begin, scalar.end - 1
        return None
    if scalar.style == "":
        begin = scalar.end - len(scalar.value)
        return (begin, scalar.end) if scalar.value and text[begin : scalar.end] == scalar.value else None
    return None  # block scalars: the caller parses their text, or looks for a part


def part_span(text: str, scalar: Scalar, part: str) -> tuple[int, int] | None:
    """Where a part of the value stands in the text; None unless it stands there exactly once."""
    if not part:
        return None
    span = content_span(text, scalar)
    if span is not None:
        if scalar.value.count(part) != 1:
            return None
        begin = span[0] + scalar.value.index(part)
        return begin, begin + len(part)
    raw = text[scalar.start : scalar.end]
    if raw.count(part) != 1 or scalar.value.count(part) != 1:
        return None
    begin = scalar.start + raw.index(part)
    return begin, begin + len(part)


def spell(value: str, target: Scalar, source: Scalar | None, *, flow: bool = False) -> str | None:
    """The value written in the target's style; None where that can't be done without a guess.

    Inside the target's own quotes it stays there. A plain target keeps being plain if the new value is read
    as a string or the source writes it plain too; else it takes the source's quotes, because `1.20` or
    `1e10` without quotes is a number.
    """
    if _CONTROL.search(value):
        return None
    if target.style == "'":
        return "'" + value.replace("'", "''") + "'"
    if target.style == '"':
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if target.style != "":
        return None
    source_plain = source is not None and source.style == ""
    if fits_plain(value, flow=flow) and (is_string(value) or source_plain):
        return value
    if source is not None and source.style == "'":
        return "'" + value.replace("'", "''") + "'"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def typed(value: Value | None, path: str = "") -> Any:
    """The node as Python values, plain scalars by YAML 1.2's core schema (true, null, 12, 1.5); see `unfolded`."""
    return unfolded(value, _core, path)


def _core(scalar: Scalar) -> Any:
    text = scalar.value
    if scalar.style:
        return text
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if len(text) > _LONGEST_NUMBER:
        return text
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", text):
        return float(text)
    return text
