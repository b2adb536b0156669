"""A field of a kustomization that kustomize wants no more.

It still works, with a warning that names no line, and goes with the next major version. `fairlead check --fix`
writes what is to stand there instead, wherever every overlay that reads the file renders the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import REPOSITORY, Example, Shared
from fairlead.checks.modern import rewritten
from fairlead.edit.nodes import Mapping, Scalar, Sequence
from fairlead.model.changes import Edit
from fairlead.model.findings import Finding, Severity, Where

ID = "deprecated-field"
GROUP = "builds"
SEVERITY = Severity.WARNING
SCOPE = REPOSITORY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\ncommonLabels:\n  team: shop\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\nlabels:\n- includeSelectors: true\n  pairs:\n"
        "    team: shop\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)

_INSTEAD = {
    "bases": "list its entries under `resources`",
    "imageTags": "call it `images`",
    "commonLabels": "write `labels: [{pairs: {...}, includeSelectors: true}]`",
    "patchesStrategicMerge": "list its entries under `patches`, each as `path:` or `patch:`",
    "patchesJson6902": "list its entries under `patches`",
    "vars": "write `replacements:`, which say what goes where",
    "helmChartInflationGenerator": "write `helmCharts`",
}


def check(shared: Shared) -> Iterator[Finding]:
    """Look at the fields of every kustomization that is read."""
    for node in shared.kustomizations:
        for key, value in node.body.items if node.body is not None else ():
            if key.value in _INSTEAD and not (isinstance(value, Scalar) and not value.value):
                yield _finding(node.path, key, _INSTEAD[key.value])
            if key.value in ("configMapGenerator", "secretGenerator") and isinstance(value, Sequence):
                for entry in value.items:
                    old = entry.key("env") if isinstance(entry, Mapping) else None
                    if old is not None:
                        yield _finding(node.path, old, "write `envs:`, a list")


def _finding(path: str, key: Scalar, instead: str) -> Finding:
    return Finding(ID, SEVERITY, f"`{key.value}` is deprecated", instead, Where(path, key.line, key.column))


def fix(shared: Shared, finding: Finding) -> tuple[Edit, ...]:
    """The same by the fields of today."""
    return rewritten(shared, finding.where)
