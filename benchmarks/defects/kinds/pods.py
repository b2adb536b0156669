"""Pods that are not fixed, not limited, not asked how they are, or may more than they ought to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

from benchmarks.defects.kinds.kustomizations import shuffled
from benchmarks.defects.model import Kind, Place, Proof, Seed
from benchmarks.defects.site import POD_AT, Container, Site, Source, proved, scalar, value
from benchmarks.defects.text import dig, insert, maps, put, span, without
from fairlead.checks.objects import Object
from fairlead.edit.nodes import Mapping, Scalar, Sequence

_MOVING = ("latest", "main", "master", "nightly")


def _tag_of(image: str) -> str:
    last = image.rpartition("/")[2]
    return "" if "@" in last else last.partition(":")[2]


def _moving(site: Site, random: Random) -> Iterator[Seed]:
    if not site.protected:
        return
    tag = random.choice(_MOVING[:1] * 3 + _MOVING[1:])
    for one, images in site.lists("images"):
        for image in shuffled(maps(images), random):
            node = scalar(image.get("newTag"))
            if node is not None and image.get("digest") is None:
                new = put(site.text(one.path), node, f'"{tag}"' if node.style else tag)
                yield Seed({one.path: new.encode()}, (Place(one.path, node.line),), proof=_runs(site, f":{tag}"))
    for container in shuffled(site.containers(), random):
        node = scalar(container.node.get("image"))
        if node is not None and _tag_of(node.value):
            bare = node.value.rpartition(":")[0]
            yield container.source.written(
                node,
                f"{bare}:{tag}",
                proved(container.source.object.label, *container.way, "image", is_=f"{bare}:{tag}"),
            )


def _runs(site: Site, ending: str) -> Proof:
    """The proof that one more container runs an image with this ending."""
    before = Counter(image for image in _images(site.objects) if image.endswith(ending))

    def proof(objects: tuple[Object, ...]) -> bool:
        return Counter(image for image in _images(objects) if image.endswith(ending)) > before

    return proof


def _images(objects: tuple[Object, ...]) -> Iterator[str]:
    """All images that containers run."""
    for one in objects:
        at = POD_AT.get(one.kind)
        for container in value(one.body, *at, "containers") or () if at else ():
            if isinstance(container, dict) and isinstance(container.get("image"), str):
                yield container["image"]


def _no_tag(site: Site, random: Random) -> Iterator[Seed]:
    if not site.protected:
        return
    for container in shuffled(site.containers(), random):
        node = scalar(container.node.get("image"))
        if node is not None and _tag_of(node.value):
            bare = node.value.rpartition(":")[0]
            yield container.source.written(
                node, bare, proved(container.source.object.label, *container.way, "image", is_=bare)
            )


def _no_digest(site: Site, random: Random) -> Iterator[Seed]:
    if not site.env:
        return  # it is environments that ask for digests
    for one, images in site.lists("images"):
        for image in shuffled(maps(images), random):
            node = scalar(image.get("digest"))
            key = image.key("digest")
            if node is not None and key is not None:
                text = put(site.text(one.path), node, "v1.0.0")
                new = text[: key.start] + "newTag" + text[key.end :]
                yield Seed({one.path: new.encode()}, (Place(one.path, node.line),), proof=_runs(site, ":v1.0.0"))
    for container in shuffled(site.containers(), random):
        node = scalar(container.node.get("image"))
        if node is not None and "@sha256:" in node.value:
            bare = node.value.partition("@")[0]
            bare = bare if _tag_of(bare) else bare + ":v1.0.0"
            yield container.source.written(
                node, bare, proved(container.source.object.label, *container.way, "image", is_=bare)
            )


def _without(
    site: Site, random: Random, *keys: str, only: Callable[[Container], bool] = lambda _: True
) -> Iterator[Seed]:
    """Parts of a container are dropped; the container is what remains to be told of."""
    for container in shuffled([each for each in site.containers() if only(each)], random):
        key = random.choice(keys)
        if value(container.body, key) is None:
            continue
        new = without(container.source.text, container.node, key)
        lines = span(container.source.text, container.node, key)
        name = container.node.key("name")
        if new is None or lines is None or name is None:
            continue
        gone = lines[1] - lines[0] + 1
        at = {line - gone if line > lines[0] else line for line in (container.node.line, name.line)}
        proof = proved(container.source.object.label, *container.way, key, is_=None)
        places = tuple(Place(container.source.path, line) for line in sorted(at))
        yield Seed({container.source.path: new.encode()}, places, container.source.object.label, proof)


def _no_resources(site: Site, random: Random) -> Iterator[Seed]:
    return _without(site, random, "resources")


def _no_probe(site: Site, random: Random) -> Iterator[Seed]:
    """Of containers that a Service leads to."""
    return _without(site, random, "readinessProbe", "livenessProbe", only=lambda container: _served(site, container))


def _served(site: Site, container: Container) -> bool:
    if value(container.body, "startupProbe") is not None:
        return False
    labels = value(container.source.object.body, *container.way[:2], "metadata", "labels")
    ports = {p.get(key) for p in value(container.body, "ports") or () for key in ("name", "containerPort")}
    for one in site.objects:
        selector = value(one.body, "spec", "selector") if one.kind == "Service" else None
        if isinstance(selector, dict) and selector and isinstance(labels, dict) and selector.items() <= labels.items():
            targets = {p.get("targetPort", p.get("port")) for p in value(one.body, "spec", "ports") or ()}
            if targets & ports:
                return True
    return False


def _free(site: Site, source: Source) -> bool:
    """Whether a pod's namespace says by its label that there everything is allowed: then nothing is a defect."""
    label = "pod-security.kubernetes.io/enforce"
    space = site.named("Namespace", source.object.namespace)
    return space is not None and value(space.body, "metadata", "labels", label) == "privileged"


def _no_context(site: Site, random: Random) -> Iterator[Seed]:
    return _without(site, random, "securityContext", only=lambda container: not _free(site, container.source))


def _put_into(container: Container, lines: str, count: int = 1) -> Seed:
    """More lines at the end of a container."""
    indent = " " * (container.node.column - 1)
    text = container.source.text
    first = container.node.items[0][0].line
    spans = [span(text, container.node, key.value) for key, _ in container.node.items[1:]]
    after = max([first, *[each[1] for each in spans if each is not None]])
    new = insert(text, after + 1, "".join(f"{indent}{line}\n" for line in lines.splitlines()))
    return container.source.seed(new, after + count)


def _bound(site: Site) -> list[Container]:
    return [container for container in site.containers() if not _free(site, container.source)]


def _privileged(site: Site, random: Random) -> Iterator[Seed]:
    for container in shuffled(_bound(site), random):
        label, way = container.source.object.label, (*container.way, "securityContext")
        context = container.node.get("securityContext")
        if context is None and value(container.body, "securityContext") is None and len(container.node.items) > 1:
            seed = _put_into(container, "securityContext:\n  privileged: true", 2)
            yield Seed(seed.files, seed.at, label, proved(label, *way, "privileged", is_=True))
        elif (
            isinstance(context, Mapping)
            and not context.flow
            and context.get("privileged") is None
            and context.get("allowPrivilegeEscalation") is None
        ):
            new = insert(container.source.text, context.line, " " * (context.column - 1) + "privileged: true\n")
            yield container.source.seed(new, context.line, proved(label, *way, "privileged", is_=True))


def _capability(site: Site, random: Random) -> Iterator[Seed]:
    added = random.choice(("SYS_ADMIN", "NET_ADMIN", "ALL"))
    for container in shuffled(_bound(site), random):
        if (
            container.node.get("securityContext") is None
            and value(container.body, "securityContext") is None
            and len(container.node.items) > 1
        ):
            lines = f"securityContext:\n  capabilities:\n    add:\n    - {added}"
            seed = _put_into(container, lines, 4)
            way = (*container.way, "securityContext", "capabilities", "add", 0)
            yield Seed(seed.files, seed.at, seed.subject, proved(seed.subject, *way, is_=added))


def _host(site: Site, random: Random) -> Iterator[Seed]:
    key = random.choice(("hostNetwork", "hostPID", "hostIPC"))
    for source in shuffled(site.of_kind(*POD_AT), random):
        at = POD_AT[source.object.kind]
        node = dig(source.node, *at)
        free = _free(site, source)
        if isinstance(node, Mapping) and not node.flow and not free and value(source.object.body, *at, key) is None:
            new = insert(source.text, node.line, " " * (node.column - 1) + f"{key}: true\n")
            yield source.seed(new, node.line, proved(source.object.label, *at, key, is_=True))


def _host_path(site: Site, random: Random) -> Iterator[Seed]:
    for source in shuffled(site.of_kind(*POD_AT), random):
        at = POD_AT[source.object.kind]
        volumes = dig(source.node, *at, "volumes")
        if not isinstance(volumes, Sequence) or volumes.flow or _free(site, source):
            continue
        for item in shuffled(maps(volumes), random):
            node = item.get("emptyDir")
            key = item.key("emptyDir")
            if isinstance(node, Mapping) and node.flow and key is not None and key.line == node.line:
                new = source.text[: key.start] + "hostPath: {path: /var/run}" + source.text[node.end :]
                yield source.seed(new, key.line)


def _label_lost(site: Site, random: Random) -> Iterator[Seed]:
    wanted: tuple[str, ...] = getattr(site.ground.config.check, "labels", ())
    for source in shuffled(list(site.sources), random):
        labels, meta = dig(source.node, "metadata", "labels"), source.node.get("metadata")
        for name in wanted:
            if not isinstance(labels, Mapping) or labels.get(name) is None or not isinstance(meta, Mapping):
                continue
            whole = len(labels.items) == 1
            holder, key = (meta, "labels") if whole else (labels, name)
            new, lines = without(source.text, holder, key), span(source.text, holder, key)
            head = source.node.key("metadata") if whole else meta.key("labels")
            if new is not None and lines is not None and head is not None:
                near = {head.line, labels.items[0][0].line if not whole else meta.items[0][0].line}
                gone = lines[1] - lines[0] + 1
                at = {line - gone if line > lines[1] else line for line in near}
                proof = proved(source.object.label, "metadata", "labels", *(() if whole else (name,)), is_=None)
                places = tuple(Place(source.path, line) for line in sorted(at))
                yield Seed({source.path: new.encode()}, places, source.object.label, proof)


def _twice(site: Site, random: Random) -> Iterator[Seed]:
    for container in shuffled(site.containers(), random):
        for key in shuffled(["env", "volumeMounts", "ports"], random):
            named = "mountPath" if key == "volumeMounts" else "name"
            items = container.node.get(key)
            found = [scalar(item.get(named)) for item in maps(items)]
            nodes: list[Scalar] = [node for node in found if node is not None]
            if len(nodes) > 1 and len({node.value for node in nodes}) == len(nodes):
                one, other = random.sample(nodes, 2)
                later = max(one, other, key=lambda node: node.line)
                earlier = min(one, other, key=lambda node: node.line)
                seed = container.source.written(later, container.source.text[earlier.start : earlier.end])
                places = (*seed.at, Place(container.source.path, earlier.line))
                yield Seed(seed.files, places, seed.subject, _doubled(seed.subject, container.way, key, named))


def _doubled(label: str, way: tuple[str | int, ...], key: str, named: str) -> Proof:
    """The proof that two items of a list have one name."""

    def proof(objects: tuple[Object, ...]) -> bool:
        found = [value(one.body, *way, key) for one in objects if one.label == label]
        names = [item.get(named) for item in found[0] or () if isinstance(item, dict)] if found else []
        return len(names) > len(set(names))

    return proof


_S = "safety"
KINDS = (
    Kind("moving-tag", _S, "a tag that moves, in production", ("mutable-tag",), _moving),
    Kind("no-tag", _S, "an image without a tag, in production", ("mutable-tag",), _no_tag),
    Kind("no-digest", _S, "a tag where a digest is required", ("digest-required",), _no_digest, variant="digest"),
    Kind("no-resources", _S, "a container lost its requests and limits", ("resources",), _no_resources),
    Kind("no-probe", _S, "a container behind a Service lost a probe", ("probes",), _no_probe),
    Kind(
        "no-context", _S, "a container lost its security context", ("pod-security",), _no_context, variant="restricted"
    ),
    Kind("privileged", _S, "a privileged container", ("pod-security",), _privileged),
    Kind("capability", _S, "a capability that is the host's", ("pod-security",), _capability),
    Kind("host-namespace", _S, "a pod in a namespace of the host", ("pod-security",), _host),
    Kind("host-path", _S, "a volume that is a folder of the host", ("pod-security",), _host_path),
    Kind("label-lost", _S, "an object without a required label", ("required-labels",), _label_lost, None),
    Kind("same-name", _S, "two of one name in a container", ("duplicate-name", "schema"), _twice, None),
)
