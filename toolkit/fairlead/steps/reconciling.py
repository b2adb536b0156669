"""Which objects for Argo CD and Flux apply an overlay, as the repository itself says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fairlead.checks.filed import filed
from fairlead.checks.objects import Object, read
from fairlead.checks.reconcilers import FILES, MARKS, is_controller, plain, pointers
from fairlead.checks.sources import ELSEWHERE
from fairlead.checks.workloads import items, table, text
from fairlead.model.errors import ExcessProblem
from fairlead.model.overlays import Overlay
from fairlead.model.rendering import Rendered, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.render.engine import Engine
from fairlead.render.views import View
from fairlead.repo.config import Config
from fairlead.repo.graph import Graph
from fairlead.repo.health import HELM_RELEASE
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


@dataclass(frozen=True)
class Reconcilers:
    """What applies which folder, in one snapshot. `within` are the controllers' objects that overlays render."""

    graph: Graph
    pointing: tuple[tuple[Applier, _Paths], ...]
    within: dict[str, tuple[Applier, ...]]

    def of(self, overlay: Overlay) -> tuple[Applier, ...]:
        """What points to an overlay, and what it brings itself that a controller applies on."""
        found = [one for one, paths in self.pointing if any(self.covers(p, overlay.path, n) for p, n in paths)]
        return tuple(dict.fromkeys((*found, *self.within.get(overlay.path, ()))))

    def covers(self, path: str, folder: str, needs: str = "") -> bool:
        """Whether a path that a controller is told to apply brings a folder: itself, taken in, or lying below."""
        path = path.rpartition("/")[0] if needs == FILES else path
        if "*" in path:
            return fnmatchcase(folder, path)
        if path == folder:
            return True
        if self.graph.facts(path) is not None:
            return folder in self.graph.closure(path).folders
        return not path or folder.startswith(f"{path}/")


def paths_of(body: dict[str, object]) -> Iterator[str]:
    """The folders that an Application of a cluster names."""
    spec = table(body.get("spec"))
    for source in (spec.get("source"), *items(spec.get("sources"))):
        written = text(table(source).get("path"))
        if written:
            yield plain(written)


def reconcilers(world: World, here: Environments, overlays: Iterable[Overlay]) -> Reconcilers:
    """Read them, for these overlays. Raises WorldError where there is no kustomize."""
    snapshot, config = here.snapshot, here.config
    with opened(world) as engine:
        ruled = engine.under(config.build)
        view = ruled.view(snapshot)
        marked = {path: data for path in snapshot.files() if (data := _marked(snapshot, path))}
        everywhere = kustomization_dirs(snapshot, config.root)
        loose = _loose(view, everywhere, tuple(marked))
        mine = {overlay.path for overlay in overlays}
        telling = {path for path, data in marked.items() if any(mark in data for mark in _POINTING)}
        tops = view.graph.near(everywhere, telling)
        known = {overlay.path for overlay in here.layout.overlays}
        asked = (set(tops) & known) | set(view.graph.roots(tops)) | (mine & set(view.graph.near(everywhere, marked)))
        rendered = dict(_rendered(world, ruled, snapshot, sorted(asked)))
    return _put_together(view.graph, loose, rendered, mine, config)


def _put_together(
    graph: Graph, loose: tuple[Object, ...], rendered: dict[str, tuple[Object, ...]], mine: set[str], config: Config
) -> Reconcilers:
    pointing: dict[Applier, _Paths] = {}
    for one in (*loose, *(one for found in rendered.values() for one in found)):
        paths = tuple((pointer.path, pointer.needs) for pointer in pointers(one))
        if paths and one.kind != HELM_RELEASE and _is_plain(one):
            pointing[_applier(one)] = (*pointing.get(_applier(one), ()), *paths)
    within = {
        folder: tuple(_applier(one) for one in rendered.get(folder, ()) if _is_plain(one) and _is_placed(one))
        for folder in mine
    }
    return Reconcilers(graph, tuple(pointing.items()), within)


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
    return data if any(mark in data for mark in MARKS) else b""


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
