"""One file of a base changes that 3, 30, 300 or all overlays read: the time is linear in what it reaches."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count
from typing import Any

from benchmarks.bench import Bench, Measure, Outcome
from benchmarks.measure import BARE, Figure, Sample, Way, bare, by_turns, over, told
from benchmarks.repos import Repo, reach, repository

_COUNTS = ("rendered", "rendered_by_a_check_of_everything")


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
        whole = {size: _rendered_by_all(repo, paths[size]) for size in sizes}
    rows = [_row(size, samples[_name(size)], samples[BARE], whole[size]) for size in sizes]
    figures = [_nothing_else(rows)]
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
        _change(repo, path, f"round {next(numbers)}")
        repo.git("add", path)

    return Way(repo.fairlead("--quiet", "check", "--staged", "--format", "json", keep_output=True), stage)


def _change(repo: Repo, path: str, word: str) -> None:
    repo.git("reset", "--quiet", "--hard")
    text = (repo.root / path).read_text(encoding="utf-8")
    repo.write(path, text.replace("'0'", f"'{word}'"))


def _rendered_by_all(repo: Repo, path: str) -> int | None:
    """How many overlays a check of everything renders, now that the file is another. None: it doesn't tell."""
    _change(repo, path, "everything")
    done = repo.fairlead("--quiet", "check", "--format", "json", keep_output=True)()
    rendered: int | None = json.loads(done.output)["summary"].get("rendered")
    return rendered


def _row(size: int, samples: Sequence[Sample], baseline: Sequence[Sample], whole: int | None) -> dict[str, Any]:
    told = json.loads(samples[-1].output)
    return {
        "reached": size,
        "judged": len(told["overlays"]),
        "rendered": told["summary"].get("rendered"),
        "rendered_by_a_check_of_everything": whole,
        "seconds_over_bare": round(over(samples, baseline), 4),
    }


def _nothing_else(rows: Sequence[dict[str, Any]]) -> Figure:
    """Whether it was as many as read the file, in every size."""
    judged = all(row["judged"] == row["reached"] for row in rows)
    counts = [row[key] for row in rows for key in _COUNTS]
    if None in counts:
        return Figure(
            "one base file changed, staged: the overlays that read it are judged, no other", float(judged), "", 1
        )
    rendered = all(row[key] == row["reached"] for row in rows for key in _COUNTS)
    what = "one base file changed: the overlays that read it are judged and rendered, no other, by `check` as well"
    return Figure(what, float(judged and rendered), "", 1)


def _slope(one: dict[str, Any], other: dict[str, Any]) -> float:
    seconds = float(other["seconds_over_bare"]) - float(one["seconds_over_bare"])
    return max(seconds, 1e-6) / (int(other["reached"]) - int(one["reached"]))


MEASURE = Measure("base", "one base file changed that 3, 30, 300, all overlays read: linear in what it reaches", run)
