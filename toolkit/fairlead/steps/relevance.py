"""Which changed paths have to do with overlays at all: asked before anything is parsed, for a hook must not wait."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.checks.substitution import kinds
from fairlead.model.snapshot import Snapshot
from fairlead.repo import config as configuration
from fairlead.repo.definitions import SUFFIXES, find
from fairlead.repo.layout import KUSTOMIZATION_NAMES


def could_matter(snapshot: Snapshot, paths: Iterable[str]) -> tuple[str, ...]:
    """The paths that some kustomization may read: kustomize reads files only at or below its own folder.

    Not so with a load restrictor of none, and policies and charts lie anywhere. Whether a configuration has them is
    asked of its words, for a hook that has nothing to do must not wait for a parser.
    """
    paths = tuple(paths)
    if _configured(snapshot, b"load_restrictor", b"helm_releases", b"policies"):
        return paths
    known: dict[str, bool] = {}

    def governed(folder: str) -> bool:
        if folder not in known:
            here = any(
                snapshot.entry(f"{folder}/{name}" if folder else name) is not None for name in KUSTOMIZATION_NAMES
            )
            known[folder] = here or (bool(folder) and governed(folder.rpartition("/")[0]))
        return known[folder]

    return tuple(
        path
        for path in paths
        if path.rpartition("/")[2] in (*KUSTOMIZATION_NAMES, configuration.FILE_NAME)
        or governed(path.rpartition("/")[0])
        or (path.endswith((".yaml", ".yml")) and snapshot.entry(path) is not None and kinds(snapshot.read(path)))
    )


def sways(snapshot: Snapshot, paths: Iterable[str]) -> bool:
    """Whether some of the paths have a say in overlays that read none of them: definitions, and files of schemas."""
    found = [path for path in paths if path.endswith(SUFFIXES) and snapshot.entry(path) is not None]
    if any(path.endswith(".json") for path in found) and _configured(snapshot, b"schema_locations"):
        return True
    return any(find(snapshot.read(path)) for path in found)


def _configured(snapshot: Snapshot, *words: bytes) -> bool:
    """Whether a configuration holds one of the words; it is not parsed for that."""
    config = configuration.FILE_NAME
    found = (snapshot.read(path) for path in snapshot.files() if path.rpartition("/")[2] == config)
    return any(word in data for data in found for word in words)
