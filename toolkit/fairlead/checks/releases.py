"""Helm releases among rendered objects (Flux HelmReleases, Argo CD Applications): which chart, with which values.

Told from what lies in the repository and from the objects of the same rendering; what lies elsewhere is said so.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import field

from fairlead.checks.objects import Json, Object, plain, read_value
from fairlead.checks.sources import Sources
from fairlead.checks.workloads import items, table, text
from fairlead.edit.nodes import expanded, parse
from fairlead.model.errors import SyntaxProblem
from fairlead.model.patterns import pattern
from fairlead.model.snapshot import Snapshot, join
from fairlead.model.values import dataclass
from fairlead.repo.graph import Graph

_FILE = pattern(r"[$\w./-]+\.(?:ya?ml|json)\b")
_NUMBERED = pattern(r"-v?\d[\w.+-]*$")
_MOST = 200_000  # values, aliases written out
_STEP = pattern(r"((?:\\.|[^.\\\[])+)|\[(\d+)\]|\.")
_VERSION = pattern(r"(?m)^version:[ \t]*[\"']?([^\s\"']+)")


class Unknown(Exception):  # noqa: N818  it is caught, and told in a note
    """Why a release can't be rendered here."""


@dataclass(frozen=True)
class Release:
    """A release: the folder of its chart, and the values that are given to it. `owner` is its object."""

    owner: Object
    name: str
    namespace: str
    chart: str
    values: Json = field(hash=False)
    crds: bool = True


def is_release(one: Object) -> bool:
    """Whether an object stands for a chart."""
    if one.kind == "HelmRelease":
        return one.group == "helm.toolkit.fluxcd.io"
    return one.kind == "Application" and one.group == "argoproj.io"


def may_read(graph: Graph, sources: Sources, overlay: str) -> Iterator[str]:
    """The files that an overlay's releases may be made of, by the names in its files alone: rather one too many."""
    charts = [p.rpartition("/")[0] for p in sources.snapshot.files() if p.endswith("/Chart.yaml")]
    for path in sorted(graph.closure(overlay).files) if charts else ():
        data = sources.data(path) or b""
        if b"HelmRelease" not in data and b"Application" not in data:
            continue
        written = data.decode("utf-8", "replace")
        named = [c for c in charts if _NUMBERED.sub("", c.rpartition("/")[2]) in written]
        for folder in named:
            yield from sources.snapshot.files(folder)
        for word in _FILE.findall(written):
            yield from (
                name for at in ("", *named) if (name := join(at, word.partition("/")[2] if word[0] == "$" else word))
            )


def read(one: Object, beside: tuple[Object, ...], sources: Sources, vendored: tuple[str, ...]) -> Release:
    """One release. Raises Unknown, without words for an Application that is no chart."""
    return (_flux if one.kind == "HelmRelease" else _argo)(one, beside, sources, vendored)


def _flux(one: Object, beside: tuple[Object, ...], sources: Sources, vendored: tuple[str, ...]) -> Release:
    spec = table(one.body.get("spec"))
    chart = table(table(spec.get("chart")).get("spec"))
    name, version = text(chart.get("chart")), text(chart.get("version"))
    if not name:
        raise Unknown("its chart is named by reference, and lies elsewhere")
    if text(table(chart.get("sourceRef")).get("kind")) in ("GitRepository", "Bucket"):
        folder = _folder(sources.snapshot, name)
    else:
        folder = _vendored(sources, name, version, vendored)
    values: Json = {}
    for entry in items(chart.get("valuesFiles")):
        values = merged(values, _file(sources, join("", text(entry))))
    for entry in items(spec.get("valuesFrom")):
        values = _from(values, table(entry), one, beside)
    space = text(spec.get("targetNamespace")) or one.namespace
    release = text(spec.get("releaseName")) or (f"{space}-{one.name}" if spec.get("targetNamespace") else one.name)
    return Release(one, release, space, folder, merged(values, table(spec.get("values"))))


def _from(values: Json, entry: dict[str, Json], one: Object, beside: tuple[Object, ...]) -> Json:
    """With what a ConfigMap or Secret of the same rendering gives."""
    kind, name, key = text(entry.get("kind")), text(entry.get("name")), text(entry.get("valuesKey")) or "values.yaml"
    found = next((o for o in beside if (o.kind, o.name, o.namespace) == (kind, name, one.namespace)), None)
    written = _content(found, key) if found is not None else None
    if written is None:
        if entry.get("optional") is True:
            return values
        raise Unknown(f"its values come from the {kind} {name!r}, which isn't here")
    target = text(entry.get("targetPath"))
    return placed(values, target, plain(written)) if target else merged(values, _yaml(written))


def _content(of: Object, key: str) -> str | None:
    if of.kind == "Secret":
        if isinstance(table(of.body.get("stringData")).get(key), str):
            return text(table(of.body.get("stringData")).get(key))
        try:
            written = table(of.body.get("data")).get(key)
            return base64.b64decode(written).decode("utf-8", "replace") if isinstance(written, str) else None
        except (ValueError, binascii.Error):
            return None
    written = table(of.body.get("data")).get(key)
    return written if isinstance(written, str) else None


def _argo_sources(one: Object) -> list[dict[str, Json]]:
    spec = table(one.body.get("spec"))
    return [table(source) for source in (items(spec.get("sources")) or [spec.get("source")])]


def _is_chart(source: dict[str, Json], snapshot: Snapshot) -> bool:
    path = join("", text(source.get("path"))) if "path" in source else None
    here = path is not None and snapshot.entry(f"{path}/Chart.yaml") is not None
    return "chart" in source or "helm" in source or here


def _argo(one: Object, beside: tuple[Object, ...], sources: Sources, vendored: tuple[str, ...]) -> Release:
    source = next((s for s in _argo_sources(one) if _is_chart(s, sources.snapshot)), None)
    if source is None:
        raise Unknown
    if "chart" in source:
        folder = _vendored(sources, text(source["chart"]), text(source.get("targetRevision")), vendored)
    else:
        folder = _folder(sources.snapshot, text(source.get("path")))
    helm = table(source.get("helm"))
    values: Json = {}
    for entry in items(helm.get("valueFiles")):
        first, _, rest = text(entry).partition("/")
        path = join("", rest) if first.startswith("$") else join(folder, text(entry))
        there = path is not None and sources.snapshot.entry(path) is not None
        if there or helm.get("ignoreMissingValueFiles") is not True:
            values = merged(values, _file(sources, path))
    if text(helm.get("values")):
        values = merged(values, _yaml(text(helm.get("values"))))
    values = merged(values, table(helm.get("valuesObject")))
    for entry in items(helm.get("parameters")):
        given = text(table(entry).get("value"))
        forced = table(entry).get("forceString") is True
        values = placed(values, text(table(entry).get("name")), given if forced else plain(given))
    space = text(table(table(one.body.get("spec")).get("destination")).get("namespace"))
    crds = helm.get("skipCrds") is not True
    return Release(one, text(helm.get("releaseName")) or one.name, space, folder, values, crds)


def _folder(snapshot: Snapshot, written: str) -> str:
    path = join("", written)
    if path is None or snapshot.entry(f"{path}/Chart.yaml") is None:
        raise Unknown(f"its chart {written!r} isn't in the repository")
    return path


def _vendored(sources: Sources, name: str, version: str, folders: tuple[str, ...]) -> str:
    """The folder of a chart of a Helm repository, where it is vendored in the wanted version."""
    other = ""
    for folder in folders:
        for path in (join(folder, f"{name}-{version}"), join(folder, name)):
            data = sources.data(f"{path}/Chart.yaml") if path is not None else None
            found = _VERSION.search(data.decode("utf-8", "replace")) if data is not None else None
            if found is not None and version in ("", "*", found[1], f"v{found[1]}"):
                return path or ""
            other = found[1] if found is not None else other
    if other:
        raise Unknown(f"its chart {name!r} is wanted as {version}, and lies here as {other}")
    raise Unknown(f"its chart {name!r} isn't in the repository")


def _file(sources: Sources, path: str | None) -> Json:
    data = sources.data(path) if path is not None else None
    if data is None:
        raise Unknown(f"its values file {path or ''!r} isn't in the repository")
    return _yaml(data.decode("utf-8", "replace"))


def _yaml(written: str) -> Json:
    try:
        stream = parse(written.encode(), "values")
    except SyntaxProblem as problem:
        raise Unknown(f"its values are no YAML: {problem.message}") from None
    if sum(expanded(document, _MOST) for document in stream.documents) >= _MOST:
        raise Unknown("its values expand to too many by aliases")
    found = read_value("\n" + "\n".join(f"  {line}" for line in written.splitlines()))
    return table(found)


def merged(under: Json, over: Json) -> Json:
    """Values as helm merges them: maps by key, all else replaced; null takes away."""
    if not isinstance(under, dict) or not isinstance(over, dict):
        return over
    return {**under, **{key: merged(under.get(key), value) for key, value in over.items()}}


def placed(values: Json, path: str, value: Json) -> Json:
    """Values with one more, at a path as `helm --set` takes it (`a.b[0].c`, a dot within a name behind a backslash)."""
    steps = [
        int(index) if index else re.sub(r"\\(.)", r"\1", name) for name, index in _STEP.findall(path) if name or index
    ]
    return _placed(values, steps, value)


def _placed(values: Json, steps: list[str | int], value: Json) -> Json:
    if not steps:
        return value
    head, rest = steps[0], steps[1:]
    if isinstance(head, int):
        row = list(values) if isinstance(values, list) else []
        if head > 10_000:
            raise Unknown(f"a parameter sets the item {head} of a list")
        row += [None] * (head + 1 - len(row))
        row[head] = _placed(row[head], rest, value)
        return row
    known = table(values)
    return {**known, head: _placed(known.get(head), rest, value)}
