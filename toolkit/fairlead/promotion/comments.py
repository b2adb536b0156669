"""Comments and blank lines beside a version: those that tell it go along, others are offered.

`digest: sha256:1c… # v1.5.0` would lie after a promotion that left the comment as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from fairlead.edit.nodes import Scalar
from fairlead.edit.splice import byte_edit
from fairlead.model.changes import Change
from fairlead.model.plan import FieldClass, Move, Verdict
from fairlead.model.values import dataclass
from fairlead.promotion.align import Pair

_REST = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\r\n]*)?(?=\r?\n|\Z)")
_BLANKS = re.compile(r"(?:[ \t]*\r?\n)*(?:[ \t]+\Z)?")
_VERSION = re.compile(r"(?=[\w.+-]*\d)[\w.+-]+")
_MACHINE = re.compile(r"\$imagepolicy|\$helmpolicy")


@dataclass(frozen=True, slots=True)
class Spot:
    """A stretch of comments or blank lines in the target, and what stands there in the source."""

    start: int
    end: int
    old: str
    new: str
    what: str


def spots(pair: Pair, source: str, target: str) -> Iterator[Spot]:
    """Where comments and blank lines beside an aligned value differ."""
    if pair.flow or pair.source.style in ("|", ">") or pair.target.style in ("|", ">"):
        return
    mine, theirs = _REST.match(source, pair.source.end), _REST.match(target, pair.target.end)
    if mine is None or theirs is None:
        return
    if mine[0].strip() != theirs[0].strip():
        yield Spot(theirs.start(), theirs.end(), theirs[0], mine[0], "comment")
    above, here = _block(source, pair.source), _block(target, pair.target)
    if [line.strip() for line in above[1].splitlines()] != [line.strip() for line in here[1].splitlines()]:
        new = "".join(f"{here[2]}{line.strip()}{_ending(target)}" for line in above[1].splitlines())
        yield Spot(here[0], here[0] + len(here[1]), here[1], new, "comment above")
    blanks = [_blanks(text, match.end()) for text, match in ((source, mine), (target, theirs))]
    if blanks[0][1].count("\n") != blanks[1][1].count("\n"):
        new = _ending(target) * blanks[0][1].count("\n")
        yield Spot(blanks[1][0], blanks[1][0] + len(blanks[1][1]), blanks[1][1], new, "blank lines")


def _block(text: str, scalar: Scalar) -> tuple[int, str, str]:
    """The comment lines right above a value: where they begin, what they say, how the value's line is indented."""
    line = begin = text.rfind("\n", 0, scalar.start) + 1
    while begin:
        above = text.rfind("\n", 0, begin - 1) + 1
        if not text[above:begin].lstrip(" \t").startswith("#"):
            break
        begin = above
    rest = text[line : scalar.start]
    return begin, text[begin:line], rest[: len(rest) - len(rest.lstrip(" \t"))]


def _blanks(text: str, at: int) -> tuple[int, str]:
    newline = text.find("\n", at)
    begin = newline + 1 if newline >= 0 else len(text)
    found = _BLANKS.match(text, begin)
    return begin, found[0] if found is not None else ""


def _ending(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def tells_version(spot: Spot) -> bool:
    """Whether both comments are the same but for the versions that they name."""
    if not spot.old.strip() or not spot.new.strip() or spot.what == "blank lines":
        return False
    return _VERSION.sub("\0", spot.old).split() == _VERSION.sub("\0", spot.new).split()


def beside(move: Move, pair: Pair, source: str, target: str) -> tuple[Move, ...]:
    """The move, with the comments that tell its version, and the moves of what else differs beside it."""
    changes, others = list(move.changes), []
    for spot in spots(pair, source, target):
        edit = byte_edit(move.at.path, target, spot.start, spot.end, spot.new)
        if tells_version(spot) and not _MACHINE.search(spot.old + spot.new):
            changes.append(edit)
        elif _concerns(spot, move):
            others.append(_offer(move, spot, edit))
    return (replace(move, changes=tuple(changes)), *others)


def _concerns(spot: Spot, move: Move) -> bool:
    """Whether it is worth an offer. The target keeps a comment of its own as long as a version stays beside it."""
    if spot.what == "blank lines":
        return move.verdict is Verdict.PROMOTE
    return (
        spot.what == "comment"
        and "fairlead:" not in spot.old + spot.new
        and (bool(spot.new.strip()) or move.verdict is not Verdict.PROMOTE)
    )


def _offer(move: Move, spot: Spot, edit: Change) -> Move:
    said = [" ".join(text.split()) or f"({text.count(chr(10))} lines)" for text in (spot.old, spot.new)]
    return replace(
        move,
        field=f"{move.field} ({spot.what})",
        old=said[0],
        new=said[1],
        field_class=FieldClass.OFFERED,
        verdict=Verdict.OFFER,
        reason="it has no effect of its own" if not _MACHINE.search(spot.old + spot.new) else "it tells who writes",
        carrier="comments",
        changes=(edit,),
        token=None,
    )
