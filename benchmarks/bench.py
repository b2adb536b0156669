"""What a measure is, what it is given, and what it tells."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import cores, facts, load
from benchmarks.measure import Figure, Json
from benchmarks.tools import Tools


def shared() -> Path:
    """Where real repositories lie: FAIRLEAD_SHARED, else shared/ beside this clone."""
    return Path(os.environ.get("FAIRLEAD_SHARED") or Path(__file__).parents[1].parent / "shared")


class SkippedError(RuntimeError):
    """A measure that can't be made here; the words say why."""


@dataclass(frozen=True)
class Bench:
    """The sizes of a run (0: each measure's own) and the peers."""

    quick: bool = False
    overlays: int = 0
    rounds: int = 3
    seed: int = 1
    corpora: Path = field(default_factory=lambda: shared() / "corpora")
    wheel: Path | None = None
    tools: Tools = field(default_factory=Tools)

    @property
    def jobs(self) -> int:
        """How many processes side by side, for all ways alike."""
        return cores()

    def turns(self, least: int) -> int:
        """How often by turns: short runs need more of them."""
        return self.rounds if self.quick else max(self.rounds, least)

    def size(self, full: int, quick: int) -> int:
        """How many overlays: as asked for, else the measure's own number."""
        return self.overlays or (quick if self.quick else full)


@dataclass(frozen=True)
class Outcome:
    """What came of a measure: its figures, the ways side by side, and whatever else explains them."""

    figures: tuple[Figure, ...]
    ways: Json = field(default_factory=dict)
    details: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Measure:
    """One measure; `what` is a line for the list."""

    name: str
    what: str
    run: Callable[[Bench], Outcome]

    def report(self, bench: Bench) -> Json:
        """Measure, and tell it with the facts of the machine."""
        before = facts()
        report: Json = {
            "measure": self.name,
            "what": self.what,
            "quick": bench.quick,
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "settings": {"overlays": bench.overlays or None, "rounds": bench.rounds, "seed": bench.seed},
        }
        try:
            outcome = self.run(bench)
        except SkippedError as reason:
            report["skipped"] = str(reason)
        else:
            report["figures"] = [figure.told() for figure in outcome.figures]
            report["ways"] = outcome.ways
            report["details"] = outcome.details
        report["machine"] = {**before, "load_at_end": load()}
        report["tools"] = bench.tools.versions()
        report["missing"] = dict(bench.tools.missing)
        return report
