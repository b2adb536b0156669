"""What another tool says of rendered objects, and which of their fields it means; who runs the tool is unknown here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fairlead.checks.context import Judged
from fairlead.checks.objects import Object
from fairlead.checks.workloads import Path, pods, table
from fairlead.model.findings import Finding, Severity
from fairlead.model.patterns import pattern
from fairlead.model.values import dataclass

_NAME: Path = ("metadata", "name")
_CONTAINER = pattern(r"\bcontainer:? [\"'`]?([a-z0-9][-a-z0-9.]*)", re.IGNORECASE)
# What a word in a check's name says of the container's field that it is about; the first that fits.
_FIELDS = (
    ("pull-policy", "imagePullPolicy"),
    ("image", "image"),
    ("latest-tag", "image"),
    ("liveness", "livenessProbe"),
    ("readiness", "readinessProbe"),
    ("cpu", "resources"),
    ("memory", "resources"),
    ("resource", "resources"),
    ("ephemeral-storage", "resources"),
    ("env-var", "env"),
    ("environment-variable", "env"),
    ("port", "ports"),
    ("privilege", "securityContext"),
    ("non-root", "securityContext"),
    ("read-only-root", "securityContext"),
    ("security-context", "securityContext"),
    ("capabilities", "securityContext"),
)


@dataclass(frozen=True)
class Remark:
    """One thing that a tool says: by which of its checks, of which object (None: of none that was found), and where."""

    check: str
    severity: Severity
    message: str
    remedy: str
    about: Object | None = None
    path: Path = _NAME


def named(objects: Sequence[Object], kind: str, name: str, namespace: str, group: str) -> Object | None:
    """The object that a tool means; a namespace that the tool or the object leaves out fits any."""
    found = [o for o in objects if (o.kind, o.name) == (kind, name) and o.group == group]
    exact = (o for o in found if o.namespace == namespace)
    return next(exact, next((o for o in found if not o.namespace or not namespace), None))


def spot(about: Object | None, check: str, message: str, container: str = "") -> Path:
    """The field that a tool means: by the container that it names, and by what its check is called."""
    if about is None:
        return _NAME
    field = next((field for word, field in _FIELDS if word in check), "")
    held = [one for pod in pods(about) for one in pod.containers]
    words = {container, *_CONTAINER.findall(message)}
    meant = [one for one in held if one.name in words] or (held if field and len(held) == 1 else [])
    if meant:
        return (*meant[0].path, field) if field else meant[0].path
    if "replicas" in check and "replicas" in table(about.body.get("spec")):
        return ("spec", "replicas")
    return _NAME


def findings(judged: Judged, tool: str, remarks: Sequence[Remark]) -> Iterator[Finding]:
    """The remarks as findings, where their fields were written."""
    for remark in remarks:
        about = remark.about
        label = "" if about is None else about.label
        yield judged.finding(
            tool,
            f"{label}: {remark.message} ({remark.check})" if label else f"{remark.message} ({remark.check})",
            remark.remedy,
            judged.entry if about is None else judged.origin.of(about, remark.path),
            subject=label,
            severity=remark.severity,
        )


def plain(text: str) -> str:
    """A tool's words on one line."""
    return " ".join(text.split())
