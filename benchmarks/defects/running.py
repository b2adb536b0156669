"""From repositories to scores: look around, seed, let all sides judge."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.defects import sowing, trees
from benchmarks.defects.judging import Bed, Score, cached
from benchmarks.defects.kinds import KINDS
from benchmarks.defects.model import Case, Kind, Seed
from benchmarks.defects.rivals import Rivals, Verdicts
from benchmarks.defects.site import Ground
from benchmarks.defects.trees import VARIANTS, Tree
from benchmarks.measure import note
from benchmarks.tools import Tools
from fairlead.model.findings import Finding, Severity
from fairlead.render.helper import HelperRenderer
from fairlead.steps.rendering import renderer
from fairlead.steps.world import Run

_TOGETHER = 60  # cases that one process judges in a folder of its own
_BY_NAME = {kind.name: kind for kind in KINDS}
Row = tuple[int, str, str, Seed]  # a case, without what can't be sent to another process


@dataclass(frozen=True)
class Wish:
    """What to run. `trees` gives the repositories, in a folder that is there for them."""

    trees: Callable[[Path], Sequence[Tree]]
    cases: int
    seed: int = 1
    kinds: tuple[Kind, ...] = KINDS
    tools: Tools | None = None
    jobs: int = 2


@dataclass(frozen=True)
class Results:
    """What came of it; `alarms` are the errors that the rules judged by default find in the untouched repositories."""

    cases: tuple[Case, ...]
    scores: dict[int, Score]
    rivals: Verdicts
    alarms: dict[str, tuple[Finding, ...]]
    overlays: dict[str, int] = field(default_factory=dict)


def run(wish: Wish) -> Results:
    """All of it."""
    with tempfile.TemporaryDirectory(prefix="fairlead-defects-", ignore_cleanup_errors=True) as folder:
        place = Path(folder).resolve()
        with cached(place / "cache"):
            return _run(wish, place)


def _run(wish: Wish, place: Path) -> Results:
    engine = renderer(Run(Path(), jobs=wish.jobs))
    grounds: dict[str, Ground] = {}
    found: dict[str, Tree] = {}
    untouched = {tree.name: tree for tree in wish.trees(place)}
    with _pool(wish.jobs) as pool:
        alarms = dict(zip(untouched, pool.map(_untouched, untouched.values()), strict=True))
        for name, tree in untouched.items():
            whole = trees.building(tree, engine)
            found[name] = trees.with_labels(whole, trees.ground(whole, engine))
            grounds[name] = trees.ground(found[name], engine)
            note(f"{name}: {len(grounds[name].valid)} overlays that build")
        before = dict(zip(found, pool.map(_before, found.values(), [_variants(wish)] * len(found)), strict=True))
    beds = {name: Bed(tree, before[name]) for name, tree in found.items()}
    note("seeding")
    cases = sowing.sow(
        grounds,
        wish.kinds,
        wish.cases,
        wish.seed,
        lambda name, kind, overlay, seed: beds[name].was_clean(kind, overlay, seed),
    )
    scores = _scored(wish, cases, found, before)
    rivals = Rivals(wish.tools, wish.jobs, place / "rivals").run(cases, grounds) if wish.tools is not None else {}
    if isinstance(engine, HelperRenderer):
        engine.close()
    return Results(tuple(cases), scores, rivals, alarms, {name: len(g.valid) for name, g in grounds.items()})


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))


def _variants(wish: Wish) -> tuple[str, ...]:
    return tuple(name for name in VARIANTS if any(kind.variant == name for kind in wish.kinds))


def _untouched(tree: Tree) -> tuple[Finding, ...]:
    """The errors of a check by the rules that are judged by default."""
    plain = replace(tree, said={**tree.said, "check": {}})
    plain.write()
    bed = Bed(plain)
    found = bed.judged()
    tree.write()
    return tuple(f for f in found if f.severity is Severity.ERROR)


def _before(tree: Tree, variants: tuple[str, ...]) -> dict[str, tuple[Finding, ...]]:
    bed = Bed(tree)
    out = {variant: bed.before(variant) for variant in variants}
    tree.write()
    return out


def _scored(
    wish: Wish, cases: Sequence[Case], found: dict[str, Tree], before: dict[str, dict[str, tuple[Finding, ...]]]
) -> dict[int, Score]:
    """Let fairlead judge, some cases at a time, each of them in a folder of its own."""
    jobs: list[tuple[Tree, dict[str, tuple[Finding, ...]], list[Row]]] = []
    for name, tree in found.items():
        # By variant: a configuration that changes has everything judged again.
        mine = sorted((c for c in cases if c.corpus == name), key=lambda c: (c.kind.variant, c.number))
        for number, start in enumerate(range(0, len(mine), _TOGETHER)):
            rows = [
                (c.number, c.kind.name, c.overlay, replace(c.seed, proof=None)) for c in mine[start : start + _TOGETHER]
            ]
            jobs.append((tree.copy(number), before[name], rows))
    scores: dict[int, Score] = {}
    with _pool(wish.jobs) as pool:
        for done in pool.map(_judge, *zip(*jobs, strict=True)) if jobs else ():
            scores |= done
            note(f"judged {len(scores)} of {len(cases)}")
    return scores


def _judge(tree: Tree, before: dict[str, tuple[Finding, ...]], rows: Sequence[Row]) -> dict[int, Score]:
    bed = Bed(tree, before)
    out = {}
    for number, kind, overlay, seed in rows:
        case = Case(number, _BY_NAME[kind], tree.name, overlay, seed)
        with bed.laid(case):
            out[number] = bed.judge(case)
    return out
