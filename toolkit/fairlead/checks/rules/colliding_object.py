"""Two apps of one environment bring the same object.

Each render is fine by itself. In the cluster the later one overwrites the earlier, and a controller that prunes
deletes what the other needs.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import FLEET, Example
from fairlead.checks.fleet import Fleet, Item
from fairlead.checks.layers import CLUSTER_SCOPED
from fairlead.model.findings import Finding, Severity
from fairlead.model.overlays import Overlay

ID = "colliding-object"
GROUP = "environment"
SEVERITY = Severity.ERROR
SCOPE = FLEET

_CONFIG = 'version: 1\nenvironments: {production: {}}\nchains: [[production]]\nlayout: ["apps/{app}/overlays/{env}"]\n'
_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata: {a: b}\n"
_OVERLAY = "namespace: shop\nresources:\n- map.yaml\n"
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "apps/cart/overlays/production/kustomization.yaml": _OVERLAY,
        "apps/cart/overlays/production/map.yaml": _MAP % "settings",
        "apps/web/overlays/production/kustomization.yaml": _OVERLAY,
        "apps/web/overlays/production/map.yaml": _MAP % "settings",
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "apps/cart/overlays/production/kustomization.yaml": _OVERLAY,
        "apps/cart/overlays/production/map.yaml": _MAP % "cart-settings",
        "apps/web/overlays/production/kustomization.yaml": _OVERLAY,
        "apps/web/overlays/production/map.yaml": _MAP % "web-settings",
    }
)
_SHARED = frozenset(("Namespace", "CustomResourceDefinition"))  # several apps may bring these, all the same


def check(fleet: Fleet) -> Iterator[Finding]:
    """Compare the objects of all overlays that go into one place."""
    first: dict[tuple[str, ...], tuple[Overlay, Item]] = {}
    holds: dict[str, tuple[str, ...]] = {}
    for overlay in fleet.overlays:
        digest = fleet.digest(overlay)
        holds[overlay.path] = digest.holds
        for item in digest.items:
            if item.kind in _SHARED or not (item.namespace or item.kind in CLUSTER_SCOPED):
                continue
            key = (overlay.id.env, overlay.id.cluster, item.group, item.kind, item.namespace, item.name)
            other, twin = first.setdefault(key, (overlay, item))
            nested = overlay.path in holds[other.path] or other.path in digest.holds
            if other.id.app != overlay.id.app and not nested:
                yield from _told(fleet, overlay, item, other, twin)
                yield from _told(fleet, other, twin, overlay, item)


def _told(fleet: Fleet, overlay: Overlay, item: Item, other: Overlay, twin: Item) -> Iterator[Finding]:
    place = f"in the namespace {item.namespace}" if item.namespace else "for the whole cluster"
    yield fleet.finding(
        ID,
        overlay,
        f"{item.label} {place} also comes from the app {other.id.app} ({twin.where})",
        "give it another name, or let one app bring it",
        item.where,
        severity=SEVERITY,
        subject=item.label,
    )
