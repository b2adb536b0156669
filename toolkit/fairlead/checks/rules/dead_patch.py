"""A patch that matches nothing.

kustomize is silent where a `target:` selects nothing: the patch looks as if it did something. The selector is
judged against every resource that its kustomization gathers, by first and by present name. `fairlead check --fix`
takes the patch out, unless it looks like a slip of the pen. A selector without a name is a warning: it is said of all
such resources, and components say that where there may be none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fairlead.checks.accumulate import Resource
from fairlead.checks.context import OVERLAY, Example, Judged, Shared
from fairlead.checks.entries import removed, within
from fairlead.checks.patches import Target, text_of
from fairlead.edit.nodes import Mapping
from fairlead.model.changes import Edit
from fairlead.model.findings import Finding, Severity
from fairlead.model.rendering import RenderFailed, RenderResult
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
    refused = stops(judged.result)
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
        name, kind = use.patch.target.name, use.patch.target.kind
        names = sorted({r.name for r in resources})
        if name and name not in names:
            remedy = near_miss(name, names)
        else:
            remedy = _there(use.patch.target, resources) or _slip(kind, resources)
        key = "kind" if kind and kind not in {r.kind for r in resources} else "name"
        at = within(judged.shared, use.where, ("patches", "patchesJson6902"), "target", key) if remedy else None
        # What selects by no name says something of all such resources, be there one today or none.
        general = not name and not remedy
        severity = Severity.WARNING if general else SEVERITY
        remedy = remedy or (_GENERAL if general else _REMEDY)
        yield judged.finding(ID, _message(use.what), remedy, at or use.where, severity=severity)


def stops(result: RenderResult) -> bool:
    """Whether it is for such a patch that kustomize refuses to build."""
    return isinstance(result, RenderFailed) and _REFUSED.search(result.message) is not None


def _there(target: Target, resources: Iterable[Resource]) -> str:
    from fairlead.checks.failures import there  # many patterns, for what is rare

    return there(target.kind, target.name, resources)


def _slip(kind: str, resources: Iterable[Resource]) -> str:
    """The kind that may be meant by one that nothing has; Application and ApplicationSet are both meant."""
    kinds = {resource.kind for resource in resources}
    alike = sorted(other for other in kinds if not _extends(kind, other) and not _extends(other, kind))
    return near_miss(kind, alike, cutoff=0.8) if kind and kind not in kinds else ""


def _extends(kind: str, other: str) -> bool:
    return kind.startswith(other) and kind[len(other) :][:1].isupper()


def fix(shared: Shared, finding: Finding) -> tuple[Edit, ...]:
    """Take the entry out; what a component says of all such resources may be meant for those to come."""
    node = shared.graph.kustomization(finding.where.path.rpartition("/")[0])
    if finding.remedy == _GENERAL and node is not None and node.component:
        return ()
    return removed(shared, finding, ("patches", "patchesJson6902"))


_REFUSED = re.compile(r"no matches for Id|failed to find unique target|no resource matches strategic merge patch")
_REMEDY = "name a resource that is there, or remove the patch"
_GENERAL = "mend the selector; or remove the patch, if no such resource is to come"


def _message(what: str) -> str:
    return f"this patch matches nothing: no resource for {what}"
