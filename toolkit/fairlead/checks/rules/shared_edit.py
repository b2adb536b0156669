"""An edit of a file that a protected environment and others read alike.

What is edited in a base or component reaches production together with dev: no promotion stages it, and no gate asks
for it. Told only where the change is known: `fairlead check --staged`, and `--since`. A new file is not told, the
edit that brings it in is.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import LISTING, Example, Shared
from fairlead.model.findings import Finding, Severity, Where

ID = "shared-edit"
GROUP = "environment"
SEVERITY = Severity.WARNING
SCOPE = LISTING

_CONFIG = "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"
_FILES = {
    "fairlead.yaml": _CONFIG,
    "base/kustomization.yaml": "resources:\n- service.yaml\n",
    "base/service.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n",
    "overlays/dev/kustomization.yaml": "resources:\n- ../../base\nnameSuffix: -dev\n",
    "overlays/production/kustomization.yaml": "resources:\n- ../../base\n",
}
BAD = Example(_FILES, edited=("base/service.yaml",))
GOOD = Example(_FILES, edited=("overlays/dev/kustomization.yaml",))


def check(shared: Shared) -> Iterator[Finding]:
    """Ask for the environments of who reads what was edited."""
    protected = {env.name for env in shared.config.environments if env.protected}
    judged = [shared.by_path[folder] for folder in shared.whole or shared.folders if folder in shared.by_path]
    if not shared.edited or not _are_both({overlay.id.env for overlay in judged}, protected):
        return
    for path in shared.edited:
        near = set(shared.graph.near(shared.everywhere, (path,)))
        mine = [o for o in judged if o.path in near]
        if not _are_both({overlay.id.env for overlay in mine}, protected):
            continue
        folders = tuple(o.path for o in mine if path in shared.graph.closure(o.path).files)
        envs = {shared.by_path[folder].id.env for folder in folders}
        if _are_both(envs, protected):
            here, others = sorted(envs & protected), sorted(envs - protected)
            yield Finding(
                ID,
                SEVERITY,
                f"an edit here reaches {_listed(here)} at once with {_listed(others)}: no promotion stages it",
                f"write it into the overlay of {others[0]} and promote it; or let who answers for {here[0]} approve",
                Where(path, 1, 1),
                overlay=min(folders),
                overlays=folders,
            )


def _are_both(envs: set[str], protected: set[str]) -> bool:
    return bool(envs & protected) and bool(envs - protected)


def _listed(names: list[str]) -> str:
    head = ", ".join(names[:-1])
    return f"{head} and {names[-1]}" if head else names[-1]
