"""Two apps of one environment bring the same object.

Each render is fine by itself. In the cluster the later one overwrites the earlier, and a controller that prunes
deletes what the other needs. Where two overlays have most of their objects in common, they may be one app for two
clusters, and that is one warning; so is an object that both take from the same file.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import FLEET, Example
from fairlead.checks.fleet import Fleet, Item
from fairlead.checks.objects import CLUSTER_SCOPED
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
_MANY = 4  # objects in common, from which on two overlays may be one app twice
_Key = tuple[str, ...]
_Pairs = dict[tuple[str, str], list[tuple[Overlay, Item, Overlay, Item]]]


def check(fleet: Fleet) -> Iterator[Finding]:
    """Compare the objects of all overlays that go into one place."""
    pairs, sizes = _pairs(fleet)
    copies: set[str] = set()
    for twins in pairs.values():
        overlay, _, other, _ = twins[0]
        if len(twins) >= _MANY and 2 * len(twins) >= max(sizes[overlay.path], sizes[other.path]):
            if overlay.path not in copies:
                copies.add(overlay.path)
                yield _copied(fleet, overlay, other, len(twins))
        else:
            for _, item, _, twin in twins:
                yield _told(fleet, overlay, item, other, twin)


def _pairs(fleet: Fleet) -> tuple[_Pairs, dict[str, int]]:
    """What each two overlays of different apps have in common, told of each that is concerned; and their sizes."""
    there: dict[_Key, list[tuple[Overlay, Item]]] = {}
    holds: dict[str, tuple[str, ...]] = {}
    sizes: dict[str, int] = {}
    for overlay in fleet.comparable():
        digest = fleet.digest(overlay)
        holds[overlay.path] = digest.holds
        sizes[overlay.path] = len(digest.items)
        for item in digest.items:
            if item.name and item.kind not in _SHARED and (item.namespace or item.kind in CLUSTER_SCOPED):
                key = (overlay.id.env, overlay.id.cluster, item.group, item.kind, item.namespace, item.name)
                there.setdefault(key, []).append((overlay, item))
    pairs: _Pairs = {}
    for found in there.values():
        for overlay, item in found if len(found) > 1 else ():
            if overlay.path not in fleet.concerned:
                continue
            for other, twin in found:
                nested = overlay.path in holds[other.path] or other.path in holds[overlay.path]
                if other.id.app != overlay.id.app and not nested:
                    pairs.setdefault((overlay.path, other.path), []).append((overlay, item, other, twin))
    return pairs, sizes


def _told(fleet: Fleet, overlay: Overlay, item: Item, other: Overlay, twin: Item) -> Finding:
    place = f"in the namespace {item.namespace}" if item.namespace else "for the whole cluster"
    same = item.where == twin.where  # one file for both: what is applied twice is the same, if nothing patches it
    return fleet.finding(
        ID,
        overlay,
        f"{item.label} {place} also comes from the app {other.id.app} of {other.id.env} ({twin.where})",
        "let one app bring it" if same else "give it another name, or let one app bring it",
        item.where,
        severity=Severity.WARNING if same else SEVERITY,
        subject=item.label,
    )


def _copied(fleet: Fleet, overlay: Overlay, other: Overlay, count: int) -> Finding:
    return fleet.finding(
        ID,
        overlay,
        f"{count} objects of {overlay.id.app} also come from {other.id.app} of {other.id.env}, most of what both have",
        "if they go into different clusters, say so: put {cluster} into `layout:` where its name stands; "
        "else let one of them bring the objects",
        fleet.entry(overlay),
        severity=Severity.WARNING,
    )
