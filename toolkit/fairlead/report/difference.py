"""What a change does to the rendered objects, grouped: overlays with the same change read as one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_SPLIT = re.compile(r"(?m)^---\s*$\n?")
_KIND = re.compile(r"(?m)^kind: *(\S.*?) *$")
_META = re.compile(r"(?ms)^metadata:\n((?:[ \t]+.*\n?)*)")
_NAME = re.compile(r"(?m)^  name: *(\S.*?) *$")
_NAMESPACE = re.compile(r"(?m)^  namespace: *(\S.*?) *$")
_HASH = re.compile(r"-[a-z0-9]{10}$")
CONTEXT = 2


@dataclass(frozen=True)
class Group:
    """One object's change, and the overlays in which it is the same. `lines` as in a unified diff."""

    subject: str
    overlays: tuple[str, ...]
    lines: tuple[str, ...]


def objects(text: str) -> dict[str, str]:
    """`Kind/name` (with its namespace, if any) -> the object's text, of what kustomize printed.

    Names of generated ConfigMaps and Secrets end in a hash of their content; it is left out of the label, so
    that their change reads as a change.
    """
    out: dict[str, str] = {}
    for document in _SPLIT.split(text):
        if not document.strip():
            continue
        kind, meta = _KIND.search(document), _META.search(document)
        name = _NAME.search(meta[1]) if meta is not None else None
        space = _NAMESPACE.search(meta[1]) if meta is not None else None
        label = f"{kind[1] if kind else '?'}/{name[1] if name else '?'}"
        if kind is not None and kind[1] in ("ConfigMap", "Secret"):
            label = _HASH.sub("", label)
        label += f" in {space[1]}" if space is not None else ""
        number = 2
        unique = label
        while unique in out:
            unique, number = f"{label} #{number}", number + 1
        out[unique] = document
    return out


def groups(renders: Iterable[tuple[str, str, str]]) -> tuple[Group, ...]:
    """The changes of (overlay, text before, text after), most dangerous first: removed, changed, added."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for overlay, before, after in renders:
        if before == after:
            continue
        old, new = objects(before), objects(after)
        for subject in dict.fromkeys((*old, *new)):
            first, second = old.get(subject, ""), new.get(subject, "")
            if first != second:
                found.setdefault((subject.partition(" in ")[0], _diff(first, second)), []).append(overlay)
    rows = [Group(subject, tuple(overlays), lines) for (subject, lines), overlays in found.items()]
    return tuple(sorted(rows, key=lambda g: (not all(x.startswith("-") for x in g.lines), g.subject)))


def _diff(before: str, after: str) -> tuple[str, ...]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=CONTEXT, lineterm="")
    return tuple(line for line in lines if not line.startswith(("---", "+++")))
