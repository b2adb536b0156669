"""What a refusal depends on: every path that the graph looked at, told as the helper tells its own inputs."""

from __future__ import annotations

from collections.abc import Iterable

from fairlead.model.rendering import Input
from fairlead.model.snapshot import followed, join
from fairlead.render.views import View
from fairlead.repo.layout import KUSTOMIZATION_NAMES


def reach(view: View, overlay: str) -> tuple[Input, ...]:
    """The files, links and folders that an overlay's kustomizations name, and what they name in vain.

    kustomize stops at the first thing that is wrong; whoever explains a failure looks further than that.
    """
    found: dict[str, Input] = {}
    for folder in view.graph.closure(overlay).folders:
        for name in KUSTOMIZATION_NAMES:
            if _look(view, f"{folder}/{name}" if folder else name, found):
                break
        node = view.graph.kustomization(folder)
        base = view.graph.follow(folder) or ""
        for reference in node.references if node is not None else ():
            target = join(base, reference.written) if reference.path is None else reference.path
            if target and "\0" not in target:
                _look(view, target, found)
    return tuple(found.values())


def joined(told: Iterable[Input], more: Iterable[Input]) -> tuple[Input, ...]:
    """Both, each path once, sorted by path."""
    by_path = {one.path: one for one in more} | {one.path: one for one in told}
    return tuple(by_path[path] for path in sorted(by_path))


def _look(view: View, path: str, found: dict[str, Input]) -> bool:
    """Note what is there, and the links on the way to it; whether it is a file."""
    snapshot, real = view.snapshot, view.graph.follow(path)
    for link in followed(snapshot, path)[1] if real != path else ():
        entry = snapshot.entry(link)
        found[link] = Input("link", link, entry.oid if entry is not None else "")
    if real is None:
        return False
    entry = snapshot.entry(real)
    if entry is not None:
        found.setdefault(real, Input("file", real, entry.oid))
        return True
    found.setdefault(real, Input("folder" if snapshot.is_dir(real) else "missing", real))
    return False
