"""Builds a real Gitea from the Go module proxy, once: `make test-forge`. Six minutes on two cores, then cached.

A module that isn't the main one has its `replace` lines ignored, so ours is a wrapper that repeats them.
Needs Go and gcc (SQLite is C).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

MODULE, VERSION = "code.gitea.io/gitea", "1.26.0"
_TAGS = "sqlite sqlite_unlock_notify"
_ASSETS = ("templates", "options", "public")


class CannotBuildError(Exception):
    """What is missing, or what Go says."""


@dataclass(frozen=True)
class Gitea:
    """A built one: the program, and the folder of its templates."""

    program: Path
    static: Path


def folder() -> Path:
    """Where it is kept: by version and by the release of Go that built it."""
    own = os.environ.get("FAIRLEAD_CACHE", "")
    cache = Path(own) if own and own != "none" else Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "fairlead"
    return cache.expanduser().absolute() / "forges" / f"gitea-{VERSION}-{_go_release()}"


def cached() -> Gitea | None:
    """The one that was built before; None where there is none."""
    place = folder()
    found = Gitea(place / "gitea", place / "static")
    return found if os.access(found.program, os.X_OK) and (found.static / "templates").is_dir() else None


def build() -> Gitea:
    """Build it, unless it is there already. Raises CannotBuildError."""
    found = cached()
    if found is not None:
        return found
    for tool in ("go", "gcc"):
        if shutil.which(tool) is None:
            raise CannotBuildError(f"there is no {tool} here")
    place = folder()
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".gitea-", dir=place.parent) as scratch:
        made, wrapper = Path(scratch, "made"), Path(scratch, "wrapper")
        wrapper.mkdir()
        _go(wrapper, "mod", "init", "fairlead.test/gitea")
        told = json.loads(_go(wrapper, "mod", "download", "-json", f"{MODULE}@v{VERSION}"))
        (wrapper / "go.mod").write_text(_wrapper(Path(told["GoMod"]).read_text()))
        stamp = f"-s -w -X main.Version={VERSION}"
        _go(wrapper, "build", "-mod=mod", "-trimpath", "-buildvcs=false", "-tags", _TAGS, "-ldflags", stamp,
            "-o", str(made / "gitea"), MODULE)  # fmt: skip
        for name in _ASSETS:
            shutil.copytree(Path(told["Dir"], name), made / "static" / name, copy_function=shutil.copyfile)
        for path in (made / "static").rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)  # the cache of modules is read-only
        shutil.rmtree(place, ignore_errors=True)
        made.replace(place)
    return Gitea(place / "gitea", place / "static")


def _wrapper(theirs: str) -> str:
    lines = [line for line in theirs.splitlines() if re.match(r"(go|godebug|replace) ", line)]
    return "\n".join(("module fairlead.test/gitea", *lines, f"require {MODULE} v{VERSION}", ""))


def _go_release() -> str:
    if shutil.which("go") is None:
        return "none"
    return subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout.strip()


def _go(where: Path, *argv: str) -> str:
    env = {**os.environ, "GOFLAGS": "-modcacherw", "GOWORK": "off", "CGO_ENABLED": "1"}
    done = subprocess.run(
        ["nice", "-n", "10", "go", *argv], cwd=where, env=env, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise CannotBuildError(f"go {argv[0]} failed: {done.stderr.strip()[-2000:]}")
    return done.stdout


if __name__ == "__main__":
    try:
        if cached() is None:
            print(f"gitea: building {VERSION} from the Go module proxy (once; about six minutes)", flush=True)
        print(f"gitea: {build().program}")
    except CannotBuildError as why:
        sys.exit(f"gitea: {why}")
