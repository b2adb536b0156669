"""Check real repositories, and compare every build verdict with kustomize's own.

    python -m benchmarks.corpora [FOLDER] [--only NAME...] [--out FILE]

FOLDER holds the archives (default: corpora/ of FAIRLEAD_SHARED, or of shared/ beside this repository). Each
is unpacked into a temporary folder; nothing of it is run. Three verdicts of each kustomization are compared
with kustomize's, run alone, fenced off from the network: the tree as it lies, the same files as a snapshot
that has to be laid out, and what `fairlead check` says. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fairlead.doors.fs import FolderSnapshot
from fairlead.doors.proc import which
from fairlead.model.rendering import Rendered, Trial
from fairlead.model.snapshot import MemorySnapshot, Snapshot
from fairlead.render.kustomize import KustomizeRenderer
from fairlead.repo.layout import kustomization_dirs

_FENCED = {"PATH": "", "HOME": "/nonexistent", "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}


def unpack(archive: Path, into: Path) -> Path:
    """The one folder of an archive, without anything that leads out of it."""
    with tarfile.open(archive) as tar:
        tar.extractall(into, filter="data")
    return into / archive.name.removesuffix(".tar.gz")


def _alone(root: Path, folder: str) -> tuple[bool, str]:
    kustomize, kubectl = which("kustomize"), which("kubectl")
    argv = [kustomize, "build"] if kustomize else [str(kubectl), "kustomize"]
    done = subprocess.run(
        [*argv, str(root / folder)], cwd=root, env=_FENCED, capture_output=True, check=False, timeout=120
    )
    return done.returncode == 0, done.stdout.decode("utf-8", "replace")


def _verdicts(snapshot: Snapshot, folders: tuple[str, ...]) -> dict[str, tuple[bool, str]]:
    results = KustomizeRenderer().render(tuple(Trial(snapshot, folder) for folder in folders))
    return {r.overlay: (isinstance(r, Rendered), r.text if isinstance(r, Rendered) else r.message) for r in results}


def _check(root: Path) -> tuple[dict[str, bool], dict[str, Any]]:
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "fairlead", "-q", "check", "--format", "json"],
        cwd=root, capture_output=True, text=True, check=False, timeout=600,
        env={**os.environ, "GIT_CEILING_DIRECTORIES": str(root.parent)},
    )  # fmt: skip
    seconds = round(time.monotonic() - begin, 2)
    told = json.loads(done.stdout) if done.stdout else {"summary": {}, "overlays": [], "findings": []}
    rules: dict[str, int] = {}
    for finding in told["findings"]:
        key = f"{finding['severity']} {finding['rule']}"
        rules[key] = rules.get(key, 0) + 1
    facts = {
        "exit": done.returncode,
        "traceback": "Traceback" in done.stderr or done.returncode not in (0, 1),
        "seconds": seconds,
        "overlays": len(told["overlays"]),
        "findings": dict(sorted(rules.items())),
    }
    return {o["path"].removeprefix("."): o["built"] for o in told["overlays"]}, facts


def compare(root: Path) -> dict[str, Any]:
    """All verdicts on one repository, and where they differ from kustomize's."""
    folder = FolderSnapshot(str(root))
    folders = kustomization_dirs(folder)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        own = dict(zip(folders, pool.map(lambda name: _alone(root, name), folders), strict=True))
    laid_out = MemorySnapshot.of({path: folder.read(path) for path in folder.files()})
    ours = {"in place": _verdicts(folder, folders), "laid out": _verdicts(laid_out, folders)}
    checked, facts = _check(root)
    differences = [
        {"kustomization": name, "by": way, "kustomize": own[name][0], "fairlead": built, "message": text[:300]}
        for way, verdicts in ours.items()
        for name, (built, text) in verdicts.items()
        if built != own[name][0] or (built and text != own[name][1])
    ]
    differences += [
        {"kustomization": name, "by": "check", "kustomize": own[name][0], "fairlead": built}
        for name, built in checked.items()
        if built != own[name][0]
    ]
    compared = 2 * len(folders) + len(checked)
    return {
        "repository": root.name,
        "kustomizations": len(folders),
        "built": sum(built for built, _ in own.values()),
        "compared": compared,
        "agreeing": compared - len(differences),
        "differences": differences,
        "check": facts,
    }


def main() -> None:
    """Compare all archives of a folder."""
    shared = Path(os.environ.get("FAIRLEAD_SHARED") or Path(__file__).parents[1].parent / "shared")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=shared / "corpora")
    parser.add_argument("--only", nargs="*", default=[], help="names of archives, without .tar.gz")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    archives = [a for a in sorted(options.folder.glob("*.tar.gz")) if not options.only or a.name[:-7] in options.only]
    if not archives:
        sys.exit(f"there are no archives in {options.folder}")
    told = []
    for archive in archives:
        with tempfile.TemporaryDirectory(prefix="fairlead-corpora-") as folder:
            told.append(compare(unpack(archive, Path(folder).resolve())))
        sys.stderr.write(f"{told[-1]['repository']}: {told[-1]['agreeing']} of {told[-1]['compared']} agree\n")
    text = json.dumps(
        {
            "renderer": KustomizeRenderer().version,
            "compared": sum(t["compared"] for t in told),
            "agreeing": sum(t["agreeing"] for t in told),
            "repositories": told,
        },
        indent=2,
    )
    if options.out is not None:
        options.out.write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
