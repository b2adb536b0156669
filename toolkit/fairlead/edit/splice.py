"""Edits applied to bytes, and the proof that they did what was wished and nothing else."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence

from fairlead.edit.nodes import Mapping, Scalar, Stream, Value, parse
from fairlead.edit.nodes import Sequence as List
from fairlead.edit.surely import surely_reads
from fairlead.edit.undoubted import undoubted
from fairlead.model.changes import Change, DropFile, Edit, NewFile
from fairlead.model.errors import ConflictError, SyntaxProblem, UneditableError
from fairlead.model.findings import Where
from fairlead.model.snapshot import File, Snapshot

_BLOCKS = ("|", ">")
# Words, versions, paths, image references: no sign in them means anything to YAML.
_UNDISPUTED = re.compile(rb"[A-Za-z0-9_./+@-]*(?::[A-Za-z0-9_./+@-]+)*")


def byte_edit(path: str, text: str, start: int, end: int, new: str) -> Edit:
    """An Edit from offsets in characters."""
    head = start if text.isascii() else len(text[:start].encode())
    old = text[start:end].encode()
    return Edit(path, head, head + len(old), old, new.encode())


def apply(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The bytes after the edits.

    Raises:
        ConflictError: where an old value doesn't stand at its span, or two edits overlap.
    """
    out: list[bytes] = []
    at = 0
    for edit in _in_order(edits):
        if edit.start < at:
            raise ConflictError(
                f"two edits wish for the same bytes of {edit.path}",
                where=_where(data, edit),
                remedy="promote one of the two fields with --field, then the other",
            )
        if data[edit.start : edit.end] != edit.old:
            raise ConflictError(
                f"{edit.path} no longer holds what the plan replaces",
                where=_where(data, edit),
                remedy="make a fresh plan",
            )
        out += (data[at : edit.start], edit.new)
        at = edit.end
    return b"".join(out) + data[at:]


def _in_order(edits: Iterable[Edit]) -> list[Edit]:
    """Each edit once; of several that put something in at one place, the first one's text comes first."""
    return sorted(dict.fromkeys(edits), key=lambda e: (e.start, e.end))


def _where(data: bytes, edit: Edit) -> Where:
    line = data.count(b"\n", 0, edit.start) + 1
    return Where(edit.path, line, edit.start - data.rfind(b"\n", 0, edit.start))


def verified(path: str, data: bytes, edits: Sequence[Edit]) -> bytes:
    """Apply the edits to a YAML file and prove that exactly the leaves they touch changed.

    The result is parsed again by libyaml, and by ruamel where the edit has signs of which YAML 1.1 and 1.2
    may think differently (ruamel takes ten times as long, and a thousand apps are planned at once): every
    scalar that no edit touches stands where it stood, with its value and its quotes; every new scalar stands
    inside new text. Edits of which the line alone tells that (a tag for a tag) need no second look.

    Raises:
        UneditableError: where the result would not parse, or something else would change.
        ConflictError: see `apply`.
    """
    after = apply(data, edits)
    sure = all(undoubted(data, edit) for edit in edits)
    if sure and surely_reads(data):
        return after
    try:
        old = parse(data, path)
        if sure:
            return after
        new = parse(after, path)
        if not all(_UNDISPUTED.fullmatch(e.old) and _UNDISPUTED.fullmatch(e.new) for e in edits):
            _second_opinion(path, data, after)
    except SyntaxProblem as problem:
        raise UneditableError(
            f"the edit would leave {path} unreadable: {problem.message}",
            where=problem.where,
            remedy="edit this value by hand",
        ) from None
    _same_elsewhere(path, old, new, data, edits)
    return after


def _second_opinion(path: str, before: bytes, after: bytes) -> None:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    def reads(data: bytes) -> str | None:
        yaml = YAML(typ="rt", pure=True)
        yaml.allow_duplicate_keys = True
        try:
            for _ in yaml.compose_all(data.decode("utf-8-sig")):
                pass
        except YAMLError as error:
            return str(error).split("\n", 1)[0]
        except Exception as error:  # ruamel leaks KeyError and TypeError on malformed text
            return f"{type(error).__name__}: {error}"
        return None

    problem = reads(after)
    if problem is not None and reads(before) is None:
        raise SyntaxProblem(problem, where=Where(path))


def _same_elsewhere(path: str, old: Stream, new: Stream, data: bytes, edits: Sequence[Edit]) -> None:
    spans = _char_spans(data, edits)
    ends = [span[1] for span in spans]
    shifts = [0]
    for start, end, size in spans:
        shifts.append(shifts[-1] + size - (end - start))

    def moved(at: int) -> int:
        return at + shifts[bisect_right(ends, at)]

    def touched(leaf: Scalar) -> bool:
        stop = leaf.end
        if leaf.style in _BLOCKS:  # what follows a block string's last line is no part of it, unless its value says so
            stop = leaf.start + len(old.text[leaf.start : leaf.end].rstrip())
        at = bisect_right(ends, leaf.start)  # the first span that ends behind its beginning
        return at < len(spans) and spans[at][0] < stop

    inside = [(moved_start, moved_start + size) for moved_start, size in _new_spans(spans)]

    inside_ends = [end for _, end in inside]

    def brought(leaf: Scalar) -> bool:
        at = bisect_right(inside_ends, leaf.start)
        return at < len(inside) and inside[at][0] < leaf.end

    def as_wished(leaf: Scalar, twin: Scalar) -> bool:
        if touched(leaf):
            return brought(twin)
        return (leaf.value, leaf.style, leaf.tag) == (twin.value, twin.style, twin.tag)

    if _in_step(old, new, lambda leaf, twin: moved(leaf.start) == twin.start and as_wished(leaf, twin)):
        return
    lines = [span for span in inside if new.text.endswith("\n", 0, span[1]) or span[1] == len(new.text)]
    after = {leaf.start: (leaf, trail) for leaf, trail in _leaves(new)}
    for leaf, trail in _leaves(old):
        if touched(leaf):
            if leaf.style in _BLOCKS:  # what is left of it may end where its last lines were taken out
                after.pop(moved(leaf.start), None)
            continue
        twin, way = after.pop(moved(leaf.start), (None, ()))
        same_way = len(trail) == len(way) and all(
            a is b if a is None or b is None else touched(a) or moved(a.start) == b.start
            for a, b in zip(trail, way, strict=True)
        )
        same = twin is not None and (twin.value, twin.style, twin.tag) == (leaf.value, leaf.style, leaf.tag)
        if not same_way or not (same or _continued(leaf, twin, lines)):
            raise UneditableError(
                f"the edit would change {leaf.value!r}, which is not part of it",
                where=Where(path, leaf.line, leaf.column),
                remedy="edit this value by hand",
            )
    for leaf, _ in after.values():
        if not brought(leaf):
            raise UneditableError(
                f"the edit would bring {leaf.value!r} into being, which is not part of it",
                where=Where(path, leaf.line, leaf.column),
                remedy="edit this value by hand",
            )


def _in_step(old: Stream, new: Stream, fits: Callable[[Scalar, Scalar], bool]) -> bool:
    """Whether both are of one shape, and leaf fits leaf: so it mostly is, and that is told quickly."""
    if len(old.documents) != len(new.documents):
        return False
    pairs = list(zip(old.documents, new.documents, strict=True))
    while pairs:
        mine, theirs = pairs.pop()
        if mine is None or type(mine) is not type(theirs) or mine.shared or theirs.shared:
            return mine is theirs
        if isinstance(mine, Scalar):
            if not isinstance(theirs, Scalar) or not fits(mine, theirs):
                return False
        elif isinstance(theirs, Scalar) or len(mine.items) != len(theirs.items):
            return False
        elif isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            for (key, value), (other_key, other) in zip(mine.items, theirs.items, strict=True):
                pairs += ((key, other_key), (value, other))
        elif isinstance(mine, List) and isinstance(theirs, List):
            pairs += zip(mine.items, theirs.items, strict=True)
    return True


def _continued(leaf: Scalar, twin: Scalar | None, lines: list[tuple[int, int]]) -> bool:
    """Whether new, whole lines continue a block string where it ended."""
    return (
        twin is not None
        and leaf.style in _BLOCKS
        and (twin.style, twin.tag) == (leaf.style, leaf.tag)
        and twin.value.startswith(leaf.value.rstrip("\n"))
        and any(start < twin.end and end > twin.start for start, end in lines)
    )


def _leaves(stream: Stream) -> Iterator[tuple[Scalar, tuple[Scalar | None, ...]]]:
    """All scalars, shared ones once, with the keys that lead there (None for a list, and for being a key)."""
    seen: set[int] = set()
    stack: list[tuple[Value | None, tuple[Scalar | None, ...]]] = [(d, ()) for d in reversed(stream.documents)]
    while stack:
        node, trail = stack.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Scalar):
            yield node, trail
        elif isinstance(node, Mapping):
            for key, item in reversed(node.items):
                stack += ((item, (*trail, key)), (key, (*trail, None, None)))
        else:
            stack.extend((item, (*trail, None)) for item in reversed(node.items))


def _char_spans(data: bytes, edits: Sequence[Edit]) -> list[tuple[int, int, int]]:
    """(start, end, length of the new text) in characters of the old text, sorted."""
    if data.isascii():
        return [(e.start, e.end, len(e.new.decode())) for e in _in_order(edits)]
    return [(len(data[: e.start].decode()), len(data[: e.end].decode()), len(e.new.decode())) for e in _in_order(edits)]


def _new_spans(spans: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
    out, shift = [], 0
    for start, end, size in spans:
        out.append((start + shift, size))
        shift += size - (end - start)
    return out


def spliced(snapshot: Snapshot, changes: Iterable[Change], *, verify: bool = True) -> dict[str, File | None]:
    """The files that a list of changes makes of a snapshot.

    With `verify`, span edits of YAML are proved by `verified`; without, they are only applied (bytes that
    were proved when the plan was made, or that are no YAML).

    Raises:
        ConflictError: where a file isn't what the changes expect.
    """
    edits: dict[str, list[Edit]] = {}
    out: dict[str, File | None] = {}
    for change in changes:
        if isinstance(change, Edit):
            edits.setdefault(change.path, []).append(change)
        elif isinstance(change, NewFile):
            if snapshot.entry(change.path) is not None:
                raise ConflictError(f"{change.path} is there already", remedy="make a fresh plan")
            out[change.path] = File(change.data, change.mode)
        else:
            _expect(snapshot, change)
            out[change.path] = None
    for path, wishes in edits.items():
        entry = snapshot.entry(path)
        if entry is None:
            raise ConflictError(f"{path} is gone", where=Where(path), remedy="make a fresh plan")
        data = snapshot.read(path)
        proved = verify and path.endswith((".yaml", ".yml", ".json"))
        out[path] = File(verified(path, data, wishes) if proved else apply(data, wishes), entry.mode)
    return out


def _expect(snapshot: Snapshot, change: DropFile) -> None:
    entry = snapshot.entry(change.path)
    if entry is None or entry.oid != change.oid:
        raise ConflictError(
            f"{change.path} is not the file that the plan removes",
            where=Where(change.path),
            remedy="make a fresh plan",
        )


def difference(path: str, old: bytes, new: bytes) -> Edit | None:
    """The shortest single edit that turns `old` into `new`; None where they are equal."""
    if old == new:
        return None
    limit = min(len(old), len(new))
    head = next((i for i in range(limit) if old[i] != new[i]), limit)
    while head and (old[head:][:1] and 0x80 <= old[head] < 0xC0):  # not inside a UTF-8 sequence
        head -= 1
    tail = 0
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    while tail and 0x80 <= old[len(old) - tail] < 0xC0:
        tail -= 1
    return Edit(path, head, len(old) - tail, old[head : len(old) - tail], new[head : len(new) - tail])
