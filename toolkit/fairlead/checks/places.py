"""Finding a rendered field in a parsed file, and saying where it stands, inline patches included."""

from __future__ import annotations

from fairlead.checks.objects import Json
from fairlead.edit.nodes import Scalar, Value
from fairlead.model.findings import Where
from fairlead.model.values import dataclass


@dataclass(frozen=True)
class Place:
    """How a node's position is told: `line` and `column` are added; `fixed` where only one place is known."""

    path: str
    line: int = 0
    column: int = 0
    fixed: bool = False

    def of(self, node: Value) -> Where:
        """Where a node stands in the file of the repository."""
        if self.fixed:
            return Where(self.path, self.line, self.column)
        return Where(self.path, node.line + self.line, node.column + self.column)


def inline(path: str, scalar: Scalar, text: str) -> Place:
    """The place of YAML inside a scalar; `text` is the outer file's."""
    if scalar.style != "|":
        return _on_a_line(path, scalar, text)
    for line in text[scalar.start : scalar.end].split("\n")[1:]:
        if line.strip():
            return Place(path, scalar.line, len(line) - len(line.lstrip(" ")))
    return Place(path, scalar.line, scalar.column, fixed=True)


def _on_a_line(path: str, scalar: Scalar, text: str) -> Place:
    """YAML or JSON within a quoted or plain scalar: it can be told where it stands there as it is, on one line."""
    written = text[scalar.start : scalar.end]
    at = written.find(scalar.value) if "\n" not in written and scalar.value.strip() else -1
    if at < 0:
        return Place(path, scalar.line, scalar.column, fixed=True)
    return Place(path, scalar.line - 1, scalar.column - 1 + at)


def value_at(body: Json, path: tuple[str | int, ...]) -> Json:
    """The value at a path of a rendered object; None where there is none."""
    for part in path:
        if isinstance(part, int):
            body = body[part] if isinstance(body, list) and part < len(body) else None
        else:
            body = body.get(part) if isinstance(body, dict) else None
    return body
