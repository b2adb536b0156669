"""Files that a repository names and does not hold: submodules, and what Git LFS keeps."""

from __future__ import annotations

from fairlead.model.patterns import pattern
from fairlead.model.snapshot import Snapshot

_PATH = pattern(r"(?m)^[ \t]*path[ \t]*=[ \t]*\"?(.*?)\"?[ \t]*$")
_POINTER = pattern(rb"version https://git-lfs\.github\.com/spec/v1\n(?:[^\n]*\n)*?oid sha256:[0-9a-f]{64}\n")
_MOST = 1024  # bytes of a pointer, by Git LFS's own word


def submodules(snapshot: Snapshot) -> tuple[str, ...]:
    """The folders that .gitmodules says are submodules."""
    if snapshot.entry(".gitmodules") is None:
        return ()
    text = snapshot.read(".gitmodules").decode("utf-8", "surrogateescape")
    return tuple(path.strip("/") for path in _PATH.findall(text) if path.strip("/"))


def uses_lfs(snapshot: Snapshot) -> bool:
    """Whether any .gitattributes hands files to Git LFS."""
    return any(
        b"filter=lfs" in snapshot.read(path)
        for path in snapshot.files()
        if path.endswith(".gitattributes") and path.rpartition("/")[2] == ".gitattributes"
    )


def is_pointer(data: bytes) -> bool:
    """Whether this is what Git LFS leaves in the place of a file."""
    return len(data) <= _MOST and _POINTER.match(data) is not None
