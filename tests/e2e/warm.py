"""Runs the command in processes that are forked from one whose modules are loaded already.

Each is a process of its own, with its own environment, folder and descriptors, as if started by a shell; only the
half a second in which Python loads modules is saved. The manual and the demo start the installed command instead.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
from functools import cache
from pathlib import Path

from pexpect.fdpexpect import fdspawn

from docs.terminal import Terminal

_MOST = 1 << 20
_UNLIKE = ("PYTHON", "LC_", "LANG", "COVERAGE_")  # read when Python starts: such a process is started anew


def may_be_warm(env: dict[str, str]) -> bool:
    """Whether a process of this environment may be a fork: Python itself is set up as in this one."""
    unlike = [name for name in {*env, *os.environ} if name.startswith(_UNLIKE)]
    return (
        hasattr(os, "fork")
        and all(env.get(name) == os.environ.get(name) for name in unlike if name in env)
        and (not any(name.startswith("COVERAGE_") for name in env))
    )


class Warm:
    """A command that runs; `pid` is its process's, and its group's."""

    def __init__(
        self, argv: list[str], cwd: Path | str, env: dict[str, str], fds: tuple[int, int, int], *, tty: bool = False
    ):
        self._talk = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._talk.connect(_stove())
        asked = json.dumps({"argv": argv, "cwd": str(cwd), "env": env, "tty": tty}).encode()
        self._talk.sendall(len(asked).to_bytes(4, "big"))
        socket.send_fds(self._talk, [asked[:1]], list(fds))
        self._talk.sendall(asked[1:])
        with self._talk.makefile("rb", buffering=0) as said:
            self.pid = int(said.readline())
        self.code: int | None = None

    def wait(self, seconds: float = 120) -> int:
        """Until it ends; its exit code, or minus the signal. Raises TimeoutError, and ends it."""
        if self.code is None:
            self._talk.settimeout(seconds)
            try:
                with self._talk, self._talk.makefile("rb", buffering=0) as said:
                    self.code = int(said.readline())
            except TimeoutError:
                os.killpg(self.pid, signal.SIGKILL)
                raise
        return self.code

    def runs(self, seconds: float) -> bool:
        """Whether it still runs after so many seconds."""
        return self.code is None and not select.select([self._talk], [], [], seconds)[0]


class WarmTerminal(Terminal):
    """A terminal whose command is a fork; `argv` is without the interpreter."""

    def _started(self, argv: list[str], cwd: Path, env: dict[str, str], columns: int, lines: int) -> object:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.run = Warm(argv, cwd, env, (theirs, theirs, theirs), tty=True)
        os.close(theirs)
        return fdspawn(ours, encoding="utf-8", timeout=60)

    def _ended(self) -> int:
        code = self.run.wait()
        self.child.close()
        return code


@cache
def _stove() -> str:
    """The socket of the process that forks; it ends when this one does."""
    place = os.path.join(tempfile.mkdtemp(prefix="fairlead-warm-"), "s")  # noqa: PTH118  a short path for a socket
    ours, theirs = os.pipe()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("FAIRLEAD_", "GIT_"))}
    root = str(Path(__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.warm", place, str(ours)],
        pass_fds=(ours,), stdin=subprocess.DEVNULL, env=env, cwd=root,
    )  # fmt: skip
    os.close(ours)
    os.set_inheritable(theirs, False)
    atexit.register(_cool, process, theirs)
    while not os.path.exists(place):  # noqa: PTH110
        time.sleep(0.01)
    return place


def _cool(process: subprocess.Popen[bytes], theirs: int) -> None:
    os.close(theirs)
    process.wait(10)


def _load() -> None:
    """All of fairlead, and what it loads late."""
    import importlib
    import pkgutil

    import fairlead

    for module in pkgutil.walk_packages(fairlead.__path__, "fairlead."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in ("git", "questionary", "rich.table", "ruamel.yaml", "sh", "copier", "jsonschema_rs", "yaml"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def _serve(place: str, alive: int) -> None:
    import gc

    _load()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    door.bind(place + ".new")
    door.listen(64)
    os.rename(place + ".new", place)  # noqa: PTH104
    while True:
        ready, _, _ = select.select([door, alive], [], [])
        if alive in ready:
            return
        talk, _ = door.accept()
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            door.close()
            os.close(alive)
            _watch(talk)
        talk.close()


def _watch(talk: socket.socket) -> None:
    """Runs the command in a child, and tells its process and how it ended."""
    size = int.from_bytes(_exactly(talk, 4), "big")
    first, fds, _, _ = socket.recv_fds(talk, 1, 3)
    asked = json.loads(first + _exactly(talk, size - 1))
    pid = os.fork()
    if pid == 0:
        talk.close()
        _be(asked, fds)
    for fd in fds:
        os.close(fd)
    talk.sendall(b"%d\n" % pid)
    _, status = os.waitpid(pid, 0)
    talk.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    os._exit(0)


def _exactly(talk: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += talk.recv(size - len(data))
    return data


def _be(asked: dict[str, object], fds: list[int]) -> None:
    """Become the command, as far as a fork can; does not return."""
    import random
    import runpy
    import threading
    import traceback

    os.setsid()
    for target, fd in enumerate(fds):
        os.dup2(fd, target)
        os.close(fd)
    if asked["tty"]:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(asked["env"])
    os.chdir(asked["cwd"])
    time.tzset()
    random.seed()
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        made = open(number, "w" if number else "r", closefd=False, errors=None if number < 2 else "backslashreplace")  # noqa: SIM115
        if number == 2:
            made.reconfigure(line_buffering=True)
        setattr(sys, name, made)
        setattr(sys, f"__{name}__", made)
    sys.argv = ["fairlead", *asked["argv"]]
    sys.path[0] = str(asked["cwd"])
    code = 0
    try:
        runpy.run_module("fairlead", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()
        code = 1
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or 120
    os._exit(code)


if __name__ == "__main__":
    _serve(sys.argv[1], int(sys.argv[2]))
