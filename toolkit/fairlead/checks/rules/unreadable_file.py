"""A file that isn't YAML, or too large or too deep to be read as YAML.

An error where the overlay doesn't build either; a warning where kustomize reads it all the same, because
then the other rules could not look into it.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.rendering import Rendered

ID = "unreadable-file"
GROUP = "builds"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_KUSTOMIZATION = "resources:\n- service.yaml\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: [web\n",
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": _KUSTOMIZATION,
        "overlays/dev/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n",
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Name every file of the overlay that can't be read."""
    built = isinstance(judged.result, Rendered)
    for path in sorted(judged.yaml_files):
        problem = judged.shared.sources.problem(path)
        if problem is None:
            continue
        message, remedy = problem.message, problem.remedy or "mend the YAML"
        if judged.shared.sources.is_template(path):
            message += "; it holds template marks, which kustomize does not fill in"
            remedy = "fill the template in before, or take the file out of the kustomization"
        severity = Severity.WARNING if built else SEVERITY
        yield judged.finding(ID, message, remedy, problem.where or Where(path), severity=severity)
