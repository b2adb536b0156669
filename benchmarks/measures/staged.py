"""What a commit hook costs: one overlay's file is staged in a large repository that was checked before."""

from __future__ import annotations

import json
from itertools import count

from benchmarks.bench import Bench, Measure, Outcome
from benchmarks.measure import BARE, Figure, Way, bare, by_turns, over, told
from benchmarks.repos import new_tag, repository


def run(bench: Bench) -> Outcome:
    """Measure. Each round stages another version, so that none was seen before."""
    numbers = count(1)
    with repository(bench.size(1002, 30), bench.seed) as repo:
        repo.forget()
        repo.fairlead("--quiet", "check")()
        overlay = repo.overlays[len(repo.overlays) // 2]

        def stage() -> None:
            repo.git("add", new_tag(repo, overlay, f"9.0.{next(numbers)}"))

        staged = Way(repo.fairlead("--quiet", "check", "--staged", "--format", "json", keep_output=True), stage)
        samples = by_turns({BARE: Way(bare()), "fairlead check --staged": staged}, bench.turns(5))
    ours = samples["fairlead check --staged"]
    return Outcome(
        (
            Figure(
                f"`check --staged`, one of {len(repo.overlays):,} overlays changed, over bare Python",
                over(ours, samples[BARE]), "s", 0.25, at_most=True,
            ),
        ),
        told(samples),
        {"overlays": len(repo.overlays), "summary": json.loads(ours[-1].output)["summary"]},
    )  # fmt: skip


MEASURE = Measure("staged", "`check --staged` after one overlay's file changed, warm: seconds over bare Python", run)
