"""Overlays that a template engine fills in after kustomize: what is applied in the end, nobody knows yet."""

from __future__ import annotations

from fairlead.checks.context import Judged
from fairlead.checks.workloads import text
from fairlead.model.rendering import Rendered


def unfilled(judged: Judged) -> str:
    """A name with a mark in it, which Kubernetes never takes; empty where none has one."""
    if not isinstance(judged.result, Rendered) or "{{" not in judged.result.text:
        return ""
    containers = (text(container.body.get("name")) for pod in judged.pods for container in pod.containers)
    return next((name for name in (*(one.name for one in judged.objects), *containers) if "{{" in name), "")
