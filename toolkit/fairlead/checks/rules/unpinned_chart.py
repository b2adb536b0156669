"""A Helm chart from a repository of charts, without one version.

What `helm` takes today, it need not take tomorrow: without `version`, or with a range, the newest chart that fits is
rendered. A chart that lies in the repository needs no version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fairlead.checks.context import REPOSITORY, Example, Shared
from fairlead.checks.patches import text_of
from fairlead.edit.nodes import Mapping, Sequence
from fairlead.model.findings import Finding, Severity, Where

ID = "unpinned-chart"
GROUP = "safety"
SEVERITY = Severity.WARNING
SCOPE = REPOSITORY

_CONFIG = "version: 1\nenvironments: {dev: {}}\ncheck: {ignore: [build-failure]}\n"  # no chart is fetched here
_CHART = "helmCharts:\n- name: web\n  repo: https://charts.example.com\n%s"
BAD = Example({"fairlead.yaml": _CONFIG, "overlays/dev/kustomization.yaml": _CHART % ""})
GOOD = Example({"fairlead.yaml": _CONFIG, "overlays/dev/kustomization.yaml": _CHART % "  version: 1.4.2\n"})
_VERSION = re.compile(r"v?[0-9]+\.[0-9]+\.[0-9]+(?:[-+][0-9A-Za-z.+-]+)?")


def check(shared: Shared) -> Iterator[Finding]:
    """Look at `helmCharts` and `helmChartInflationGenerator`."""
    for node in shared.kustomizations:
        for key, named in (("helmCharts", "version"), ("helmChartInflationGenerator", "chartVersion")):
            entries = node.body.get(key) if node.body is not None else None
            for entry in entries.items if isinstance(entries, Sequence) else ():
                if isinstance(entry, Mapping) and (text_of(entry, "repo") or text_of(entry, "chartRepoUrl")):
                    yield from _of_entry(node.path, entry, named)


def _of_entry(path: str, entry: Mapping, named: str) -> Iterator[Finding]:
    version = text_of(entry, named)
    if _VERSION.fullmatch(version):
        return
    at = entry.get(named) or entry.get("name") or entry
    name = text_of(entry, "name") or text_of(entry, "chartName")
    what = f"the version {version!r} is not one" if version else "no version is named"
    yield Finding(
        ID,
        SEVERITY,
        f"the chart {name} is taken from elsewhere, and {what}",
        f"name one, as `{named}: 1.4.2`",
        Where(path, at.line, at.column),
    )
