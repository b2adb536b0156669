"""schemas vendor: bring the schemas that a repository's kinds need into it, so that checks stay offline."""

from __future__ import annotations

from pathlib import Path

from fairlead.doors.fs import write_text
from fairlead.model.errors import UsageError
from fairlead.model.values import dataclass
from fairlead.repo.locations import CATALOG, Location, location
from fairlead.steps import checking
from fairlead.steps.rendering import opened
from fairlead.steps.vendoring import Kind, Shelf, needs
from fairlead.steps.world import Run, World, open_world

FOLDER = "schemas"


@dataclass(frozen=True)
class Request:
    """Where schemas are taken from beside the repository, where they go, and whether all kinds get one."""

    given: tuple[str, ...] = ()
    into: str | None = None
    everything: bool = False


@dataclass(frozen=True)
class Vendored:
    """What became of it: files written, files that were as they should be, kinds without a schema anywhere.

    `line` is what fairlead.yaml lacks so that checks look there; empty where it has it.
    """

    written: tuple[str, ...]
    kept: tuple[str, ...]
    missing: tuple[Kind, ...]
    line: str


def vendor(run: Run, request: Request) -> Vendored:
    """Write a schema for each kind that the overlays have and that is judged by none.

    Raises:
        UsageError: a path that is not there, or a target outside of the repository.
        ConfigError: a bad fairlead.yaml.
        WorldError: no kustomize; a URL that can't be fetched; a file that can't be written.
    """
    world = open_world(run)
    snapshot = world.work_tree
    part = checking.scope(snapshot, world.prefix)
    target, line = _target(world, part.config.root, part.config.check.schema_locations, request.into)
    given = tuple(Path(run.folder, path) for path in request.given)
    with opened(world) as engine:
        wanted = needs(run, engine, snapshot, part, everything=request.everything)
    urls = (one for one in part.config.check.schema_locations if one.remote)
    shelf = Shelf(given, snapshot if request.everything else None, wanted.rendered, urls)
    texts: dict[str, str] = {}
    missing = []
    with run.progress.task("looking for schemas", len(wanted.kinds)) as step:
        for kind in wanted.kinds:
            path, text = target.of(kind.api_version, kind.kind, kind.kubernetes), shelf.of(kind)
            if path is None or text is None:
                missing.append(kind)
            else:
                texts[path] = text
            step.advance()
    places = {path: _inside(world, path) for path in texts}
    written = []
    for path, text in texts.items():
        if snapshot.entry(path) is None or snapshot.read(path) != text.encode():
            write_text(places[path], text)
            written.append(path)
    return Vendored(tuple(written), tuple(path for path in texts if path not in written), tuple(missing), line)


def _target(world: World, root: str, known: tuple[Location, ...], into: str | None) -> tuple[Location, str]:
    """Where schemas go: as named, else where checks look first; and the line that fairlead.yaml lacks for it."""
    found = next((one for one in known if not one.remote and not one.is_default), None)
    if into is None and found is not None:
        return found, ""
    folder = world.inside(into) if into is not None else "/".join(filter(None, (root, FOLDER)))
    chosen = location(f"{folder}/{CATALOG}" if folder else CATALOG, "")
    if chosen in known:
        return chosen, ""
    own = folder.removeprefix(f"{root}/") if root else folder
    return chosen, f"check: {{schema_locations: ['{own}/{CATALOG}']}}"


def _inside(world: World, path: str) -> Path:
    """The file to write. Raises UsageError where links lead out of the repository."""
    place = world.root / path
    if not place.parent.resolve().is_relative_to(world.root) or place.is_symlink():
        raise UsageError(f"{path} leads out of the repository", remedy="name another folder with --into")
    return place
