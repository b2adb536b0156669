"""An app that the target environment lacks altogether: its overlay, file by file, as one unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from fairlead.model.changes import NewFile
from fairlead.model.findings import Where
from fairlead.model.overlays import Layout, Overlay, OverlayId
from fairlead.model.plan import FieldClass, Move, Unit, Verdict
from fairlead.model.snapshot import SYMLINK, Snapshot
from fairlead.promotion.files import looked_at

_MANY = 20
_NEW = "the target does not have this app yet"


def home(layout: Layout, source: Overlay, target: str, words: Iterable[str] = ()) -> Overlay | None:
    """Where an app's overlay would stand in an environment, by its place in the source's; None where nobody knows.

    `words` are the environment's own, for one that has no overlay at all yet.
    """
    used = Counter(o.words[0] for o in layout.overlays if o.id.env == target and o.words)
    word = used.most_common(1)[0][0] if used else next(iter(words), target)
    parts = source.path.split("/")
    if not source.words or source.words[0] not in parts:
        return None
    path = "/".join(word if part == source.words[0] else part for part in parts)
    if any(o.path == path or o.path.startswith(f"{path}/") or path.startswith(f"{o.path}/") for o in layout.overlays):
        return None
    return Overlay(OverlayId(source.id.app, target, source.id.cluster), path, (word, *words))


def newcomer(snapshot: Snapshot, source: Overlay, target: Overlay, files: Iterable[str]) -> tuple[Move, ...]:
    """A move for each file of the overlay (`files`, relative to it); without changes where it must not be copied.

    What names the source environment is said in the reason.
    """
    foreign = tuple(word for word in source.words if word not in target.words)
    return tuple(_move(snapshot, source, target, name, foreign) for name in files)


def _move(snapshot: Snapshot, source: Overlay, target: Overlay, name: str, foreign: tuple[str, ...]) -> Move:
    here, there = f"{source.path}/{name}", f"{target.path}/{name}"
    entry = snapshot.entry(here)
    assert entry is not None
    data = snapshot.read(here)
    barred, named = ("a symbolic link is never copied", ()) if entry.mode == SYMLINK else looked_at(name, data, foreign)
    told = [text if not line else f"line {line}: {text}" for line, text in named[:_MANY]]
    more = f" and {len(named) - _MANY} more" if len(named) > _MANY else ""
    reason = barred or (f"{_NEW}; look at what names the source: {', '.join(told)}{more}" if named else _NEW)
    return Move(
        field=name,
        old="",
        new="(file)",
        field_class=FieldClass.OWNED if barred else FieldClass.OFFERED,
        verdict=Verdict.KEEP if barred else Verdict.OFFER,
        reason=reason,
        carrier="files",
        changes=() if barred else (NewFile(there, data, entry.mode),),
        stands_at=Where(here),
        at=Where(there),
    )


def remarks(app: str, target: str, moves: Iterable[Move]) -> list[str]:
    """What a person should look at before a new app comes."""
    barred = [move for move in moves if not move.changes]
    if barred:
        why = "; ".join(f"{move.field}: {move.reason}" for move in barred)
        return [f"{app} can't be brought into {target} as a whole, make it by hand: {why}"]
    return [f"{app} is new in {target}: {m.stands_at.path}: {m.reason}" for m in moves if m.reason != _NEW]


def as_unit(app: str, moves: tuple[Move, ...]) -> Unit | None:
    """All files together, chosen, for somebody asked for it by name; None where one must not be copied."""
    if not moves or any(not move.changes for move in moves):
        return None
    return Unit(f"new app {app}", moves, chosen=True)
