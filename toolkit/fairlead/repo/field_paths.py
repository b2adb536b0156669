"""Paths to fields of objects as people write them: `spec.replicas`, `spec.containers[*].image`, `labels[a.b/c]`."""

from __future__ import annotations

import re
from typing import Literal

ANY: Literal["[*]"] = "[*]"  # each item of a list, and each value of a map
_PART = re.compile(r"([^.\[\]]+)|\[([^\[\]]+)\]")


def parts(text: str) -> tuple[str, ...]:
    """The steps of a path; empty where the text is none. What stands in brackets may hold dots."""
    found: list[str] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            return ()
        plain, bracketed = match.groups()
        found.append(ANY if bracketed == "*" else (plain or bracketed.strip("'\"")))
        at = match.end()
        if at < len(text) and text[at] == ".":
            at += 1
            if at == len(text):
                return ()
        elif at < len(text) and text[at] != "[":
            return ()
    return tuple(found)
