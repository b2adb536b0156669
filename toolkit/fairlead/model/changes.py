"""Changes of files as values: exact spans, whole files."""

from __future__ import annotations

from fairlead.model.values import dataclass


@dataclass(frozen=True, order=True)
class Edit:
    """Replace the bytes `start:end` of a file, which must be `old`, by `new`."""

    path: str
    start: int
    end: int
    old: bytes
    new: bytes


@dataclass(frozen=True, order=True)
class NewFile:
    """Write a file that was not there."""

    path: str
    data: bytes
    mode: int = 0o100644


@dataclass(frozen=True, order=True)
class DropFile:
    """Remove a file, which must have this blob id."""

    path: str
    oid: str


Change = Edit | NewFile | DropFile
