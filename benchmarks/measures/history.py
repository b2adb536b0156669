"""What did each commit change? Every overlay it reaches is rendered before and after it."""

from __future__ import annotations

import filecmp
import shutil
import subprocess
from pathlib import Path

from benchmarks import peers
from benchmarks.bench import Bench, Measure, Outcome
from benchmarks.measure import Command, Figure, Way, by_turns, environment, ratio, told
from benchmarks.ours import file_name
from benchmarks.repos import Repo, evolve, repository

# The peer is told which overlays to render; fairlead finds out. A commit's tree after is the next one's before.
_ADD = 'git worktree add --quiet --detach "$2/$id" "$id" || exit 1'
_LOOP = f'cut -d" " -f1 "$1" | sort -u | while read -r id; do {_ADD}; done'
_SCRIPT = f'{_LOOP}; xargs "-P$4" -n3 "$0" build < "$3"'


def run(bench: Bench) -> Outcome:
    """Measure, and compare the bytes of all renders."""
    peers.need_helper()
    kustomize = peers.needed(bench, "kustomize")
    commits = 5 if bench.quick else 30
    with repository(bench.size(300, 30), bench.seed) as repo:
        evolve(repo, commits, bench.seed)
        mine, theirs, trees = (_emptied(repo.cache.parent / name) for name in ("mine", "theirs", "trees"))
        ours = peers.ours("history", str(repo.root), f"HEAD~{commits}..HEAD", str(bench.jobs), str(mine))
        listing = subprocess.run(ours, env=environment(), capture_output=True, check=True).stdout
        pairs = [line.split(" ") for line in listing.decode().splitlines()]
        wishes = repo.cache.parent / "wishes"
        wishes.write_bytes(listing)
        arguments = repo.cache.parent / "arguments"
        arguments.write_text(
            "\n".join(
                f"{trees / commit / overlay}\n-o\n{theirs / file_name(commit, overlay)}" for commit, overlay in pairs
            ),
            encoding="utf-8",
        )
        script = ["sh", "-c", _SCRIPT, kustomize, str(wishes), str(trees), str(arguments), str(bench.jobs)]
        ways = {
            "git worktree + kustomize": Way(
                Command(script, repo.root, env=peers.NO_GC), lambda: _swept(repo, trees, theirs)
            ),
            "fairlead": Way(Command(ours, repo.root), lambda: _emptied(mine)),
        }
        samples = by_turns(ways, bench.rounds)
        same = sum(
            (mine / name).is_file() and filecmp.cmp(mine / name, theirs / name, shallow=False)
            for name in (file_name(*pair) for pair in pairs)
        )
    return Outcome(
        (
            Figure(
                f"before and after {commits} commits, {len(pairs):,} renders, against git worktree and kustomize",
                ratio(samples["git worktree + kustomize"], samples["fairlead"]), "x", 10.0,
            ),
            Figure("the same bytes on both sides", same / len(pairs), "of all", 1.0),
        ),
        told(samples),
        {"overlays": len(repo.overlays), "commits": commits, "renders": len(pairs), "same_bytes": same},
    )  # fmt: skip


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _swept(repo: Repo, trees: Path, out: Path) -> None:
    _emptied(trees)
    _emptied(out)
    repo.git("worktree", "prune")


MEASURE = Measure("history", "render before and after each commit of a range, against git worktree and kustomize", run)
