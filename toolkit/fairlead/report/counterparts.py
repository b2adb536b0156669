"""What differs between an app's rendering in two environments, beside the environments' own names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from fairlead.report.difference import HASH, generated_name, hidden, objects, unified


def differences(source: str, target: str, words: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The objects that differ, each with its lines, from the source's to the target's.

    `words` are those that stand for either environment: lines that differ by nothing else count as equal, and so do
    the hashes in the names of generated ConfigMaps and Secrets, which differ wherever their content does. Objects are
    the same by kind and name; in which namespace they are is one of their lines.
    """
    left, right = _aligned(source, words), _aligned(target, words)
    for key in dict.fromkeys((*left, *right)):
        old, new = left.get(key), right.get(key)
        keys = [side.keys if side is not None else [] for side in (old, new)]
        if keys[0] != keys[1]:
            lines = [side.lines if side is not None else [] for side in (old, new)]
            shown = new or old
            assert shown is not None
            yield shown.subject, unified(*lines, *keys)


class _Object:
    """An object's lines, and what they are compared by."""

    def __init__(self, subject: str, document: str, plain: Callable[[str], str]) -> None:
        self.subject = subject
        text = hidden(document) if subject.startswith("Secret/") else document
        self.lines = text.splitlines()
        self.keys = plain(text).splitlines()


def _aligned(text: str, words: tuple[str, ...]) -> dict[str, _Object]:
    found = objects(text)
    plain = _plain(words, {name for name in map(generated_name, found.values()) if name})
    out: dict[str, _Object] = {}
    for label, document in found.items():
        subject = label.partition(" in ")[0]
        key = plain(subject)
        while key in out:
            key += "'"
        out[key] = _Object(subject, document, plain)
    return out


def _plain(words: tuple[str, ...], generated: set[str]) -> Callable[[str], str]:
    """Text with a sign for the environments' words, and generated names without their hashes."""
    names = _any(generated)
    signs = _any(words, "(?<![A-Za-z0-9])", "(?![A-Za-z0-9])")

    def plain(text: str) -> str:
        text = names.sub(lambda found: HASH.sub("", found[0]), text) if names is not None else text
        return signs.sub("{env}", text) if signs is not None else text

    return plain


def _any(words: tuple[str, ...] | set[str], before: str = "", after: str = "") -> re.Pattern[str] | None:
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return re.compile(before + f"(?:{'|'.join(map(re.escape, longest_first))})" + after) if longest_first else None
