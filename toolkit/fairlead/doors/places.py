"""Where fairlead keeps what it can make again, and what its own code is."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import fairlead

VARIABLE = "FAIRLEAD_CACHE"
NONE = "none"


def cache_folder() -> Path:
    """The cache's folder: `FAIRLEAD_CACHE`, else `fairlead` in the user's cache folder (XDG). It need not exist.

    `FAIRLEAD_CACHE=none` keeps no results; what was fetched from elsewhere has to lie somewhere all the same.
    """
    named = os.environ.get(VARIABLE)
    if named and named != NONE:
        return Path(named).absolute()
    base = os.environ.get("XDG_CACHE_HOME") or ""
    if not os.path.isabs(base):  # noqa: PTH117  the XDG specification: relative ones are ignored
        base = str(Path(os.path.expanduser("~"), ".cache"))  # noqa: PTH111  Path.home() raises where there is none
    return Path(base, "fairlead").absolute()


def has_place() -> bool:
    """Whether a cache is wanted, and somebody has said where or has a home: one that isn't there is not made."""
    named = os.environ.get(VARIABLE)
    if named:
        return named != NONE
    base = os.environ.get("XDG_CACHE_HOME") or ""
    return os.path.isabs(base) or os.path.isdir(os.path.expanduser("~"))  # noqa: PTH117, PTH112, PTH111


def code_digest(rooms: tuple[str, ...]) -> str:
    """A digest of the code of some rooms: what they decided before holds only while they are the same.

    The version alone would not do: commits between two releases have the same.
    """
    digest = hashlib.sha256(fairlead.__version__.encode())
    top = Path(fairlead.__file__).parent
    for room in rooms:
        for folder, names, files in os.walk(top / room):
            names.sort()
            for name in sorted(files):
                if name.endswith(".py"):
                    digest.update(name.encode() + Path(folder, name).read_bytes())
    return digest.hexdigest()
