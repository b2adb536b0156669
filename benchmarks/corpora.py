"""Real repositories: every build verdict beside kustomize's own, and the bytes of what builds.

They are test data: each archive is unpacked into a temporary folder, nothing of it is run, and kustomize itself is
fenced off from the network and from every program.
"""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks import repos
from benchmarks.measure import Command, fairlead
from fairlead.doors.fs import FolderSnapshot
from fairlead.doors.git.repository import Repository
from fairlead.model.rendering import Rendered, Renderer, Trial
from fairlead.model.snapshot import MemorySnapshot, Snapshot
from fairlead.render.messages import message
from fairlead.repo.layout import kustomization_dirs

_NOWHERE = "http://127.0.0.1:9"
_FENCED = {"PATH": "", "HOME": "/nonexistent", "HTTPS_PROXY": _NOWHERE, "HTTP_PROXY": _NOWHERE}


def archives(folder: Path, only: Sequence[str] = ()) -> list[Path]:
    """The archives of a folder, or those of the named repositories."""
    found = sorted(folder.glob("*.tar.gz"))
    return [each for each in found if not only or each.name.removesuffix(".tar.gz") in only]


def _stays(member: tarfile.TarInfo) -> bool:
    """Whether a member is a file, folder or link inside of the folder that it is unpacked into."""
    names = [member.name, *([member.linkname] if member.issym() or member.islnk() else [])]
    inside = all(not name.startswith("/") and ".." not in name.split("/") for name in names)
    return inside and (member.isfile() or member.isdir() or member.issym())


def unpack(archive: Path, into: Path) -> Path:
    """The one folder of an archive, without anything that leads out of it."""
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(into, filter="data")
        else:  # Python 3.11.0 to 3.11.3
            tar.extractall(into, [member for member in tar if _stays(member)])
    return into / archive.name.removesuffix(".tar.gz")


def views(root: Path, ways: Iterable[str]) -> dict[str, Snapshot]:
    """The files of a folder as snapshots: the `work tree` as it lies, a `commit` of it, or `memory` alone."""
    folder = FolderSnapshot(str(root))
    out: dict[str, Snapshot] = {}
    for way in ways:
        if way == "commit":
            repos.begin(root)
            repository = Repository.open(root)
            assert repository is not None
            out[way] = repository.at("HEAD")
        else:
            memory = way == "memory"
            out[way] = MemorySnapshot.of({p: folder.read(p) for p in folder.files()}) if memory else folder
    return out


def compare(root: Path, program: Sequence[str], engine: Renderer, ways: Iterable[str]) -> dict[str, Any]:
    """All kustomizations of a repository, by a program and by an engine, and what `fairlead check` says of them."""
    folders = kustomization_dirs(FolderSnapshot(str(root)))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        own = dict(zip(folders, pool.map(lambda name: _alone(program, root, name), folders), strict=True))
    checked, facts = _check(root)
    differences = [
        {"kustomization": name, "by": "check", "kustomize": own[name][0], "fairlead": built}
        for name, built in checked.items()
        if built != own[name][0]
    ]
    words, compared = 0, len(checked)
    for way, snapshot in views(root, ways).items():
        for result in engine.render(tuple(Trial(snapshot, folder) for folder in folders)):
            built, text = own[result.overlay]
            mine = result.text if isinstance(result, Rendered) else result.message
            compared += 1
            words += not built and mine == text
            if isinstance(result, Rendered) != built or (built and mine != text):
                told = {"kustomize": [built, text[:300]], "fairlead": mine[:300]}
                differences.append({"kustomization": result.overlay, "by": way, **told})
    return {
        "repository": root.name,
        "kustomizations": len(folders),
        "built": sum(built for built, _ in own.values()),
        "compared": compared,
        "agreeing": compared - len(differences),
        "failures_in_the_same_words": words,
        "differences": differences,
        "check": facts,
    }


def _alone(program: Sequence[str], root: Path, folder: str) -> tuple[bool, str]:
    done = subprocess.run(
        [*program, str(root / folder)], cwd=root, env=_FENCED, capture_output=True, check=False, timeout=300
    )
    if done.returncode == 0:
        return True, done.stdout.decode("utf-8", "replace")
    return False, message(done.stderr.decode("utf-8", "replace"), (str(root),))


def _check(root: Path) -> tuple[Mapping[str, bool], dict[str, Any]]:
    """Verdicts of `fairlead check`, and what it said otherwise. It runs before the folder becomes a repository."""
    env = {"GIT_CEILING_DIRECTORIES": str(root.parent), "FAIRLEAD_CACHE": str(root.parent / "cache")}
    argv = fairlead("--quiet", "check", "--format", "json").argv
    done = Command(argv, root, env=env, codes=(), keep_output=True)()
    told = json.loads(done.output) if done.output else {"overlays": [], "findings": []}
    rules: dict[str, int] = {}
    for finding in told["findings"]:
        key = f"{finding['severity']} {finding['rule']}"
        rules[key] = rules.get(key, 0) + 1
    facts = {
        "exit": done.code,
        "answered": bool(done.output),  # a traceback ends with 1, too
        "seconds": round(done.seconds, 2),
        "overlays": len(told["overlays"]),
        "findings": dict(sorted(rules.items())),
    }
    return {o["path"].removeprefix("."): o["built"] for o in told["overlays"]}, facts
