"""What a pod refers to by name, and which of that its own render does not hold."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import Judged
from fairlead.checks.fleet import Wanted
from fairlead.checks.objects import Object
from fairlead.checks.workloads import Path, Pod, items, pods, table, text

_SOURCES = {"configMapRef": "ConfigMap", "secretRef": "Secret"}
_KEYS = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}
Reference = tuple[str, str, Path]  # kind, name, the way to the name


def wanted(judged: Judged) -> Iterator[Wanted]:
    """The references that nothing in the same render answers to, with their places."""
    here = {(o.kind, o.namespace, o.name) for o in judged.objects}
    for rendered in judged.objects:
        for kind, name, path in references(rendered):
            if (kind, rendered.namespace, name) not in here:
                where = judged.origin.of(rendered, path)
                yield Wanted(kind, rendered.namespace, name, rendered.label, where)


def references(rendered: Object) -> Iterator[Reference]:
    """What an object refers to in its own namespace; what may be absent (`optional: true`) is left out."""
    for pod in pods(rendered):
        yield from _of_pod(pod)


def _of_pod(pod: Pod) -> Iterator[Reference]:
    spec, top = pod.spec, (*pod.path, "spec")
    account = text(spec.get("serviceAccountName"))
    if account and account != "default":
        yield "ServiceAccount", account, (*top, "serviceAccountName")
    for index, entry in enumerate(items(spec.get("imagePullSecrets"))):
        yield from _named("Secret", entry, "name", (*top, "imagePullSecrets", index))
    for index, volume in enumerate(items(spec.get("volumes"))):
        yield from _of_volume(table(volume), (*top, "volumes", index))
    for container in pod.containers:
        for index, entry in enumerate(items(container.body.get("envFrom"))):
            for key, kind in _SOURCES.items():
                yield from _named(kind, table(entry).get(key), "name", (*container.path, "envFrom", index, key))
        for index, entry in enumerate(items(container.body.get("env"))):
            source = table(table(entry).get("valueFrom"))
            for key, kind in _KEYS.items():
                yield from _named(kind, source.get(key), "name", (*container.path, "env", index, "valueFrom", key))


def _of_volume(volume: dict[str, object], path: Path) -> Iterator[Reference]:
    yield from _named("ConfigMap", volume.get("configMap"), "name", (*path, "configMap"))
    yield from _named("Secret", volume.get("secret"), "secretName", (*path, "secret"))
    yield from _named(
        "PersistentVolumeClaim", volume.get("persistentVolumeClaim"), "claimName", (*path, "persistentVolumeClaim")
    )
    for index, source in enumerate(items(table(volume.get("projected")).get("sources"))):
        for key, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            yield from _named(kind, table(source).get(key), "name", (*path, "projected", "sources", index, key))


def _named(kind: str, body: object, key: str, path: Path) -> Iterator[Reference]:
    body = table(body)
    name = text(body.get(key))
    if name and body.get("optional") is not True:
        yield kind, name, (*path, key)
