"""The full check again, nothing changed."""

from __future__ import annotations

import json

from benchmarks.bench import Bench, Measure, Outcome
from benchmarks.measure import BARE, Figure, Way, bare, by_turns, over, ratio, told
from benchmarks.repos import repository


def run(bench: Bench) -> Outcome:
    """Measure."""
    with repository(bench.size(1002, 30), bench.seed) as repo:
        repo.forget()
        first = repo.fairlead("--quiet", "check")()
        ways = {BARE: Way(bare()), "fairlead check": Way(repo.fairlead("--quiet", "check"))}
        samples = by_turns(ways, bench.turns(5))
        last = repo.fairlead("--quiet", "check", "--format", "json", keep_output=True)()
    ours = samples["fairlead check"]
    what = f"checking {len(repo.overlays):,} overlays warm, over bare Python"
    figures = (
        Figure(what, over(ours, samples[BARE]), "s", 0.4, at_most=True),
        Figure("the same, cold against warm", ratio([first] * len(ours), ours), "x"),
    )
    details = {"cold_seconds": round(first.seconds, 3), "summary": json.loads(last.output)["summary"]}
    return Outcome(figures, told(samples), {"overlays": len(repo.overlays), **details})


MEASURE = Measure("warm", "check the same overlays again, nothing changed: seconds over bare Python", run)
