"""Which defects, in which overlays: a seeded random choice, by turns among repositories, never the same edit twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from random import Random

from benchmarks.defects.model import Case, Kind, Seed
from benchmarks.defects.site import Ground, Site
from benchmarks.measure import note

Clean = Callable[[str, Kind, str, Seed], bool]  # repository, kind, overlay, seed: nothing of it was told before
_TRIES = 4  # edits of one overlay that don't make the defect, before another overlay is asked
_ROUNDS = 3


def sow(grounds: Mapping[str, Ground], kinds: Sequence[Kind], wanted: int, seed: int, clean: Clean) -> list[Case]:
    """So many cases, as evenly among the kinds as there are places for them."""
    streams = {kind.name: _cases(grounds, kind, Random(f"{seed} {kind.name}"), clean) for kind in kinds}
    found: dict[str, list[tuple[str, str, Seed]]] = {kind.name: [] for kind in kinds}
    open_kinds, total = [kind.name for kind in kinds], 0
    share = max(1, wanted // max(1, len(kinds)))
    while open_kinds and total < wanted:
        for name in list(open_kinds):
            for _ in range(share):
                if total >= wanted:
                    break
                one = next(streams[name], None)
                if one is None:
                    open_kinds.remove(name)
                    break
                found[name].append(one)
                total += 1
            note(f"{name}: {len(found[name])} cases")
        share = max(1, (wanted - total) // max(1, len(open_kinds)))
    rows = [(kind, *one) for kind in kinds for one in found[kind.name]]
    return [Case(number, *row) for number, row in enumerate(rows, 1)]


def _cases(grounds: Mapping[str, Ground], kind: Kind, random: Random, clean: Clean) -> Iterator[tuple[str, str, Seed]]:
    seen: set[str] = set()
    for _ in range(_ROUNDS):
        rows = [[(name, folder) for folder in random.sample(g.valid, len(g.valid))] for name, g in grounds.items()]
        for turn in zip_longest(*random.sample(rows, len(rows))):
            for name, folder in (each for each in turn if each is not None):
                seed = _seeded(grounds[name], kind, folder, random, seen, clean)
                if seed is not None:
                    yield name, seed.overlay or folder, seed


def _seeded(ground: Ground, kind: Kind, folder: str, random: Random, seen: set[str], clean: Clean) -> Seed | None:
    """The first edit that makes the defect."""
    tries = 0
    for seed in kind.sow(Site(ground, folder), random):
        mark = _mark(ground.name, seed)
        if mark in seen:
            continue
        seen.add(mark)
        if clean(ground.name, kind, seed.overlay or folder, seed) and is_defect(ground, kind, folder, seed):
            return seed
        tries += 1
        if tries == _TRIES:
            return None
    return None


def is_defect(ground: Ground, kind: Kind, folder: str, seed: Seed) -> bool:
    """Whether the edit did what it was made for: the build fails, or doesn't, and the objects show it."""
    if not seed.files or all(
        ground.snapshot.entry(p) is not None and ground.snapshot.read(p) == d for p, d in seed.files.items()
    ):
        return False
    after = ground.after(seed, seed.overlay or folder)
    if after is None:
        return kind.breaks is not False
    return not kind.breaks and (seed.proof is None or seed.proof(after))


def _mark(name: str, seed: Seed) -> str:
    state = hashlib.sha256(name.encode())
    for path, data in sorted(seed.files.items()):
        state.update(path.encode() + b"\0" + (data if data is not None else b"gone") + b"\0")
    return state.hexdigest()
