"""Text from a repository, made harmless for whoever looks at it: controls shown, tokens hidden."""

from __future__ import annotations

import re

from fairlead.model.patterns import pattern

# C0 but newline and tab, DEL, C1, bidi controls and marks, line separators, BOM, zero-width characters, tags,
# non-characters (which XML forbids) and what was no UTF-8.
_HOSTILE = pattern(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SECRET = pattern(r"(?i)(://[^/\s:@]*:)[^@\s/]+(@)|\b(gh[pousr]_|glpat-|github_pat_)[A-Za-z0-9_-]{8,}")


def clean(text: str) -> str:
    """Text that can't move a terminal's cursor, turn its direction, or carry a token."""
    return redacted(_HOSTILE.sub(_shown, text))


def redacted(text: str) -> str:
    """The same text without passwords in URLs and without the forges' tokens."""
    return _SECRET.sub(lambda m: f"{m[1]}***{m[2]}" if m[1] else f"{m[3]}***", text)


def flat(text: str) -> str:
    """Clean text on one line."""
    return " ".join(clean(text).split())


def _shown(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
