"""The line that a finding is about, as a terminal can show it, and where in it the caret stands."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from fairlead.model.findings import Finding
from fairlead.model.values import dataclass
from fairlead.report.findings.report import Rule
from fairlead.report.visible import clean

_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # where YAML's lines end
_TAB, _CUT = "    ", "…"
_LONGEST = 100_000  # letters of a line that are looked at; what lies further right is not shown


@dataclass(frozen=True)
class Excerpt:
    """Clean text, and the column of the caret from 0; None where there is no place for one."""

    text: str
    caret: int | None


class Lines:
    """The lines of files, one file at a time: findings come by file. `read` is asked only for what is shown."""

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self._read = read
        self._path = ""
        self._lines: list[str] = []

    def of(self, finding: Finding, rule: Rule, room: int) -> Excerpt | None:
        """What to show of a finding's line in that many columns; None where it is not known, empty, or secret."""
        line = finding.where.line
        if not line or not rule.quotes or finding.subject.startswith("Secret/"):
            return None
        if finding.where.path != self._path:
            self._path = finding.where.path
            data = self._read(self._path)
            text = "" if data is None or b"\0" in data else data.decode("utf-8", "surrogateescape")
            self._lines = _BREAK.split(text.removeprefix("\ufeff"))
        if line > len(self._lines) or self._lines[line - 1].strip() in ("", "---"):
            return None
        return excerpt(self._lines[line - 1], finding.where.column, room)


def excerpt(line: str, column: int, room: int) -> Excerpt:
    """A line around a column (from 1, in characters; 0 for none), cut so that it takes at most `room` columns."""
    line = line[:_LONGEST]
    text, before = _flat(line), _flat(line[: max(column - 1, 0)])
    known = 0 < column <= len(line) + 1 and text.startswith(before)  # else a token was hidden around it
    caret = columns(before) if known else None
    first = _first_shown(caret or 0, columns(text), room)
    head, text = _split(text, first)
    if head:
        text, caret = _CUT + text, None if caret is None else caret - columns(head) + 1
    if columns(text) > room:
        text = _split(text, room - 1)[0] + _CUT
    return Excerpt(text, caret)


def _flat(line: str) -> str:
    return clean(line).replace("\t", _TAB).rstrip("\n")


def _first_shown(caret: int, width: int, room: int) -> int:
    """The column that a cut line begins with: what stands before the caret tells what it belongs to."""
    if width <= room or caret < room * 2 // 3:
        return 0
    return min(caret - room // 3, width - room + 2)


def _split(text: str, width: int) -> tuple[str, str]:
    """Text in two, the first of at most so many columns."""
    if text.isascii():
        return text[:width], text[width:]
    used = 0
    for at, letter in enumerate(text):
        used += columns(letter)
        if used > width:
            return text[:at], text[at:]
    return text, ""


def columns(text: str) -> int:
    """How many columns of a terminal clean text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(letter: str) -> int:
    if unicodedata.east_asian_width(letter) in "WF":
        return 2
    return 0 if unicodedata.category(letter) in ("Mn", "Me", "Cf") else 1
