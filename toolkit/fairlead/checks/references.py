"""What objects refer to by name, and which of that their own render does not hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fairlead.checks import controllers
from fairlead.checks.context import Judged
from fairlead.checks.fleet import Wanted
from fairlead.checks.objects import Object
from fairlead.checks.workloads import Container, Path, Pod, at, items, pods, table, text

_SOURCES = {"configMapRef": "ConfigMap", "secretRef": "Secret"}
_KEYS = {"configMapKeyRef": "ConfigMap", "secretKeyRef": "Secret"}
_VOLUMES = (("configMap", "name", "ConfigMap"), ("secret", "secretName", "Secret"))
# In every namespace of every cluster, or of every one of OpenShift.
_GIVEN = frozenset(
    (
        ("ConfigMap", "kube-root-ca.crt"), ("ConfigMap", "openshift-service-ca.crt"), ("ServiceAccount", "default"),
        ("ServiceAccount", "builder"), ("ServiceAccount", "deployer"), ("ServiceAccount", "pipeline"),
    )
)  # fmt: skip
# Roles that the API server makes in kube-system, beside those under `system:`.
_BOOTSTRAPPED = frozenset(("extension-apiserver-authentication-reader",))
Reference = tuple[str, str, str, Path]  # kind, namespace, name, the way to the name
There = dict[tuple[str, str], set[str]]  # kind and name -> the namespaces that have it


def wanted(judged: Judged) -> Iterator[Wanted]:
    """The references that nothing in the same render answers to, with their places; nor a plugin that it lacks."""
    made = judged.opaque
    here: There = {}
    for rendered in judged.objects:
        here.setdefault((rendered.kind, rendered.name), set()).add(rendered.namespace)
        for kind, name in controllers.brings(rendered):
            here.setdefault((kind, name), set()).add(rendered.namespace)
    for rendered in judged.objects:
        for kind, namespace, name, path in references(rendered):
            if not answers(here, kind, namespace, name) and f"{kind}/{name}" not in made:
                where = judged.origin.of(rendered, path)
                yield Wanted(kind, namespace, name, rendered.label, where)


def answers(there: There, kind: str, namespace: str, name: str) -> bool:
    """Whether something is there. Who has no namespace gets one when it is applied: it may be any."""
    spaces = there.get((kind, name))
    return spaces is not None and (not namespace or namespace in spaces or "" in spaces)


def references(rendered: Object) -> tuple[Reference, ...]:
    """What an object refers to; what may be absent (`optional: true`) and what is always there is left out."""
    found: tuple[Reference, ...] | None = rendered.kept.get("references")
    if found is None:
        found = rendered.kept["references"] = tuple(_references(rendered))
    return found


def _references(rendered: Object) -> Iterator[Reference]:
    for pod in pods(rendered):
        for kind, name, path in _of_pod(pod):
            if (kind, name) not in _GIVEN:
                yield kind, rendered.namespace, name, path
    of_kind = _OF_KIND.get(rendered.kind)
    if of_kind is not None and not controllers.is_custom(rendered):
        yield from of_kind(rendered)


def keys(pod: Pod) -> Iterator[tuple[str, str, str, Path]]:
    """The keys that a pod takes of ConfigMaps and Secrets: kind, name, key, and the way to the key."""
    for container in pod.containers:
        for index, entry in enumerate(items(container.body.get("env"))):
            source = table(table(entry).get("valueFrom"))
            for ref, kind in _KEYS.items() if source else ():
                path = (*container.path, "env", index, "valueFrom", ref)
                yield from _keyed(kind, "name", table(source.get(ref)), (source.get(ref),), (path,))
    for index, volume in enumerate(items(pod.spec.get("volumes"))):
        way = (*pod.path, "spec", "volumes", index)
        yield from _listed(table(volume), _VOLUMES, way)
        for number, source in enumerate(items(table(table(volume).get("projected")).get("sources"))):
            sources = (("configMap", "name", "ConfigMap"), ("secret", "name", "Secret"))
            yield from _listed(table(source), sources, (*way, "projected", "sources", number))


def _listed(
    body: dict[str, object], kinds: tuple[tuple[str, str, str], ...], way: Path
) -> Iterator[tuple[str, str, str, Path]]:
    for ref, named, kind in kinds:
        source = table(body.get(ref))
        entries = items(source.get("items"))
        ways = tuple((*way, ref, "items", index) for index in range(len(entries)))
        yield from _keyed(kind, named, source, tuple(entries), ways)


def _keyed(
    kind: str, named: str, source: dict[str, object], entries: tuple[object, ...], ways: tuple[Path, ...]
) -> Iterator[tuple[str, str, str, Path]]:
    name = text(source.get(named))
    if not name or source.get("optional") is True:
        return
    for entry, way in zip(entries, ways, strict=True):
        key = text(table(entry).get("key"))
        if key:
            yield kind, name, key, (*way, "key")


def _of_pod(pod: Pod) -> Iterator[tuple[str, str, Path]]:
    spec, top = pod.spec, (*pod.path, "spec")
    account = text(spec.get("serviceAccountName"))
    if account:
        yield "ServiceAccount", account, (*top, "serviceAccountName")
    for index, entry in enumerate(items(spec.get("imagePullSecrets"))):
        yield from _named("Secret", entry, "name", (*top, "imagePullSecrets", index))
    for index, volume in enumerate(items(spec.get("volumes"))):
        yield from _of_volume(table(volume), (*top, "volumes", index))
    for container in pod.containers:
        yield from _of_container(container)


def _of_container(container: Container) -> Iterator[tuple[str, str, Path]]:
    for index, entry in enumerate(items(container.body.get("envFrom"))):
        for key, kind in _SOURCES.items():
            yield from _named(kind, table(entry).get(key), "name", (*container.path, "envFrom", index, key))
    for index, entry in enumerate(items(container.body.get("env"))):
        source = table(table(entry).get("valueFrom"))
        for key, kind in _KEYS.items() if source else ():
            yield from _named(kind, source.get(key), "name", (*container.path, "env", index, "valueFrom", key))


def _of_volume(volume: dict[str, object], path: Path) -> Iterator[tuple[str, str, Path]]:
    for key, named, kind in _VOLUMES:
        yield from _named(kind, volume.get(key), named, (*path, key))
    yield from _named(
        "PersistentVolumeClaim", volume.get("persistentVolumeClaim"), "claimName", (*path, "persistentVolumeClaim")
    )
    for index, source in enumerate(items(table(volume.get("projected")).get("sources"))):
        for key, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            yield from _named(kind, table(source).get(key), "name", (*path, "projected", "sources", index, key))


def _named(kind: str, body: object, key: str, path: Path) -> Iterator[tuple[str, str, Path]]:
    body = table(body)
    name = text(body.get(key))
    if name and body.get("optional") is not True:
        yield kind, name, (*path, key)


def _of_ingress(rendered: Object) -> Iterator[Reference]:
    spec = table(rendered.body.get("spec"))
    ways: list[Path] = [("spec", "defaultBackend")]
    for number, rule in enumerate(items(spec.get("rules"))):
        paths = items(table(table(rule).get("http")).get("paths"))
        ways += [("spec", "rules", number, "http", "paths", index, "backend") for index in range(len(paths))]
    for way in ways:
        name = text(at(rendered.body, (*way, "service", "name")))
        if name:
            yield "Service", rendered.namespace, name, (*way, "service", "name")
    for index, entry in enumerate(items(spec.get("tls"))):
        name = text(table(entry).get("secretName"))
        if name:
            yield "Secret", rendered.namespace, name, ("spec", "tls", index, "secretName")


def _of_route(rendered: Object) -> Iterator[Reference]:
    for number, rule in enumerate(items(table(rendered.body.get("spec")).get("rules"))):
        for index, entry in enumerate(items(table(rule).get("backendRefs"))):
            ref = table(entry)
            name = text(ref.get("name"))
            if name and ref.get("kind", "Service") == "Service" and not ref.get("group"):
                namespace = text(ref.get("namespace")) or rendered.namespace
                yield "Service", namespace, name, ("spec", "rules", number, "backendRefs", index, "name")


def _of_gateway(rendered: Object) -> Iterator[Reference]:
    for number, listener in enumerate(items(table(rendered.body.get("spec")).get("listeners"))):
        for index, entry in enumerate(items(table(table(listener).get("tls")).get("certificateRefs"))):
            ref = table(entry)
            name = text(ref.get("name"))
            if name and ref.get("kind", "Secret") == "Secret":
                namespace = text(ref.get("namespace")) or rendered.namespace
                path = ("spec", "listeners", number, "tls", "certificateRefs", index, "name")
                yield "Secret", namespace, name, path


def _of_autoscaler(rendered: Object) -> Iterator[Reference]:
    target = table(at(rendered.body, ("spec", "scaleTargetRef")))
    kind, name = text(target.get("kind")), text(target.get("name"))
    if kind and name:
        yield kind, rendered.namespace, name, ("spec", "scaleTargetRef", "name")


def _of_binding(rendered: Object) -> Iterator[Reference]:
    role = table(rendered.body.get("roleRef"))
    named = text(role.get("name"))
    bootstrapped = rendered.namespace.startswith("kube-") and (named.startswith("system:") or named in _BOOTSTRAPPED)
    if role.get("kind") == "Role" and named and not bootstrapped:  # ClusterRoles come from everywhere
        yield "Role", rendered.namespace, named, ("roleRef", "name")
    for index, entry in enumerate(items(rendered.body.get("subjects"))):
        subject = table(entry)
        name, namespace = text(subject.get("name")), text(subject.get("namespace")) or rendered.namespace
        own = namespace == rendered.namespace  # what other namespaces have, other people may bring
        if own and subject.get("kind") == "ServiceAccount" and name and ("ServiceAccount", name) not in _GIVEN:
            yield "ServiceAccount", namespace, name, ("subjects", index, "name")


def _of_stateful_set(rendered: Object) -> Iterator[Reference]:
    name = text(at(rendered.body, ("spec", "serviceName")))
    if name:
        yield "Service", rendered.namespace, name, ("spec", "serviceName")


def _of_webhooks(rendered: Object) -> Iterator[Reference]:
    for index in range(len(items(rendered.body.get("webhooks")))):
        yield from _service(rendered, ("webhooks", index, "clientConfig", "service"))


def _of_definition(rendered: Object) -> Iterator[Reference]:
    yield from _service(rendered, ("spec", "conversion", "webhook", "clientConfig", "service"))


def _of_api(rendered: Object) -> Iterator[Reference]:
    yield from _service(rendered, ("spec", "service"))


def _service(rendered: Object, way: Path) -> Iterator[Reference]:
    service = table(at(rendered.body, way))
    name = text(service.get("name"))
    if name:
        yield "Service", text(service.get("namespace")), name, (*way, "name")


def _of_account(rendered: Object) -> Iterator[Reference]:
    for index, entry in enumerate(items(rendered.body.get("imagePullSecrets"))):
        for kind, name, path in _named("Secret", entry, "name", ("imagePullSecrets", index)):
            yield kind, rendered.namespace, name, path


_OF_KIND: dict[str, Callable[[Object], Iterator[Reference]]] = {
    "Ingress": _of_ingress,
    **dict.fromkeys(("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"), _of_route),
    "Gateway": _of_gateway,
    "HorizontalPodAutoscaler": _of_autoscaler,
    "RoleBinding": _of_binding,
    "StatefulSet": _of_stateful_set,
    "ValidatingWebhookConfiguration": _of_webhooks,
    "MutatingWebhookConfiguration": _of_webhooks,
    "CustomResourceDefinition": _of_definition,
    "APIService": _of_api,
    "ServiceAccount": _of_account,
}
