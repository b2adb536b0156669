"""What a change does to the rendered objects, grouped: overlays with the same change read as one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from fairlead.model.values import dataclass

_SPLIT = re.compile(r"(?m)^---\s*$\n?")
_KIND = re.compile(r"(?m)^kind: *(\S.*?) *$")
_META = re.compile(r"(?ms)^metadata:\n((?:[ \t]+.*\n?)*)")
_NAME = re.compile(r"(?m)^  name: *(\S.*?) *$")
_NAMESPACE = re.compile(r"(?m)^  namespace: *(\S.*?) *$")
HASH = re.compile(r"-[a-z0-9]{10}$")
_DATA = re.compile(r"(?:data|stringData):")
_KEY = re.compile(r"(  (?:'[^']*'|\"[^\"]*\"|[^\s'\":][^:]*)):(?: |$)")
CONTEXT = 2
Row: TypeAlias = tuple[str, str, tuple[str, ...]]  # overlay, subject, lines
_NAMED = 3  # overlays that are named where several have the same change


@dataclass(frozen=True)
class Group:
    """One object's change, and the overlays in which it is the same. `lines` as in a unified diff."""

    subject: str
    overlays: tuple[str, ...]
    lines: tuple[str, ...]

    @property
    def where(self) -> str:
        """The overlays in a few words."""
        names = [overlay or "." for overlay in self.overlays[:_NAMED]]
        if len(self.overlays) == 1:
            return names[0]
        more = f" and {len(self.overlays) - len(names)} more" if len(self.overlays) > len(names) else ""
        return f"{len(self.overlays)} overlays: {', '.join(names)}{more}"


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
            label = HASH.sub("", label)
        label += f" in {space[1]}" if space is not None else ""
        number = 2
        unique = label
        while unique in out:
            unique, number = f"{label} #{number}", number + 1
        out[unique] = document
    return out


def generated_name(document: str) -> str:
    """The name that kustomize gave to a ConfigMap or Secret that it made, with its hash; empty for other objects."""
    kind, meta = _KIND.search(document), _META.search(document)
    name = _NAME.search(meta[1]) if meta is not None else None
    made = kind is not None and name is not None and kind[1] in ("ConfigMap", "Secret") and HASH.search(name[1])
    return name[1] if name is not None and made else ""


def groups(renders: Iterable[tuple[str, str, str]]) -> tuple[Group, ...]:
    """The changes of (overlay, text before, text after), most dangerous first: removed, changed, added."""
    return grouped((overlay, *change) for overlay, before, after in renders for change in changes(before, after))


def changes(before: str, after: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The objects of which two renderings differ, each with its lines."""
    if before == after:
        return
    old, new = objects(before), objects(after)
    for subject in dict.fromkeys((*old, *new)):
        first, second = old.get(subject, ""), new.get(subject, "")
        if first != second:
            lines = _secret_diff(first, second) if subject.startswith("Secret/") else _diff(first, second)
            yield subject.partition(" in ")[0], lines


def grouped(rows: Iterable[Row]) -> tuple[Group, ...]:
    """The groups of single overlays' changes: they are one where the lines that come and go are.

    What stands around them may differ from overlay to overlay: the first one's is shown. The rows' order is no matter.
    """
    found: dict[tuple[str, tuple[str, ...]], dict[str, tuple[str, ...]]] = {}
    for overlay, subject, lines in rows:
        key = subject, tuple(line for line in lines if line[:1] in "+-")
        found.setdefault(key, {}).setdefault(overlay, lines)
    made = [Group(subject, tuple(sorted(by)), by[min(by)]) for (subject, _), by in found.items()]
    return tuple(sorted(made, key=lambda g: (_weight(g), g.subject, g.overlays, g.lines)))


def _weight(group: Group) -> int:
    head = group.lines[0].split() if group.lines else []
    return 0 if head[2:3] == ["+0,0"] else 2 if head[1:2] == ["-0,0"] else 1


def _diff(before: str, after: str) -> tuple[str, ...]:
    old, new = before.splitlines(), after.splitlines()
    return unified(old, new, old, new)


def unified(
    old: Sequence[str], new: Sequence[str], old_keys: Sequence[str], new_keys: Sequence[str]
) -> tuple[str, ...]:
    """A unified diff of lines that are compared by their keys; where those are equal, the new one is shown."""
    out: list[str] = []
    for codes in difflib.SequenceMatcher(None, old_keys, new_keys).get_grouped_opcodes(CONTEXT):
        first, last = codes[0], codes[-1]
        out.append(f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@")
        for tag, start, stop, other, end in codes:
            if tag == "equal":
                out += (f" {line}" for line in new[other:end])
            else:
                out += (f"-{line}" for line in old[start:stop])
                out += (f"+{line}" for line in new[other:end])
    return tuple(out)


def _range(start: int, stop: int) -> str:
    length = stop - start
    return f"{start + 1}" if length == 1 else f"{start + bool(length)},{length}"


def _secret_diff(before: str, after: str) -> tuple[str, ...]:
    """The change of a Secret: its keys, and which of them have another value; never a value."""
    old, new = _values(before), _values(after)
    changed = frozenset(key for key in old if new.get(key, old[key]) != old[key])
    return _diff(hidden(before, frozenset()), hidden(after, changed))


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


def hidden(document: str, changed: frozenset[str] = frozenset()) -> str:
    """A Secret without its values; keys whose value has changed say so."""
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
