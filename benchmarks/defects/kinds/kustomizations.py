"""Kustomizations that name what isn't there, say a thing twice, or say it by a word that kustomize doesn't know."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import TypeVar

from benchmarks.defects.model import Kind, Place, Seed
from benchmarks.defects.site import Site, scalar
from benchmarks.defects.text import dig, insert, item_span, line_of, maps, put, span, typo, word
from fairlead.edit.nodes import Scalar, Sequence, Value
from fairlead.repo.graph import Kustomization, Reference

T = TypeVar("T")
_FILES = ("resources", "patches", "patchesStrategicMerge", "configMapGenerator")
_FIELDS = (
    "resources", "components", "patches", "images", "namespace", "namePrefix", "nameSuffix", "configMapGenerator",
    "secretGenerator", "replicas", "labels", "generatorOptions",
)  # fmt: skip


def shuffled(found: list[T], random: Random) -> list[T]:
    """Another order."""
    return random.sample(found, len(found))


def _levels(site: Site) -> dict[int, list[Kustomization]]:
    """Its kustomizations by how many references lie between."""
    depth = {site.folder: 0}
    for one in site.ground.graph.closure(site.folder).kustomizations:  # outermost first
        for reference in one.references:
            if reference.is_dir and reference.path is not None:
                depth.setdefault(reference.path, depth.get(one.folder, 0) + 1)
    out: dict[int, list[Kustomization]] = {}
    for one in site.kustomizations:
        out.setdefault(min(depth.get(one.folder, 0), 2), []).append(one)
    return out


def _missing(level: int) -> Callable[[Site, Random], Iterator[Seed]]:
    def sow(site: Site, random: Random) -> Iterator[Seed]:
        found = [r for one in _levels(site).get(level, ()) for r in one.references if _is_file(r)]
        for reference in shuffled(found, random):
            yield Seed({str(reference.path): None}, (Place(reference.where.path, reference.where.line),))

    return sow


def _is_file(reference: Reference) -> bool:
    return reference.kind in _FILES and reference.found and not reference.is_dir and not reference.remote


def entries(site: Site, key: str) -> Iterator[tuple[Kustomization, Sequence, int, Scalar]]:
    """The entries of a list of names."""
    for one, value in site.lists(key):
        if isinstance(value, Sequence):
            for index, item in enumerate(value.items):
                node = scalar(item)
                if node is not None:
                    yield one, value, index, node


def _path_typo(site: Site, random: Random) -> Iterator[Seed]:
    return _misspelled(site, random, folders=False)


def _folder_typo(site: Site, random: Random) -> Iterator[Seed]:
    return _misspelled(site, random, folders=True)


def _misspelled(site: Site, random: Random, *, folders: bool) -> Iterator[Seed]:
    found = [e for key in ("resources", "components", "patchesStrategicMerge") for e in entries(site, key)]
    for one, _, _, node in shuffled(found, random):
        there = [r for r in one.references if r.where.line == node.line and r.found and r.is_dir == folders]
        if not there or node.value.strip("./") == "":
            continue
        head, slash, last = node.value.rstrip("/").rpartition("/")
        stem, dot, ending = last.partition(".")
        new = head + slash + typo(stem, random) + dot + ending
        yield _in(site, one.path, node, new)


def _in(site: Site, path: str, node: Value, new: str, subject: str = "") -> Seed:
    return Seed({path: put(site.text(path), node, new).encode()}, (Place(path, node.line),), subject)


def _duplicate_field(site: Site, random: Random) -> Iterator[Seed]:
    for one in shuffled(list(site.kustomizations), random):
        text, body = site.text(one.path), one.body
        fields = [key for key, value in body.items if key.value in _FIELDS] if body is not None else []
        for key in shuffled(fields, random):
            lines = span(text, body, key.value) if body is not None else None
            if lines is None:
                continue
            again = "".join(text.splitlines(keepends=True)[lines[0] - 1 : lines[1]])
            head = text if text.endswith("\n") else text + "\n"
            yield Seed({one.path: (head + again).encode()}, (Place(one.path, line_of(head, len(head))),))


def _duplicate_resource(site: Site, random: Random) -> Iterator[Seed]:
    for one, sequence, index, node in shuffled(list(entries(site, "resources")), random):
        last = item_span(site.text(one.path), sequence, len(sequence.items) - 1)
        if last is None or item_span(site.text(one.path), sequence, index) is None:
            continue
        indent = " " * (sequence.column - 1)
        new = insert(site.text(one.path), last[1] + 1, f"{indent}- {node.value}\n")
        yield Seed({one.path: new.encode()}, (Place(one.path, last[1] + 1),))


def _cycle(site: Site, random: Random) -> Iterator[Seed]:
    for one, sequence, _, _ in shuffled(list(entries(site, "resources")), random):
        last = item_span(site.text(one.path), sequence, len(sequence.items) - 1)
        if one.folder == site.folder or last is None:
            continue
        back = os.path.relpath(site.folder or ".", one.folder or ".")
        new = insert(site.text(one.path), last[1] + 1, f"{' ' * (sequence.column - 1)}- {back}\n")
        yield Seed({one.path: new.encode()}, (Place(one.path, last[1] + 1), *_way_to(site, one.folder)))


def _way_to(site: Site, base: str) -> Iterator[Place]:
    """The entries that lead from the overlay to a base: with the new one a cycle, and none is more at fault."""
    graph = site.ground.graph
    for one in site.kustomizations:
        for reference in one.references:
            if reference.is_dir and reference.path is not None and base in graph.closure(reference.path).folders:
                yield Place(reference.where.path, reference.where.line)


def _unknown_field(site: Site, random: Random) -> Iterator[Seed]:
    found = [
        (one, key)
        for one in site.kustomizations
        for key, _ in (one.body.items if one.body is not None else ())
        if key.value in _FIELDS and not key.style
    ]
    for one, key in shuffled(found, random):
        new = random.choice(
            (typo(key.value, random), key.value.rstrip("s") if key.value.endswith("s") else key.value + "s")
        )
        if new not in _FIELDS:
            yield _in(site, one.path, key, new)


def _unknown_field_below(site: Site, random: Random) -> Iterator[Seed]:
    found = [
        (one, key)
        for field in ("images", "patches", "configMapGenerator", "secretGenerator", "replicas", "labels")
        for one, value in site.lists(field)
        for item in maps(value)
        for key, _ in item.items
        if not key.style
    ]
    for one, key in shuffled(found, random):
        new = typo(key.value, random)
        yield _in(site, one.path, key, new.lower() if new.lower() != new and random.random() < 0.5 else new)


def _number_for_tag(site: Site, random: Random) -> Iterator[Seed]:
    for one, value in site.lists("images"):
        for image in shuffled(maps(value), random):
            node = scalar(image.get("newTag"))
            if node is not None:
                yield _in(site, one.path, node, f"{random.randint(1, 9)}.{random.randint(1, 9)}0")


def _text_for_count(site: Site, random: Random) -> Iterator[Seed]:
    own = site.own
    scaled = [one.name for one in site.objects if one.kind in ("Deployment", "StatefulSet")]
    if own is None or own.body is None or own.body.get("replicas") is not None or not scaled:
        return
    text = site.text(own.path)
    head = text if text.endswith("\n") else text + "\n"
    first = line_of(head, len(head))
    count = random.choice(('"2"', "two", "'3'"))
    new = f"{head}replicas:\n- name: {random.choice(scaled)}\n  count: {count}\n"
    yield Seed({own.path: new.encode()}, (Place(own.path, first + 2),))


def _merge_with_nothing(site: Site, random: Random) -> Iterator[Seed]:
    for field in ("configMapGenerator", "secretGenerator"):
        for one, value in site.lists(field):
            for item in shuffled(maps(value), random):
                node, behavior = scalar(item.get("name")), word(item.get("behavior"))
                if node is not None and behavior in ("merge", "replace"):
                    yield _in(site, one.path, node, typo(node.value, random))


def _deprecated(site: Site, random: Random) -> Iterator[Seed]:
    for one in shuffled(list(site.kustomizations), random):
        text, body = site.text(one.path), one.body
        head = text if text.endswith("\n") else text + "\n"
        if body is None or body.get("commonLabels") is not None or body.get("labels") is not None:
            continue
        new = f"{head}commonLabels:\n  seeded: value\n"
        yield Seed({one.path: new.encode()}, (Place(one.path, line_of(head, len(head))),))


def _remote(site: Site, random: Random) -> Iterator[Seed]:
    urls = (
        "https://github.com/example/platform//deploy/base?ref=main",
        "github.com/example/platform//base",
        "https://raw.githubusercontent.com/example/platform/main/deploy.yaml",
        "git@github.com:example/platform.git//base?ref=master",
    )
    for one, sequence, _, _ in shuffled(list(entries(site, "resources")), random):
        last = item_span(site.text(one.path), sequence, len(sequence.items) - 1)
        if last is not None:
            line = f"{' ' * (sequence.column - 1)}- {random.choice(urls)}\n"
            new = insert(site.text(one.path), last[1] + 1, line)
            yield Seed({one.path: new.encode()}, (Place(one.path, last[1] + 1),))


def _literal_without_value(site: Site, random: Random) -> Iterator[Seed]:
    for one, value in site.lists("configMapGenerator"):
        for item in shuffled(maps(value), random):
            literals = dig(item, "literals")
            for each in shuffled(literals.items if isinstance(literals, Sequence) else [], random):
                node = scalar(each)
                if node is not None and re.fullmatch(r"[A-Za-z_][\w.-]*=.+", node.value):
                    yield _in(site, one.path, node, node.value.partition("=")[0])


_B = "builds"
KINDS = (
    Kind("missing-file", _B, "a file that the overlay names is gone", ("missing-file",), _missing(0), True),
    Kind("missing-file-1", _B, "a file is gone that a base names", ("missing-file",), _missing(1), True),
    Kind("missing-file-2", _B, "a file is gone that a base of a base names", ("missing-file",), _missing(2), True),
    Kind("path-typo", _B, "the name of a file is misspelled", ("missing-file",), _path_typo, True),
    Kind("folder-typo", _B, "the name of a base or component is misspelled", ("missing-file",), _folder_typo, True),
    Kind("duplicate-field", _B, "a kustomization has a field twice", ("duplicate-key",), _duplicate_field, None),
    Kind(
        "duplicate-resource", _B, "a resource is listed twice", ("duplicate-entry", "build-failure"),
        _duplicate_resource, True,
    ),
    Kind("cycle", _B, "a base names the overlay", ("cycle",), _cycle, True),
    Kind(
        "unknown-field", _B, "a field of a kustomization is misspelled", ("unknown-kustomization-key",),
        _unknown_field, True,
    ),
    Kind(
        "unknown-field-below", _B, "a field of an entry of a kustomization is misspelled",
        ("unknown-kustomization-key", "build-failure"), _unknown_field_below, None,
    ),
    Kind("number-for-tag", _B, "a tag that YAML takes for a number", ("wrong-type",), _number_for_tag, None),
    Kind("text-for-count", _B, "a count that is text", ("wrong-type",), _text_for_count, None),
    Kind(
        "merge-with-nothing", _B, "a generator merges into what isn't there", ("build-failure",),
        _merge_with_nothing, True,
    ),
    Kind(
        "literal-without-value", _B, "a literal without a value", ("build-failure",), _literal_without_value, True,
    ),
    Kind("deprecated-field", _B, "a field that kustomize wants no more", ("deprecated-field",), _deprecated),
    Kind("unpinned-remote", "safety", "a remote base without a commit", ("remote-base",), _remote, None),
)  # fmt: skip
