"""What generators make, value by value: literals, files, lines of env files, and the options' labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from fairlead.checks.fieldspecs import FieldSpec, put_pairs
from fairlead.checks.layers import Replay, Route
from fairlead.checks.parts import Mark, Part
from fairlead.checks.patches import text_of
from fairlead.checks.places import Place
from fairlead.checks.sources import Sources
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value
from fairlead.model.snapshot import join

KINDS = {"configMapGenerator": "ConfigMap", "secretGenerator": "Secret"}


class Datum(NamedTuple):
    """A value that a generator makes: in which field (empty: of the object itself), under which name, from where."""

    holder: str
    name: str
    text: str
    node: Scalar
    place: Place
    key: Scalar | None = None


class Generator(NamedTuple):
    """An entry of a generator: `folder` is what its names are relative to, `options` are the kustomization's."""

    kind: str
    entry: Mapping
    place: Place
    folder: str
    route: Route
    options: Value | None = None

    @property
    def name(self) -> str:
        """What it makes, by name."""
        return self._meta("name")

    @property
    def namespace(self) -> str:
        """And in which namespace."""
        return self._meta("namespace")

    def _meta(self, key: str) -> str:
        meta = self.entry.get("metadata")
        return text_of(self.entry, key) or (text_of(meta, key) if isinstance(meta, Mapping) else "")

    @property
    def behavior(self) -> str:
        """create, merge or replace."""
        return text_of(self.entry, "behavior") or "create"

    @property
    def hashed(self) -> bool:
        """Whether its name gets a suffix."""
        options = (self.options, self.entry.get("options"))
        return not any(isinstance(o, Mapping) and text_of(o, "disableNameSuffixHash") == "true" for o in options)

    def root(self) -> Part:
        """The object before anything is in it."""
        mark = Mark(self.place, -1, self.route)
        meta = self.entry.get("metadata")
        holder = self.entry if self.entry.get("name") is not None or not isinstance(meta, Mapping) else meta
        named = Part(holder, mark).fields or {}
        own: dict[str, Part] = {key: named[key] for key in ("name", "namespace") if key in named}
        head = named["name"].node if "name" in named else self.entry
        fields = {"apiVersion": Part.told("v1", head, mark), "kind": Part.told(self.kind, head, mark)}
        fields["metadata"] = Part.made(self.entry, mark, own)
        if self.kind == "Secret":
            written = self.entry.get("type")
            fields["type"] = Part(written, mark) if written is not None else Part.told("Opaque", head, mark)
        return Part.made(self.entry, mark, fields)

    def data(self, sources: Sources) -> Iterator[Datum]:
        """What it writes."""
        for options in (self.options, self.entry.get("options")):
            if isinstance(options, Mapping):
                yield from self._optional(options)
        for item in _texts(self.entry.get("files")):
            yield from self._file(item, sources)
        for item in (*_texts(self.entry.get("envs")), *_texts(self.entry.get("env"))):
            yield from self._env(item, sources)
        for item in _texts(self.entry.get("literals")):
            name, _, text = item.value.partition("=")
            if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
                text = text[1:-1]
            yield Datum("data", name, text, item, self.place, item)

    def _optional(self, options: Mapping) -> Iterator[Datum]:
        for key in ("labels", "annotations"):
            found = options.get(key)
            for name, value in found.items if isinstance(found, Mapping) else ():
                if isinstance(value, Scalar):
                    yield Datum(f"metadata/{key}", name.value, value.value, value, self.place, name)
        immutable = options.get("immutable")
        if isinstance(immutable, Scalar) and immutable.value == "true":
            yield Datum("", "immutable", "true", immutable, self.place, options.key("immutable"))

    def _file(self, item: Scalar, sources: Sources) -> Iterator[Datum]:
        name, _, written = item.value.rpartition("=")
        path = join(self.folder, written)
        data = sources.data(path) if path else None
        name = name or written.rpartition("/")[2]
        if data is None or path is None:
            yield Datum("data", name, "", item, self.place, item)
            return
        try:
            text, place_in = data.decode("utf-8"), "data"
        except UnicodeDecodeError:
            text, place_in = "", "binaryData"
        yield Datum(place_in, name, text, Scalar(text, 0, len(text), 1, 1, "|"), Place(path))

    def _env(self, item: Scalar, sources: Sources) -> Iterator[Datum]:
        path = join(self.folder, item.value)
        data = sources.data(path) if path else None
        if data is None or path is None:
            return
        for number, line in enumerate(data.decode("utf-8-sig", "replace").splitlines(), 1):
            body = line.lstrip()
            if body and not body.startswith("#"):
                name, _, text = body.partition("=")
                column = len(line) - len(body) + 1
                yield Datum("data", name.strip(), text, Scalar(text, 0, 0, number, column, "'"), Place(path))


class Generated(NamedTuple):
    """A generator makes a ConfigMap or Secret, or writes into one (`behavior:`); its files are read only here."""

    generator: Generator
    sources: Sources

    @property
    def route(self) -> Route:
        """See Layer."""
        return self.generator.route

    def onto(self, root: Part, at: int, replay: Replay) -> None:
        """See Layer."""
        fields = root.fields
        if fields is None:
            return
        if self.generator.behavior == "replace":
            for name in ("data", "binaryData"):
                fields.pop(name, None)
        for datum in self.generator.data(self.sources):
            part = Part(datum.node, Mark(datum.place, at, self.route), datum.key, datum.text)
            if datum.holder:
                put_pairs(root, FieldSpec(datum.holder, True), {datum.name: part})
            else:
                fields[datum.name] = part


def _texts(node: Value | None) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node] if node.value else []
    return [i for i in node.items if isinstance(i, Scalar)] if isinstance(node, Sequence) else []
