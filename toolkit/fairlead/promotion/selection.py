"""What a person asked for: which units of a hop are carried."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fairlead.model.errors import UsageError
from fairlead.model.plan import FieldClass, Move, Unit, Verdict
from fairlead.model.values import dataclass
from fairlead.promotion.rules import matches
from fairlead.repo.config import FieldPattern
from fairlead.repo.names import near_miss


@dataclass(frozen=True)
class Selection:
    """`fields` and `units`: just these (named ones in conflict too); `exclude`: not these.

    A unit is named by its key, by its old or its new value, and where several apps have it, by `APP: KEY`.
    `kinds`: of those, or of what is carried by default, only images, charts, refs, other versions, settings, files.
    `partial`: also what comes by half only, as the other half can't be edited.
    """

    fields: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    partial: bool = False

    def only(self, words: Iterable[str]) -> Selection:
        """Narrowed to some kinds; a word that is none of a kind is a unit's."""
        given = tuple(words)
        units = tuple(word for word in given if word not in KINDS)
        return replace(self, kinds=tuple(word for word in given if word in KINDS), units=(*self.units, *units))

    def words(self) -> tuple[str, ...]:
        """As recorded in the plan."""
        return (
            *(f"field={f}" for f in self.fields),
            *(f"unit={u}" for u in self.units),
            *(f"only={k}" for k in self.kinds),
            *(f"exclude={e}" for e in self.exclude),
            *(("partial",) if self.partial else ()),
        )


def select(app: str, env: str, units: Iterable[Unit], selection: Selection) -> tuple[Unit, ...]:
    """The units with `chosen` as the selection says; never half a unit."""
    out = []
    for unit in units:
        chosen = unit.chosen
        if selection.fields or selection.units:
            chosen = any(named(move, f, app, env) for f in selection.fields for move in unit.moves) or any(
                is_unit(app, unit, u) for u in selection.units
            )
        if chosen and selection.kinds and not any(kind(move) in selection.kinds for move in unit.moves):
            chosen = False
        if chosen and any(
            is_unit(app, unit, e) or any(named(m, e, app, env) for m in unit.moves) for e in selection.exclude
        ):
            chosen = False
        out.append(replace(unit, chosen=chosen))
    return tuple(out)


KINDS = ("images", "charts", "refs", "versions", "settings", "files")
_OF_CARRIER = (("image", "images"), ("chart", "charts"), ("helm", "charts"), ("refs", "refs"))


def kind(move: Move) -> str:
    """What a move is about, as `--only` names it: by its carrier, else whether it has a version."""
    if move.carrier in ("files", "entries", "documents"):
        return "files"
    known = next((kind for word, kind in _OF_CARRIER if word in move.carrier), "")
    return known or ("versions" if move.token is not None else "settings")


def named(move: Move, pattern: str, app: str, env: str) -> bool:
    """Whether a field pattern of the command line names this move."""
    return matches(FieldPattern(pattern), move.field, app, env) or matches(
        FieldPattern(pattern), f"{app}/{move.field}", app, env
    )


def is_unit(app: str, unit: Unit, words: str) -> bool:
    """Whether these words of the command line name a unit of an app."""
    old, _, new = unit.key.rpartition(" -> ")
    return words in (unit.key, new, f"{app}: {unit.key}") or (bool(old) and words == old)


def refuse_half(selection: Selection, app: str, units: Iterable[Unit], held: Iterable[Move]) -> None:
    """Refuse a unit that was asked for and of which a value can't be edited: there the revision would stay as it was.

    Raises:
        UsageError: with the place of that value.
    """
    chosen = {move.token: unit for unit in units if unit.chosen for move in unit.moves if move.token is not None}
    asked = bool(selection.fields or selection.units) and not selection.partial
    for move in held if asked else ():
        unit = chosen.get(move.token) if move.token is not None and not move.changes else None
        if unit is not None and move.field_class is FieldClass.VERSION and move.verdict is not Verdict.KEEP:
            raise UsageError(
                f"{app}: {unit.key} would come by half: {move.field} can't be edited",
                where=move.at,
                remedy=f"change it there by hand first (to {move.new!r}); or --partial with --reason",
            )


def refuse_unmatched(
    selection: Selection, moves: Iterable[tuple[str, str, Move]], units: Iterable[tuple[str, Unit]]
) -> None:
    """Refuse patterns that name nothing, and fields that can't be edited. `moves` come with app and target.

    Raises:
        UsageError: with the fields that there are, or the reason why this one can't be carried.
    """
    all_moves, all_units = list(moves), list(units)
    for pattern in (*selection.fields, *selection.exclude):
        hits = [m for app, env, m in all_moves if named(m, pattern, app, env)]
        if not hits and (pattern in selection.fields or not any(is_unit(app, u, pattern) for app, u in all_units)):
            there = sorted({m.field for _, _, m in all_moves})
            near = near_miss(pattern, [*there, *(m.field.partition(": ")[2] for _, _, m in all_moves)])
            raise UsageError(
                f"no differing field is named {pattern!r}",
                remedy=(f"{near} " if near else "")
                + "fields that differ: "
                + ("; ".join(there[:12]) + (" …" if len(there) > 12 else "") if there else "none"),
            )
        if pattern in selection.fields and not any(m.changes or m.verdict is Verdict.KEEP for m in hits):
            raise UsageError(f"{hits[0].field} can't be carried: {hits[0].reason}", where=hits[0].at)
        if pattern in selection.fields and all(m.verdict is Verdict.KEEP for m in hits):
            raise UsageError(
                f"{hits[0].field} is kept: {hits[0].reason}",
                where=hits[0].at,
                remedy="if it should be carried all the same, name it in fairlead.yaml under promote.carry",
            )
    for word in selection.units:
        if not any(is_unit(app, u, word) for app, u in all_units):
            there = sorted({u.key for _, u in all_units})
            near = near_miss(word, [*there, *KINDS, *(u.key.rpartition(" -> ")[2] for _, u in all_units)])
            raise UsageError(
                f"no unit is named {word!r}",
                remedy=(f"{near} " if near else "")
                + "units: "
                + ("; ".join(there[:12]) + (" …" if len(there) > 12 else "") if there else "none"),
            )
