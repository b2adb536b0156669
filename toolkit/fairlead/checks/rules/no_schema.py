"""A kind that no schema is known for, so that its fields were not judged.

One note a kind, with the overlays that have it. `fairlead schemas vendor` brings schemas into the repository. Where
nothing may go unjudged, make it an error, for all environments or by `check: {overrides}` for one.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.apis import unjudged
from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.objects import Object
from fairlead.model.findings import Finding, Severity

ID = "no-schema"
GROUP = "schema"
SEVERITY = Severity.NOTE
SCOPE = OVERLAY

_KUSTOMIZATION = "resources:\n- object.yaml\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/object.yaml": "apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: web\n",
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/object.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: web\n",
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Name each kind without a schema, at its first object."""
    counted: dict[tuple[str, str], list[Object]] = {}
    for rendered in judged.objects if judged.schemas.version else ():
        if unjudged(judged, rendered):
            counted.setdefault((rendered.api_version, rendered.kind), []).append(rendered)
    for (api_version, kind), objects in counted.items():
        defined = judged.schemas.of(objects[0]).defined
        reason = f", its definition in {defined} has none" if defined else ""
        yield judged.finding(
            ID,
            f"no schema for {kind} ({api_version}){reason}: not judged",
            "put its CustomResourceDefinition into the repository, or its schema: fairlead schemas vendor",
            judged.origin.of(objects[0], ("kind",)),
            severity=SEVERITY,
        )
