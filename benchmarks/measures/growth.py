"""Ten times the overlays: ten times the time, and memory that stays small."""

from __future__ import annotations

import json
from contextlib import ExitStack

from benchmarks.bench import Bench, Measure, Outcome
from benchmarks.measure import Figure, Way, by_turns, ratio, told
from benchmarks.repos import repository


def run(bench: Bench) -> Outcome:
    """Measure. Memory is that of the whole process tree."""
    small = bench.size(1002, 30)
    with ExitStack() as stack:
        repos = [stack.enter_context(repository(overlays, bench.seed)) for overlays in (small, 10 * small)]
        ways = {
            f"{len(repo.overlays):,} overlays": Way(
                repo.fairlead("--quiet", "check", "--format", "json", keep_output=True, watch_tree=True), repo.forget
            )
            for repo in repos
        }
        samples = by_turns(ways, bench.rounds)
    few, many = samples.values()
    tree = [max(sample.tree_mb for sample in each) for each in (few, many)]
    counts = [len(repo.overlays) for repo in repos]
    figures = [
        Figure(
            f"checking {counts[1]:,} overlays cold, against {counts[0]:,}: time",
            ratio(many, few),
            "x",
            10.5,
            at_most=True,
        )
    ]
    if all(tree):  # without /proc nobody can tell
        figures += [
            Figure("the same: memory of all processes", tree[1], "MB", 600, at_most=True),
            Figure("the same: memory, as a ratio", tree[1] / tree[0], "x"),
        ]
    summaries = [json.loads(each[-1].output)["summary"] for each in (few, many)]
    return Outcome(tuple(figures), told(samples), {"overlays": counts, "summaries": summaries})


MEASURE = Measure("growth", "check ten times the overlays cold: ratio of time, memory of all processes", run)
