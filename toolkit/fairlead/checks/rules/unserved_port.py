"""A port that is named, and that nobody serves.

The `targetPort` of a Service or the port of a probe names a port that no container has, or an Ingress one that its
Service lacks: nobody is reached, and a probe fails for ever. A number that no container declares is a note only:
ports need not be declared.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.objects import Object
from fairlead.checks.selectors import of_service
from fairlead.checks.workloads import Container, Path, Pod, at, items, table, text
from fairlead.model.findings import Finding, Severity
from fairlead.repo.names import near_miss

ID = "unserved-port"
GROUP = "safety"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n  labels:\n    app: web\nspec:\n  containers:\n"
    "  - name: web\n    image: example.com/web:1\n    ports:\n    - name: http\n      containerPort: 8080\n"
)
_SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector:\n    app: web\n  ports:\n"
    "  - port: 80\n    targetPort: %s\n"
)
_KUSTOMIZATION = "resources:\n- pod.yaml\n- service.yaml\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/pod.yaml": _POD,
        "overlays/dev/service.yaml": _SERVICE % "https",
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/pod.yaml": _POD,
        "overlays/dev/service.yaml": _SERVICE % "http",
    }
)
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_ACTIONS = ("httpGet", "tcpSocket")


def check(judged: Judged) -> Iterator[Finding]:
    """Look at Services, Ingresses and probes."""
    services = {(o.namespace, o.name): o for o in judged.objects if o.kind == "Service" and not o.group}
    for service in services.values():
        yield from _of_service(judged, service)
    for rendered in judged.objects if services else ():
        if rendered.kind == "Ingress" and rendered.group == "networking.k8s.io":
            yield from _of_ingress(judged, rendered, services)
    for pod in judged.pods:
        for container in pod.containers:
            yield from _of_probes(judged, pod, container)


def _of_service(judged: Judged, service: Object) -> Iterator[Finding]:
    spec = table(service.body.get("spec"))
    if not table(spec.get("selector")):
        return
    pods = [p for p in of_service(judged.pods, spec, service.namespace) if "." not in p.owner.group]
    if not pods:
        return
    ports = [port for pod in pods for container in pod.containers for port in items(container.body.get("ports"))]
    names = {text(table(port).get("name")) for port in ports}
    numbers = {table(port).get("containerPort") for port in ports}
    for index, port in enumerate(items(spec.get("ports"))):
        target = table(port).get("targetPort", table(port).get("port"))
        path = ("spec", "ports", index, "targetPort" if "targetPort" in table(port) else "port")
        if isinstance(target, str) and target and target not in names:
            remedy = _among(target, names, "name a port of its containers")
            yield _finding(judged, service, path, f"{service.label} leads to the port {target!r}", remedy, SEVERITY)
        elif isinstance(target, int) and numbers and target not in numbers:
            known = ", ".join(map(str, sorted(n for n in numbers if isinstance(n, int))))
            remedy = f"see whether it should be one of {known}, or declare it in the container"
            yield _finding(judged, service, path, f"{service.label} leads to the port {target}", remedy, Severity.NOTE)


def _of_ingress(judged: Judged, ingress: Object, services: dict[tuple[str, str], Object]) -> Iterator[Finding]:
    spec = table(ingress.body.get("spec"))
    ways: list[Path] = [("spec", "defaultBackend")]
    for number, rule in enumerate(items(spec.get("rules"))):
        paths = items(table(table(rule).get("http")).get("paths"))
        ways += [("spec", "rules", number, "http", "paths", index, "backend") for index in range(len(paths))]
    for way in ways:
        wanted = table(at(ingress.body, (*way, "service")))
        service = services.get((ingress.namespace, text(wanted.get("name"))))
        key = "name" if table(wanted.get("port")).get("name") else "number"
        port = table(wanted.get("port")).get(key)
        spec = table(service.body.get("spec")) if service is not None else {}
        if service is None or port is None or spec.get("type") == "ExternalName":
            continue
        known = {table(p).get("port" if key == "number" else "name") for p in items(spec.get("ports"))}
        if port not in known:
            remedy = _among(str(port), {str(k) for k in known if k is not None}, f"{service.label} serves others")
            what = f"{ingress.label} leads to the port {port!r} of {service.label}"
            yield _finding(judged, ingress, (*way, "service", "port", key), what, remedy, SEVERITY, "which it lacks")


def _of_probes(judged: Judged, pod: Pod, container: Container) -> Iterator[Finding]:
    for probe in _PROBES:
        for action in _ACTIONS:
            port = table(table(container.body.get(probe)).get(action)).get("port")
            if not isinstance(port, str) or not port or port.isdigit():
                continue
            names = {text(table(p).get("name")) for p in items(container.body.get("ports"))}
            if port not in names and "." not in pod.owner.group:
                path = (*container.path, probe, action, "port")
                what = f"{probe} of the container {container.name!r} asks the port {port!r}"
                remedy = _among(port, names, "name one of its ports")
                yield _finding(judged, pod.owner, path, what, remedy, SEVERITY, "which it lacks")


def _among(name: str, known: set[str], advice: str) -> str:
    names = sorted(filter(None, known))
    return near_miss(name, names) or (f"{advice}: {', '.join(names)}" if names else "give the port that name")


def _finding(
    judged: Judged, of: Object, path: Path, what: str, remedy: str, severity: Severity,
    lacks: str = "which no container of its pods has",
) -> Finding:  # fmt: skip
    lacks = lacks if severity is Severity.ERROR else "which no container of its pods declares"
    return judged.finding(
        ID, f"{what}, {lacks}", remedy, judged.origin.of(of, path), subject=of.label, severity=severity
    )
