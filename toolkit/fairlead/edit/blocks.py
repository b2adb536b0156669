"""Lists and maps of block-style YAML edited by whole lines: comments, blank lines, quotes and line ends stay.

A function gives edits, or raises UneditableError where lines can't be moved without a guess (flow style, anchors,
a comment that would go with what is removed).
"""

from __future__ import annotations

import re

from fairlead.edit.lines import Lines
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Stream, Value
from fairlead.model.changes import Edit
from fairlead.model.errors import UneditableError
from fairlead.model.findings import Where

_HINTED = re.compile(r"[|>][-+]?[0-9]")


class Blocks(Lines):
    """One file, and the block map that its first document is."""

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream.text)
        body = stream.first()
        if body is None or body.flow:
            raise UneditableError("it is not written in block style", where=Where(path, 1, 1))
        self.body = body

    def entry(self, name: str) -> tuple[Scalar, Value] | None:
        """A key of the map and its value; what stands twice, or is shared, is nobody's to move."""
        found = [(key, value) for key, value in self.body.items if key.value == name]
        if not found:
            return None
        key, value = found[0]
        if len(found) > 1:
            raise self.refused(f"`{name}` stands twice", found[1][0])
        if value.shared or self.text[self.line(key.start) : key.start].strip("\ufeff"):
            raise self.refused(f"`{name}` has an anchor, or does not begin its line", key)
        return key, value

    def listed(self, name: str) -> tuple[Scalar, Sequence] | None:
        """A key whose value is a list with entries, in block style."""
        found = self.entry(name)
        if found is None:
            return None
        key, value = found
        if not isinstance(value, Sequence) or value.flow or not value.items:
            raise self.refused(f"`{name}` is not a list in block style", value)
        return key, value

    def dash(self, item: Value) -> int:
        """Where the dash of a list's entry stands; it begins its line."""
        at = self.text.rfind("-", 0, item.start)
        if at < 0 or self.text[at + 1 : item.start].strip() or self.text[self.line(at) : at].strip():
            raise self.refused("this entry does not begin a line", item)
        return at

    def indent(self, item: Value) -> int:
        """How far the dash of an entry is indented."""
        at = self.dash(item)
        return at - self.line(at)

    def style(self) -> int:
        """How far lists are indented in this file."""
        for _, value in self.body.items:
            if isinstance(value, Sequence) and not value.flow and value.items:
                return self.indent(value.items[0])
        return 0

    def renamed(self, key: Scalar, new: str) -> Edit:
        """The key under another name."""
        return self.edit(key.start, key.end, new)

    def without(self, name: str, *items: Value) -> tuple[Edit, ...]:
        """A list without some of its entries; without the list, where nothing is left of it."""
        found = self.listed(name)
        if found is None:
            return ()
        key, value = found
        if len(items) == len(value.items):
            return (self._cut(self.line(key.start), key.end, value),)
        return tuple(self._cut(self.line(self.dash(item)), item.start, item) for item in items)

    def unpaired(self, mapping: Mapping, name: str) -> tuple[Edit, ...]:
        """A map in block style without one of its keys, which has other keys beside it."""
        key, value = mapping.key(name), mapping.get(name)
        if key is None or value is None:
            return ()
        if mapping.flow or mapping.shared or value.shared or self.text[self.line(key.start) : key.start].strip():
            raise self.refused(f"`{name}` does not begin its line, or is shared", key)
        return (self._cut(self.line(key.start), key.end, value),)

    def _cut(self, start: int, begin: int, node: Value) -> Edit:
        end = self.end(node)
        if self.comment(begin, end, node):
            raise self.refused("a comment would go with it", node)
        return self.edit(start, end, "")

    def comment(self, start: int, end: int, node: Value) -> bool:
        """Whether these lines hold a comment."""
        from fairlead.edit.nodes import scalars

        rest, at = [], start
        for scalar in sorted(scalars(node), key=lambda s: s.start):
            rest.append(self.text[at : scalar.start])
            at = max(at, scalar.end if scalar.style not in ("|", ">") else self.tail(scalar))
        return "#" in "".join((*rest, self.text[at:end]))

    def lines(self, key: Scalar, value: Value, indent: int) -> tuple[str, int]:
        """A value's lines, as they stand below their key, so indented; and where they end.

        A comment on the key's own line becomes the first of them.
        """
        begin, end = self.below(key.end), self.end(value)
        head = self.text[key.end : begin].strip().removeprefix(":").strip()
        if head and not head.startswith("#"):
            raise self.refused("its value begins on the line of its key", value)
        raw = self.text[begin:end]
        if raw and not raw.endswith("\n"):
            raw += self.newline
        first = value.items[0] if isinstance(value, Sequence) else value
        old = self.indent(first) if isinstance(value, Sequence) else value.column - 1
        comment = " " * indent + head + self.newline if head else ""
        return comment + self.shifted(raw, indent - old, value), end

    def shifted(self, raw: str, by: int, node: Value) -> str:
        """Lines indented more or less."""
        if by and (_HINTED.search(raw) or "\t" in raw):
            raise self.refused("its indentation can't be changed without a guess", node)
        out = []
        for line in raw.splitlines(keepends=True):
            if not line.strip() or not by:
                out.append(line)
            elif by > 0:
                out.append(" " * by + line)
            elif line[:-by].strip() and not line.lstrip().startswith("#"):
                raise self.refused("its indentation can't be changed without a guess", node)
            else:
                out.append(line[min(-by, len(line) - len(line.lstrip(" "))) :])
        return "".join(out)

    def inserted(self, at: int, lines: str) -> Edit:
        """Whole lines put in where a line begins, or after a last line that doesn't end."""
        if at == len(self.text) and self.text and not self.text.endswith("\n"):
            lines = self.newline + lines.removesuffix(self.newline)
        return self.edit(at, at, lines)

    def moved(self, name: str, target: str, lines: str = "", *, first: bool = False) -> tuple[Edit, ...]:
        """The entries of one list put behind those of another (`first`: before them), and the key removed.

        Where there is no such other list, the key changes its name. `lines`, if any, stand for the entries.
        """
        found, other = self.listed(name), self.listed(target) if self.entry(target) is not None else None
        if found is None:
            return ()
        key, value = found
        if other is None:
            begin, end = self.below(key.end), self.end(value)
            body = (self.edit(begin, end, lines),) if lines else ()
            return (self.renamed(key, target), *body)
        where, into = other
        indent = self.indent(into.items[0])
        taken, end = self.lines(key, value, indent)
        if lines:
            taken = self.shifted(lines, indent - self.indent(value.items[0]), value)
        at = self.below(where.end) if first else self.end(into)
        return (self.inserted(at, taken), self.edit(self.line(key.start), end, ""))


def entries(node: Value | None) -> list[Mapping]:
    """The maps of a list."""
    return [item for item in node.items if isinstance(item, Mapping)] if isinstance(node, Sequence) else []
