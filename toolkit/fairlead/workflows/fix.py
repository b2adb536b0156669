"""check --fix: mend what can be proved, and write it into the work tree."""

from __future__ import annotations

from dataclasses import replace

from fairlead.doors.write_back import write_back
from fairlead.model.errors import UsageError
from fairlead.model.snapshot import File, Snapshot
from fairlead.model.values import dataclass
from fairlead.steps import checking, relevance
from fairlead.steps.checking import below, scopes
from fairlead.steps.fixing import Fixed, fix
from fairlead.steps.reach import reached
from fairlead.steps.rendering import opened
from fairlead.steps.world import Run, World, open_world

_APART = "what is staged of this file is not what lies there; stage the rest, or put it aside"


@dataclass(frozen=True)
class Request:
    """What to mend: paths (none: everything), or what is staged; `write`: into the work tree, else only tell.

    `or_all`: where nothing is staged, everything.
    """

    paths: tuple[str, ...] = ()
    staged: bool = False
    write: bool = True
    or_all: bool = False


def run(run: Run, request: Request) -> Fixed:
    """Mend what is asked for, all of it or nothing.

    Raises:
        UsageError: no such path; `--staged` outside of a git repository.
        ConflictError: a file changed meanwhile.
        WorldError: no kustomize, or no disk.
    """
    world = open_world(run)
    asked = tuple(world.inside(path) for path in request.paths)
    staged = request.staged and not (request.or_all and not world.git.staged()[2])
    fixed = _staged(world, asked) if staged else _lying(world, request.paths, asked)
    if request.write:
        write_back(world.root, fixed.files)
    return fixed


def _lying(world: World, written: tuple[str, ...], asked: tuple[str, ...]) -> Fixed:
    """Of the files as they lie."""
    snapshot = world.work_tree
    for path, words in zip(asked, written, strict=True):
        if snapshot.entry(path) is None and not snapshot.is_dir(path):
            raise UsageError(f"there is no {words}", remedy="name a file or folder of the repository")
    with opened(world) as engine:
        done = Fixed()
        for part in scopes(snapshot, asked or (world.prefix,)):
            chosen = checking.folders(engine.view(snapshot), part, engine)
            done = _joined(done, fix(world.run, engine, _after(snapshot, done), part, chosen))
        return done


def _staged(world: World, asked: tuple[str, ...]) -> Fixed:
    """Of what is staged, and only in files that are staged; written where the work tree holds the same."""
    base, snapshot, paths = world.git.staged()
    limits = asked or ((world.prefix,) if world.prefix else ())
    paths = tuple(p for p in paths if not limits or any(below(p, limit) for limit in limits))
    relevant = set(relevance.could_matter(snapshot, paths))
    if not relevant:
        return Fixed()
    lying = world.work_tree
    apart = {p for p in relevant if snapshot.entry(p) is not None and lying.entry(p) != snapshot.entry(p)}
    with opened(world) as engine:
        done = Fixed()
        for part in scopes(snapshot, limits or (world.prefix,)):
            hits = reached(engine, replace(part, asked=()), base, snapshot, relevant)
            chosen = tuple(hit.folder for hit in hits if not hit.gone)
            only = _Only(frozenset(relevant), frozenset(apart))
            done = _joined(done, fix(world.run, engine, _after(snapshot, done), part, chosen, only.allows))
        return done


@dataclass(frozen=True)
class _Only:
    """Files that may be written, and those of them that are another thing in the work tree."""

    paths: frozenset[str]
    apart: frozenset[str]

    def allows(self, path: str) -> str | None:
        """Why a file may not be written; nothing where it may, None where nobody asked for it."""
        if path not in self.paths:
            return None
        return _APART if path in self.apart else ""


def _after(snapshot: Snapshot, done: Fixed) -> Snapshot:
    files = {p: File(new, entry.mode) for p, (_, new) in done.files.items() if (entry := snapshot.entry(p))}
    return snapshot.with_files(files) if files else snapshot


def _joined(first: Fixed, second: Fixed) -> Fixed:
    files = dict(first.files)
    for path, (old, new) in second.files.items():
        files[path] = (files.get(path, (old,))[0], new)
    return Fixed((*first.applied, *second.applied), (*first.refused, *second.refused), files)


__all__ = ["Fixed", "Request", "run"]
