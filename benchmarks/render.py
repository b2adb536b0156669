"""The renderer beside kustomize v5.8.1 itself: verdicts and bytes on real repositories, speed on a large one.

    python -m benchmarks.render parity [FOLDER] [--only NAME...]
    python -m benchmarks.render speed [--overlays 1002] [--rounds 3]

Both take --kustomize PROGRAM; without it that version is built into a temporary folder, by Go. FOLDER holds
archives of repositories (default: corpora/ of FAIRLEAD_SHARED, or of shared/ beside this repository); each is
unpacked into a temporary folder, and nothing of it is run. Prints JSON.
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
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.corpora import unpack
from benchmarks.generate import generate
from fairlead.doors.fs import FolderSnapshot
from fairlead.doors.git.repository import Repository
from fairlead.model.rendering import Rendered, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.render import helper
from fairlead.render.helper import HelperRenderer
from fairlead.render.messages import message
from fairlead.repo.layout import kustomization_dirs

VERSION = "v5.8.1"
_NOWHERE = "http://127.0.0.1:9"
_FENCED = {"PATH": "", "HOME": "/nonexistent", "HTTPS_PROXY": _NOWHERE, "HTTP_PROXY": _NOWHERE}
_WHOLE = """
import sys
from fairlead.doors.fs import FolderSnapshot
from fairlead.doors.git.repository import Repository
from fairlead.model.rendering import Rendered, Trial
from fairlead.render.helper import HelperRenderer
from pathlib import Path
program, root, way, jobs = sys.argv[1:]
snapshot = FolderSnapshot(root) if way == "folder" else Repository.open(Path(root)).at("HEAD")
engine = HelperRenderer(program, int(jobs))
results = engine.render(tuple(Trial(snapshot, line) for line in sys.stdin.read().split("\\n")))
sys.exit(not all(isinstance(result, Rendered) for result in results))
"""


@contextmanager
def kustomize(given: str | None) -> Iterator[str]:
    """The kustomize to compare with."""
    if given is not None:
        yield str(Path(given).resolve())
        return
    with tempfile.TemporaryDirectory(prefix="fairlead-kustomize-") as folder:
        sys.stderr.write(f"building kustomize {VERSION}\n")
        env = {**os.environ, "GOBIN": folder, "GOFLAGS": "-modcacherw", "CGO_ENABLED": "0"}
        subprocess.run(["go", "install", f"sigs.k8s.io/kustomize/kustomize/v5@{VERSION}"], env=env, check=True)
        yield f"{folder}/kustomize"


def committed(root: Path) -> Repository:
    """The folder's files as one commit, each with the bytes that lie there."""
    git = ["git", "-c", "user.name=bench", "-c", "user.email=bench@localhost", "-C", str(root)]
    subprocess.run([*git, "init", "-q", "--template="], check=True)
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/attributes").write_text("* -text -filter -ident\n", encoding="utf-8")
    subprocess.run([*git, "add", "--all", "--force"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "All"], check=True)
    made = Repository.open(root)
    assert made is not None
    return made


def _alone(program: str, root: Path, folder: str) -> tuple[bool, str]:
    done = subprocess.run(
        [program, "build", str(root / folder)], cwd=root, env=_FENCED, capture_output=True, check=False, timeout=300
    )
    if done.returncode == 0:
        return True, done.stdout.decode("utf-8", "replace")
    return False, message(done.stderr.decode("utf-8", "replace"), (str(root),))


def parity(program: str, renderer: str, root: Path) -> dict[str, Any]:
    """Verdict and bytes of every kustomization of a repository, from the work tree and from a commit."""
    snapshot = FolderSnapshot(str(root))
    folders = kustomization_dirs(snapshot)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        own = dict(zip(folders, pool.map(lambda name: _alone(program, root, name), folders), strict=True))
    engine = HelperRenderer(renderer)
    ways: dict[str, Snapshot] = {"work tree": snapshot, "commit": committed(root).at("HEAD")}
    differences, agreeing, words = [], 0, 0
    for way, files in ways.items():
        for result in engine.render(tuple(Trial(files, folder) for folder in folders)):
            built, text = own[result.overlay]
            mine = result.text if isinstance(result, Rendered) else result.message
            if isinstance(result, Rendered) == built and (not built or mine == text):
                agreeing += 1
                words += not built and mine == text
                continue
            differences.append(
                {"kustomization": result.overlay, "from": way, "kustomize": [built, text[:300]], "renderer": mine[:300]}
            )
    engine.close()
    return {
        "repository": root.name,
        "kustomizations": len(folders),
        "built": sum(built for built, _ in own.values()),
        "compared": len(ways) * len(folders),
        "agreeing": agreeing,
        "failures_in_the_same_words": words,
        "differences": differences,
    }


def speed(program: str, renderer: str, overlays: int, rounds: int) -> dict[str, Any]:
    """Seconds for all overlays of a generated repository, each round one after another on the same machine."""
    jobs = str(os.cpu_count() or 1)
    with tempfile.TemporaryDirectory(prefix="fairlead-speed-") as folder:
        root = Path(folder).resolve()
        names = generate(root, overlays)
        committed(root)
        lines = "\n".join(names).encode()
        peer = ["xargs", f"-P{jobs}", "-n1", program, "build"]
        ways: dict[str, Callable[[], float]] = {
            "kustomize, GOGC=off": lambda: _timed(peer, lines, root, {"GOGC": "off"}),
            "renderer, work tree": lambda: _timed(_ours(renderer, root, "folder", jobs), lines, root, {}),
            "renderer, commit": lambda: _timed(_ours(renderer, root, "commit", jobs), lines, root, {}),
        }
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        for number in range(rounds):
            for way, run in ways.items():
                seconds[way].append(run())
                sys.stderr.write(f"round {number + 1}: {way} {seconds[way][-1]:.1f} s\n")
    medians = {way: statistics.median(each) for way, each in seconds.items()}
    best = medians["kustomize, GOGC=off"]
    return {
        "overlays": len(names),
        "seconds": {way: [round(s, 2) for s in each] for way, each in seconds.items()},
        "median": {way: round(s, 2) for way, s in medians.items()},
        "overlays_a_second": {way: round(len(names) / s, 1) for way, s in medians.items()},
        "times_as_fast_as_kustomize_GOGC_off": {way: round(best / s, 2) for way, s in medians.items()},
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "load_at_end": round(os.getloadavg()[0], 2),
    }


def _ours(renderer: str, root: Path, way: str, jobs: str) -> list[str]:
    return [sys.executable, "-c", _WHOLE, renderer, str(root), way, jobs]


def _timed(argv: list[str], lines: bytes, root: Path, env: dict[str, str]) -> float:
    begin = time.monotonic()
    subprocess.run(argv, input=lines, cwd=root, env={**os.environ, **env}, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - begin


def main() -> None:
    """One measure, as JSON."""
    shared = Path(os.environ.get("FAIRLEAD_SHARED") or Path(__file__).parents[1].parent / "shared")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measure", choices=("parity", "speed"))
    parser.add_argument("folder", nargs="?", type=Path, default=shared / "corpora")
    parser.add_argument("--only", nargs="*", default=[], help="names of archives, without .tar.gz")
    parser.add_argument("--kustomize", metavar="PROGRAM")
    parser.add_argument("--overlays", type=int, default=1002)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    renderer = helper.found()
    if renderer is None:
        sys.exit("there is no fairlead-renderer; make renderer builds it")
    told: dict[str, Any] = {"kustomize": VERSION, "renderer": HelperRenderer(renderer).version}
    with kustomize(options.kustomize) as program:
        if options.measure == "speed":
            told |= speed(program, renderer, options.overlays, options.rounds)
        else:
            told |= _corpora(program, renderer, options.folder, options.only)
    sys.stdout.write(json.dumps(told, indent=2) + "\n")


def _corpora(program: str, renderer: str, folder: Path, only: list[str]) -> dict[str, Any]:
    archives = [a for a in sorted(folder.glob("*.tar.gz")) if not only or a.name[:-7] in only]
    if not archives:
        sys.exit(f"there are no archives in {folder}")
    each = []
    for archive in archives:
        with tempfile.TemporaryDirectory(prefix="fairlead-corpora-") as place:
            each.append(parity(program, renderer, unpack(archive, Path(place).resolve())))
        sys.stderr.write(f"{each[-1]['repository']}: {each[-1]['agreeing']} of {each[-1]['compared']} agree\n")
    sums = {
        key: sum(t[key] for t in each)
        for key in ("kustomizations", "built", "compared", "agreeing", "failures_in_the_same_words")
    }
    return {**sums, "repositories": each}


if __name__ == "__main__":
    main()
