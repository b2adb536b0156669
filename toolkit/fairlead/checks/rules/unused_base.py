"""A component or a base that no kustomization takes in.

Whoever edits it thinks that it reaches somebody. A component can be used by no other way; of other kustomizations
those are named that stand as a `base` beside overlays, and whose folder no file names: Argo CD and Flux may build it
as it is. So bases are looked for only where all files are looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import LISTING, Example, Shared
from fairlead.model.findings import Finding, Severity, Where

ID = "unused-base"
GROUP = "dead"
SEVERITY = Severity.WARNING
SCOPE = LISTING

_COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: a-\n"
_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example(
    {
        "components/prefix/kustomization.yaml": _COMPONENT,
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)
GOOD = Example(
    {
        "components/prefix/kustomization.yaml": _COMPONENT,
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\ncomponents:\n- ../../components/prefix\n",
        "overlays/dev/service.yaml": _SERVICE,
    }
)
_BASES = ("base", "bases")


def check(shared: Shared) -> Iterator[Finding]:
    """Look for kustomizations that nobody names, among those that are there to be named."""
    used = {path for folder in shared.everywhere for path in shared.reads(folder)}
    idle = [folder for folder in shared.everywhere if folder not in used and folder not in shared.by_path]
    bases = [folder for folder in idle if shared.asked is None and _beside_overlays(shared, folder)]
    named = _named(shared, bases)
    for folder in idle:
        facts = shared.graph.facts(folder)
        component = facts is not None and facts.component
        node = shared.graph.kustomization(folder) if component or folder in bases else None
        if node is None or folder in named or not _asked(shared.asked, node.path):
            continue
        what = "component" if component else "base"
        yield Finding(
            ID, SEVERITY, f"no kustomization takes this {what} in", "take it in, or delete it", Where(node.path, 1, 1)
        )


def _beside_overlays(shared: Shared, folder: str) -> bool:
    """Whether a folder is a `base`, and its neighbours are overlays."""
    above, _, name = folder.rpartition("/")
    return name in _BASES and any(path.startswith(above + "/" if above else "") for path in shared.by_path)


def _named(shared: Shared, folders: list[str]) -> set[str]:
    """The folders that some file names."""
    left = {folder: folder.encode() for folder in folders}
    for path in shared.snapshot.files() if left else ():
        if path.endswith((".yaml", ".yml", ".json")):
            data = shared.snapshot.read(path)
            for folder in [folder for folder, name in left.items() if name in data]:
                del left[folder]
    return set(folders) - left.keys()


def _asked(asked: tuple[str, ...] | None, path: str) -> bool:
    return asked is None or any(not one or path == one or path.startswith(one + "/") for one in asked)
