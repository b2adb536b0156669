"""A file's text by whole lines: where they begin, where a node ends."""

from __future__ import annotations

from fairlead.edit.nodes import Scalar, Sequence, Value
from fairlead.edit.splice import byte_edit
from fairlead.model.changes import Edit
from fairlead.model.errors import UneditableError
from fairlead.model.findings import Where


class Lines:
    """One file's text."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def edit(self, start: int, end: int, new: str) -> Edit:
        """An edit of the file, from offsets in its text."""
        return byte_edit(self.path, self.text, start, end, new)

    def refused(self, why: str, node: Value) -> UneditableError:
        """Why something can't be edited, with its place."""
        return UneditableError(why, where=Where(self.path, node.line, node.column))

    def line(self, at: int) -> int:
        """Where the line of an offset begins."""
        return self.text.rfind("\n", 0, at) + 1

    def below(self, at: int) -> int:
        """Where the line after an offset begins."""
        end = self.text.find("\n", at)
        return len(self.text) if end < 0 else end + 1

    def end(self, node: Value) -> int:
        """Where the line after the last one of a node begins."""
        return self.below(max(self.tail(node) - 1, 0))

    def tail(self, node: Value) -> int:
        """Where the last sign of a node stands; blank lines below a block string are not counted in."""
        if isinstance(node, Scalar):
            if node.style in ("|", ">"):
                return node.start + len(self.text[node.start : node.end].rstrip())
            return node.end
        if node.flow or not node.items:
            return node.end
        if isinstance(node, Sequence):
            return self.tail(node.items[-1])
        key, value = node.items[-1]
        return max(key.end + 1, self.tail(value))
