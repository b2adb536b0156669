"""A pod, or another object, names a ConfigMap, Secret, Service or the like that nobody brings.

The pod then waits for it for ever. What another app of the same environment brings counts as there; what comes
from outside of the repository is named in fairlead.yaml.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from fairlead.checks.context import FLEET, Example
from fairlead.checks.fleet import Fleet, Wanted
from fairlead.model.findings import Finding, Severity

ID = "dangling-reference"
GROUP = "safety"
SEVERITY = Severity.WARNING
SCOPE = FLEET

_CONFIG = "version: 1\nenvironments: {dev: {}}\n"
_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n"
    "    image: example.com/web:1\n    envFrom:\n    - configMapRef:\n        name: settings\n"
)
_MAP = "configMapGenerator:\n- name: %s\n  literals: [A=b]\n"
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\n" + _MAP % "setting",
        "overlays/dev/pod.yaml": _POD,
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "resources:\n- pod.yaml\n" + _MAP % "settings",
        "overlays/dev/pod.yaml": _POD,
    }
)


def check(fleet: Fleet) -> Iterator[Finding]:
    """Look for what each overlay wants among all that its environment gets."""
    there: dict[str, set[tuple[str, str, str]]] = {}
    for overlay in fleet.overlays:
        found = there.setdefault(overlay.id.env, set())
        found.update((i.kind, i.namespace, i.name) for i in fleet.digest(overlay).items)
    for overlay in fleet.overlays:
        env = overlay.id.env
        if overlay.path not in fleet.concerned or not fleet.knows(env):
            continue
        for wanted in fleet.digest(overlay).wanted:
            if (wanted.kind, wanted.namespace, wanted.name) in there[env] or _external(fleet, wanted):
                continue
            yield fleet.finding(
                ID,
                overlay,
                f"{wanted.by} refers to the {wanted.kind} {wanted.name!r}, which nothing in {env} brings",
                f"add it, or say that it comes from elsewhere: `check: {{external: [{wanted.kind}/{wanted.name}]}}`",
                wanted.where,
                severity=SEVERITY,
                subject=wanted.by,
            )


def _external(fleet: Fleet, wanted: Wanted) -> bool:
    names = (f"{wanted.kind}/{wanted.name}", f"{wanted.namespace}/{wanted.kind}/{wanted.name}")
    return any(fnmatchcase(name, glob) for name in names for glob in fleet.config.check.external)
