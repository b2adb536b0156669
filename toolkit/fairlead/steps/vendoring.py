"""Which kinds of a repository have no schema in it, and where one can be had: definitions, files, https URLs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import field
from pathlib import Path

from fairlead.checks.context import Judged, Shared
from fairlead.checks.lifecycle import BUILT_IN
from fairlead.checks.objects import Json, Object
from fairlead.checks.schemas import Schemas, defines
from fairlead.checks.structural import json_schema, self_contained, versions
from fairlead.doors import web
from fairlead.doors.fs import FolderSnapshot
from fairlead.model.errors import UsageError, WorldError
from fairlead.model.rendering import Trial
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.render.engine import Engine
from fairlead.repo.definitions import KIND
from fairlead.repo.locations import CATALOG, Location, location
from fairlead.steps import checking
from fairlead.steps.checking import Scope
from fairlead.steps.rendering import render_all
from fairlead.steps.schemas import BundledSchemas
from fairlead.steps.world import Run

_META = {"$ref": "#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}


@dataclass(frozen=True)
class Kind:
    """A kind that is asked for, with the Kubernetes version of an environment that has it."""

    api_version: str
    kind: str
    kubernetes: str


@dataclass
class Needs:
    """What the overlays of a repository need: kinds, and the definitions that they render themselves."""

    kinds: list[Kind] = field(default_factory=list)
    rendered: list[Object] = field(default_factory=list)


def needs(run: Run, engine: Engine, snapshot: Snapshot, part: Scope, *, everything: bool) -> Needs:
    """Render all overlays: which kinds have no schema, or all that are not Kubernetes' own.

    Raises:
        WorldError: where there is no kustomize.
    """
    engine = engine.under(part.config.build)
    view = engine.view(snapshot)
    chosen = checking.folders(view, part, engine)
    schemas = Schemas(BundledSchemas(), snapshot, view.definitions, part.config.check.schema_locations)
    shared = Shared(snapshot, part.config, part.layout, view.graph, view.sources, schemas, chosen)
    out, seen = Needs(), set()
    for result in render_all(run, engine, tuple(Trial(snapshot, folder) for folder in chosen)):
        judged = Judged(shared, result.overlay, result)
        out.rendered += (one for one in judged.objects if one.kind == KIND)
        for one in judged.objects:
            key = (one.api_version, one.kind)
            if key in seen or one.group in BUILT_IN:
                continue
            if everything or not judged.schemas.of(one).schemas:
                seen.add(key)
                out.kinds.append(Kind(*key, judged.schemas.version))
    out.kinds.sort(key=lambda kind: (kind.api_version, kind.kind))
    return out


class Shelf:
    """Where schemas are taken from, in this order: named files, definitions of the repository, https URLs."""

    def __init__(
        self, given: Iterable[Path], snapshot: Snapshot | None, rendered: Iterable[Object], urls: Iterable[Location]
    ) -> None:
        self._folders = [_opened(path) for path in given]
        self._schemas = [Schemas(BundledSchemas(), folder) for folder in self._folders]
        if snapshot is not None:
            self._schemas.append(Schemas(BundledSchemas(), snapshot))
        self._rendered = tuple(rendered)
        self._urls = tuple(urls)

    def of(self, kind: Kind) -> str | None:
        """The text of a kind's schema; None where there is none.

        Raises:
            WorldError: a URL can't be fetched.
        """
        wanted = Object(kind.api_version, kind.kind, "", "", {})
        found = next((text for body in self._bodies(wanted) if (text := _converted(body, kind)) is not None), None)
        return found or self._file(kind) or self._fetched(kind)

    def _bodies(self, wanted: Object) -> Iterator[Json]:
        for schemas in self._schemas:
            for one in schemas.definitions.of(wanted.group, wanted.kind):
                yield schemas.defined(one)
        yield from (one.body for one in self._rendered if defines(one.body, wanted))

    def _file(self, kind: Kind) -> str | None:
        path = location(CATALOG, "").of(kind.api_version, kind.kind, kind.kubernetes)
        for folder in self._folders:
            if path is not None and folder.entry(path) is not None:
                return _checked(folder.read(path), path)
        return None

    def _fetched(self, kind: Kind) -> str | None:
        for one in self._urls:
            url = one.of(kind.api_version, kind.kind, kind.kubernetes)
            data = web.fetch(url) if url is not None else None
            if url is not None and data is not None:
                return _checked(data, url)
        return None


def _opened(path: Path) -> FolderSnapshot:
    if path.is_dir():
        return FolderSnapshot(str(path))
    if path.is_file():
        return FolderSnapshot(str(path.parent), lambda: [path.name])
    raise UsageError(f"there is no {path}", remedy="name a file or folder of definitions or schemas")


def _converted(body: Json, kind: Kind) -> str | None:
    """The schema of a definition's version; None where it has none."""
    name = kind.api_version.rpartition("/")[2]
    own = next((v for v in versions(body) if v.name == name and v.schema is not None), None)
    if own is None:
        return None
    schema = json_schema(own, kind.api_version, kind.kind, _META)
    definitions = BundledSchemas().document(kind.kubernetes, "_definitions.json")
    return _text(self_contained(schema, definitions))


def _checked(data: bytes, named: str) -> str:
    """A schema as it was found. Raises WorldError where it is none."""
    try:
        schema = json.loads(data)
    except (ValueError, RecursionError):
        schema = None
    if not isinstance(schema, dict):
        raise WorldError(f"{named} holds no JSON schema", remedy="mend the location, or leave it out")
    return _text(schema)


def _text(schema: Json) -> str:
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
