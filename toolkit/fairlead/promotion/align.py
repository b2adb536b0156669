"""Two files side by side: which value of the source stands for which value of the target.

Documents by kind and name, maps by key, list items by identity; words that name an environment count as
equal inside identities, so that `host: web.dev.example.com` finds `host: web.example.com`'s entry.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from hashlib import sha1
from typing import NamedTuple

from fairlead.edit.embedded import embedded
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Stream, Value, plain
from fairlead.edit.rows import Rows
from fairlead.model.values import dataclass
from fairlead.promotion.words import neutral

Table = dict[str, Value]
_IDENTITY_KEYS = ("name", "key", "path", "repository", "chart", "host", "apiGroup")
KNOWN_BY = frozenset(
    (*_IDENTITY_KEYS, "kind", "metadata", "op", "target", "source", "select")
)  # what items are known by
_LONGEST = 250_000  # comparing two lists takes the product of their lengths
SECRET_KINDS = ("Secret", "SealedSecret")
_IMAGE_TAIL = re.compile(r"(?::[A-Za-z0-9_][\w.-]*)?(?:@sha256:[0-9a-f]+)?$")


class Pair(NamedTuple):  # made for each value, as `At`: a frozen dataclass takes four times as long
    """Aligned scalars that differ.

    `field` is the path for people, `keys` the map keys that lead there (list items left out), outermost
    first; `document` is `Kind/name` of the innermost object (of a JSON patch: of the one it is for), `pointer`
    where in it the JSON operation works; `embedded` tells that it stands in a block.
    """

    field: str
    keys: tuple[str, ...]
    source: Scalar
    target: Scalar
    target_parent: Mapping | None
    document: tuple[str, str]
    flow: bool
    embedded: bool = False
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Lone:
    """Something that stands on one side only; `in_source` tells which, `parent` is the map that holds it.

    `rows` are its neighbours on both sides; None where the other side has something of another kind.
    """

    field: str
    node: Value
    in_source: bool
    keys: tuple[str, ...]
    document: tuple[str, str]
    parent: Mapping | None = None
    pointer: str = ""
    rows: Rows | None = None


class At(NamedTuple):
    """Where in two files a walk is; `parent` is the target's map that holds the value."""

    field: str
    keys: tuple[str, ...]
    document: tuple[str, str]
    flow: bool = False
    embedded: bool = False
    parent: Mapping | None = None
    pointer: str = ""

    def below(self, field: str, key: str | None, target: Value, parent: Mapping | None = None) -> At:
        """A place below this one, in the target's map or list."""
        flow = self.flow or getattr(target, "flow", False)
        keys = self.keys if key is None else (*self.keys, key)
        return At(field, keys, self.document, flow, self.embedded, parent, self.pointer)

    def within(self, source: Mapping, target: Mapping, mine: Table, theirs: Table) -> At:
        """The same place, told which object and JSON operation two maps are; `mine` and `theirs` are their values."""
        pointer = _text(theirs.get("path")) if "op" in theirs else ""
        at = self.of(source, target) if "metadata" in mine or "metadata" in theirs else self
        return at._replace(pointer=pointer) if pointer and pointer != at.pointer else at

    def of(self, source: Value, target: Value) -> At:
        """The same place in these two objects: the target's name, unless one of them is a secret."""
        known = [d for d in (self.document, document_name(source)) if d[0] in SECRET_KINDS]
        document = (known or [document_name(target)])[0]
        return self._replace(document=document) if document[0] and document != self.document else self

    def inside(self) -> At:
        """In the YAML of the block that stands here."""
        patched = _patched(self.parent) or self.document
        return self._replace(field=self.field + " » ", document=patched, flow=False, embedded=True)

    def pair(self, source: Scalar, target: Scalar) -> Pair:
        """Two values that stand here."""
        where = (self.parent, self.document, self.flow, self.embedded, self.pointer)
        return Pair(self.field, self.keys, source, target, *where)

    def lone(self, field: str, node: Value, *, in_source: bool, keys: tuple[str, ...] | None = None,
             parent: Mapping | None = None, rows: Rows | None = None) -> Lone:  # fmt: skip
        """What stands here, or at a name below, on one side only."""
        keys = self.keys if keys is None else keys
        return Lone(field, node, in_source, keys, self.document, parent, self.pointer, rows)


class Aligner:
    """Aligns two parsed files; `words` are those of both environments, `equal` yields equal scalars too."""

    def __init__(self, source: Stream, target: Stream, words: tuple[str, ...], *, equal: bool = False) -> None:
        self._source = source
        self._target = target
        self._words = words
        self._equal = equal
        self._aliased = "&" in source.text or "&" in target.text

    def differences(self) -> Iterator[Pair | Lone]:
        """All aligned scalars that differ and all that stands on one side only, in the target's order."""
        sources, targets = filled(self._source), filled(self._target)
        single = len(sources) == 1 and len(targets) == 1
        yield from self._documents(sources, targets, At("", (), ("", "")), single=single)

    def _documents(
        self, sources: list[Value], targets: list[Value], around: At, *, single: bool
    ) -> Iterator[Pair | Lone]:
        if single:
            yield from self._values(sources[0], targets[0], around.of(sources[0], targets[0]))
            return
        matched = self._matched(sources, targets, lambda d: "/".join(document_name(d)))
        rows = None if around.embedded else Rows(self._source, self._target, _both(matched))
        for label, source, target in matched:
            where = f"{around.field}{neutral_label(label)}"
            if source is None or target is None:
                node = target if source is None else source
                assert node is not None
                yield around.of(node, node).lone(where, node, in_source=target is None, rows=rows)
            else:
                yield from self._values(source, target, around.of(source, target)._replace(field=f"{where}: "))

    def _matched(
        self, sources: list[Value], targets: list[Value], identity: object
    ) -> list[tuple[str, Value | None, Value | None]]:
        """(label, source, target) in the target's order, then what only the source has.

        Of several with one identity, as many on both sides are paired in order; where one side has more of
        them, those that say the same find each other first.
        """
        assert callable(identity)
        labels = [identity(item) for item in targets]
        named = [(label, neutral(label, self._words), item) for label, item in zip(labels, targets, strict=True)]
        groups: dict[str, list[Value]] = {}
        for _, name, item in named:
            groups.setdefault(name, []).append(item)
        left: dict[str, list[Value]] = {}
        for item in sources:
            left.setdefault(neutral(identity(item), self._words), []).append(item)
        same = self._alike(sources, targets) if _uneven(left, groups) else {}
        twins = {name: _paired(left.get(name, []), group, same) for name, group in groups.items()}
        out: list[tuple[str, Value | None, Value | None]] = []
        count: dict[str, int] = {}
        for label, name, item in named:
            number = count[name] = count.get(name, 0) + 1
            out.append((label + (f"#{number}" if number > 1 else ""), twins[name][number - 1], item))
        paired = {id(twin) for group in twins.values() for twin in group if twin is not None}
        spare = [item for item in sources if id(item) not in paired]
        lone = [i for i, row in enumerate(out) if row[1] is None]
        if len(sources) == len(targets) and len(lone) == 1 and len(spare) == 1:
            index = lone[0]
            (item,) = spare
            if type(item) is type(out[index][2]):
                out[index] = (out[index][0], item, out[index][2])
                spare.clear()
        for item in spare:
            label = identity(item)
            number = count[neutral(label, self._words)] = count.get(neutral(label, self._words), 0) + 1
            out.append((label + (f"#{number}" if number > 1 else ""), item, None))
        return out

    def _same(self, source: Value, target: Value) -> bool:
        """Whether two values have nothing to tell: equal scalars, or collections of the same bytes.

        Of collections with aliases that is not known.
        """
        if self._equal:
            return False
        if isinstance(source, Scalar) and isinstance(target, Scalar):
            return source.value == target.value
        if self._aliased or type(source) is not type(target) or source.end - source.start != target.end - target.start:
            return False
        mine, theirs = self._source.text, self._target.text
        return mine[source.start : source.end] == theirs[target.start : target.end]

    def _alike(self, sources: list[Value], targets: list[Value]) -> dict[int, Value]:
        """Target's item (by id) -> the source's that says the same, as the two lists run side by side."""
        if len(sources) * len(targets) > _LONGEST:
            return {}
        here, there = ([neutral(json.dumps(plain(i)), self._words) for i in items] for items in (sources, targets))
        blocks = SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks()
        return {id(targets[b + k]): sources[a + k] for a, b, size in blocks for k in range(size)}

    def _values(self, source: Value, target: Value, at: At) -> Iterator[Pair | Lone]:
        if self._same(source, target):
            return
        if isinstance(source, Mapping) and isinstance(target, Mapping):
            yield from self._maps(source, target, at)
        elif isinstance(source, Sequence) and isinstance(target, Sequence):
            yield from self._lists(source, target, at)
        elif isinstance(source, Scalar) and isinstance(target, Scalar):
            yield from self._scalars(source, target, at)
        else:
            yield at.lone(at.field, source, in_source=True)

    def _maps(self, source: Mapping, target: Mapping, at: At) -> Iterator[Pair | Lone]:
        mine_by, theirs_by = ({key.value: value for key, value in side.items} for side in (source, target))
        at = at.within(source, target, mine_by, theirs_by)
        spare = {name: value for name, value in mine_by.items() if name not in theirs_by}
        rows = Rows(source, target, [])
        for key, value in target.items:
            same = mine_by.get(key.value)
            mine = same if same is not None else self._twin(key.value, spare)
            if mine is not None:
                rows.pairs.append((mine, value))
                if self._same(mine, value):
                    continue
            field = dotted(at.field, key.value)
            if mine is None:
                yield at.lone(field, value, in_source=False, keys=(*at.keys, key.value), parent=target, rows=rows)
            else:
                yield from self._values(mine, value, at.below(field, key.value, target, target))
        for name, value in spare.items():
            keys = (*at.keys, name)
            yield at.lone(dotted(at.field, name), value, in_source=True, keys=keys, parent=source, rows=rows)

    def _twin(self, name: str, spare: dict[str, Value]) -> Value | None:
        """The value of a key that is the same but for an environment's word; it is taken out of `spare`."""
        if not spare:
            return None
        wanted = neutral(name, self._words)
        found = next((k for k in spare if neutral(k, self._words) == wanted), None)
        return spare.pop(found) if found is not None else None

    def _lists(self, source: Sequence, target: Sequence, at: At) -> Iterator[Pair | Lone]:
        matched = self._matched(source.items, target.items, item_identity(at.keys))
        rows = Rows(source, target, _both(matched))
        for label, mine, value in matched:
            if mine is not None and value is not None and self._same(mine, value):
                continue
            field = f"{at.field}[{neutral_label(label)}]"
            if mine is None or value is None:
                node = value if mine is None else mine
                assert node is not None
                yield at.lone(field, node, in_source=value is None, rows=rows)
            else:
                yield from self._values(mine, value, at.below(field, None, target))

    def _scalars(self, source: Scalar, target: Scalar, at: At) -> Iterator[Pair | Lone]:
        if not at.embedded and source.style == target.style == "|":
            inner_source, inner_target = (
                embedded(self._source.text, source),
                embedded(self._target.text, target),
            )
            if inner_source and inner_target:
                single = len(inner_source) == len(inner_target) == 1
                yield from self._documents(inner_source, inner_target, at.inside(), single=single)
                return
        yield at.pair(source, target)


def _uneven(sources: dict[str, list[Value]], targets: dict[str, list[Value]]) -> bool:
    """Whether one side has several of an identity, and the other not as many."""
    return any(
        len(group) != len(others.get(name, group))
        for one, others in ((sources, targets), (targets, sources))
        for name, group in one.items()
        if len(group) > 1
    )


def _paired(sources: list[Value], targets: list[Value], same: dict[int, Value]) -> list[Value | None]:
    """For each of the targets, all of one identity, the source's; None where it has none left."""
    if len(sources) == len(targets):
        return list(sources)
    twins: list[Value | None] = [same.get(id(item)) for item in targets]
    taken = {id(twin) for twin in twins if twin is not None}
    waiting = iter([item for item in sources if id(item) not in taken])
    return [next(waiting, None) if twin is None else twin for twin in twins]


def _both(matched: list[tuple[str, Value | None, Value | None]]) -> list[tuple[Value, Value]]:
    return [(source, target) for _, source, target in matched if source is not None and target is not None]


def filled(stream: Stream) -> list[Value]:
    """The documents that say something; a spare `---` makes an empty one."""
    return [d for d in stream.documents if d is not None and not (isinstance(d, Scalar) and d.start == d.end)]


def dotted(field: str, key: str) -> str:
    """A field's name, and a key below it."""
    return key if not field else field + key if field.endswith((": ", " » ")) else f"{field}.{key}"


def neutral_label(label: str) -> str:
    """A label fit for a field's name: one line, not endless, and still telling items apart."""
    flat = " ".join(label.split())
    return flat if len(flat) <= 120 else f"{flat[:100]}~{sha1(label.encode(), usedforsecurity=False).hexdigest()[:8]}"


def document_name(node: Value) -> tuple[str, str]:
    """(kind, name) of an object; empty words where it has none."""
    if not isinstance(node, Mapping):
        return "", ""
    kind, meta = node.get("kind"), node.get("metadata")
    name = meta.get("name") if isinstance(meta, Mapping) else None
    return _text(kind), _text(name)


def _patched(entry: Mapping | None) -> tuple[str, str] | None:
    """(kind, name) of what a `patches:` entry is for, as its `target` says."""
    target = entry.get("target") if entry is not None else None
    kind = _text(target.get("kind")) if isinstance(target, Mapping) else ""
    return (kind, _text(target.get("name"))) if kind and isinstance(target, Mapping) else None


def _text(node: Value | None) -> str:
    return node.value if isinstance(node, Scalar) else ""


def identity(node: Value) -> str:
    """What a list item is known by, whatever its other values are."""
    if isinstance(node, Scalar):
        return _string_identity(node.value)
    if not isinstance(node, Mapping):
        return "[]"
    values = {key.value: value for key, value in node.items}
    meta = values.get("metadata")
    kind, name = _text(values.get("kind")), _text(meta.get("name")) if isinstance(meta, Mapping) else ""
    if kind and name:
        return f"{kind}/{name}"
    operation, path = _text(values.get("op")), _text(values.get("path"))
    if operation and path:
        return f"{operation} {path}"
    target = values.get("target")
    if isinstance(target, Mapping):
        words = [_text(target.get(k)) for k in ("kind", "name", "labelSelector", "annotationSelector")]
        return "/".join(w for w in words if w) + (f" {path}" if path else "")
    for key in ("source", "select"):  # a replacement, and where it goes
        chosen = values.get(key)
        if isinstance(chosen, Mapping) and chosen.get("kind") is not None:
            words = [_text(chosen.get(k)) for k in ("kind", "name", "fieldPath")]
            return "/".join(w for w in words if w)
    for key in _IDENTITY_KEYS:
        value = values.get(key)
        if isinstance(value, Scalar) and value.value:
            return _string_identity(value.value) if key in ("path", "repository") else value.value
    return "{" + ",".join(sorted(key.value for key, _ in node.items)) + "}"


def item_identity(keys: tuple[str, ...]) -> Callable[[Value], str]:
    """What tells by what the items of the list of a key are known."""
    return {"literals": literal_identity, "images": _image_identity}.get(keys[-1] if keys else "", identity)


def literal_identity(node: Value) -> str:
    """What a generator's literal is known by: its key, and never its value, for it may be a secret."""
    key, equals, _ = _text(node).partition("=")
    return f"{key}=" if equals else "(no key)"


def _image_identity(node: Value) -> str:
    """What an item of `images` is known by: the name of an image without its tag, also of one without a registry."""
    text = _text(node)
    return _IMAGE_TAIL.sub("", text) if text and "=" not in text else identity(node)


def _string_identity(text: str) -> str:
    if "\n" in text:
        return " ".join(text.split())
    key = re.match(r"(-{0,2}[A-Za-z_][\w.-]*)=", text)
    if key is not None:
        return key[1] + "="
    if "://" in text or "?" in text or text.startswith("git@"):
        return re.sub(r"[?&](?:ref|version)=[^&]*", "", text)
    return _IMAGE_TAIL.sub("", text) if "/" in text and not text.endswith((".yaml", ".yml")) else text
