"""Env files, line by line as KEY=VALUE: comments, blank lines and the order of the target survive.

A value is judged by the same carriers as a generator's literal, for a generator reads these files.
"""

from __future__ import annotations

import re

from fairlead.edit.nodes import Mapping, Scalar, Sequence, Stream, Value, decode
from fairlead.edit.splice import byte_edit
from fairlead.model.findings import Where
from fairlead.model.plan import FieldClass, Move, Verdict
from fairlead.model.values import dataclass
from fairlead.promotion.align import Pair
from fairlead.promotion.compare import Bases, FilePair, judge
from fairlead.promotion.views import Surroundings, view

_NAME = re.compile(r"(?:^|/)(?:\.env[\w.-]*|[\w.-]*\.env|[\w.-]*\.properties)$")
_LINE = re.compile(r"(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)=([^\r\n]*?)[ \t]*\r?$")
_SECRET = re.compile(r"(?i)secret|credential|password")


def is_env_file(path: str) -> bool:
    """Whether a file is one, by its name."""
    return _NAME.search(path) is not None


def is_secret(label: str, kustomization: Stream | None) -> bool:
    """Whether a `secretGenerator` reads the file; where no generator reads it, whether its name says so."""
    head = kustomization.first() if kustomization is not None else None
    if head is not None:
        for generator in ("secretGenerator", "configMapGenerator"):
            if label in _read_by(head.get(generator)):
                return generator == "secretGenerator"
    return _SECRET.search(label) is not None


def _read_by(generators: Value | None) -> set[str]:
    entries = [i for i in generators.items if isinstance(i, Mapping)] if isinstance(generators, Sequence) else []
    found: set[str] = set()
    for entry in entries:
        for key in ("env", "envs", "files"):
            value = entry.get(key)
            items = value.items if isinstance(value, Sequence) else [value]
            found |= {i.value.rpartition("=")[2].removeprefix("./") for i in items if isinstance(i, Scalar)}
    return found


@dataclass(frozen=True, slots=True)
class _Line:
    key: str
    scalar: Scalar


def _lines(text: str) -> dict[str, _Line]:
    """Key -> its line, the last one where it stands twice, as kustomize takes it; those of twice can't be edited."""
    found: dict[str, _Line] = {}
    for match in _LINE.finditer(text):
        key, start = match[1], match.start(1)
        number = text.count("\n", 0, start) + 1
        column = start - text.rfind("\n", 0, start)
        whole = f"{key}={match[2]}"
        found[key] = _Line(key, Scalar(whole, start, match.end(2), number, column, shared=key in found))
    return found


def compare_env(pair: FilePair, around: Surroundings, bases: Bases | None = None) -> tuple[Move, ...]:
    """All moves of a pair of env files, in the target's order.

    Raises:
        SyntaxProblem: where one of the two is no text.
    """
    source, target = decode(pair.source, pair.source_path), decode(pair.target, pair.target_path)
    mine, theirs = _lines(source), _lines(target)
    moves = []
    for key, line in theirs.items():
        twin = mine.get(key)
        if twin is None:
            moves.append(_lone(pair, line, target, in_source=False))
        elif twin.scalar.value != line.scalar.value:
            keys = ("configMapGenerator", "envs")
            aligned = Pair(f"{key}=", keys, twin.scalar, line.scalar, None, ("", ""), flow=False)
            moves.append(judge(view(aligned, pair.target_path, target), pair, around, bases or {}))
    moves += [_lone(pair, line, target, in_source=True) for key, line in mine.items() if key not in theirs]
    return tuple(moves)


def _lone(pair: FilePair, line: _Line, target: str, *, in_source: bool) -> Move:
    value = line.scalar.value.partition("=")[2]
    ending = "\r\n" if "\r\n" in target else "\n"
    gap = "" if not target or target.endswith("\n") else ending
    added = byte_edit(pair.target_path, target, len(target), len(target), f"{gap}{line.scalar.value}{ending}")
    path = pair.source_path if in_source else pair.target_path
    return Move(
        field=f"{pair.label}: {line.key}=",
        old="" if in_source else value,
        new=value if in_source else "",
        field_class=FieldClass.OFFERED if in_source else FieldClass.OWNED,
        verdict=Verdict.OFFER if in_source else Verdict.KEEP,
        reason="only the source has it" if in_source else "only the target has it",
        carrier="entries",
        changes=(added,) if in_source else (),
        stands_at=Where(path, line.scalar.line, line.scalar.column),
        at=Where(
            pair.target_path, line.scalar.line if not in_source else 0, line.scalar.column if not in_source else 0
        ),
    )
