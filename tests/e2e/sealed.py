"""The command in a sealed environment: no home, no git identity, no colours, no terminal."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile

from tests.e2e.warm import Warm, may_be_warm

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


class Started:
    """A command that runs, as `subprocess.Popen` has it; it leads a process group of its own."""

    def __init__(self, arguments, cwd, env, stdin=""):
        self._out, self._err = TemporaryFile("w+"), TemporaryFile("w+")  # noqa: SIM115  closed by communicate
        with TemporaryFile("w+") as given:
            given.write(stdin)
            given.seek(0)
            fds = (given.fileno(), self._out.fileno(), self._err.fileno())
            self._run = Warm([*map(str, arguments)], cwd, env, fds)
        self.pid = self._run.pid
        self.returncode = None

    def communicate(self, timeout=120):
        """Wait for its end; what it said on stdout, and on stderr."""
        self.returncode = self._run.wait(timeout)
        texts = []
        for stream in (self._out, self._err):
            with stream:
                stream.seek(0)
                texts.append(stream.read())
        return tuple(texts)

    def runs(self, seconds):
        """Whether it still runs after so many seconds."""
        return self._run.runs(seconds)


def fairlead(*arguments, cwd, stdin="", **more):
    """Run it to its end; the result has `returncode`, `stdout` and `stderr`."""
    env = environment(Path(cwd) / "no-home", **more)
    if may_be_warm(env):
        run = Started(arguments, cwd, env, stdin)
        out, err = run.communicate()
        return subprocess.CompletedProcess(arguments, run.returncode, out, err)
    return subprocess.run(
        [sys.executable, "-m", "fairlead", *map(str, arguments)],
        cwd=cwd,
        env=env,
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
