"""A variable that Flux is to put into an overlay, and that nothing gives a value.

Where a Flux Kustomization has `postBuild` values, each `${name}` in what it builds is replaced; one that neither
`substitute` nor `substituteFrom` gives a value becomes nothing at all, without an error. What has a default
(`${name:=x}`), is escaped (`$${name}`) or stands in an object with the annotation
`kustomize.toolkit.fluxcd.io/substitute: disabled` is fine; and where a ConfigMap or Secret is not in the repository,
nobody can tell, but for a slip of the pen: the name is like one that is given a value, and that nothing uses.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import FLEET, Example
from fairlead.checks.fleet import Fleet, Reconciler
from fairlead.model.findings import Finding, Severity
from fairlead.repo.names import near_miss

ID = "unset-variable"
GROUP = "controllers"
SEVERITY = Severity.WARNING
SCOPE = FLEET

_FLUX = (
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web, namespace: flux-system}\n"
    "spec:\n  interval: 5m\n  prune: true\n  path: ./overlays/dev\n"
    "  sourceRef: {kind: GitRepository, name: flux-system}\n  postBuild:\n    substitute: {%s: eu}\n"
)
_OVERLAY = {"overlays/dev/kustomization.yaml": "configMapGenerator:\n- name: web\n  literals:\n  - REGION=${region}\n"}
BAD = Example({**_OVERLAY, "clusters/dev/web.yaml": _FLUX % "area"})
GOOD = Example({**_OVERLAY, "clusters/dev/web.yaml": _FLUX % "region"})


def check(fleet: Fleet) -> Iterator[Finding]:
    """Compare what is used in each folder with what is given by who builds it."""
    building = [(where, one) for where, one in fleet.reconcilers if one.substitutes is not None]
    if not building:
        return
    keys = fleet.keys_of(frozenset(name for _, one in building for name in one.sources))
    for _, one in building:
        for folder in one.paths:
            if folder in fleet.digests:
                known = {*(one.substitutes or ()), *(key for name in one.sources for key in keys.get(name, ()))}
                yield from _told(fleet, folder, one, known, sure=all(name in keys for name in one.sources))


def _told(fleet: Fleet, folder: str, one: Reconciler, known: set[str], *, sure: bool) -> Iterator[Finding]:
    variables = fleet.variables_of(folder)
    unused = sorted(known.difference(variable.name for variable in variables))
    for variable in variables:
        near = "" if variable.name in known else near_miss(variable.name, unused, 0.85)
        if variable.name not in known and (sure or near):
            yield Finding(
                ID,
                SEVERITY,
                f"nothing gives ${{{variable.name}}} a value: not {one.label} ({one.where}), which builds {folder}",
                near
                or f"add it to `postBuild: {{substitute: …}}`, write a default (${{{variable.name}:=…}}), "
                f"or escape it ($${{{variable.name}}})",
                variable.where,
                overlay=folder,
                overlays=(folder,),
            )
