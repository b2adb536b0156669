"""A generated ConfigMap or Secret that nothing in its render refers to.

Its name ends in a hash, so hardly anybody else can name it. Only generators whose names have one are judged; what is
read by a custom resource, or by a label, counts as used where its name stands anywhere. Judged where it is selected.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.objects import Json
from fairlead.model.findings import Finding, Severity

ID = "unused-generator"
GROUP = "dead"
SEVERITY = Severity.NOTE
SCOPE = OVERLAY
OPTIONAL = True

_CONFIG = (
    "version: 1\nenvironments: {dev: {}}\nlayout: ['overlays/{env}']\ncheck: {select: [default, unused-generator]}\n"
)
_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n"
    "  - name: web\n    image: example.com/shop/web:1.0\n    envFrom:\n    - configMapRef:\n        name: settings\n"
)
_GENERATOR = "resources:\n- pod.yaml\nconfigMapGenerator:\n- name: settings\n  literals: [A=1]\n"
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": _GENERATOR + "- name: forgotten\n  literals: [B=1]\n",
        "overlays/dev/pod.yaml": _POD,
    }
)
GOOD = Example({"fairlead.yaml": _CONFIG, "overlays/dev/kustomization.yaml": _GENERATOR, "overlays/dev/pod.yaml": _POD})


def check(judged: Judged) -> Iterator[Finding]:
    """Look for each hashed name in all other objects."""
    made = [o for o in judged.objects if o.kind in ("ConfigMap", "Secret")]
    hashed = {o.name: o for o in made if (r := judged.origin.resource(o)) is not None and r.hashed}
    if not hashed:
        return
    for rendered in judged.objects:
        for written in _texts(rendered.body) if rendered.name not in hashed else ():
            hashed.pop(written, None)
    for rendered in hashed.values():
        resource = judged.origin.resource(rendered)
        where = judged.entry if resource is None else resource.place.of(resource.node)
        yield judged.finding(
            ID,
            f"nothing refers to the {rendered.kind} that is generated here",
            "refer to it, or take the generator out",
            where,
            subject=rendered.label,
            severity=SEVERITY,
        )


def _texts(body: Json) -> Iterator[str]:
    """All texts of an object."""
    stack = [body]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, str):
            yield node
