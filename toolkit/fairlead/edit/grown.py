"""The proof that an edit added, or removed, exactly one entry: by what the file says, not by its bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fairlead.edit.embedded import embedded
from fairlead.edit.nodes import Scalar, Stream, Value, expanded, parse
from fairlead.edit.rows import Container, entries
from fairlead.edit.scalars import is_string
from fairlead.edit.splice import apply
from fairlead.model.changes import Edit
from fairlead.model.errors import SyntaxProblem, UneditableError
from fairlead.model.findings import Where
from fairlead.model.values import dataclass

_LIMIT = 200_000
_Mark = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Growth:
    """An edit and what it does: `said` (see `say`) comes in before number `at` of the container; None: that goes.

    `order` tells several that come in at one place apart.
    """

    edit: Edit
    container: Container
    at: int
    said: Any = None
    order: int = 0


def say(stream: Stream, value: Value, name: str | None = None) -> Any:
    """What an entry says, comparable; YAML in block strings counts as YAML, for its indentation may change."""
    return _Sayings(stream, {}).entry(value, name)


def proved(data: bytes, target: Stream, growths: Iterable[Growth]) -> bytes:
    """The file with these edits, of which each did what it should.

    Raises:
        UneditableError: where the result would not parse, or would say something else.
    """
    wanted = list(growths)
    path = wanted[0].edit.path
    after = apply(data, (g.edit for g in sorted(wanted, key=lambda g: g.order)))
    grown: dict[_Mark, list[Growth]] = {}
    for growth in wanted:
        grown.setdefault(_mark(growth.container), []).append(growth)
    try:
        new = parse(after, path)
    except SyntaxProblem as problem:
        raise UneditableError(
            f"the edit would leave {path} unreadable: {problem.message}", where=problem.where
        ) from None
    if any(expanded(d, _LIMIT) >= _LIMIT for stream in (target, new) for d in stream.documents):
        raise UneditableError("its aliases make too much of it", where=Where(path))
    if _Sayings(target, grown).whole() != _Sayings(new, {}).whole():
        raise UneditableError("the edit would change more than this entry", where=Where(path))
    return after


def _mark(container: Container) -> _Mark:
    """What a container is found again by; inside a block string, which is parsed anew, too."""
    return (-1 if isinstance(container, Stream) else container.start), type(container).__name__


class _Sayings:
    """What a file says, with entries that are to come and without those that are to go."""

    def __init__(self, stream: Stream, growths: dict[_Mark, list[Growth]]) -> None:
        self._stream = stream
        self._growths = growths

    def whole(self) -> Any:
        return self._of(self._stream)

    def entry(self, value: Value, name: str | None) -> Any:
        said = self._of(value)
        return said if name is None else (name, said)

    def _of(self, node: Container | Scalar) -> Any:
        if isinstance(node, Scalar):
            inner = embedded(self._stream.text, node) if node.style == "|" else None
            if inner is not None:
                return "block", tuple(map(self._of, inner))
            return node.value, bool(node.style) or is_string(node.value), node.tag
        rows = [self.entry(e.value, None if e.key is None else e.key.value) for e in entries(node)]
        growths = self._growths.get(_mark(node), ())
        for growth in sorted(growths, key=lambda g: (g.at, g.said is None, g.order), reverse=True):
            rows[growth.at : growth.at + (growth.said is None)] = [] if growth.said is None else [growth.said]
        return type(node).__name__, tuple(rows)
