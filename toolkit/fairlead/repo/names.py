"""Names and globs: what a person may have meant, and which paths a glob means."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase


def near_miss(word: str, known: Sequence[str], cutoff: float = 0.5) -> str:
    """A "did you mean" sentence, or nothing."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1, cutoff=cutoff)
    return f"did you mean {close[0]!r}?" if close else ""


def near_file(name: str, beside: Sequence[str]) -> str:
    """The same for a file: an ending that they share makes no two names alike."""
    stem, dot, _ = name.rpartition(".")
    if not dot or not stem:
        return near_miss(name, beside)
    from difflib import get_close_matches

    stems = {other.rpartition(".")[0]: other for other in beside}
    close = get_close_matches(stem, list(stems), n=1, cutoff=0.7)
    return f"did you mean {stems[close[0]]!r}?" if close else ""


def covers(glob: str, path: str) -> bool:
    """Whether a glob means a path or a folder above it; `*` spans slashes, as in `check: {unread}`."""
    glob = glob.rstrip("/")
    if fnmatchcase(path, glob):
        return True
    parts = path.split("/")
    return any(fnmatchcase("/".join(parts[:size]), glob) for size in range(1, len(parts)))
