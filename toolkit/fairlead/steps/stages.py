"""A stage of several environments, or of several clusters: whether all of it runs what is carried on, or any."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from fairlead.model.errors import SyntaxProblem
from fairlead.model.gates import Carried
from fairlead.model.overlays import Overlay
from fairlead.model.plan import AppMoves, Hop, Move, Unit
from fairlead.promotion.fields import leaf_at
from fairlead.repo.apps import environment_of, stage_of
from fairlead.steps.world import Environments

Asking = Callable[[Hop, AppMoves], Iterable[Carried]]


def carried(here: Environments, hop: Hop, moves: AppMoves, ask: Asking, words: tuple[str, ...]) -> Iterator[Carried]:
    """What each environment and cluster of the source's stage knows of the values that an app's hop moves.

    Where any of them will do (`gates: {order: any}`), the word of one that runs a value, or ran it before a newer one.
    """
    any_will_do = _order(here, hop, moves.app) == "any"
    names = (hop.source, *stage_of(here.config, moves.app, hop.source))
    overlays = tuple(dict.fromkeys(o for name in names for o in here.layout.find(moves.app, name)))
    for move in moves.chosen():
        own = next((o for o in overlays if move.stands_at.path.startswith(o.path + "/")), None)
        told = list(ask(hop, _alone(moves, own.path if own is not None else moves.source_path, move)))
        for overlay, twin in _elsewhere(here, move, own, overlays, words):
            asked = ask(replace(hop, source=overlay.id.env), _alone(moves, overlay.path, twin))
            told += [_named(one, moves.app, overlay) for one in asked]
        if any_will_do and told:
            told = [next((c for c in told if c.holds), None) or next((c for c in told if c.left_for_newer), told[0])]
        yield from told


def _alone(moves: AppMoves, folder: str, move: Move) -> AppMoves:
    return replace(moves, source_path=folder, units=(Unit("", (move,), chosen=True),))


def _order(here: Environments, hop: Hop, app: str) -> str:
    known = any(e.name == hop.target for e in here.config.environments)
    return environment_of(here.config, hop.target, (app,)).gates.order if known else "all"


def _named(carried: Carried, app: str, overlay: Overlay) -> Carried:
    where = overlay.id.env + (f"/{overlay.id.cluster}" if overlay.id.cluster else "")
    awaited = not (carried.holds or carried.landing or carried.taken_back)
    return replace(carried, field=carried.field.replace(f"{app}: ", f"{app} in {where}: ", 1), awaited=awaited)


def _elsewhere(
    here: Environments, move: Move, own: Overlay | None, overlays: tuple[Overlay, ...], words: tuple[str, ...]
) -> Iterator[tuple[Overlay, Move]]:
    """The same field in each other overlay that has it, as if the move came from there."""
    for overlay in overlays if own is not None else ():
        place = overlay.path + move.stands_at.path[len(own.path) if own is not None else 0 :]
        if overlay != own and _has(here, place, move.field.partition(": ")[2], words):
            yield overlay, replace(move, stands_at=replace(move.stands_at, path=place))


def _has(here: Environments, path: str, field: str, words: tuple[str, ...]) -> bool:
    if here.snapshot.entry(path) is None:
        return False
    try:
        return leaf_at(here.snapshot.read(path), field, words) is not None
    except SyntaxProblem:
        return False
