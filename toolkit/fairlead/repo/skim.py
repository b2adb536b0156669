"""What a kustomization refers to, skimmed from text that is plainly written: a tenth of what parsing it takes.

It gives what `graph` finds in the parsed file, or nothing: text with anything unusual in it has to be parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import field

from fairlead.edit.surely import has_form
from fairlead.model.values import dataclass

_LARGEST = 64 * 1024
_USUAL = bytes(set(range(0x20, 0x7F)) - set(b"&*\\")) + b"\n"  # the others may mean something wherever they stand
_DEEP = ("- - - - ", " " * 100)
# In the first column: a key, an entry of the list below one, a comment. Anything else is unusual there.
_MARGIN = re.compile(r"^(?!$| |#|- |[A-Za-z][\w.-]*:(?: |$))", re.MULTILINE)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_SECTION = re.compile(r"^([A-Za-z][\w.-]*):(?: +(.*))?$", re.MULTILINE)
_KEY = re.compile(r"([A-Za-z][\w.-]*):(?: +(.*))?")
_ENTRY = re.compile(r"( *)- +(.*)")
_VALUE = re.compile(r"(?:'([^']*)'|\"([^\"]*)\"|([\w./][^\s'\"#,\[\]{}:]*(?::[^\s'\"#,\[\]{}:]+)*)) *(?: #.*)?")
_ODD = ("openapi", "helmcharts")  # seldom met, and of another form
_NESTED = 20
_NOTHING = re.compile(r" *(?:#.*)?")


class _Unusual(Exception):  # noqa: N818  it is caught here
    """It has to be parsed."""


@dataclass
class Skimmed:
    """Whether it is a component, and what it names, in order, as it is written."""

    component: bool = False
    written: list[str] = field(default_factory=list)


def skim(data: bytes, lists: frozenset[str], patches: frozenset[str], generators: frozenset[str]) -> Skimmed | None:
    """What a kustomization names in these fields (in lower case): in lists, as paths of patches, in generators."""
    if len(data) > _LARGEST or data.translate(None, _USUAL):
        return None
    try:
        return _skimmed(data.decode("ascii"), lists, patches, generators)
    except _Unusual:
        return None


def _skimmed(text: str, lists: frozenset[str], patches: frozenset[str], generators: frozenset[str]) -> Skimmed:
    text = text.removeprefix("---\n")
    if any(sign in text for sign in _DEEP) or _MARGIN.search(text):
        raise _Unusual
    _refuse_open(text)
    if not has_form(text):
        raise _Unusual
    out = Skimmed()
    for key, inline, below in _sections(text):
        name = key.lower()
        if key != "kind" and name not in _ODD and name not in lists and name not in patches and name not in generators:
            continue
        body = _lines(below)
        if key == "kind":
            if body:
                raise _Unusual
            out.component = _value(inline) == "Component"
        elif name in lists:
            out.written += _list(inline, body)
        elif name in patches:
            named = list(_items(inline, body, ("path",), ()))
            out.written += [word for one in named if isinstance(one, dict) for word in one.get("path", ())]
            out.written += [one for one in named if isinstance(one, str)]
        elif name in generators:
            found = [one for one in _items(inline, body, ("env",), ("envs", "files")) if isinstance(one, dict)]
            out.written += [word for one in found for word in one.get("env", ())]
            out.written += [word for one in found for word in one.get("envs", ())]
            out.written += [word.split("=", 1)[-1] for one in found for word in one.get("files", ())]
        else:
            raise _Unusual
    return out


def _refuse_open(text: str) -> None:
    """What is opened in a line has to be closed in it."""
    for quote in "\"'":
        if quote in text and any(line.count(quote) % 2 for line in text.split("\n")):
            raise _Unusual
    for begin, end in ("[]", "{}"):
        if begin in text or end in text:
            for line in _QUOTED.sub("", text).split("\n"):
                if line.count(begin) != line.count(end) or line.count(begin) > _NESTED:
                    raise _Unusual


def _sections(text: str) -> Iterator[tuple[str, str, str]]:
    """(key, what stands behind it, the lines below it) of a map that begins in the first column."""
    found = list(_SECTION.finditer(text))
    if not found or any(_lines(text[: found[0].start()])):
        raise _Unusual
    for at, now in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(text)
        yield now[1], now[2] or "", text[now.end() : end]


def _lines(text: str) -> list[str]:
    """Its lines, without comments and what is empty."""
    return [line for line in text.split("\n") if line.lstrip(" ")[:1] not in ("", "#")]


def _value(text: str) -> str:
    """A value on one line."""
    found = _VALUE.fullmatch(text)
    if found is None:
        raise _Unusual
    return next((part for part in found.groups() if part is not None), "")


def _list(inline: str, body: Sequence[str]) -> list[str]:
    """A list of values, one a line."""
    if not _NOTHING.fullmatch(inline):
        if inline == "[]" and not body:
            return []
        raise _Unusual
    entries = [_ENTRY.fullmatch(line) for line in body]
    found = [entry for entry in entries if entry is not None]
    if len(found) != len(entries) or len({entry[1] for entry in found}) > 1:
        raise _Unusual
    return [_value(entry[2]) for entry in found]


_Item = dict[str, list[str]] | str


class _Map:
    """A map in a list: the values of some of its keys, those that are one and those that are lists."""

    def __init__(self, one: tuple[str, ...], many: tuple[str, ...]) -> None:
        self._one, self._many = one, many
        self._key, self._below = "", ""
        self.values: dict[str, list[str]] = {}

    def key(self, text: str) -> None:
        """A line with a key of its own."""
        found = _KEY.fullmatch(text)
        if found is None:
            raise _Unusual
        self._key, inline, self._below = found[1], found[2] or "", ""
        if self._key in self._one:
            value = _value(inline)
            self.values[self._key] = [value] if value else []
        elif self._key in self._many:
            if not _NOTHING.fullmatch(inline):
                raise _Unusual
            self.values[self._key] = []

    def below(self, line: str) -> None:
        """A line that belongs to the last key."""
        if self._key in self._one:
            raise _Unusual
        if self._key in self._many:
            found = _ENTRY.fullmatch(line)
            if found is None or (self._below and self._below != found[1] + "-"):
                raise _Unusual
            self._below = found[1] + "-"
            self.values[self._key].append(_value(found[2]))


def _items(inline: str, body: Sequence[str], one: tuple[str, ...], many: tuple[str, ...]) -> Iterator[_Item]:
    """The entries of a list of maps (or of values): of maps, the keys that are asked for."""
    if not _NOTHING.fullmatch(inline) and (inline != "[]" or body):
        raise _Unusual
    margin = column = -1
    now: _Map | None = None
    for line in body:
        indent = len(line) - len(line.lstrip(" "))
        entry = _ENTRY.fullmatch(line) if (margin < 0 or indent == margin) else None
        if entry is not None:
            if now is not None:
                yield now.values
            margin, column, now = indent, len(line) - len(entry[2]), None
            if _KEY.fullmatch(entry[2]) is not None:
                now = _Map(one, many)
                now.key(entry[2])
            else:
                yield _value(entry[2])
        else:
            if now is None or indent < column:
                raise _Unusual
            if indent == column and line[indent] != "-":
                now.key(line[indent:])
            else:
                now.below(line)
    if now is not None:
        yield now.values
