"""Entries that change nothing, and files that nobody reads."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from benchmarks.defects.kinds.kustomizations import entries, shuffled
from benchmarks.defects.model import Kind, Place, Seed
from benchmarks.defects.site import Site, scalar
from benchmarks.defects.text import insert, item_span, maps, put, typo, without_item
from fairlead.edit.nodes import Sequence


def _image_typo(site: Site, random: Random) -> Iterator[Seed]:
    for one, value in site.lists("images"):
        for image in shuffled(maps(value), random):
            node = scalar(image.get("name"))
            if node is not None and len(node.value) > 3:
                head, slash, last = node.value.rpartition("/")
                new = put(site.text(one.path), node, head + slash + typo(last, random))
                yield Seed({one.path: new.encode()}, (Place(one.path, node.line),))


def _added(site: Site, field: str, lines: str, at: int) -> Iterator[Seed]:
    """Another entry at the end of a list of the overlay's own kustomization; `at` counts its lines from 1."""
    own = site.own
    if own is None or own.body is None:
        return
    value, text = own.body.get(field), site.text(own.path)
    head = text if text.endswith("\n") else text + "\n"
    if value is None:
        first = head.count("\n") + 1
        yield Seed({own.path: f"{head}{field}:\n{lines}".encode()}, (Place(own.path, first + at),))
        return
    last = item_span(text, value, len(value.items) - 1) if isinstance(value, Sequence) and value.items else None
    if last is not None:
        indent = " " * (value.column - 1)
        new = insert(text, last[1] + 1, "".join(indent + each + "\n" for each in lines.splitlines()))
        yield Seed({own.path: new.encode()}, (Place(own.path, last[1] + at),))


def added_resource(site: Site, name: str, text: str) -> Iterator[tuple[dict[str, bytes | None], str]]:
    """A file beside the overlay's own kustomization, and the entry that brings it in."""
    path = f"{site.folder}/{name}" if site.folder else name
    for seed in _added(site, "resources", f"- {name}\n", 1):
        yield {**seed.files, path: text.encode()}, path


def _stale_image(site: Site, random: Random) -> Iterator[Seed]:
    name = random.choice(
        ("registry.example.com/shop/legacy", "docker.io/library/memcached", "ghcr.io/example/old-worker")
    )
    yield from _added(site, "images", f"- name: {name}\n  newTag: v{random.randint(1, 9)}.2.0\n", 1)


def _dead_replicas(site: Site, random: Random) -> Iterator[Seed]:
    scaled = [one.name for one in site.objects if one.kind in ("Deployment", "StatefulSet")]
    if scaled:
        name = typo(random.choice(scaled), random)
        yield from _added(site, "replicas", f"- name: {name}\n  count: {random.randint(1, 9)}\n", 1)


def _dead_label(site: Site, random: Random) -> Iterator[Seed]:
    """Labels that every object has already."""
    common: set[tuple[str, str]] | None = None
    for one in site.objects:
        meta = one.body.get("metadata")
        labels = meta.get("labels") if isinstance(meta, dict) else None
        mine = {(k, v) for k, v in (labels or {}).items() if isinstance(v, str)}
        common = mine if common is None else common & mine
    if common:
        key, text = random.choice(sorted(common))
        for seed in _added(site, "labels", f"- pairs:\n    {key}: {text!r}\n", 1):
            (place,) = seed.at
            yield Seed(seed.files, (place, Place(place.path, place.line + 1)))


def _dead_replacement(site: Site, random: Random) -> Iterator[Seed]:
    kinds = [
        one for one in site.objects if one.kind in ("Deployment", "Service", "ConfigMap", "ServiceAccount") and one.name
    ]
    if kinds:
        one = random.choice(kinds)
        lines = (
            f"- source:\n    kind: {one.kind}\n    name: {one.name}\n    fieldPath: metadata.name\n"
            f"  targets:\n  - select:\n      kind: Deployment\n      name: {typo(one.name, random)}-none\n"
            "    fieldPaths:\n    - metadata.annotations.seeded\n"
        )
        for seed in _added(site, "replacements", lines, 6):
            (place,) = seed.at
            yield Seed(seed.files, tuple(Place(place.path, place.line + n) for n in range(3)))


def _image_twice(site: Site, random: Random) -> Iterator[Seed]:
    for one, value in site.lists("images"):
        for index, image in enumerate(maps(value)):
            name = scalar(image.get("name"))
            lines = item_span(site.text(one.path), value, index) if isinstance(value, Sequence) else None
            if name is None or lines is None or image.get("newTag") is None or not isinstance(value, Sequence):
                continue
            last = item_span(site.text(one.path), value, len(value.items) - 1)
            if last is None:
                continue
            indent = " " * (value.column - 1)
            entry = f"{indent}- name: {name.value}\n{indent}  newTag: v{random.randint(1, 9)}.7.3\n"
            new = insert(site.text(one.path), last[1] + 1, entry)
            yield Seed({one.path: new.encode()}, (Place(one.path, last[1] + 1), Place(one.path, lines[0])))


def _forgotten(site: Site, random: Random) -> Iterator[Seed]:
    named = [
        path for folder in site.ground.everywhere for path in (getattr(site.ground.graph.facts(folder), "paths", ()))
    ]
    for one, sequence, index, node in shuffled(list(entries(site, "resources")), random):
        found = [str(r.path) for r in one.references if r.where.line == node.line and r.found and not r.is_dir]
        new = without_item(site.text(one.path), sequence, index)
        if found and new is not None and named.count(found[0]) == 1:
            yield Seed({one.path: new.encode()}, (Place(found[0], 0), Place(found[0], 1)))


def _unused_component(site: Site, random: Random) -> Iterator[Seed]:
    folder = f"{site.folder}/unused-component" if site.folder else "unused-component"
    path = f"{folder}/kustomization.yaml"
    text = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels:\n- pairs:\n    seeded: 'yes'\n"
    if path not in site.ground.files:
        yield Seed({path: text.encode()}, tuple(Place(path, n) for n in range(3)))


_D = "dead"
KINDS = (
    Kind("image-typo", _D, "the name of an images entry is misspelled", ("dead-image",), _image_typo),
    Kind("stale-image", _D, "an images entry for what no container runs", ("dead-image",), _stale_image),
    Kind(
        "image-twice", _D, "two entries for one image", ("duplicate-entry", "dead-image"), _image_twice
    ),
    Kind(
        "dead-replicas", _D, "a count for what isn't there", ("build-failure",),
        _dead_replicas, None,
    ),
    Kind(
        "dead-label", _D, "a label that all objects have already",
        ("dead-label",), _dead_label,
    ),
    Kind("dead-replacement", _D, "a replacement into nothing", ("dead-replacement",), _dead_replacement),
    Kind("forgotten-file", _D, "a file that no kustomization reads any more", ("unread-file",), _forgotten),
    Kind(
        "unused-component", _D, "a component that nobody uses",
        ("unused-base", "unread-file"), _unused_component,
    ),
)  # fmt: skip
