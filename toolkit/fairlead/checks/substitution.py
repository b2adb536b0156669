"""What Flux substitutes in an overlay after it was built: `spec.postBuild` of the Kustomizations whose path it is.

Read from the repository alone. A value that lies elsewhere, or is encrypted, is unknown: its variables stay as they are
written. The objects are changed as Flux does it, by their text: `replicas: ${replicas}` becomes a number.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Iterator, Mapping

from fairlead.checks.envsubst import BadSubstitutionError, expand, holds_variable
from fairlead.checks.objects import Json, Object, made, plain, read_value
from fairlead.checks.patches import text_of
from fairlead.checks.sources import Sources, maps
from fairlead.edit import nodes
from fairlead.edit.nodes import Scalar, Sequence, Value
from fairlead.model.findings import Where
from fairlead.model.patterns import pattern
from fairlead.model.snapshot import join
from fairlead.model.values import dataclass

GROUP = "kustomize.toolkit.fluxcd.io"
_FLUX = pattern(rb"(?m)^apiVersion:[ \t]*[\"']?kustomize\.toolkit\.fluxcd\.io/")
_MAPS = pattern(rb"(?m)^kind:[ \t]*[\"']?(?:ConfigMap|Secret)[\"']?[ \t]*\r?$")
_DISABLED = f"{GROUP}/substitute"
_INDICATORS = pattern(r"[\[\]{},#&*!|>'\"%@`]|[-?:](?: |$)|---|\.\.\.")
_BREAKS = pattern(r"^\s|\s$|: |:$| #")
_STRUCTURE = pattern(r"[\[\]{}#&*!|>'\"%@`]|: |:$")


@dataclass(frozen=True)
class Substitution:
    """What one Flux Kustomization gives to the overlay at its path.

    `complete` says that every source of its values is known. `files` are those that it was read from.
    """

    name: str
    where: Where
    values: tuple[tuple[str, str], ...] = ()
    complete: bool = True
    files: tuple[str, ...] = ()

    def of(self, rendered: Object) -> Object:
        """The object as Flux applies it; it remembers what kustomize made. What Flux would refuse stays as it is."""
        meta = rendered.body.get("metadata")
        if not self.values or (isinstance(meta, dict) and _is_disabled(meta)):
            return rendered
        values = dict(self.values)
        try:
            body = _substituted(rendered.body, values)
        except BadSubstitutionError:
            return rendered
        return rendered if body is rendered.body else made(body, rendered)

    def unknown(self, rendered: Object) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """The variables in an object (as kustomize made it) that have neither value nor default, each with its path."""
        meta = rendered.body.get("metadata")
        if isinstance(meta, dict) and _is_disabled(meta):
            return
        values = dict(self.values)
        for path, text in _texts(rendered.body, ()):
            try:
                yield from ((path, name) for name in expand(text, values).missing)
            except BadSubstitutionError:
                continue


def is_open(value: Json) -> bool:
    """Whether a value is text that may still be substituted, so that its type is not known."""
    return isinstance(value, str) and "${" in value and holds_variable(value)


def _is_disabled(meta: dict[str, Json]) -> bool:
    tables = (meta.get("labels"), meta.get("annotations"))
    return any(isinstance(table, dict) and table.get(_DISABLED) == "disabled" for table in tables)


def _texts(value: Json, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        if "${" in value:
            yield path, value
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from _texts(below, (*path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _texts(below, (*path, index))


def _substituted(value: Json, values: Mapping[str, str]) -> Json:
    """The value as it is read again after the substitution; itself where nothing changes."""
    if isinstance(value, str):
        return _of_text(value, values) if "$" in value else value
    if isinstance(value, list):
        items = [_substituted(item, values) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if isinstance(value, dict):
        table = {
            (expand(key, values).text if "$" in key else key): _substituted(below, values)
            for key, below in value.items()
        }
        same = len(table) == len(value) and all(table.get(key, value) is below for key, below in value.items())
        return value if same else table
    return value


def _of_text(text: str, values: Mapping[str, str]) -> Json:
    found = expand(text, values).text
    if found == text:
        return text
    quoted = "\n" in text or _INDICATORS.match(text) or _BREAKS.search(text) or not isinstance(plain(text), str)
    if quoted or holds_variable(found):
        return found
    return read_value(found) if _STRUCTURE.search(found) else plain(found.strip())


# ── Flux's objects in the repository ──

FLUX, MAPS = "f", "m"


def kinds(data: bytes) -> str:
    """What a YAML file may hold of interest here, by its text: FLUX's Kustomizations, MAPS of values."""
    flux = b"kustomize.toolkit.fluxcd.io/" in data and _FLUX.search(data)
    table = (b"ConfigMap" in data or b"Secret" in data) and _MAPS.search(data)
    return (FLUX if flux else "") + (MAPS if table else "")


def find(sources: Sources, flux: Iterable[str], tables: Iterable[str]) -> dict[str, tuple[Substitution, ...]]:
    """The substitutions by overlay, of Kustomizations in the `flux` files, with values from the `tables`."""
    candidates = tuple(tables)
    out: dict[str, list[Substitution]] = {}
    for path in flux:
        for document in maps(sources.stream(path)):
            spec = document.get("spec")
            if not text_of(document, "apiVersion").startswith(GROUP + "/") or not isinstance(spec, nodes.Mapping):
                continue
            folder = join("", text_of(spec, "path")) if spec.get("path") is not None else None
            if folder is not None and text_of(document, "kind") == "Kustomization":
                out.setdefault(folder, []).append(_read(sources, path, document, spec, candidates))
    return {
        folder: tuple(found) for folder, found in out.items() if any(one.values or not one.complete for one in found)
    }


def _read(
    sources: Sources, path: str, document: nodes.Mapping, spec: nodes.Mapping, tables: tuple[str, ...]
) -> Substitution:
    meta = document.get("metadata")
    name, space = (text_of(meta, key) if isinstance(meta, nodes.Mapping) else "" for key in ("name", "namespace"))
    after = spec.get("postBuild")
    values: dict[str, str] = {}
    files, complete = [path], True
    if isinstance(after, nodes.Mapping):
        for entry in _items(after.get("substituteFrom")):
            found = _table(sources, path, entry, space, tables)
            if found is None:
                complete = complete and text_of(entry, "optional") == "true"
            else:
                files.append(found[0])
                values |= found[1]
        values |= _pairs(after.get("substitute"), str)
    head = after if isinstance(after, nodes.Mapping) else document
    label = f"{space}/{name}" if space else name
    return Substitution(label, Where(path, head.line, head.column), tuple(values.items()), complete, tuple(files))


def _items(value: Value | None) -> list[nodes.Mapping]:
    return [i for i in value.items if isinstance(i, nodes.Mapping)] if isinstance(value, Sequence) else []


def _pairs(value: Value | None, read: Callable[[str], str]) -> dict[str, str]:
    if not isinstance(value, nodes.Mapping):
        return {}
    return {key.value: read(v.value).replace("\n", "") for key, v in value.items if isinstance(v, Scalar)}


def _table(
    sources: Sources, path: str, entry: nodes.Mapping, space: str, tables: tuple[str, ...]
) -> tuple[str, dict[str, str]] | None:
    """The file and the values of a ConfigMap or Secret; None where it isn't here, encrypted, or one of several.

    Clusters often have one of the same name each: the one that lies nearest to the Kustomization is meant.
    """
    kind, name = text_of(entry, "kind"), text_of(entry, "name")
    found: list[tuple[int, str, nodes.Mapping]] = []
    for other in tables:
        data = sources.data(other) or b""
        if name and name.encode() in data:
            found += (
                (_shared(path, other), other, d) for d in maps(sources.stream(other)) if _is(d, kind, name, space)
            )
    best = max((near for near, _, _ in found), default=0)
    nearest = [(other, document) for near, other, document in found if near == best]
    if len(nearest) != 1 or nearest[0][1].get("sops") is not None:
        return None
    other, document = nearest[0]
    if kind == "Secret":
        return other, _pairs(document.get("data"), _decoded) | _pairs(document.get("stringData"), str)
    return other, _pairs(document.get("data"), str)


def _is(document: nodes.Mapping, kind: str, name: str, space: str) -> bool:
    meta = document.get("metadata")
    if text_of(document, "kind") != kind or not isinstance(meta, nodes.Mapping) or text_of(meta, "name") != name:
        return False
    own = text_of(meta, "namespace")
    return not own or not space or own == space


def _shared(path: str, other: str) -> int:
    """How many folders two files have in common."""
    count = 0
    for one, two in zip(path.split("/")[:-1], other.split("/")[:-1], strict=False):
        if one != two:
            break
        count += 1
    return count


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text).decode("utf-8", "replace")
    except (ValueError, binascii.Error):
        return text
