"""A large repository, the same for the same seed: apps of several shapes, on bases and components that they share.

    python -m benchmarks.generate FOLDER [--overlays 1002] [--seed 1]

Every overlay builds, and all that it makes is valid; `fairlead check` finds nothing. Shapes and sizes vary by the
seed: the living example's app, workers, stateful sets, jobs, apps on shared bases, and some with many objects.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.apps import ENVIRONMENTS, app, shared

_CONFIG = Path(__file__).parents[1] / "environments" / "fairlead.yaml"
_SYLLABLES = ("ba", "co", "du", "fe", "gi", "ka", "lo", "mi", "na", "po", "ra", "se", "ti", "vo", "wa", "zu")
_SHARED = re.compile(r"(?:\.\./){3,}((?:bases|components)/[\w-]+)")


def names(count: int, seed: int) -> list[str]:
    """Names of apps, each once."""
    chosen: dict[str, None] = {}
    source = random.Random(seed)
    while len(chosen) < count:
        chosen["".join(source.choice(_SYLLABLES) for _ in range(source.randint(2, 4))) + "-svc"] = None
    return list(chosen)


def generate(root: Path, overlays: int, seed: int = 1) -> list[str]:
    """Write a repository with at least so many overlays, three an app; their folders."""
    used: set[str] = set()
    made = []
    for name in names(-(-overlays // len(ENVIRONMENTS)), seed):
        # A source for each app: it is the same however many there are.
        files = app(name, random.Random(f"{seed} {name}"))
        for path, text in files.items():
            if path.endswith("kustomization.yaml"):
                used.update(_SHARED.findall(text))
        _write(root / "apps" / name, files)
        made += [f"apps/{name}/overlays/{env}" for env in ENVIRONMENTS]
    for folder in sorted(used):
        _write(root / folder, shared(folder))
    _write(root, {"fairlead.yaml": _CONFIG.read_text(encoding="utf-8")})
    return sorted(made)


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for place in sorted({path.rpartition("/")[0] for path in files}):
        (folder / place).mkdir(parents=True, exist_ok=True)
    for path, text in files.items():
        (folder / path).write_text(text, encoding="utf-8")


def main() -> None:
    """Write one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--overlays", type=int, default=1002)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.folder.exists() and any(options.folder.iterdir()):
        sys.exit(f"{options.folder} is not empty")
    made = generate(options.folder, options.overlays, options.seed)
    sys.stdout.write(f"{len(made)} overlays in {options.folder}\n")


if __name__ == "__main__":
    main()
