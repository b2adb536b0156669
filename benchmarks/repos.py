"""Generated repositories with a history, in temporary folders, each with a cache of its own."""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.generate import generate
from benchmarks.measure import Command, environment, fairlead

_NEW_TAG = re.compile(r"(?m)^(    newTag: ).*$")
_PART_OF = re.compile(r"(app\.kubernetes\.io/part-of: )\S+")


@dataclass(frozen=True)
class Repo:
    """A committed repository, its overlays' folders, and the cache that fairlead is given for it."""

    root: Path
    overlays: tuple[str, ...]
    cache: Path

    @property
    def lines(self) -> bytes:
        """The overlays as xargs wants them."""
        return "\n".join(self.overlays).encode()

    def fairlead(self, *arguments: str, **how: Any) -> Command:
        """`fairlead` in it."""
        return fairlead(*arguments, cwd=self.root, env={"FAIRLEAD_CACHE": str(self.cache)}, **how)

    def forget(self) -> None:
        """Empty the cache: what follows is cold."""
        shutil.rmtree(self.cache, ignore_errors=True)
        self.cache.mkdir()

    def git(self, *arguments: str) -> str:
        """Run git in it."""
        return git(self.root, *arguments)

    def write(self, path: str, text: str) -> None:
        """Write one of its files."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def commit(self, message: str) -> str:
        """Commit what there is; the commit's id."""
        self.git("add", "--all", "--force")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")


def git(root: Path, *arguments: str) -> str:
    """Run git in a folder; what it prints."""
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "gc.auto=0")
    done = subprocess.run(
        ["git", *identity, "-C", str(root), *arguments], env=environment(), capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def begin(root: Path) -> None:
    """Make a folder's files the first commit of a repository, each with the bytes that lie there."""
    git(root, "init", "--quiet", "--initial-branch=main", "--template=")
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/attributes").write_text("* -text -filter -ident\n", encoding="utf-8")
    git(root, "add", "--all", "--force")
    git(root, "commit", "--quiet", "--message", "Begin")


@contextmanager
def repository(overlays: int, seed: int) -> Iterator[Repo]:
    """A generated one, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="fairlead-bench-", ignore_cleanup_errors=True) as folder:
        place = Path(folder).resolve()
        root, cache = place / "repo", place / "cache"
        root.mkdir()
        cache.mkdir()
        made = generate(root, overlays, seed)
        begin(root)
        yield Repo(root, tuple(made), cache)


def new_tag(repo: Repo, overlay: str, tag: str) -> str:
    """Bring another version into an overlay; the path of the file that changed."""
    return _replace(repo, f"{overlay}/kustomization.yaml", _NEW_TAG, f'\\g<1>"{tag}"')


def evolve(repo: Repo, commits: int, seed: int) -> tuple[str, ...]:
    """Commits as they come in a day: mostly a version in one overlay, at times an app's base, seldom a shared one."""
    source = random.Random(seed)
    made = []
    shared = sorted(path.parent.relative_to(repo.root).as_posix() for path in repo.root.glob("bases/*/deployment.yaml"))
    for number in range(commits):
        overlay = source.choice(repo.overlays)
        chance = source.random()
        if chance < 0.7:
            new_tag(repo, overlay, f"9.{number}.0")
        elif chance < 0.9 or not shared:
            base = overlay.rpartition("/overlays/")[0] + "/base/kustomization.yaml"
            _replace(repo, base, _PART_OF, f"\\g<1>fleet-{number}")
        else:
            _replace(repo, f"{source.choice(shared)}/deployment.yaml", re.compile(r"cpu: \d+m"), f"cpu: {number + 51}m")
        made.append(repo.commit(f"Change {number}"))
    return tuple(made)


def reach(repo: Repo, sizes: Sequence[int]) -> dict[int, str]:
    """Give the first overlays bases in common: for each size the path of a file that just so many of them read."""
    paths = {}
    for size in sorted(sizes):
        folder = f"bases/reach-{size}"
        head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n"
        repo.write(f"{folder}/kustomization.yaml", "resources:\n  - settings.yaml\n")
        paths[size] = f"{folder}/settings.yaml"
        repo.write(paths[size], f"{head}  name: reach-{size}\ndata:\n  round: '0'\n")
        for overlay in repo.overlays[:size]:
            path = f"{overlay}/kustomization.yaml"
            text = (repo.root / path).read_text(encoding="utf-8")
            repo.write(path, text.replace("resources:\n", f"resources:\n  - ../../../../{folder}\n", 1))
    repo.commit("Bases in common")
    return paths


def _replace(repo: Repo, path: str, pattern: re.Pattern[str], new: str) -> str:
    text = (repo.root / path).read_text(encoding="utf-8")
    changed, count = pattern.subn(new, text)
    assert count > 0, f"{path} has nothing to change"
    assert changed != text, f"{path} stays as it was"
    repo.write(path, changed)
    return path
