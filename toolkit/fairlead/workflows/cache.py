"""cache: what is kept from run to run; showing, verifying and clearing it."""

from __future__ import annotations

import os

from fairlead.doors.places import has_place
from fairlead.doors.shared import VARIABLE as SHARED
from fairlead.doors.store import SECRET, Store, Usage
from fairlead.model.values import dataclass


@dataclass(frozen=True)
class State:
    """Where the cache is, what it holds, and what else is set; `folder` is empty where there is none."""

    folder: str
    usage: Usage
    shared: str
    sealed: bool


def info() -> State:
    """Look at it."""
    store = Store()
    folder = str(store.folder) if has_place() else ""
    usage = store.usage() if folder else Usage({}, {}, 0)
    return State(folder, usage, os.environ.get(SHARED, ""), bool(os.environ.get(SECRET)))


def verify() -> tuple[int, int]:
    """Read every entry: how many are whole, and how many were damaged and are removed."""
    return Store().verify() if has_place() else (0, 0)


def clear() -> int:
    """Remove it all; how many bytes that were."""
    return Store().clear() if has_place() else 0
