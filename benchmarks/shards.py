"""How evenly `check --shard` splits, how little moves, and what the slowest shard takes against one run.

    python -m benchmarks.shards [--overlays 1000] [--shards 8] [--rounds 3]

The split is compared with two others over seeded costs: by hash alone, and sorted by cost onto the least loaded
shard. `fullest` is the fullest shard's load over an even part; `moved_*` the part of the overlays that are in another
shard after one more overlay, after all costs were measured again (15% off), and after one more shard. Then one run
and all shards check a generated repository, one after the other, so the ratio holds on any machine. Prints JSON.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.generate import generate
from fairlead.checks.shards import split

_Split = Callable[[Mapping[str, int], int], tuple[tuple[str, ...], ...]]


def _by_hash(costs: Mapping[str, int], count: int) -> tuple[tuple[str, ...], ...]:
    """Each overlay's first choice, however full that is: alone, an overlay always has it."""
    chosen = {f: next(s for s, shard in enumerate(split({f: 1}, count)) if shard) for f in costs}
    return tuple(tuple(f for f in costs if chosen[f] == shard) for shard in range(count))


def _by_cost(costs: Mapping[str, int], count: int) -> tuple[tuple[str, ...], ...]:
    """The largest first, onto the least loaded."""
    loads = [(0, shard) for shard in range(count)]
    shards: list[list[str]] = [[] for _ in range(count)]
    for folder in sorted(costs, key=lambda f: (-costs[f], f)):
        load, shard = heapq.heappop(loads)
        shards[shard].append(folder)
        heapq.heappush(loads, (load + costs[folder], shard))
    return tuple(map(tuple, shards))


def _moved(before: tuple[tuple[str, ...], ...], after: tuple[tuple[str, ...], ...]) -> float:
    was, now = ({f: i for i, shard in enumerate(shards) for f in shard} for shards in (before, after))
    return sum(was[f] != now[f] for f in was) / len(was)


def _judged(by: _Split, overlays: int, count: int, rounds: int) -> dict[str, float]:
    told: dict[str, list[float]] = {"fullest": [], "moved_one_more": [], "moved_measured_again": [], "moved_shard": []}
    for seed in range(rounds):
        source = random.Random(seed)
        costs = {f"apps/a{i}-{seed}/overlays/dev": int(source.lognormvariate(9, 1)) for i in range(overlays)}
        before = by(costs, count)
        again = {folder: int(cost * source.uniform(0.85, 1.15)) for folder, cost in costs.items()}
        loads = [sum(costs[folder] for folder in shard) for shard in before]
        told["fullest"].append(max(loads) * count / sum(loads))
        told["moved_one_more"].append(_moved(before, by({**costs, "apps/new/overlays/dev": 8000}, count)))
        told["moved_measured_again"].append(_moved(before, by(again, count)))
        told["moved_shard"].append(_moved(before, by(costs, count + 1)))
    return {name: round(statistics.median(values), 4) for name, values in told.items()}


def _run(root: Path, *arguments: str) -> tuple[float, bytes]:
    begin = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "fairlead", *arguments], cwd=root, check=True, capture_output=True)
    return time.monotonic() - begin, done.stdout


def _checked(overlays: int, count: int, rounds: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="fairlead-shards-") as folder:
        root = Path(folder).resolve() / "fleet"
        generate(root, overlays)
        costs = root.parent / "costs.json"
        wholes, slowest, merges = [], [], []
        for _ in range(rounds):
            seconds, report = _run(root, "check", "--format", "json")
            costs.write_bytes(report)
            wholes.append(seconds)
            shards, names = [], []
            for index in range(1, count + 1):
                share = ("--shard", f"{index}/{count}", "--costs", str(costs))
                seconds, report = _run(root, "check", *share, "--format", "json")
                names.append(str(root.parent / f"report-{index}.json"))
                Path(names[-1]).write_bytes(report)
                shards.append(seconds)
            slowest.append(max(shards))
            merges.append(_run(root, "report", "merge", *names, "--format", "json")[0])
    whole, slow = statistics.median(wholes), statistics.median(slowest)
    return {
        "one_run_seconds": round(whole, 2),
        "slowest_shard_seconds": round(slow, 2),
        "merge_seconds": round(statistics.median(merges), 2),
        "one_run_over_slowest_shard": round(whole / slow, 2),
    }


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--overlays", type=int, default=1000)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    sizes = (options.overlays, options.shards, options.rounds)
    told = {
        "machine": {"cores": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()},
        "overlays": options.overlays,
        "shards": options.shards,
        "split": {
            "fairlead": _judged(split, *sizes),
            "by_hash": _judged(_by_hash, *sizes),
            "by_cost": _judged(_by_cost, *sizes),
        },
        "check": _checked(*sizes),
    }
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
