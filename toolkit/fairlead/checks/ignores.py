"""Comments that silence a rule at one place: `# fairlead: ignore[rule] why that is fine here`.

A comment at the end of a line speaks of that line; one on a line of its own, of the next line that is no comment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from fairlead.model.findings import Finding, Ignored, Where
from fairlead.model.values import dataclass

_WORD = b"fairlead:"
_COMMENT = re.compile(r"(?:^|(?<=\s))#\s*fairlead:\s*ignore(?![\w-])(?:\[([^\]\n]*)\])?[ \t]*(.*)$")
_LONE = re.compile(r"^\s*(?:#.*)?$")


@dataclass(frozen=True)
class Ignore:
    """One such comment: where it stands, the line that it speaks of, the rules that it names, and why."""

    at: Where
    line: int
    rules: tuple[str, ...]
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether it silences a finding. One that gives no reason silences nothing."""
        return (
            bool(self.reason)
            and finding.where.path == self.at.path
            and finding.where.line == self.line
            and finding.rule in self.rules
        )


def read(data: bytes, path: str) -> tuple[Ignore, ...]:
    """The comments of a file."""
    if _WORD not in data:
        return ()
    lines = data.decode("utf-8", "replace").splitlines()
    out = []
    for number, line in enumerate(lines, 1):
        found = _COMMENT.search(line)
        if found is not None:
            at = Where(path, number, found.start() + 1)
            names = tuple(name.strip() for name in (found[1] or "").split(",") if name.strip())
            out.append(Ignore(at, _spoken_of(lines, number, line[: found.start()]), names, found[2].strip()))
    return tuple(out)


def _spoken_of(lines: list[str], number: int, before: str) -> int:
    if before.strip():
        return number
    return next((n for n, line in enumerate(lines[number:], number + 1) if not _LONE.match(line)), number)


def silenced(findings: Iterable[Finding], ignores: tuple[Ignore, ...]) -> list[Finding]:
    """The findings, those that a comment speaks of marked as ignored."""
    if not ignores:
        return list(findings)
    out = []
    for finding in findings:
        by = next((one for one in ignores if one.covers(finding)), None)
        out.append(finding if by is None else replace(finding, ignored=Ignored(by.at, by.reason)))
    return out
