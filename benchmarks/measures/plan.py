"""What planning a promotion costs: all apps for one hop, without and with rendering, and one of many; then tenfold."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.bench import Bench, Measure, Outcome
from benchmarks.measure import BARE, Figure, Sample, Way, bare, by_turns, over, ratio, told
from benchmarks.repos import Repo, new_tag, repository

_GOALS = {"one": 1.0, "plan": 1.0, "rendered": 20.0}  # seconds, for 1,000 apps


def run(bench: Bench) -> Outcome:
    """Measure. `--explain` plans and renders nothing: what a person waits for until the first question."""
    apps = bench.size(3000, 30) // 3
    with ExitStack() as stack:
        repos = [_behind(stack.enter_context(repository(3 * size, bench.seed))) for size in (apps, 10 * apps)]
        ways = {BARE: Way(bare())}
        for repo in repos:
            ways |= {f"{len(repo.overlays) // 3:,} apps, {name}": way for name, way in _ways(repo).items()}
        samples = by_turns(ways, bench.rounds)
    few, many = (f"{len(repo.overlays) // 3:,} apps" for repo in repos)
    base = samples[BARE]
    figures = [
        _figure(f"`promote --all`, {few}: the plan", samples[f"{few}, plan"], base, "plan", bench),
        _figure(f"`promote --all --dry-run`, {few}: rendered", samples[f"{few}, rendered"], base, "rendered", bench),
        _figure(f"`promote APP` among {few}: the plan", samples[f"{few}, one"], base, "one", bench),
        _figure(f"`promote APP --dry-run` among {few}", samples[f"{few}, one rendered"], base, "", bench),
    ]  # fmt: skip
    figures += [
        Figure(f"{many} against {few}: {name}", ratio(samples[f"{many}, {name}"], samples[f"{few}, {name}"]), "x")
        for name in ("plan", "one", "one rendered")
    ]
    cpu = {name: round(statistics.median(s.cpu for s in each), 3) for name, each in samples.items()}
    return Outcome(tuple(figures), told(samples), {"apps": [apps, 10 * apps], "cpu_seconds": cpu})


def _figure(what: str, samples: Sequence[Sample], base: Sequence[Sample], goal: str, bench: Bench) -> Figure:
    return Figure(f"{what}, over bare Python", over(samples, base), "s", None if bench.quick else _GOALS.get(goal),
                  at_most=True)  # fmt: skip


def _behind(repo: Repo) -> Repo:
    """Every app has a new version in dev."""
    for overlay in repo.overlays:
        if overlay.endswith("/dev"):
            new_tag(repo, overlay, "9.0.1")
    repo.commit("A version for all")
    return repo


def _ways(repo: Repo) -> dict[str, Way]:
    app = repo.overlays[len(repo.overlays) // 2].split("/")[1]
    ways = {
        "plan": Way(repo.fairlead("--quiet", "promote", "--all", "--explain", "newTag")),
        "one": Way(repo.fairlead("--quiet", "promote", app, "--explain", "newTag")),
        "one rendered": Way(repo.fairlead("--quiet", "promote", app, "--dry-run"), repo.forget),
    }
    if len(repo.overlays) <= _RENDERED:
        ways["rendered"] = Way(repo.fairlead("--quiet", "promote", "--all", "--dry-run"), repo.forget)
    return ways


_RENDERED = 6000  # overlays: ten thousand apps are rendered by `check` and its measures

MEASURE = Measure("plan", "plan a promotion of 1,000 apps, and of one among them; ten times as many", run)
