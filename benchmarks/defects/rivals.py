"""The peers, on the same cases: whether their verdict on the overlay turns, or anything new is said of it.

Each case is a tree of its own, of the files that the overlay is made of. Whatever a peer says more than of the
untouched overlay counts for it, on whichever line; that is more than fairlead is granted.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks import flux, repos, schemas
from benchmarks.defects.model import Case
from benchmarks.defects.site import Ground
from benchmarks.measure import note
from benchmarks.tools import Tools
from fairlead.model.snapshot import File
from fairlead.repo.config import DEFAULT_KUBERNETES
from fairlead.repo.graph import Graph

_NOWHERE = "http://127.0.0.1:9"
_FENCED = {"HOME": "/nonexistent", "HTTPS_PROXY": _NOWHERE, "HTTP_PROXY": _NOWHERE, "GOGC": "off"}
_SECONDS = 120
OFFLINE = frozenset(("unpinned-remote",))  # a build that fails for lack of a network has found nothing
Verdicts = dict[int, dict[str, bool | None]]


@dataclass(frozen=True)
class _Said:
    """What is said of an overlay: whether it builds, and what is objected to."""

    built: bool
    objections: Mapping[str, Counter[str]]


class Rivals:
    """The peers that can be had here."""

    def __init__(self, tools: Tools, jobs: int, place: Path) -> None:
        self._tools = tools
        self._jobs = jobs
        self._place = place
        place.mkdir()
        self._schemas = ""
        self._before: dict[tuple[str, str], _Said] = {}
        self._judges: dict[str, Callable[[bytes], Counter[str]]] = {}
        for name, judge in (("kubeconform", self._kubeconform), ("kube-score", self._kube_score)):
            if tools.find(name) is not None:
                self._judges[name] = judge
        if "kubeconform" in self._judges:
            into = self._place / "schemas"
            into.mkdir()
            self._schemas = schemas.self_contained(DEFAULT_KUBERNETES, into)

    def run(self, cases: Sequence[Case], grounds: Mapping[str, Ground]) -> Verdicts:
        """The verdict of each peer on each case; None where it can't be asked of it."""
        out: Verdicts = {case.number: {} for case in cases}
        trees = self._place / "trees"
        repos_of = {(case.corpus, case.overlay) for case in cases if case.overlay in grounds[case.corpus].valid}
        before = {key: f"before/{number:04}" for number, key in enumerate(sorted(repos_of), 1)}
        for (corpus, overlay), folder in before.items():
            _write(trees / folder, grounds[corpus], overlay, {})
        for case in cases:
            _write(trees / f"{case.number:04}", grounds[case.corpus], case.overlay, case.seed.files)
        if self._tools.find("kustomize") is not None:
            self._built(cases, before, trees, out)
        for name, ask in (("flate", self._flate), ("flux-local", self._flux_local)):
            program = self._tools.find(name)
            if program is not None:
                note(f"{name}: {len(cases)} cases")
                ask(program, cases, before, trees, out)
        self._whole([case for case in cases if case.kind.name in _WHOLE], grounds, out)
        for case in cases:
            if case.kind.name in OFFLINE:
                out[case.number] = dict.fromkeys(out[case.number])
        return out

    def _built(self, cases: Sequence[Case], before: Mapping[tuple[str, str], str], trees: Path, out: Verdicts) -> None:
        note(f"kustomize, {', '.join(self._judges)}: {len(cases)} cases")
        with ThreadPoolExecutor(self._jobs) as pool:
            keys = list(before)
            asked = pool.map(lambda key: self._ask(trees / before[key], key[1]), keys)
            known = dict(zip(keys, asked, strict=True))
            after = pool.map(lambda case: self._ask(trees / f"{case.number:04}", case.overlay), cases)
            for case, said in zip(cases, after, strict=True):
                old = known.get((case.corpus, case.overlay))
                verdicts = out[case.number]
                verdicts["kustomize"] = None if old is None or not old.built else not said.built
                for name in self._judges:
                    told = said.objections.get(name)
                    mine = old.objections.get(name) if old is not None else None
                    verdicts[name] = None if told is None or mine is None else bool(told - mine)

    def _ask(self, tree: Path, overlay: str) -> _Said:
        done = _run([self._tools.need("kustomize"), "build", str(tree / overlay)], tree, {**_FENCED, "PATH": ""})
        if done is None or done.returncode:
            return _Said(False, {})
        return _Said(True, {name: judge(done.stdout) for name, judge in self._judges.items()})

    def _kubeconform(self, text: bytes) -> Counter[str]:
        argv = [
            self._tools.need("kubeconform"), "-strict", "-output", "json", "-n", "1", "-kubernetes-version",
            f"{DEFAULT_KUBERNETES}.0", "-schema-location", self._schemas,
        ]  # fmt: skip
        done = _run(argv, self._place, _FENCED, text)
        try:
            told = json.loads(done.stdout)["resources"] if done is not None else []
        except (ValueError, KeyError, TypeError):
            return Counter(["no answer"])
        return Counter(f"{one['kind']} {one['name']} {one['version']} {one['msg']}" for one in told or ())

    def _kube_score(self, text: bytes) -> Counter[str]:
        argv = [
            self._tools.need("kube-score"), "score", "--output-format", "ci", "--kubernetes-version",
            f"v{DEFAULT_KUBERNETES}", "-",
        ]  # fmt: skip
        done = _run(argv, self._place, _FENCED, text)
        if done is None or (done.returncode and not done.stdout):
            return Counter(["no answer"])
        lines = done.stdout.decode("utf-8", "replace").splitlines()
        return Counter(line for line in lines if line.startswith(("[CRITICAL]", "[WARNING]")))

    def _flate(
        self, program: str, cases: Sequence[Case], before: Mapping[tuple[str, str], str], trees: Path, out: Verdicts
    ) -> None:
        """All cases in one run: it says of each Kustomization whether it can be had."""
        old = self._flate_says(program, trees, {folder: key[1] for key, folder in before.items()})
        new: dict[str, bool] = {}
        for some in _some([case for case in cases if case.kind.name not in _ALONE], 250):
            new |= self._flate_says(program, trees, {f"{case.number:04}": case.overlay for case in some})
        silent: Counter[str] = Counter()
        for case in cases:
            name, folder = case.kind.name, f"{case.number:04}"
            if name in _ALONE and silent[name] < _PATIENCE:
                said = self._flate_says(program, trees, {folder: case.overlay}, seconds=60)
                silent[name] += not said
                new |= said
        for case in cases:
            known = old.get(before.get((case.corpus, case.overlay), ""))
            told = new.get(f"{case.number:04}")
            out[case.number]["flate"] = None if not known or told is None else not told

    def _flate_says(
        self, program: str, trees: Path, overlays: Mapping[str, str], seconds: int = 600
    ) -> dict[str, bool]:
        root = self._linked(trees, overlays)
        argv = [program, "test", "ks", "--path", ".", "--no-progress", "--cache-dir", str(self._place / "flate"),
                "--source-retry-attempts", "1"]  # fmt: skip
        done = _run(argv, root, _FENCED, seconds=seconds)
        text = done.stdout.decode("utf-8", "replace") if done is not None else ""
        told = {
            name: sign == "✓"
            for sign, name in re.findall(r"(?m)^\s*([✓✗])\s+Kustomization\s+flux-system/c-(\S+)", text)
        }
        return {folder: told[_name(folder)] for folder in overlays if _name(folder) in told}

    def _flux_local(
        self, program: str, cases: Sequence[Case], before: Mapping[tuple[str, str], str], trees: Path, out: Verdicts
    ) -> None:
        """It ends at the first overlay that doesn't build: those that kustomize builds go together, the rest alone."""
        old = self._together(program, trees, {folder: key[1] for key, folder in before.items()})
        builds = [case for case in cases if out[case.number].get("kustomize") is False]
        new = self._together(program, trees, {f"{case.number:04}": case.overlay for case in builds})
        alone = [case for case in cases if out[case.number].get("kustomize") is not False]
        with ThreadPoolExecutor(self._jobs) as pool:
            ask = lambda case: self._flux_says(program, trees, {f"{case.number:04}": case.overlay})  # noqa: E731
            for case, told in zip(alone, pool.map(ask, alone), strict=True):
                new[f"{case.number:04}"] = told is None
        for case in cases:
            known = old.get(before.get((case.corpus, case.overlay), ""))
            told_of = new.get(f"{case.number:04}")
            out[case.number]["flux-local"] = None if not known or told_of is None else not told_of

    def _together(self, program: str, trees: Path, overlays: Mapping[str, str]) -> dict[str, bool]:
        """Each of these: whether it is fine. What is complained of is taken out, and the rest asked again."""
        told: dict[str, bool] = {}
        waiting = [list(some) for some in _some(list(overlays), 100)]
        while waiting:
            some = waiting.pop()
            bad = self._flux_says(program, trees, {folder: overlays[folder] for folder in some}) if some else None
            if bad is None:
                told |= dict.fromkeys(some, True)
            elif bad in some:
                told[bad] = False
                waiting.append([folder for folder in some if folder != bad])
            else:  # it doesn't say which
                waiting += [some[: len(some) // 2], some[len(some) // 2 :]]
        return told

    def _flux_says(self, program: str, trees: Path, overlays: Mapping[str, str]) -> str | None:
        """The folder of which it complains; None where all is fine."""
        root = self._linked(trees, overlays)
        path = f"{Path(self._tools.need('kustomize')).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        done = _run([program, "build", flux.FOLDER], root, {**_FENCED, "PATH": path}, seconds=600)
        if done is not None and done.returncode == 0:
            return None
        text = (done.stdout + done.stderr).decode("utf-8", "replace") if done is not None else ""
        if len(overlays) == 1:
            return next(iter(overlays))
        return next((folder for folder in overlays if re.search(rf"(?<![\w/]){re.escape(folder)}/", text)), "?")

    def _whole(self, cases: Sequence[Case], grounds: Mapping[str, Ground], out: Verdicts) -> None:
        """What Flux's objects lead to lies elsewhere in the repository: all of it, before and after."""
        asks: dict[str, Callable[[str, Path], Counter[str]]] = {
            "flate": self._flate_fails,
            "flux-local": self._flux_fails,
        }
        programs = {name: program for name in asks if (program := self._tools.find(name)) is not None}
        for number, case in enumerate(cases if programs else ()):
            ground, said = grounds[case.corpus], []
            for state, changes in (("before", {}), ("after", case.seed.files)):
                root = self._place / f"whole-{number}-{state}"
                _write(root, ground, case.overlay, changes, everything=True)
                flux.add_named(root, {"c-overlay": case.overlay})
                repos.git(root, "init", "--quiet", "--initial-branch=main", "--template=")
                said.append({name: asks[name](program, root) for name, program in programs.items()})
                shutil.rmtree(root)
            for name in programs:
                out[case.number][name] = bool(said[1][name] - said[0][name])

    def _flate_fails(self, program: str, root: Path) -> Counter[str]:
        argv = [program, "test", "ks", "--path", ".", "--no-progress", "--cache-dir", str(self._place / "flate"),
                "--source-retry-attempts", "1"]  # fmt: skip
        done = _run(argv, root, _FENCED)
        text = done.stdout.decode("utf-8", "replace") if done is not None else "✗ Kustomization no-answer"
        return Counter(re.findall(r"(?m)^\s*✗\s+Kustomization\s+(\S+)", text))

    def _flux_fails(self, program: str, root: Path) -> Counter[str]:
        path = f"{Path(self._tools.need('kustomize')).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        done = _run([program, "build", flux.FOLDER], root, {**_FENCED, "PATH": path})
        return Counter() if done is not None and done.returncode == 0 else Counter(["it fails"])

    def _linked(self, trees: Path, overlays: Mapping[str, str]) -> Path:
        """A repository with these trees in it, and one Flux Kustomization for each overlay."""
        root = Path(tempfile.mkdtemp(dir=self._place))
        for folder in overlays:
            place = root / folder
            place.parent.mkdir(parents=True, exist_ok=True)
            _run(["cp", "-al", str(trees / folder), str(place)], root, {})
        flux.add_named(root, {f"c-{_name(folder)}": f"{folder}/{overlay}" for folder, overlay in overlays.items()})
        repos.git(root, "init", "--quiet", "--initial-branch=main", "--template=")
        return root


_WHOLE = frozenset(("flux-path", "unset-variable", "unreconciled"))
# What may keep a peer busy for ever is asked of it alone, and not again where it gave no answer twice.
_ALONE, _PATIENCE = frozenset(("alias-bomb", "depth-bomb")), 2


def _name(folder: str) -> str:
    return folder.replace("/", "-")


def _some(rows: list[object] | list[Case] | list[str], size: int) -> Iterable[list]:  # type: ignore[type-arg]  # of either
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _write(
    tree: Path, ground: Ground, overlay: str, changes: Mapping[str, bytes | None], *, everything: bool = False
) -> None:
    """The files that the overlay is made of, before and after; or all that there are."""
    edited = ground.snapshot.with_files({p: None if d is None else File(d) for p, d in changes.items()})
    names = set(ground.graph.closure(overlay).files) | set(Graph(edited).closure(overlay).files) | set(changes)
    if everything:
        names |= set(edited.files())
    for name in names:
        entry = edited.entry(name)
        if entry is None:
            continue
        place = tree / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if entry.mode == 0o120000:
            place.symlink_to(edited.read(name).decode())
        else:
            place.write_bytes(edited.read(name))
    (tree / overlay).mkdir(parents=True, exist_ok=True)


def _run(
    argv: Sequence[str], cwd: Path, env: Mapping[str, str], stdin: bytes = b"", seconds: int = _SECONDS
) -> subprocess.CompletedProcess[bytes] | None:
    """Run it; None where it didn't end in time."""
    try:
        return subprocess.run(
            argv, cwd=cwd, env={**os.environ, **env}, input=stdin, capture_output=True, check=False, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        return None
