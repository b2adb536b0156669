"""Another value at one place of a file: the proof that this place is where a rendered value was written.

It knows nothing of kustomize: a place, a text, and what the value is of (a container's image keeps its name, so that
`images:` entries still mean it).
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from fairlead.checks.images import parse as parse_image
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Stream, Value, parse_text, scalars
from fairlead.model.errors import SyntaxProblem
from fairlead.model.findings import Where

WORD, NUMBER = "zz-sentinel", 31337
_DIGEST = "sha256:" + "5e" * 32
_ENV_LINE = re.compile(r"[A-Za-z_][\w.-]*=")


@dataclass(frozen=True)
class Mutated:
    """A file with another value in it, and what has to be seen of that where it is rendered."""

    text: str
    expected: str
    was: str


@dataclass(frozen=True)
class _Spot:
    start: int
    end: int
    value: str
    style: str = ""
    pair: bool = False


def mutated(text: str, where: Where, rendered: object, *, image: bool) -> Mutated | None:
    """The text with a sentinel at a place; None where no scalar stands there."""
    spot = _line(text, where) if _is_env(where.path) else _spot(text, where, str(rendered))
    if spot is None:
        return None
    value = spot.value
    head, value = value.split("=", 1) if spot.pair and "=" in value else ("", value)
    new, expected = _sentinel(value, rendered, image=image)
    if head:
        new = f"{head}={new}"
    return Mutated(text[: spot.start] + _written(new, spot, rendered) + text[spot.end :], expected, value)


def _sentinel(value: str, rendered: object, *, image: bool) -> tuple[str, str]:
    if isinstance(rendered, bool):
        return ("false", "False") if rendered else ("true", "True")
    if isinstance(rendered, int | float):
        return str(NUMBER), str(NUMBER)
    if value.startswith("sha256:"):
        return _DIGEST, _DIGEST
    if image and ("/" in value or ":" in value):
        found = parse_image(value)
        return (f"{found.name}@{_DIGEST}", _DIGEST) if found.digest else (f"{found.name}:{WORD}", WORD)
    return WORD, WORD


def _written(new: str, spot: _Spot, rendered: object) -> str:
    if spot.style in ("'", '"'):
        return f"{spot.style}{new}{spot.style}"
    if spot.style in ("|", ">"):
        return f'"{new}"'
    return new


def _spot(text: str, where: Where, rendered: str) -> _Spot | None:
    lines = _starts(text)
    if not 0 < where.line <= len(lines):
        return None
    if (
        (where.line, where.column) == (1, 1)
        and len(text) > 1
        and text.strip() in (rendered.strip(), _decoded(rendered))
    ):
        return _Spot(0, len(text), text)
    at = lines[where.line - 1] + where.column - 1
    return _at(text, at, where.line, where.column)


def _at(text: str, at: int, line: int, column: int) -> _Spot | None:
    """The scalar that begins at an offset, looked for in the YAML that other scalars hold, too."""
    try:
        stream = parse_text(text)
    except SyntaxProblem:
        return None
    for scalar in (s for d in stream.documents for s in scalars(d)):
        if scalar.start == at:
            return _whole(stream, scalar)
        if scalar.start < at < scalar.end:
            return _within(text, scalar, at, line, column)
    return None


def _is_env(path: str) -> bool:
    """By its name: such a file has a value a line, and may well be YAML, too."""
    return not path.endswith((".yaml", ".yml", ".json"))


def _line(text: str, where: Where) -> _Spot | None:
    at = _starts(text)[where.line - 1] + where.column - 1
    if not _ENV_LINE.match(text[at:]):
        return _Spot(0, len(text), text) if (where.line, where.column) == (1, 1) else None
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return _Spot(at, end, text[at:end], pair=True)


def _decoded(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace").strip()
    except ValueError:
        return text


def _whole(stream: Stream, scalar: Scalar) -> _Spot | None:
    if any(_is_key(d, scalar) for d in stream.documents):
        return None
    end = scalar.end
    if scalar.style in ("|", ">"):  # up to the last line that is not empty
        end = scalar.start + len(stream.text[scalar.start : end].rstrip())
    return _Spot(scalar.start, end, scalar.value, scalar.style, pair=any(_listed(d, scalar) for d in stream.documents))


def _within(text: str, outer: Scalar, at: int, line: int, column: int) -> _Spot | None:
    """A scalar of YAML within a scalar: a block, or one line that stands there as it is."""
    written = text[outer.start : outer.end]
    if outer.style == "|":
        rows = written.split("\n")[1:]
        indent = min((len(r) - len(r.lstrip(" ")) for r in rows if r.strip()), default=0)
        row, col, indents = line - outer.line, column - indent, indent
    else:
        begin = written.find(outer.value)
        if begin < 0 or "\n" in written:
            return None
        row, col, indents = 1, column - outer.column - begin + 1, 0
    starts = _starts(outer.value)
    if not 0 < row <= len(starts):
        return None
    inner_at = starts[row - 1] + col - 1
    inner = _at(outer.value, inner_at, row, col)
    if inner is None:
        return None
    breaks = outer.value.count("\n", inner.start, inner.end)
    end = at + (inner.end - inner.start) + breaks * indents
    return _Spot(at, end, inner.value, inner.style, inner.pair)


def _starts(text: str) -> list[int]:
    out = [0]
    for match in re.finditer("\n", text):
        out.append(match.end())
    return out


def _walk(value: Value | None, seen: set[int]) -> list[Value]:
    if value is None or id(value) in seen:
        return []
    seen.add(id(value))
    below = value.items if isinstance(value, Sequence) else [v for _, v in getattr(value, "items", [])]
    return [value, *(found for item in below for found in _walk(item, seen))] if not isinstance(value, Scalar) else []


def _is_key(document: Value | None, scalar: Scalar) -> bool:
    return any(key is scalar for node in _walk(document, set()) if isinstance(node, Mapping) for key, _ in node.items)


def _listed(document: Value | None, scalar: Scalar) -> bool:
    """Whether it is an item of a `literals:` list: a key and its value in one."""
    return any(
        item is scalar
        for node in _walk(document, set())
        if isinstance(node, Mapping)
        for key, below in node.items
        if key.value in ("literals", "literalSources") and isinstance(below, Sequence)
        for item in below.items
    )
