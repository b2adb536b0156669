"""The repositories that defects are seeded into: where they lie, and the configuration that is written into them."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from benchmarks import repos
from benchmarks.corpora import archives, unpack
from benchmarks.defects.site import Ground
from fairlead.doors.fs import FolderSnapshot
from fairlead.render.engine import Engine
from fairlead.repo import config as configuration
from fairlead.repo.layout import discover
from fairlead.steps import checking

FILE = "fairlead.yaml"
# What is judged by, beyond what `check` judges by default: every rule, and what some of them need to be told.
VARIANTS: dict[str, Mapping[str, Any]] = {
    "plain": {"pod_security": "baseline"},
    "digest": {"images": "digest"},
    "restricted": {"pod_security": "restricted"},
}


@dataclass(frozen=True)
class Tree:
    """One repository: the clean files, and a copy that is changed and judged. `said` is what fairlead.yaml says."""

    name: str
    clean: Path
    work: Path
    said: Mapping[str, Any]

    def but(self, **said: Any) -> Tree:
        """The same, with another configuration, which is written."""
        tree = replace(self, said={**self.said, **said})
        tree.write()
        return tree

    def copy(self, number: int) -> Tree:
        """The same with a work folder of its own, so that several can judge side by side."""
        work = self.work.parent / f"{self.name}-{number}"
        shutil.copytree(self.work, work, symlinks=True)
        return replace(self, work=work)

    def write(self, variant: str = "plain") -> None:
        """Write fairlead.yaml."""
        for root in (self.clean, self.work):
            (root / FILE).write_text(self.configuration(variant), encoding="utf-8")

    def configuration(self, variant: str) -> str:
        """The text of fairlead.yaml."""
        environments = {name: {**(env or {}), **VARIANTS[variant]} for name, env in self.said["environments"].items()}
        return yaml.safe_dump({**self.said, "environments": environments}, sort_keys=False)


def real(folder: Path, place: Path, only: Sequence[str] = ()) -> Iterator[Tree]:
    """The repositories of a folder of archives. What they say of their layout stands in index.json beside them."""
    index = {one["path"]: one for one in json.loads((folder / "index.json").read_text(encoding="utf-8"))}
    for archive in archives(folder, only):
        name = archive.name.removesuffix(".tar.gz")
        yield _tree(name, unpack(archive, place / "clean"), place, _said(index[name]))


def own(root: Path, place: Path, said: Mapping[str, Any]) -> Tree:
    """A repository that lies in a folder."""
    return _tree(root.name, root, place, said)


def _tree(name: str, clean: Path, place: Path, said: Mapping[str, Any]) -> Tree:
    work = place / "work" / name
    shutil.copytree(clean, work, symlinks=True)
    tree = Tree(name, clean, work, said)
    tree.write()
    tree = _laid_out(tree)
    repos.begin(work)
    repos.git(work, "remote", "add", "origin", f"https://example.invalid/{name}")  # copies of it share their cache
    return tree


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    chains = [[stage.split("|") if "|" in stage else stage for stage in chain] for chain in facts["promotion_chains"]]
    names = [name for chain in chains for stage in chain for name in ([stage] if isinstance(stage, str) else stage)]
    return {
        "version": 1,
        "environments": {name: {} for name in names},
        "chains": chains,
        "layout": facts["layout_globs"],
        "check": {"select": ["all"]},
    }


def _laid_out(tree: Tree) -> Tree:
    """The same, without the layouts that match nothing."""
    snapshot = FolderSnapshot(str(tree.clean))
    empty = discover(snapshot, configuration.load(snapshot, "")).empty_globs
    return tree.but(layout=[glob for glob in tree.said["layout"] if glob not in empty])


def building(tree: Tree, engine: Engine) -> Tree:
    """The same without the kustomizations that don't build: what they are made of is judged anew at each change."""
    while True:
        found = ground(tree, engine)
        needed = {one for folder in found.valid for one in found.graph.closure(folder).folders}
        broken = [folder for folder in found.folders if folder not in found.built and folder not in needed]
        gone = [node.path for folder in broken if (node := found.graph.kustomization(folder)) is not None]
        for path in gone:
            (tree.clean / path).unlink()
            (tree.work / path).unlink()
        tree = _laid_out(tree)
        if not gone:
            return tree


def with_labels(tree: Tree, ground: Ground) -> Tree:
    """The same, with the label required that most of its workloads carry."""
    counts: Counter[str] = Counter()
    for folder in ground.valid:
        for one in ground.objects(folder):
            meta = one.body.get("metadata")
            labels = meta.get("labels") if isinstance(meta, dict) else None
            counts.update(str(name) for name in labels or {})
    common = [name for name, _ in counts.most_common(1)]
    return tree.but(check={**tree.said.get("check", {}), **({"labels": common} if common else {})})


def ground(tree: Tree, engine: Engine) -> Ground:
    """The clean files, looked at for places where a defect could be."""
    snapshot = FolderSnapshot(str(tree.clean))
    part = checking.scope(snapshot, "")
    chosen = checking.folders(engine.view(snapshot), part, engine)
    layout = discover(snapshot, part.config)
    return Ground(tree.name, snapshot, part.config, layout, engine, chosen, part.everywhere)


__all__ = ["VARIANTS", "Tree", "ground", "own", "real", "with_labels"]
