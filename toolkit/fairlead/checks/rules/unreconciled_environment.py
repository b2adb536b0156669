"""An environment that no object of Argo CD or Flux points to.

The repository holds such objects for other environments, so this one was forgotten, or its objects point elsewhere
since a folder was renamed: what is promoted into it never reaches a cluster. An overlay is pointed to by its own path,
by one above it, and by one that takes it in. Told only in a run over everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from fairlead.checks.context import FLEET, Example
from fairlead.checks.fleet import AROUND, Fleet
from fairlead.model.findings import Finding, Severity
from fairlead.model.overlays import Overlay

ID = "unreconciled-environment"
GROUP = "controllers"
SEVERITY = Severity.WARNING
SCOPE = FLEET

_CONFIG = "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"
_FLUX = (
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web, namespace: flux-system}\n"
    "spec:\n  interval: 5m\n  prune: true\n  path: ./overlays/%s\n"
    "  sourceRef: {kind: GitRepository, name: flux-system}\n"
)
_OVERLAY = "configMapGenerator:\n- name: web\n  literals: [A=b]\n"
_ALL = {f"overlays/{env}/kustomization.yaml": _OVERLAY for env in ("dev", "production")}
BAD = Example({"fairlead.yaml": _CONFIG, **_ALL, "clusters/dev/web.yaml": _FLUX % "dev"})
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG,
        **_ALL,
        "clusters/dev/web.yaml": _FLUX % "dev",
        "clusters/production/web.yaml": _FLUX % "production",
    }
)


def check(fleet: Fleet) -> Iterator[Finding]:
    """Ask for each environment whether anything points to one of its overlays."""
    if not fleet.is_whole or not all(map(fleet.knows, fleet.environments)):
        return
    patterns = {path for _, one in fleet.reconcilers for path in one.paths}
    if not patterns:
        return
    pointed = {folder for folder in fleet.digests if folder != AROUND and _is_pointed(folder, patterns)}
    pointed |= {held for folder in pointed for held in fleet.held_by(folder)}
    ephemeral = {env.name for env in fleet.config.environments if env.ephemeral}
    overlays: dict[str, list[Overlay]] = {}
    for overlay in fleet.overlays:
        overlays.setdefault(overlay.id.env, []).append(overlay)
    has = {env for env, found in overlays.items() if any(overlay.path in pointed for overlay in found)}
    for env, found in overlays.items() if has else ():
        if env not in has and env not in ephemeral:
            yield fleet.finding(
                ID,
                found[0],
                f"no object of Argo CD or Flux points to an overlay of {env}, as they do for {', '.join(sorted(has))}",
                f"add one for {env}, or mend the path of the one that is meant for it",
                fleet.entry(found[0]),
                severity=SEVERITY,
            )


def _is_pointed(folder: str, patterns: set[str]) -> bool:
    """Whether a pattern means a folder, one above it, or (a controller's own objects) one below."""
    parts = folder.split("/")
    above = {"/".join(parts[:size]) for size in range(len(parts) + 1)}
    return any(
        pattern in above
        or pattern.startswith(folder + "/")
        or ("*" in pattern and any(fnmatchcase(one, pattern) for one in above))
        for pattern in patterns
    )
