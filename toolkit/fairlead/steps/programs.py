"""Who the helper programs are, as they told an earlier run: while one looks the same, none is started to ask."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from fairlead.doors.store import Store
from fairlead.repo.manifest import digest

_KIND = "helper"


def told_before(store: Store | None, program: str) -> dict[str, Any] | None:
    """What a program said of itself when it looked like this; another version of fairlead may have written it."""
    if store is None:
        return None
    key, mark = _marked(program)
    try:
        known = json.loads(store.get(_KIND, key) or b"null")
        return dict(known["hello"]) if known is not None and known["mark"] == mark else None
    except (ValueError, KeyError, TypeError):
        return None


def keep_told(store: Store | None, program: str, hello: dict[str, str]) -> None:
    """Keep what it says now."""
    if store is not None:
        key, mark = _marked(program)
        store.put(_KIND, key, json.dumps({"mark": mark, "hello": hello}).encode())


def mark(program: str) -> str:
    """What tells a program from another one, and from another version of it, as far as its file shows that."""
    return digest(*map(str, _marked(program)))


def _marked(program: str) -> tuple[str, list[int]]:
    """A name for the program, and what changes with it."""
    real = os.path.realpath(program)
    try:
        info = Path(real).stat()
    except OSError:
        return digest(real), []
    return digest(real), [info.st_mtime_ns, info.st_ctime_ns, info.st_size, info.st_ino]
