"""Words that name an environment: equal inside identities, telling inside values."""

from __future__ import annotations

import re
from functools import lru_cache

_SHORT = 200


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    known = sorted({w for w in words if w}, key=len, reverse=True)
    if not known:
        return None
    return re.compile(r"(?<![A-Za-z0-9])(?:" + "|".join(map(re.escape, known)) + r")(?![A-Za-z0-9])", re.IGNORECASE)


def neutral(text: str, words: tuple[str, ...]) -> str:
    """The text with each environment's word replaced by the same sign."""
    return _neutral(text, words) if len(text) < _SHORT else _replaced(text, words)


def _replaced(text: str, words: tuple[str, ...]) -> str:
    pattern = _pattern(words)
    return pattern.sub("\0", text) if pattern is not None else text


_neutral = lru_cache(maxsize=4096)(_replaced)  # the same names stand on both sides, and in file after file


def names_environment(text: str, words: tuple[str, ...]) -> bool:
    """Whether the text holds an environment's word as a word of its own."""
    pattern = _pattern(words)
    return pattern is not None and pattern.search(text) is not None


@lru_cache(maxsize=4096)
def split_name(name: str) -> tuple[str, ...]:
    """A key in any case style as lower-case words: `imageTag`, `IMAGE_TAG`, `image-tag` -> (image, tag)."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1 \2", name))
    return tuple(word.lower() for word in re.split(r"[^A-Za-z0-9]+", spaced) if word)
