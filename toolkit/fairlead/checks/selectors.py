"""Which labels a selector means, as Kubernetes reads it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fairlead.checks.workloads import Pod, items, table, text


def wants(pairs: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether labels have all of these pairs."""
    return all(labels.get(key) == value for key, value in pairs.items())


def selects(selector: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    """Whether a `LabelSelector` (matchLabels, matchExpressions) means these labels; an empty one means all."""
    return wants(table(selector.get("matchLabels")), labels) and all(
        _holds(table(one), labels) for one in items(selector.get("matchExpressions"))
    )


def _holds(expression: Mapping[str, Any], labels: Mapping[str, Any]) -> bool:
    key, operator = text(expression.get("key")), text(expression.get("operator"))
    values = items(expression.get("values"))
    if operator == "In":
        return labels.get(key) in values
    if operator == "NotIn":
        return labels.get(key) not in values
    return (key in labels) == (operator == "Exists")


def of_service(pods: Iterable[Pod], spec: Mapping[str, Any], namespace: str) -> Iterator[Pod]:
    """The pods that a Service's `spec.selector` means."""
    pairs = table(spec.get("selector"))
    return (pod for pod in pods if pod.owner.namespace == namespace and wants(pairs, pod.labels))


def chosen(pods: Iterable[Pod], selector: Mapping[str, Any], namespace: str) -> Iterator[Pod]:
    """The pods that a `LabelSelector` means."""
    return (pod for pod in pods if pod.owner.namespace == namespace and selects(selector, pod.labels))
