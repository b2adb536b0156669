"""Which objects for Argo CD and Flux apply an overlay, as the repository itself says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field
from fnmatch import fnmatchcase

from fairlead.checks.artifacts import MARK, Copy, copies, origins
from fairlead.checks.filed import filed
from fairlead.checks.objects import Object, read, read_file
from fairlead.checks.reconcilers import FILES, MARKS, is_controller, plain, pointers
from fairlead.checks.sources import ELSEWHERE
from fairlead.checks.workloads import items, table, text
from fairlead.model.errors import ExcessProblem
from fairlead.model.overlays import Overlay
from fairlead.model.rendering import Rendered, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.render.engine import Engine
from fairlead.render.views import View
from fairlead.repo.graph import Graph
from fairlead.repo.health import APPLICATION, HELM_RELEASE, KUSTOMIZATION
from fairlead.repo.layout import kustomization_dirs
from fairlead.steps.rendering import opened, render_all
from fairlead.steps.world import Environments, World

_SETS = "ApplicationSet"
_POINTING = (b"Application", b"kustomize.toolkit.fluxcd.io/")
_Paths = tuple[tuple[str, str], ...]  # path or glob, and what it needs to be


@dataclass(frozen=True)
class Applier:
    """One object that applies an overlay. `namespace` is empty where only who applies it knows that."""

    kind: str
    namespace: str
    name: str

    @property
    def is_set(self) -> bool:
        """Whether it is what others are made by."""
        return self.kind == _SETS


@dataclass
class Reconcilers:
    """What applies which overlay of one branch; read when it is asked for, and once."""

    world: World
    here: Environments
    _pointing: dict[Applier, _Paths] | None = field(default=None, init=False)
    _within: dict[str, tuple[Applier, ...]] = field(default_factory=dict, init=False)
    _graph: Graph | None = field(default=None, init=False)
    _marked: dict[str, bytes] = field(default_factory=dict, init=False)

    def of(self, overlay: Overlay) -> tuple[Applier, ...]:
        """What points to an overlay; after `look`."""
        pointing = self._pointing or {}
        return tuple(a for a, paths in pointing.items() if any(self.covers(p, overlay.path, n) for p, n in paths))

    def within(self, overlay: Overlay) -> tuple[Applier, ...]:
        """What an overlay brings itself that a controller applies on: releases, Applications of Applications."""
        return self._within.get(overlay.path, ())

    def covers(self, path: str, folder: str, needs: str = "") -> bool:
        """Whether a path that a controller is told to apply brings a folder: itself, taken in, or lying below."""
        path = path.rpartition("/")[0] if needs == FILES else path
        if "*" in path:
            return fnmatchcase(folder, path)
        if path == folder:
            return True
        if self._graph is not None and self._graph.facts(path) is not None:
            return folder in self._graph.closure(path).folders
        return not path or folder.startswith(f"{path}/")

    def look(self, overlays: Iterable[Overlay]) -> None:
        """Read what applies these overlays. Raises WorldError where there is no kustomize."""
        mine = {overlay.path for overlay in overlays} - self._within.keys()
        if not mine:
            return
        snapshot, config = self.here.snapshot, self.here.config
        with opened(self.world) as engine:
            ruled = engine.under(config.build)
            view = ruled.view(snapshot)
            self._graph = view.graph
            everywhere = kustomization_dirs(snapshot, config.root)
            self._marked = self._marked or {p: data for p in snapshot.files() if (data := _marked(snapshot, p))}
            telling = self._telling(view, everywhere) if self._pointing is None else frozenset()
            bringing = mine & set(view.graph.near(everywhere, self._marked))
            found = dict(_rendered(self.world, ruled, snapshot, sorted(telling | bringing)))
            if self._pointing is None:
                loose = _loose(view, everywhere, tuple(self._marked))
                told = (*loose, *(one for folder in sorted(telling) for one in found.get(folder, ())))
                self._pointing = _pointing(told, _artifacts(self._marked))
        for folder in mine:
            appliers = (_applier(one) for one in found.get(folder, ()) if _is_plain(one) and _is_placed(one))
            self._within[folder] = tuple(one for one in appliers if not one.is_set)

    def _telling(self, view: View, everywhere: tuple[str, ...]) -> frozenset[str]:
        """The kustomizations that render objects which point to folders: overlays, and those that nobody refers to."""
        files = [path for path, data in self._marked.items() if any(mark in data for mark in _POINTING)]
        tops = view.graph.near(everywhere, files)
        overlays = {overlay.path for overlay in self.here.layout.overlays}
        return frozenset((set(tops) & overlays) | set(view.graph.roots(tops)))


def paths_of(body: dict[str, object]) -> tuple[str, ...]:
    """The folders that an Application of a cluster names, one a source; empty for a source that names none."""
    spec = table(body.get("spec"))
    sources = items(spec.get("sources")) or [spec.get("source") or table(spec.get("sourceHydrator")).get("drySource")]
    return tuple(plain(text(table(source).get("path"))) if table(source).get("path") else "" for source in sources)


def _artifacts(marked: dict[str, bytes]) -> dict[tuple[str, str], tuple[Copy, ...]]:
    texts = (data.decode("utf-8", "replace") for data in marked.values() if MARK in data)
    return copies(one for text in texts for one in _read(text))


def _read(text: str) -> tuple[Object, ...]:
    try:
        return read_file(text)
    except ExcessProblem:
        return ()


def _pointing(objects: Iterable[Object], artifacts: dict[tuple[str, str], tuple[Copy, ...]]) -> dict[Applier, _Paths]:
    found: dict[Applier, _Paths] = {}
    for one in objects:
        paths = tuple((pointer.path, pointer.needs) for pointer in pointers(one))
        paths += tuple((path, "") for path in _more(one, artifacts))
        if paths and one.kind != HELM_RELEASE and _is_plain(one):
            found[_applier(one)] = (*found.get(_applier(one), ()), *paths)
    return found


def _more(one: Object, artifacts: dict[tuple[str, str], tuple[Copy, ...]]) -> Iterator[str]:
    """Folders that no check asks for: of an artifact, and those that Argo CD hydrates."""
    if one.kind == KUSTOMIZATION:
        yield from origins(one, artifacts)
    elif one.kind == APPLICATION and not table(one.body.get("spec")).get("source"):
        yield from (path for path in paths_of(one.body) if path)


def _applier(one: Object) -> Applier:
    return Applier(one.kind, one.namespace, one.name)


def _is_plain(one: Object) -> bool:
    """Whether its name is known: what Flux substitutes, or a set generates, is not."""
    return "$" not in one.name + one.namespace and "{{" not in one.name


def _is_placed(one: Object) -> bool:
    """Whether it is known where it lies; where the objects of a release go is for who applies it to say."""
    return bool(one.namespace) or one.kind != HELM_RELEASE


def _marked(snapshot: Snapshot, path: str) -> bytes:
    """A file that may hold such objects; empty for any other."""
    if not path.endswith((".yaml", ".yml")) or ELSEWHERE.search(path):
        return b""
    data = snapshot.read(path)
    return data if any(mark in data for mark in (*MARKS, MARK)) else b""


def _loose(view: View, everywhere: tuple[str, ...], marked: tuple[str, ...]) -> tuple[Object, ...]:
    """Those in files that no kustomization reads."""
    facts = (view.graph.facts(folder) for folder in everywhere)
    read_by = {path for found in facts if found is not None for path in found.paths}
    read_by |= {real for path in read_by if (real := view.graph.follow(path)) is not None}
    return tuple(one.object for one in filed(marked, frozenset(read_by), view.sources))


def _rendered(
    world: World, engine: Engine, snapshot: Snapshot, folders: list[str]
) -> Iterator[tuple[str, tuple[Object, ...]]]:
    trials = tuple(Trial(snapshot, folder) for folder in folders)
    for folder, result in zip(folders, render_all(world.run, engine, trials, "reading who applies it"), strict=True):
        if not isinstance(result, Rendered):
            continue
        try:
            found = read(result.text, result.values)
        except ExcessProblem:
            continue
        yield folder, tuple(one for one in found if is_controller(one))
