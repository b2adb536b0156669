"""Which YAML files of a commit hold one of some words; searched is only what changed since the last search."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable

from fairlead.doors.git.plumbing import GitFailed
from fairlead.model.snapshot import SYMLINK, Entry
from fairlead.model.values import dataclass
from fairlead.repo.manifest import digest
from fairlead.steps.world import World

_KIND = "mentions"
_YAML = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class Mentions:
    """The files that hold words; a disk's cache remembers those of the commit that was asked for last."""

    world: World
    words: tuple[str, ...]

    def at(self, commit: str) -> tuple[str, ...]:
        """Their paths, as a commit has them, sorted."""
        store = self.world.store
        if store is None:
            return self._searched(commit)
        key = digest(self.world.identity, *self.words)
        last, paths = _read(store.get(_KIND, key))
        if last == commit:
            return paths
        changed = self._changed(last, commit) if last else None
        if changed is None:
            found = self._searched(commit)
        else:
            again = self._searched(commit, changed)
            found = tuple(sorted({*paths}.difference(changed).union(again)))
        store.put(_KIND, key, json.dumps([commit, found]).encode())
        return found

    def _changed(self, before: str, after: str) -> tuple[str, ...] | None:
        """The YAML files of which two commits differ; None where that isn't known."""
        argv = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options", before, after)
        try:
            names = os.fsdecode(self.world.git.git.run(*argv)).split("\0")
        except GitFailed:  # the earlier one is gone
            return None
        return tuple(name for name in names if name.endswith(_YAML))

    def _searched(self, commit: str, paths: Iterable[str] | None = None) -> tuple[str, ...]:
        snapshot = self.world.git.at(commit)
        words = tuple(word.encode() for word in self.words)
        among = snapshot.files() if paths is None else paths
        files = [path for path in among if path.endswith(_YAML) and _is_file(snapshot.entry(path))]
        return tuple(sorted(path for path, data in snapshot.passing(files) if any(word in data for word in words)))


def _is_file(entry: Entry | None) -> bool:
    return entry is not None and entry.mode != SYMLINK


def _read(data: bytes | None) -> tuple[str, tuple[str, ...]]:
    """The commit of the last search, and what was found; nothing where it can't be read."""
    try:
        commit, paths = json.loads(data or b"null")
        return str(commit), tuple(str(path) for path in paths)
    except (TypeError, ValueError):
        return "", ()
