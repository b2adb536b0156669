"""Real repositories, edited by hand in files of all kinds: whom a pull request reaches is what plain rendering says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fairlead.doors.git.repository import Repository
from fairlead.model.pulls import Draft
from fairlead.model.rendering import Rendered, Trial
from fairlead.render.kustomize import KustomizeRenderer
from fairlead.steps.effects import Effects, Stacks
from fairlead.steps.forging import open_forge
from fairlead.steps.world import Environments, Run, environments, open_world
from tests.corpora.test_corpora import SHARED, _unpacked
from tests.promotions import git
from tests.support import commit

_VALUE = re.compile(
    r"(?m)^([ -]*(?:replicas|count|newTag|image|tag|memory|cpu|value|schedule|interval|version):.*?)(\d)"
)
EVERY = {"dbca-wa+resource_tracking": 2}  # of so many files one is edited


@pytest.mark.parametrize("name", EVERY)
def test_it_reaches_the_environments_whose_rendering_changes(name: str, tmp_path: Path) -> None:
    root = _unpacked(name, tmp_path)
    git(root, "init", "-q", "-b", "main")
    (root / "fairlead.yaml").write_text(json.dumps(_configuration(name)))
    git(root, "add", "--all")
    git(root, "commit", "-qm", "as it was")
    world = open_world(Run(root, actor="ann@x.org"))
    here = environments(world)
    forge = open_forge(world, here.config)
    effects = Effects(world, here, Stacks(forge))
    repo = world.git
    wrong, reaching = {}, 0
    for at, path in enumerate(sorted(root.rglob("*.yaml"))[:: EVERY[name]]):
        new = _VALUE.sub(r"\g<1>7\2", path.read_text())
        if new == path.read_text() or path.name == "fairlead.yaml":
            continue
        oid = commit(repo, f"hand-{at}", {path.relative_to(root).as_posix(): new}, start="main")
        draft = Draft(f"hand {at}", "x", "", f"hand-{at}", oid, "main", "ann@x.org", plan_id="", hop_id=oid)
        effect = effects.effect(forge.ensure(draft))
        assert effect is not None
        told, (true, unknown) = set(effect.environments()), _plainly(repo, here, oid)
        reaching += bool(true)
        if not true <= told <= true | unknown:
            wrong[str(path)] = (told, true, unknown)
    assert wrong == {}
    assert reaching


def _configuration(name: str) -> dict[str, object]:
    rows = json.loads((SHARED / "corpora" / "index.json").read_text())
    row = next(r for r in (rows if isinstance(rows, list) else rows["repositories"]) if r["path"] == name)
    chains = [[stage.split("|") for stage in chain] for chain in row["promotion_chains"]]
    names = dict.fromkeys(env for chain in chains for stage in chain for env in stage)
    return {"version": 1, "environments": {n: {} for n in names}, "chains": chains, "layout": row["layout_globs"]}


def _plainly(repo: Repository, here: Environments, head: str) -> tuple[set[str], set[str]]:
    """The same by kustomize itself on every overlay, before and after; and whose overlays can't be rendered at all."""
    engine, overlays = KustomizeRenderer(), here.layout.overlays
    before, after = ([*engine.render(tuple(Trial(repo.at(at), o.path) for o in overlays))] for at in ("main", head))
    changed, unknown = set(), set()
    for overlay, old, new in zip(overlays, before, after, strict=True):
        if not isinstance(old, Rendered):
            unknown.add(overlay.id.env)
        elif not (isinstance(new, Rendered) and new.text == old.text):
            changed.add(overlay.id.env)
    return changed, unknown
