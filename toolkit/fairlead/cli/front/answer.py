"""Answers what needs no command: `--version`, the help of `fairlead` itself, completion."""

from __future__ import annotations

import os
import sys

COMPLETE = "_FAIRLEAD_COMPLETE"  # set by the shells' scripts: which of them asks


def at_once(arguments: list[str]) -> bool:
    """Answer, if this is all that is asked; False where a command has to."""
    shell = os.environ.get(COMPLETE)
    if shell is not None:
        from fairlead.cli.front.complete import complete, told

        return _say(told(shell, complete(arguments)))
    if arguments in (["--version"], ["-V"]):
        from fairlead import __version__

        return _say(f"fairlead {__version__}\n")
    if arguments in ([], ["-h"], ["--help"]):
        return _help()
    if len(arguments) == 2 and arguments[0] == "completion":
        from fairlead.cli.front.scripts import SCRIPTS

        return arguments[1] in SCRIPTS and _say(SCRIPTS[arguments[1]])
    return False


def _help() -> bool:
    """The help as it was generated, for the widest of its widths that the terminal has."""
    from fairlead.cli.front.table import HELP

    columns = _columns()
    widths = [width for width in HELP if width <= columns]
    return bool(widths) and _say(HELP[max(widths)])


def _columns() -> int:
    """As click finds it: COLUMNS, else the terminal, else 80."""
    try:
        return int(os.environ["COLUMNS"]) or 80
    except (KeyError, ValueError):
        pass
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return 80


def _say(text: str) -> bool:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  so that Python's own exit doesn't complain
        if not isinstance(error, BrokenPipeError):
            sys.stderr.write(f"error: can't write the answer: {error.strerror}\n")
            raise SystemExit(6) from None
    return True
