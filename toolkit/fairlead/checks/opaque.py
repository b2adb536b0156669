"""Generators and transformers that kustomize runs only with `--enable-alpha-plugins`: programs and containers.

fairlead starts none of them. To kustomize, a configuration in `generators:`, `transformers:` or `validators:` is such
a plugin unless its apiVersion is `builtin`. Here they are found, and taken out in memory, so that the rest is rendered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import field

from fairlead.checks.patches import text_of
from fairlead.checks.sources import Sources
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Stream, Value, parse, scalars
from fairlead.model.errors import SyntaxProblem
from fairlead.model.findings import Where
from fairlead.model.rendering import Opaque
from fairlead.model.snapshot import File, join
from fairlead.model.values import dataclass
from fairlead.repo.graph import Graph, Kustomization

ROLES = ("generators", "transformers", "validators")
_KSOPS = ("viaduct.ai/v1", "ksops")


@dataclass
class Without:
    """Files as they are without their plugins; what was taken out, and the files that were looked at for that."""

    files: dict[str, File] = field(default_factory=dict)
    plugins: list[Opaque] = field(default_factory=list)
    looked_at: set[str] = field(default_factory=set)


def without_plugins(graph: Graph, sources: Sources, overlay: str) -> Without:
    """What an overlay is without the plugins that its kustomizations name, as far as they lie in the repository."""
    out = Without()
    for node in graph.closure(overlay).kustomizations:
        for role in ROLES:
            for path in _configurations(graph, node, role):
                _from_file(graph, sources, path, role, out)
        _from_lists(graph, sources, node, out)
    return out


def _configurations(graph: Graph, node: Kustomization, role: str) -> Iterator[str]:
    """The files that configure plugins: named by the kustomization, or by one that it names."""
    for reference in node.references:
        if reference.kind != role or not reference.found or reference.path is None:
            continue
        if not reference.is_dir:
            yield graph.follow(reference.path) or reference.path
            continue
        for below in graph.closure(reference.path).kustomizations:
            for inner in below.references:
                if inner.kind in ("resources", "bases") and inner.found and inner.path and not inner.is_dir:
                    yield graph.follow(inner.path) or inner.path


def _from_file(graph: Graph, sources: Sources, path: str, role: str, out: Without) -> None:
    stream = sources.stream(path)
    if stream is None or path in out.files:
        return
    plugins = [document for document in stream.documents if document is not None and _is_plugin(document)]
    if plugins:
        out.plugins += (_told(graph, sources, d, Where(path, d.line, d.column), role, out) for d in plugins)
        out.files[path] = File(_left(stream).encode())


def _from_lists(graph: Graph, sources: Sources, node: Kustomization, out: Without) -> None:
    """Configurations that are written into the kustomization itself."""
    if node.stream is None or node.body is None:
        return
    text = node.stream.text
    spans: list[tuple[int, int, str]] = []
    for role in ROLES:
        entries = node.body.get(role)
        for entry in entries.items if isinstance(entries, Sequence) else ():
            stream = _inline(entry, node.path)
            plugins = [d for d in stream.documents if _is_plugin(d)] if stream is not None else []
            if stream is not None and plugins:
                where = Where(node.path, entry.line, entry.column)
                out.plugins += (_told(graph, sources, d, where, role, out) for d in plugins)
                ending = "\n" if text[entry.start : entry.end].endswith("\n") else ""
                spans.append((entry.start, entry.end, json.dumps(_left(stream) or "---\n") + ending))
    for start, end, new in sorted(spans, reverse=True):
        text = text[:start] + new + text[end:]
    if spans:
        out.files[graph.follow(node.path) or node.path] = File(text.encode())


def named(graph: Graph, sources: Sources, folder: str) -> Iterator[str]:
    """The paths that the plugins of a kustomization may read: whatever looks like one in their configurations."""
    node = graph.kustomization(folder)
    for role in ROLES if node is not None else ():
        assert node is not None
        for path in _configurations(graph, node, role):
            stream = sources.stream(path)
            for document in stream.documents if stream is not None else ():
                if document is not None and _is_plugin(document):
                    yield from _paths(document, path.rpartition("/")[0])
        entries = node.body.get(role) if node.body is not None else None
        for entry in entries.items if isinstance(entries, Sequence) else ():
            stream = _inline(entry, node.path)
            for document in stream.documents if stream is not None else ():
                if document is not None:
                    yield from _paths(document, folder)


def _paths(document: Value, folder: str) -> Iterator[str]:
    for scalar in scalars(document):
        path = join(folder, scalar.value) if "\n" not in scalar.value else None
        if path:
            yield path


def _inline(entry: Value, path: str) -> Stream | None:
    if not isinstance(entry, Scalar) or ":" not in entry.value:
        return None
    try:
        return parse(entry.value.encode(), path)
    except SyntaxProblem:
        return None


def _is_plugin(document: Value | None) -> bool:
    return isinstance(document, Mapping) and text_of(document, "apiVersion") not in ("", "builtin")


def _left(stream: Stream) -> str:
    """The text of the documents that are none."""
    kept = (d for d in stream.documents if d is not None and not _is_plugin(d))
    return "".join(f"---\n{stream.text[d.start : d.end].rstrip()}\n" for d in kept)


def _told(graph: Graph, sources: Sources, document: Value | None, where: Where, role: str, out: Without) -> Opaque:
    assert isinstance(document, Mapping)
    kind = text_of(document, "kind")
    makes: tuple[str, ...] = ()
    if (text_of(document, "apiVersion"), kind) == _KSOPS:
        makes = _decrypted(graph, sources, document, where.path.rpartition("/")[0], out)
    return Opaque(where, role, kind, makes)


def _decrypted(graph: Graph, sources: Sources, document: Mapping, folder: str, out: Without) -> tuple[str, ...]:
    """What ksops will make, by the names that SOPS leaves readable; nothing where one of them can't be told."""
    found: list[str] = []
    made = document.get("secretFrom")
    for entry in made.items if isinstance(made, Sequence) else ():
        meta = entry.get("metadata") if isinstance(entry, Mapping) else None
        found.append(f"Secret/{text_of(meta, 'name') if isinstance(meta, Mapping) else ''}")
    files = document.get("files")
    for item in files.items if isinstance(files, Sequence) else ():
        path = join(folder, item.value) if isinstance(item, Scalar) else None
        path = graph.follow(path) if path else None
        stream = sources.stream(path) if path else None
        if path is None or stream is None:
            return ()
        out.looked_at.add(path)
        for encrypted in stream.documents:
            if isinstance(encrypted, Mapping):
                meta = encrypted.get("metadata")
                name = text_of(meta, "name") if isinstance(meta, Mapping) else ""
                found.append(f"{text_of(encrypted, 'kind')}/{name}")
    return () if any(label.endswith("/") or "ENC[" in label for label in found) else tuple(found)
