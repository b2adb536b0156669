"""Errors with a kind, a place and a remedy; the command line alone turns kinds into exit codes."""

from __future__ import annotations

from typing import ClassVar

from fairlead.model.findings import Where


class FairleadError(Exception):
    """Something that stops the job: what happened, where, and what to do next.

    Raised by every room; printed in one place. `exit_code` is the process exit code of the kind.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, where: Where | None = None, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy


class UsageError(FairleadError):
    """The words of the command are off: an unknown app, a missing flag, a bad value."""


class ConfigError(FairleadError):
    """fairlead.yaml, or an answer file, says something that can't be."""


class CancelledError(FairleadError):
    """The person said no."""

    exit_code = 3


class DeniedError(FairleadError):
    """Authentication or permission is missing, or a gate forbids."""

    exit_code = 4


class GateClosedError(FairleadError):
    """A gate says no; nothing was merged."""

    exit_code = 1


class ConflictError(FairleadError):
    """The repository moved, a plan is stale, or two edits wish for one place."""

    exit_code = 5


class TakenError(ConflictError):
    """Another open pull request promotes the same app there."""


class WorldError(FairleadError):
    """Network, disk or a missing tool failed; the input may be fine."""

    exit_code = 6


class SyntaxProblem(FairleadError):  # noqa: N818  it is a kind of FairleadError; "Error" twice reads badly
    """A file can't be read as what it should be. `where` is always set."""


class ExcessProblem(SyntaxProblem):
    """Text so large, so deep or so full of aliases that no parser should be given it."""


class UneditableError(FairleadError):
    """The value can't be replaced without touching something else (alias, merge key, folded text)."""

    exit_code = 5
