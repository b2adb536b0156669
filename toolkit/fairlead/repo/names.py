"""Names and globs: what a person may have meant, and which paths a glob means."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase


def near_miss(word: str, known: Sequence[str]) -> str:
    """A "did you mean" sentence, or nothing."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else ""


def covers(glob: str, path: str) -> bool:
    """Whether a glob means a path or a folder above it; `*` spans slashes, as in `check: {unread}`."""
    glob = glob.rstrip("/")
    if fnmatchcase(path, glob):
        return True
    parts = path.split("/")
    return any(fnmatchcase("/".join(parts[:size]), glob) for size in range(1, len(parts)))
