"""Judging a case by `check`, as the command does: the whole repository on disk, with its cache."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.defects.model import Case, Kind, Seed
from benchmarks.defects.trees import Tree
from fairlead.model.errors import FairleadError
from fairlead.model.findings import Finding, Severity
from fairlead.steps.world import Run
from fairlead.workflows.check import Request, check

Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Score:
    """What became of a case. `told` are the new findings that tell of it, `others` counts those that don't."""

    found: bool
    exact: bool
    file: bool
    fails: bool
    told: tuple[str, ...]
    others: int
    instead: tuple[str, ...]


def score(case: Case, before: Counter[Key], after: Iterable[Finding]) -> Score:
    """What is told of the case that was not told before."""
    counts: Counter[Key] = Counter()
    findings = tuple(after)
    for finding in findings:
        counts.update(keys(finding))
    new = [f for f in findings if any(counts[key] > before[key] for key in keys(f))]
    hits = [f for f in new if tells(f, case.kind, case.overlay, case.seed)]
    places, files = set(case.seed.at), {place.path for place in case.seed.at}
    return Score(
        bool(hits),
        any((f.where.path, f.where.line) in places for f in hits),
        any(f.where.path in files for f in hits),
        any(f.severity is Severity.ERROR for f in new),
        tuple(dict.fromkeys(f"{f.severity} {f.rule} {f.where}" for f in hits))[:4],
        len(new) - len(hits),
        () if hits else tuple(dict.fromkeys(f"{f.severity} {f.rule} {f.where} {f.message[:80]}" for f in new))[:4],
    )


def _nothing(why: str) -> Score:
    return Score(found=False, exact=False, file=False, fails=False, told=(), others=0, instead=(why,))


def keys(finding: Finding) -> Iterator[Key]:
    """A finding without its line, which moves when lines are put above it; once for each overlay."""
    for overlay in finding.overlays or (finding.overlay,):
        yield (finding.rule, finding.message, finding.where.path, overlay)


def tells(finding: Finding, kind: Kind, overlay: str, seed: Seed) -> bool:
    """Whether a finding is about the defect: by a rule that ought to tell, and on what is at fault."""
    if finding.rule not in kind.tells:
        return False
    if finding.where.path in {place.path for place in seed.at} or (seed.subject and finding.subject == seed.subject):
        return True
    return kind.breaks is not False and not seed.subject and overlay in (*finding.overlays, finding.overlay)


class Bed:
    """A repository that cases are laid into, one after the other. `known` is what was found before, by variant."""

    def __init__(self, tree: Tree, known: Mapping[str, tuple[Finding, ...]] | None = None) -> None:
        self.tree = tree
        self._before: dict[str, tuple[Finding, ...]] = dict(known or {})
        self._counts: dict[str, Counter[Key]] = {}
        self._variant = "plain"

    def judged(self) -> tuple[Finding, ...]:
        """All findings of the repository as it lies there."""
        return check(Run(self.tree.work, jobs=1), Request()).findings

    def before(self, variant: str) -> tuple[Finding, ...]:
        """What is found before anything is seeded."""
        if variant not in self._before:
            self._be(variant)
            self._before[variant] = self.judged()
        return self._before[variant]

    def was_clean(self, kind: Kind, overlay: str, seed: Seed) -> bool:
        """Whether nothing of the kind was told of the overlay's object, or of the files, before."""
        return not any(
            overlay in (*f.overlays, f.overlay) and tells(f, kind, overlay, seed) for f in self.before(kind.variant)
        )

    @contextmanager
    def laid(self, case: Case) -> Iterator[None]:
        """While the defect is in it."""
        self._be(case.kind.variant)
        saved = _apply(self.tree.work, case.seed.files)
        try:
            yield
        finally:
            _restore(self.tree.work, saved)

    def judge(self, case: Case) -> Score:
        """What `check` says, while it is laid. A traceback is what it must never be: it counts as not found."""
        try:
            findings = self.judged()
        except FairleadError as error:
            return _nothing(f"{type(error).__name__}: {error}")
        except Exception as error:  # a bug is a result here, too
            return _nothing(f"TRACEBACK {type(error).__name__}: {error}")
        variant = case.kind.variant
        if variant not in self._counts:
            self._counts[variant] = Counter(key for f in self.before(variant) for key in keys(f))
        return score(case, self._counts[variant], findings)

    def _be(self, variant: str) -> None:
        if variant != self._variant:
            self.tree.write(variant)
            self._variant = variant


def _apply(root: Path, files: Mapping[str, bytes | None]) -> dict[Path, bytes | None]:
    """Write the files; what they were, for who puts them back."""
    saved: dict[Path, bytes | None] = {}
    for name, data in files.items():
        path = root / name
        saved[path] = path.read_bytes() if path.is_file() else None
        if data is None:
            path.unlink(missing_ok=True)
            _tidy(path.parent, root)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return saved


def _restore(root: Path, saved: Mapping[Path, bytes | None]) -> None:
    for path, data in saved.items():
        if data is None:
            path.unlink(missing_ok=True)
            _tidy(path.parent, root)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


def _tidy(folder: Path, root: Path) -> None:
    """Folders that hold nothing any more are gone, as in git."""
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


@contextmanager
def cached(place: Path) -> Iterator[None]:
    """A cache of its own, until the block ends."""
    name = "FAIRLEAD_CACHE"
    old = os.environ.get(name)
    os.environ[name] = str(place)
    try:
        yield
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.environ.pop(name) if old is None else os.environ.__setitem__(name, old)
