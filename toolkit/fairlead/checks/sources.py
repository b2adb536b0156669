"""The files of a snapshot as parsed YAML, each once; what no parser should be given is refused here."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks import ignores
from fairlead.checks.ignores import Ignore
from fairlead.edit.nodes import Mapping, Stream, Value, expanded, parse
from fairlead.model.errors import ExcessProblem, SyntaxProblem
from fairlead.model.findings import Where
from fairlead.model.patterns import pattern
from fairlead.model.snapshot import Snapshot, follow
from fairlead.repo.graph import Graph, Kustomization
from fairlead.repo.layout import KUSTOMIZATION_NAMES

HARMLESS = 2_000  # bytes that can neither nest deep enough nor, without an anchor, grow
_ALIAS_LIMIT = 200_000
_NOT_YAML = ("configMapGenerator", "secretGenerator", "helmCharts")
# Folders and files that are for other tools than kustomize, Argo CD and Flux.
ELSEWHERE = pattern(
    r"(?:^|/)(?:\.[^/]+|docs?|tests?|testdata|examples?|samples?|templates|charts|ci|node_modules|vendor|values[^/]*|"
    r"mkdocs\.ya?ml|fairlead\.yaml|Chart\.ya?ml|skaffold\.ya?ml|[^/]*\.sops\.ya?ml)(?:/|$)"
)
_TEMPLATE = pattern(rb"\{\{.*?\}\}|\{%.*?%\}")


class Sources:
    """Parses files when they are asked for, and keeps them; a kustomization is taken from the graph that parsed it."""

    def __init__(self, snapshot: Snapshot, graph: Graph | None = None) -> None:
        self.snapshot = snapshot
        self._graph = graph
        self._streams: dict[str, Stream | SyntaxProblem | None] = {}
        self._ignores: dict[str, tuple[Ignore, ...]] = {}

    def data(self, path: str) -> bytes | None:
        """The bytes of a file, symbolic links followed inside the repository; None where there is none."""
        real = follow(self.snapshot, path)
        return None if real is None or self.snapshot.entry(real) is None else self.snapshot.read(real)

    def _look(self, path: str) -> Stream | SyntaxProblem | None:
        if path not in self._streams:
            self._streams[path] = self._parse(path)
        return self._streams[path]

    def _parse(self, path: str) -> Stream | SyntaxProblem | None:
        data = self.data(path)
        if data is None:
            return None
        folder, _, name = path.rpartition("/")
        node = self._graph.kustomization(folder) if self._graph is not None and name in KUSTOMIZATION_NAMES else None
        ours = node is not None and node.path == path
        stream = node.stream or node.problem if node is not None and ours else _parsed(data, path)
        if not isinstance(stream, Stream):
            return stream
        sizes = [expanded(document, _ALIAS_LIMIT) for document in stream.documents] if b"*" in data else []
        if sum(sizes) >= _ALIAS_LIMIT:
            largest = stream.documents[sizes.index(max(sizes))]
            return ExcessProblem(
                f"the aliases of {path} expand to more than {_ALIAS_LIMIT} values",
                where=Where(path, largest.line, largest.column) if largest is not None else Where(path, 1, 1),
                remedy="write the values out; kustomize would not end on this",
            )
        return stream

    def stream(self, path: str) -> Stream | None:
        """The parsed file; None where it is missing or can't be read."""
        found = self._look(path)
        return found if isinstance(found, Stream) else None

    def problem(self, path: str) -> SyntaxProblem | None:
        """Why a file can't be read; None where it can, or isn't there."""
        found = self._look(path)
        return found if isinstance(found, SyntaxProblem) else None

    def excess(self, path: str) -> ExcessProblem | None:
        """Why no parser should be given this file; small files without anchors aren't even parsed."""
        data = self.data(path)
        if data is None or (len(data) < HARMLESS and b"&" not in data):
            return None
        found = self._look(path)
        return found if isinstance(found, ExcessProblem) else None

    def ignores(self, path: str) -> tuple[Ignore, ...]:
        """The comments of a file that silence rules."""
        if path not in self._ignores:
            self._ignores[path] = ignores.read(self.data(path) or b"", path)
        return self._ignores[path]

    def is_template(self, path: str) -> bool:
        """Whether a file is written for a template engine first."""
        data = self.data(path)
        return data is not None and _TEMPLATE.search(data) is not None


def _parsed(data: bytes, path: str) -> Stream | SyntaxProblem:
    try:
        return parse(data, path)
    except SyntaxProblem as problem:
        return problem


def maps(stream: Stream | None) -> list[Mapping]:
    """The maps among a file's documents, `kind: List` and plain lists opened."""
    out: list[Mapping] = []
    for document in stream.documents if stream is not None else ():
        out += _opened(document)
    return out


def _opened(document: Value | None) -> list[Mapping]:
    if not isinstance(document, Mapping):
        return []
    kind, items = document.get("kind"), document.get("items")
    name = getattr(kind, "value", "")
    if isinstance(name, str) and name.endswith("List") and items is not None and hasattr(items, "items"):
        below = [item for item in items.items if isinstance(item, Mapping)]
        return below if not isinstance(items, Mapping) else [document]
    return [document]


def parsed_files(node: Kustomization) -> Iterator[str]:
    """The files that kustomize parses for a kustomization: all but what generators take as they are."""
    yield node.path
    for reference in node.references:
        if reference.found and not reference.is_dir and reference.path and reference.kind not in _NOT_YAML:
            yield reference.path
