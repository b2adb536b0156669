"""What fairlead keeps in a pull request's text without showing it: an HTML comment at its beginning.

It is written by whoever may edit the text, so it names things and vouches for nothing.
"""

from __future__ import annotations

import json
import re
from typing import Any

_MOST = 60_000
_COMMENT = re.compile(r"<!-- fairlead:(\w+) (.*?) -->\r?\n?", re.DOTALL)


def hide(kind: str, values: dict[str, Any], text: str) -> str:
    """The text with the values hidden before it."""
    row = json.dumps(values, sort_keys=True, separators=(",", ":"))
    for sign, code in (("<", "\\u003c"), (">", "\\u003e"), ("--", "-\\u002d")):  # nothing ends the comment early
        row = row.replace(sign, code)
    return f"<!-- fairlead:{kind} {row} -->\n{text}"


def reveal(kind: str, text: str) -> tuple[dict[str, Any] | None, str]:
    """The values hidden in a text, and the text without them; None where there are none that can be read."""
    found = _COMMENT.match(text)
    if found is None or found[1] != kind:
        return None, text
    rest = text[found.end() :]
    try:
        values = json.loads(found[2]) if len(found[2]) <= _MOST else None
    except (ValueError, RecursionError):
        values = None
    return (values if isinstance(values, dict) else None), rest
