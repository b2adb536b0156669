"""Which YAML files of a commit hold one of some words: searched by git, and only what changed since the last search."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence

from fairlead.doors.git.plumbing import GitFailed
from fairlead.model.values import dataclass
from fairlead.repo.manifest import digest
from fairlead.steps.world import World

_KIND = "mentions"
_YAML = (".yaml", ".yml", ".json")
_FEW = 500  # paths on a command line


@dataclass(frozen=True)
class Mentions:
    """The files that hold words; a disk's cache remembers those of the commit that was asked for last."""

    world: World
    words: tuple[str, ...]

    def at(self, commit: str) -> tuple[str, ...]:
        """Their paths, as a commit has them, sorted."""
        store = self.world.store
        if store is None:
            return self._searched(commit, ())
        key = digest(self.world.identity, *self.words)
        last, paths = _read(store.get(_KIND, key))
        if last == commit:
            return paths
        changed = self._changed(last, commit) if last else None
        if changed is None:
            found = self._searched(commit, ())
        else:
            again = self._searched(commit, changed) if changed else ()
            found = tuple(sorted({*paths}.difference(changed).union(again)))
        store.put(_KIND, key, json.dumps([commit, found]).encode())
        return found

    def _changed(self, before: str, after: str) -> tuple[str, ...] | None:
        """The YAML files of which two commits differ; None where that isn't known, or they are too many."""
        argv = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", "--end-of-options", before, after)
        try:
            names = os.fsdecode(self.world.git.git.run(*argv)).split("\0")
        except GitFailed:  # the earlier one is gone
            return None
        paths = tuple(name for name in names if name.endswith(_YAML))
        others = any(name.endswith(".gitattributes") for name in names)  # they say what is text
        return paths if len(paths) <= _FEW and not others else None

    def _searched(self, commit: str, paths: Sequence[str]) -> tuple[str, ...]:
        wanted = [argument for word in self.words for argument in ("-e", word)]
        argv = ("grep", "-l", "-z", "-F", "-I", "--full-name", "--no-color", *wanted, commit, "--")
        places: Iterable[str] = [f":(top,literal){path}" for path in paths] or [f"*{ending}" for ending in _YAML]
        names = os.fsdecode(self.world.git.git.run(*argv, *places, ok=(0, 1))).split("\0")
        return tuple(sorted(name.removeprefix(f"{commit}:") for name in names if name))


def _read(data: bytes | None) -> tuple[str, tuple[str, ...]]:
    """The commit of the last search, and what was found; nothing where it can't be read."""
    try:
        commit, paths = json.loads(data or b"null")
        return str(commit), tuple(str(path) for path in paths)
    except (TypeError, ValueError):
        return "", ()
