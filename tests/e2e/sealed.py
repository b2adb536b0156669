"""The command in a sealed environment: no home, no git identity, no colours, no terminal."""

import os
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent


def environment(home, **more):
    """What a fresh machine would give: nothing of the developer's own settings."""
    keep = {k: v for k, v in os.environ.items() if k.startswith(("COVERAGE_", "PYTHON", "LANG", "TMP"))}
    return keep | {
        "PATH": os.pathsep.join((str(BIN), os.environ.get("PATH", os.defpath))),
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "NO_COLOR": "1",
        "COLUMNS": "100",
        "TZ": "UTC",
        **more,
    }


def fairlead(*arguments, cwd, stdin="", **more):
    """Run it to its end; the result has `returncode`, `stdout` and `stderr`."""
    return subprocess.run(
        [sys.executable, "-m", "fairlead", *map(str, arguments)],
        cwd=cwd,
        env=environment(Path(cwd) / "no-home", **more),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def git(*arguments, cwd):
    """What git says, without its final newline."""
    done = subprocess.run(
        ["git", *arguments], cwd=cwd, env=environment(cwd), capture_output=True, text=True, check=True
    )
    return done.stdout.rstrip("\n")
