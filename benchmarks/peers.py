"""How the peers are run, each at its best: in parallel, with Go's garbage collector off."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.bench import Bench, SkippedError
from benchmarks.measure import Command, Way
from benchmarks.repos import Repo
from benchmarks.tools import KUSTOMIZE, MissingError
from fairlead.render import helper

NO_GC = {"GOGC": "off"}


def needed(bench: Bench, name: str) -> str:
    """A peer that a measure makes no sense without."""
    try:
        return bench.tools.need(name)
    except MissingError as error:
        raise SkippedError(str(error)) from None


def need_helper() -> str:
    """Fairlead's renderer: measures of it make no sense without it."""
    found = helper.found()
    if found is None:
        raise SkippedError("there is no fairlead-renderer; `make renderer` builds it")
    return found


def xargs(bench: Bench, *argv: str, each: int = 1) -> list[str]:
    """So many processes side by side, a line (or `each` lines) of the standard input for each."""
    return ["xargs", f"-P{bench.jobs}", f"-n{each}", *argv]


def ours(*arguments: str) -> list[str]:
    """Fairlead's side by the library. The clone's own modules are found, wherever it runs."""
    return [sys.executable, "-c", _BY_NAME, str(Path(__file__).parents[1]), "benchmarks.ours", *arguments]


_BY_NAME = (
    "import runpy, sys; sys.path.insert(0, sys.argv[1]); del sys.argv[:2]; "
    "runpy.run_module(sys.argv[0], None, '__main__')"
)


def kustomize(bench: Bench, repo: Repo) -> Way:
    """kustomize, in a shell loop."""
    return Way(Command(xargs(bench, needed(bench, "kustomize"), "build"), repo.root, repo.lines, NO_GC))


KUSTOMIZE_NAME = f"kustomize {KUSTOMIZE}"


def others(bench: Bench, repo: Repo, caches: Path) -> dict[str, Way]:
    """The peers that a machine may lack; the repository needs Flux's objects for two of them."""
    ways: dict[str, Way] = {}
    makers: dict[str, Callable[[str], Way]] = {
        "kubectl": lambda program: Way(Command(xargs(bench, program, "kustomize"), repo.root, repo.lines, NO_GC)),
        "flux-local": lambda program: Way(
            Command([program, "build", "clusters/all"], repo.root, env=_with_kustomize(bench))
        ),
        "flate": lambda program: Way(
            Command(
                [program, "build", "ks", "--path", ".", "--concurrency", str(bench.jobs), "--cache-dir", str(caches)],
                repo.root,
            ),  # one process that stays: it needs its garbage collector
            lambda: _emptied(caches),
        ),
    }  # fmt: skip
    for name, make in makers.items():
        program = bench.tools.find(name)
        if program is not None:
            ways[name] = make(program)
    return ways


def _with_kustomize(bench: Bench) -> dict[str, str]:
    folder = Path(needed(bench, "kustomize")).parent
    return {**NO_GC, "PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
