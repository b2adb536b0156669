"""Where defects are seeded: a repository in memory, one of its overlays, and the text behind its objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from benchmarks.defects.model import Place, Proof, Seed
from benchmarks.defects.text import dig, line_of, maps, put, word
from fairlead.checks.objects import Json, Object, read
from fairlead.edit.nodes import Mapping as Map
from fairlead.edit.nodes import Scalar, Stream, Value, parse
from fairlead.model.errors import ExcessProblem, SyntaxProblem
from fairlead.model.overlays import Layout, Overlay
from fairlead.model.rendering import Rendered, Renderer, Trial
from fairlead.model.snapshot import File, Snapshot
from fairlead.repo.config import Config
from fairlead.repo.graph import Graph, Kustomization

POD_AT: dict[str, tuple[str, ...]] = {
    "Pod": ("spec",),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "Job", "ReplicaSet"), ("spec", "template", "spec")
    ),
    "CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
}  # fmt: skip
_TOO_LARGE = 200_000  # bytes of a file that no injector needs


@dataclass
class Ground:
    """A repository, with what its overlays render to before anything is seeded."""

    name: str
    snapshot: Snapshot
    config: Config
    layout: Layout
    engine: Renderer
    folders: tuple[str, ...]  # those that `check` judges
    everywhere: tuple[str, ...]
    _rendered: dict[str, tuple[Object, ...] | None] = field(default_factory=dict)
    _streams: dict[str, Stream | None] = field(default_factory=dict)

    @cached_property
    def graph(self) -> Graph:
        """Who reads what."""
        return Graph(self.snapshot)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """All of its files."""
        return self.snapshot.files()

    @cached_property
    def by_folder(self) -> Mapping[str, Overlay]:
        """Its overlays by their folders."""
        return {overlay.path: overlay for overlay in self.layout.overlays}

    @cached_property
    def words(self) -> Mapping[str, tuple[str, ...]]:
        """What stands for each environment."""
        return {env.name: env.words for env in self.config.environments}

    @cached_property
    def built(self) -> frozenset[str]:
        """The judged folders that build."""
        self._render(self.folders)
        return frozenset(folder for folder in self.folders if self._rendered[folder] is not None)

    @cached_property
    def valid(self) -> tuple[str, ...]:
        """The judged folders that build and bring something."""
        return tuple(folder for folder in self.folders if folder in self.built and self._rendered[folder])

    def objects(self, folder: str) -> tuple[Object, ...]:
        """What an overlay renders to; nothing where it doesn't build."""
        if folder not in self._rendered:
            self._render((folder,))
        return self._rendered[folder] or ()

    def _render(self, folders: tuple[str, ...]) -> None:
        for result in self.engine.render(tuple(Trial(self.snapshot, folder) for folder in folders)):
            self._rendered[result.overlay] = _read(result.text) if isinstance(result, Rendered) else None

    def after(self, seed: Seed, folder: str) -> tuple[Object, ...] | None:
        """What the overlay renders to with the defect in it; None where it builds no more."""
        changes = {path: None if data is None else File(data) for path, data in seed.files.items()}
        (result,) = self.engine.render((Trial(self.snapshot.with_files(changes), folder),))
        return _read(result.text) if isinstance(result, Rendered) else None

    def stream(self, path: str) -> Stream | None:
        """A parsed file of YAML; None where it is something else, or has anchors, which make one line two places."""
        if path not in self._streams:
            self._streams[path] = self._parse(path)
        return self._streams[path]

    def _parse(self, path: str) -> Stream | None:
        entry = self.snapshot.entry(path)
        if entry is None or entry.mode == 0o120000:
            return None
        data = self.snapshot.read(path)
        if len(data) > _TOO_LARGE or b"\r" in data or b"\t" in data or b"{{" in data:
            return None
        try:
            return parse(data, path)
        except SyntaxProblem:
            return None


def _read(text: str) -> tuple[Object, ...]:
    try:
        return read(text)
    except ExcessProblem:
        return ()


@dataclass(frozen=True)
class Source:
    """The document of a file that became an object."""

    path: str
    text: str
    node: Map
    object: Object
    streams: Stream = field(repr=False)

    def seed(self, new: str, line: int, proof: Proof | None = None, *, subject: str | None = None) -> Seed:
        """An edit of this file."""
        about = self.object.label if subject is None else subject
        return Seed({self.path: new.encode()}, (Place(self.path, line),), about, proof)

    def written(self, node: Value, new: str, proof: Proof | None = None) -> Seed:
        """Other text in the place of a node."""
        return self.seed(put(self.text, node, new), node.line, proof)


@dataclass(frozen=True)
class Container:
    """A container as written and as rendered. `way` leads to it in both."""

    source: Source
    node: Map
    body: Json
    name: str
    way: tuple[str | int, ...]


@dataclass
class Site:
    """One valid overlay."""

    ground: Ground
    folder: str

    @cached_property
    def overlay(self) -> Overlay | None:
        """What the layout says of it."""
        return self.ground.by_folder.get(self.folder)

    @property
    def env(self) -> str:
        """Its environment; empty where it has none."""
        return self.overlay.id.env if self.overlay is not None else ""

    @property
    def protected(self) -> bool:
        """Whether its environment is protected."""
        return any(env.name == self.env and env.protected for env in self.ground.config.environments)

    @cached_property
    def chained(self) -> frozenset[str]:
        """The other environments that share a chain with its own; all others where that is in none."""
        chains = [[env for stage in chain for env in stage] for chain in self.ground.config.chains]
        found = {env for chain in chains if self.env in chain for env in chain} or set(self.ground.words)
        return frozenset(found - {self.env})

    @cached_property
    def objects(self) -> tuple[Object, ...]:
        """What it renders to."""
        return self.ground.objects(self.folder)

    @cached_property
    def kustomizations(self) -> tuple[Kustomization, ...]:
        """All that it is made of, itself first; only those that can be edited."""
        found = self.ground.graph.closure(self.folder).kustomizations
        return tuple(one for one in found if self.ground.stream(one.path) is not None and one.body is not None)

    @property
    def own(self) -> Kustomization | None:
        """Its own kustomization, where it can be edited."""
        return next((one for one in self.kustomizations if one.folder == self.folder), None)

    def text(self, path: str) -> str:
        """The text of a file that was parsed."""
        stream = self.ground.stream(path)
        return stream.text if stream is not None else ""

    def lists(self, key: str, *, own: bool = False) -> Iterator[tuple[Kustomization, Value]]:
        """The values of a field of its kustomizations."""
        for one in self.kustomizations:
            if own and one.folder != self.folder:
                continue
            value = one.body.get(key) if one.body is not None else None
            if value is not None and not value.shared:
                yield one, value

    def mates(self) -> tuple[str, ...]:
        """Overlays of the same app in other environments, that build."""
        if self.overlay is None:
            return ()
        mine = self.overlay.id
        return tuple(
            other.path
            for other in self.ground.layout.overlays
            if other.id.app == mine.app and other.id.cluster == mine.cluster and other.id.env != mine.env
            and self.ground.objects(other.path)
        )  # fmt: skip

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        """The documents that became objects, where that is beyond doubt: one of each, of that kind and name."""
        found: dict[tuple[str, str], list[tuple[str, Stream, Map]]] = {}
        for path in self._resource_files():
            stream = self.ground.stream(path)
            for node in stream.documents if stream is not None else ():
                if isinstance(node, Map) and not node.flow:
                    key = (word(node.get("kind")), word(dig(node, "metadata", "name")))
                    found.setdefault(key, []).append((path, stream, node))  # type: ignore[arg-type]  # not None here
        out = []
        for rendered in self.objects:
            fits = [
                entry
                for (kind, name), entries in found.items()
                if kind == rendered.kind and name and _becomes(name, rendered.name)
                for entry in entries
            ]
            twins = [one for one in self.objects if one.kind == rendered.kind and one.name == rendered.name]
            if len(fits) == 1 and len(twins) == 1:
                path, stream, node = fits[0]
                out.append(Source(path, stream.text, node, rendered, stream))
        return tuple(out)

    def _resource_files(self) -> Iterable[str]:
        for one in self.ground.graph.closure(self.folder).kustomizations:
            for reference in one.references:
                if reference.kind in ("resources", "bases") and reference.found and not reference.is_dir:
                    yield str(reference.path)

    def of_kind(self, *kinds: str) -> list[Source]:
        """The sources of some kinds."""
        return [source for source in self.sources if source.object.kind in kinds]

    def named(self, kind: str, name: str) -> Object | None:
        """A rendered object."""
        return next((one for one in self.objects if one.kind == kind and one.name == name), None)

    def containers(self) -> list[Container]:
        """The containers that stand in sources, and have one name there and in what is rendered."""
        out = []
        for source in self.of_kind(*POD_AT):
            at = POD_AT[source.object.kind]
            rendered = value(source.object.body, *at, "containers")
            for index, node in enumerate(maps(dig(source.node, *at, "containers"))):
                name = word(node.get("name"))
                hits = [n for n, one in enumerate(rendered or ()) if isinstance(one, dict) and one.get("name") == name]
                if name and len(hits) == 1 and not node.flow and not node.shared and index >= 0:
                    way: tuple[str | int, ...] = (*at, "containers", hits[0])
                    out.append(Container(source, node, rendered[hits[0]], name, way))
        return out


def _becomes(written: str, rendered: str) -> bool:
    return rendered == written or (
        len(written) > 3 and (rendered.startswith(written + "-") or rendered.endswith("-" + written))
    )


def value(body: Json, *path: str | int) -> Json:
    """The value at a path of a rendered object; None where there is none."""
    for step in path:
        if isinstance(step, str):
            body = body.get(step) if isinstance(body, dict) else None
        else:
            body = body[step] if isinstance(body, list) and step < len(body) else None
    return body


def proved(label: str, *path: str | int, is_: Json) -> Proof:
    """The proof that an object now has this value at a path (None: has none)."""

    def proof(objects: tuple[Object, ...]) -> bool:
        found = [one for one in objects if one.label == label]
        return len(found) == 1 and value(found[0].body, *path) == is_

    return proof


def changed(before: Object) -> Proof:
    """The proof that an object is another one now."""

    def proof(objects: tuple[Object, ...]) -> bool:
        found = [one for one in objects if one.label == before.label]
        return len(found) == 1 and found[0].body != before.body

    return proof


def scalar(node: Value | None) -> Scalar | None:
    """A scalar that can be edited: plain or quoted, on one line, of one place."""
    if isinstance(node, Scalar) and not node.shared and node.style in ("", "'", '"') and "\n" not in node.value:
        return node
    return None


def place(path: str, text: str, at: int) -> Place:
    """The line of an offset."""
    return Place(path, line_of(text, at))
