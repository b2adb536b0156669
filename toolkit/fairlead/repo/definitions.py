"""Which CustomResourceDefinitions lie in a snapshot's files, found by their bytes; none is parsed for that.

What a file defines is a matter of its blob, so that it is looked at once, in whatever snapshot it stands.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from functools import cached_property

from fairlead.edit.nodes import Mapping, Scalar, parse_text
from fairlead.model.errors import SyntaxProblem
from fairlead.model.patterns import pattern
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass

KIND = "CustomResourceDefinition"
SUFFIXES = (".yaml", ".yml", ".json")
_WORD = KIND.encode()
_MOST = 4 * 1024 * 1024  # bytes of a file, as elsewhere
_ID = 16  # digits of a blob id that tell it from others here
_DOCUMENT = pattern(r"(?m)^---(?:[ \t].*)?$")
_IS_ONE = pattern(rf"(?m)^kind:[ \t]*[\"']?{KIND}[\"']?[ \t]*(?:#.*)?\r?$")
_SPEC = pattern(r"(?m)^spec:[ \t]*(?:#.*)?\r?\n((?:(?:[ \t]+.*|[ \t]*#.*)?\r?(?:\n|\Z))+)")
_WORDS = pattern(r"[A-Za-z0-9.-]+/[A-Za-z0-9]+")
_GROUP = pattern(r"\bgroup[\"']?[ \t]*:")
_JSON_KIND = pattern(rf'"kind"\s*:\s*"{KIND}"')


@dataclass(frozen=True)
class Definition:
    """One definition: the file that holds it, the blob, and which of the file's documents it is."""

    path: str
    blob: str
    number: int


class Known:
    """What blobs define, as found earlier: `load` gives what `dump` had made."""

    def __init__(self, load: Callable[[], bytes | None] = lambda: None) -> None:
        self._load = load
        self._asked: set[str] = set()
        self.changed = False

    @cached_property
    def _rows(self) -> dict[str, list[list[str]]]:
        try:
            said = json.loads(self._load() or b"{}")
            none: str = said.get("none", "")
            rows: dict[str, list[list[str]]] = {none[at : at + _ID]: [] for at in range(0, len(none), _ID)}
            rows |= said.get("found", {})
        except (ValueError, TypeError, AttributeError):
            return {}
        return rows

    def of(self, blob: str, read: Callable[[], bytes]) -> list[list[str]]:
        """Group and kind of each document of a blob, empty words for one that defines nothing; looked at if need be."""
        key = blob[:_ID]
        self._asked.add(key)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = find(read())
            self.changed = True
        return row

    def dump(self) -> bytes:
        """What is known, for the next run: of blobs that nobody asked for, no more than of others."""
        rows = self._rows
        if len(rows) > 2 * len(self._asked):
            rows = {key: row for key, row in rows.items() if key in self._asked}
        none = "".join(key for key, row in rows.items() if not row)
        return json.dumps({"none": none, "found": {key: row for key, row in rows.items() if row}}).encode()


class Definitions:
    """The definitions of one snapshot, by group and kind; the files are listed when the first is asked for."""

    def __init__(self, snapshot: Snapshot, known: Known | None = None) -> None:
        self._snapshot = snapshot
        self._known = Known() if known is None else known

    @cached_property
    def _all(self) -> dict[str, tuple[Definition, ...]]:
        out: dict[str, list[Definition]] = {}
        snapshot = self._snapshot
        for path in snapshot.files():
            if not path.endswith(SUFFIXES):
                continue
            entry = snapshot.entry(path)
            if entry is None:
                continue

            def read(path: str = path) -> bytes:
                return snapshot.read(path)

            for number, words in enumerate(self._known.of(entry.oid, read)):
                if words:
                    out.setdefault("/".join(words), []).append(Definition(path, entry.oid, number))
        return {name: tuple(found) for name, found in out.items()}

    def of(self, group: str, kind: str) -> tuple[Definition, ...]:
        """Those of a kind, by their paths."""
        return self._all.get(f"{group}/{kind}", ())

    def kinds(self) -> tuple[tuple[str, str], ...]:
        """All groups and kinds that are defined, sorted."""
        return tuple(sorted((name.partition("/")[0], name.partition("/")[2]) for name in self._all))

    def digest(self, name: str) -> str:
        """What changes with the definitions of a `group/Kind`; empty where there are none."""
        found = self._all.get(name, ())
        if not found:
            return ""
        words = "\n".join(f"{one.path}\0{one.blob}\0{one.number}" for one in found)
        return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def text(self, definition: Definition) -> str:
        """The document that defines a kind."""
        return documents(self._snapshot.read(definition.path).decode("utf-8", "replace"))[definition.number]


def documents(text: str) -> list[str]:
    """The documents of a YAML stream, as texts."""
    return _DOCUMENT.split(text.removeprefix("\ufeff"))


def find(data: bytes) -> list[list[str]]:
    """Group and kind of each document of a file, empty words where it defines none; an empty list where none does."""
    if _WORD not in data or len(data) > _MOST:
        return []
    rows = [list(_defined(document)) for document in documents(data.decode("utf-8", "replace"))]
    return rows if any(rows) else []


def _defined(document: str) -> tuple[str, ...]:
    if document.lstrip()[:1] == "{":
        return _of_json(document)
    if _IS_ONE.search(document) is None:
        return ()
    spec = _SPEC.search(document)
    members = dict(_members(spec[1])) if spec is not None else {}
    group, names = _scalar(members.get("group", "")), dict(_members(members.get("names", "")))
    kind = _scalar(names.get("kind", ""))
    if _WORDS.fullmatch(f"{group}/{kind}") is not None:
        return group, kind
    return _of_nodes(document) if _GROUP.search(document) else ()


def _of_nodes(document: str) -> tuple[str, ...]:
    """The same by a parser, for who writes YAML otherwise than tools do."""
    try:
        body = parse_text(document).first()
    except SyntaxProblem:
        return ()
    spec = body.get("spec") if body is not None else None
    names = spec.get("names") if isinstance(spec, Mapping) else None
    group = spec.get("group") if isinstance(spec, Mapping) else None
    kind = names.get("kind") if isinstance(names, Mapping) else None
    return (group.value, kind.value) if isinstance(group, Scalar) and isinstance(kind, Scalar) else ()


def _of_json(document: str) -> tuple[str, ...]:
    if _JSON_KIND.search(document) is None:
        return ()
    try:
        spec = json.loads(document)["spec"]
        group, kind = spec["group"], spec["names"]["kind"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return ()
    return (group, kind) if isinstance(group, str) and isinstance(kind, str) and group and kind else ()


def _members(block: str) -> Iterator[tuple[str, str]]:
    """The members of a block mapping: key, and what stands after it down to the next one."""
    lines = block.split("\n")
    head = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), "")
    indent = len(head) - len(head.lstrip(" "))
    member = re.compile(rf" {{{indent}}}([A-Za-z]+):(.*)")
    key, body = "", [""]
    for line in lines:
        found = member.fullmatch(line.rstrip("\r"))
        if found is None:
            body.append(line)
            continue
        if key:
            yield key, "\n".join(body)
        key, body = found[1], [found[2]]
    if key:
        yield key, "\n".join(body)


def _scalar(text: str) -> str:
    return re.sub(r"[ \t]+#.*", "", text.split("\n", 1)[0]).strip().strip("\"'")
