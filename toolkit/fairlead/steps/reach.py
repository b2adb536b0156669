"""Which overlays a change reaches: those that read a changed file, before or after, or would if it were there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from fairlead.model.overlays import OverlayId
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.render.engine import Engine
from fairlead.render.views import View
from fairlead.repo.layout import KUSTOMIZATION_NAMES
from fairlead.steps import checking, relevance
from fairlead.steps.checking import Scope


@dataclass(frozen=True)
class Hit:
    """An overlay that a change reaches: the changed paths that it is made of.

    `id` is what the layout says of the folder, if anything. `gone`: it was reached, and is there no more. `seen` is,
    for each path, the state in which the overlay reads it.
    """

    folder: str
    id: OverlayId | None
    paths: tuple[str, ...]
    gone: bool = False
    seen: tuple[View, ...] = field(default=(), compare=False, repr=False)

    @property
    def ways(self) -> tuple[tuple[str, ...], ...]:
        """The way to each path, found out when asked for: files are read for it.

        A way goes from the overlay's kustomization by the ones that refer on to the path itself, which stands last.
        """
        return tuple(way(view, self.folder, path) for path, view in zip(self.paths, self.seen, strict=True))


def changed(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """The paths of which content or mode differs, or that only one side has; sorted."""
    paths = {*before.files(), *after.files()}
    return tuple(sorted(path for path in paths if before.entry(path) != after.entry(path)))


def reached(
    engine: Engine, part: Scope, before: Snapshot | None, after: Snapshot, paths: Iterable[str]
) -> tuple[Hit, ...]:
    """The overlays that a change of these paths reaches, by what they read before it or read after it."""
    wanted = set(paths)
    engine = engine.under(part.config.build)
    now = engine.view(after)
    ids = {overlay.path: overlay.id for overlay in part.layout.overlays}
    found: dict[str, dict[str, View]] = {}
    for view in (engine.view(before), now) if before is not None else (now,):
        relevant = relevance.could_matter(view.snapshot, wanted)
        if not relevant:
            continue
        side = part if view is now else checking.as_it_was(part, view.snapshot)
        ids |= {overlay.path: overlay.id for overlay in side.layout.overlays if overlay.path not in ids}
        for folder in checking.readers_of(view, side, relevant, engine):
            hit = sorted(wanted & checking.reads(view, engine, folder)) or [part.config.path]
            found.setdefault(folder, {}).update((path, view) for path in hit)
        if engine.memory is not None:
            engine.memory.learn(view.graph.learned)
    return tuple(
        Hit(
            folder,
            ids.get(folder),
            tuple(sorted(seen)),
            now.graph.facts(folder) is None,
            tuple(seen[path] for path in sorted(seen)),
        )
        for folder, seen in sorted(found.items())
    )


def way(view: View, folder: str, path: str) -> tuple[str, ...]:
    """How an overlay comes to a path: the kustomizations that refer on, outermost first, and the path."""
    came: dict[str, tuple[str, ...]] = {folder: ()}
    queue = [folder]
    while queue:
        at = queue.pop(0)
        node = view.graph.kustomization(at)
        if node is None:
            continue
        trail = (*came[at], node.path)
        if path == node.path:
            return trail
        for reference in node.references:
            if reference.path is None:
                continue
            if path in (reference.path, view.graph.follow(reference.path)):
                return (*trail, path)
            if reference.is_dir and reference.path not in came:
                came[reference.path] = trail
                queue.append(reference.path)
            elif path in {f"{reference.path}/{name}" for name in KUSTOMIZATION_NAMES}:
                return (*trail, path)  # a folder that holds no kustomization, or none any more
    node = view.graph.kustomization(folder)
    return (node.path, path) if node is not None else (path,)
