"""affected: which overlays, apps and environments a change reaches, and by which way."""

from __future__ import annotations

from dataclasses import replace

from fairlead.model.errors import UsageError
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.steps.checking import scopes
from fairlead.steps.reach import Hit, changed, reached
from fairlead.steps.rendering import opened
from fairlead.steps.world import Run, World, open_world


@dataclass(frozen=True)
class Request:
    """Which change: since history forked from a revision, what is staged, or as if these paths changed.

    With none of them: what differs between HEAD and the files as they lie.
    """

    paths: tuple[str, ...] = ()
    staged: bool = False
    since: str | None = None


@dataclass(frozen=True)
class Affected:
    """The changed paths, and the overlays that they reach."""

    paths: tuple[str, ...]
    hits: tuple[Hit, ...]

    @property
    def apps(self) -> tuple[str, ...]:
        """The apps."""
        return tuple(sorted({hit.id.app for hit in self.hits if hit.id is not None}))

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments."""
        return tuple(sorted({hit.id.env for hit in self.hits if hit.id is not None}))


def affected(run: Run, request: Request) -> Affected:
    """Find out.

    Raises:
        UsageError: no such revision; no repository where one is needed; two kinds of change at once.
        ConfigError: a bad fairlead.yaml.
    """
    world = open_world(run)
    before, after, paths = _change(world, request)
    found: list[Hit] = []
    if paths:
        with opened(world) as engine:
            for part in scopes(after, (world.prefix,)):
                found += reached(engine, replace(part, asked=()), before, after, paths)
    return Affected(paths, tuple(sorted(found, key=lambda hit: hit.folder)))


def _change(world: World, request: Request) -> tuple[Snapshot | None, Snapshot, tuple[str, ...]]:
    if request.staged + bool(request.paths) + (request.since is not None) > 1:
        raise UsageError("--staged, --since and paths exclude each other", remedy="name one kind of change")
    if request.paths:
        here = world.work_tree
        named = (world.inside(path) for path in request.paths)
        paths = {path for name in named for path in (here.files(name) if here.is_dir(name) else (name,))}
        return None, here, tuple(sorted(paths))
    repo = world.git
    if request.staged:
        return repo.staged()
    start = repo.fork(request.since, "HEAD") if request.since is not None else repo.git.resolve("HEAD")
    base = repo.at(start) if start is not None else None
    after = world.work_tree
    return base, after, changed(base, after) if base is not None else after.files()
