"""Splits overlays among runs: the same on every machine, balanced by cost, and hardly moved by a small change.

Every overlay has an order of the shards that is its own (rendezvous hashing), and takes the first that has room.
Alone that would be stable, and 1.3 to 1.5 times the ideal load on the fullest shard; "room" (consistent hashing
with bounded loads) cuts that to 1.05, for few moves. Sorting by cost first (longest processing time) would come
closer still, but one more overlay would move a third of all, and with them what each runner has in its cache.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping

SLACK = 20  # a shard may hold a twentieth more than its even part
_SCALE = 1_000


def weights(folders: Iterable[str], recorded: Mapping[str, int], size: Callable[[str], int]) -> dict[str, int]:
    """What each overlay costs: as recorded, else by its size, at the rate of those that are recorded.

    Whole numbers, at least 1, so that no machine rounds otherwise. `size` is asked only where it is needed.
    """
    folders = tuple(folders)
    known = {folder: max(1, recorded[folder]) for folder in folders if folder in recorded}
    if len(known) == len(folders):
        return known
    rates = sorted(cost * _SCALE // max(1, size(f)) for f, cost in known.items()) or [_SCALE]
    rate = rates[(len(rates) - 1) // 2]  # the lower median
    return {f: known[f] if f in known else max(1, size(f) * rate // _SCALE) for f in folders}


def split(costs: Mapping[str, int], count: int) -> tuple[tuple[str, ...], ...]:
    """The overlays of each of `count` shards, sorted; each overlay stands in exactly one.

    No shard holds more than a twentieth above its even part, unless overlays are so large that no split could
    do so; then none holds more than its even part and the largest overlay.
    """
    total = sum(costs.values())
    room = total * (SLACK + 1) // (SLACK * count)
    large = total // (SLACK * count)  # what is not larger always finds room, whatever came before it
    ranked = sorted((_order(folder, cost, large), folder) for folder, cost in costs.items())
    loads = [0] * count
    shards: list[list[str]] = [[] for _ in range(count)]
    for _, folder in ranked:
        cost = costs[folder]
        liked = _liked(folder, count)
        chosen = next((s for s in liked if loads[s] + cost <= room), min(liked, key=loads.__getitem__))
        loads[chosen] += cost
        shards[chosen].append(folder)
    return tuple(tuple(sorted(folders)) for folders in shards)


def _order(folder: str, cost: int, large: int) -> tuple[int, bytes]:
    """Large ones first, the largest in front; the rest in an order that no cost changes."""
    return -cost if cost > large else 0, hashlib.sha256(_bytes(folder)).digest()


def _liked(folder: str, count: int) -> list[int]:
    """The shards in this overlay's own order; one shard more changes nothing among the others."""
    drawn = hashlib.shake_256(_bytes(folder)).digest(4 * count)
    return sorted(range(count), key=lambda shard: drawn[4 * shard : 4 * shard + 4], reverse=True)


def _bytes(folder: str) -> bytes:
    return folder.encode("utf-8", "surrogateescape")
