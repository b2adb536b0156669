"""One file of a base changes that 3, 30, 300 or all overlays read: the time is linear in what it reaches."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count
from typing import Any

from benchmarks.bench import Bench, Measure, Outcome
from benchmarks.measure import BARE, Figure, Sample, Way, bare, by_turns, over, told
from benchmarks.repos import Repo, reach, repository


def run(bench: Bench) -> Outcome:
    """Measure."""
    with repository(bench.size(1002, 30), bench.seed) as repo:
        total = len(repo.overlays)
        sizes = sorted({size for size in (3, 30, 300) if size < total} | {total})
        paths = reach(repo, sizes)
        repo.forget()
        repo.fairlead("--quiet", "check")()
        ways = {BARE: Way(bare())} | {_name(size): _way(repo, paths[size]) for size in sizes}
        samples = by_turns(ways, bench.rounds)
    rows = [_row(size, samples[_name(size)], samples[BARE]) for size in sizes]
    nothing_else = all(row["judged"] == row["reached"] and row["rendered"] in (None, row["reached"]) for row in rows)
    figures = [
        Figure(
            "one base file changed: only the overlays that read it are judged and rendered", float(nothing_else), "", 1
        )
    ]
    if len(sizes) > 2:
        # The cost of one more overlay, at the far end against the near one: 1 is a straight line.
        near, far = (_slope(rows[at], rows[at + 1]) for at in (0, -2))
        figures.append(
            Figure(
                f"the cost of one more overlay among {total:,}, against one among the first {sizes[1]}", far / near, "x"
            )
        )
    return Outcome(tuple(figures), told(samples), {"overlays": total, "reach": rows})


def _name(size: int) -> str:
    return f"reaching {size}"


def _way(repo: Repo, path: str) -> Way:
    """The file is staged with another content each time, and nothing else."""
    numbers = count(1)

    def stage() -> None:
        repo.git("reset", "--quiet", "--hard")
        text = (repo.root / path).read_text(encoding="utf-8")
        repo.write(path, text.replace("round: '0'", f"round: '{next(numbers)}'"))
        repo.git("add", path)

    return Way(repo.fairlead("--quiet", "check", "--staged", "--format", "json", keep_output=True), stage)


def _row(size: int, samples: Sequence[Sample], baseline: Sequence[Sample]) -> dict[str, Any]:
    told = json.loads(samples[-1].output)
    return {
        "reached": size,
        "judged": len(told["overlays"]),
        "rendered": told["summary"].get("rendered"),
        "seconds_over_bare": round(over(samples, baseline), 4),
    }


def _slope(one: dict[str, Any], other: dict[str, Any]) -> float:
    seconds = float(other["seconds_over_bare"]) - float(one["seconds_over_bare"])
    return max(seconds, 1e-6) / (int(other["reached"]) - int(one["reached"]))


MEASURE = Measure("base", "one base file changed that 3, 30, 300, all overlays read: linear in what it reaches", run)
