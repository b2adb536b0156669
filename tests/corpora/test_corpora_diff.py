"""Real repositories, edited in many files: diff shows exactly the overlays that plain rendering says have changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fairlead.model.rendering import Rendered, RenderResult, Trial
from fairlead.render.kustomize import KustomizeRenderer
from fairlead.report.compared import State
from fairlead.report.difference import changes
from fairlead.steps import checking
from fairlead.steps.world import Run, open_world
from fairlead.workflows.diff import Request, diff
from tests.corpora.test_corpora import _unpacked
from tests.promotions import git

_BUILDING = ("fluxcd+flux2-kustomize-helm-example", "ipni+storetheindex")  # most of what is in them builds
_VALUE = re.compile(
    r"(?m)^([ -]*(?:replicas|count|newTag|image|tag|memory|cpu|value|schedule|interval|version):.*?)(\d)"
)


@pytest.mark.parametrize("name", _BUILDING)
def test_what_differs_is_what_plain_rendering_says(name: str, tmp_path: Path) -> None:
    root = _unpacked(name, tmp_path)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "as it was")
    for place in sorted(root.rglob("*.yaml"))[::3]:
        if place.is_file():
            place.write_text(_VALUE.sub(r"\g<1>7\2", place.read_text()))
    found = diff(Run(root), Request())
    told = {one.overlay: one.state for one in found.overlays if one.state not in (State.SAME, State.UNBUILT)}
    assert told == _plainly(root)
    assert told
    assert {overlay for group in found.groups for overlay in group.overlays} == {
        overlay for overlay, state in told.items() if state is State.CHANGED
    }


def _plainly(root: Path) -> dict[str, State]:
    """The same by rendering every overlay before and after, by kustomize itself."""
    world = open_world(Run(root))
    engine = KustomizeRenderer()
    snapshots = world.git.at("HEAD"), world.work_tree
    part = checking.scope(world.work_tree, "")
    folders = checking.folders(engine.view(world.work_tree), part, engine)
    sides = [engine.under(part.config.build).render(tuple(Trial(s, f) for f in folders)) for s in snapshots]
    states = ((folder, _state(*both)) for folder, both in zip(folders, zip(*sides, strict=True), strict=True))
    return {folder: state for folder, state in states if state is not State.SAME}


def _state(before: RenderResult, after: RenderResult) -> State:
    if isinstance(before, Rendered) and isinstance(after, Rendered):
        return State.CHANGED if any(changes(before.text, after.text)) else State.SAME
    if isinstance(before, Rendered):
        return State.BROKEN
    return State.MENDED if isinstance(after, Rendered) else State.SAME
