"""What a check says, and where."""

from __future__ import annotations

import enum

from fairlead.model.values import dataclass


class Severity(enum.StrEnum):
    """How bad a finding is; only errors make `check` exit 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, order=True)
class Where:
    """A place in a file of the repository; `line` and `column` count from 1, 0 means the whole file."""

    path: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path


@dataclass(frozen=True)
class Ignored:
    """A comment beside the fault says why it is fine there."""

    at: Where
    reason: str


@dataclass(frozen=True)
class Finding:
    """One finding.

    `rule` is a kebab-case id, `remedy` says what to do next, `where` is where the fault was written.
    `overlay` is the path of the overlay that was judged (empty: the repository), `subject` the rendered
    object it is about (`Deployment/web`), and `chain` the files that led there, outermost first. `overlays`
    are all overlays that a fault in a shared file hits. `ignored`: by a comment; it is not told.
    """

    rule: str
    severity: Severity
    message: str
    remedy: str
    where: Where
    overlay: str = ""
    subject: str = ""
    chain: tuple[str, ...] = ()
    overlays: tuple[str, ...] = ()
    ignored: Ignored | None = None
