"""A kustomization names a file or folder that isn't there.

kustomize stops at the first of them and tells it in a nested sentence; here each stands with the place of
its name, and the file that may have been meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.context import REPOSITORY, Example, Shared
from fairlead.model.findings import Finding, Severity
from fairlead.model.snapshot import follow
from fairlead.repo.elsewhere import submodules
from fairlead.repo.graph import Reference
from fairlead.repo.layout import KUSTOMIZATION_NAMES
from fairlead.repo.names import near_file

ID = "missing-file"
GROUP = "builds"
SEVERITY = Severity.ERROR
SCOPE = REPOSITORY

_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
BAD = Example(
    {"overlays/dev/kustomization.yaml": "resources:\n- servcie.yaml\n", "overlays/dev/service.yaml": _SERVICE}
)
GOOD = Example(
    {"overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n", "overlays/dev/service.yaml": _SERVICE}
)


def check(shared: Shared) -> Iterator[Finding]:
    """Name every reference that leads nowhere."""
    modules = submodules(shared.snapshot)
    for node in shared.kustomizations:
        for reference in node.references:
            told = None if reference.remote else _wrong(shared, reference, modules)
            if told is not None:
                yield Finding(ID, SEVERITY, *told, reference.where, chain=(node.path,))


def _wrong(shared: Shared, reference: Reference, modules: tuple[str, ...]) -> tuple[str, str] | None:
    """What is wrong with a reference, and what to do; None where nothing is."""
    path, written = reference.path, reference.written
    empty = reference.is_dir and path is not None and shared.graph.kustomization(path) is None
    if reference.found and path is not None and not empty:
        return None
    module = _module(modules, path or "")
    if module:
        return (
            f"{written!r} lies in the submodule {module}, whose files are not in this repository",
            "copy them here, or name a remote base; git submodule update --init brings them into the work tree alone",
        )
    if empty:
        return (
            f"the folder {written!r} holds no kustomization",
            "list its files, or write a kustomization.yaml into it",
        )
    return _absent(shared, reference)


def _module(modules: tuple[str, ...], path: str) -> str:
    """The submodule that a path lies in; empty where it lies in none."""
    return next((module for module in modules if path == module or path.startswith(module + "/")), "")


def _absent(shared: Shared, reference: Reference) -> tuple[str, str]:
    written = reference.written
    if reference.path is None or follow(shared.snapshot, reference.path) is None:
        return f"{written!r} leads out of the repository", "keep what is built inside the repository"
    head, _, last = reference.path.rpartition("/")
    depth = len(head) + 1 if head else 0
    beside = {path[depth:].split("/")[0] for path in shared.snapshot.files(head)}.difference(KUSTOMIZATION_NAMES)
    return f"{written!r} isn't there", near_file(last, sorted(beside)) or "add it, or take the reference out"
