"""Which folder is which app in which environment."""

from __future__ import annotations

from functools import cached_property

from fairlead.model.values import dataclass


@dataclass(frozen=True, order=True)
class OverlayId:
    """An app in an environment (and one of its clusters, where it has several)."""

    app: str
    env: str
    cluster: str = ""

    def __str__(self) -> str:
        return f"{self.app}/{self.env}" + (f"/{self.cluster}" if self.cluster else "")


@dataclass(frozen=True)
class Overlay:
    """A kustomization folder that is an app's overlay for an environment.

    `words` are the names that stand for the environment in paths and values (its own name, its `match`
    words, the folder's word), by which two environments' files are recognised as the same file.
    """

    id: OverlayId
    path: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """All overlays, sorted by path, and what discovery had to say.

    `clashes` are globs that take a folder for another environment than a glob before them, each with what to say.
    """

    overlays: tuple[Overlay, ...]
    notes: tuple[str, ...] = ()
    empty_globs: tuple[str, ...] = ()
    clashes: tuple[tuple[str, str], ...] = ()

    def apps(self) -> tuple[str, ...]:
        """All apps by name."""
        return tuple(sorted({o.id.app for o in self.overlays}))

    def find(self, app: str, env: str) -> tuple[Overlay, ...]:
        """The overlays of an app in an environment: none, one, or one a cluster."""
        return self._by_id.get((app, env), ())

    def counterparts(self, app: str, source: str, target: str) -> tuple[tuple[Overlay | None, Overlay], ...]:
        """An app's overlays in a target environment, each with the one of the source that it is compared with.

        That is the one of the same cluster, else the only one there is; None where it has none.
        """
        sources = self.find(app, source)
        by_cluster = {overlay.id.cluster: overlay for overlay in sources}
        only = sources[0] if len(sources) == 1 else None
        return tuple((by_cluster.get(o.id.cluster) or only, o) for o in self.find(app, target))

    @cached_property
    def _by_id(self) -> dict[tuple[str, str], tuple[Overlay, ...]]:
        found: dict[tuple[str, str], list[Overlay]] = {}
        for overlay in self.overlays:
            found.setdefault((overlay.id.app, overlay.id.env), []).append(overlay)
        return {key: tuple(rows) for key, rows in found.items()}
