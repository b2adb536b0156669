"""A value of another type than its field takes: text where a number is meant, a number where text is.

In a kustomization kustomize refuses it without the place: `newTag: 1.10` is the number 1.1, `count: "3"` is text. In
objects it is passed on, and schemas don't tell: a port of `"8080"` is the name of a port, and names have a letter;
`memory: 512m` is half a byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fairlead.checks.context import OVERLAY, Example, Judged, Shared
from fairlead.checks.kustomization import FLAG, TEXT, WHOLE, Wrong
from fairlead.checks.objects import Object
from fairlead.checks.workloads import items, pods, table
from fairlead.edit.nodes import Scalar, Value
from fairlead.edit.splice import byte_edit
from fairlead.model.changes import Edit
from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.patterns import pattern

ID = "wrong-type"
GROUP = "builds"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY
MENDS = True

_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n"
    "  - name: web\n    image: example.com/shop/web:1.0\n"
)
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\nimages:\n- name: example.com/shop/web\n"
        "  newTag: 1.10\n",
        "overlays/dev/pod.yaml": _POD,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\nimages:\n- name: example.com/shop/web\n"
        "  newTag: '1.10'\n",
        "overlays/dev/pod.yaml": _POD,
    }
)

Way = tuple[str | int, ...]
_DIGITS = pattern(r"[0-9]+")
_AMOUNT = pattern(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[KMGTPE]i|[numkMGTPE]|[eE][-+]?[0-9]+)?")
_MILLI = pattern(r"[0-9.]+m")


def check(judged: Judged) -> Iterator[Finding]:
    """Look at the kustomizations, and at what schemas let through in the objects."""
    for node in judged.closure.kustomizations:
        for flaw in judged.shared.flaws(node):
            if isinstance(flaw, Wrong):
                where = Where(node.path, flaw.node.line, flaw.node.column)
                yield judged.finding(ID, _message(flaw), _remedy(flaw), where, severity=SEVERITY)
    for rendered in judged.objects:
        for way, message, remedy in _odd(rendered):
            where = judged.origin.of(rendered, way)
            yield judged.finding(ID, message, remedy, where, subject=rendered.label, severity=SEVERITY)


def fix(shared: Shared, finding: Finding) -> tuple[Edit, ...]:
    """Quotes around what is to be text, `path:` before a bare name; all of a file at once, for it builds only then."""
    node = shared.graph.kustomization(finding.where.path.rpartition("/")[0])
    stream = shared.sources.stream(finding.where.path)
    if node is None or node.body is None or node.path != finding.where.path or stream is None:
        return ()
    out = []
    for flaw in shared.flaws(node):
        one = flaw.node if isinstance(flaw, Wrong) else None
        if isinstance(flaw, Wrong) and isinstance(one, Scalar) and not one.shared and not one.tag:
            if _is_file(flaw):
                out.append(byte_edit(node.path, stream.text, one.start, one.start, "path: "))
            elif flaw.wanted == TEXT:
                out.append(byte_edit(node.path, stream.text, one.start, one.end, f'"{one.value}"'))
    return tuple(out)


def _is_file(flaw: Wrong) -> bool:
    """Whether a patch is listed by its name alone, as in patchesStrategicMerge."""
    named = flaw.field == "patches" and isinstance(flaw.node, Scalar) and "\n" not in flaw.node.value
    return named and flaw.given == TEXT


def _written(node: Value) -> str:
    return node.value if isinstance(node, Scalar) else ""


def _message(flaw: Wrong) -> str:
    written = _written(flaw.node)
    shown = f" {written!r}" if isinstance(flaw.node, Scalar) and len(written) < 60 else ""
    lost = ""
    if flaw.wanted == TEXT and flaw.given == "a number" and str(float(written)) != written:
        lost = f": YAML reads {float(written)}"
    return f"`{flaw.field}` takes {flaw.wanted}, and{shown or ' this'} is {flaw.given}{lost}"


def _remedy(flaw: Wrong) -> str:
    written = _written(flaw.node)
    if _is_file(flaw):
        return f"write `path: {written}`"
    if flaw.wanted == TEXT and isinstance(flaw.node, Scalar):
        return f'write it in quotes: "{written}"'
    if flaw.wanted == "a list":
        return f"write it as a list: [{written}]" if written else "write its entries as a list, each after a dash"
    plain = (flaw.wanted == WHOLE and _DIGITS.fullmatch(written)) or (
        flaw.wanted == FLAG and written in ("true", "false")
    )
    return f"write it without quotes: {written}" if plain else f"write {flaw.wanted}"


def _odd(rendered: Object) -> Iterator[tuple[Way, str, str]]:
    """What the schemas of an object let through, and the API server does not, or takes for something else."""
    spec = table(rendered.body.get("spec"))
    if rendered.kind == "Service":
        for index, port in enumerate(items(spec.get("ports"))):
            yield from _port(("spec", "ports", index, "targetPort"), table(port).get("targetPort"))
    if rendered.kind == "PodDisruptionBudget":
        for key in ("minAvailable", "maxUnavailable"):
            yield from _share(("spec", key), spec.get(key))
    for name in ("strategy", "updateStrategy"):
        rolling = table(table(spec.get(name)).get("rollingUpdate"))
        for key in ("maxSurge", "maxUnavailable"):
            yield from _share(("spec", name, "rollingUpdate", key), rolling.get(key))
    for pod in pods(rendered):
        replicas = spec.get("replicas")
        if isinstance(replicas, str) and rendered.group != "apps":  # which a schema tells
            yield ("spec", "replicas"), f"`replicas` takes a whole number, and {replicas!r} is text", "write a number"
        for container in pod.containers:
            for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
                for action in ("httpGet", "tcpSocket"):
                    port = table(table(container.body.get(probe)).get(action)).get("port")
                    yield from _port((*container.path, probe, action, "port"), port)
            yield from _amounts((*container.path, "resources"), table(container.body.get("resources")))


def _port(way: Way, value: Any) -> Iterator[tuple[Way, str, str]]:
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        yield (
            way,
            f"the port {value!r} is text, so it is the name of a port: no port is called so",
            (f"write the number, without quotes: {value}"),
        )


def _share(way: Way, value: Any) -> Iterator[tuple[Way, str, str]]:
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        yield (
            way,
            f"`{way[-1]}` takes a whole number or a percentage, and {value!r} is text without one",
            (f"write the number, without quotes: {value}"),
        )


def _amounts(way: Way, resources: dict[str, Any]) -> Iterator[tuple[Way, str, str]]:
    for part in ("requests", "limits"):
        for name, amount in table(resources.get(part)).items():
            yield from _amount((*way, part, name), amount)


def _amount(way: Way, value: Any) -> Iterator[tuple[Way, str, str]]:
    if not isinstance(value, str) or "$" in value:
        return
    if not _AMOUNT.fullmatch(value):
        yield way, f"{value!r} is no amount that Kubernetes knows", "write 500m, 2, 512Mi, 1.5G or the like"
    elif way[-1] == "memory" and _MILLI.fullmatch(value):
        yield way, f"{value!r} of memory are thousandths of a byte", f"write {value[:-1]}M or {value[:-1]}Mi"
