"""The base of each field: what was last carried into it, read from the files before and after each landing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fairlead.edit.nodes import Stream, parse
from fairlead.model.errors import SyntaxProblem
from fairlead.promotion.align import Aligner, Pair
from fairlead.promotion.compare import Base


@dataclass(frozen=True)
class Carriage:
    """One file as a promotion or a rollback changed it. `told` names the act for people."""

    path: str
    before: bytes | None
    after: bytes
    told: str
    taken_back: bool = False


def bases(carriages: Iterable[Carriage]) -> dict[tuple[str, str], Base]:
    """(target path, field) -> base; carriages come newest first, the newest word on a field counts.

    A rollback's base is what it took back: the source still holding that value is no reason to bring it
    again, a newer value is.
    """
    out: dict[tuple[str, str], Base] = {}
    for carriage in carriages:
        old, new = _read(carriage.before), _read(carriage.after)
        if old is None or new is None:
            continue
        for difference in Aligner(old, new, ()).differences():
            if isinstance(difference, Pair):
                key = (carriage.path, difference.field)
                carried = difference.source.value if carriage.taken_back else difference.target.value
                base = Base(carried, difference.target.value, carriage.told, carriage.taken_back)
                out.setdefault(key, base)
    return out


def _read(data: bytes | None) -> Stream | None:
    if data is None:
        return None
    try:
        return parse(data)
    except SyntaxProblem:
        return None
