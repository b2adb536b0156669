"""A reference to something of another environment: a Secret, a bucket, a role, a file of its overlay, the overlay.

A copied overlay keeps the names of where it was copied from, and writes into the bucket of staging. What a name
says is told by the words of the environments: one that holds another's word and none of its own sounds foreign. Read
are references, settings, arguments, and what stands under keys such as `bucket`, `path` or `key`.
Names that the same overlay brings are fine, and so are values that are a mere mode (`NODE_ENV=production`). An object
of Argo CD or Flux that has another environment's overlay applied is told where most of those beside it lead to its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from fairlead.checks.context import OVERLAY, Example, Json, Judged
from fairlead.checks.controllers import is_custom
from fairlead.checks.hosts import named, settings
from fairlead.checks.objects import Object
from fairlead.checks.reconcilers import is_controller, pointers
from fairlead.checks.references import references
from fairlead.checks.workloads import Path, Pod, items, pods, table, text, texts
from fairlead.model.findings import Finding, Severity
from fairlead.model.rendering import Rendered

ID = "foreign-reference"
GROUP = "environment"
SEVERITY = Severity.WARNING
SCOPE = OVERLAY

_CONFIG = "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"
_MAP = "configMapGenerator:\n- name: web\n  literals:\n  - BUCKET=shop-%s-assets\n  - MODE=production\n"
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": _MAP % "dev",
        "overlays/production/kustomization.yaml": _MAP % "dev",
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": _MAP % "dev",
        "overlays/production/kustomization.yaml": _MAP % "production",
    }
)
_LONGEST = 256  # of a value that is a name
# A certificate authority's environments are not one's own.
_NOT_OURS = ("letsencrypt", "acme", "lets-encrypt")
# Where objects name roles and secrets of elsewhere; `*` is every item.
_WAYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "RoleBinding": (("roleRef", "name"), ("subjects", "*", "name")),
    "ClusterRoleBinding": (("roleRef", "name"), ("subjects", "*", "name"), ("subjects", "*", "namespace")),
    "Ingress": (("spec", "tls", "*", "secretName"),),
    "PersistentVolumeClaim": (("spec", "volumeName"),),
}
# What keys of custom resources end with, where their values name something of elsewhere; and keys of all others.
_NAMING = ("account", "bucket", "database", "key", "name", "path", "prefix", "project", "role", "secret", "vault")
_NATIVE = frozenset(("bucket", "key", "path", "role", "share"))
_DATA = frozenset(("ConfigMap", "CustomResourceDefinition", "Secret"))  # whose keys are anybody's
_ROLES = ("role-arn", "gcp-service-account", "client-id", "/role")  # how the keys of such annotations end


def check(judged: Judged) -> Iterator[Finding]:
    """Look at what the files of an environment's overlay name, and at what its objects do."""
    if judged.overlay is None or len(judged.shared.environments) < 2:
        return
    yield from _paths(judged)
    yield from _applied(judged)
    if not _may_name(judged):
        return
    here = {rendered.name for rendered in judged.objects}
    for rendered in judged.objects:
        named_at: dict[Path, tuple[str, str]] = {}
        for what, name, path in _names(rendered):
            named_at.setdefault(path, (what, name))
        for path, (what, name) in named_at.items():
            owner = judged.foreign(name)
            if owner and name not in here and not name.lower().startswith(_NOT_OURS):
                yield _told(
                    judged, rendered, f"{rendered.label} names {what}{name!r}, which sounds like {owner}'s", path
                )


def _may_name(judged: Judged) -> bool:
    """Whether another environment's word is anywhere in what is rendered: most of the time, that is quickly said."""
    if judged.substitution is not None or not isinstance(judged.result, Rendered):
        return True
    said = judged.result.text.lower()
    return any(word in said for word in judged.shared.words.others(judged.env))


def _told(judged: Judged, rendered: Object, message: str, path: Path) -> Finding:
    return judged.finding(
        ID,
        f"{message}, in an overlay of {judged.env}",
        f"name what is {judged.env}'s own",
        judged.origin.of(rendered, path),
        subject=rendered.label,
        severity=judged.weighed(SEVERITY, Severity.NOTE),
    )


def _names(rendered: Object) -> Iterator[tuple[str, str, Path]]:
    """What is named, its name, and the way there."""
    for kind, _, name, path in references(rendered):
        yield f"the {kind} ", name, path
    for way in _WAYS.get(rendered.kind, ()):
        for name, path in texts(rendered.body, way):
            yield "", name, path
    if rendered.kind not in _DATA and not is_controller(rendered):
        for value, path in _named(rendered.body.get("spec"), ("spec",), custom=is_custom(rendered)):
            if _is_words(value):
                yield "", value, path
    for pod in pods(rendered):
        yield from _arguments(pod)
    for key, value in table(table(rendered.body.get("metadata")).get("annotations")).items():
        if isinstance(value, str) and key.endswith(_ROLES):
            yield "the role ", value, ("metadata", "annotations", key)
    hosts: dict[Path, list[str]] = {}  # another rule's
    for host, path in named(rendered):
        hosts.setdefault(path, []).append(host)
    for value, path in settings(rendered):
        if _is_name(value):
            yield "", reduce(lambda rest, host: rest.replace(host, ""), hosts.get(path, ()), value), path


def _named(body: Json, path: Path, *, custom: bool) -> Iterator[tuple[str, Path]]:
    """The texts under keys that name something."""
    if isinstance(body, list):
        for index, each in enumerate(body):
            if isinstance(each, dict):
                yield from _named(each, (*path, index), custom=custom)
    elif isinstance(body, dict):
        for key, value in body.items():
            if isinstance(value, dict | list):
                yield from _named(value, (*path, key), custom=custom)
            elif isinstance(value, str) and (key.lower().endswith(_NAMING) if custom else key in _NATIVE):
                yield value, (*path, key)


def _arguments(pod: Pod) -> Iterator[tuple[str, str, Path]]:
    """The names that the arguments of containers give to flags, and those that stand alone."""
    for container in pod.containers:
        for key in ("command", "args"):
            for index, argument in enumerate(items(container.body.get(key))):
                flag, _, value = text(argument).partition("=")
                name = value if flag.startswith("-") else text(argument)
                if _is_name(name):
                    yield "", name, (*container.path, key, index)


def _is_name(value: str) -> bool:
    """Whether a setting's value names a thing: more than one word, neither a sentence nor a flag nor a device."""
    return (
        _is_words(value)
        and not any(c in "{}$*" for c in value)
        and ("=" not in value or "://" in value)
        and not value.startswith((".", "-"))
    )


def _is_words(value: str) -> bool:
    device = value.startswith("/dev/") or value == "/dev"
    return len(value) <= _LONGEST and not device and not value.isalnum() and not any(c.isspace() for c in value)


def _paths(judged: Judged) -> Iterator[Finding]:
    """What the kustomizations of an overlay read of another environment's overlay."""
    for node in judged.closure.kustomizations:
        if _owner(judged, node.folder):
            continue  # whoever led here was told
        for reference in node.references:
            owner = _owner(judged, reference.path or "") if reference.found else ""
            if owner:
                yield judged.finding(
                    ID,
                    f"{reference.written!r} is {owner}'s: what is edited there for {owner} reaches {judged.env}, too",
                    f"give {judged.env} a file of its own, or move what they share into a base",
                    reference.where,
                    severity=judged.weighed(SEVERITY, Severity.NOTE),
                )


def _applied(judged: Judged) -> Iterator[Finding]:
    """Objects that have another environment's overlay applied, unless that is what this overlay is for."""
    own, found = 0, []
    for rendered in judged.objects:
        for pointer in pointers(rendered) if is_controller(rendered) else ():
            target = judged.shared.by_path.get(pointer.path)
            if target is not None and target.id.env == judged.env:
                own += 1
            elif target is not None and judged.foreign(target.id.env):
                found.append((rendered, pointer, target))
    for rendered, pointer, target in found:
        itself = judged.overlay is not None and judged.overlay.id.app == target.id.app
        if own > len(found) or (itself and len(found) == 1):
            message = f"{rendered.label} applies {pointer.path!r}, which is {target.id.env}'s"
            yield _told(judged, rendered, message, pointer.at)


def _owner(judged: Judged, path: str) -> str:
    """The other environment whose overlay a path lies in, or that a folder on the way is named after."""
    parts = path.split("/")
    for size in range(len(parts), 0, -1):
        overlay = judged.shared.by_path.get("/".join(parts[:size]))
        if overlay is not None:
            return overlay.id.env if overlay.id.env != judged.env else ""
    found = judged.shared.words.found
    named_after = [part for part in parts if found(part) == (part.lower(),)]
    return judged.foreign("/".join(named_after)) if named_after else ""
