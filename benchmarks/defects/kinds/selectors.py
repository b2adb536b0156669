"""Objects that miss each other: selectors, ports, autoscalers, budgets."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from benchmarks.defects.kinds.dead import added_resource
from benchmarks.defects.kinds.kustomizations import shuffled
from benchmarks.defects.kinds.references import mentions
from benchmarks.defects.model import Kind, Place, Proof, Seed
from benchmarks.defects.site import POD_AT, Site, Source, scalar, value
from benchmarks.defects.text import dig, maps, typo, word
from fairlead.checks.objects import Object
from fairlead.edit.nodes import Mapping

_SCALED = ("Deployment", "StatefulSet")


def _selector(site: Site, random: Random) -> Iterator[Seed]:
    """One of the two places where a workload's label stands was changed."""
    for source in shuffled(site.of_kind(*_SCALED, "DaemonSet"), random):
        labels = dig(source.node, "spec", "selector", "matchLabels")
        if isinstance(labels, Mapping):
            for _, node in shuffled(labels.items, random)[:1]:
                leaf = scalar(node)
                if leaf is not None:
                    new = typo(leaf.value, random)
                    seed = source.written(leaf, new, _differs(source.object.label))
                    yield seed


def _differs(label: str) -> Proof:
    def proof(objects: tuple[Object, ...]) -> bool:
        for one in objects:
            if one.label == label:
                wanted = value(one.body, "spec", "selector", "matchLabels")
                has = value(one.body, "spec", "template", "metadata", "labels")
                return isinstance(wanted, dict) and isinstance(has, dict) and not wanted.items() <= has.items()
        return False

    return proof


def _pods(site: Site) -> list[dict[str, object]]:
    found = [
        value(one.body, *POD_AT[one.kind][:-1], "metadata", "labels") for one in site.objects if one.kind in POD_AT
    ]
    return [labels for labels in found if isinstance(labels, dict)]


def _service(site: Site, random: Random) -> Iterator[Seed]:
    for source in shuffled(site.of_kind("Service"), random):
        selector, node = value(source.object.body, "spec", "selector"), dig(source.node, "spec", "selector")
        if not isinstance(selector, dict) or not isinstance(node, Mapping):
            continue
        if any(selector.items() <= labels.items() for labels in _pods(site)):
            for key, each in shuffled(node.items, random)[:1]:
                leaf = scalar(each)
                if leaf is not None:
                    seed = source.written(leaf, typo(leaf.value, random), _selects_none(source.object.label))
                    yield Seed(
                        seed.files,
                        (*seed.at, Place(source.path, node.line - (node.line == key.line))),
                        seed.subject,
                        seed.proof,
                    )


def _selects_none(label: str) -> Proof:
    def proof(objects: tuple[Object, ...]) -> bool:
        pods = [value(one.body, *POD_AT[one.kind][:-1], "metadata", "labels") for one in objects if one.kind in POD_AT]
        mine = [value(one.body, "spec", "selector") for one in objects if one.label == label]
        return len(mine) == 1 and not any(isinstance(p, dict) and mine[0].items() <= p.items() for p in pods)

    return proof


def _target_port(site: Site, random: Random) -> Iterator[Seed]:
    for source in shuffled(site.of_kind("Service"), random):
        selector = value(source.object.body, "spec", "selector")
        if not isinstance(selector, dict) or not any(selector.items() <= labels.items() for labels in _pods(site)):
            continue
        for port in shuffled(maps(dig(source.node, "spec", "ports")), random):
            node = scalar(port.get("targetPort"))
            if node is not None and not node.value.isdigit():
                new = typo(node.value, random)
                yield source.written(node, new, mentions(source.object.label, new))


def _port_number(site: Site, random: Random) -> Iterator[Seed]:
    declared = {p.get("containerPort") for one in site.objects if one.kind in POD_AT
                for c in value(one.body, *POD_AT[one.kind], "containers") or () if isinstance(c, dict)
                for p in c.get("ports") or () if isinstance(p, dict)}  # fmt: skip
    for source in shuffled(site.of_kind("Service"), random):
        for port in shuffled(maps(dig(source.node, "spec", "ports")), random):
            node = scalar(port.get("targetPort"))
            if node is not None and node.value.isdigit() and int(node.value) in declared:
                new = int(node.value) + 1
                if new not in declared:
                    yield source.written(node, str(new), mentions(source.object.label, new))  # type: ignore[arg-type]


def _probe_port(site: Site, random: Random) -> Iterator[Seed]:
    for container in shuffled(site.containers(), random):
        for probe in shuffled(["livenessProbe", "readinessProbe", "startupProbe"], random):
            node = scalar(dig(container.node, probe, "httpGet", "port"))
            if node is not None and not node.value.isdigit():
                new = typo(node.value, random)
                yield container.source.written(node, new, mentions(container.source.object.label, new))


def _backend_port(site: Site, random: Random) -> Iterator[Seed]:
    from benchmarks.defects.kinds.references import reached

    way = ("spec", "rules", "*", "http", "paths", "*", "backend", "service", "port")
    for source in shuffled(site.of_kind("Ingress"), random):
        for key in ("number", "name"):
            for _, leaf in reached(source.node, (*way, key)):
                new = typo(leaf.value, random) if key == "name" else str(int(leaf.value) + 17)
                proof = mentions(source.object.label, new if key == "name" else int(new))  # type: ignore[arg-type]
                yield source.written(leaf, new, proof)


def _beside(source: Source) -> str:
    """The namespace that a workload says, for what is about it: elsewhere it would be about nothing."""
    namespace = word(dig(source.node, "metadata", "namespace"))
    return f"  namespace: {namespace}\n" if namespace else ""


def _autoscaled(site: Site, random: Random) -> Iterator[Seed]:
    """An autoscaler is added for a workload that says its number of replicas; 0 would switch the autoscaler off."""
    scaled = {
        value(one.body, "spec", "scaleTargetRef", "name")
        for one in site.objects
        if one.kind == "HorizontalPodAutoscaler"
    }
    for source in shuffled(site.of_kind("Deployment"), random):
        node = scalar(dig(source.node, "spec", "replicas"))
        name = dig(source.node, "metadata", "name")
        if (
            node is None
            or node.value == "0"
            or source.object.name in scaled
            or name is None
            or str(value(source.object.body, "spec", "replicas")) != node.value
        ):
            continue
        text = (
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: seeded\n"
            f"{_beside(source)}spec:\n"
            f"  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: {word(name)}\n"
            "  minReplicas: 2\n  maxReplicas: 5\n"
        )
        for files, _ in added_resource(site, "seeded-hpa.yaml", text):
            yield Seed(files, (Place(source.path, node.line),), source.object.label, _scales(source.object))


def _scales(target: Object) -> Proof:
    """The proof that the autoscaler has its target in front of it: the name as rendered, in the same namespace."""

    def proof(objects: tuple[Object, ...]) -> bool:
        return any(
            one.label == "HorizontalPodAutoscaler/seeded"
            and one.namespace == target.namespace
            and value(one.body, "spec", "scaleTargetRef", "name") == target.name
            for one in objects
        )

    return proof


def _budget(site: Site, random: Random) -> Iterator[Seed]:
    """A budget that lets no pod go, added for a workload of the overlay."""
    for source in shuffled(site.of_kind(*_SCALED), random):
        labels = value(source.object.body, "spec", "selector", "matchLabels")
        if not isinstance(labels, dict) or not labels:
            continue
        blocked = random.choice(("maxUnavailable: 0", "minAvailable: 100%"))
        space = _beside(source)
        wanted = "".join(f"      {key}: {text!r}\n" for key, text in labels.items())
        text = (
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata:\n  name: seeded\n"
            f"{space}spec:\n  {blocked}\n  selector:\n    matchLabels:\n{wanted}"
        )
        for files, path in added_resource(site, "seeded-pdb.yaml", text):
            yield Seed(
                files,
                (Place(path, 6 + bool(space)),),
                "PodDisruptionBudget/seeded",
                lambda objects: any(o.label == "PodDisruptionBudget/seeded" for o in objects),
            )


_S = "safety"
KINDS = (
    Kind("selector-mismatch", _S, "a workload's selector is not its pods'", ("selector-mismatch",), _selector),
    Kind("service-selector", _S, "a Service selects no pod", ("unmatched-selector",), _service),
    Kind(
        "target-port", _S, "a Service leads to a port of a name that no container has", ("unserved-port",), _target_port
    ),
    Kind("target-number", _S, "a Service leads to a number that no container has", ("unserved-port",), _port_number),
    Kind("probe-port", _S, "a probe asks a port that its container lacks", ("unserved-port",), _probe_port),
    Kind("backend-port", _S, "an Ingress leads to a port that its Service lacks", ("unserved-port",), _backend_port),
    Kind("fixed-replicas", _S, "an autoscaler, and a number of replicas", ("fixed-replicas",), _autoscaled),
    Kind("blocked-eviction", _S, "a budget that lets no pod go", ("blocked-eviction",), _budget),
)
