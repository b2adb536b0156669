"""Who reads which file, from the kustomization files alone; no rendering, no network.

It knows every field of a kustomization that names a file, a folder or a URL, with the place where the name
stands. The renderer is the judge of what builds; this is for finding places, reach and unread files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as Table
from copy import copy
from dataclasses import field

from fairlead.edit.nodes import Mapping, Scalar, Sequence, Stream, Value, parse
from fairlead.model.errors import SyntaxProblem
from fairlead.model.findings import Where
from fairlead.model.snapshot import KeepsMany, Links, Snapshot, join
from fairlead.model.values import dataclass
from fairlead.repo.layout import KUSTOMIZATION_NAMES
from fairlead.repo.manifest import Facts
from fairlead.repo.remotes import remote_base
from fairlead.repo.skim import skim

_FETCHED = ("https://", "http://")  # kustomize fetches any file that is named like this
_REMOTE = re.compile(
    r"^(?:[a-z+]+://|git@|git::|[^/@\s]+@[^/\s]+:|(?:www\.)?(?:github\.com|gitlab\.com|bitbucket\.org)[/:])"
    r"|\?(?:.*&)?(?:ref|version|timeout|submodules)=|^[^./][^/]*\.[a-z]{2,}/[^/]+/[^/]+(?://|$)"
)


@dataclass(frozen=True)
class Reference:
    """One name of a file, a folder or a URL in a kustomization.

    `kind` is the field (`resources`, `patches`...), `path` the place in the repository that it leads to
    (None where it leaves the repository or is remote), `found` whether something is there.
    """

    kind: str
    written: str
    where: Where
    path: str | None = None
    found: bool = False
    is_dir: bool = False
    remote: bool = False


@dataclass(frozen=True)
class Kustomization:
    """One kustomization file and what it refers to. `problem` says why it could not be read."""

    path: str
    folder: str
    stream: Stream | None
    references: tuple[Reference, ...] = ()
    problem: SyntaxProblem | None = None
    component: bool = False

    @property
    def body(self) -> Mapping | None:
        """The document."""
        return self.stream.first() if self.stream is not None else None


@dataclass
class Closure:
    """Everything one overlay reads. `kustomizations` come outermost first."""

    files: set[str] = field(default_factory=set)
    kustomizations: list[Kustomization] = field(default_factory=list)
    missing: list[tuple[Kustomization, Reference]] = field(default_factory=list)
    remote: list[tuple[Kustomization, Reference]] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    cycle: tuple[str, ...] = ()


# Field -> whether its entries may be folders.
_PATH_LISTS = {
    "resources": True, "bases": True, "components": True, "crds": False, "configurations": False,
    "transformers": True, "generators": True, "validators": True,
}  # fmt: skip
_PATCH_LISTS = ("patches", "patchesJson6902", "replacements")
# kustomize takes the names of fields in any case, as Go's JSON does.
_SPELLED = {
    name.lower(): name
    for name in (
        *_PATH_LISTS, *_PATCH_LISTS, "patchesStrategicMerge", "configMapGenerator", "secretGenerator", "openapi",
        "helmCharts", "generatorOptions", "namespace", "namePrefix", "nameSuffix", "labels", "commonLabels",
        "commonAnnotations", "replicas", "images", "vars",
    )
}  # fmt: skip
_SKIMMED = (
    frozenset(name.lower() for name in (*_PATH_LISTS, "patchesStrategicMerge")),
    frozenset(name.lower() for name in _PATCH_LISTS),
    frozenset(("configmapgenerator", "secretgenerator")),
)
_AT_HAND = 2_000  # kustomizations that are kept from looking at what there is
_FEW = 50
_NAMESPACE = re.compile(rb"(?m)^namespace:[ \t]*[\"']?([A-Za-z0-9.-]+)")


class Graph:
    """Reads kustomizations of one snapshot, each once.

    `known` are facts of kustomization files by their path, each with the blob id that it is true of: what they
    tell is not read again, and what they don't is added. `learned` are those that were not known.
    """

    def __init__(self, snapshot: Snapshot, known: dict[str, tuple[str, Facts]] | None = None) -> None:
        self._snapshot = snapshot
        self._links = Links(snapshot)
        self._nodes: dict[str, Kustomization | None] = {}
        self._closures: dict[str, Closure] = {}
        self._known = {} if known is None else known
        self._facts: dict[str, Facts | None] = {}
        self.learned: dict[str, tuple[str, Facts]] = {}

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot that is read."""
        return self._snapshot

    def kustomization(self, folder: str) -> Kustomization | None:
        """The kustomization of a folder, None where it has none."""
        if folder not in self._nodes:
            self._nodes[folder] = self._read(folder)
        return self._nodes[folder]

    def sibling(self) -> Graph:
        """Another graph of the same snapshot: it knows what this one does, and what it reads goes with it."""
        other = copy(self)
        other._nodes = dict(self._nodes)
        other._closures = {}
        return other

    def follow(self, path: str) -> str | None:
        """The path that `path` leads to through links; None where it leaves the repository."""
        return self._links.follow(path)

    def facts(self, folder: str) -> Facts | None:
        """What the kustomization of a folder says of others; None where there is none. Parsed only if need be."""
        if folder not in self._facts:
            self._facts[folder] = self._look_up(folder)
        return self._facts[folder]

    def _look_up(self, folder: str) -> Facts | None:
        found = self._file(folder)
        if found is None:
            return None
        path, real = found
        entry = self._snapshot.entry(real)
        # Behind a link, what names lead to depends on more than the file.
        blob = entry.oid if entry is not None and real == path else ""
        known = self._known.get(path)
        if blob and known is not None and known[0] == blob:
            return known[1]
        data = self._snapshot.read(real)
        # By the names alone: whether something is there is asked of each snapshot anew.
        component, paths = (_skimmed(data, folder) if blob else None) or self._parsed(folder)
        words = tuple(name.decode() for name in _NAMESPACE.findall(data))
        facts = Facts(component, tuple(dict.fromkeys(paths)), tuple(dict.fromkeys(words)))
        if blob:
            self.learned[path] = self._known[path] = (blob, facts)
        return facts

    def _parsed(self, folder: str) -> tuple[bool, list[str]]:
        """Whether it is a component, and the places that it names."""
        node = self._nodes.get(folder) or self._read(folder)
        assert node is not None
        if len(self._nodes) < _AT_HAND:  # the others are read again, where they are judged
            self._nodes[folder] = node
        return node.component, [r.path or join(folder, r.written) or "" for r in node.references]

    def _file(self, folder: str) -> tuple[str, str] | None:
        """The kustomization file of a folder, by its name and by what that leads to."""
        for name in KUSTOMIZATION_NAMES:
            path = f"{folder}/{name}" if folder else name
            real = self.follow(path)
            if real is not None and self._snapshot.entry(real) is not None:
                return path, real
        return None

    def _read(self, folder: str) -> Kustomization | None:
        found = self._file(folder)
        if found is None:
            return None
        path, real = found
        try:
            stream = parse(self._snapshot.read(real), path)
        except SyntaxProblem as problem:
            return Kustomization(path, folder, None, problem=problem)
        body = stream.first()
        if body is None:
            return Kustomization(path, folder, stream)
        for key, _ in body.items:
            key.value = _SPELLED.get(key.value.lower(), key.value)
        kind = body.get("kind")
        component = isinstance(kind, Scalar) and kind.value == "Component"
        base = self.follow(folder) or ""  # kustomize resolves a folder's links before its names
        return Kustomization(path, folder, stream, tuple(self._references(path, base, body)), component=component)

    def _references(self, path: str, folder: str, body: Mapping) -> list[Reference]:
        out: list[Reference] = []
        for key, value in body.items:
            name = key.value
            if name in _PATH_LISTS:
                out += [
                    self._path(name, s, path, folder, may_be_remote=True)
                    for s in _strings(value)
                    if "\n" not in s.value
                ]
            elif name in _PATCH_LISTS:  # what is text there was meant as a path
                named = [*_members(value, "path"), *(s for s in _strings(value) if "\n" not in s.value)]
                out += [self._path(name, s, path, folder) for s in named]
            elif name == "patchesStrategicMerge":
                out += [self._path(name, s, path, folder) for s in _strings(value) if "\n" not in s.value]
            elif name in ("configMapGenerator", "secretGenerator"):
                out += self._generator(name, value, path, folder)
            elif name == "openapi":
                out += [self._path(name, s, path, folder) for s in _members(value, "path")]
            elif name == "helmCharts":
                out += [self._path(name, s, path, folder) for s in _members(value, "valuesFile")]
                for member in _lists(value, "additionalValuesFiles"):
                    out += [self._path(name, s, path, folder) for s in _strings(member)]
        return out

    def _generator(self, name: str, value: Value, path: str, folder: str) -> list[Reference]:
        out = [self._path(name, s, path, folder) for s in _members(value, "env")]
        for member in _lists(value, "envs"):
            out += [self._path(name, s, path, folder) for s in _strings(member)]
        for member in _lists(value, "files"):
            for item in _strings(member):
                out.append(self._path(name, item, path, folder, written=item.value.split("=", 1)[-1]))
        return out

    def _path(
        self,
        kind: str,
        node: Scalar,
        path: str,
        folder: str,
        *,
        may_be_remote: bool = False,
        written: str | None = None,
    ) -> Reference:
        written = node.value if written is None else written
        where = Where(path, node.line, node.column)
        target = join(folder, written) if written and not written.startswith("/") else None
        real = self.follow(target) if target is not None else None
        if real is not None and target is not None:
            if self._snapshot.entry(real) is not None:
                return Reference(kind, written, where, target, found=True)
            if self._snapshot.is_dir(real):
                return Reference(kind, written, where, target, found=True, is_dir=True)
        fetched = written.startswith(_FETCHED)
        if fetched or (may_be_remote and (_REMOTE.search(written) or remote_base(written) is not None)):
            return Reference(kind, written, where, remote=True)
        return Reference(kind, written, where, target)

    def closure(self, folder: str) -> Closure:
        """Everything that the kustomization of a folder reads, itself included."""
        if folder not in self._closures:
            out = Closure()
            self._walk(folder, out, ())
            self._closures[folder] = out
        return self._closures[folder]

    def _walk(self, folder: str, out: Closure, trail: tuple[str, ...]) -> None:
        if folder in trail:
            out.cycle = out.cycle or (*trail, folder)
            return
        if folder in out.folders:
            return
        out.folders.add(folder)
        node = self.kustomization(folder)
        if node is None:
            return
        out.files |= self._behind(node.path)
        out.kustomizations.append(node)
        for reference in node.references:
            if reference.remote:
                out.remote.append((node, reference))
            elif not reference.found or reference.path is None:
                out.missing.append((node, reference))
            elif reference.is_dir:
                if self.kustomization(reference.path) is None:
                    out.missing.append((node, reference))
                else:
                    self._walk(reference.path, out, (*trail, folder))
            else:
                out.files |= self._behind(reference.path)

    def _behind(self, path: str) -> set[str]:
        """A file, and the one that it leads to through links."""
        return {path, self.follow(path) or path}

    def readers(self, folders: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """File -> the folders among these whose closure reads it."""
        out: dict[str, list[str]] = {}
        for folder in folders:
            for path in self.closure(folder).files:
                out.setdefault(path, []).append(folder)
        return {path: tuple(sorted(users)) for path, users in out.items()}

    def roots(self, folders: tuple[str, ...]) -> tuple[str, ...]:
        """The folders that no other kustomization refers to, components left out; of a cycle by itself, the first."""
        used: set[str] = set()
        paths: dict[str, tuple[str, ...]] = {}
        for folder in folders:
            facts = self.facts(folder)
            paths[folder] = facts.paths if facts is not None else ()
            used.update(paths[folder])
        tops = [f for f in folders if f not in used]
        reached = _reached(tops, paths)
        for folder in folders if len(reached) < len(folders) else ():
            if folder not in reached:
                tops.append(folder)
                reached |= _reached([folder], paths)
        found = frozenset(tops)
        return tuple(f for f in folders if f in found and not getattr(self.facts(f), "component", False))

    def near(self, folders: Iterable[str], paths: Iterable[str]) -> tuple[str, ...]:
        """The folders among these that may read one of the paths, and all that refer to those.

        kustomize reads files at or below a kustomization's own folder, or that it names. Nothing is parsed of
        which the facts are known.
        """
        known = set(folders)
        self._keep(known)
        users: dict[str, set[str]] = {}
        for folder in known:
            facts = self.facts(folder)
            for path in facts.paths if facts is not None else ():
                users.setdefault(path, set()).add(folder)
                real = self.follow(path)
                if real is not None and real != path:
                    users.setdefault(real, set()).add(folder)
        wave: set[str] = set()
        for path in paths:
            above = _above(path)
            wave |= {folder for folder in above if folder in known}
            wave |= {user for at in (path, *above) for user in users.get(at, ())}  # a base that is there no more, too
        found: set[str] = set()
        while wave:
            found |= wave
            wave = {user for folder in wave for user in users.get(folder, ())} - found
        return tuple(sorted(found))

    def _keep(self, folders: set[str]) -> None:
        """Have the kustomizations read at once of which no facts are known, where the snapshot can do that."""
        if len(self._known) < len(folders) // 2 and isinstance(self._snapshot, KeepsMany):
            reals = [found[1] for folder in folders if folder not in self._facts and (found := self._file(folder))]
            blobs = {real: entry.oid for real in reals if (entry := self._snapshot.entry(real)) is not None}
            lacking = [path for path, oid in blobs.items() if self._known.get(path, ("",))[0] != oid]
            if len(lacking) > _FEW:  # for a few, another process costs more than it saves
                self._snapshot.keep(lacking)


def _skimmed(data: bytes, folder: str) -> tuple[bool, list[str]] | None:
    """The same of a kustomization that lies behind no link, from its text, where that tells it plainly."""
    found = skim(data, *_SKIMMED)
    return None if found is None else (found.component, [join(folder, name) or "" for name in found.written])


def _reached(tops: Iterable[str], paths: Table[str, tuple[str, ...]]) -> set[str]:
    """The folders that these lead to, and they themselves."""
    reached: set[str] = set()
    todo = list(tops)
    while todo:
        folder = todo.pop()
        if folder not in reached:
            reached.add(folder)
            todo.extend(path for path in paths[folder] if path in paths)
    return reached


def _above(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:size]) for size in range(len(parts) + 1)]


def _strings(value: Value) -> list[Scalar]:
    if isinstance(value, Sequence):
        return [item for item in value.items if isinstance(item, Scalar)]
    return []


def _items(value: Value) -> list[Mapping]:
    if isinstance(value, Mapping):
        return [value]
    return [item for item in value.items if isinstance(item, Mapping)] if isinstance(value, Sequence) else []


def _members(value: Value, key: str) -> list[Scalar]:
    found = [item.get(key) for item in _items(value)]
    return [node for node in found if isinstance(node, Scalar) and node.value]


def _lists(value: Value, key: str) -> list[Value]:
    return [node for item in _items(value) if (node := item.get(key)) is not None]
