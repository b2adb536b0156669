"""One runner for processes: a process is a value, run by sh, failing with a typed error."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fairlead.model.errors import WorldError


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


def which(name: str) -> str | None:
    """Where a program is: on PATH, or beside the Python that runs us (a tool of the project's own `.venv`)."""
    import sys

    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


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
        "_in": process.stdin or None,
        "_env": dict(os.environ if process.env is None else process.env),
        "_timeout": process.timeout,
        "_ok_code": list(range(256)),
        "_return_cmd": True,
        "_tty_out": False,
        "_tty_in": False,
        "_no_out": True,  # sh keeps the last 3 MB of what passes; the buffers above keep all
        "_no_err": True,
    }
    if process.cwd is not None:
        options["_cwd"] = process.cwd
    if not process.stdin:
        del options["_in"]
    try:
        done = sh.Command(program)(*arguments, **options)
        code, late = int(done.exit_code), False
    except sh.TimeoutException:
        code, late = -1, True
    except sh.SignalException as error:
        code, late = int(error.exit_code), False
    except (sh.CommandNotFound, OSError) as error:
        raise WorldError(
            f"can't start {program}: {error}", remedy="install it, or put it on PATH; `fairlead --help` names the tools"
        ) from None
    except sh.ForkException as error:
        raise WorldError(f"can't start {program}", remedy=str(error.orig_exc)[:500]) from None
    return Result(code, out.getvalue(), err.getvalue().decode("utf-8", "replace"), late)
