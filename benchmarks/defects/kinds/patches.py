"""Patches that find nothing, or a path that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from benchmarks.defects.kinds.kustomizations import entries, shuffled
from benchmarks.defects.model import Kind, Place, Seed
from benchmarks.defects.site import Site, scalar
from benchmarks.defects.text import dig, insert, item_span, maps, put, typo, word
from fairlead.edit.nodes import Mapping, Scalar, Sequence
from fairlead.repo.graph import Kustomization


@dataclass(frozen=True)
class _Patch:
    """An entry of `patches` (or of the older fields)."""

    kustomization: Kustomization
    node: Mapping
    file: str

    @property
    def target(self) -> Mapping | None:
        found = self.node.get("target")
        return found if isinstance(found, Mapping) else None


def _patches(site: Site) -> list[_Patch]:
    out = []
    for field in ("patches", "patchesJson6902"):
        for one, value in site.lists(field):
            for item in maps(value):
                node = item.get("path")
                found = [r for r in one.references if node is not None and r.where.line == node.line and r.found]
                out.append(_Patch(one, item, str(found[0].path) if found else ""))
    return out


def _target_typo(site: Site, random: Random) -> Iterator[Seed]:
    for patch in shuffled(_patches(site), random):
        for key in shuffled(["name", "kind"], random):
            node = scalar(patch.target.get(key)) if patch.target is not None else None
            if node is None or not re.fullmatch(r"[A-Za-z0-9-]{4,}", node.value):
                continue
            new = put(site.text(patch.kustomization.path), node, typo(node.value, random))
            yield Seed({patch.kustomization.path: new.encode()}, (Place(patch.kustomization.path, node.line),))


def _merge_files(site: Site) -> list[str]:
    """Files with strategic merge patches that name their object themselves."""
    files = [patch.file for patch in _patches(site) if patch.file and patch.target is None]
    for one, _, _, node in entries(site, "patchesStrategicMerge"):
        files += [str(r.path) for r in one.references if r.where.line == node.line and r.found]
    return files


def _name_typo(site: Site, random: Random) -> Iterator[Seed]:
    for path in shuffled(_merge_files(site), random):
        stream = site.ground.stream(path)
        for document in stream.documents if stream is not None else ():
            node = scalar(dig(document, "metadata", "name"))
            if node is not None and stream is not None:
                new = put(stream.text, node, typo(node.value, random))
                yield Seed({path: new.encode()}, (Place(path, node.line),))


def _operations(site: Site) -> Iterator[tuple[str, str, int, int, str]]:
    """JSON patches' operations on something that is there: file, text, offset of the path and its end, the path."""
    for patch in _patches(site):
        if patch.file:
            stream = site.ground.stream(patch.file)
            for document in stream.documents if stream is not None else ():
                for operation in maps(document):
                    node = scalar(operation.get("path"))
                    if node is not None and word(operation.get("op")) in ("replace", "remove") and stream is not None:
                        yield patch.file, stream.text, node.start, node.end, node.value
        inline = patch.node.get("patch")
        if isinstance(inline, Scalar) and inline.style == "|":
            text = site.text(patch.kustomization.path)
            yield from _inline(patch.kustomization.path, text, inline)


_OPERATION = re.compile(r"- op: (?:replace|remove)\n +path: (\S+)\n")


def _inline(path: str, text: str, block: Scalar) -> Iterator[tuple[str, str, int, int, str]]:
    for found in _OPERATION.finditer(text, block.start, block.end):
        yield path, text, found.start(1), found.end(1), found[1].strip("'\"")


def _path_gone(site: Site, random: Random) -> Iterator[Seed]:
    for path, text, start, end, pointer in shuffled(list(_operations(site)), random):
        steps = pointer.split("/")
        names = [n for n, step in enumerate(steps) if re.fullmatch(r"[A-Za-z]{4,}", step) and n < len(steps) - 1]
        if not names:
            continue
        at = random.choice(names)
        new = "/".join([*steps[:at], typo(steps[at], random), *steps[at + 1 :]])
        yield _replaced(path, text, start, end, new)


def _index_gone(site: Site, random: Random) -> Iterator[Seed]:
    for path, text, start, end, pointer in shuffled(list(_operations(site)), random):
        if re.search(r"/\d+(/|$)", pointer):
            yield _replaced(path, text, start, end, re.sub(r"/\d+(?=/|$)", "/17", pointer, count=1))


def _replaced(path: str, text: str, start: int, end: int, new: str) -> Seed:
    return Seed({path: (text[:start] + new + text[end:]).encode()}, (Place(path, text.count("\n", 0, start) + 1),))


def _stale_patch(site: Site, random: Random) -> Iterator[Seed]:
    """A patch stays in the list, and what it was for is called otherwise by now."""
    here = {(one.kind, one.name) for one in site.objects}
    own = site.own
    value = own.body.get("patches") if own is not None and own.body is not None else None
    if own is None or (value is not None and (not isinstance(value, Sequence) or value.flow)):
        return
    kind, name = random.choice([("StatefulSet", "cache"), ("CronJob", "cleanup"), ("Deployment", "legacy-worker")])
    if any(k == kind for k, _ in here):
        kind = "ReplicaSet"
    text = site.text(own.path)
    head = text if text.endswith("\n") else text + "\n"
    operation = "    - op: add\n      path: /metadata/labels/seeded\n      value: 'yes'\n"
    entry = f"patches:\n- target:\n    kind: {kind}\n    name: {name}\n  patch: |-\n{operation}"
    line = head.count("\n") + 1
    if value is None:
        places = tuple(Place(own.path, line + n) for n in range(1, 5))
        yield Seed({own.path: (head + entry).encode()}, places)
        return
    last = item_span(text, value, len(value.items) - 1)
    if last is not None:
        indent = " " * (value.column - 1)
        lines = "".join(indent + each + "\n" for each in entry.splitlines()[1:])
        places = tuple(Place(own.path, last[1] + n) for n in range(1, 5))
        yield Seed({own.path: insert(text, last[1] + 1, lines).encode()}, places)


def _idle_patch(site: Site, random: Random) -> Iterator[Seed]:
    """A patch that says what the object says already."""
    own = site.own
    if own is None or own.body is None or own.body.get("patches") is not None:
        return
    text = site.text(own.path)
    head = text if text.endswith("\n") else text + "\n"
    for source in shuffled(site.of_kind("Deployment", "StatefulSet", "Service"), random):
        found = [
            (key.value, node)
            for key, node in getattr(source.node.get("spec"), "items", [])
            if key.value in ("replicas", "type", "revisionHistoryLimit", "serviceName") and scalar(node) is not None
        ]
        for key, node in found:
            if source.object.body["spec"].get(key) is None or str(source.object.body["spec"][key]) != word(node):
                continue
            name = word(dig(source.node, "metadata", "name"))
            entry = (
                f"patches:\n- patch: |-\n    apiVersion: {source.object.api_version}\n    kind: {source.object.kind}\n"
                f"    metadata:\n      name: {name}\n    spec:\n      {key}: {source.text[node.start : node.end]}\n"
            )
            first = head.count("\n") + 1
            places = tuple(Place(own.path, first + n) for n in range(1, 8))
            yield Seed({own.path: (head + entry).encode()}, places)


_B = "builds"
KINDS = (
    Kind("patch-target-typo", _B, "the target of a patch is misspelled", ("dead-patch",), _target_typo),
    Kind(
        "patch-name-typo", _B, "the name in a strategic merge patch is misspelled", ("dead-patch", "build-failure"),
        _name_typo, True,
    ),
    Kind(
        "json-path-gone", _B, "a JSON patch goes through a field that isn't there", ("build-failure", "dead-patch"),
        _path_gone, None,
    ),
    Kind(
        "json-index-gone", _B, "a JSON patch names an item that isn't there", ("build-failure", "dead-patch"),
        _index_gone, True,
    ),
    Kind("stale-patch", "dead", "a patch for an object that is no more", ("dead-patch",), _stale_patch),
    Kind(
        "idle-patch", "dead", "a patch that says what its object says already", ("patch-without-effect",), _idle_patch
    ),
)  # fmt: skip
