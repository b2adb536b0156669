"""Every rendered difference is accounted for by an edit of the plan, or told as one that no edit explains.

A field's change is explained where

- its new value is the old one with promoted values in the place of the former, or holds a promoted value,
- it came or went with text that an edit brings or removes,
- it is the name of a generated ConfigMap or Secret, and only the hash at its end changed,
- the place where it was written (`checks.origin`) lies in an edited span, or, where an edit brings files, in one that
  the overlay did not read before (or reads no more),
- the whole object came from such a place, or went with it: then what transformers make of it is its own, or
- nobody can tell where it was written, and an edit of the overlay brings content from elsewhere (a ref, a chart and
  its values): that can't be followed field by field.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, TypeAlias

from fairlead.checks.accumulate import Accumulator
from fairlead.checks.objects import Object, owned, read
from fairlead.checks.origin import Origin, Way
from fairlead.edit.splice import spliced
from fairlead.model.changes import Edit, NewFile
from fairlead.model.errors import ExcessProblem
from fairlead.model.findings import Where
from fairlead.model.plan import Hop, Move
from fairlead.model.rendering import Rendered, RenderResult, Trial
from fairlead.model.snapshot import Snapshot
from fairlead.model.values import dataclass
from fairlead.render.engine import Engine
from fairlead.repo.layout import KUSTOMIZATION_NAMES
from fairlead.report.difference import HASH, objects
from fairlead.report.leaves import GONE, differences, name_of
from fairlead.steps.comparing import Sides

Spans: TypeAlias = dict[str, list[tuple[tuple[int, int], tuple[int, int]]]]
_ELSEWHERE = re.compile(
    r": (?:resources|bases|components|helmCharts|helmChartInflationGenerator|helmGlobals|generators|transformers|"
    r"configurations|crds|openapi)\b"
)


@dataclass(frozen=True)
class Unexplained:
    """A field of a rendered object that changed, and no edit says why. A Secret's values are not told."""

    overlay: str
    subject: str
    field: str
    old: str
    new: str

    def __str__(self) -> str:
        values = f"{self.old or '(absent)'} -> {self.new or '(absent)'}"
        return f"{self.subject} in {self.overlay or '.'}: {self.field}: {values}"


class Edits:
    """What a hop's edits of some files bring, as text."""

    def __init__(self, before: Snapshot, moves: Iterable[Move], paths: Iterable[str]) -> None:
        wanted = set(paths)
        self._before = before
        self.moves = tuple(m for m in moves if any(c.path in wanted for c in m.changes))
        changes = dict.fromkeys(c for m in self.moves for c in m.changes)
        self.changes = tuple(changes)
        self.pairs = tuple(dict.fromkeys(pair for pair in self._pairs() if pair[0] != pair[1]))
        self.came = tuple(new for _, new in self.pairs if "\n" in new)
        self.went = tuple(old for old, _ in self.pairs if "\n" in old)

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for move in self.moves:
            if len(move.changes) == 1:
                yield move.old, move.new
        for change in self.changes:
            if isinstance(change, Edit):
                old, new = (text.decode("utf-8", "replace") for text in (change.old, change.new))
                yield from ((old, new), (old.strip("'\""), new.strip("'\"")))
            elif isinstance(change, NewFile):
                yield "", change.data.decode("utf-8", "replace") + "\n"
            elif self._before.entry(change.path) is not None:
                yield self._before.read(change.path).decode("utf-8", "replace") + "\n", ""

    @property
    def from_elsewhere(self) -> bool:
        """Whether one of them brings content that no file of the repository's kustomizations says."""
        return any(
            _ELSEWHERE.search(m.field) or any(c.path.rpartition("/")[2] not in KUSTOMIZATION_NAMES for c in m.changes)
            for m in self.moves
        )

    def explain(self, old: object, new: object) -> bool:
        """Whether they alone say why a value became another."""
        if old is GONE:
            return any(_written(new, text) for text in self.came) or self._held(_text(new))
        if new is GONE:
            return any(_written(old, text) for text in self.went)
        before, after = _text(old), _text(new)
        if "\n" in before and "\n" in after:
            return self._lines(before.splitlines(), after.splitlines())
        return self._derived(before, after) or self._held(after) or any(_written(new, text) for text in self.came)

    def rename(self, old: str, new: str) -> bool:
        """Whether they alone gave an object (`Kind/name in namespace`) its other name."""
        parts = [label.partition(" in ") for label in (old, new)]
        return all(one == other or self._derived(one, other) for one, other in zip(*parts, strict=True))

    def _derived(self, before: str, after: str) -> bool:
        together = before
        for old, new in self.pairs:
            if old and before.replace(old, new) == after:
                return True
            together = together.replace(old, new) if old else together
            parts, others = (re.split(r"[^\w.]+|\.", text) for text in (old, new))
            if (before, after) in zip(parts, others, strict=False) and len(parts) == len(others):
                return True
        return together == after

    def _held(self, after: str) -> bool:
        return any(
            new and "\n" not in new and re.search(rf"(?<![\w.-]){re.escape(new)}(?![\w.-])", after)
            for _, new in self.pairs
        )

    def _lines(self, before: Sequence[str], after: Sequence[str]) -> bool:
        from difflib import SequenceMatcher

        for tag, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            old, new = list(before[start:end]), list(after[first:last])
            if tag == "equal":
                continue
            if len(old) == len(new) and all(self.explain(*pair) for pair in zip(old, new, strict=True)):
                continue
            if not all(self.explain(line, GONE) for line in old) or not all(self.explain(GONE, line) for line in new):
                return False
        return True

    def spans(self, *, after: bool) -> Spans:
        """What they write, or have written over, by path; from the beginning of the word that an edit is in."""
        found: Spans = {}
        shift: dict[str, int] = {}
        for change in sorted(self.changes, key=lambda c: c.start if isinstance(c, Edit) else 0):
            if not isinstance(change, Edit):
                found.setdefault(change.path, []).append(((0, 0), (1 << 30, 0)))
                continue
            data = self._after(change.path) if after else self._before.read(change.path)
            start = change.start + (shift.get(change.path, 0) if after else 0)
            end = start + len(change.new if after else change.old)
            shift[change.path] = shift.get(change.path, 0) + len(change.new) - len(change.old)
            while start and data[start - 1] not in b" \t\n,[{":
                start -= 1
            found.setdefault(change.path, []).append((_place(data, start), _place(data, end)))
        return found

    def _after(self, path: str) -> bytes:
        mine = [c for c in self.changes if c.path == path]
        file = spliced(self._before, mine, verify=False)[path]
        return file.data if file is not None else b""


class _Trace:
    """Where the fields of one side of an overlay were written."""

    def __init__(self, engine: Engine, trial: Trial, result: Rendered) -> None:
        self._engine, self._trial, self._result = engine, trial, result

    @cached_property
    def _objects(self) -> tuple[Object, ...]:
        return owned(read(self._result.text, self._result.values), self._result.added)

    @cached_property
    def _origin(self) -> Origin:
        view = self._engine.view(self._trial.snapshot)
        node = view.graph.kustomization(self._trial.overlay)
        entry = Where(node.path, 1, 1) if node is not None else Where(self._trial.overlay or ".")
        return Origin(Accumulator(view.graph, view.sources), self._trial.overlay, entry)

    def lies_in(self, body: object, way: Way, spans: Spans, known: set[str], *, lenient: bool) -> bool:
        """Whether a field was written in one of these spans, or in a file that the other side does not know.

        `lenient`: or in no file of the repository's.
        """
        found = next((o for o in self._objects if o.body == body), None)
        if found is None or (found.owner is None and self._origin.resource(found) is None):
            return lenient
        if found.owner is not None and lenient:
            return True
        where = self._origin.of(found, way)
        if known and where.path not in known:
            return True
        return any(first <= (where.line, where.column) <= last for first, last in spans.get(where.path, ()))


def _place(data: bytes, at: int) -> tuple[int, int]:
    """Line and column, from 1, in characters."""
    begin = data.rfind(b"\n", 0, at) + 1
    return data.count(b"\n", 0, at) + 1, len(data[begin:at].decode("utf-8", "replace")) + 1


def unexplained(
    engine: Engine, one: Sides, before: RenderResult | None, after: RenderResult | None, edits: Edits
) -> tuple[Unexplained, ...]:
    """The fields of an overlay whose change no edit explains; nothing where a side is missing or does not build."""
    if not isinstance(before, Rendered) or not isinstance(after, Rendered) or before.text == after.text:
        return ()
    if one.before is None or one.after is None:
        return ()
    old, new = objects(before.text), objects(after.text)
    names = _renamed(old, new, edits)
    traces = {False: _Trace(engine, one.before, before), True: _Trace(engine, one.after, after)}
    brings = edits.from_elsewhere  # only then may an edit be why another file is read
    known = {
        side: {i.path for i in other.inputs} if brings else set() for side, other in ((False, after), (True, before))
    }
    spans = {side: edits.spans(after=side) for side in (False, True)}
    found = []
    for subject in dict.fromkeys((*old, *new)):
        first, second = old.get(names.get(subject, subject), ""), new.get(subject, "")
        if first == second or subject in names.values():
            continue
        bodies = _body(first), _body(second)
        side = bool(second)
        if (not first or not second) and traces[side].lies_in(
            bodies[side], ("metadata", "name"), spans[side], known[side], lenient=brings
        ):
            continue
        secret = subject.startswith("Secret/")
        for way, was, now in differences(*bodies):
            if _only_the_hash(was, now, before.text, after.text) or edits.explain(was, now):
                continue
            if secret and edits.explain(_decoded(was), _decoded(now)):
                continue
            side = now is not GONE
            if traces[side].lies_in(bodies[side], way, spans[side], known[side], lenient=brings):
                continue
            words = ("(secret)", "(secret)") if secret else (_text(was), _text(now))
            found.append(Unexplained(one.overlay, subject, name_of(bodies[side], way), *words))
    return tuple(found)


def _renamed(old: dict[str, str], new: dict[str, str], edits: Edits) -> dict[str, str]:
    """Objects that have another name by an edit: the new one, and the former."""
    gone = [subject for subject in old if subject not in new]
    found: dict[str, str] = {}
    for subject in new:
        if subject not in old:
            former = next((g for g in gone if edits.rename(g, subject)), None)
            if former is not None:
                gone.remove(former)
                found[subject] = former
    return found


def of_hop(hop: Hop) -> tuple[Move, ...]:
    """All moves that a hop carries."""
    return tuple(m for a in hop.apps for m in a.chosen())


def _body(document: str) -> Any:
    try:
        return next((o.body for o in read(document)), GONE) if document else GONE
    except ExcessProblem:
        return GONE


def _text(value: object) -> str:
    import json

    if value is GONE:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _written(value: object, text: str) -> bool:
    """Whether a value stands in a text, as a word of its own."""
    word = _text(value).strip()
    return not word or re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", text) is not None


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return value


def _only_the_hash(old: object, new: object, before: str, after: str) -> bool:
    """Whether a name of something generated changed in its hash alone, which its content decides."""
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    one, other = HASH.search(old), HASH.search(new)
    same = one is not None and other is not None and old[: one.start()] == new[: other.start()]
    return same and all(f"\n  name: {n}\n" in text for n, text in ((old, before), (new, after)))
