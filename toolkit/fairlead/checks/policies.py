"""Policies as they are kept: which documents judge which overlays, where their parts stand, and who judges."""

from __future__ import annotations

import re
from dataclasses import field
from functools import cached_property
from typing import Protocol

from fairlead.checks.objects import Json, plain
from fairlead.checks.sources import Sources, maps
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value, unfolded
from fairlead.model.errors import SyntaxProblem
from fairlead.model.findings import Where
from fairlead.model.snapshot import Snapshot, follow
from fairlead.model.values import dataclass
from fairlead.repo.config import Config, PolicyFiles
from fairlead.repo.layout import glob_pattern
from fairlead.repo.manifest import digest

Steps = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """A fault of a document, or what can't be told of it (a note).

    `field` leads to it; where an expression stands there, `line` and `column` count from 1 in it.
    """

    document: int
    field: Steps
    message: str
    remedy: str = ""
    line: int = 0
    column: int = 0
    note: bool = False


@dataclass(frozen=True)
class Violation:
    """An object that a policy refuses, by its place in what was asked.

    `error` is why an expression could not be evaluated, `ignored` where a cluster would let that pass, and `costly`
    where it needs more than a cluster would give. `fields` are the parts of the object that it looks at, the most
    telling first.
    """

    object: int
    policy: int
    field: Steps
    message: str
    actions: tuple[str, ...]
    fields: tuple[Steps, ...] = ()
    error: str = ""
    ignored: bool = False
    costly: bool = False


@dataclass(frozen=True)
class Verdicts:
    """What an engine says; `failure` is why it could say nothing."""

    problems: tuple[Problem, ...] = ()
    violations: tuple[Violation, ...] = ()
    failure: str = ""


class PolicyEngine(Protocol):
    """Judges objects by policies, as a server of Kubernetes would."""

    @property
    def identity(self) -> str:
        """What its verdicts depend on. Raises WorldError where there is none."""

    def judge(self, kubernetes: str, documents: tuple[Document, ...], objects: tuple[Json, ...]) -> Verdicts:
        """The verdicts on the objects of one render. Raises WorldError where there is no engine."""


@dataclass(frozen=True, eq=False)
class Document:
    """One object of a policy file: a policy, a binding, or what they name."""

    path: str
    text: str
    node: Mapping
    body: Json

    @property
    def name(self) -> str:
        """Its metadata.name."""
        meta = self.body.get("metadata")
        return str(meta.get("name", "")) if isinstance(meta, dict) else ""

    def where(self, steps: Steps, line: int = 0, column: int = 0) -> Where:
        """Where a part of it stands, or the nearest part that is there; in an expression, where its line is."""
        node: Value = self.node
        told: Value = self.node
        for step in steps:
            below: Value | None = None
            key: Scalar | None = None
            if isinstance(node, Mapping):
                below, key = node.get(str(step)), node.key(str(step))
            elif isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
                below = node.items[step]
            if below is None:
                return Where(self.path, told.line, told.column)
            node = below
            told = node if key is None or isinstance(node, Scalar) else key
        if line and isinstance(node, Scalar):
            return self._inside(node, line, column)
        return Where(self.path, told.line, told.column)

    def _inside(self, scalar: Scalar, line: int, column: int) -> Where:
        """A place in a scalar's value: the same sign in the text, however the value is folded and quoted there."""
        lines = scalar.value.split("\n")
        before = "".join(lines[: line - 1]) + lines[min(line, len(lines)) - 1][: column - 1]
        signs = sum(not sign.isspace() for sign in before)
        begin, escape = _content(self.text, scalar)
        at, last = begin, begin
        while at < scalar.end:
            width = 2 if escape and self.text.startswith(escape, at) and at + 2 <= scalar.end else 1
            if width == 2 and escape == "\\" and self.text[at + 1] in "nrt\n ":
                at += 2
                continue
            if not self.text[at].isspace():
                last = at
                if not signs:
                    break
                signs -= 1
            at += width
        return Where(self.path, self.text.count("\n", 0, last) + 1, last - self.text.rfind("\n", 0, last))


def _content(text: str, scalar: Scalar) -> tuple[int, str]:
    """Where a scalar's own signs begin, and what escapes some of them."""
    raw = text[scalar.start : scalar.end]
    if scalar.style in ("|", ">"):
        return scalar.start + raw.find("\n") + 1, ""
    if scalar.style in ("'", '"'):
        return scalar.start + raw.find(scalar.style) + 1, {"'": "''", '"': "\\"}[scalar.style]
    return scalar.start, ""


@dataclass(frozen=True)
class Trouble:
    """Why policies that were asked for can't be read."""

    where: Where
    message: str
    remedy: str


@dataclass(frozen=True)
class Book:
    """What judges the overlays of one environment."""

    documents: tuple[Document, ...] = ()
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, eq=False)
class Policies:
    """The policies that a configuration asks for, as `snapshot` has them, and who judges by them.

    It is the snapshot that the configuration comes from: a change must not bring the rules that it is judged by.
    """

    snapshot: Snapshot
    config: Config
    engine: PolicyEngine
    _books: dict[str, Book] = field(default_factory=dict, init=False)

    @cached_property
    def files(self) -> dict[PolicyFiles, tuple[str, ...]]:
        """The files of each entry."""
        return {entry: files_of(self.snapshot, self.config, entry) for entry in self.config.check.policies}

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The files of all entries, sorted."""
        return tuple(sorted({path for found in self.files.values() for path in found}))

    @cached_property
    def key(self) -> str:
        """What verdicts depend on. Raises WorldError where there are policies and no engine."""
        entries = ((path, self.snapshot.entry(follow(self.snapshot, path) or path)) for path in self.paths)
        blobs = [part for path, entry in entries for part in (path, entry.oid if entry is not None else "")]
        return digest(self.engine.identity, *blobs) if self.paths else ""

    def of(self, environment: str) -> Book:
        """What judges the overlays of an environment (or of none)."""
        if environment not in self._books:
            self._books[environment] = self._read(environment)
        return self._books[environment]

    def _read(self, environment: str) -> Book:
        documents: list[Document] = []
        troubles: list[Trouble] = []
        seen: set[str] = set()
        for entry, paths in self.files.items():
            if entry.environments and environment not in entry.environments:
                continue
            if not paths:
                what = f"no file matches {entry.glob!r}, so no policy of it judges anything"
                troubles.append(Trouble(entry.where, what, "mend the glob, or remove it"))
            for path in paths:
                if path not in seen:
                    seen.add(path)
                    self._gather(path, documents, troubles)
        return Book(tuple(documents), tuple(troubles))

    def _gather(self, path: str, documents: list[Document], troubles: list[Trouble]) -> None:
        problem, stream = self._sources.problem(path), self._sources.stream(path)
        if problem is not None or stream is None:
            where = problem.where if problem is not None and problem.where is not None else Where(path, 1, 1)
            message = problem.message if problem is not None else "it leads to no file of the repository"
            remedy = (problem.remedy if problem is not None else None) or "mend it, or take it out of the glob"
            troubles.append(Trouble(where, f"a policy file can't be read: {message}", remedy))
            return
        for twice in stream.duplicates:
            where = Where(path, twice.second.line, twice.second.column)
            message = f"{twice.key!r} stands twice (first at line {twice.first.line})"
            troubles.append(Trouble(where, message, "remove one of the two"))
        found = maps(stream)
        if not found:
            troubles.append(Trouble(Where(path, 1, 1), "a policy file holds no object", "write a policy into it"))
        for node in found:
            try:
                body = unfolded(node, lambda s: s.value if s.style else plain(s.value), path)
            except SyntaxProblem as excess:
                troubles.append(Trouble(excess.where or Where(path, 1, 1), excess.message, excess.remedy or ""))
                continue
            documents.append(Document(path, stream.text, node, body))

    @cached_property
    def _sources(self) -> Sources:
        return Sources(self.snapshot)


def files_of(snapshot: Snapshot, config: Config, entry: PolicyFiles) -> tuple[str, ...]:
    """The files that an entry of `check: {policies}` lists, sorted."""
    prefix = config.root + "/" if config.root else ""
    fixed = re.split(r"[*\[{]", entry.glob)[0].rpartition("/")[0]
    return tuple(sorted(path for path in snapshot.files(prefix + fixed) if is_listed(config, entry, path)))


def is_listed(config: Config, entry: PolicyFiles, path: str) -> bool:
    """Whether an entry lists a path, be it there or not."""
    prefix = config.root + "/" if config.root else ""
    return path.startswith(prefix) and glob_pattern(entry.glob, ()).match(path[len(prefix) :]) is not None
