"""Which YAML files hold what Flux substitutes: each is looked at once, and known by its blob id from run to run."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any

from fairlead.checks.sources import Sources
from fairlead.checks.substitution import FLUX, MAPS, Substitution, find, kinds
from fairlead.model.findings import Where
from fairlead.model.snapshot import Snapshot, passing
from fairlead.repo.manifest import digest

_SIZE = 12  # digits of a blob id that are kept of a file without interest: there are many
_FORM = 1
_YAML = (".yaml", ".yml")
Found = dict[str, tuple[Substitution, ...]]


class FluxFiles:
    """What is known of files, whatever the snapshot. `load` gives what an earlier run knew, when it is first asked."""

    def __init__(self, load: Callable[[], bytes | None] = lambda: None) -> None:
        self._load = load
        self._asked: set[str] = set()
        self.changed = False

    @cached_property
    def _said(self) -> dict[str, Any]:
        try:
            said = json.loads(self._load() or b"{}")
            return said if said.get("form") == _FORM else {}
        except (ValueError, AttributeError):
            return {}

    @cached_property
    def _plain(self) -> set[str]:
        text = self._said.get("plain", "")
        return {text[at : at + _SIZE] for at in range(0, len(text), _SIZE)}

    @cached_property
    def _kinds(self) -> dict[str, str]:
        return dict(self._said.get("kinds", {}))

    @cached_property
    def _found(self) -> dict[str, Any]:
        return dict(self._said.get("found", {}))

    def substitutions(self, sources: Sources) -> Found:
        """The substitutions of a snapshot, by the overlay that each is for."""
        ids = self._looked_at(sources.snapshot)
        flux = {path: oid for path, oid in ids.items() if FLUX in self._kinds[oid]}
        tables = {path: oid for path, oid in ids.items() if MAPS in self._kinds[oid]}
        if not flux:
            return {}
        key = digest(*(f"{path}\0{oid}" for files in (flux, tables) for path, oid in files.items()))
        if key not in self._found:
            found = find(sources, flux, tables)
            self._found = {key: _rows(found), **dict(list(self._found.items())[:3])}  # index, work tree, both sides
            self.changed = True
            return found
        return _read(self._found[key])

    def _looked_at(self, snapshot: Snapshot) -> dict[str, str]:
        """The files of interest, with their blob ids; what nobody has looked at is looked at."""
        ids: dict[str, str] = {}
        new: list[str] = []
        asked, plain, kinds_of = self._asked, self._plain, self._kinds  # the loop is over every file that there is
        for path in snapshot.files():
            entry = snapshot.entry(path) if path.endswith(_YAML) else None
            if entry is None:
                continue
            oid = entry.oid
            short = oid[:_SIZE]
            asked.add(short)
            if short in plain:
                continue
            ids[path] = oid
            if oid not in kinds_of:
                new.append(path)
        for path, data in passing(snapshot, new):
            self.changed = True
            found = kinds(data)
            if found:
                self._kinds[ids[path]] = found
            else:
                self._plain.add(ids.pop(path)[:_SIZE])
        return ids

    def dump(self) -> bytes:
        """What the next run may know: of blobs that nobody asked for, no more than of others."""
        plain, kinds = self._plain, self._kinds
        if len(plain) + len(kinds) > 2 * len(self._asked):
            plain &= self._asked
            kinds = {oid: kind for oid, kind in kinds.items() if oid[:_SIZE] in self._asked}
        said = {"form": _FORM, "plain": "".join(sorted(plain)), "kinds": kinds, "found": self._found}
        return json.dumps(said, separators=(",", ":")).encode()


def _rows(found: Found) -> dict[str, Any]:
    return {
        folder: [
            [one.name, one.where.path, one.where.line, one.where.column, one.values, one.complete, one.files]
            for one in some
        ]
        for folder, some in found.items()
    }


def _read(rows: dict[str, Any]) -> Found:
    return {
        folder: tuple(
            Substitution(name, Where(path, line, column), tuple((k, v) for k, v in values), complete, tuple(files))
            for name, path, line, column, values, complete, files in some
        )
        for folder, some in rows.items()
    }
