"""Text of a repository in Markdown for forges: it can't break out of its place, and mentions nobody."""

from __future__ import annotations

import re

from fairlead.report.visible import clean

LIMIT = 60_000  # characters; the forges allow 65,536 and more
_LONGEST = 160


def inline(text: str) -> str:
    """Text for a line of Markdown: no line breaks, no mentions, no markup that opens something."""
    return _plain(text).replace("<", "&lt;").replace("[", "\\[")


def cell(text: str) -> str:
    """Text for a table's cell, shortened."""
    return _shortened(inline(text))


def code(text: str) -> str:
    """A value as code in a cell, where markup opens nothing; empty for nothing."""
    return f"`{_shortened(_plain(text))}`" if text else ""


def _plain(text: str) -> str:
    text = clean(" ".join(text.split()))
    return re.sub(r"@(?=\w)", "@\u200b", text).replace("|", "\\|").replace("`", "'")


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def fenced(text: str, language: str = "") -> str:
    """A code block whose fence is longer than any inside."""
    longest = max((len(m) for m in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
