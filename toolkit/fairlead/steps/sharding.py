"""Narrows a check to one of several shards, so that their reports together are the report of one run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from fairlead import __version__
from fairlead.checks.shards import split, weights
from fairlead.model.errors import UsageError
from fairlead.model.shards import MOST, Cut, Share, digest
from fairlead.model.snapshot import join
from fairlead.model.values import dataclass
from fairlead.repo.graph import Graph
from fairlead.repo.layout import KUSTOMIZATION_NAMES
from fairlead.report.findings import reading
from fairlead.steps.checking import Outcome, Scope

_SHARE = re.compile(r"([0-9]{1,4})/([0-9]{1,4})")
_MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Sharding:
    """Which shard is asked for; `costs` are microseconds by overlay, as an earlier report has them."""

    share: Share
    costs: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Mine:
    """What is left to judge: the overlays, and where unread files are looked for (None: everywhere)."""

    folders: tuple[str, ...]
    asked: tuple[str, ...] | None
    cut: Cut | None = None


def share(text: str) -> Share:
    """`3/8` as a share. Raises UsageError."""
    found = _SHARE.fullmatch(text)
    index, count = (int(found[1]), int(found[2])) if found is not None else (0, 0)
    if not 1 <= count <= MOST:
        raise UsageError(
            f"--shard {text} is no shard", remedy=f"write I/N, with N from 1 to {MOST}: --shard 1/4 is the first of 4"
        )
    if not 1 <= index <= count:
        raise UsageError(f"there is no shard {index} of {count}", remedy=f"say --shard 1/{count} to {count}/{count}")
    return Share(index, count)


def costs(place: Path, shown: str) -> dict[str, int] | None:
    """The costs that a report of `fairlead check` has recorded; None where there is no such file yet.

    That is so in the first of all runs. Shards that were balanced by other costs don't merge, so a file that only
    one of them lacks is found out there.

    Raises:
        UsageError: it is no report, or can't be read.
    """
    try:
        data = place.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"can't read {shown}: {error.strerror}", remedy="name a report with --costs") from None
    results = reading.read(data, shown).results
    return {result.overlay: round(result.seconds * _MICROSECONDS) for result in results if result.seconds}


def narrowed(
    wish: Sharding | None, graph: Graph, part: Scope, chosen: tuple[str, ...], asked: tuple[str, ...] | None
) -> Mine:
    """The share of what a whole run would judge. What belongs to no overlay is the first shard's."""
    if wish is None:
        return Mine(chosen, asked)
    files = {folder: _files(graph, folder) for folder in chosen}
    costs = weights(chosen, wish.costs, lambda folder: len(files[folder]))
    mine = frozenset(split(costs, wish.share.count)[wish.share.index - 1])
    places = tuple(place for place, folder in enumerate(chosen) if folder in mine)
    basis = _basis(wish, graph, part, chosen, {path for found in files.values() for path in found})
    cut = Cut(wish.share, places, len(chosen), basis)
    return Mine(tuple(chosen[place] for place in places), asked if wish.share.index == 1 else (), cut)


def _files(graph: Graph, folder: str) -> set[str]:
    """What an overlay is made of, by the names in its kustomizations: told alike whatever a machine remembers."""
    files: set[str] = set()
    seen: set[str] = set()
    wave = [folder]
    while wave:
        at = wave.pop()
        if at in seen:
            continue
        seen.add(at)
        facts = graph.facts(at) if graph.snapshot.entry(at) is None else None
        if facts is None:
            files |= {at, graph.follow(at) or at}
        else:
            wave += facts.paths
            wave += (join(at, name) or name for name in KUSTOMIZATION_NAMES)
    return {path for path in files if graph.snapshot.entry(path) is not None}


def cut(outcome: Outcome, of: Cut | None) -> Outcome:
    """The outcome of a shard, with what only all shards together can say."""
    if of is None:
        return outcome
    return replace(outcome, cut=replace(of, pending=outcome.pending, across=outcome.across))


def settled(wish: Sharding | None, outcome: Outcome) -> Outcome:
    """The outcome with its cut, also where there was nothing to cut."""
    if wish is None or outcome.cut is not None:
        return outcome
    return replace(outcome, cut=Cut(wish.share, basis=_common(wish)))


def _basis(
    wish: Sharding, graph: Graph, part: Scope, chosen: tuple[str, ...], files: set[str]
) -> tuple[tuple[str, str], ...]:
    lines = []
    for path in sorted(files | {part.config.path}):
        entry = graph.snapshot.entry(path) if path else None
        if entry is not None:
            lines += [path, f"{entry.mode:o} {entry.oid}"]
    own = (("overlays", digest((part.config.path, *chosen))), ("files", digest(lines)))
    return (*_common(wish), *own)


def _common(wish: Sharding) -> tuple[tuple[str, str], ...]:
    recorded = digest(f"{cost} {folder}" for folder, cost in sorted(wish.costs.items()))
    return (("fairlead", digest((__version__,))), ("costs", recorded))
