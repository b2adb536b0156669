"""Where fairlead keeps what it can make again, and what a person never has to back up."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "FAIRLEAD_CACHE"


def cache_folder() -> Path:
    """The cache's folder: `FAIRLEAD_CACHE`, else `fairlead` in the user's cache folder (XDG). It need not exist."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or ""
    if not os.path.isabs(base):  # noqa: PTH117  the XDG specification: relative ones are ignored
        base = str(Path(os.path.expanduser("~"), ".cache"))  # noqa: PTH111  Path.home() raises where there is none
    return Path(base, "fairlead").absolute()
