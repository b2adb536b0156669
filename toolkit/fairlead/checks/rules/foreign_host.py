"""A host of another environment.

A production that answers for a host of staging, or whose settings call one, serves and reads what was meant for
tests. A host is another environment's where an overlay of the same app answers for it there, and none does here, or
where its name holds the word of that environment and none of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import FLEET, Example
from fairlead.checks.fleet import Fleet, Host
from fairlead.model.findings import Finding, Severity
from fairlead.model.overlays import Overlay

ID = "foreign-host"
GROUP = "environment"
SEVERITY = Severity.WARNING
SCOPE = FLEET

_CONFIG = "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"
_INGRESS = (
    "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: web\nspec:\n"
    "  defaultBackend: {resource: {apiGroup: example.com, kind: Bucket, name: web}}\n"
    "  rules:\n  - host: %s.example.com\n"
)
_OVERLAY = (
    "resources:\n- ingress.yaml\nconfigMapGenerator:\n- name: web\n  literals:\n  - API=https://%s.example.com/v1\n"
)
_DEV = {"overlays/dev/kustomization.yaml": _OVERLAY % "beta", "overlays/dev/ingress.yaml": _INGRESS % "beta"}
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        **_DEV,
        "overlays/production/kustomization.yaml": _OVERLAY % "beta",
        "overlays/production/ingress.yaml": _INGRESS % "www",
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        **_DEV,
        "overlays/production/kustomization.yaml": _OVERLAY % "www",
        "overlays/production/ingress.yaml": _INGRESS % "www",
    }
)


def check(fleet: Fleet) -> Iterator[Finding]:
    """Compare the hosts of each app's overlays."""
    for overlays in fleet.siblings():
        told = [(o, fleet.digest(o).hosts) for o in overlays if '"hosts"' in fleet.digests[o.path]]
        answered: dict[str, set[str]] = {}
        for overlay, hosts in told:
            for host in hosts:
                if host.answered:
                    answered.setdefault(host.name, set()).add(overlay.id.env)
        for overlay, hosts in told:
            for host in hosts:
                yield from _told(fleet, overlay, host, answered.get(host.name, set()))


def _told(fleet: Fleet, overlay: Overlay, host: Host, answered: set[str]) -> Iterator[Finding]:
    own = overlay.id.env
    owner = fleet.foreign(overlay, host.name.rpartition(".")[0])
    if not owner:  # a host of no word is foreign where it is answered for elsewhere, and only called here
        owner = min(answered) if answered and own not in answered else ""
    if not owner:
        return
    certain = owner in answered
    does = "answers for" if host.answered else "names"
    yield fleet.finding(
        ID,
        overlay,
        f"{host.by} {does} the host {host.name!r}, "
        + (f"which the overlay of {owner} answers for" if certain else f"which sounds like {owner}'s")
        + f", in an overlay of {own}",
        f"name {own}'s own host",
        host.where,
        severity=fleet.weighed(overlay, SEVERITY, SEVERITY if certain else Severity.NOTE),
        subject=host.by,
    )
