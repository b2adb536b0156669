"""An object that Kubernetes would refuse, or a field that it would drop.

Judged by Kubernetes' own schemas, of the version that the environment declares (`kubernetes:`), strictly:
unknown fields are errors, because the server ignores them, and what was meant does not happen. A custom resource
is judged by the CustomResourceDefinition that the overlay renders or that lies in the repository, by the API
server's rules for it; else by what `check: {schema_locations}` leads to.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.checks.encrypted import decrypted, is_cipher
from fairlead.checks.objects import Object
from fairlead.checks.places import value_at
from fairlead.checks.schemas import Coverage
from fairlead.checks.substitution import is_open
from fairlead.checks.violations import Schema, Violation
from fairlead.model.findings import Finding, Severity, Where

ID = "schema"
GROUP = "schema"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_KUSTOMIZATION = "resources:\n- pod.yaml\n"
_POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/pod.yaml": _POD + "    imagePullPolciy: Always\n    image: example.com/web:1\n",
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/pod.yaml": _POD + "    imagePullPolicy: Always\n    image: example.com/web:1\n",
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Judge every object whose kind has a schema."""
    broken: set[str] = set()
    for rendered in judged.objects:
        coverage = judged.schemas.of(rendered)
        if coverage.broken is not None and coverage.broken[0] not in broken:
            path, reason = coverage.broken
            broken.add(path)
            yield judged.finding(
                ID, f"{path} is no schema: {reason}", "mend the file, or take it out of `check: {schema_locations}`",
                Where(path, 1, 1), severity=SEVERITY,
            )  # fmt: skip
        for schema, violation in _violations(coverage, rendered):
            yield judged.finding(
                ID,
                f"{rendered.label}: {violation.message}",
                f"{violation.remedy} ({schema.named})",
                judged.origin.of(rendered, violation.path, key=bool(violation.unknown)),
                subject=rendered.label,
                severity=Severity.WARNING if violation.kept else SEVERITY,
            )


def _violations(coverage: Coverage, rendered: Object) -> Iterator[tuple[Schema, Violation]]:
    """What the first schema says, unless another one takes the object."""
    body = decrypted(rendered.body)
    found = [(schema, _closed(schema.violations(body), rendered)) for schema in coverage.schemas]
    if found and all(violations for _, violations in found):
        schema, violations = found[0]
        yield from ((schema, violation) for violation in violations)


def _closed(violations: list[Violation], rendered: Object) -> list[Violation]:
    """Those of values that are known: what is still to be substituted or decrypted has no type yet."""
    values = ((one, value_at(rendered.body, one.path)) for one in violations)
    return [one for one, value in values if not is_open(value) and not is_cipher(value)]
