"""Render all overlays of a generated repository: the renderer against kustomize, kubectl and Flux's tools."""

from __future__ import annotations

from benchmarks import flux, peers
from benchmarks.bench import Bench, Measure, Outcome
from benchmarks.measure import Command, Figure, Way, by_turns, median, ratio, told
from benchmarks.repos import repository


def run(bench: Bench) -> Outcome:
    """Measure."""
    peers.need_helper()
    with repository(bench.size(1002, 30), bench.seed) as repo:
        flux.add(repo.root, repo.overlays)
        repo.commit("Objects for Flux's tools")
        ways = {
            peers.KUSTOMIZE_NAME: peers.kustomize(bench, repo),
            **peers.others(bench, repo, repo.cache.parent / "flate"),
            **{
                f"fairlead, {way}": Way(
                    Command(peers.ours("render", str(repo.root), way, str(bench.jobs)), repo.root, repo.lines)
                )
                for way in ("folder", "commit")
            },
        }
        samples = by_turns(ways, bench.rounds)
    ours = samples["fairlead, folder"]
    figures = [
        Figure(f"rendering {len(repo.overlays):,} overlays, against {name}", ratio(samples[name], ours), "x", goal)
        for name, goal in ((peers.KUSTOMIZE_NAME, 9.0), ("kubectl", None), ("flux-local", None), ("flate", None))
        if name in samples
    ]
    figures.append(
        Figure("the same from a commit, against the work tree", ratio(samples["fairlead, commit"], ours), "x")
    )
    each = {name: round(len(repo.overlays) / median(some), 1) for name, some in samples.items()}
    return Outcome(tuple(figures), told(samples), {"overlays": len(repo.overlays), "overlays_a_second": each})


MEASURE = Measure("render", "render overlays cold, against kustomize, kubectl, flux-local and flate", run)
