"""Documents put into a file, or taken out of it: everything from one `---` to the next."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fairlead.edit.nodes import Stream
from fairlead.edit.rows import entries
from fairlead.model.changes import Edit
from fairlead.model.errors import UneditableError
from fairlead.model.findings import Where

if TYPE_CHECKING:
    from fairlead.edit.entries import Text

_MARKER = re.compile(r"^\ufeff?(---)(?=[ \t\r\n]|\Z)", re.MULTILINE)
_DIRECTIVE = re.compile(r"^(?:%|\.\.\.(?=\s|\Z))", re.MULTILINE)


class Documents:
    """The documents of a file, and where each begins: with its `---`, if it has one."""

    def __init__(self, text: Text, stream: Stream) -> None:
        if _DIRECTIVE.search(text.text):
            raise UneditableError("the file has directives, or marks where a document ends", where=Where(text.path))
        self._text = text
        self._begins: list[int] = []
        self._marked: list[bool] = []
        at = 0
        for entry in entries(stream):
            markers = [m.start(1) for m in _MARKER.finditer(text.text, at, entry.value.start + 1)]
            self._marked.append(bool(markers))
            self._begins.append(markers[-1] if markers else int(text.text.startswith("\ufeff")))
            at = text.tail(entry.value)

    def _span(self, number: int) -> tuple[int, int]:
        ends = [*self._begins[1:], len(self._text.text)]
        return self._begins[number], ends[number]

    def body(self, number: int) -> tuple[str, str]:
        """The line that a document begins with, if it has one, and the rest, in lines that end alike."""
        begin, end = self._span(number)
        body = self._text.text[begin:end].replace("\r\n", "\n").removesuffix("\n") + "\n"
        if not self._marked[number]:
            return "", body
        line, _, rest = body.partition("\n")
        return line + "\n", rest

    def put(self, given: tuple[str, str], number: int, *, behind: bool) -> Edit:
        """A document put in behind or before another."""
        marker, body = given
        text, newline = self._text, self._text.newline
        if behind or not self._begins:
            at = self._span(number)[1] if self._begins else len(text.text)
            whole = ((marker or "---\n") + body).replace("\n", newline)
            if at and at == len(text.text) and not text.text.endswith("\n"):
                whole = newline + whole.removesuffix(newline)
            return text.edit(at, at, whole)
        begin = self._begins[number]
        whole = (marker or ("---\n" if number else "")) + body + ("" if self._marked[number] else "---\n")
        return text.edit(begin, begin, whole.replace("\n", newline))

    def cut(self, number: int) -> Edit:
        """A document taken out."""
        begin, end = self._span(number)
        text = self._text.text
        if end == len(text) and not text.endswith("\n") and number:
            begin -= 2 if text.endswith("\r\n", 0, begin) else 1
        return self._text.edit(begin, end, "")
