"""YAML text as nodes that know where they stand.

PyYAML's C composer does the parsing (ruamel takes ten times as long); sizes, depth and aliases are capped
before and while it runs, because the text may be hostile: the C composer overflows its stack on deep nesting.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import field
from functools import lru_cache
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from fairlead.model.errors import ExcessProblem, SyntaxProblem
from fairlead.model.findings import Where
from fairlead.model.values import dataclass

MAX_BYTES = 4 * 1024 * 1024
MAX_DEPTH = 200
_BOM = "\ufeff"
_FLOW = re.compile(r"[\[\]{}]")
_RUN = re.compile(rf"(?:[-?:][ \t]+){{{MAX_DEPTH * 5},}}")
_CONFLICT = re.compile(r"(?m)^<{7} ")
SMALL = 64 * 1024
_NO_TOKEN = "found character that cannot start any token"
_STR = "tag:yaml.org,2002:str"

try:
    from yaml.cyaml import CParser as _Parser  # type: ignore[attr-defined]  # not exported by the stubs
except ImportError:  # pragma: no cover  a PyYAML without libyaml: slower, same nodes
    _Parser = None  # type: ignore[assignment,misc]  # the fallback below is used instead


@dataclass(slots=True)
class Scalar:
    """A leaf. `start:end` are offsets in characters, quotes and tags included; line and column count from 1.

    `style` is `""` for plain, else the quote or block sign. `shared` tells an alias, an anchor's node that
    aliases use, or anything below one: editing it would change two places.
    """

    value: str
    start: int
    end: int
    line: int
    column: int
    style: str = ""
    tag: str = ""
    shared: bool = False


@dataclass(slots=True)
class Mapping:
    """A map, in the order of the text; duplicate keys stay."""

    items: list[tuple[Scalar, Value]]
    start: int
    end: int
    line: int
    column: int
    flow: bool = False
    shared: bool = False

    def get(self, key: str) -> Value | None:
        """The value of a key; the last one where it is duplicated, as YAML libraries take it."""
        found: Value | None = None
        for name, value in self.items:
            if name.value == key:
                found = value
        return found

    def key(self, key: str) -> Scalar | None:
        """The node of a key."""
        return next((name for name, _ in self.items if name.value == key), None)


@dataclass(slots=True)
class Sequence:
    """A list."""

    items: list[Value]
    start: int
    end: int
    line: int
    column: int
    flow: bool = False
    shared: bool = False


Value = Scalar | Mapping | Sequence


@dataclass(slots=True)
class Duplicate:
    """A key that stands twice in one map."""

    key: str
    first: Scalar
    second: Scalar


@dataclass(slots=True)
class Stream:
    """A parsed file: the text as decoded, its documents (None for an empty one), and duplicate keys."""

    text: str
    documents: list[Value | None]
    duplicates: list[Duplicate] = field(default_factory=list)

    def first(self) -> Mapping | None:
        """The first document, if it is a map."""
        head = next((d for d in self.documents if d is not None), None)
        return head if isinstance(head, Mapping) else None


def decode(data: bytes, path: str) -> str:
    """Bytes as text. Raises SyntaxProblem for what is too large or not UTF-8; a byte order mark stays."""
    if len(data) > MAX_BYTES:
        raise ExcessProblem(
            f"{path} has {len(data)} bytes; more than {MAX_BYTES} are not read as YAML",
            where=Where(path, 1, 1),
            remedy="split the file, or move the large value out of YAML",
        )
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise SyntaxProblem(
            f"{path} is not UTF-8: byte 0x{data[error.start]:02x}",
            where=Where(path, line, column),
            remedy="save the file as UTF-8",
        ) from None
    return text


def refuse_depth(text: str, path: str = "") -> None:
    """Raise ExcessProblem for text that looks as if it nests very deep, before another parser is given it.

    It counts signs, so it may be led astray; `parse` counts the levels themselves.
    """
    depth = 0
    for match in _FLOW.finditer(text):
        if match[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH * 5:  # brackets inside strings count too, so the cap is generous
                raise _too_deep(_place(text, match.start(), path))
        elif depth:
            depth -= 1
    run = _RUN.search(text)
    if run is not None:
        raise _too_deep(_place(text, run.start(), path))


def _place(text: str, at: int, path: str) -> Where:
    return Where(path, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


def _too_deep(where: Where) -> ExcessProblem:
    return ExcessProblem(
        f"{where.path} nests more than {MAX_DEPTH} levels",
        where=where,
        remedy="this is not a file that kustomize should be given",
    )


class _Composer(_Parser if _Parser is not None else yaml.SafeLoader):  # type: ignore[misc]  # see above
    """Composes nodes without resolving types, which takes half of the time, and counts how deep they lie."""

    def __init__(self, text: str, path: str) -> None:
        super().__init__(text)
        self._path = path
        self._depth = 0

    def resolve(self, _kind: Any, _value: Any, _implicit: Any) -> str:
        return _STR

    def descend_resolver(self, above: Node | None, _index: Any) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH and above is not None:  # 20,000 levels overflow the C stack
            raise _too_deep(Where(self._path, above.start_mark.line + 1, above.start_mark.column + 1))

    def ascend_resolver(self) -> None:
        self._depth -= 1


class _Flat(_Parser if _Parser is not None else yaml.SafeLoader):  # type: ignore[misc]  # see above
    """Composes text that can't be deep without counting; half of the time goes into being asked per node.

    libyaml calls these for each node, and only plain builtins cost nothing. What stands for a resolved tag
    is no text, an explicit tag is.
    """

    descend_resolver = operator.is_
    ascend_resolver = {}.clear
    resolve = slice


LEVELS = ":-?[{"  # no collection begins without one of these


def _composer(text: str, path: str) -> Any:
    if sum(map(text.count, LEVELS)) < MAX_DEPTH and _Parser is not None:
        return _Flat(text)
    return _Composer(text, path)


def parse(data: bytes, path: str = "") -> Stream:
    """Parse a YAML (or JSON) file. Nobody changes what it gives: the last few are remembered.

    Raises:
        SyntaxProblem: with the place, for anything that is not YAML, not UTF-8, too large or too deep.
    """
    return _parsed(data, path) if len(data) <= SMALL else parse_text(decode(data, path), path)


@lru_cache(maxsize=8)
def _parsed(data: bytes, path: str) -> Stream:
    return parse_text(decode(data, path), path)


def parse_text(text: str, path: str = "") -> Stream:
    """Parse text that is decoded already; see `parse`."""
    shift = 1 if text.startswith(_BOM) else 0
    body = text[shift:] if shift else text
    builder = _Builder(shift, shares="&" in text)
    try:
        loader = _composer(body, path)
        try:
            documents: list[Value | None] = []
            while loader.check_node():
                node = loader.get_node()
                documents.append(None if node is None else builder.document(node))
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Where(path, mark.line + 1, mark.column + 1) if mark is not None else Where(path, 1, 1)
        told = error.problem or error.context
        if told == "exceeded maximum nesting depth":  # libyaml has a limit of its own, since PyYAML 6.0.4
            raise _too_deep(where) from None
        conflict = _CONFLICT.search(body)
        if conflict is not None:
            raise SyntaxProblem(
                "not YAML: the marks of a merge conflict",
                where=_place(body, conflict.start(), path),
                remedy="keep one of the two sides, and remove the lines of <<<<<<<, ======= and >>>>>>>",
            ) from None
        if told == _NO_TOKEN and mark is not None and body[mark.index : mark.index + 1] == "\t":
            raise SyntaxProblem(
                "not YAML: a tab where only spaces may be", where=where, remedy="indent with spaces"
            ) from None
        if told == "second occurrence" and error.context_mark is not None:
            told = f"an anchor of this name stands at line {error.context_mark.line + 1} already"
        raise SyntaxProblem(f"not YAML: {told}", where=where, remedy="mend the YAML at this place") from None
    except yaml.reader.ReaderError as error:
        at = error.position if isinstance(error.position, int) else 0
        raise SyntaxProblem(
            f"not YAML: {error.reason}",
            where=_place(body, at, path),
            remedy="remove the control character",
        ) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise SyntaxProblem(f"not YAML: {error}", where=Where(path, 1, 1), remedy="mend the YAML") from None
    return Stream(text, documents, builder.duplicates)


class _Builder:
    """Turns PyYAML's nodes into ours. Without an anchor, no node can be met twice."""

    def __init__(self, shift: int, *, shares: bool) -> None:
        self._shift = shift
        self._shares = shares
        self._seen: dict[int, Value] = {}
        self._keep: list[Node] = []  # ids stay unique only while the nodes live
        self.duplicates: list[Duplicate] = []

    def document(self, node: Node) -> Value:
        self._seen.clear()
        self._keep.append(node)
        return self._value(node)

    def _value(self, node: Node) -> Value:
        known = self._seen.get(id(node)) if self._shares else None
        if known is not None:
            _mark_shared(known)
            return known
        mark = node.start_mark
        start, end = mark.index + self._shift, node.end_mark.index + self._shift
        line, column = mark.line + 1, mark.column + 1
        value: Value
        if isinstance(node, ScalarNode):
            said: Any = node.tag
            tag = said if isinstance(said, str) and said != _STR else ""
            style = node.style
            value = Scalar(node.value, start, end, line, column, style.strip() if style else "", tag)
            if self._shares:
                self._seen[id(node)] = value
        elif isinstance(node, SequenceNode):
            value = Sequence([], start, end, line, column, bool(node.flow_style))
            if self._shares:
                self._seen[id(node)] = value
            value.items.extend([self._value(item) for item in node.value])
        elif isinstance(node, MappingNode):
            value = Mapping([], start, end, line, column, bool(node.flow_style))
            if self._shares:
                self._seen[id(node)] = value
            self._fill(value, node)
        else:  # pragma: no cover  PyYAML has no other nodes
            raise TypeError(type(node))
        return value

    def _fill(self, mapping: Mapping, node: MappingNode) -> None:
        first: dict[str, Scalar] = {}
        value, items = self._value, mapping.items
        for key_node, value_node in node.value:
            key = value(key_node)
            if isinstance(key, Scalar):
                before = first.setdefault(key.value, key)
                if before is not key and key.value != "<<":
                    self.duplicates.append(Duplicate(key.value, before, key))
            else:  # a complex key: kept by its place, never a field of ours
                key = Scalar("?", key.start, key.end, key.line, key.column, shared=True)
                first.setdefault(key.value, key)
            items.append((key, value(value_node)))


def _mark_shared(value: Value) -> None:
    if value.shared:
        return
    value.shared = True
    if isinstance(value, Sequence):
        for item in value.items:
            _mark_shared(item)
    elif isinstance(value, Mapping):
        for key, item in value.items:
            key.shared = True
            _mark_shared(item)


def refuse_twice(stream: Stream) -> None:
    """Make what stands under a key that stands twice in its map uneditable: readers differ in which one counts."""
    if not stream.duplicates:
        return
    keys = {id(key) for twice in stream.duplicates for key in (twice.first, twice.second)}
    stack: list[Value | None] = list(stream.documents)
    while stack:
        node = stack.pop()
        if isinstance(node, Sequence):
            stack += node.items
        elif isinstance(node, Mapping):
            for key, item in node.items:
                _mark_shared(item) if id(key) in keys else stack.append(item)


def scalars(value: Value | None) -> Iterator[Scalar]:
    """All scalars below a node, keys included, in the order of the text; shared nodes once."""
    seen: set[int] = set()
    stack: list[Value | None] = [value]
    while stack:
        node = stack.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Sequence):
            stack.extend(reversed(node.items))
        else:
            for key, item in reversed(node.items):
                stack += (item, key)


def expanded(value: Value | None, limit: int = 200_000) -> int:
    """How many values a reader without caps makes of a node, aliases written out; counting stops at `limit`."""
    sizes: dict[int, int] = {}

    def size(node: Value | None) -> int:
        if node is None or isinstance(node, Scalar):
            return 1
        if id(node) not in sizes:
            sizes[id(node)] = limit  # a node that holds itself never ends
            below = node.items if isinstance(node, Sequence) else [item for _, item in node.items]
            sizes[id(node)] = min(limit, 1 + sum(map(size, below)))
        return sizes[id(node)]

    return size(value)


def unfolded(value: Value | None, leaf: Callable[[Scalar], Any], path: str = "") -> Any:
    """The node as maps and lists of Python, each scalar by `leaf`; a shared node again at each of its uses.

    Raises:
        ExcessProblem: where aliases make more than 100,000 values of it, or nest it without end.
    """
    budget = 100_000

    def go(node: Value | None, depth: int) -> Any:
        nonlocal budget
        budget -= 1
        if node is None:
            return None
        if budget < 0:
            raise ExcessProblem(
                "aliases expand to more than 100,000 values",
                where=Where(path, node.line, node.column),
                remedy="write the values out",
            )
        if depth > MAX_DEPTH:
            raise _too_deep(Where(path, node.line, node.column))
        if isinstance(node, Scalar):
            return leaf(node)
        if isinstance(node, Sequence):
            return [go(item, depth + 1) for item in node.items]
        return {key.value: go(item, depth + 1) for key, item in node.items}

    return go(value, 0)


def plain(value: Value | None, path: str = "") -> Any:
    """The node as plain Python values, every scalar a string; see `unfolded`."""
    return unfolded(value, lambda scalar: scalar.value, path)
