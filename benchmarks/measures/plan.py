"""What planning a promotion costs: all apps for one hop, without and with rendering, and one of many; then tenfold."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.bench import Bench, Measure, Outcome
from benchmarks.measure import BARE, Figure, Sample, Way, bare, by_turns, over, ratio, told
from benchmarks.repos import Repo, new_tag, repository

_PLAN, _COLD, _WARM, _FIRST, _NEXT = "plan", "rendered", "rendered again", "one app, first", "one app, then"


def run(bench: Bench) -> Outcome:
    """Measure. `--explain` plans and renders nothing; `--dry-run` does all that is done before a person is asked.

    The large repository has one turn, beside another one of the small: its figures are ratios.
    """
    apps = bench.size(3000, 30) // 3
    with ExitStack() as stack:
        small, large = (_behind(stack.enter_context(repository(3 * n, bench.seed))) for n in (apps, 10 * apps))
        samples = by_turns({BARE: Way(bare()), **_ways(small, with_all=True)}, bench.rounds)
        few, many = (f"{len(repo.overlays) // 3:,}" for repo in (small, large))
        sizes = {few: _ways(small), many: _ways(large)}
        tenfold = by_turns({f"{n}: {name}": way for n, ways in sizes.items() for name, way in ways.items()}, 1)
    base = samples[BARE]
    what = f"planning a promotion of {few} apps, one hop"
    figures = [
        _figure(what, samples[_PLAN], base, None if bench.quick else 1.0),
        _figure("the same with rendering and checks", samples[_COLD], base, None if bench.quick else 20.0),
        _figure("the same with rendering and checks, again", samples[_WARM], base),
        _figure(f"`promote APP` among {few}, up to the question", samples[_NEXT], base, None if bench.quick else 1.0),
        _figure("the same with an empty cache", samples[_FIRST], base),
    ]
    words = {_PLAN: "planning all apps", _NEXT: "`promote APP`", _FIRST: "`promote APP` with an empty cache"}
    figures += [
        Figure(f"{many} apps, against {few}: {text}", ratio(tenfold[f"{many}: {name}"], tenfold[f"{few}: {name}"]), "x")
        for name, text in words.items()
    ]
    every = samples | tenfold
    cpu = {name: round(statistics.median(s.cpu for s in each), 3) for name, each in every.items()}
    return Outcome(tuple(figures), told(every), {"apps": [apps, 10 * apps], "cpu_seconds": cpu})


def _figure(what: str, samples: Sequence[Sample], base: Sequence[Sample], goal: float | None = None) -> Figure:
    return Figure(f"{what}, over bare Python", over(samples, base), "s", goal, at_most=True)


def _behind(repo: Repo) -> Repo:
    """Every app has a new version in dev."""
    for overlay in repo.overlays:
        if overlay.endswith("/dev"):
            new_tag(repo, overlay, "99.0.1")  # newer than what any of them has
    repo.commit("A version for all")
    return repo


def _ways(repo: Repo, *, with_all: bool = False) -> dict[str, Way]:
    """One app is promoted with an empty cache, then another, which nobody has rendered yet."""
    apps = [
        overlay.split("/")[1] for overlay in repo.overlays if overlay.endswith("/staging") and _carries(repo, overlay)
    ]
    first, then = apps[len(apps) // 2], apps[len(apps) // 3]
    ways = {_PLAN: Way(repo.fairlead("--quiet", "promote", "--all", "--explain", "newTag"), repo.forget)}
    ways[_FIRST] = Way(repo.fairlead("--quiet", "promote", first, "--dry-run", "--exit-code", codes=(1,)), repo.forget)
    ways[_NEXT] = Way(repo.fairlead("--quiet", "promote", then, "--dry-run", "--exit-code", codes=(1,)))
    if with_all:
        every = repo.fairlead("--quiet", "promote", "--all", "--dry-run", "--exit-code", codes=(1,))
        ways |= {_COLD: Way(every, repo.forget), _WARM: Way(every)}
    return ways


def _carries(repo: Repo, overlay: str) -> bool:
    """Whether the new version of dev is one that this overlay takes."""
    return "    newTag: " in (repo.root / overlay / "kustomization.yaml").read_text(encoding="utf-8")


MEASURE = Measure("plan", "plan a promotion of 1,000 apps, and of one among them; ten times as many", run)
