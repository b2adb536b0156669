"""Explain: why a field is promoted, offered or kept."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from fairlead.model.errors import UsageError
from fairlead.model.plan import AppMoves, Hop, Move, Plan
from fairlead.model.pulls import Forge
from fairlead.model.values import dataclass
from fairlead.promotion.rules import glob
from fairlead.steps.chronicle import Chronicle
from fairlead.steps.explaining import Explanation, Settled, explain, settled
from fairlead.steps.planning import make_plan
from fairlead.steps.routes import Request
from fairlead.steps.world import Environments, World, environments, known_app

_SHOWN = 12
_TOLD = 20  # differences; their histories take time, and nobody reads more


@dataclass(frozen=True)
class Answer:
    """The differences whose field is meant, and the fields that are meant and equal on both sides.

    Of very many, `more` are not told.
    """

    differing: tuple[Explanation, ...]
    equal: tuple[Settled, ...] = ()
    more: int = 0


def run(world: World, forge: Forge, field: str, app: str = "", env: str = "") -> Answer:
    """Explain a field by its name, a part of it, or a pattern: of one app or all, into one environment or each.

    Raises:
        UsageError: an unknown app or environment; no field is named so, with those that may be meant.
    """
    chronicle = Chronicle(world, environments(world), forge.pulls())
    here = chronicle.environments
    apps = (known_app(here.layout, app),) if app else ()
    targets = (here.config.environment(env).name,) if env else _entered(here)
    asked = (Request(apps=apps, every_app=not apps, target=target) for target in targets)
    return of_plans(chronicle, [make_plan(chronicle, request).plan for request in asked], field)


def _entered(here: Environments) -> tuple[str, ...]:
    """Every environment that a step of a chain leads into."""
    return tuple(dict.fromkeys(env for chain in here.config.chains for stage in chain[1:] for env in stage))


def of_plans(chronicle: Chronicle, plans: Iterable[Plan], field: str) -> Answer:
    """The same of plans that are there already."""
    rows = [(h, a) for made in plans for h in made.hops for a in h.apps]
    found = [(h, a, m) for h, a in rows for m in _all(a) if means(field, m.field, a.app)]
    if found:
        told = tuple(explain(chronicle, h, a, m) for h, a, m in found[:_TOLD])
        return Answer(told, more=len(found) - len(told))
    same = [s for h, a in rows for s in settled(chronicle, h, a)]
    equal = tuple(s for s in same if means(field, s.field, s.app))
    if equal:
        return Answer((), equal[:_TOLD], len(equal) - len(equal[:_TOLD]))
    names = list(dict.fromkeys([*(m.field for _, a in rows for m in _all(a)), *(s.field for s in same)]))
    raise UsageError(f"no field's name holds {field!r}", remedy=_remedy(field, names, rows))


def _all(moves: AppMoves) -> tuple[Move, ...]:
    return (*moves.chosen(), *moves.held)


def means(words: str, field: str, app: str) -> bool:
    """Whether somebody who writes these words means this field: its name, a part of it, a pattern with `*`."""
    names = (field, f"{app}/{field}", field.partition(": ")[2])
    if any(words == name for name in names):
        return True
    if "*" in words:
        return any(glob(words).fullmatch(name) for name in names)
    return words.lower() in field.lower()


def _remedy(words: str, names: list[str], rows: Iterable[tuple[Hop, AppMoves]]) -> str:
    by_tail: dict[str, str] = {}
    for name in names:
        for tail in (name, name.partition(": ")[2], name.rpartition(".")[2], name.rpartition("[")[2].rstrip("=]")):
            by_tail.setdefault(tail, name)
    close = get_close_matches(words, list(by_tail), n=1, cutoff=0.6)
    if close:
        return f"did you mean {by_tail[close[0]]!r}?"
    differ = list(dict.fromkeys(m.field for _, a in rows for m in _all(a)))
    more = " …" if len(differ) > _SHOWN else ""
    return "fields that differ: " + ("; ".join(differ[:_SHOWN]) + more if differ else "none")
