"""A repository with apps in three environments, and somebody who promotes in it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from fairlead.doors.git.plumbing import environment
from fairlead.model.pulls import Forge, Pull
from fairlead.promotion.selection import Selection
from fairlead.steps import merging
from fairlead.steps.forging import open_forge
from fairlead.steps.gating import open_gating
from fairlead.steps.planning import Planned
from fairlead.steps.routes import Request
from fairlead.steps.world import Run, World, environments, open_world
from fairlead.workflows import promote, rollback, set_
from tests.support import StillClock, new_repo
from tests.support import files as to_files

CONFIG = """\
version: 1
environments: {dev: {}, staging: {}, production: {match: [prod]}}
chains: [[dev, staging, production]]
layout: ["apps/{app}/overlays/{env}"]
"""
ENVIRONMENTS = ("dev", "staging", "production")
REPLICAS = {"dev": 1, "staging": 2, "production": 10}
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: web, image: "example.com/web:0"}
"""
BASE = "resources: [deployment.yaml]\n"


def path(env: str, app: str = "web") -> str:
    return f"apps/{app}/overlays/{env}/kustomization.yaml"


def overlay(env: str, tag: str = "1.0.0", more: str = "") -> str:
    return (
        f"resources: [../../base]\nimages:\n- name: example.com/web\n  newTag: {tag} # ours\n"
        f"replicas:\n- {{name: web, count: {REPLICAS[env]}}}\n{more}"
    )


def texts(*apps: str, config: str = CONFIG) -> dict[str, str]:
    """The files of a repository with these apps, every environment in step."""
    files = {"fairlead.yaml": config, "README.md": "hello\n"}
    for app in apps or ("web",):
        files |= {f"apps/{app}/base/kustomization.yaml": BASE, f"apps/{app}/base/deployment.yaml": DEPLOYMENT}
        files |= {path(env, app): overlay(env) for env in ENVIRONMENTS}
    return files


def git(folder: Path, *argv: str, ok: tuple[int, ...] = (0,)) -> str:
    """What git says, without its final newline."""
    who = ("-c", "user.name=Ann", "-c", "user.email=ann@x.org")
    done = subprocess.run(
        ["git", *who, *argv], cwd=folder, env=environment(), capture_output=True, check=False, text=True
    )
    assert done.returncode in ok, done.stderr
    return done.stdout.rstrip("\n")


class Desk:
    """Somebody at work in a repository; every command opens the world anew."""

    def __init__(self, folder: Path, time: int = 1_750_000_000, actor: str = "ann@x.org") -> None:
        self.folder = folder
        self.clock = StillClock(time)
        self.actor = actor

    @classmethod
    def make(cls, folder: Path, *apps: str, config: str = CONFIG) -> Desk:
        """A new repository."""
        new_repo(folder, texts(*apps, config=config))
        return cls(folder)

    @property
    def world(self) -> World:
        return open_world(Run(self.folder, clock=self.clock, actor=self.actor))

    def forge(self, world: World | None = None) -> Forge:
        world = world or self.world
        return open_forge(world, environments(world).config)

    def change(self, files: dict[str, str | None], message: str = "Change", branch: str = "main") -> str:
        """A commit that nobody promoted; where the branch is checked out, the files come along."""
        repo = self.world.git
        old = repo.tip(branch)
        assert old is not None
        made = repo.commit_tree(repo.write_tree(old, to_files(files)), (old,), message, 1_750_000_000)
        repo.advance(branch, made, old)
        return made

    def set(self, tag: str, env: str = "dev", app: str = "web") -> None:
        """A version enters."""
        world = self.world
        set_.run(world, self.forge(world), set_.Wish((app,), env, (f"image=example.com/web:{tag}",)))

    def plan(self, *apps: str, **wishes) -> Planned:
        """A plan; nothing changes."""
        if "selection" not in wishes:
            keys = ("fields", "units", "exclude")
            wishes["selection"] = Selection(**{k: wishes.pop(k) for k in keys if k in wishes})
        world = self.world
        return promote.plan(world, Request(apps or ("web",), **wishes), self.forge(world))[1]

    def all(self, **wishes) -> Planned:
        """A plan for all apps."""
        world = self.world
        return promote.plan(world, Request(every_app=True, **wishes), self.forge(world))[1]

    def moves(self, *apps: str, **wishes) -> dict[str, tuple[str, str, str]]:
        """field -> (verdict, old, new) of the first hop, carried or not."""
        hop = self.plan(*apps, **wishes).plan.hops[0]
        found = [m for a in hop.apps for m in (*a.chosen(), *a.held)]
        return {m.field.partition(": ")[2]: (str(m.verdict), m.old, m.new) for m in found}

    def promote(self, *apps: str, **wishes) -> tuple[Pull, ...]:
        """Plan and deliver, without the proof by rendering."""
        world = self.world
        forge = self.forge(world)
        keys = ("fields", "units", "exclude")
        selection = Selection(**{k: wishes.pop(k) for k in keys if k in wishes})
        request = Request(apps or ("web",), selection=selection, **wishes)
        chronicle, planned = promote.plan(world, request, forge)
        return promote.apply(promote.assessed(chronicle, planned), forge)

    def apply(self, data: bytes) -> tuple[Pull, ...]:
        """Apply a plan as it was written."""
        world = self.world
        forge = self.forge(world)
        chronicle, planned = promote.from_file(world, forge, data, "plan.json")
        return promote.apply(promote.assessed(chronicle, planned), forge)

    def merge(self, number: int) -> merging.Merged:
        """Merge it as `fairlead pr merge` does."""
        world = self.world
        forge = self.forge(world)
        gating = open_gating(world, environments(world), forge)
        return merging.merge(world, forge, gating, merging.prepare(world, forge, gating, number))

    def bring(self, tag: str, through: str = "production") -> None:
        """A version enters and goes all the way up."""
        self.set(tag)
        for opened in self.promote(through=through):
            self.merge(opened.number)

    def back(self, env: str = "production", app: str = "web", to: str = "") -> rollback.Return:
        world = self.world
        return rollback.plan(world, self.forge(world), app, env, to)

    def roll_back(self, env: str = "production", app: str = "web", to: str = "") -> Pull:
        return rollback.apply(self.back(env, app, to), self.forge())

    def tags(self, app: str = "web") -> dict[str, str]:
        """What each environment runs, as committed."""
        repo = self.world.git
        found = {}
        for env in ENVIRONMENTS:
            text = (repo.read_file("main", path(env, app)) or b"").decode()
            found[env] = text.partition("newTag: ")[2].split()[0]
        return found

    def open(self) -> list[Pull]:
        return list(self.forge().pulls(open_only=True))


def everything(folder: Path) -> dict[str, object]:
    """All that a person would notice: files with bytes, modes and times, index, refs, HEAD, stash, reflogs."""
    found: dict[str, object] = {}
    for place in sorted(folder.rglob("*")):
        name = place.relative_to(folder).as_posix()
        if name.startswith(".git/objects") or (name.startswith(".git") and name != ".git/index"):
            continue
        stat = place.lstat()
        data = place.read_bytes() if place.is_file() and not place.is_symlink() else b""
        found[name] = (stat.st_mode, stat.st_mtime_ns if place.is_file() else 0, data)
    refs = git(folder, "for-each-ref", "--format=%(refname) %(objectname)")
    found["refs"] = [line for line in refs.splitlines() if not line.startswith("refs/fairlead/")]
    found["head"] = (folder / ".git/HEAD").read_bytes()
    found["stash"] = git(folder, "stash", "list")
    return found


CLUSTERS = """\
version: 1
environments: {dev: {}, production: {clusters: [b, a]%s}, dr: {}}
chains: [[dev, production, dr]]
layout: ["apps/{app}/{env}[/{cluster}]"]
"""


def clustered(folder: Path, rollout: str = "") -> Desk:
    """An app whose production has two clusters, b before a, and dr after it; dev is ahead."""
    desk = Desk.make(folder)
    desk.change(
        {
            "fairlead.yaml": CLUSTERS % rollout,
            **{path(env): None for env in ("dev", "staging", "production")},
            **{
                f"apps/web/{place}/kustomization.yaml": overlay("dev", tag).replace("../../base", f"{up}/base")
                for place, up, tag in (
                    ("dev", "..", "1.1.0"), ("production/a", "../..", "1.0.0"), ("production/b", "../..", "1.0.0"),
                    ("dr", "..", "1.0.0"),
                )
            },
        }
    )  # fmt: skip
    return desk
