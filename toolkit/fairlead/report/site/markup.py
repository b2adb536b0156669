"""Text into Markdown and HTML: whatever a repository holds is shown as it is, never obeyed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LONGEST = 300  # letters of a value that a page shows
_MARKS = re.compile(r"[&<>\"'\\`*_{}\[\]()#+!|~^=:@$\n-]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def text(value: str) -> str:
    """A value on one line, that neither Markdown nor HTML can mistake for anything else."""
    return html(" ".join(value.split("\n")))


def html(value: str) -> str:
    """The same with its line ends; over-long values are cut, control characters are shown."""
    value = _CONTROL.sub(lambda m: f"\\u{ord(m[0]):04x}", value)
    if len(value) > LONGEST:
        value = value[:LONGEST] + " …"
    return _MARKS.sub(lambda m: f"&#{ord(m[0])};", value)


def code(value: str) -> str:
    """A value in code letters, for Markdown and HTML alike."""
    return f"<code>{text(value)}</code>" if value else ""


def block(value: str) -> str:
    """A value that may have several lines, in code letters, for HTML alone."""
    return f"<pre>{html(value)}</pre>" if "\n" in value.rstrip("\n") else code(value)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table of cells that are markup already; nothing where there are no rows."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    if not lines:
        return ""
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *lines]) + "\n"


def html_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The same as HTML on one line, for where Markdown isn't read; nothing where there are no rows.

    A row of a single cell is a title for those below it.
    """
    body = "".join(_row(row, len(head)) for row in rows)
    if not body:
        return ""
    titles = "".join(f"<th>{cell}</th>" for cell in head)
    return f'<div class="fl-scroll"><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>'


def _row(cells: Sequence[str], width: int) -> str:
    if len(cells) == 1 < width:
        return f'<tr class="fl-title"><td colspan="{width}">{cells[0]}</td></tr>'
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def details(summary: str, body: str, *, opened: bool = False) -> str:
    """A part that can be folded away."""
    return f'<details class="fl-more"{" open" if opened else ""}><summary>{summary}</summary>{body}</details>\n'


def pill(value: str, style: str = "") -> str:
    """A small label."""
    return f'<span class="fl-pill{" fl-" + style if style else ""}">{text(value)}</span>'
