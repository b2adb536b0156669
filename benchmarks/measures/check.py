"""The full check, nothing cached: render, schemas and rules, against kustomize and kubeconform."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks import peers
from benchmarks.bench import Bench, Measure, Outcome
from benchmarks.measure import Command, Figure, Way, by_turns, ratio, told
from benchmarks.repos import Repo, repository
from benchmarks.schemas import self_contained

KUBERNETES = "1.34"  # as the generated fairlead.yaml says
_PIPE = '"$0" build "$3" | "$1" -strict -schema-location "$2" -'
_THEN = 'xargs "-P$4" -n3 "$0" build && "$1" -strict -n "$4" -schema-location "$2" "$3"'


def run(bench: Bench) -> Outcome:
    """Measure."""
    with repository(bench.size(1002, 30), bench.seed) as repo:
        place = Path(tempfile.mkdtemp(dir=repo.cache.parent))
        location = self_contained(KUBERNETES, place)
        kustomize, kubeconform = peers.needed(bench, "kustomize"), peers.needed(bench, "kubeconform")
        loop = peers.xargs(bench, "sh", "-c", _PIPE, kustomize, kubeconform, location)
        piped = Way(Command(loop, repo.root, repo.lines, peers.NO_GC))
        samples = by_turns(
            {
                "kustomize | kubeconform": piped,
                "kustomize, then one kubeconform": _then(bench, repo, kustomize, kubeconform, location),
                "fairlead check": Way(repo.fairlead("--quiet", "check"), repo.forget),
            },
            bench.rounds,
        )
    ours = samples["fairlead check"]
    return Outcome(
        (
            Figure(
                f"checking {len(repo.overlays):,} overlays cold, against kustomize and kubeconform, piped",
                ratio(samples["kustomize | kubeconform"], ours), "x", 15.0,
            ),
            Figure(
                "the same, against one kubeconform over all output",
                ratio(samples["kustomize, then one kubeconform"], ours), "x",
            ),
        ),
        told(samples),
        {"overlays": len(repo.overlays), "kubernetes": KUBERNETES},
    )  # fmt: skip


def _then(bench: Bench, repo: Repo, kustomize: str, kubeconform: str, location: str) -> Way:
    """Render into files in parallel, then judge them all by one process: what a careful script does."""
    out = repo.cache.parent / "out"
    lines = "\n".join(f"{path}\n-o\n{out}/{path.replace('/', '-')}.yaml" for path in repo.overlays).encode()
    argv = ["sh", "-c", _THEN, kustomize, kubeconform, location, str(out), str(bench.jobs)]

    def prepare() -> None:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()

    return Way(Command(argv, repo.root, lines, peers.NO_GC), prepare)


MEASURE = Measure("check", "check overlays cold: render, schemas, rules, against kustomize and kubeconform", run)
