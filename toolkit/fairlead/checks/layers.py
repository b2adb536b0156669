"""What a kustomization does to a resource, one layer a deed: each can do it again to an object in the making.

Making one costs next to nothing: every entry of a kustomization does so for every resource, and a layer is played
only where somebody asks where a value comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

from fairlead.checks import images
from fairlead.checks.fieldspecs import FieldSpec, meant, put, put_pairs
from fairlead.checks.merging import ListKeys, merge, operate
from fairlead.checks.objects import CLUSTER_SCOPED
from fairlead.checks.parts import Mark, Part
from fairlead.checks.parts import images as container_images
from fairlead.checks.patches import Patch, Target, labelled, text_of
from fairlead.checks.places import Place
from fairlead.edit.nodes import Mapping, Scalar

if TYPE_CHECKING:
    from fairlead.checks.stage import Resource

Route = tuple[str, ...]


class Replay(Protocol):
    """What a layer may ask while it is played."""

    @property
    def keys(self) -> ListKeys:
        """What tells list items apart in the resource."""

    def other(self, resource: Resource) -> Part:
        """Another resource, as it was when this layer was played first."""


class Layer(Protocol):
    """One thing that one kustomization does. `route` are the files that lead to it, outermost first."""

    @property
    def route(self) -> Route:
        """From the kustomization that gathers it to the one that does it, or to the file that says so."""

    def onto(self, root: Part, at: int, replay: Replay) -> None:
        """Do it to an object; `at` is the layer's number."""


class Gathered(NamedTuple):
    """A kustomization took the resource from a base: what comes before this stands further in."""

    route: Route

    def onto(self, root: Part, at: int, replay: Replay) -> None:
        """See Layer."""


# A patch says whom it means by these, and kustomize puts them back.
_IDENTITY = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))


class Patched(NamedTuple):
    """A patch, strategic merge or JSON 6902."""

    patch: Patch
    route: Route

    def onto(self, root: Part, at: int, replay: Replay) -> None:
        """See Layer."""
        target = self.patch.target
        if target is not None and not _chosen(root, target.labels, target.annotations):
            return
        mark = Mark(self.patch.place, at, self.route)
        for document in self.patch.merges:
            kept = [(way, root.get(*way)) for way in _IDENTITY]
            if merge(root, Part(document, mark), replay.keys) is None:
                root.below = {}
                return
            for way, part in kept:
                if way[-1] not in self.patch.changes:
                    _restore(root, way, part)
        for operation in self.patch.operations:
            operate(root, operation, mark)


def _chosen(root: Part, labels: str, annotations: str) -> bool:
    return all(
        labelled(selector, {name: part.text for name, part in (_fields(root, "metadata", key)).items()})
        for selector, key in ((labels, "labels"), (annotations, "annotations"))
        if selector
    )


def _fields(root: Part, *way: str) -> dict[str, Part]:
    found = root.get(*way)
    return (found.fields or {}) if found is not None else {}


def _restore(root: Part, way: tuple[str, ...], part: Part | None) -> None:
    holder = root.get(*way[:-1])
    fields = holder.fields if holder is not None else None
    if fields is None:
        return
    if part is None:
        fields.pop(way[-1], None)
    else:
        fields[way[-1]] = part


class Imaged(NamedTuple):
    """One entry of `images:`."""

    entry: Mapping
    place: Place
    route: Route
    specs: tuple[FieldSpec, ...]

    @property
    def name(self) -> str:
        """Which image it means."""
        return text_of(self.entry, "name")

    def onto(self, root: Part, at: int, replay: Replay) -> None:
        """See Layer."""
        if root.says("kind") == "CustomResourceDefinition":
            return
        mark = Mark(self.place, at, self.route)
        api_version, kind = root.says("apiVersion"), root.says("kind")
        done: set[int] = set()
        for image in (*self._specified(root, api_version, kind), *container_images(root)):
            if id(image) not in done:
                done.add(id(image))
                self._apply(image, mark)

    def _specified(self, root: Part, api_version: str, kind: str) -> Iterator[Part]:
        for spec in meant(self.specs, api_version, kind):
            if not spec.path.endswith("ontainers[]/image"):
                yield from (part for part in _reached(root, spec.parts) if part.is_leaf)

    def _apply(self, image: Part, mark: Mark) -> None:
        if not images.means(self.name, image.text):
            return
        parts = {key: text_of(self.entry, key) for key in ("newName", "newTag", "digest")}
        told = next((self.entry.get(k) for k in ("digest", "newTag", "newName") if parts[k]), None)
        if told is None:
            return
        image.text = images.replaced(image.text, parts["newName"], parts["newTag"], parts["digest"])
        image.node, image.mark, image.key = told, mark, None


def _reached(at: Part, names: tuple[str, ...]) -> Iterator[Part]:
    if at.items is not None:
        for item in at.items:
            yield from _reached(item, names)
    elif not names:
        yield at
    else:
        below = at.get(names[0])
        if below is not None:
            yield from _reached(below, names[1:])


class Namespaced(NamedTuple):
    """The `namespace:` field, or a NamespaceTransformer."""

    value: Scalar
    place: Place
    route: Route
    specs: tuple[FieldSpec, ...]
    unset_only: bool = False
    subjects: str = "defaultOnly"

    def onto(self, root: Part, at: int, replay: Replay) -> None:
        """See Layer."""
        api_version, kind = root.says("apiVersion"), root.says("kind")
        new = Part(self.value, Mark(self.place, at, self.route))
        specs = [spec for spec in meant(self.specs, api_version, kind) if spec.path != "metadata/namespace"]
        if api_version != "v1":
            specs = [spec for spec in specs if spec.path != "metadata/name"]
        if kind not in CLUSTER_SCOPED:
            specs.append(FieldSpec("metadata/namespace", True))
        if kind in ("RoleBinding", "ClusterRoleBinding"):
            self._subjects(root, new)
            specs = [spec for spec in specs if spec.path != "subjects/namespace"]
        for spec in specs:
            if not self.unset_only or not any(p.text for p in _reached(root, spec.parts)):
                put(root, spec, new)

    def _subjects(self, root: Part, new: Part) -> None:
        found = root.get("subjects")
        for subject in (found.items if found is not None else None) or ():
            meant = (
                subject.says("name") == "default"
                if self.subjects in ("", "defaultOnly")
                else self.subjects == "allServiceAccounts" and subject.says("kind") == "ServiceAccount"
            )
            if meant and subject.fields is not None:
                subject.fields["namespace"] = new


class Renamed(NamedTuple):
    """`namePrefix` or `nameSuffix`."""

    value: Scalar
    place: Place
    route: Route
    specs: tuple[FieldSpec, ...]
    suffix: bool = False

    def onto(self, root: Part, at: int, replay: Replay) -> None:
        """See Layer."""
        api_version, kind = root.says("apiVersion"), root.says("kind")
        mark = Mark(self.place, at, self.route)
        for spec in self.specs:
            for part in _reached(root, spec.parts) if spec.means(api_version, kind) else ():
                if part.is_leaf:
                    part.text = part.text + self.value.value if self.suffix else self.value.value + part.text
                    part.node, part.mark, part.key = self.value, mark, None


class Counted(NamedTuple):
    """An entry of `replicas:`."""

    number: Scalar
    place: Place
    route: Route
    specs: tuple[FieldSpec, ...]

    def onto(self, root: Part, at: int, replay: Replay) -> None:
        """See Layer."""
        _each(root, self.specs, Part(self.number, Mark(self.place, at, self.route)))


def _each(root: Part, specs: tuple[FieldSpec, ...], new: Part) -> None:
    api_version, kind = root.says("apiVersion"), root.says("kind")
    for spec in meant(specs, api_version, kind):
        put(root, spec, new)


class Labelled(NamedTuple):
    """`labels`, `commonLabels` or `commonAnnotations`: what they add, and to which fields."""

    pairs: Mapping
    place: Place
    route: Route
    specs: tuple[FieldSpec, ...]

    def onto(self, root: Part, at: int, replay: Replay) -> None:
        """See Layer."""
        api_version, kind = root.says("apiVersion"), root.says("kind")
        mark = Mark(self.place, at, self.route)
        for spec in meant(self.specs, api_version, kind):
            put_pairs(root, spec, Part(self.pairs, mark).fields or {})

    def meets(self, other: Labelled, name: str) -> bool:
        """Whether another entry writes the same name into a field of this one's."""
        return self.pairs.get(name) is not None and not set(self.specs).isdisjoint(other.specs)

    def does_more(self, other: Labelled, name: str) -> bool:
        """Whether the other one is not needed beside this: the same value in the same fields, or more of them.

        Of two that do the same, the later in the file is not needed.
        """
        same = text_of(self.pairs, name) == text_of(other.pairs, name)
        mine, theirs = set(self.specs), set(other.specs)
        return same and (mine > theirs or (mine == theirs and self.pairs.start < other.pairs.start))


class Options(NamedTuple):
    """How a replacement takes its value apart, or puts it in."""

    delimiter: str = ""
    position: int = 0
    create: bool = False


class Replaced(NamedTuple):
    """An entry of `replacements:` for one target: the value of another resource, or one written there."""

    paths: tuple[tuple[str, ...], ...]
    route: Route
    options: Options
    source: Resource | None = None
    source_path: tuple[str, ...] = ()
    source_options: Options = Options()
    value: Scalar | None = None
    place: Place = Place("")
    target: Target = Target()

    def onto(self, root: Part, at: int, replay: Replay) -> None:
        """See Layer."""
        new = self._value(at, replay)
        if new is None or not _chosen(root, self.target.labels, self.target.annotations):
            return
        for path in self.paths:
            for holder, name in _held(root, path, new, create=self.options.create):
                holder[name] = self._filled(new, holder[name])

    def _value(self, at: int, replay: Replay) -> Part | None:
        if self.value is not None:
            return Part(self.value, Mark(self.place, at, self.route))
        if self.source is None:
            return None
        found = next((h[n] for h, n in _held(replay.other(self.source), self.source_path, None)), None)
        if found is None:
            return None
        made = found.copied((at, self.route))
        if self.source_options.delimiter and made.is_leaf:
            pieces = made.text.split(self.source_options.delimiter)
            index = self.source_options.position
            made.text = pieces[index] if 0 <= index < len(pieces) else made.text
        return made

    def _filled(self, new: Part, old: Part) -> Part:
        made = new.copied()
        options = self.options
        if options.delimiter and old.is_leaf:
            pieces = old.text.split(options.delimiter)
            if options.position < 0:
                pieces.insert(0, new.text)
            elif options.position >= len(pieces):
                pieces.append(new.text)
            else:
                pieces[options.position] = new.text
            made.text = options.delimiter.join(pieces)
        return made


def field_path(path: str) -> tuple[str, ...]:
    """The parts of a dotted path; `[name=x]` is one, a dot in it or after a backslash is none."""
    return tuple(_field_path(path))


def _field_path(path: str) -> Iterator[str]:
    part, depth, escaped = "", 0, False
    for char in path:
        if escaped or (char not in ".\\[]" or (char == "." and depth)):
            part, escaped = part + char, False
        elif char == "\\":
            escaped = True
        elif char == ".":
            yield part
            part = ""
        else:
            depth += 1 if char == "[" else -1
            part += char
    yield part


Holder = tuple["dict[str, Part]", str]


def _held(at: Part, path: tuple[str, ...], fresh: Part | None, *, create: bool = False) -> Iterator[Holder]:
    """The maps that hold what a field path leads to; list items are given as a map of one, written through."""
    part, rest = path[0], path[1:]
    if at.items is not None:
        for index, item in enumerate(at.items):
            if _meets(part, index, item):
                if rest:
                    yield from _held(item, rest, fresh, create=create)
                else:
                    yield _Item(at.items, index), ""
        return
    fields = at.fields
    if fields is None:
        return
    for name in list(fields) if part == "*" else [part]:
        if name not in fields:
            if not create or fresh is None:
                continue
            fields[name] = fresh.copied() if not rest else Part.made(fresh.node, fresh.mark, {})
        if rest:
            yield from _held(fields[name], rest, fresh, create=create)
        else:
            yield fields, name


class _Item(dict[str, Part]):
    """A list item as a map of one: writing it writes the list."""

    def __init__(self, items: list[Part], index: int) -> None:
        super().__init__({"": items[index]})
        self._items, self._index = items, index

    def __setitem__(self, name: str, part: Part) -> None:
        super().__setitem__(name, part)
        self._items[self._index] = part


def _meets(part: str, index: int, item: Part) -> bool:
    if part.startswith("[") and part.endswith("]"):
        key, _, value = part[1:-1].partition("=")
        return (item.says(key) if key else item.text) == value
    return part in ("*", str(index))


class Added(NamedTuple):
    """A ValueAddTransformer: its value, into fields by JSON pointers."""

    value: Scalar
    place: Place
    route: Route
    paths: tuple[tuple[str, ...], ...]

    def onto(self, root: Part, at: int, replay: Replay) -> None:
        """See Layer."""
        new = Part(self.value, Mark(self.place, at, self.route))
        for path in self.paths:
            for holder, name in _held(root, path, new, create=True):
                holder[name] = new.copied()
