"""Run something as a user who may not write everywhere; tests may run as root, for whom nothing is shut."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

NOBODY = 65534


def unprivileged(folder: Path, work: Callable[[], str], *, keep: bool = False) -> str:
    """What `work` returns in a process of a user without rights; `folder` is made reachable for that user.

    `keep` leaves its files to whom they belong.
    """
    if os.getuid() == 0:
        for above in (folder, *folder.parents):
            if above != Path(above.anchor):
                above.chmod(above.stat().st_mode | 0o055)
        if not keep:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover  the child's own lines are not counted
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            told = work()
        except BaseException as error:
            told = f"{type(error).__name__}: {error}"
        os.write(sink, told.encode("utf-8", "replace"))
        os._exit(0)
    os.close(sink)
    with os.fdopen(source, "rb") as reader:
        told = reader.read().decode()
    os.waitpid(child, 0)
    return told
