"""Near misses: what a person may have meant."""

from __future__ import annotations

from collections.abc import Sequence


def near_miss(word: str, known: Sequence[str]) -> str:
    """A "did you mean" sentence, or nothing."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else ""
