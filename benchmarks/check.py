"""How long `fairlead check` takes, against only building the same overlays in a shell loop.

    python -m benchmarks.check [--overlays 1000] [--rounds 3]

The loop is `xargs -P` with as many processes as there are cores around `kustomize build` or
`kubectl kustomize`, whichever fairlead itself uses. Both run by turns in one go, so the ratio holds on any
machine. Prints JSON.
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
from pathlib import Path

from benchmarks.generate import generate
from fairlead.doors.proc import which
from fairlead.render.kustomize import KustomizeRenderer


def _loop(root: Path, overlays: list[str], cores: int) -> float:
    kustomize = which("kustomize")
    program = [kustomize, "build"] if kustomize else [str(which("kubectl")), "kustomize"]
    begin = time.monotonic()
    subprocess.run(
        ["xargs", f"-P{cores}", "-n1", *program], cwd=root, check=True,
        input="\n".join(overlays).encode(), stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.monotonic() - begin


def _check(root: Path) -> float:
    begin = time.monotonic()
    subprocess.run([sys.executable, "-m", "fairlead", "-q", "check"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--overlays", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory(prefix="fairlead-check-") as folder:
        root = Path(folder).resolve()
        overlays = generate(root, options.overlays)
        loops, checks = [], []
        for _ in range(options.rounds):
            loops.append(_loop(root, overlays, cores))
            checks.append(_check(root))
    loop, check = statistics.median(loops), statistics.median(checks)
    told = {
        "overlays": len(overlays),
        "renderer": KustomizeRenderer().version,
        "loop_seconds": [round(s, 2) for s in loops],
        "check_seconds": [round(s, 2) for s in checks],
        "loop_median": round(loop, 2),
        "check_median": round(check, 2),
        "check_over_loop": round(check / loop, 3),
        "cores": cores,
        "machine": platform.machine(),
        "python": platform.python_version(),
        "load_at_end": round(os.getloadavg()[0], 2),
    }
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


if __name__ == "__main__":
    main()
