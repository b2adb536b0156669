"""Overlays that don't fit their environment, or the others."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from random import Random

from benchmarks.defects.kinds.dead import _added, added_resource
from benchmarks.defects.kinds.kustomizations import entries, shuffled
from benchmarks.defects.model import Kind, Place, Proof, Seed
from benchmarks.defects.site import POD_AT, Site, scalar, value
from benchmarks.defects.text import dig, maps, put, typo, without_item, word
from fairlead.checks.objects import Json, Object
from fairlead.edit.nodes import Mapping, Scalar, scalars
from fairlead.edit.nodes import Sequence as List

_HOST = re.compile(r"(?:[a-z0-9-]+\.){2,}[a-z]{2,}")


def _others(site: Site) -> list[tuple[str, str]]:
    """Words of its own environment, each with one of another's of its chain.

    Chains divide the world each in their own way: a ring may lie within staging, and use what is staging's by right.
    """
    words = site.ground.words
    mine = words.get(site.env, ())
    return [
        (own, other)
        for own in mine
        for env, theirs in words.items()
        if env in site.chained
        for other in theirs[:1]
        if other not in mine
    ]


def _swapped(text: str, own: str, other: str) -> str | None:
    new, count = re.subn(rf"(?<![a-z0-9]){re.escape(own)}(?![a-z0-9])", other, text)
    return new if count else None


def _foreign(site: Site, node: Scalar, random: Random) -> str | None:
    """The value with another environment's word."""
    for own, other in shuffled(_others(site), random):
        new = _swapped(node.value, own, other)
        if new is not None:
            return new
    return None


def _namespace(site: Site, random: Random) -> Iterator[Seed]:
    for one, value_ in site.lists("namespace", own=True):
        node = scalar(value_)
        new = _foreign(site, node, random) if node is not None else None
        if node is not None and new is not None:
            yield Seed({one.path: put(site.text(one.path), node, new).encode()}, (Place(one.path, node.line),))


def own_files(site: Site) -> list[str]:
    """The files that lie in the overlay's folder and that only it reads."""
    prefix = site.folder + "/" if site.folder else ""
    files = sorted(site.ground.graph.closure(site.folder).files)
    return [path for path in files if path.startswith(prefix) and site.ground.stream(path) is not None]


def _host(site: Site, random: Random) -> Iterator[Seed]:
    found = [
        (path, node)
        for path in own_files(site)
        for document in site.ground.stream(path).documents  # type: ignore[union-attr]  # own_files asked
        for node in scalars(document)
        if scalar(node) is not None
        and _HOST.search(node.value)
        and not re.search(r"/v\d|\.io/|kustomize|@", node.value)
    ]
    for path, node in shuffled(found, random):
        host = _HOST.search(node.value)
        for own, other in shuffled(_others(site), random):
            new = _swapped(host[0], own, other) if host is not None else None
            if new is not None and host is not None:
                text = node.value.replace(host[0], new)
                yield Seed(
                    {path: put(site.text(path), node, text).encode()}, (Place(path, node.line),), proof=_mentions(text)
                )
                break


def _mentions(text: str) -> Proof:
    """The proof that some value has this text in it; of a literal, what stands behind its key."""
    wanted = text.partition("=")[2] or text

    def inside(body: Json) -> bool:
        if isinstance(body, dict):
            return any(inside(each) for each in body.values())
        return (
            any(inside(each) for each in body) if isinstance(body, list) else isinstance(body, str) and wanted in body
        )

    return lambda objects: any(inside(one.body) for one in objects)


_KEYS = ("value", "secretName", "claimName", "serviceAccountName", "bucket", "key", "role", "path")


def _reference(site: Site, random: Random) -> Iterator[Seed]:
    """A secret, bucket, role or setting keeps the name that it has in the environment it was copied from."""
    from benchmarks.defects.kinds.hostile import pairs

    found: list[tuple[str, Scalar]] = []
    for path in own_files(site):
        if path.rpartition("/")[2].startswith("kustomization"):
            continue
        for document in site.ground.stream(path).documents:  # type: ignore[union-attr]  # own_files asked
            found += (
                [(path, node) for _, key, node in pairs(document) if key.value in _KEYS] if document is not None else []
            )
    for one, listed in site.lists("configMapGenerator", own=True):
        found += [
            (one.path, n)
            for item in maps(listed)
            for each in getattr(item.get("literals"), "items", ())
            if (n := scalar(each)) is not None
        ]
    for path, node in shuffled(found, random):
        bare = node.value.partition("=")[2] or node.value
        if _HOST.search(bare) or bare in [w for words in site.ground.words.values() for w in words]:
            continue
        new = _foreign(site, node, random)
        if new is not None:
            yield Seed(
                {path: put(site.text(path), node, new).encode()}, (Place(path, node.line),), proof=_mentions(new)
            )


def _base(site: Site, random: Random) -> Iterator[Seed]:
    """The overlay is made of another environment's instead of the base."""
    mates = list(site.mates())
    for one, _, _, node in shuffled(list(entries(site, "resources")), random):
        if (
            one.folder != site.folder
            or not mates
            or not any(r.is_dir and r.where.line == node.line for r in one.references)
        ):
            continue
        back = os.path.relpath(random.choice(mates) or ".", site.folder or ".")
        yield Seed({one.path: put(site.text(one.path), node, back).encode()}, (Place(one.path, node.line),))


def _absent(site: Site, random: Random) -> Iterator[Seed]:
    mates = site.mates()
    used = {path for folder in site.ground.everywhere for path in getattr(site.ground.graph.facts(folder), "paths", ())}
    if (
        len(mates) >= 2
        and site.folder
        and not any(
            path.startswith(site.folder + "/") or path == site.folder for path in used if not _inside(path, site, used)
        )
    ):
        gone = [path for path in site.ground.files if path.startswith(site.folder + "/")]
        named = [Place(path) for mate in mates for path in site.ground.files if path.rpartition("/")[0] == mate]
        yield Seed(dict.fromkeys(gone), (*named, Place(site.ground.config.path)))


def _inside(path: str, site: Site, _used: set[str]) -> bool:
    """Whether only files of the folder itself name this path."""
    for folder in site.ground.everywhere:
        facts = site.ground.graph.facts(folder)
        if facts is not None and path in facts.paths and not (folder + "/").startswith(site.folder + "/"):
            return False
    return True


def _bare(name: str, words: Sequence[str]) -> str:
    """A name without its environment's word, and without the hash of what it holds."""
    for each in words:
        name = re.sub(rf"(?<![a-z0-9]){re.escape(each)}(?![a-z0-9])", "*", name)
    return re.sub(r"-[a-z0-9]{10}$", "", name)


def twins(site: Site, one: Object) -> list[Object] | None:
    """The same object in every other environment of the app; None where one lacks it."""
    out = []
    mine = _bare(one.name, site.ground.words.get(site.env, ()))
    for mate in site.mates():
        env = site.ground.by_folder[mate].id.env
        found = [
            o
            for o in site.ground.objects(mate)
            if o.kind == one.kind and _bare(o.name, site.ground.words.get(env, ())) == mine
        ]
        if len(found) != 1:
            return None
        out += found
    return out or None


def _literal(site: Site, random: Random) -> Iterator[Seed]:
    """A literal was forgotten."""
    for one, listed in site.lists("configMapGenerator", own=True):
        for item in shuffled(maps(listed), random):
            literals = item.get("literals")
            if not isinstance(literals, List):
                continue
            rendered = next(
                (
                    o
                    for o in site.objects
                    if o.kind == "ConfigMap" and _bare(o.name, ()).startswith(word(item.get("name")))
                ),
                None,
            )
            mates = twins(site, rendered) if rendered is not None else None
            for index, each in shuffled(list(enumerate(literals.items)), random):
                key = word(each).partition("=")[0]
                new = without_item(site.text(one.path), literals, index)
                if new is None or mates is None or not all(key in (value(m.body, "data") or ()) for m in mates):
                    continue
                head, generator = item.key("literals"), item.line
                first = literals.items[0].line if index else literals.items[1].line - 1
                name = item.key("name")
                lines = {
                    generator,
                    first,
                    *((head.line,) if head is not None else ()),
                    *((name.line,) if name is not None else ()),
                }
                places = tuple(Place(one.path, line) for line in sorted(lines))
                yield Seed({one.path: new.encode()}, places, proof=_has_no_key(word(item.get("name")), key))


def _has_no_key(name: str, key: str) -> Proof:
    """The proof that a ConfigMap came out without a key: a base may still bring it."""

    def proof(objects: tuple[Object, ...]) -> bool:
        found = [one for one in objects if one.kind == "ConfigMap" and _bare(one.name, ()).startswith(name)]
        return bool(found) and all(key not in (value(one.body, "data") or ()) for one in found)

    return proof


def _part(kind: str) -> Callable[[Site, Random], Iterator[Seed]]:
    """A patch takes away what all other environments have."""

    def sow(site: Site, random: Random) -> Iterator[Seed]:
        found = [(one, path, name) for one in site.objects if one.kind in POD_AT for path, name in _parts(one, kind)]
        for one, path, name in shuffled(found, random):
            mates = twins(site, one)
            if mates is None or not all(any(n == name for _, n in _parts(mate, kind)) for mate in mates):
                continue
            pointer = "/" + "/".join(str(step) for step in path)
            target = f"- target:\n    kind: {one.kind}\n    name: {one.name}\n"
            lines = f"{target}  patch: |-\n    - op: remove\n      path: {pointer}\n"
            for seed in _added(site, "patches", lines, 1):
                (first,) = seed.at
                places = [Place(first.path, first.line + n) for n in (0, 1, 3, 4, 5)]
                places += _holders(site, one, path)
                yield Seed(seed.files, tuple(places), one.label, _lacks(one.label, kind, name))

    return sow


def _holders(site: Site, one: Object, path: tuple[str | int, ...]) -> Iterator[Place]:
    """Where the container stands that lacks something; of a container, the pod that lacks it."""
    at = POD_AT[one.kind]
    for source in site.sources:
        if source.object.label != one.label:
            continue
        pod = dig(source.node, *at)
        key = pod.key("containers") if isinstance(pod, Mapping) else None
        if len(path) == len(at) + 2 and key is not None:
            yield Place(source.path, key.line)
        wanted = value(one.body, *path[: len(at) + 2], "name")
        for item in maps(dig(pod, "containers")) if len(path) > len(at) + 2 else ():
            field = item.key(str(path[len(at) + 2]))
            if word(item.get("name")) == wanted:
                keys = (item, item.key("name"), field)
                yield from (Place(source.path, key.line) for key in keys if key is not None)


def _lacks(label: str, kind: str, name: object) -> Proof:
    def proof(objects: tuple[Object, ...]) -> bool:
        found = [one for one in objects if one.label == label]
        return len(found) == 1 and not any(n == name for _, n in _parts(found[0], kind))

    return proof


def _parts(one: Object, kind: str) -> Iterator[tuple[tuple[str | int, ...], object]]:
    """Containers, ports or variables of an object: where, and by which name."""
    at = POD_AT.get(one.kind)
    for index, container in enumerate(value(one.body, *at, "containers") or () if at else ()):
        if not isinstance(container, dict) or at is None:
            continue
        way: tuple[str | int, ...] = (*at, "containers", index)
        name = container.get("name")
        if kind == "container":
            if len(value(one.body, *at, "containers")) > 1:
                yield way, name
            continue
        field, key = ("ports", "containerPort") if kind == "port" else ("env", "name")
        for number, item in enumerate(container.get(field) or ()):
            if isinstance(item, dict):
                yield (*way, field, number), (name, item.get(key))


def _collision(site: Site, random: Random) -> Iterator[Seed]:
    """A second app brings an object of the first."""
    if site.overlay is None:
        return
    mine = site.overlay.id
    namespaces = {one.namespace for one in site.objects if one.namespace}
    found = [
        one
        for other in site.ground.layout.overlays
        if other.id.env == mine.env and other.id.app != mine.app and other.id.cluster == mine.cluster
        for one in site.ground.objects(other.path)
        if one.kind in ("ConfigMap", "ServiceAccount") and one.namespace in namespaces
    ]
    for one in shuffled(found, random)[:4]:
        if site.named(one.kind, one.name) is not None or re.search(r"-[a-z0-9]{10}$", one.name):
            continue
        text = f"apiVersion: v1\nkind: {one.kind}\nmetadata:\n  name: {one.name}\n  namespace: {one.namespace}\n"
        for files, path in added_resource(site, "seeded-copy.yaml", text):
            yield Seed(files, tuple(Place(path, line) for line in range(1, 6)), one.label, _brings(one))


def _brings(wanted: Object) -> Proof:
    return lambda objects: any(one.label == wanted.label and one.namespace == wanted.namespace for one in objects)


_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


def _ahead(site: Site, random: Random) -> Iterator[Seed]:
    order = _order(site)
    earlier = [m for m in site.mates() if site.ground.by_folder[m].id.env in order]
    if not earlier:
        return
    for one, listed in site.lists("images", own=True):
        for item in shuffled(maps(listed), random):
            node = scalar(item.get("newTag"))
            found = _VERSION.fullmatch(node.value) if node is not None else None
            image = word(item.get("newName")) or word(item.get("name"))
            if node is None or found is None or not all(_runs(site, mate, image) for mate in earlier):
                continue
            tags = [int(m[1]) for mate in earlier for t in _runs(site, mate, image) if (m := _VERSION.fullmatch(t))]
            if tags:
                new = f"{'v' if node.value.startswith('v') else ''}{max([*tags, int(found[1])]) + 1}.0.0"
                text = put(site.text(one.path), node, f'"{new}"' if node.style else new)
                yield Seed({one.path: text.encode()}, (Place(one.path, node.line),))


def _runs(site: Site, folder: str, image: str) -> list[str]:
    out = []
    for one in site.ground.objects(folder):
        at = POD_AT.get(one.kind)
        for container in value(one.body, *at, "containers") or () if at else ():
            name, _, tag = str(value(container, "image") or "").rpartition(":")
            if name == image:
                out.append(tag)
    return out


def _order(site: Site) -> list[str]:
    """The environments before its own."""
    for chain in site.ground.config.chains:
        for number, stage in enumerate(chain):
            if site.env in stage:
                return [env for earlier in chain[:number] for env in earlier]
    return []


def _unchained(site: Site, random: Random) -> Iterator[Seed]:
    """A copy of the overlay for an environment that nobody knows."""
    if site.overlay is None or not site.folder or site.own is None:
        return
    known = {w for words in site.ground.words.values() for w in words}
    parts = site.folder.split("/")
    at = [n for n, part in enumerate(parts) if part in site.ground.words.get(site.env, ())]
    new = typo(parts[at[-1]], random) if at else ""
    if not at or new in known or at[-1] != len(parts) - 1:
        return
    folder = "/".join([*parts[:-1], new])
    files = {
        folder + path[len(site.folder) :]: site.ground.snapshot.read(path)
        for path in site.ground.files
        if path.startswith(site.folder + "/")
    }
    own = folder + site.own.path[len(site.folder) :]
    if not any(path.startswith(folder + "/") for path in site.ground.files):
        yield Seed(files, (Place(own), Place(own, 1)), overlay=folder)


_E = "environment"
KINDS = (
    Kind("foreign-namespace", _E, "the namespace of another environment", ("foreign-namespace",), _namespace, None),
    Kind("foreign-host", _E, "a host of another environment", ("foreign-host",), _host),
    Kind(
        "foreign-name",
        _E,
        "a name or setting of another environment",
        ("foreign-reference", "foreign-host"),
        _reference,
    ),
    Kind("foreign-base", _E, "the overlay is made of another environment's", ("foreign-reference",), _base),
    Kind("absent-app", _E, "an environment lacks an app", ("absent-app",), _absent, None, lines=False),
    Kind("absent-key", _E, "a ConfigMap lacks a key", ("parity",), _literal),
    Kind("absent-variable", _E, "a container lacks a variable", ("parity",), _part("variable")),
    Kind("absent-port", _E, "a container lacks a port", ("parity",), _part("port")),
    Kind("absent-container", _E, "a pod lacks a container", ("parity",), _part("container")),
    Kind("collision", _E, "two apps bring one object", ("colliding-object",), _collision),
    Kind("version-ahead", _E, "a version that no earlier environment has", ("version-order",), _ahead),
    Kind("unchained", _E, "an overlay that no chain leads to", ("unchained-overlay",), _unchained, None),
)
