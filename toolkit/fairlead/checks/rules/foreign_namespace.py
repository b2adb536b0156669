"""An object in the namespace of another environment.

A copied overlay with the old `namespace:` deploys over the environment that it was copied from. A namespace
is foreign where an overlay of another environment declares it and none of this environment does; a name that
only holds another environment's word is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.model.findings import Finding, Severity

ID = "foreign-namespace"
GROUP = "environment"
SEVERITY = Severity.ERROR
SCOPE = OVERLAY

_CONFIG = "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"
_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_BASE = {"base/kustomization.yaml": "resources:\n- service.yaml\n", "base/service.yaml": _SERVICE}
_DEV = {"overlays/dev/kustomization.yaml": "namespace: web-dev\nresources:\n- ../../base\n"}
BAD = Example(
    {
        "fairlead.yaml": _CONFIG,
        **_BASE,
        **_DEV,
        "overlays/production/kustomization.yaml": "namespace: web-dev\nresources:\n- ../../base\n",
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        **_BASE,
        **_DEV,
        "overlays/production/kustomization.yaml": "namespace: web-production\nresources:\n- ../../base\n",
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Look at the namespace of every object of an environment's overlay."""
    overlay = judged.overlay
    if overlay is None:
        return
    own = overlay.id.env
    for rendered in judged.objects:
        if not rendered.namespace:
            continue
        owner, certain = _owner(judged, own, rendered.namespace)
        if not owner:
            continue
        why = f"which is {owner}'s" if certain else f"which sounds like {owner}'s"
        yield judged.finding(
            ID,
            f"the namespace {rendered.namespace!r}, {why}, in an overlay of {own}",
            f"name {own}'s own namespace",
            judged.origin.of(rendered, ("metadata", "namespace")),
            subject=rendered.label,
            severity=SEVERITY if certain else Severity.WARNING,
        )


def _owner(judged: Judged, own: str, namespace: str) -> tuple[str, bool]:
    """The other environment that a namespace belongs to, and whether that is certain."""
    words = judged.shared.environments
    mine = {word.lower() for word in words.get(own, (own,))} | {w.lower() for w in judged.overlay_words}
    tokens = set(re.split(r"[^a-z0-9]+", namespace.lower()))
    named = next(
        (
            env
            for env, known in words.items()
            if env != own and tokens & ({w.lower() for w in known} - mine) and not tokens & mine
        ),
        "",
    )
    declared = judged.shared.declared_namespaces.get(namespace, frozenset())
    app = judged.overlay.id.app if judged.overlay is not None else ""
    others = sorted({env for a, env in declared if env != own and (a == app or env == named)})
    if named in others:
        return named, True
    if (
        others
        and not any(env == own and a != app for a, env in declared)
        and not _self_declared_twice(judged, declared)
    ):
        return others[0], True
    return named, False


def _self_declared_twice(judged: Judged, declared: frozenset[tuple[str, str]]) -> bool:
    """Whether this very app declares the namespace in several environments: one namespace, many clusters."""
    overlay = judged.overlay
    if overlay is None:
        return False
    envs = {env for app, env in declared if app == overlay.id.app}
    return overlay.id.env in envs and len(envs) > 1
