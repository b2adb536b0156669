"""The git side of the double: bare repositories, real merges in them, and their service over http."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_BACKEND = Path(subprocess.run(["git", "--exec-path"], capture_output=True, text=True, check=True).stdout.strip())
_CONFIG = """
[http]
	receivepack = true
[receive]
	hideRefs = refs/pull
	unpackLimit = 1
[gc]
	auto = 0
"""
_HOOK = """#!/bin/sh
if grep -qxF "$1" "$GIT_DIR/protected" 2>/dev/null; then
  echo "error: GH006: Protected branch update failed for $1." >&2
  exit 1
fi
"""


class GitError(Exception):
    """git said no."""


@dataclass(frozen=True)
class Bare:
    """One bare repository."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> Bare:
        path.mkdir(parents=True)
        made = cls(path)
        made.run("init", "--quiet", "--bare", "--template=", "--initial-branch=main", ".")
        with (path / "config").open("a") as config:
            config.write(_CONFIG)
        return made

    def run(self, *argv: str, stdin: str = "", who: tuple[str, str] = ("GitHub", "noreply@github.com")) -> str:
        env = {
            **_environment(), "GIT_AUTHOR_NAME": who[0], "GIT_AUTHOR_EMAIL": who[1],
            "GIT_COMMITTER_NAME": "GitHub", "GIT_COMMITTER_EMAIL": "noreply@github.com",
        }  # fmt: skip
        done = subprocess.run(
            ["git", *argv], cwd=self.path, env=env, input=stdin, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise GitError(done.stderr or done.stdout)
        return done.stdout.strip()

    def tip(self, branch: str) -> str | None:
        loose = self.path / "refs" / "heads" / branch  # read without a process: a list of pulls asks for many
        return loose.read_text().strip() if loose.is_file() else self.commit(f"refs/heads/{branch}")

    def commit(self, name: str) -> str | None:
        try:
            return self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except GitError:
            return None

    def contains(self, branch_tip: str, commit: str) -> bool:
        try:
            self.run("merge-base", "--is-ancestor", commit, branch_tip)
        except GitError:
            return False
        return True

    def merged_tree(self, ours: str, theirs: str) -> str | None:
        """What a merge gives; None for a conflict."""
        try:
            return self.run("merge-tree", "--write-tree", ours, theirs)
        except GitError:
            return None

    def merge(self, base: str, head: str, method: str, message: str, who: tuple[str, str]) -> str | None:
        """A commit that brings a head to a base: `merge`, `squash` or `rebase`; None for a conflict."""
        if method == "rebase":
            return self._rebase(base, head)
        tree = self.merged_tree(base, head)
        parents = ("-p", base) if method == "squash" else ("-p", base, "-p", head)
        return None if tree is None else self.run("commit-tree", tree, *parents, "-F", "-", stdin=message, who=who)

    def _rebase(self, base: str, head: str) -> str | None:
        at = base
        for commit in self.run("rev-list", "--reverse", "--no-merges", f"{base}..{head}").split():
            # git 2.39 merges by the commits' own fork alone: what is there, as if it stood on the commit's parent.
            stand_in = self.run("commit-tree", f"{at}^{{tree}}", "-p", f"{commit}^", "-m", "x")
            tree = self.merged_tree(stand_in, commit)
            if tree is None:
                return None
            name, mail, body = self.run("show", "-s", "--format=%an%n%ae%n%B", commit).split("\n", 2)
            at = self.run("commit-tree", tree, "-p", at, "-F", "-", stdin=body, who=(name, mail))
        return at

    def move(self, ref: str, new: str) -> None:
        self.run("update-ref", ref, new)

    def protect(self, branches: list[str]) -> None:
        (self.path / "protected").write_text("".join(f"refs/heads/{name}\n" for name in branches))
        hook = self.path / "hooks" / "update"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_HOOK)
        hook.chmod(0o755)

    def serve(self, method: str, service: str, query: str, headers: dict[str, str], body: bytes, who: str) -> Served:
        """What `git http-backend` answers."""
        env = {
            **_environment(), "GIT_PROJECT_ROOT": str(self.path), "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{service}", "REQUEST_METHOD": method, "QUERY_STRING": query, "REMOTE_USER": who,
            "REMOTE_ADDR": "127.0.0.1", "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": headers.get("content-type", ""), "GIT_PROTOCOL": headers.get("git-protocol", ""),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
        }  # fmt: skip
        backend = [str(_BACKEND / "git-http-backend")]
        done = subprocess.run(backend, env=env, input=body, capture_output=True, check=False)
        head, _, data = done.stdout.partition(b"\r\n\r\n")
        found = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        return Served(int(found.pop("Status", "200").split()[0]), found, data)


@dataclass(frozen=True)
class Served:
    """An answer to git."""

    status: int
    headers: dict[str, str]
    data: bytes


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull, "LC_ALL": "C",
    }  # fmt: skip
