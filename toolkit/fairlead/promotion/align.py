"""Two files side by side: which value of the source stands for which value of the target.

Documents by kind and name, maps by key, list items by identity; words that name an environment count as
equal inside identities, so that `host: web.dev.example.com` finds `host: web.example.com`'s entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha1

from fairlead.edit.embedded import embedded
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Stream, Value
from fairlead.promotion.words import neutral

_IDENTITY_KEYS = ("name", "key", "path", "repository", "chart", "host", "apiGroup")
_IMAGE_TAIL = re.compile(r"(?::[A-Za-z0-9_][\w.-]*)?(?:@sha256:[0-9a-f]+)?$")


@dataclass(frozen=True, slots=True)
class Pair:
    """Aligned scalars that differ.

    `field` is the path for people, `keys` the map keys that lead there (list items left out), outermost
    first; `document` is `Kind/name` of the innermost document; `embedded` tells that it stands in a block.
    """

    field: str
    keys: tuple[str, ...]
    source: Scalar
    target: Scalar
    source_parent: Mapping | None
    target_parent: Mapping | None
    document: tuple[str, str]
    flow: bool
    embedded: bool = False


@dataclass(frozen=True, slots=True)
class Lone:
    """Something that stands on one side only; `in_source` tells which, `parent` is the map that holds it."""

    field: str
    node: Value
    in_source: bool
    keys: tuple[str, ...]
    parent: Mapping | None = None


@dataclass(frozen=True, slots=True)
class _At:
    field: str
    keys: tuple[str, ...]
    document: tuple[str, str]
    flow: bool = False
    embedded: bool = False
    source_parent: Mapping | None = None
    target_parent: Mapping | None = None

    def below(self, field: str, key: str | None, source: Value, target: Value, **parents: Mapping | None) -> _At:
        flow = self.flow or getattr(target, "flow", False)
        keys = self.keys if key is None else (*self.keys, key)
        return _At(field, keys, self.document, flow, self.embedded, **parents)


class Aligner:
    """Aligns two parsed files; `words` are those of both environments, `equal` yields equal scalars too."""

    def __init__(self, source: Stream, target: Stream, words: tuple[str, ...], *, equal: bool = False) -> None:
        self._source = source
        self._target = target
        self._words = words
        self._equal = equal

    def differences(self) -> Iterator[Pair | Lone]:
        """All aligned scalars that differ and all that stands on one side only, in the target's order."""
        sources = [d for d in self._source.documents if d is not None]
        targets = [d for d in self._target.documents if d is not None]
        single = len(sources) == 1 and len(targets) == 1
        yield from self._documents(sources, targets, "", (), single=single)

    def _documents(
        self, sources: list[Value], targets: list[Value], prefix: str, keys: tuple[str, ...], *, single: bool
    ) -> Iterator[Pair | Lone]:
        embedded_here = bool(prefix)
        if single:
            at = _At(prefix, keys, document_name(targets[0]), embedded=embedded_here)
            yield from self._values(sources[0], targets[0], at)
            return
        for label, source, target in self._matched(sources, targets, lambda d: "/".join(document_name(d))):
            name = neutral_label(label)
            where = f"{prefix}{name}: "
            if source is None or target is None:
                node = target if source is None else source
                assert node is not None
                yield Lone(where.rstrip(": "), node, target is None, keys)
            else:
                at = _At(where, keys, document_name(target), embedded=embedded_here)
                yield from self._values(source, target, at)

    def _matched(
        self, sources: list[Value], targets: list[Value], identity: object
    ) -> list[tuple[str, Value | None, Value | None]]:
        """(label, source, target) in the target's order, then what only the source has."""
        assert callable(identity)
        left: dict[tuple[str, int], Value] = {}
        count: dict[str, int] = {}
        for item in sources:
            name = neutral(identity(item), self._words)
            left[name, count.get(name, 0)] = item
            count[name] = count.get(name, 0) + 1
        out: list[tuple[str, Value | None, Value | None]] = []
        count.clear()
        for item in targets:
            label = identity(item)
            name = neutral(label, self._words)
            number = count.get(name, 0)
            count[name] = number + 1
            out.append((label + (f"#{number + 1}" if number else ""), left.pop((name, number), None), item))
        lone = [i for i, row in enumerate(out) if row[1] is None]
        if len(sources) == len(targets) and len(lone) == 1 and len(left) == 1:
            index = lone[0]
            (item,) = left.values()
            if type(item) is type(out[index][2]):
                out[index] = (out[index][0], item, out[index][2])
                left.clear()
        out += [(identity(item), item, None) for item in left.values()]
        return out

    def _values(self, source: Value, target: Value, at: _At) -> Iterator[Pair | Lone]:
        if isinstance(source, Mapping) and isinstance(target, Mapping):
            yield from self._maps(source, target, at)
        elif isinstance(source, Sequence) and isinstance(target, Sequence):
            yield from self._lists(source, target, at)
        elif isinstance(source, Scalar) and isinstance(target, Scalar):
            yield from self._scalars(source, target, at)
        else:
            yield Lone(at.field, source, True, at.keys)

    def _maps(self, source: Mapping, target: Mapping, at: _At) -> Iterator[Pair | Lone]:
        pairs = [(key, source.get(key.value), value) for key, value in target.items]
        spare = {k.value: v for k, v in source.items if target.get(k.value) is None}
        for key, same, value in pairs:
            field = _dotted(at.field, key.value)
            mine = same if same is not None else self._twin(key.value, spare)
            if mine is None:
                yield Lone(field, value, False, (*at.keys, key.value), target)
            else:
                below = at.below(field, key.value, mine, target, source_parent=source, target_parent=target)
                yield from self._values(mine, value, below)
        for name, value in spare.items():
            yield Lone(_dotted(at.field, name), value, True, (*at.keys, name), source)

    def _twin(self, name: str, spare: dict[str, Value]) -> Value | None:
        """The value of a key that is the same but for an environment's word; it is taken out of `spare`."""
        found = next((k for k in spare if neutral(k, self._words) == neutral(name, self._words)), None)
        return spare.pop(found) if found is not None else None

    def _lists(self, source: Sequence, target: Sequence, at: _At) -> Iterator[Pair | Lone]:
        for label, mine, value in self._matched(source.items, target.items, identity):
            field = f"{at.field}[{neutral_label(label)}]"
            if mine is None or value is None:
                node = value if mine is None else mine
                assert node is not None
                yield Lone(field, node, value is None, at.keys)
            else:
                yield from self._values(mine, value, at.below(field, None, mine, target))

    def _scalars(self, source: Scalar, target: Scalar, at: _At) -> Iterator[Pair | Lone]:
        if source.value == target.value and not self._equal:
            return
        if not at.embedded and source.style == target.style == "|":
            inner_source, inner_target = (
                embedded(self._source.text, source),
                embedded(self._target.text, target),
            )
            if inner_source and inner_target:
                single = len(inner_source) == len(inner_target) == 1
                yield from self._documents(inner_source, inner_target, at.field + " » ", at.keys, single=single)
                return
        yield Pair(
            at.field,
            at.keys,
            source,
            target,
            at.source_parent,
            at.target_parent,
            at.document,
            at.flow,
            at.embedded,
        )


def _dotted(field: str, key: str) -> str:
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


def _text(node: Value | None) -> str:
    return node.value if isinstance(node, Scalar) else ""


def identity(node: Value) -> str:
    """What a list item is known by, whatever its other values are."""
    if isinstance(node, Scalar):
        return _string_identity(node.value)
    if isinstance(node, Mapping):
        kind, name = document_name(node)
        if kind and name:
            return f"{kind}/{name}"
        operation, path = _text(node.get("op")), _text(node.get("path"))
        if operation and path:
            return f"{operation} {path}"
        target = node.get("target")
        if isinstance(target, Mapping):
            words = [_text(target.get(k)) for k in ("kind", "name", "labelSelector", "annotationSelector")]
            return "/".join(w for w in words if w) + (f" {path}" if path else "")
        for key in _IDENTITY_KEYS:
            value = node.get(key)
            if isinstance(value, Scalar) and value.value:
                return _string_identity(value.value) if key in ("path", "repository") else value.value
        return "{" + ",".join(sorted(key.value for key, _ in node.items)) + "}"
    return "[]"


def _string_identity(text: str) -> str:
    if "\n" in text:
        return " ".join(text.split())
    key = re.match(r"(-{0,2}[A-Za-z_][\w.-]*)=", text)
    if key is not None:
        return key[1] + "="
    if "://" in text or "?" in text or text.startswith("git@"):
        return re.sub(r"[?&](?:ref|version)=[^&]*", "", text)
    return _IMAGE_TAIL.sub("", text) if "/" in text and not text.endswith((".yaml", ".yml")) else text
