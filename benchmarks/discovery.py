"""How long it takes to find the overlays of a large repository, before anything is rendered.

    python -m benchmarks.discovery [--files 200000] [--overlays 1000] [--rounds 3] [--keep FOLDER]

Makes a git repository of that many files, most of which have nothing to do with kustomize, and opens it as the
commands do: the work tree, the index, a commit; all files, then the layout; and the renderer's own reading of the
index. `git ls-files` by itself is measured beside it: less than that can't be had. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.generate import generate
from fairlead.doors.git.repository import Repository
from fairlead.model.rendering import Rendered, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.render import helper
from fairlead.render.helper import HelperRenderer
from fairlead.repo import config
from fairlead.repo.layout import discover

_IN_A_FOLDER = 100
_WAYS = ("work tree", "index", "commit")


@contextmanager
def repository(folder: str | None, files: int, overlays: int) -> Iterator[tuple[Path, list[str]]]:
    """A committed repository of so many files; made once where a folder is named."""
    with tempfile.TemporaryDirectory(prefix="fairlead-discovery-", ignore_cleanup_errors=True) as temporary:
        root = Path(folder or temporary).resolve()
        listing = root / ".git/overlays.json"
        if not listing.exists():
            root.mkdir(parents=True, exist_ok=True)
            made = generate(root, overlays)
            others = files - sum(1 for path in root.rglob("*") if path.is_file())
            for number in range(others):
                if number % _IN_A_FOLDER == 0:
                    place = root / f"src/part{number // 10_000}/sub{number // _IN_A_FOLDER}"
                    place.mkdir(parents=True)
                (place / f"f{number}.txt").write_text(f"{number}\n", encoding="utf-8")
            git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", "-C", str(root)]
            subprocess.run([*git, "init", "-q", "--template="], check=True)
            subprocess.run([*git, "add", "--all"], check=True)
            subprocess.run([*git, "commit", "-q", "-m", "All"], check=True)
            listing.write_text(json.dumps(made), encoding="utf-8")
        yield root, json.loads(listing.read_text(encoding="utf-8"))


def _seconds(job: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        job()
        times.append(time.perf_counter() - begin)
    return round(statistics.median(times), 3)


def measure(root: Path, overlays: list[str], rounds: int) -> dict[str, Any]:
    """Each way to open the repository, in seconds."""

    def opened(way: str) -> Snapshot:
        repo = Repository.open(root)
        assert repo is not None
        ways: dict[str, Callable[[], Snapshot]] = {
            "work tree": repo.work_tree, "index": repo.index, "commit": lambda: repo.at("HEAD"),
        }  # fmt: skip
        snapshot = ways[way]()
        layout = discover(snapshot, config.load(snapshot))
        assert len(layout.overlays) == len(overlays)
        return snapshot

    def listed() -> None:
        subprocess.run(["git", "ls-files", "-s", "-z"], cwd=root, stdout=subprocess.DEVNULL, check=True)

    told: dict[str, Any] = {f"layout of the {way}": _seconds(partial(opened, way), rounds) for way in _WAYS}
    told["git ls-files -s"] = _seconds(listed, rounds)
    program = helper.found()
    if program is not None:
        for way in _WAYS:
            told[f"one overlay of the {way}"] = _seconds(partial(_one, program, opened(way), overlays[0]), rounds)
    return told


def _one(program: str, snapshot: Snapshot, overlay: str) -> None:
    engine = HelperRenderer(program, 1)
    (result,) = engine.render((Trial(snapshot, overlay),))
    assert isinstance(result, Rendered)
    engine.close()


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=200_000)
    parser.add_argument("--overlays", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", metavar="FOLDER", help="make the repository there, or take the one that is there")
    options = parser.parse_args()
    with repository(options.keep, options.files, options.overlays) as (root, overlays):
        told = measure(root, overlays, options.rounds)
    told |= {
        "files": options.files,
        "overlays": len(overlays),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "load_at_end": round(os.getloadavg()[0], 2),
    }
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
