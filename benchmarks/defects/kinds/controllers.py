"""What Argo CD and Flux are told: paths, variables, images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from benchmarks.defects.kinds.hostile import pairs
from benchmarks.defects.kinds.kustomizations import shuffled
from benchmarks.defects.kinds.references import mentions
from benchmarks.defects.model import Kind, Place, Seed
from benchmarks.defects.site import Site, Source, scalar
from benchmarks.defects.text import dig, insert, maps, typo, word
from fairlead.edit.nodes import Mapping, Scalar

_FLUX = "kustomize.toolkit.fluxcd.io"


def _reconcilers(site: Site, flux: bool) -> Iterator[tuple[Source, Mapping, Scalar, str]]:
    """Objects that lead to a folder that is there: the map with the path, its node, the folder."""
    for source in site.of_kind("Kustomization") if flux else site.of_kind("Application", "ApplicationSet"):
        if flux and source.object.group != _FLUX:
            continue
        ways = [("spec",)] if flux else [("spec", "source"), ("spec", "template", "spec", "source")]
        for way in ways:
            holder = dig(source.node, *way)
            node = scalar(holder.get("path")) if isinstance(holder, Mapping) else None
            if isinstance(holder, Mapping) and node is not None and "{{" not in node.value:
                folder = node.value.strip().removeprefix("./").strip("/")
                if folder and site.ground.snapshot.is_dir(folder):
                    yield source, holder, node, folder


def _path(site: Site, random: Random, *, flux: bool) -> Iterator[Seed]:
    for source, _, node, folder in shuffled(list(_reconcilers(site, flux)), random):
        head, slash, last = node.value.rstrip("/").rpartition("/")
        new = head + slash + typo(last, random)
        if not site.ground.snapshot.is_dir(folder.rpartition("/")[0] + "/" + new.rpartition("/")[2]):
            yield source.written(node, new, mentions(source.object.label, new))


def _flux_path(site: Site, random: Random) -> Iterator[Seed]:
    return _path(site, random, flux=True)


def _argo_path(site: Site, random: Random) -> Iterator[Seed]:
    return _path(site, random, flux=False)


_SUBSTITUTED: dict[int, frozenset[str]] = {}


def _substituted(site: Site) -> frozenset[str]:
    """The folders that Flux puts variables into, all of which are known: none comes from outside of the repository."""
    ground = site.ground
    if id(ground) not in _SUBSTITUTED:
        found: set[str] = set()
        guessed: set[str] = set()
        brought = {one.label for folder in ground.folders for one in ground.objects(folder)}
        for path in ground.files:
            if path.endswith((".yaml", ".yml")) and b"postBuild" in ground.snapshot.read(path):
                stream = ground.stream(path)
                for document in stream.documents if stream is not None else ():
                    folder = word(dig(document, "spec", "path")).removeprefix("./").strip("/")
                    if dig(document, "spec", "postBuild", "substitute") is not None:
                        found.add(folder)
                    for source in maps(dig(document, "spec", "postBuild", "substituteFrom")):
                        if f"{word(source.get('kind'))}/{word(source.get('name'))}" not in brought:
                            guessed.add(folder)
        _SUBSTITUTED[id(ground)] = frozenset(found - guessed)
    return _SUBSTITUTED[id(ground)]


def _variable(site: Site, random: Random) -> Iterator[Seed]:
    if site.folder not in _substituted(site):
        return
    for source in shuffled(list(site.sources), random):
        found = [
            value
            for _, key, value in pairs(source.node)
            if key.value not in ("apiVersion", "kind", "name", "namespace")
            and not value.style
            and value.value.isalpha()
            and value.value not in ("true", "false", "null")
        ]
        for node in shuffled(found, random)[:3]:
            yield source.written(node, "${seeded_variable}", mentions(source.object.label, "${seeded_variable}"))


def _image(site: Site, random: Random) -> Iterator[Seed]:
    """The Application says another tag than the overlay that it leads to."""
    for source, holder, node, folder in shuffled(list(_reconcilers(site, flux=False)), random):
        kustomization = site.ground.graph.kustomization(folder)
        body = kustomization.body if kustomization is not None else None
        images = [
            word(i.get("name"))
            for i in maps(body.get("images") if body is not None else None)
            if i.get("newTag") is not None
        ]
        if not images or holder.flow or holder.get("kustomize") is not None:
            continue
        name, indent = random.choice(images), " " * (node.column - 1 - len("path: "))
        key = holder.key("path")
        if key is None:
            continue
        indent = " " * (key.column - 1)
        lines = f"{indent}kustomize:\n{indent}  images:\n{indent}  - {name}:v0.0.1-seeded\n"
        new = insert(source.text, key.line + 1, lines)
        yield Seed({source.path: new.encode()}, (Place(source.path, key.line + 3),), source.object.label)


def _unreconciled(site: Site, random: Random) -> Iterator[Seed]:
    """Nothing leads to an environment any more: each object that did names another one's overlay."""
    ground = site.ground
    for flux in shuffled([True, False], random):
        led = {folder for _, _, _, folder in _reconcilers(site, flux)}
        envs = {ground.by_folder[folder].id.env for folder in led if folder in ground.by_folder}
        for env in shuffled(sorted(envs), random):
            folders = [o.path for o in ground.layout.overlays if o.id.env == env and ground.objects(o.path)]
            others = [o.path for o in ground.layout.overlays if o.id.env != env and ground.objects(o.path)]
            files: dict[str, bytes | None] = {}
            for folder in folders if others else ():
                for path in _naming(site, folder):
                    new = _led(files.get(path) or ground.snapshot.read(path), folder, random.choice(others))
                    files |= {path: new} if new is not None else {}
            if files:
                own = [Place(path) for path in ground.files if path.rpartition("/")[0] in folders]
                yield Seed(files, (*own, *map(Place, files)), overlay=folders[0])


def _naming(site: Site, folder: str) -> list[str]:
    """The files that name a folder, below which it may lie."""
    word_ = folder.encode()
    return [
        path
        for path in site.ground.files
        if path.endswith((".yaml", ".yml")) and word_ in site.ground.snapshot.read(path)
    ]


def _led(data: bytes, folder: str, other: str) -> bytes | None:
    found = rb"(?m)(path:\s*[\"']?(?:\./)?)" + re.escape(folder).encode() + rb"(?=/?[\"']?\s*$)"
    new, count = re.subn(found, lambda hit: hit[1] + other.encode(), data)
    return new if count else None


_C = "controllers"
KINDS = (
    Kind("flux-path", _C, "a Flux Kustomization leads to no folder", ("reconciler-path",), _flux_path),
    Kind("argo-path", _C, "an Application leads to no folder", ("reconciler-path",), _argo_path),
    Kind("unset-variable", _C, "a variable that Flux has no value for", ("unset-variable",), _variable),
    Kind("image-override", _C, "an Application that contradicts its overlay's image", ("overriding-image",), _image),
    Kind(
        "unreconciled",
        _C,
        "an overlay that nobody deploys any more",
        ("unreconciled-environment",),
        _unreconciled,
        lines=False,
    ),
)
