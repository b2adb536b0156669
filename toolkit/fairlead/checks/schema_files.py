"""A file of the repository as a JSON schema, with the files that it refers to; nothing else is read, none fetched.

Files may come with a change that is under judgement: what refers to itself over and over is refused, for a validator
would not end on it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fairlead.checks.objects import Json
from fairlead.model.rendering import Input
from fairlead.model.snapshot import Snapshot, join

HERE = "fairlead:///"
_MOST = 5_000_000  # nodes, once all references are written out
_Spot = tuple[str, str]  # a file, and a pointer into it


class SchemaFile:
    """Reads one schema; `used` are the files that it consists of, and those that it lacks."""

    def __init__(self, snapshot: Snapshot, path: str) -> None:
        self.used: dict[Input, None] = {}
        self.path = path
        self._snapshot = snapshot
        self._documents: dict[str, Json] = {}
        self._sizes: dict[_Spot, int] = {}

    def read(self) -> dict[str, Any]:
        """The schema. Raises ValueError, with why it is none."""
        schema = self._document(self.path)
        if not isinstance(schema, dict):
            raise ValueError("it holds no JSON object")
        if self._size(schema, self.path) > _MOST:
            raise ValueError("its references expand to too much")
        return schema

    def retrieve(self, uri: str) -> Json:
        """A document that a validator asks for. Raises ValueError where it is not in the repository."""
        return self._document(self._at(uri))

    def _at(self, uri: str) -> str:
        at = join("", uri.removeprefix(HERE)) if uri.startswith(HERE) else None
        if at is None:
            raise ValueError(f"it refers to {uri}, which is not in the repository")
        return at

    def _document(self, path: str) -> Json:
        if path not in self._documents:
            entry = self._snapshot.entry(path)
            self.used[Input("missing", path) if entry is None else Input("file", path, entry.oid)] = None
            if entry is None:
                raise ValueError(f"it refers to {path}, which is not in the repository")
            self._documents[path] = json.loads(self._snapshot.read(path))
        return self._documents[path]

    def _size(self, node: Json, path: str) -> int:
        """How many nodes a validator may come by, counted with all references; a circle counts once."""
        size = 1
        for below in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            size = min(size + self._size(below, path), _MOST + 1)
        reference = node.get("$ref") if isinstance(node, dict) else None
        if isinstance(reference, str):
            size += sum(self._referred(spot) for spot in self._spots(reference, path))
        return min(size, _MOST + 1)

    def _referred(self, spot: _Spot) -> int:
        if spot not in self._sizes:
            self._sizes[spot] = 1  # for a circle
            path, pointer = spot
            node = self._document(path)
            for part in pointer.split("/")[1:]:
                name = part.replace("~1", "/").replace("~0", "~")
                node = node.get(name) if isinstance(node, dict) else None
            self._sizes[spot] = self._size(node, path)
        return self._sizes[spot]

    def _spots(self, reference: str, path: str) -> Iterator[_Spot]:
        """Where a reference leads, as far as that is in the repository; a validator tells of the others."""
        file, _, pointer = reference.partition("#")
        at = path if not file else None if "://" in file else join(path.rpartition("/")[0], file)
        if at is not None and (file == "" or self._snapshot.entry(at) is not None):
            yield at, pointer
