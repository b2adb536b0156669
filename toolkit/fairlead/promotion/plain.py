"""Moves as plain tuples, for another process: nothing but texts, bytes and numbers, which are quickly handed over."""

from __future__ import annotations

from typing import Any

from fairlead.model.changes import Change, DropFile, Edit, NewFile
from fairlead.model.findings import Where
from fairlead.model.plan import FieldClass, Move, Verdict

Row = tuple[Any, ...]
_CLASSES = {one.value: one for one in FieldClass}
_VERDICTS = {one.value: one for one in Verdict}
_CHANGES = (Edit, NewFile, DropFile)


def row(move: Move) -> Row:
    """A move as a tuple."""
    here, there = move.stands_at, move.at
    return (
        move.field, move.old, move.new, move.field_class.value, move.verdict.value, move.reason, move.carrier,
        tuple(_change(change) for change in move.changes),
        (here.path, here.line, here.column), (there.path, there.line, there.column), move.token,
    )  # fmt: skip


def _change(change: Change) -> Row:
    if isinstance(change, Edit):
        return 0, change.path, change.start, change.end, change.old, change.new
    if isinstance(change, NewFile):
        return 1, change.path, change.data, change.mode
    return 2, change.path, change.oid


def move(told: Row) -> Move:
    """The move of such a tuple."""
    field, old, new, kind, verdict, reason, carrier, changes, here, there, token = told
    return Move(
        field, old, new, _CLASSES[kind], _VERDICTS[verdict], reason, carrier,
        tuple(_CHANGES[change[0]](*change[1:]) for change in changes), Where(*here), Where(*there), token,
    )  # fmt: skip
