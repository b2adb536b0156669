"""The git side of the double: a bare repository, real merges in it, and its service over http."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

_HOOK = """#!/bin/sh
while read -r old new ref; do
  if grep -qxF "$ref" protected 2>/dev/null; then
    echo "GitLab: You are not allowed to push code to protected branches on this project." >&2
    exit 1
  fi
done
"""
_ENVIRONMENT = {
    "PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull, "LC_ALL": "C",
}  # fmt: skip


@dataclass(frozen=True)
class Served:
    """An answer to git."""

    status: int
    headers: dict[str, str]
    data: bytes


@dataclass(frozen=True)
class Bare:
    """One bare repository."""

    path: Path
    _tips: dict[str, str] = field(default_factory=dict)  # as they stood when something last moved

    @classmethod
    def create(cls, path: Path) -> Bare:
        mould = path.parent / "mould.git"
        if not mould.exists():
            cls._mould(mould)
        shutil.copytree(mould, path)
        return cls(path)

    @classmethod
    def _mould(cls, path: Path) -> None:
        path.mkdir(parents=True)
        made = cls(path)
        made.run("init", "--quiet", "--bare", "--initial-branch=main", ".")
        made.run("config", "http.receivepack", "true")
        made.run("config", "receive.hideRefs", "refs/merge-requests")
        hook = path / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(_HOOK)
        hook.chmod(0o755)

    def run(self, *argv: str, stdin: str = "", who: tuple[str, str] = ("GitLab", "noreply@gitlab.test")) -> str:
        """What git says; empty where it says no."""
        env = {
            **_ENVIRONMENT, "GIT_AUTHOR_NAME": who[0], "GIT_AUTHOR_EMAIL": who[1],
            "GIT_COMMITTER_NAME": who[0], "GIT_COMMITTER_EMAIL": who[1],
        }  # fmt: skip
        done = subprocess.run(
            ["git", *argv], cwd=self.path, env=env, input=stdin, capture_output=True, text=True, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    def tips(self) -> dict[str, str]:
        return dict(self._tips)

    def look(self) -> None:
        """Something moved."""
        rows = self.run("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads").splitlines()
        self._tips.clear()
        self._tips.update(row.split() for row in rows)

    def has(self, oid: str) -> bool:
        return bool(self.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{oid}^{{commit}}"))

    def contains(self, tip: str, oid: str) -> bool:
        return self.run("merge-base", tip, oid) == oid

    def branches_with(self, oid: str) -> list[str]:
        return self.run("for-each-ref", "--format=%(refname:lstrip=2)", f"--contains={oid}", "refs/heads").split()

    def merged_tree(self, ours: str, theirs: str) -> str:
        """What a merge gives; empty for a conflict."""
        return self.run("merge-tree", "--write-tree", ours, theirs)

    def commit(self, tree: str, parents: tuple[str, ...], message: str, who: tuple[str, str]) -> str:
        flags = [word for parent in parents for word in ("-p", parent)]
        return self.run("commit-tree", tree, *flags, "-F", "-", stdin=message, who=who)

    def move(self, ref: str, new: str) -> None:
        self.run("update-ref", ref, new)
        self.look()

    def protect(self, branches: list[str]) -> None:
        (self.path / "protected").write_text("".join(f"refs/heads/{name}\n" for name in branches))

    def serve(self, method: str, service: str, query: str, headers: dict[str, str], body: bytes, who: str) -> Served:
        """What `git http-backend` answers."""
        env = {
            **_ENVIRONMENT, "GIT_PROJECT_ROOT": str(self.path), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": f"/{service}",
            "REQUEST_METHOD": method, "QUERY_STRING": query, "REMOTE_USER": who, "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(body)), "CONTENT_TYPE": headers.get("content-type", ""),
            "GIT_PROTOCOL": headers.get("git-protocol", ""),
            "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
        }  # fmt: skip
        done = subprocess.run(["git", "http-backend"], env=env, input=body, capture_output=True, check=False)
        if service == "git-receive-pack":
            self.look()
        head, _, data = done.stdout.partition(b"\r\n\r\n")
        found = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        return Served(int(found.pop("Status", "200").split()[0]), found, data)
