"""Which kustomizations a check is about, and judging them: the same for `check`, plans and the gate."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from fairlead.checks.context import Shared
from fairlead.checks.run import merged
from fairlead.checks.run import run as run_rules
from fairlead.checks.schemas import Schemas
from fairlead.model.errors import ConfigError
from fairlead.model.findings import Finding
from fairlead.model.overlays import Layout
from fairlead.model.rendering import RenderResult
from fairlead.model.shards import Cut
from fairlead.model.shards import joined as joined_cuts
from fairlead.model.snapshot import SYMLINK, Snapshot, join
from fairlead.render.engine import Engine
from fairlead.render.kustomize import with_links
from fairlead.repo import config as configuration
from fairlead.repo.config import Config
from fairlead.repo.graph import Graph
from fairlead.repo.layout import KUSTOMIZATION_NAMES, discover, kustomization_dirs
from fairlead.steps.rendering import render_all
from fairlead.steps.schemas import BundledSchemas
from fairlead.steps.world import Run

_WORD = re.compile(r"[^\s\"',\[\]{}]+")


@dataclass(frozen=True)
class Scope:
    """One configuration's part of a repository. `asked` narrows it to files and folders (empty: all of it)."""

    config: Config
    layout: Layout
    everywhere: tuple[str, ...]
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of the kustomizations that were judged, and what was found; `cut` where it is of one shard."""

    results: tuple[RenderResult, ...] = ()
    findings: tuple[Finding, ...] = ()
    layout: Layout = field(default_factory=lambda: Layout(()))
    version: str = ""
    notes: tuple[str, ...] = ()
    cut: Cut | None = None


def scope(snapshot: Snapshot, folder: str, asked: tuple[str, ...] = ()) -> Scope:
    """The part of a repository that the configuration of a folder governs.

    Raises:
        ConfigError: a bad fairlead.yaml, or a layout glob that matches nothing.
    """
    config = configuration.load(snapshot, folder)
    layout = discover(snapshot, config)
    if layout.empty_globs:
        glob = layout.empty_globs[0]
        raise ConfigError(
            f"the layout {glob!r} matches no kustomization",
            where=config.layout_at[config.layout.index(glob)],
            remedy="mend the glob, or remove it; {env} stands for: "
            + ", ".join(word for env in config.environments for word in env.words),
        )
    return Scope(config, layout, kustomization_dirs(snapshot, config.root), asked)


def folders(graph: Graph, part: Scope) -> tuple[str, ...]:
    """The kustomizations to judge: the layout's overlays, and those that nobody refers to.

    Narrowed to folders and files that were asked for: what lies there, and what reads what lies there.
    """
    overlays = {overlay.path for overlay in part.layout.overlays}
    wanted = sorted(overlays | set(graph.roots(part.everywhere)))
    if not part.asked:
        return tuple(wanted)
    return tuple(folder for folder in wanted if _touches(graph, folder, part.asked))


def _touches(graph: Graph, folder: str, asked: tuple[str, ...]) -> bool:
    if any(_below(folder, path) for path in asked):
        return True
    closure = graph.closure(folder)
    return any(_below(name, path) for path in asked for name in (*closure.files, *closure.folders))


def _below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(folder + "/")


def could_matter(snapshot: Snapshot, paths: Iterable[str]) -> tuple[str, ...]:
    """The paths that some kustomization may read: kustomize reads files only at or below its own folder."""
    known: dict[str, bool] = {}

    def governed(folder: str) -> bool:
        if folder not in known:
            here = any(
                snapshot.entry(f"{folder}/{name}" if folder else name) is not None for name in KUSTOMIZATION_NAMES
            )
            known[folder] = here or (bool(folder) and governed(folder.rpartition("/")[0]))
        return known[folder]

    return tuple(
        path
        for path in paths
        if path.rpartition("/")[2] in (*KUSTOMIZATION_NAMES, configuration.FILE_NAME)
        or governed(path.rpartition("/")[0])
    )


def readers_of(graph: Graph, part: Scope, paths: Iterable[str]) -> tuple[str, ...]:
    """The kustomizations to judge because they read one of the paths; all of them where the rules changed."""
    changed = set(paths)
    if part.config.path in changed:
        return folders(graph, part)
    near = _candidates(graph.snapshot, part.everywhere, changed)
    overlays = {overlay.path for overlay in part.layout.overlays}
    judged = sorted((overlays & set(near)) | set(graph.roots(near)))
    return tuple(f for f in judged if not changed.isdisjoint(_reach(graph, f)))


def _candidates(snapshot: Snapshot, everywhere: tuple[str, ...], paths: set[str]) -> tuple[str, ...]:
    """The folders that may read the paths, and all that may refer to those: words are compared, nothing is parsed.

    So a commit in a repository of a thousand overlays parses the few kustomizations that it concerns.
    """
    if any((entry := snapshot.entry(p)) is not None and entry.mode == SYMLINK for p in snapshot.files()):
        return everywhere  # a link gives a folder a second name
    users: dict[str, set[str]] = {}
    for folder in everywhere:
        for name in KUSTOMIZATION_NAMES:
            path = f"{folder}/{name}" if folder else name
            if snapshot.entry(path) is not None:
                for word in set(_WORD.findall(snapshot.read(path).decode("utf-8", "replace"))):
                    target = join(folder, word)
                    if target is not None:
                        users.setdefault(target, set()).add(folder)
    known = set(everywhere)
    wave = {folder for path in paths for folder in _above(path) if folder in known}
    found: set[str] = set()
    while wave:
        found |= wave
        wave = {user for folder in wave for user in users.get(folder, ())} - found
    return tuple(sorted(found))


def _above(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:size]) for size in range(len(parts) + 1)]


def _reach(graph: Graph, folder: str) -> set[str]:
    closure = graph.closure(folder)
    wanted = {reference.path for _, reference in closure.missing if reference.path is not None}
    return with_links(graph.snapshot, closure.files) | wanted


def judge(
    run: Run, engine: Engine, snapshot: Snapshot, part: Scope, chosen: tuple[str, ...],
    asked: tuple[str, ...] | None = None, whole: tuple[str, ...] = (),
) -> Outcome:  # fmt: skip
    """Render and judge kustomizations of one snapshot by one configuration; `whole` is what all shards judge.

    Raises:
        WorldError: where there is no kustomize.
    """
    view = engine.view(snapshot)
    shared = Shared(
        snapshot, part.config, part.layout, view.graph, view.sources, Schemas(BundledSchemas()),
        chosen, part.everywhere, asked, whole,
    )  # fmt: skip
    results = render_all(run, engine, snapshot, chosen)
    return Outcome(results, run_rules(shared, results), part.layout, engine.version if chosen else "")


def joined(outcomes: Iterable[Outcome]) -> Outcome:
    """Several parts' outcomes as one."""
    parts = tuple(outcomes)
    if len(parts) == 1:
        return parts[0]
    overlays = tuple(sorted((o for p in parts for o in p.layout.overlays), key=lambda o: o.path))
    return Outcome(
        tuple(r for p in parts for r in p.results),
        merged(f for p in parts for f in p.findings),
        Layout(overlays),
        next((p.version for p in parts if p.version), ""),
        tuple(dict.fromkeys(n for p in parts for n in p.notes)),
        joined_cuts(p.cut for p in parts),
    )
