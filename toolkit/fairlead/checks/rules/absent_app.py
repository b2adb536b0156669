"""An environment lacks an app that others of its chain have.

A hole in the middle of a chain stops promotion: what staging has never seen doesn't go to production. An app that
has not come to the end of a chain yet, or has left its beginning, is a note, and so is a hole in an environment that
has few apps at all; one that only one environment has is its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from fairlead.checks.context import FLEET, Example
from fairlead.checks.fleet import Fleet
from fairlead.model.findings import Finding, Severity
from fairlead.repo.apps import chains_of

ID = "absent-app"
GROUP = "dead"
SEVERITY = Severity.WARNING
SCOPE = FLEET

_CONFIG = (
    "version: 1\nenvironments: {dev: {}, staging: {}, production: {}}\nchains: [[dev, staging, production]]\n"
    'layout: ["apps/{app}/overlays/{env}"]\n'
)
_OVERLAY = "configMapGenerator:\n- name: web\n  literals: [A=b]\n"
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "apps/cart/overlays/staging/kustomization.yaml": _OVERLAY,
        "apps/web/overlays/dev/kustomization.yaml": _OVERLAY,
        "apps/web/overlays/production/kustomization.yaml": _OVERLAY,
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        "apps/cart/overlays/staging/kustomization.yaml": _OVERLAY,
        "apps/web/overlays/dev/kustomization.yaml": _OVERLAY,
        "apps/web/overlays/staging/kustomization.yaml": _OVERLAY,
        "apps/web/overlays/production/kustomization.yaml": _OVERLAY,
    }
)
_FEW = 2


def check(fleet: Fleet) -> Iterator[Finding]:
    """Look for each app in all stages of the chains that it stands in."""
    apps = Counter(env for _, env in {(o.id.app, o.id.env) for o in fleet.layout.overlays})
    for overlays in fleet.siblings():
        app = overlays[0].id.app
        for way in chains_of(fleet.config, app):
            chain = [stage for stage in way if not apps.keys().isdisjoint(stage)]
            places = [n for n, stage in enumerate(chain) if any(fleet.layout.find(app, env) for env in stage)]
            if len(places) < _FEW:
                continue
            have = [env for n in places for env in chain[n]]
            for number in range(places[0] + 1, places[-1]):
                if number not in places:
                    few = 2 * sum(apps[env] for env in chain[number]) < max(apps.values())
                    yield from _told(fleet, app, list(chain[number]), have, Severity.NOTE if few else SEVERITY)
            outside = [env for stage in (*chain[: places[0]], *chain[places[-1] + 1 :]) for env in stage]
            yield from _told(fleet, app, [*outside, *have], have, Severity.NOTE)


def _told(fleet: Fleet, app: str, asked: list[str], stages: list[str], severity: Severity) -> Iterator[Finding]:
    """Told once, at the first overlay of the app that is known."""
    lacking = [env for env in asked if not fleet.layout.find(app, env)]
    have = [env for env in stages if fleet.layout.find(app, env)]
    known = [o for env in have for o in fleet.layout.find(app, env) if o.path in fleet.digests]
    if known and lacking:
        at = known[0]
        yield fleet.finding(
            ID,
            at,
            f"{_listed(lacking, 'lacks', 'lack')} the app {app}, which {_listed(have, 'has', 'have')}",
            f"add an overlay for {lacking[0]}, as {at.path} is one",
            fleet.entry(at),
            severity=severity,
        )


def _listed(names: list[str], one: str, many: str) -> str:
    head = ", ".join(names[:-1])
    return f"{head} and {names[-1]} {many}" if head else f"{names[-1]} {one}"
