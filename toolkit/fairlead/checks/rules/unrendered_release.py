"""A Helm release whose chart is not rendered, though the configuration asks for it.

With `build: {enable_helm: true, helm_releases: true}` the charts of Flux HelmReleases and Argo CD Applications are
rendered where chart and values lie in the repository. Where they don't, nothing is fetched: the release's objects are
not judged, and a new version of the chart shows as one line.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import OVERLAY, Example, Judged
from fairlead.model.findings import Finding, Severity
from fairlead.model.rendering import Rendered

ID = "unrendered-release"
GROUP = "controllers"
SEVERITY = Severity.NOTE
SCOPE = OVERLAY

_CONFIG = "version: 1\nenvironments: {dev: {}}\n%s"
_ASKED = "build: {enable_helm: true, helm_releases: true}\n"
_RELEASE = (
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: cache\nspec:\n  interval: 1h\n"
    "  chart:\n    spec:\n      chart: redis\n      version: 1.2.3\n"
    "      sourceRef: {kind: HelmRepository, name: charts}\n"
)
BAD = Example(
    {
        "fairlead.yaml": _CONFIG % _ASKED,
        "overlays/dev/kustomization.yaml": "resources:\n- cache.yaml\n",
        "overlays/dev/cache.yaml": _RELEASE,
    }
)
GOOD = Example(
    {
        "fairlead.yaml": _CONFIG % _ASKED,
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n",
        "overlays/dev/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n",
    }
)


def check(judged: Judged) -> Iterator[Finding]:
    """Name each release that the rendering goes without."""
    result = judged.result
    for one in result.opaque if isinstance(result, Rendered) else ():
        if one.role != "releases":
            continue
        release = next((o for o in judged.rendered if o.label == one.kind), None)
        yield judged.finding(
            ID,
            f"{one.kind} is not rendered: {one.why}",
            "vendor the chart (`helm pull --untar`) into a folder that `build: {charts: [...]}` names, or let it be",
            judged.origin.of(release, ("spec",), key=True) if release is not None else judged.entry,
            subject=one.kind,
            severity=SEVERITY,
        )
