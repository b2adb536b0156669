"""From a fresh `pip install` of the wheel to the first rendered overlay."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.bench import Bench, Measure, Outcome, SkippedError
from benchmarks.measure import Command, Figure, Sample, environment, note, told
from benchmarks.repos import repository


def run(bench: Bench) -> Outcome:
    """Measure, each round in a new virtual environment."""
    wheel = bench.wheel
    if wheel is None:
        raise SkippedError("name a wheel: --wheel dist/fairlead-….whl (`make build` makes one)")
    if not wheel.is_file():
        raise SkippedError(f"there is no wheel {wheel}")
    installs, firsts, seconds = [], [], []
    with repository(3, bench.seed) as repo:
        _, app, _, env = repo.overlays[0].split("/")
        for number in range(bench.rounds):
            with tempfile.TemporaryDirectory(prefix="fairlead-install-") as folder:
                subprocess.run([sys.executable, "-m", "venv", folder], check=True)
                bin_ = Path(folder, "bin")
                pip = [str(bin_ / "python"), "-m", "pip", "install", "--quiet", str(wheel.resolve())]
                installs.append(Command(pip, env=_alone())())
                repo.forget()
                again = Command(
                    [str(bin_ / "fairlead"), "render", app, env],
                    repo.root,
                    env=_alone(str(repo.cache)),
                    keep_output=True,
                )
                firsts.append(again())
                seconds.append(again())
                brought = (bin_ / "fairlead-renderer").is_file()
                note(f"round {number + 1}: pip {installs[-1].seconds:.1f} s, first render {firsts[-1].seconds:.2f} s")
    return Outcome(
        (
            Figure(
                "from the end of `pip install` to the first rendered overlay", _median(firsts), "s", 1.0, at_most=True
            ),
        ),
        told({"pip install": installs, "first render": firsts, "second render": seconds}),
        {"wheel": wheel.name, "wheel_brings_the_renderer": brought, "bytes_rendered": len(firsts[-1].output)},
    )


def _median(samples: list[Sample]) -> float:
    return statistics.median(sample.seconds for sample in samples)


def _alone(cache: str = "") -> dict[str, str]:
    """Nothing of this clone is found from there."""
    extra = {"PYTHONPATH": "", "FAIRLEAD_RENDERER": ""} | ({"FAIRLEAD_CACHE": cache} if cache else {})
    # The path of a virtual environment that runs this must not lend its renderer.
    here = str(Path(sys.executable).parent)
    path = [part for part in environment().get("PATH", "").split(":") if part != here]
    return extra | {"PATH": ":".join(path)}


MEASURE = Measure("install", "fresh `pip install` of a wheel (--wheel) to the first rendered overlay", run)
