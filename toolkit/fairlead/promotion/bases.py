"""The base of each field: what was last carried into it, read from the files before and after each landing.

A whole file has the empty field; its base is its blob id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairlead.edit.nodes import Stream, parse
from fairlead.model.errors import SyntaxProblem
from fairlead.model.snapshot import blob_id
from fairlead.model.values import dataclass
from fairlead.promotion.align import Aligner, Lone, Pair
from fairlead.promotion.compare import Base
from fairlead.promotion.fields import is_below
from fairlead.promotion.lones import spelled


@dataclass(frozen=True)
class Carriage:
    """One file as a promotion or a rollback changed it, made or removed it. `told` names the act for people."""

    path: str
    before: bytes | None
    after: bytes | None
    told: str
    taken_back: bool = False


def bases(carriages: Iterable[Carriage], words: tuple[str, ...] = ()) -> dict[tuple[str, str], Base]:
    """(target path, field) -> base; carriages come newest first, the newest word on a field counts.

    `words` are those by which the two environments will be compared: fields get their names by them. A
    rollback's base is what it took back: the source still holding that value is no reason to bring it again,
    a newer value is.
    """
    found: dict[tuple[str, str], Base | None] = {}
    for carriage in carriages:
        for field, base in _told(carriage, words):
            found.setdefault((carriage.path, field), base)
    return {key: base for key, base in found.items() if base is not None}


def _told(carriage: Carriage, words: tuple[str, ...]) -> Iterator[tuple[str, Base | None]]:
    """What a landing tells of the fields of one file. None for what went with it: what came before counts no more."""
    back, before, after = carriage.taken_back, carriage.before, carriage.after
    if after is None:
        if before is not None:
            yield "", Base(blob_id(before), "", carriage.told, back) if back else None
        return
    if before is None:
        yield "", Base(blob_id(after), blob_id(after), carriage.told, back)
    new = _read(after)
    old = _read(before) if before is not None else None
    if new is None or (before is not None and old is None):
        return
    came: list[str] = [""] if old is None else []
    for difference in Aligner(old, new, words).differences() if old is not None else ():
        yield difference.field, _base(carriage, difference)
        if isinstance(difference, Lone) and not difference.in_source:
            came.append(difference.field)
    # The values of what came as a whole: they are carried, each by itself, from then on.
    for leaf in Aligner(new, new, words, equal=True).differences() if came else ():
        if isinstance(leaf, Pair) and any(is_below(leaf.field, field) for field in came):
            yield leaf.field, Base(leaf.target.value, leaf.target.value, carriage.told, back)


def _base(carriage: Carriage, difference: Pair | Lone) -> Base | None:
    """None for a field that went with the act: what was carried into it before counts no more."""
    back = carriage.taken_back
    if isinstance(difference, Pair):
        held = difference.target.value
        return Base(difference.source.value if back else held, held, carriage.told, back)
    if difference.in_source and not back:
        return None
    value = spelled(difference.node)
    return Base(value, "" if difference.in_source else value, carriage.told, back)


def _read(data: bytes) -> Stream | None:
    try:
        return parse(data)
    except SyntaxProblem:
        return None
