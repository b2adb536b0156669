"""Take entries, items and documents out of real files, and let a promotion bring them back.

    python -m benchmarks.entries [CORPUS.tar.gz...] [--sample N]

Of every YAML and JSON file some entries (`--sample`, default 20; 0: all) are removed, one at a time, as a
promotion would remove them; the file without it is the target, the file as it was is the source. The promotion's
edit must give the source again, byte for byte, and in any case values equal to the source's. What else differs
can only be blank lines and comments. Printed as JSON: files, entries, edits, how many gave the same bytes, how
many the same values only, and refusals by reason. Ends with 1 where an edit gave other values.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.bench import shared
from benchmarks.corpora import archives
from benchmarks.spans import texts
from fairlead.edit.embedded import embedded
from fairlead.edit.entries import inserted, removed
from fairlead.edit.grown import Growth, proved
from fairlead.edit.nodes import Mapping, Scalar, Sequence, Stream, Value, parse, plain
from fairlead.edit.rows import Container, entries
from fairlead.model.changes import Edit
from fairlead.model.errors import FairleadError, SyntaxProblem, UneditableError
from fairlead.promotion.align import Aligner, Lone

_QUOTED = re.compile(r"'[^']*'|`[^`]*`|\bline \d+.*")


@dataclass
class Told:
    """What came of it."""

    files: int = 0
    entries: int = 0
    edits: int = 0
    same_bytes: int = 0
    same_values: int = 0
    outside: int = 0
    wrong: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, other: Told) -> None:
        """Count another's figures in."""
        for name in ("files", "entries", "edits", "same_bytes", "same_values", "outside", "wrong"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.refused.update(other.refused)
        self.examples += other.examples

    def refuse(self, stage: str, error: FairleadError) -> None:
        """Count a refusal by its reason."""
        self.refused[f"{stage}: {_QUOTED.sub('…', error.message)}"] += 1


def containers(stream: Stream) -> Iterator[Container]:
    """Every map and list of a file, those in block strings too, and the file itself if it has several documents."""
    if len(entries(stream)) > 1:
        yield stream
    pending: list[Value] = [entry.value for entry in entries(stream)]
    while pending:
        node = pending.pop()
        if isinstance(node, Scalar):
            pending += (embedded(stream.text, node) or ()) if node.style == "|" and not node.shared else ()
            continue
        if node.shared:
            continue
        yield node
        pending += [entry.value for entry in entries(node)]


def attempt(data: bytes, path: str, sample: int) -> Told:
    """Remove entries of a file and bring them back, one at a time."""
    told = Told(files=1)
    try:
        stream = parse(data, path)
    except SyntaxProblem:
        told.refused["file: no YAML"] += 1
        return told
    found = [(container, entry.value) for container in containers(stream) for entry in entries(container)]
    if sample and len(found) > sample:
        found = random.Random(path).sample(found, sample)
    for container, value in found:
        told.entries += 1
        _try(data, path, stream, container, value, told)
    return told


def _try(data: bytes, path: str, source: Stream, container: Container, value: Value, told: Told) -> None:
    try:
        gone = removed(path, source, container, value)
        without = proved(data, source, [gone])
    except UneditableError as error:
        told.refuse("removal", error)
        return
    target = parse(without, path)
    found = list(Aligner(source, target, ()).differences())
    lones = [d for d in found if isinstance(d, Lone) and d.in_source]
    if len(lones) != 1 or len(found) != 1:
        told.refused["alignment: what it left is taken for another"] += 1
        return
    try:
        if lones[0].rows is None:
            raise UneditableError("something of another kind is there")
        growth = inserted(path, source, target, lones[0].rows, lones[0].node)
        after = proved(without, target, [growth])
    except UneditableError as error:
        told.refuse("insertion", error)
        return
    told.edits += 1
    told.outside += growth.edit.old != b"" or _outside(without, after, growth)
    if after == data:
        told.same_bytes += 1
    elif _values(parse(after, path)) == _values(source):
        told.same_values += 1
        told.examples.append(f"other bytes: {path}: {lones[0].field}")
    else:
        told.wrong += 1
        told.examples.append(f"OTHER VALUES: {path}: {lones[0].field}")


def _outside(before: bytes, after: bytes, growth: Growth) -> int:
    edit: Edit = growth.edit
    return int(after != before[: edit.start] + edit.new + before[edit.end :])


def _values(stream: Stream) -> list[object]:
    """The values, keys of a map in any order."""

    def sorted_maps(value: object) -> object:
        if isinstance(value, dict):
            return {key: sorted_maps(value[key]) for key in sorted(value)}
        return [sorted_maps(item) for item in value] if isinstance(value, list) else value

    return [sorted_maps(_unfolded(stream, entry.value)) for entry in entries(stream)]


def _unfolded(stream: Stream, value: Value) -> object:
    if isinstance(value, Mapping):
        return {key.value: _unfolded(stream, item) for key, item in value.items}
    if isinstance(value, Sequence):
        return [_unfolded(stream, item) for item in value.items]
    inner = embedded(stream.text, value) if value.style == "|" else None
    return plain(value) if inner is None else [_unfolded(stream, part) for part in inner]


def measure(archive: Path, sample: int = 20) -> Told:
    """All files of an archive."""
    told = Told()
    with ProcessPoolExecutor() as pool:
        jobs = [pool.submit(partial(attempt, sample=sample), data, path) for path, data in texts(archive)]
        for job in jobs:
            told.add(job.result())
    return told


def main(argv: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.entries", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archives", nargs="*", type=Path)
    parser.add_argument("--sample", type=int, default=20, help="at most so many entries of a file (0: all)")
    parser.add_argument("--examples", type=int, default=50, help="so many examples of each kind")
    options = parser.parse_args(argv)
    found = options.archives or archives(shared() / "corpora")
    if not found:
        sys.stderr.write("error: there are no archives; name some\n")
        return 2
    total, by_archive = Told(), {}
    for archive in found:
        told = measure(archive, options.sample)
        row = {"files": told.files, "entries": told.entries, "edits": told.edits, "same_bytes": told.same_bytes}
        by_archive[archive.name.removesuffix(".tar.gz")] = row
        sys.stderr.write(f"{archive.name}: {row}\n")
        total.add(told)
    figures = {
        "files": total.files,
        "entries": total.entries,
        "edits": total.edits,
        "same_bytes": total.same_bytes,
        "same_values": total.same_values,
        "other_values": total.wrong,
        "bytes_changed_outside": total.outside,
        "refused": dict(total.refused.most_common()),
        "examples": sorted(total.examples)[: options.examples],
        "archives": by_archive,
    }
    sys.stdout.write(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    return 1 if total.wrong or total.outside else 0


if __name__ == "__main__":
    sys.exit(main())
