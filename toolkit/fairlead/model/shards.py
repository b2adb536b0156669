"""One run in several parts: which part is asked for, and what a part tells so that the parts can be put together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from fairlead.model.findings import Finding
from fairlead.model.values import dataclass

MOST = 256  # shards; no CI starts more runners for one run


@dataclass(frozen=True)
class Share:
    """The part `index` (from 1) of `count`."""

    index: int
    count: int

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"


@dataclass(frozen=True)
class Part:
    """What is asked across all shards of a run.

    A configuration and its baseline as they are written, and the digests of its overlays.
    """

    config: str
    text: str
    digests: Mapping[str, str]
    baseline: str = ""


@dataclass(frozen=True)
class Cut:
    """What a shard judged of the whole run, and what only the whole can say.

    `places` are where its results stand among the `total` of the whole run. `basis` is what all shards of a run
    have in common: names, each with a digest; reports with another basis don't belong together. `pending` are
    findings that another shard may contradict, `across` is what is asked of all overlays at once.
    """

    share: Share
    places: tuple[int, ...] = ()
    total: int = 0
    basis: tuple[tuple[str, str], ...] = ()
    pending: tuple[Finding, ...] = ()
    across: tuple[Part, ...] = ()


def joined(cuts: Iterable[Cut | None]) -> Cut | None:
    """The cuts of a run's parts as one, in their order; None where nothing was cut."""
    found = [cut for cut in cuts if cut is not None]
    if not found:
        return None
    places: list[int] = []
    total = 0
    for cut in found:
        places += (total + place for place in cut.places)
        total += cut.total
    names = dict.fromkeys(name for cut in found for name, _ in cut.basis)
    basis = tuple((name, digest(dict(cut.basis).get(name, "") for cut in found)) for name in names)
    pending = tuple(finding for cut in found for finding in cut.pending)
    return Cut(
        found[0].share, tuple(places), total, basis, pending, tuple(part for cut in found for part in cut.across)
    )


def digest(parts: Iterable[str]) -> str:
    """One digest of texts; names that are not UTF-8 are texts too."""
    made = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogateescape")
        made.update(b"%d:" % len(data) + data)
    return made.hexdigest()[:32]
