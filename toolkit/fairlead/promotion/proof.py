"""Does what a plan writes stand at its source? By value, never by choosing again.

A plan may be forged, and another version may have made it. So nothing that it says of itself counts: each field that
its changes give a file must be one that the source's file has, with words that stand there (or stood in the target
before); what they take away, the source must lack; a file that comes must be the source's, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from fairlead.edit.splice import apply
from fairlead.model.changes import Change, DropFile, Edit, NewFile
from fairlead.model.errors import ConflictError, SyntaxProblem
from fairlead.model.plan import Move
from fairlead.model.snapshot import EXECUTABLE, REGULAR
from fairlead.model.values import dataclass
from fairlead.promotion.touched import Changed, fields
from fairlead.promotion.words import neutral

Reader = Callable[[str], bytes | None]
_WORD = re.compile(r"[\w.+-]+")
_YAML = (".yaml", ".yml", ".json")
_FILES = (REGULAR, EXECUTABLE)  # no symbolic link, which leads elsewhere


@dataclass(frozen=True)
class Unfounded:
    """A place of a target's file, and what a plan writes there that its source does not hold."""

    path: str
    told: str

    def __str__(self) -> str:
        return f"{self.path}: {self.told}"


@dataclass(frozen=True)
class Ground:
    """Where it is looked: files before the plan, those of the source, the words that name either environment."""

    before: Reader
    source: Reader
    words: tuple[str, ...]


def unfounded(ground: Ground, moves: Iterable[Move]) -> tuple[Unfounded, ...]:
    """What the source does not hold of that which moves write."""
    chosen = tuple(moves)
    by_path: dict[str, list[tuple[Change, Move]]] = {}
    for move in chosen:
        for change in move.changes:
            by_path.setdefault(change.path, []).append((change, move))
    return tuple(fault for path, rows in by_path.items() for fault in _of_file(ground, path, rows))


def _of_file(ground: Ground, path: str, rows: Sequence[tuple[Change, Move]]) -> Iterator[Unfounded]:
    edits = tuple(dict.fromkeys(change for change, _ in rows if isinstance(change, Edit)))
    whole = [row for row in rows if not isinstance(row[0], Edit)]
    if whole:
        yield from _of_whole(ground, path, whole)
    if not edits:
        return
    before = ground.before(path)
    try:
        after = apply(before or b"", edits)
    except ConflictError as error:
        yield Unfounded(path, error.message)
        return
    places = dict.fromkeys(move.stands_at.path for change, move in rows if isinstance(change, Edit))
    sources = [data for place in places if (data := ground.source(place)) is not None]
    if not path.endswith(_YAML):
        yield from _of_lines(path, before or b"", after, sources)
        return
    try:
        found = tuple(_of_fields(path, (before or b"", after), sources, edits, ground.words))
    except SyntaxProblem as problem:
        found = (Unfounded(path, problem.message),)
    yield from found or _of_comments(path, before or b"", sources, edits)


def _of_whole(ground: Ground, path: str, rows: Sequence[tuple[Change, Move]]) -> Iterator[Unfounded]:
    """A file comes as the source has it, under its own name, and goes where the source has it no more."""
    for change in dict.fromkeys(change for change, _ in rows):
        place = next((m.stands_at.path for c, m in rows if c == change and m.carrier == "files"), "")
        if not place:
            yield Unfounded(path, "the file is none that its source has")
            continue
        same = neutral(_name(place), ground.words) == neutral(_name(path), ground.words)
        found = ground.source(place)
        if isinstance(change, NewFile) and (not same or found != change.data or change.mode not in _FILES):
            yield Unfounded(path, f"the file is not {place} of its source")
        elif isinstance(change, DropFile) and (not same or found is not None):
            yield Unfounded(path, f"the file goes, and its source still has {place}")


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _of_fields(
    path: str, states: tuple[bytes, bytes], sources: Sequence[bytes], edits: Sequence[Edit], words: tuple[str, ...]
) -> Iterator[Unfounded]:
    old, new = (fields(data, words) for data in states)
    there = [{one.name: one.leaf.value for one in fields(data, words)} for data in sources]
    change = Changed(states[0], edits)
    values = {one.name: one.leaf.value for one in old}
    spelled = {_bare(edit.new) for edit in edits}
    for one in new:
        if values.get(one.name) == one.leaf.value or change.is_untouched(one, old):
            continue
        known = [side[one.name] for side in there if one.name in side]
        known = known or [value for side in there for value in _left_over(side, values, one.name)]
        if not any(_held(values.get(one.name, ""), one.leaf.value, value, spelled) for value in known):
            yield Unfounded(path, f"{_told(one.name)}: its source does not hold {_short(one.leaf.value)!r}")
    names = {one.name for one in new}
    for one in old:
        gone = one.name not in names and not change.is_kept(one, new)
        if gone and any(one.name in side for side in there):
            yield Unfounded(path, f"{_told(one.name)} goes, and its source still has it")


def _of_comments(path: str, before: bytes, sources: Sequence[bytes], edits: Sequence[Edit]) -> Iterator[Unfounded]:
    """What is no field is made of the same words."""
    known = {word for data in (before, *sources) for word in _words(data)}
    for edit in edits:
        strange = next((word for word in _words(edit.new) if word not in known), "")
        if strange and edit.new.decode("utf-8", "replace").strip() not in "\n".join(map(_text, sources)):
            yield Unfounded(path, f"its source does not hold {_short(strange)!r}")


def _left_over(known: Mapping[str, str], target: Mapping[str, str], name: str) -> list[str]:
    """What a field of another name is aligned with: the only one of its sort that the target has not."""
    sort = _sort(name)
    found = [value for other, value in known.items() if other not in target and _sort(other) == sort]
    return found if len(found) == 1 else []


def _sort(name: str) -> str:
    return re.sub(r"\[[^\]]*\]", "[]", name)


def _held(was: str, now: str, there: str, spelled: set[str]) -> bool:
    """Whether a value is made of the target's own words and the source's."""
    if now == there:
        return True
    own = {*_WORD.findall(was), *_WORD.findall(there)}
    if all(word in own for word in _WORD.findall(now)) and there:
        return True
    return any(part and part in there and part in now for part in spelled)


def _of_lines(path: str, before: bytes, after: bytes, sources: Sequence[bytes]) -> Iterator[Unfounded]:
    """Of a text that has no fields: each line that comes is made of one line of the source and its own words."""
    had = _text(before).splitlines()
    mine = set(_WORD.findall(_text(before)))
    theirs = [line for data in sources for line in _text(data).splitlines()]
    for line in _text(after).splitlines():
        if line in had:
            continue
        key = line.partition("=")[0].strip()
        wanted = [other for other in theirs if other.partition("=")[0].strip() == key] if "=" in line else theirs
        if not any(all(w in mine or w in other for w in _WORD.findall(line)) for other in wanted):
            yield Unfounded(path, f"its source does not hold the line {_short(line)!r}")


def _bare(data: bytes) -> str:
    return data.decode("utf-8", "replace").strip().strip("'\"")


def _words(data: bytes) -> list[str]:
    return _WORD.findall(_text(data))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _told(name: str) -> str:
    return name.replace("\0", "*") or "the value"


def _short(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) <= 60 else one[:57] + "..."
