"""Variables in text as Flux substitutes them (`${name}`, defaults, and bash's string functions).

The grammar is that of github.com/fluxcd/pkg/envsubst, with one difference: a variable that nobody gives a value stays
as it is written, and is told, where Flux writes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase

from fairlead.model.patterns import pattern
from fairlead.model.values import dataclass

_NAME = pattern(r"[^\W]+")
_NUMBER = pattern(r"[-+]?[0-9]+")
_ESCAPED = pattern(r"\\([/\\])|\$(\$)")


class BadSubstitutionError(ValueError):
    """Text that Flux refuses."""


@dataclass(frozen=True)
class Expanded:
    """The text, and the variables in it that have neither value nor default, each once."""

    text: str
    missing: tuple[str, ...] = ()


def expand(text: str, values: Mapping[str, str]) -> Expanded:
    """Substitute. Raises BadSubstitutionError."""
    if "$" not in text:
        return Expanded(text)
    run = _Run(text, values)
    return Expanded(run.all(), tuple(dict.fromkeys(run.missing)))


def holds_variable(text: str) -> bool:
    """Whether something in the text may still be substituted."""
    return re.search(r"(?<!\$)\$\{\w", text) is not None


class _Run:
    """One text being read."""

    def __init__(self, text: str, values: Mapping[str, str]) -> None:
        self._text = text
        self._values = values
        self._at = 0
        self.missing: list[str] = []

    def all(self) -> str:
        """The whole text."""
        out: list[str] = []
        while True:
            dollar = self._text.find("$", self._at)
            if dollar < 0:
                return "".join((*out, self._text[self._at :]))
            out.append(self._text[self._at : dollar])
            after = self._text[dollar + 1 : dollar + 2]
            self._at = dollar + (2 if after in ("$", "{") and after else 1)
            out.append(self._function() if after == "{" else "$")

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, wanted: str) -> str:
        """The next character, which is one of these."""
        found = self._peek()
        if not found or found not in wanted:
            raise BadSubstitutionError(f"bad substitution at {self._text[self._at - 2 :][:20]!r}")
        self._at += 1
        return found

    def _function(self) -> str:
        """What stands behind `${`, up to its brace."""
        start = self._at - 2
        measured = self._peek() == "#"
        self._at += measured
        found = _NAME.match(self._text, self._at)
        if found is None:
            raise BadSubstitutionError(f"no variable's name at {self._text[start:][:20]!r}")
        name, self._at = found[0], found.end()
        sign = self._peek()
        if measured or sign == "}":
            self._take("}")
            return self._made(start, name, (lambda value: str(len(value))) if measured else str)
        if sign == "=" or (sign == ":" and self._text[self._at + 1 : self._at + 2] in tuple("=-?+")):
            return self._default(name)
        makers = {":": self._part, ",": self._cased, "^": self._cased, "/": self._replaced}
        makers |= {"#": self._trimmed, "%": self._trimmed}
        if sign not in makers:
            raise BadSubstitutionError(f"no closing brace at {self._text[start:][:20]!r}")
        function = makers[sign]()
        self._take("}")
        return self._made(start, name, function)

    def _made(self, start: int, name: str, function: Callable[[str], str]) -> str:
        if name in self._values:
            return function(self._values[name])
        self.missing.append(name)
        return self._text[start : self._at]

    def _default(self, name: str) -> str:
        self._at += 1 if self._peek() == "=" else 2
        known, out = len(self.missing), []
        while self._peek() != "}":
            out.append(self._argument("}"))
        self._at += 1
        value = self._values.get(name, "")
        if value:
            del self.missing[known:]
        return value or "".join(out)

    def _argument(self, ends: str, *, escapes: bool = False) -> str:
        """A function's argument: a variable of its own, or text up to one of the ends."""
        if self._text.startswith("${", self._at):
            self._at += 2
            return self._function()
        start = self._at
        while self._peek() and self._peek() not in ends and not self._text.startswith("${", self._at):
            self._at += 2 if escapes and _ESCAPED.match(self._text, self._at) else 1
        if self._at == start:
            raise BadSubstitutionError(f"no argument at {self._text[start:][:20]!r}")
        found = self._text[start : self._at]
        return _ESCAPED.sub(lambda m: m[1] or m[2], found) if escapes else found

    def _part(self) -> Callable[[str], str]:
        self._take(":")
        offset, size = self._argument(":}"), None
        if self._peek() == ":":
            self._at += 1
            size = self._argument("}")
        return lambda value: _sliced(value, offset, size)

    def _cased(self) -> Callable[[str], str]:
        sign = self._take(",^")
        change = str.lower if sign == "," else str.upper
        second = self._peek()
        if second and second in ",^":
            self._at += 1
            return change if second == sign else str
        return lambda value: change(value[:1]) + value[1:]

    def _trimmed(self) -> Callable[[str], str]:
        sign = self._take("#%")
        longest = self._peek() == sign
        self._at += longest
        glob = self._argument("}")

        def trim(value: str) -> str:
            sizes = range(1, len(value) + 1)
            for size in reversed(sizes) if longest else sizes:
                if fnmatchcase(value[:size] if sign == "#" else value[-size:], glob):
                    return value[size:] if sign == "#" else value[:-size]
            return value

        return trim

    def _replaced(self) -> Callable[[str], str]:
        self._take("/")
        kind = self._peek() if self._peek() in ("/", "#", "%") else ""
        self._at += len(kind)
        old = "" if self._peek() == "/" else self._argument("/", escapes=True)
        self._take("/")
        new = "" if self._peek() == "}" else self._argument("}", escapes=True)

        def replace(value: str) -> str:
            if kind == "#":
                return new + value[len(old) :] if value.startswith(old) else value
            if kind == "%":
                return value[: len(value) - len(old)] + new if value.endswith(old) else value
            return value.replace(old, new) if kind else value.replace(old, new, 1)

        return replace


def _sliced(value: str, offset: str, size: str | None) -> str:
    if _NUMBER.fullmatch(offset) is None or (size is not None and _NUMBER.fullmatch(size) is None):
        return value
    start, length = int(offset), int(size) if size is not None else len(value)
    start = max(len(value) + start, 0) if start < 0 else start
    return value[start : len(value) + length] if length < 0 else value[start : start + length]
