"""Open the world: the repository or folder, its configuration, the branch that promotions target."""

from __future__ import annotations

import json
from dataclasses import field
from functools import cached_property
from pathlib import Path

from fairlead.doors.clock import SystemClock
from fairlead.doors.fs import FolderSnapshot, Marks
from fairlead.doors.git.repository import Repository
from fairlead.doors.git.snapshots import ObjectSnapshot
from fairlead.doors.places import has_place
from fairlead.doors.store import Store
from fairlead.model.errors import ConfigError, UsageError
from fairlead.model.findings import Where
from fairlead.model.overlays import Layout
from fairlead.model.runtime import Clock, Progress, Silent
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.repo import config as configuration
from fairlead.repo.config import Config
from fairlead.repo.layout import discover, proposal
from fairlead.repo.manifest import digest
from fairlead.repo.names import near_miss
from fairlead.steps.outbox import Outbox

_MARKS = "marks"


@dataclass(frozen=True)
class Run:
    """What a command is run with: where, by whose clock, told to whom, asked by whom.

    `branch` is the one that holds the environments, where the caller knows better than what is checked out.
    """

    folder: Path
    clock: Clock = field(default_factory=SystemClock)
    progress: Progress = field(default_factory=Silent)
    jobs: int = 0
    actor: str = ""
    branch: str = ""
    outbox: Outbox = field(default_factory=Outbox, compare=False, repr=False)


@dataclass(frozen=True)
class World:
    """An opened repository (or plain folder: `repo` is None). `prefix` is the asked folder within it."""

    run: Run
    repo: Repository | None
    root: Path
    prefix: str
    known: dict[str, Environments] = field(default_factory=dict, compare=False, repr=False)
    branches: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def git(self) -> Repository:
        """The repository. Raises UsageError where the folder is in none."""
        if self.repo is None:
            raise UsageError(f"{self.root} is not in a git repository", remedy="git init, or go to a clone")
        return self.repo

    @property
    def actor(self) -> str:
        """Who asks: `--as`, else git's user.email, else the login name."""
        return self.run.actor or (self.repo.identity() if self.repo is not None else "somebody")

    @cached_property
    def work_tree(self) -> Snapshot:
        """The files as they lie there."""
        if self.repo is None:
            return FolderSnapshot(str(self.root), known=self._marks)
        return self.repo.work_tree(self._marks)

    @cached_property
    def store(self) -> Store | None:
        """What is kept from run to run on this disk; None where nobody wants that, or has no place for it."""
        return Store() if has_place() else None

    @cached_property
    def identity(self) -> str:
        """What clones of one repository have in common: where it comes from; else the place where it lies."""
        origin = self.repo.origin() if self.repo is not None else ""
        return digest(origin or str(self.root))[:32]

    @cached_property
    def _marks(self) -> Marks:
        store, key = self.store, digest(str(self.root))
        return Marks() if store is None else Marks(lambda: json.loads(store.get(_MARKS, key) or b"{}"))

    def remember_files(self) -> None:
        """Keep what the files of the work tree looked like, so that those that stay the same aren't read again."""
        if self.store is not None and self._marks.changed:
            rows = json.dumps(self._marks.rows, separators=(",", ":"))
            self.store.put(_MARKS, digest(str(self.root)), rows.encode())

    def inside(self, path: str) -> str:
        """A path as given on the command line, from the root. Raises UsageError where it leads out of it."""
        full = Path(self.run.folder, path).absolute()
        place = full.parent.resolve() / full.name if full.name not in ("", "..") else full.resolve()
        if not place.is_relative_to(self.root):
            raise UsageError(f"{path} is not in {self.root}", remedy="go there first, or use -C")
        name = place.relative_to(self.root).as_posix()
        return "" if name == "." else name

    def config(self, snapshot: Snapshot) -> Config:
        """The configuration that governs the asked folder, as this snapshot has it."""
        return configuration.load(snapshot, self.prefix)


def open_world(run: Run) -> World:
    """Find the repository of a folder; a folder without one is a world too."""
    folder = run.folder.resolve()
    if not folder.is_dir():
        raise UsageError(f"there is no folder {run.folder}", remedy="name a folder that exists with -C")
    repo = Repository.open(folder)
    root = Path(repo.root).resolve() if repo is not None else folder
    prefix = folder.relative_to(root).as_posix() if folder.is_relative_to(root) else ""
    return World(run, repo, root, "" if prefix == "." else prefix)


@dataclass(frozen=True)
class Environments:
    """A branch that holds the environments, at one commit: what plans are made from."""

    branch: str
    commit: str
    snapshot: ObjectSnapshot
    config: Config
    layout: Layout


def environments(world: World, *, at: str | None = None) -> Environments:
    """The environments as committed; the work tree doesn't matter.

    Raises:
        UsageError: no repository, no commits, a detached HEAD with no branch to name, no configuration.
        ConfigError: see `config.load`, and layout globs that match nothing.
    """
    repo = world.git
    head = repo.git.resolve("HEAD") or ""
    if head not in world.branches:
        world.branches[head] = world.run.branch or _branch(world)
    branch = world.branches[head]
    tip = repo.tip(branch) or repo.git.resolve(f"refs/remotes/origin/{branch}")  # a detached clone has no other
    if tip is None:
        raise UsageError(
            f"the repository has no commits on {branch!r}",
            remedy="commit the environments first"
            if not repo.branches()
            else f"branches are: {', '.join(repo.branches())}",
        )
    commit = tip
    if at is not None:
        named = repo.git.resolve(at)
        if named is None:
            raise UsageError(
                f"there is no commit {at!r} in this clone",
                remedy="git fetch --unshallow" if repo.is_shallow() else "git log shows what there is",
            )
        commit = named
    if commit not in world.known:
        snapshot = repo.at(commit)
        config = world.config(snapshot)
        layout = discover(snapshot, config)
        require(config, layout, branch)
        world.known.clear()
        world.known[commit] = Environments(branch, commit, snapshot, config, layout)
    return world.known[commit]


def _branch(world: World) -> str:
    """Which branch holds the environments: configured, else origin's default, else checked out, else usual."""
    repo = world.git
    base = repo.git.resolve("HEAD")
    if base is not None:
        config = world.config(repo.at(base))
        if config.branch:
            return config.branch
    for name in (repo.remote_head(), repo.head_branch()):
        if name is not None and not name.startswith("fairlead/") and (repo.tip(name) is not None or base is None):
            return name
    for name in ("main", "master"):
        if repo.tip(name) is not None:
            return name
    if base is None:
        raise UsageError("the repository has no commits", remedy="commit the environments first")
    raise UsageError(
        "HEAD is detached, and no branch is known to hold the environments",
        remedy="write `branch: NAME` into fairlead.yaml, or git switch to it",
    )


def require(config: Config, layout: Layout, branch: str = "") -> None:
    """Refuse what no promotion can work on. Raises UsageError and ConfigError."""
    if not config.path:
        raise UsageError(
            "there is no fairlead.yaml" + (f" on {branch}" if branch else ""),
            remedy="write one and commit it; what was found suggests:\n\n" + proposal(layout),
        )
    if layout.empty_globs:
        where = config.layout_at[config.layout.index(layout.empty_globs[0])]
        raise ConfigError(
            f"the layout {layout.empty_globs[0]!r} matches no kustomization",
            where=where,
            remedy="mend the glob, or remove it; {env} stands for: "
            + ", ".join(w for e in config.environments for w in e.words),
        )
    if layout.clashes:
        glob, told = layout.clashes[0]
        where = config.layout_at[config.layout.index(glob)]
        raise ConfigError(told, where=where, remedy="let one glob of the layout match it")
    if not layout.overlays:
        raise UsageError("no overlays were found", where=Where(config.path), remedy="say where they are with `layout:`")


def known_app(layout: Layout, app: str) -> str:
    """The app's name. Raises UsageError with a near miss."""
    apps = layout.apps()
    if app in apps:
        return app
    raise UsageError(
        f"there is no app {app!r}",
        remedy=near_miss(app, apps) or "apps are: " + ", ".join(apps[:20]) + (" …" if len(apps) > 20 else ""),
    )
