"""docs: pages of a repository's environments, merged with its own docs, built into a site by mkdocs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fairlead.checks.objects import read
from fairlead.doors import site as sites
from fairlead.doors.fs import lay_out, temporary_folder
from fairlead.edit.nodes import Mapping, parse
from fairlead.edit.scalars import typed
from fairlead.model.errors import ConfigError, ExcessProblem, SyntaxProblem
from fairlead.model.findings import Where
from fairlead.model.overlays import Layout, Overlay
from fairlead.model.rendering import Rendered, Renderer, RenderResult, Trial
from fairlead.model.snapshot import File, Snapshot, join
from fairlead.model.values import dataclass
from fairlead.repo.config import Config, GateRules
from fairlead.repo.layout import discover
from fairlead.report.site import pages
from fairlead.report.site.pages import Facts, Stage
from fairlead.report.site.sheets import Item, Sheet
from fairlead.steps.rendering import opened, render_all
from fairlead.steps.world import Run, World, open_world, require

MKDOCS = ("mkdocs.yml", "mkdocs.yaml")
DERIVED = ".fairlead-mkdocs.yml"


@dataclass(frozen=True)
class Request:
    """Pages of the work tree, or of the commit `at`; `site` says where they go, else mkdocs.yml does."""

    site: Path | None = None
    at: str | None = None


@dataclass(frozen=True)
class Built:
    """The site, the pages made for it, and the overlays that don't build."""

    site: Path
    pages: tuple[str, ...]
    apps: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Own:
    """The repository's own mkdocs.yml: its path (empty: none), folder, and the values that matter here."""

    path: str
    folder: str
    values: dict[str, Any]

    @property
    def docs(self) -> str:
        """The docs folder's path from the root."""
        return join(self.folder, str(self.values.get("docs_dir", "docs"))) or ""


def build(run: Run, request: Request, renderer: Renderer | None = None) -> Built:
    """Make the site.

    Raises:
        UsageError: nothing to make pages of, an unknown revision, a `site` that holds something else.
        ConfigError: fairlead.yaml or mkdocs.yml is at fault, or the repository's own pages are.
        WorldError: mkdocs or kustomize is missing.
    """
    sites.require_mkdocs()
    world = open_world(run)
    snapshot, source = _state(world, request.at)
    config = world.config(snapshot)
    layout = discover(snapshot, config)
    require(config, layout)
    own = _own(snapshot, config.root, world)
    site = request.site or Path(world.root, own.folder, str(own.values.get("site_dir", "site")))
    sites.require_place(site)
    facts = _facts(own, source, config, layout, _render(world, snapshot, config, layout, renderer))
    made = pages.pages(facts)
    merged, notes = _merged(snapshot, own, facts, made)
    with temporary_folder() as folder:
        root = folder / "sources"
        old = join(own.folder, str(own.values.get("site_dir", "site"))) or "site"
        lay_out(merged, (path for path in merged.files(own.folder) if not path.startswith(old + "/")), root)
        (root / own.docs).mkdir(parents=True, exist_ok=True)
        sites.build(root / own.folder / DERIVED, folder / "site")
        sites.put(folder / "site", site)
    failed = tuple((sheet.path, sheet.failure) for sheet in facts.sheets if sheet.failure)
    return Built(site, tuple(sorted(made)), facts.apps(), failed, notes)


def serve(run: Run, at: str | None, port: int, told: Callable[[str, Built], None]) -> None:
    """Make the site in a folder that is thrown away, and show it until Ctrl-C; `told` hears the address."""
    with temporary_folder() as folder:
        built = build(run, Request(folder / "site", at))
        sites.serve(built.site, port, lambda address: told(address, built))


def _state(world: World, at: str | None) -> tuple[Snapshot, str]:
    if at is not None:
        snapshot = world.git.at(at)
        return snapshot, f"As of commit {(world.git.git.resolve(at) or at)[:12]}"
    head = world.repo.git.resolve("HEAD") if world.repo is not None else None
    return world.work_tree, "From the work tree" + (f", at commit {head[:12]}" if head else "")


# ── what the pages are made from ──


def _render(
    world: World, snapshot: Snapshot, config: Config, layout: Layout, renderer: Renderer | None
) -> list[tuple[Overlay, RenderResult]]:
    trials = tuple(Trial(snapshot, overlay.path) for overlay in layout.overlays)
    if renderer is not None:
        return list(zip(layout.overlays, renderer.render(trials), strict=True))
    with opened(world) as engine:
        return list(zip(layout.overlays, render_all(world.run, engine.under(config.build), trials), strict=True))


def _facts(
    own: _Own, source: str, config: Config, layout: Layout, rendered: list[tuple[Overlay, RenderResult]]
) -> Facts:
    chained = dict.fromkeys(env for chain in config.chains for stage in chain for env in stage)
    used = {overlay.id.env for overlay in layout.overlays}
    order = [*chained, *(env.name for env in config.environments if env.name not in chained)]
    stages = tuple(
        Stage(env.name, env.kubernetes, env.protected, _gates(env.gates))
        for env in sorted(config.environments, key=lambda env: order.index(env.name))
        if env.name in used or env.name in chained
    )
    title = str(own.values.get("site_name", ""))
    return Facts(title, source, stages, config.chains, tuple(_sheet(*pair) for pair in rendered))


def _gates(rules: GateRules) -> tuple[str, ...]:
    words = []
    if rules.soak:
        words.append(f"has run {_span(rules.soak)} in the environment before")
    if rules.approvals:
        words.append(f"{rules.approvals} approval{'' if rules.approvals == 1 else 's'}")
    if rules.freeze:
        words.append(
            "no freeze: " + ", ".join(f.why or " ".join(f.days) or f"from {f.first_day}" for f in rules.freeze)
        )
    return tuple(words)


def _span(seconds: int) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _sheet(overlay: Overlay, result: RenderResult) -> Sheet:
    name = overlay.id
    if not isinstance(result, Rendered):
        where = f"{result.at}: " if result.at is not None else ""
        return Sheet(name.app, name.env, name.cluster, overlay.path, failure=where + result.message)
    try:
        objects = read(result.text, result.values)
    except ExcessProblem as problem:
        return Sheet(name.app, name.env, name.cluster, overlay.path, failure=problem.message)
    items = tuple(Item(thing.kind, thing.name, thing.namespace, thing.body) for thing in objects)
    return Sheet(name.app, name.env, name.cluster, overlay.path, items, words=overlay.words)


# ── merged with the repository's own docs ──


def _own(snapshot: Snapshot, root: str, world: World) -> _Own:
    for name in MKDOCS:
        path = join(root, name) or name
        if snapshot.entry(path) is not None:
            break
    else:
        return _Own("", root, {"site_name": Path(world.root, root).name, "theme": {"name": "material", "font": False}})
    try:
        document = parse(snapshot.read(path), path).first()
    except SyntaxProblem as problem:
        raise ConfigError(problem.message, where=problem.where, remedy=problem.remedy) from None
    if not isinstance(document, Mapping):
        raise ConfigError(f"{path} is no mapping", where=Where(path, 1, 1), remedy="start with `site_name: NAME`")
    own = _Own(path, root, typed(document))
    if not isinstance(own.values.get("docs_dir", "docs"), str) or not own.docs or own.docs == root:
        raise ConfigError("docs_dir must be a folder in the repository", where=Where(path), remedy="docs_dir: docs")
    return own


def _merged(snapshot: Snapshot, own: _Own, facts: Facts, made: dict[str, str]) -> tuple[Snapshot, tuple[str, ...]]:
    """The repository with our pages in its docs folder and a configuration that builds on its own one."""
    files = {f"{own.docs}/{name}": File(page.encode("utf-8", "replace")) for name, page in made.items()}
    hidden = sorted(path for path in files if snapshot.entry(path) is not None)
    if not any(snapshot.entry(f"{own.docs}/{name}") for name in ("index.md", "README.md", "index.html")):
        welcome = f"# {facts.title or 'Environments'}\n\n[What runs where]({pages.FOLDER}/index.md)\n"
        files[f"{own.docs}/index.md"] = File(welcome.encode())
    derived: dict[str, Any] = {"INHERIT": "./" + own.path.rpartition("/")[2]} if own.path else dict(own.values)
    extra = own.values.get("extra_css") or []
    derived["extra_css"] = [*(extra if isinstance(extra, list) else [extra]), pages.STYLE]
    nav = own.values.get("nav")
    if isinstance(nav, list) and pages.FOLDER + "/" not in json.dumps(nav):
        derived["nav"] = [*nav, {"Environments": pages.navigation(facts)}]
    files[join(own.folder, DERIVED) or DERIVED] = File(json.dumps(derived, indent=1).encode())
    notes = tuple(f"{path} is hidden by the page made here" for path in hidden)
    return snapshot.with_files(files), notes
