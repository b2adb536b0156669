"""Edits that change one scalar of a YAML file and nothing else, whatever stands around: told from their line alone."""

from __future__ import annotations

import re

from fairlead.model.changes import Edit

# In a line `key: value`, or `- key: value`, a value of such signs is a scalar (in a block or a quoted text of several
# lines: a part of one), and no text of such signs in its place is read otherwise, or ends it sooner or later. There is
# no sign among them that begins or ends a collection, an anchor, a tag, an escape, a comment or a quote.
_SIGN = rb"[A-Za-z0-9_./+@:-]"
_HEAD = re.compile(rb" *(?:- +)*[A-Za-z0-9][\w./-]*: +([\"']?)(?:[A-Za-z0-9/]" + _SIGN + rb"*)?")
_TAIL = re.compile(rb"(?:" + _SIGN + rb"*[A-Za-z0-9])?([\"']?)(?:[ \t]+(?:#.*)?)?\r?", re.DOTALL)
_TEXT = re.compile(rb"[A-Za-z0-9](?:" + _SIGN + rb"*[A-Za-z0-9])?")
_LONGEST = 200  # a key and what follows it in its line stand together up to 1,024 signs


def undoubted(data: bytes, edit: Edit) -> bool:
    """Whether the file, if it can be read, can be read after the edit, and differs in the value of one scalar."""
    if not _TEXT.fullmatch(edit.old) or not _TEXT.fullmatch(edit.new) or len(edit.new) > _LONGEST:
        return False
    start = data.rfind(b"\n", 0, edit.start) + 1
    end = data.find(b"\n", edit.end)
    head = _HEAD.fullmatch(data, start, edit.start)
    tail = _TAIL.fullmatch(data, edit.end, end if end >= 0 else len(data))
    return head is not None and tail is not None and head[1] == tail[1]
