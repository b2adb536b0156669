"""Files that are no YAML, or that no parser should be given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from benchmarks.defects.kinds.kustomizations import shuffled
from benchmarks.defects.model import Kind, Place, Seed
from benchmarks.defects.site import Site, scalar
from benchmarks.defects.text import insert, span
from fairlead.edit.nodes import Mapping, Scalar, Value

Damage = Callable[[str, str, Mapping, Random], Iterator[tuple[bytes, tuple[int, ...]]]]


def _damaged(damage: Damage) -> Callable[[Site, Random], Iterator[Seed]]:
    """Damage the file of a resource."""

    def sow(site: Site, random: Random) -> Iterator[Seed]:
        for source in shuffled(list(site.sources), random):
            for data, lines in damage(source.path, source.text, source.node, random):
                yield Seed({source.path: data}, tuple(Place(source.path, line) for line in lines))

    return sow


def pairs(node: Value) -> Iterator[tuple[Mapping, Scalar, Scalar]]:
    """All `key: value` in block style below a node, with the map that they stand in."""
    if isinstance(node, Mapping):
        for key, value in node.items:
            leaf = scalar(value)
            if leaf is not None and not node.flow and not node.shared and leaf.line == key.line:
                yield node, key, leaf
            yield from pairs(value)
    elif not isinstance(node, Scalar):
        for item in node.items:
            yield from pairs(item)


def _single(text: str, node: Mapping, random: Random) -> Iterator[tuple[Mapping, Scalar, Scalar, int]]:
    """Entries that fill a line of their own, in another order."""
    for mapping, key, value in shuffled(list(pairs(node)), random):
        lines = span(text, mapping, key.value)
        if lines is not None and lines[0] == lines[1] == key.line:
            yield mapping, key, value, key.line


def _duplicate_key(_: str, text: str, node: Mapping, random: Random) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    for _map, _key, _value, line in _single(text, node, random):
        again = text.splitlines(keepends=True)[line - 1].rstrip("\n") + "\n"
        yield insert(text, line + 1, again).encode(), (line + 1,)


def _tab(_: str, text: str, node: Mapping, random: Random) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    for _map, key, _value, line in _single(text, node, random):
        if key.column > 2:
            lines = text.splitlines(keepends=True)
            lines[line - 1] = "\t" * ((key.column - 1) // 2) + lines[line - 1].lstrip(" ")
            yield "".join(lines).encode(), (line,)


def _bytes(_: str, text: str, node: Mapping, random: Random) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    for _map, _key, _value, line in _single(text, node, random):
        lines = text.encode().splitlines()
        lines[line - 1] += b" # caf\xe9"
        yield b"\r\n".join(lines) + b"\r\n", (line,)


def _nul(_: str, text: str, node: Mapping, random: Random) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    for _map, _key, value, line in _single(text, node, random):
        if value.end > value.start + 1:
            yield (text[: value.start + 1] + "\0" + text[value.start + 1 :]).encode(), (line,)


def _conflict(_: str, text: str, node: Mapping, random: Random) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    for _map, _key, _value, line in _single(text, node, random):
        mine = text.splitlines(keepends=True)[line - 1].rstrip("\n") + "\n"
        block = f"<<<<<<< HEAD\n{mine}=======\n{mine}>>>>>>> feature\n"
        lines = text.splitlines(keepends=True)
        yield "".join([*lines[: line - 1], block, *lines[line:]]).encode(), (line,)


def _colon(_: str, text: str, node: Mapping, random: Random) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    for _map, _key, value, line in _single(text, node, random):
        if value.style == "" and value.value.isalnum():
            yield (text[: value.end] + ": more" + text[value.end :]).encode(), (line,)


def _template(_: str, text: str, node: Mapping, random: Random) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    for _map, _key, value, line in _single(text, node, random):
        yield (text[: value.start] + "{{ .Values.seeded }}" + text[value.end :]).encode(), (line,)


def _appended(text: str, document: str) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    head = text if text.endswith("\n") else text + "\n"
    first = head.count("\n") + 1
    yield (head + document).encode(), tuple(range(first, first + document.count("\n")))


def _bomb(_: str, text: str, _node: Mapping, _random: Random) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    head = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: seeded\n"
    yield from _appended(text, head + "\n".join(rows) + "\n")


def _depth(_: str, text: str, _node: Mapping, _random: Random) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    deep = "[" * 12_000 + "]" * 12_000
    yield from _appended(text, f"---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: seeded\ndata: {deep}\n")


def _lfs(_: str, text: str, _node: Mapping, random: Random) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    digest = "".join(random.choice("0123456789abcdef") for _ in range(64))
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(text)}\n"
    yield pointer.encode(), (0, 1)


def _no_kind(_: str, text: str, node: Mapping, _random: Random) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    lines = span(text, node, "kind")
    if lines is not None and len(node.items) > 2:
        kept = text.splitlines(keepends=True)
        rest = [key.line for key, _ in node.items if key.value != "kind"]
        after = tuple(line - (line > lines[0]) for line in rest)
        yield "".join(kept[: lines[0] - 1] + kept[lines[1] :]).encode(), (min(after),)


_B = "builds"
_READ = ("unreadable-file", "build-failure")
KINDS = (
    Kind("duplicate-key", _B, "a field of an object stands twice", ("duplicate-key",), _damaged(_duplicate_key), None),
    Kind("tab", _B, "tabs instead of spaces", _READ, _damaged(_tab), True),
    Kind("bad-bytes", _B, "CRLF line ends, and a byte that is no UTF-8", _READ, _damaged(_bytes), None),
    Kind("nul-byte", _B, "a NUL in a value", _READ, _damaged(_nul), True),
    Kind("conflict", _B, "the marks of a merge conflict", _READ, _damaged(_conflict), True),
    Kind("unquoted-colon", _B, "a value with an unquoted colon", _READ, _damaged(_colon), True),
    Kind("unfilled-template", _B, "a template that nobody filled", _READ, _damaged(_template), None),
    Kind("alias-bomb", _B, "aliases of aliases of aliases", _READ, _damaged(_bomb), True),
    Kind("depth-bomb", _B, "a value 12,000 levels deep", _READ, _damaged(_depth), None),
    Kind("lfs-pointer", _B, "a pointer of git LFS instead of the file", ("lfs-pointer",), _damaged(_lfs), True),
    Kind("no-kind", _B, "an object without a kind", ("build-failure", "schema"), _damaged(_no_kind), True),
)
