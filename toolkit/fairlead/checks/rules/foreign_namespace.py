"""An object in the namespace of another environment.

A copied overlay with the old `namespace:` deploys over the environment that it was copied from. A namespace
is another environment's where it holds its word and is declared there; one of both alone is a warning, and a name
without a word that several environments have is nobody's fault.
"""

from __future__ import annotations

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
        name = rendered.namespace
        if not name:
            continue
        owner, certain = _owner(judged, own, name)
        if not owner:
            continue
        why = f"which {owner} declares" if certain or owner != judged.foreign(name) else f"which sounds like {owner}'s"
        yield judged.finding(
            ID,
            f"the namespace {name!r}, {why}, in an overlay of {own}",
            f"name {own}'s own namespace",
            judged.origin.of(rendered, ("metadata", "namespace")),
            subject=rendered.label,
            severity=SEVERITY if certain else Severity.WARNING,
        )


def _owner(judged: Judged, own: str, namespace: str) -> tuple[str, bool]:
    """The other environment that a namespace belongs to, and whether that is certain."""
    overlay = judged.overlay
    assert overlay is not None
    named = judged.foreign(namespace)
    declared = judged.shared.declared_namespaces.get(namespace, frozenset())
    others = sorted({env for app, env in declared if env != own and (app == overlay.id.app or env == named)})
    if named in others:
        return named, True
    # A name without a word is often the same in all clusters; not so where this overlay declares another.
    facts = judged.shared.graph.facts(judged.folder)
    if others and not any(env == own for _, env in declared) and facts is not None and facts.namespaces:
        return others[0], False
    return named, False
