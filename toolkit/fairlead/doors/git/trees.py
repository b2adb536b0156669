"""The id that a tree would have: computed, not written, so that a plan leaves nothing in the repository."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from fairlead.model.errors import WorldError
from fairlead.model.snapshot import File, blob_id
from fairlead.model.values import dataclass

if TYPE_CHECKING:
    from fairlead.doors.git.plumbing import Git

_TREE = b"40000"


@dataclass
class _Changes:
    """What changes in one folder: files by name, and the folders below."""

    files: dict[bytes, File | None] = field(default_factory=dict)
    folders: dict[bytes, _Changes] = field(default_factory=dict)


def tree_id(
    git: Git, base: str, files: Mapping[str, File | None], known: Callable[[str], str] = lambda _folder: ""
) -> str:
    """The id of a tree with files written (or removed: None). Raises WorldError where the clone lacks the base.

    `known` tells the id of a folder's tree (or nothing), so that many are read at once.
    """
    import hashlib

    root = _Changes()
    touched = {""}
    for path, file in files.items():
        *folders, name = os.fsencode(path).split(b"/")
        at = root
        for folder in folders:
            at = at.folders.setdefault(folder, _Changes())
        at.files[name] = file
        touched.update(path[:end] for end, sign in enumerate(path) if sign == "/")
    ids = [oid for folder in sorted(touched) if (oid := known(folder))]
    read = dict(zip(ids, git.objects(ids), strict=True)) if ids else {}
    return _hash(git, base, root, read) or hashlib.sha1(b"tree 0\0", usedforsecurity=False).hexdigest()


def _hash(git: Git, base: str | None, changes: _Changes, read: Mapping[str, bytes]) -> str | None:
    import hashlib

    entries = _entries(git, base, read) if base is not None else {}
    for name, file in changes.files.items():
        if file is None:
            entries.pop(name, None)
        else:
            entries[name] = (b"%o" % file.mode, blob_id(file.data))
    for name, below in changes.folders.items():
        mode, oid = entries.get(name, (b"", ""))
        made = _hash(git, oid if mode == _TREE else None, below, read)
        if made is None:
            entries.pop(name, None)
        else:
            entries[name] = (_TREE, made)
    if not entries:
        return None
    # git sorts folders as if their names ended in a slash
    rows = sorted(entries.items(), key=lambda row: row[0] + b"/" if row[1][0] == _TREE else row[0])
    body = b"".join(mode + b" " + name + b"\0" + bytes.fromhex(oid) for name, (mode, oid) in rows)
    return hashlib.sha1(b"tree %d\0" % len(body) + body, usedforsecurity=False).hexdigest()


def _entries(git: Git, tree: str, read: Mapping[str, bytes]) -> dict[bytes, tuple[bytes, str]]:
    found = ("tree", read[tree]) if tree in read else git.object(tree)
    if found is None or found[0] != "tree":
        raise WorldError(f"this clone lacks the tree {tree}", remedy="git fetch --refetch")
    out, data, at = {}, found[1], 0
    while at < len(data):
        end = data.index(b"\0", at)
        mode, _, name = data[at:end].partition(b" ")
        out[name] = (mode, data[end + 1 : end + 21].hex())
        at = end + 21
    return out
