"""What a change does to the rendered objects, grouped: overlays with the same change read as one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_SPLIT = re.compile(r"(?m)^---\s*$\n?")
_KIND = re.compile(r"(?m)^kind: *(\S.*?) *$")
_META = re.compile(r"(?ms)^metadata:\n((?:[ \t]+.*\n?)*)")
_NAME = re.compile(r"(?m)^  name: *(\S.*?) *$")
_NAMESPACE = re.compile(r"(?m)^  namespace: *(\S.*?) *$")
_HASH = re.compile(r"-[a-z0-9]{10}$")
_DATA = re.compile(r"(?:data|stringData):")
_KEY = re.compile(r"(  (?:'[^']*'|\"[^\"]*\"|[^\s'\":][^:]*)):(?: |$)")
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
                lines = _secret_diff(first, second) if subject.startswith("Secret/") else _diff(first, second)
                found.setdefault((subject.partition(" in ")[0], lines), []).append(overlay)
    rows = [Group(subject, tuple(overlays), lines) for (subject, lines), overlays in found.items()]
    return tuple(sorted(rows, key=lambda g: (_weight(g), g.subject)))


def _weight(group: Group) -> int:
    head = group.lines[0].split() if group.lines else []
    return 0 if head[2:3] == ["+0,0"] else 2 if head[1:2] == ["-0,0"] else 1


def _diff(before: str, after: str) -> tuple[str, ...]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=CONTEXT, lineterm="")
    return tuple(lines)[2:]  # without the names of files


def _secret_diff(before: str, after: str) -> tuple[str, ...]:
    """The change of a Secret: its keys, and which of them have another value; never a value."""
    old, new = _values(before), _values(after)
    changed = frozenset(key for key in old if new.get(key, old[key]) != old[key])
    return _diff(_hidden(before, frozenset()), _hidden(after, changed))


def _values(document: str) -> dict[str, str]:
    """Each key of a Secret's data with all of its text."""
    found: dict[str, str] = {}
    key = ""
    for line, inside in _data_lines(document):
        match = _KEY.match(line) if inside else None
        key = match[1] if match is not None else key if inside else ""
        if key:
            found[key] = found.get(key, "") + line
    return found


def _hidden(document: str, changed: frozenset[str]) -> str:
    out = []
    for line, inside in _data_lines(document):
        match = _KEY.match(line) if inside else None
        if match is not None:
            out.append(f"{match[1]}: (secret{', changed' if match[1] in changed else ''})")
        elif not inside:
            out.append(line)
    return "\n".join(out)


def _data_lines(document: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether a Secret's values stand in it."""
    inside = False
    for line in document.splitlines():
        if line[:1].strip():
            inside = _DATA.match(line) is not None
            yield (line.partition(":")[0] + ":" if inside else line), False
            if inside and not line.endswith(":"):
                yield "  ?: " + line, True
        else:
            yield line, inside
