"""Entries put into a file, or taken out of it, as whole lines.

A function gives an edit with what it does, or raises UneditableError with the reason. Comments that belong to an
entry come along: those right above it at its own indentation, and those right below it that are indented deeper.
So does the space between it and the one before. Nothing is guessed: `grown.proved` reads the result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.edit import flow
from fairlead.edit.documents import Documents
from fairlead.edit.grown import Growth, say
from fairlead.edit.lines import Lines
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Stream, Value
from fairlead.edit.rows import Container, Entry, Rows, entries, neighbour, place
from fairlead.model.changes import Edit

_KEPT = re.compile(r"[|>]\d?\+")


def inserted(path: str, source: Stream, target: Stream, rows: Rows, value: Value) -> Growth:
    """An entry of the source put into the target's container, beside the same neighbour."""
    there = entries(rows.target)
    entry = entries(rows.source)[place(entries(rows.source), value)]
    beside = neighbour(rows, value)
    number, behind = beside if beside is not None else (len(there) - 1, True)
    at = number + behind if there else 0
    edit = _insertion(path, source, target, rows, entry, number if there else None, behind=behind)
    name = None if entry.key is None else entry.key.value
    return Growth(edit, rows.target, at, say(source, value, name), value.start)


def removed(path: str, target: Stream, container: Container, value: Value) -> Growth:
    """An entry of the target taken out."""
    among, text = entries(container), Text(path, target)
    number = place(among, value)
    entry = among[number]
    text.refuse_shared(container, entry)
    if len(among) == 1:
        raise text.refused("it is the last one: what holds it would be left empty", value)
    if isinstance(container, Stream):
        edit = Documents(text, container).cut(number)
    elif container.flow:
        edit = flow.cut(text, among, number)
    else:
        edit = text.cut(among, number)
    return Growth(edit, container, number, None)


def _insertion(
    path: str, source: Stream, target: Stream, rows: Rows, entry: Entry, number: int | None, *, behind: bool
) -> Edit:
    given, text = Text(path, source), Text(path, target)
    given.refuse_shared(rows.source, entry)
    text.refuse_shared(rows.target, None)
    if isinstance(rows.source, Stream) or isinstance(rows.target, Stream):
        assert isinstance(rows.source, Stream)
        assert isinstance(rows.target, Stream)
        body = Documents(given, rows.source).body(place(entries(rows.source), entry.value))
        return Documents(text, rows.target).put(body, number or 0, behind=behind)
    among = entries(rows.target)
    if rows.target.flow or number is None:
        one = flow.spelled(given, entry, in_flow=rows.source.flow, path=path)
        return flow.put(text, rows.target, among, one, number, behind=behind)
    if rows.source.flow:
        lines = [flow.raw(given, entry)]
        gap = 0
    else:
        lines, gap = given.taken(entries(rows.source), place(entries(rows.source), entry.value))
        lines = text.restyled(lines, entry, given, rows.target)
    return text.put(lines, gap, among, number, behind=behind)


class Text(Lines):
    """A file's text, and how entries of block style stand in it."""

    def __init__(self, path: str, stream: Stream) -> None:
        super().__init__(path, stream.text)
        self.stream = stream

    def refuse_shared(self, container: Container, entry: Entry | None) -> None:
        """Raise where an anchor or alias would be copied, cut or changed twice, or a key is there twice."""
        if not isinstance(container, Stream):
            if container.shared:
                raise self.refused("it stands behind an alias, which is used elsewhere", container)
            names = [key.value for key, _ in container.items] if isinstance(container, Mapping) else []
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise self.refused(f"the key {twice!r} stands there twice", container)
        if entry is not None and any(below.shared for below in _below(entry.value)):
            raise self.refused("it has an anchor or an alias, which means nothing elsewhere", entry.value)

    def tail(self, node: Value) -> int:
        """Where a node ends; a block string that keeps its last blank lines ends below them."""
        if isinstance(node, Scalar) and node.style in ("|", ">") and _KEPT.match(self.text, node.start):
            return node.end
        return super().tail(node)

    def first(self, entry: Entry) -> int:
        """Where an entry begins: its key, or its dash."""
        if entry.key is not None:
            at = entry.key.start
            if self.text[self.line(at) : at].strip(" -\ufeff"):
                raise self.refused("its key does not begin a line", entry.key)
            return at
        at = self.text.rfind("-", 0, entry.value.start)
        if at < 0 or self.text[at + 1 : entry.value.start].strip() or self.text[self.line(at) : at].strip(" -\ufeff"):
            raise self.refused("this entry does not begin a line", entry.value)
        return at

    def column(self, entry: Entry) -> int:
        """How far an entry is indented."""
        at = self.first(entry)
        return at - self.line(at) - self.text.startswith("\ufeff", self.line(at))

    def head(self, among: list[Entry], number: int) -> int:
        """Where an entry begins with the comments above it; one that does not begin its line has none."""
        at = self.first(among[number])
        begin = self.line(at)
        if self.text[begin:at].strip():
            return at if self.text[begin:at].strip("\ufeff") else begin + 1
        column, top = self.column(among[number]), begin
        while top:
            above = self.line(top - 1)
            words = self.text[above:top].strip("\ufeff\r\n")
            if not words.startswith(" " * column + "#"):
                break
            top = above
        title = number == 0 and column == 0 and (not top or self.text[self.line(top - 1) : top].startswith("---"))
        return begin if title and top != begin else top

    def foot(self, entry: Entry) -> int:
        """Where the line after an entry begins, deeper comments right below it counted in."""
        at, column = self.end(entry.value), self.column(entry)
        while at < len(self.text):
            words = self.text[at : self.below(at)]
            bare = words.lstrip(" ")
            if not bare.startswith("#") or len(words) - len(bare) <= column:
                break
            at = self.below(at)
        return at

    def end(self, node: Value) -> int:
        """Where the line after the last one of a node begins; an empty value ends with its key's or dash's line."""
        return self.below(max(self.tail(node) - 1, 0))

    def gap(self, at: int) -> int:
        """Where the blank lines above a line begin."""
        while at:
            above = self.line(at - 1)
            if self.text[above:at].strip():
                break
            at = above
        return at

    def taken(self, among: list[Entry], number: int) -> tuple[list[str], int]:
        """An entry's lines, the first without its indentation, and how many blank ones part it from the others."""
        head, foot = self.head(among, number), self.foot(among[number])
        column, begin = self.column(among[number]), self.first(among[number])
        lines = [line.removesuffix("\r") for line in self.text[head:foot].removesuffix("\n").split("\n")]
        whole = 0 if head < begin else 1  # one that begins behind a dash has no whole first line
        lines[whole:] = [_shifted(line, -column, self, among[number].value) for line in lines[whole:]]
        return lines, self._parting(among, number, head, foot)

    def _parting(self, among: list[Entry], number: int, head: int, foot: int) -> int:
        if number and head == self.line(head):
            return self.text.count("\n", max(self.gap(head), self.foot(among[number - 1])), head)
        if number + 1 < len(among):
            below = self.head(among, number + 1)
            return self.text.count("\n", max(self.gap(below), foot), below) if below == self.line(below) else 0
        return 0

    def restyled(self, lines: list[str], entry: Entry, given: Text, container: Mapping | Sequence) -> list[str]:
        """The lines of a key whose list is indented as lists are in this file."""
        if entry.key is None or not isinstance(entry.value, Sequence) or entry.value.flow or not entry.value.items:
            return lines
        own = given.column(Entry(entry.value.items[0])) - given.column(entry)
        styles = self._styles(container) or self._styles(self.stream.first())
        if not styles or own in styles:
            return lines
        number = next((n for n, line in enumerate(lines) if line and not line.startswith(("#", " "))), 0)
        body = [_shifted(line, styles[0] - own, given, entry.value) for line in lines[number + 1 :]]
        return [*lines[: number + 1], *body]

    def _styles(self, container: Mapping | Sequence | None) -> list[int]:
        """How far lists are indented below their keys, here."""
        if not isinstance(container, Mapping) or container.flow:
            return []
        return [
            self.column(Entry(value.items[0])) - self.column(Entry(value, key))
            for key, value in container.items
            if isinstance(value, Sequence) and not value.flow and value.items and not value.shared
        ]

    def put(self, lines: list[str], gap: int, among: list[Entry], number: int, *, behind: bool) -> Edit:
        """Lines put in behind or before one of the entries, indented as they are."""
        column = self.column(among[number])
        lines = [(" " * column + line) if line else line for line in lines]
        if behind:
            at = self.foot(among[number])
            newline = self._newline(at)
            body = newline.join([*[""] * gap, *lines]) + newline
            if at == len(self.text) and not self.text.endswith("\n"):
                body = newline + body.removesuffix(newline)
            return self.edit(at, at, body)
        at = self.head(among, number)
        newline = self._newline(self.below(at))
        body = newline.join([*lines, *[""] * gap]) + newline
        if self.text[self.line(at) : at].strip("\ufeff"):  # behind a dash
            body = body[column:] + " " * column
        return self.edit(at, at, body)

    def _newline(self, at: int) -> str:
        """How the line above ends."""
        if self.text.endswith("\r\n", 0, at):
            return "\r\n"
        return "\n" if self.text.endswith("\n", 0, at) else self.newline

    def cut(self, among: list[Entry], number: int) -> Edit:
        """An entry's lines taken out, with its comments and the space that parts it from the others."""
        head, foot = self.head(among, number), self.foot(among[number])
        if self.text[self.line(head) : head].strip("\ufeff"):  # behind a dash, which stays
            following = among[number + 1].first.start if number + 1 < len(among) else foot
            if self.text[foot:following].strip():
                raise self.refused("a comment would go with it", among[number].first)
            return self.edit(head, following, "")
        if number:
            head = min(head, max(self.gap(head), self.foot(among[number - 1])))
        elif number + 1 < len(among):
            below = self.head(among, number + 1)
            foot = max(foot, below) if below == self.line(below) and self.gap(below) <= foot else foot
        if foot == len(self.text) and not self.text.endswith("\n") and head:
            head -= 2 if self.text.endswith("\r\n", 0, head) else 1
        return self.edit(head, foot, "")


def _below(value: Value) -> Iterator[Value]:
    yield value
    for entry in entries(value) if not isinstance(value, Scalar) else ():
        yield entry.first
        if not value.shared:
            yield from _below(entry.value)


def _shifted(line: str, by: int, text: Text, node: Value) -> str:
    """A line indented more or less; blank ones keep what they have too much or too little of it."""
    if by >= 0:
        return " " * by + line if line else line
    room = len(line) - len(line.lstrip(" "))
    if room < -by and line.strip() and not line.lstrip().startswith("#"):
        raise text.refused("its indentation can't be changed without a guess", node)
    return line[min(-by, room) :]
