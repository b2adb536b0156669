"""The base of each field: what was last carried into it, read from the files before and after each landing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fairlead.edit.nodes import Scalar, Stream, parse
from fairlead.model.errors import SyntaxProblem
from fairlead.promotion.align import Aligner, Lone, Pair
from fairlead.promotion.compare import Base


@dataclass(frozen=True)
class Carriage:
    """One file as a promotion or a rollback changed it. `told` names the act for people."""

    path: str
    before: bytes | None
    after: bytes
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
        old, new = _read(carriage.before), _read(carriage.after)
        if old is None or new is None:
            continue
        for difference in Aligner(old, new, words).differences():
            found.setdefault((carriage.path, difference.field), _base(carriage, difference))
    return {key: base for key, base in found.items() if base is not None}


def _base(carriage: Carriage, difference: Pair | Lone) -> Base | None:
    """None for a field that went with the act: what was carried into it before counts no more."""
    back = carriage.taken_back
    if isinstance(difference, Pair):
        held = difference.target.value
        return Base(difference.source.value if back else held, held, carriage.told, back)
    if not isinstance(difference.node, Scalar) or (difference.in_source and not back):
        return None
    value = difference.node.value
    return Base(value, "" if difference.in_source else value, carriage.told, back)


def _read(data: bytes | None) -> Stream | None:
    if data is None:
        return None
    try:
        return parse(data)
    except SyntaxProblem:
        return None
