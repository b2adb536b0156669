"""Objects that Kubernetes would refuse, or understand otherwise than they were meant."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from benchmarks.defects.kinds.hostile import pairs
from benchmarks.defects.kinds.kustomizations import shuffled
from benchmarks.defects.model import Kind, Place, Proof, Seed
from benchmarks.defects.site import POD_AT, Container, Site, Source, changed, proved, scalar
from benchmarks.defects.text import dig, maps, put, span, typo, without, word
from fairlead.checks.objects import Json, Object
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Value

_BUILT_IN = (
    *POD_AT,
    "Service",
    "Ingress",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "PersistentVolumeClaim",
    "NetworkPolicy",
)
# Maps whose keys are anybody's.
_FREE = frozenset(
    (
        "labels", "annotations", "matchLabels", "selector", "nodeSelector", "limits", "requests", "data", "podSelector",
        "namespaceSelector", "parameters", "stringData",
    )
)  # fmt: skip
_GONE = {
    "HorizontalPodAutoscaler": ("autoscaling/v2beta1", "autoscaling/v2beta2"),
    "PodDisruptionBudget": ("policy/v1beta1",),
    "CronJob": ("batch/v1beta1",),
    "Ingress": ("extensions/v1beta1", "networking.k8s.io/v1beta1"),
    "Deployment": ("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2"),
    "StatefulSet": ("apps/v1beta1", "apps/v1beta2"),
    "DaemonSet": ("extensions/v1beta1", "apps/v1beta2"),
    "NetworkPolicy": ("extensions/v1beta1",),
    "ClusterRole": ("rbac.authorization.k8s.io/v1beta1",),
    "Role": ("rbac.authorization.k8s.io/v1beta1",),
    "ClusterRoleBinding": ("rbac.authorization.k8s.io/v1beta1",),
    "RoleBinding": ("rbac.authorization.k8s.io/v1beta1",),
    "CustomResourceDefinition": ("apiextensions.k8s.io/v1beta1",),
}


def _strict(node: Value, way: tuple[str, ...] = ()) -> Iterator[tuple[Mapping, Scalar, tuple[str, ...]]]:
    """Keys below a node that a schema knows, each with its map and the keys above it."""
    if isinstance(node, Mapping):
        for key, value in node.items:
            if not node.flow and not node.shared and not key.style and key.value.isalpha() and len(key.value) > 3:
                yield node, key, way
            if key.value not in _FREE:
                yield from _strict(value, (*way, key.value))
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _strict(item, way)


def holds(label: str, key: str) -> Proof:
    """The proof that an object has a key anywhere in it."""

    def inside(body: Json) -> bool:
        if isinstance(body, dict):
            return key in body or any(inside(each) for each in body.values())
        return isinstance(body, list) and any(inside(each) for each in body)

    def proof(objects: tuple[Object, ...]) -> bool:
        return any(one.label == label and inside(one.body) for one in objects)

    return proof


def _unknown(sources: list[Source], random: Random) -> Iterator[Seed]:
    for source in shuffled(sources, random):
        spec = source.node.get("spec")
        for _, key, _ in shuffled(list(_strict(spec)) if spec is not None else [], random)[:6]:
            new = typo(key.value, random)
            yield source.written(key, new, holds(source.object.label, new))


def _unknown_field(site: Site, random: Random) -> Iterator[Seed]:
    return _unknown(site.of_kind(*_BUILT_IN), random)


_INTEGERS = ("replicas", "containerPort", "port", "terminationGracePeriodSeconds", "initialDelaySeconds",
             "periodSeconds", "failureThreshold", "timeoutSeconds", "minReplicas", "maxReplicas",
             "revisionHistoryLimit", "backoffLimit")  # fmt: skip
_BOOLEANS = ("readOnly", "privileged", "runAsNonRoot", "allowPrivilegeEscalation", "readOnlyRootFilesystem", "suspend",
             "hostNetwork", "automountServiceAccountToken")  # fmt: skip


def _text_for_number(site: Site, random: Random) -> Iterator[Seed]:
    for source in shuffled(site.of_kind(*_BUILT_IN), random):
        found = [
            v
            for m, k, v in pairs(source.node)
            if k.value in _INTEGERS and v.value.isdigit() and not v.style and m.get("number") is None
        ]
        for node in shuffled(found, random)[:3]:
            yield source.written(node, f'"{node.value}"' if random.random() < 0.5 else "four", changed(source.object))


def _text_for_boolean(site: Site, random: Random) -> Iterator[Seed]:
    for source in shuffled(site.of_kind(*_BUILT_IN), random):
        found = [v for _, k, v in pairs(source.node) if k.value in _BOOLEANS and v.value in ("true", "false")]
        for node in shuffled(found, random)[:3]:
            yield source.written(node, f'"{node.value}"', changed(source.object))


def variables(container: Container) -> list[tuple[Mapping, Scalar]]:
    """The variables of a container that have a value of their own."""
    found = [(item, scalar(item.get("value"))) for item in maps(container.node.get("env"))]
    return [(item, node) for item, node in found if node is not None and not item.flow]


def _number_for_text(site: Site, random: Random) -> Iterator[Seed]:
    for container in shuffled(site.containers(), random):
        for _, node in shuffled(variables(container), random)[:2]:
            new = random.choice(("8080", "true", "1", "0.5"))
            yield container.source.written(node, new, changed(container.source.object))


def _text_for_list(site: Site, random: Random) -> Iterator[Seed]:
    for container in shuffled(site.containers(), random):
        for key in shuffled(["args", "command"], random):
            node = container.node.get(key)
            lines = span(container.source.text, container.node, key)
            if isinstance(node, Sequence) and lines is not None:
                text = container.source.text.splitlines(keepends=True)
                indent = " " * (container.node.column - 1)
                new = f"{indent}{key}: serve --all\n"
                whole = "".join([*text[: lines[0] - 1], new, *text[lines[1] :]])
                proof = proved(container.source.object.label, *container.way, key, is_="serve --all")
                yield container.source.seed(whole, lines[0], proof)


_REQUIRED = {
    "Deployment": (("spec", "selector"),), "StatefulSet": (("spec", "selector"),), "DaemonSet": (("spec", "selector"),),
    "HorizontalPodAutoscaler": (("spec", "maxReplicas"), ("spec", "scaleTargetRef")),
    "CronJob": (("spec", "schedule"), ("spec", "jobTemplate")),
    "PersistentVolumeClaim": (("spec",),),
    "ClusterRoleBinding": (("roleRef",),), "RoleBinding": (("roleRef",),),
}  # fmt: skip


def _missing_field(site: Site, random: Random) -> Iterator[Seed]:
    for source in shuffled(list(site.sources), random):
        for path in shuffled(list(_REQUIRED.get(source.object.kind, ())), random):
            yield from _removed(source, path)
        for port in maps(dig(source.node, "spec", "ports")) if source.object.kind == "Service" else []:
            yield from _dropped(source, port, "port")
    for container in shuffled(site.containers(), random):
        for key in ("env", "ports", "volumeMounts"):
            for item in shuffled(maps(container.node.get(key)), random)[:1]:
                needed = {"env": "name", "ports": "containerPort", "volumeMounts": "mountPath"}[key]
                yield from _dropped(container.source, item, needed)


def _removed(source: Source, path: tuple[str, ...]) -> Iterator[Seed]:
    above = dig(source.node, *path[:-1])
    if not isinstance(above, Mapping) or above.get(path[-1]) is None or path[-1] == "spec":
        return
    new = without(source.text, above, path[-1])
    lines = span(source.text, above, path[-1])
    if new is None or lines is None:
        return
    length = lines[1] - lines[0] + 1
    holder = source.node.key(path[0]) if len(path) > 1 else None
    told = holder.line if holder is not None else source.node.line
    if told > lines[0]:
        told -= length
    first = min(key.line for key, _ in above.items if key.value != path[-1])
    first -= length if first > lines[0] else 0
    places = (Place(source.path, told), Place(source.path, first))
    label = source.object.label
    yield Seed({source.path: new.encode()}, places, label, proved(label, *path, is_=None))


def _dropped(source: Source, item: Mapping, key: str) -> Iterator[Seed]:
    """A key of an item of a list is gone; also where it is the first one, and another takes its place."""
    name = item.key(key)
    if name is None or item.flow or len(item.items) < 2:
        return
    if item.items[0][0].value != key:
        new = without(source.text, item, key)
        if new is not None:
            yield source.seed(new, item.line, _lacking(source, key))
        return
    following = item.items[1][0]
    if following.line > name.line:
        new = source.text[: name.start] + source.text[following.start :]
        yield source.seed(new, item.line, _lacking(source, key))


def _lacking(source: Source, key: str) -> Proof:
    """The proof that a key stands in an object less often than before."""

    def count(body: Json) -> int:
        if isinstance(body, dict):
            return (key in body) + sum(map(count, body.values()))
        return sum(map(count, body)) if isinstance(body, list) else 0

    before = count(source.object.body)
    return lambda objects: any(one.label == source.object.label and count(one.body) < before for one in objects)


def _removed_api(site: Site, random: Random) -> Iterator[Seed]:
    for source in shuffled(site.of_kind(*_GONE), random):
        node = scalar(source.node.get("apiVersion"))
        if node is not None:
            yield source.written(node, random.choice(_GONE[source.object.kind]))


def _misspelled_kind(site: Site, random: Random) -> Iterator[Seed]:
    for source in shuffled(site.of_kind(*_BUILT_IN, "ConfigMap", "ServiceAccount", "Role", "RoleBinding"), random):
        node = scalar(source.node.get("kind"))
        if node is not None:
            seed = source.written(node, typo(node.value, random))
            yield Seed(seed.files, seed.at)


def _wrong_group(site: Site, random: Random) -> Iterator[Seed]:
    wrong = {"Deployment": "v1", "StatefulSet": "v1", "Service": "apps/v1", "CronJob": "apps/v1", "Ingress": "v1",
             "ConfigMap": "apps/v1", "Role": "v1", "RoleBinding": "v1"}  # fmt: skip
    for source in shuffled(site.of_kind(*wrong), random):
        node = scalar(source.node.get("apiVersion"))
        if node is not None:
            seed = source.written(node, wrong[source.object.kind])
            yield Seed(seed.files, seed.at)


def _defined(site: Site) -> list[tuple[Source, frozenset[str]]]:
    """Custom resources whose definition lies in the repository, with the fields that it says `spec` has."""
    kinds = _definitions(site)
    found = ((s, kinds.get((s.object.group, s.object.kind), {}).get(_version(s))) for s in site.sources)
    return [(source, fields) for source, fields in found if fields]


def _version(source: Source) -> str:
    return source.object.api_version.rpartition("/")[2]


_Fields = dict[str, frozenset[str]]  # by version
_KNOWN: dict[int, dict[tuple[str, str], _Fields]] = {}


def _definitions(site: Site) -> dict[tuple[str, str], _Fields]:
    ground = site.ground
    if id(ground) not in _KNOWN:
        found: dict[tuple[str, str], _Fields] = {}
        for path in ground.files:
            if not path.endswith((".yaml", ".yml")) or b"kind: CustomResourceDefinition" not in ground.snapshot.read(
                path
            ):
                continue
            stream = ground.stream(path)
            for document in stream.documents if stream is not None else ():
                if word(dig(document, "kind")) == "CustomResourceDefinition":
                    key = (word(dig(document, "spec", "group")), word(dig(document, "spec", "names", "kind")))
                    for version, fields in _fields(document):  # of several definitions, what all of them say
                        known = found.setdefault(key, {})
                        known[version] = known[version] & fields if version in known else fields
        _KNOWN[id(ground)] = found
    return _KNOWN[id(ground)]


def _fields(definition: Value | None) -> Iterator[tuple[str, frozenset[str]]]:
    """The fields that a definition says `spec` has, by version; none where it takes anything."""
    rows: list[Mapping | None] = [*maps(dig(definition, "spec", "versions"))]
    for row in rows or [None]:
        name = word(row.get("name")) if row is not None else word(dig(definition, "spec", "version"))
        way = ("openAPIV3Schema", "properties", "spec")
        spec = dig(row, "schema", *way) or dig(definition, "spec", "validation", *way)
        fields = dig(spec, "properties")
        keeps = word(dig(spec, "x-kubernetes-preserve-unknown-fields")) == "true"
        known = (
            frozenset(k.value for k, _ in fields.items) if isinstance(fields, Mapping) and not keeps else frozenset()
        )
        yield name, known


def _custom_field(site: Site, random: Random) -> Iterator[Seed]:
    for source, fields in shuffled(_defined(site), random):
        spec = source.node.get("spec")
        for key, _ in shuffled(spec.items if isinstance(spec, Mapping) else [], random)[:3]:
            new = typo(key.value, random)
            if not key.style and len(key.value) > 3 and key.value in fields and new not in fields:
                yield source.written(key, new, holds(source.object.label, new))


def _custom_type(site: Site, random: Random) -> Iterator[Seed]:
    for source, _ in shuffled(_defined(site), random):
        spec = source.node.get("spec")
        for _, key, value in shuffled(list(pairs(spec)) if spec is not None else [], random)[:4]:
            if value.value in ("true", "false") and not value.style:
                yield source.written(value, f'"{value.value}"', changed(source.object))
            elif value.value.isdigit() and not value.style and key.value.lower() not in ("port", "targetport"):
                yield source.written(value, "many", changed(source.object))


def _milli_memory(site: Site, random: Random) -> Iterator[Seed]:
    for container in shuffled(site.containers(), random):
        for part in shuffled(["limits", "requests"], random):
            node = scalar(dig(container.node, "resources", part, "memory"))
            if node is not None and node.value.endswith(("Mi", "M", "Gi")):
                new = node.value.rstrip("iMG") + "m"
                yield container.source.written(node, new, changed(container.source.object))


def _bad_quantity(site: Site, random: Random) -> Iterator[Seed]:
    for container in shuffled(site.containers(), random):
        for part, key in shuffled([(p, k) for p in ("limits", "requests") for k in ("memory", "cpu")], random):
            node = scalar(dig(container.node, "resources", part, key))
            if node is not None and node.value.rstrip("iMGmk").isdigit():
                wrong = node.value.rstrip("iMGmk") + random.choice(("MB", "Gib", " Mi", "GB"))
                new = put(container.source.text, node, f'"{wrong}"' if " " in wrong else wrong)
                yield container.source.seed(new, node.line, changed(container.source.object))


_S = "schema"
KINDS = (
    Kind("unknown-object-field", _S, "a field of an object is misspelled", ("schema",), _unknown_field),
    Kind("text-for-number", _S, "text where a number is meant", ("schema", "wrong-type"), _text_for_number),
    Kind("text-for-boolean", _S, "text where true or false is meant", ("schema", "wrong-type"), _text_for_boolean),
    Kind("number-for-text", _S, "a variable that YAML takes for a number", ("schema", "wrong-type"), _number_for_text),
    Kind("text-for-list", _S, "text where a list is meant", ("schema", "wrong-type"), _text_for_list),
    Kind("missing-field", _S, "a required field is missing", ("schema", "build-failure"), _missing_field, None),
    Kind("removed-api", _S, "an API that Kubernetes has no more", ("removed-api", "schema"), _removed_api, None),
    Kind(
        "misspelled-kind", _S, "no such kind", ("schema", "no-schema", "removed-api", "dead-patch"),
        _misspelled_kind, None,
    ),
    Kind(
        "wrong-group", _S, "a group that lacks the kind", ("schema", "no-schema", "removed-api", "dead-patch"),
        _wrong_group, None,
    ),
    Kind("custom-field", _S, "a field of a custom resource is misspelled", ("schema",), _custom_field),
    Kind("custom-type", _S, "a value of another type in a custom resource", ("schema", "wrong-type"), _custom_type),
    Kind("milli-memory", _S, "thousandths of a byte", ("wrong-type", "schema"), _milli_memory),
    Kind("bad-quantity", _S, "an amount in no unit that there is", ("wrong-type", "schema"), _bad_quantity, None),
)  # fmt: skip
