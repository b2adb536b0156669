"""One runner for processes: a process is a value, run by sh, failing with a typed error."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fairlead.model.errors import WorldError
from fairlead.model.values import dataclass

if TYPE_CHECKING:
    import sh


@dataclass(frozen=True)
class Process:
    """A program to run: no shell, no standard input unless given, `timeout` in seconds."""

    argv: tuple[str, ...]
    cwd: str | None = None
    env: Mapping[str, str] | None = None
    stdin: bytes = b""
    timeout: float = 60.0


@dataclass(frozen=True)
class Result:
    """How it ended. A non-zero code is a result, not an error."""

    code: int
    stdout: bytes
    stderr: str
    timed_out: bool = field(default=False)


def which(name: str, *, own: bool = False) -> str | None:
    """Where a program is: on PATH, or beside our Python (a tool of the project's own `.venv`).

    With `own` it is one that is installed with us: then ours goes before another installation's on PATH.
    """
    import shutil
    import sys

    command = Path(sys.argv[0])
    places = [Path(sys.executable).parent]
    if command.stem == "fairlead":  # an installation by --user has its commands elsewhere than its Python
        places.insert(0, command.parent)
    beside = os.pathsep.join(map(str, places))
    ways = (beside, None) if own else (None, beside)
    return next(filter(None, (shutil.which(name, path=way) for way in ways)), None)


def run(process: Process) -> Result:
    """Run it to its end.

    Raises:
        WorldError: where the program is missing or can't be started.
    """
    import sh

    program, *arguments = process.argv
    out, err = io.BytesIO(), io.BytesIO()
    options: dict[str, Any] = {
        "_out": out,
        "_err": err,
        "_env": dict(os.environ if process.env is None else process.env),
        "_ok_code": list(range(256)),
        # sh's own `_timeout` looks every 0.1 s, so that nothing takes less; a timer of ours costs nothing.
        "_bg": True,
        "_bg_exc": False,
        "_new_session": True,  # so that what it started can be ended with it, and we are not
        "_tty_out": False,
        "_tty_in": False,
        "_no_out": True,  # sh keeps the last 3 MB of what passes; the buffers above keep all
        "_no_err": True,
    }
    if process.cwd is not None:
        options["_cwd"] = process.cwd
    if process.stdin:
        options["_in"] = process.stdin
    late = threading.Event()
    try:
        running = sh.Command(program)(*arguments, **options)
        timer = threading.Timer(process.timeout, _late, (running, late))
        timer.daemon = True
        timer.start()
        try:
            running.wait()
        except BaseException:
            _end(running)
            raise
        finally:
            timer.cancel()
        code = int(running.exit_code)
    except sh.SignalException as error:
        code = int(error.exit_code)
    except (sh.CommandNotFound, OSError) as error:
        raise WorldError(
            f"can't start {program}: {error}",
            remedy="install it, or put it on PATH; `fairlead doctor` names the tools",
        ) from None
    except sh.ForkException as error:
        raise WorldError(f"can't start {program}", remedy=str(error)[:500]) from None
    return Result(code, out.getvalue(), err.getvalue().decode("utf-8", "replace"), late.is_set())


def _late(running: sh.RunningCommand, late: threading.Event) -> None:
    late.set()
    _end(running)


def _end(running: sh.RunningCommand) -> None:
    """Kill the process and all that it started: it leads a session of its own."""
    with suppress(OSError):
        running.kill_group()
