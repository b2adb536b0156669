"""Names and globs: what a person may have meant, and which paths a glob means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

_SHORT = 3  # letters, of a name that many others are one more letter of


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


def slip(word: str, known: Iterable[str]) -> str:
    """The known name that a word is but a slip of; empty where there is none.

    A letter lost, doubled or strayed in, two that changed places, or a long name that is all but the same. Names that
    differ in their numbers (`web-1`, `web-2`) are different names.
    """
    from difflib import get_close_matches

    most = 1 + len(word) // 3
    near = sorted(name for name in known if abs(len(name) - len(word)) <= most and name != word)
    alike = [name for name in near if _digits(name) == _digits(word)]
    letter = next((name for name in alike if _one_letter(word, name)), "")
    return letter or next(iter(get_close_matches(word, alike, 1, 0.87)), "")


def _digits(name: str) -> str:
    return "".join(c for c in name if c.isdigit())


def _one_letter(one: str, other: str) -> bool:
    """Whether a letter in one is missing from the other, or two letters stand the other way round."""
    if len(one) > len(other):
        one, other = other, one
    if len(one) < _SHORT:
        return False
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
    if len(one) == len(other):
        return one[:at] + one[at : at + 2][::-1] + one[at + 2 :] == other
    doubled = other[at] in (other[at - 1 : at], other[at + 1 : at + 2])
    return other[at].isalpha() and one[at:] == other[at + 1 :] and (doubled or len(one) > _SHORT)


def covers(glob: str, path: str) -> bool:
    """Whether a glob means a path or a folder above it; `*` spans slashes, as in `check: {unread}`."""
    glob = glob.rstrip("/")
    if fnmatchcase(path, glob):
        return True
    parts = path.split("/")
    return any(fnmatchcase("/".join(parts[:size]), glob) for size in range(1, len(parts)))
