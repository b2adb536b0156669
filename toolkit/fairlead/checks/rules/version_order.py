"""A later environment runs a newer version than the one before it.

What came past the chain was tried nowhere, and the next promotion would take it back. Versions are compared by the
order of semantic versions, build numbers or time stamps; where they have none, or come from different builds,
nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import FLEET, Example
from fairlead.checks.fleet import Fleet, Image
from fairlead.model.findings import Finding, Severity
from fairlead.model.overlays import Overlay
from fairlead.repo.apps import chains_of
from fairlead.repo.versions import channel, floats, goes_back

ID = "version-order"
GROUP = "environment"
SEVERITY = Severity.WARNING
SCOPE = FLEET

_CONFIG = "version: 1\nenvironments: {staging: {}, production: {}}\nchains: [[staging, production]]\n"
_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n"
    "  containers:\n  - name: web\n    image: example.com/web\n"
)
_OVERLAY = 'resources:\n- ../../base\nimages:\n- name: example.com/web\n  newTag: "%s"\n'
_BASE = {"base/kustomization.yaml": "resources:\n- pod.yaml\n", "base/pod.yaml": _POD}
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        **_BASE,
        "overlays/staging/kustomization.yaml": _OVERLAY % "1.9.0",
        "overlays/production/kustomization.yaml": _OVERLAY % "1.10.0",
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        **_BASE,
        "overlays/staging/kustomization.yaml": _OVERLAY % "1.10.0",
        "overlays/production/kustomization.yaml": _OVERLAY % "1.9.0",
    }
)
_Key = tuple[str, str, str]  # owner, container, image


def check(fleet: Fleet) -> Iterator[Finding]:
    """Compare the images of each app along the chains."""
    for overlays in fleet.siblings():
        runs: dict[str, dict[_Key, list[tuple[Overlay, Image]]]] = {}
        for overlay in overlays:
            for image in fleet.digest(overlay).images if '"images"' in fleet.digests[overlay.path] else ():
                key = (image.owner, image.container, image.name)
                runs.setdefault(overlay.id.env, {}).setdefault(key, []).append((overlay, image))
        for chain in chains_of(fleet.config, overlays[0].id.app):
            for number in range(1, len(chain)):
                for env in chain[number]:
                    for key, found in runs.get(env, {}).items():
                        yield from _ahead(fleet, found, _before(runs, chain[:number], key))


def _before(
    runs: dict[str, dict[_Key, list[tuple[Overlay, Image]]]], stages: tuple[tuple[str, ...], ...], key: _Key
) -> list[tuple[Overlay, Image]]:
    """What the nearest stage before runs, among those that run it at all."""
    for stage in reversed(stages):
        found = [one for env in stage for one in runs.get(env, {}).get(key, ())]
        if found:
            return found
    return []


def _ahead(fleet: Fleet, here: list[tuple[Overlay, Image]], before: list[tuple[Overlay, Image]]) -> Iterator[Finding]:
    for overlay, image in here:
        if before and all(_is_newer(image.version, earlier.version) for _, earlier in before):
            at, earlier = before[0]
            yield fleet.finding(
                ID,
                overlay,
                f"{image.name} {image.version} is ahead of {at.id.env}, which has {earlier.version} ({earlier.where})",
                f"bring {image.version} into {at.id.env} first, or promote what {at.id.env} has",
                image.where,
                severity=fleet.weighed(overlay, SEVERITY, Severity.NOTE),
                subject=image.owner,
            )


def _is_newer(version: str, than: str) -> bool:
    comparable = version and than and not floats(version) and not floats(than) and channel(version) == channel(than)
    return bool(comparable) and goes_back(version, than)
