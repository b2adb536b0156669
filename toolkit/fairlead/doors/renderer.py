"""Where the renderer is that was built with us, and a way to have it ready before it is asked."""

from __future__ import annotations

import os

from fairlead.doors import pipes
from fairlead.doors.proc import which
from fairlead.model.errors import WorldError

PROGRAM = "fairlead-renderer"
VARIABLE = "FAIRLEAD_RENDERER"  # the helper's path, or `none` to go without


def found() -> str | None:
    """Where the helper is; None where there is none, or nobody wants it."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return None if named == "none" else named
    return which(PROGRAM, own=True)


def start_early() -> None:
    """Start one that will be asked soon: it reads its schemas while Python reads the rest of fairlead."""
    program = found()
    if program is not None:
        try:
            pipes.start_early(program)
        except WorldError:
            return  # who asks it is told
