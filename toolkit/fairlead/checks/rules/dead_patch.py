"""A patch that matches nothing.

kustomize is silent where a `target:` selects nothing: the patch looks as if it did something. The selector is
judged against every resource that its kustomization gathers, by first and by present name. `fairlead check --fix`
takes the patch out, unless it looks like a slip of the pen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.checks.accumulate import Resource
from fairlead.checks.context import OVERLAY, Example, Judged, Shared
from fairlead.checks.entries import removed, within
from fairlead.checks.patches import Target, text_of
from fairlead.edit.nodes import Mapping
from fairlead.model.changes import Edit
from fairlead.model.findings import Finding, Severity
from fairlead.model.rendering import RenderFailed
from fairlead.repo.names import near_miss

ID = "dead-patch"
GROUP = "dead"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_PATCH = "  patch: |-\n    - op: add\n      path: /metadata/labels\n      value: {tier: front}\n"
BAD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\npatches:\n- target:\n    kind: Service\n"
        "    name: wbe\n" + _PATCH,
        "overlays/dev/service.yaml": _SERVICE,
    }
)
GOOD = Example(
    {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\npatches:\n- target:\n    kind: Service\n"
        "    name: web\n" + _PATCH,
        "overlays/dev/service.yaml": _SERVICE,
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Name the patches that nothing answers to."""
    refused = isinstance(judged.result, RenderFailed) and _REFUSED.search(judged.result.message) is not None
    resources = judged.shared.accumulator.of(judged.folder).resources
    for use in judged.shared.uses(judged.folder):
        if use.patch is None or use.hits or not use.patch.documents:
            continue
        if use.patch.target is None and not refused:
            continue  # kustomize itself refuses such a patch; it knows better whom it reached
        if use.patch.target is None:
            for document in use.patch.merges:
                kind, meta = text_of(document, "kind"), document.get("metadata")
                name = text_of(meta, "name") if isinstance(meta, Mapping) else ""
                alike = sorted({r.name for r in resources if r.kind == kind and r.name != name})
                remedy = near_miss(name, alike) or _REMEDY
                named = meta.get("name") if isinstance(meta, Mapping) else None
                where = use.patch.place.of(named or document)
                yield judged.finding(ID, _message(f"{kind} {name!r}"), remedy, where, severity=SEVERITY)
            continue
        key, remedy = _odd(use.patch.target, resources)
        at = within(judged.shared, use.where, ("patches", "patchesJson6902"), "target", key) if key else None
        yield judged.finding(ID, _message(use.what), remedy or _REMEDY, at or use.where, severity=SEVERITY)


def _odd(target: Target, resources: tuple[Resource, ...]) -> tuple[str, str]:
    """The field of a target that no resource has, and what may be meant by it."""
    kinds, names = {r.kind for r in resources}, {r.name for r in resources}
    for key, value, known in (("kind", target.kind, kinds), ("name", target.name, names)):
        if value and value not in known:
            remedy = near_miss(value, sorted(known))
            if remedy:
                return key, remedy
    return "", ""


def fix(shared: Shared, finding: Finding) -> tuple[Edit, ...]:
    """Take the entry out."""
    return removed(shared, finding, ("patches", "patchesJson6902"))


_REFUSED = re.compile(r"no matches for Id|failed to find unique target|no resource matches strategic merge patch")
_REMEDY = "name a resource that is there, or remove the patch"


def _message(what: str) -> str:
    return f"this patch matches nothing: no resource for {what}"
