"""Replace values of real files and put them back: no other byte may change, and the proof must accept it.

    python -m benchmarks.spans [CORPUS.tar.gz...] [--sample N]

Every scalar of every YAML and JSON file, those inside block strings included, gets a longer value, all of a
file at once; then the old values are put back. The default are the archives in corpora/ of FAIRLEAD_SHARED, or
of shared/ beside this repository. `--sample` takes at most so many values of a file. Printed as JSON: files,
edits, refusals by reason, and the bytes that changed outside of the edits, which must be 0.
"""

from __future__ import annotations

import argparse
import json
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.bench import shared
from benchmarks.corpora import archives
from fairlead.edit.embedded import embedded
from fairlead.edit.nodes import Scalar, Stream, parse, scalars
from fairlead.edit.scalars import content_span
from fairlead.edit.splice import byte_edit, verified
from fairlead.model.changes import Edit
from fairlead.model.errors import ExcessProblem, SyntaxProblem, UneditableError

_STYLES = {"|": "literal block", ">": "folded block", "": "plain over several lines", "'": "escaped", '"': "escaped"}


@dataclass
class Told:
    """What came of it."""

    files: int = 0
    edits: int = 0
    outside: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, other: Told) -> None:
        """Count another's figures in."""
        self.files += other.files
        self.edits += other.edits
        self.outside += other.outside
        self.refused.update(other.refused)
        self.examples += other.examples


def attempt(path: str, data: bytes, sample: int = 0) -> Told:
    """Replace the values of a file and put them back; `sample` takes at most so many (0: all)."""
    told = Told(files=1)
    try:
        stream = parse(data, path)
    except ExcessProblem:
        told.refused["file: excessive"] += 1
        return told
    except SyntaxProblem:
        told.refused["file: no YAML"] += 1
        return told
    edits = list(_edits(path, stream, told))
    if sample and len(edits) > sample:
        edits = edits[:: -(-len(edits) // sample)]
    _try(path, data, edits, told)
    return told


def _try(path: str, data: bytes, edits: list[Edit], told: Told) -> None:
    if not edits:
        return
    try:
        changed = verified(path, data, edits)
    except UneditableError as error:
        if len(edits) == 1:
            told.refused["value: " + error.message.split(path)[0].split("'")[0].strip()] += 1
            told.examples.append(f"{path}: {edits[0].old!r}: {error.message}")
            return
        middle = len(edits) // 2  # find those that can't be
        _try(path, data, edits[:middle], told)
        _try(path, data, edits[middle:], told)
        return
    told.edits += len(edits)
    back, outside = _undo(data, changed, edits)
    if verified(path, changed, back) != data:
        outside += 1
    told.outside += outside
    if outside:
        told.examples.append(f"{path}: {outside} bytes outside")


def _undo(data: bytes, changed: bytes, edits: list[Edit]) -> tuple[list[Edit], int]:
    """The edits that put the old values back, and how many bytes between the edits are not as they were."""
    back, at, shift, outside = [], 0, 0, 0
    for edit in sorted(edits):
        start = edit.start + shift
        outside += _differing(data[at : edit.start], changed[at + shift : start])
        outside += _differing(edit.new, changed[start : start + len(edit.new)])
        back.append(Edit(edit.path, start, start + len(edit.new), edit.new, edit.old))
        at, shift = edit.end, shift + len(edit.new) - len(edit.old)
    return back, outside + _differing(data[at:], changed[at + shift :])


def _differing(one: bytes, other: bytes) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def _edits(path: str, stream: Stream, told: Told) -> Iterator[Edit]:
    """An edit for each literal value; what stands nowhere literally is counted by its reason."""
    for document in stream.documents:
        for leaf in scalars(document):
            inner = embedded(stream.text, leaf) if leaf.style == "|" and not leaf.shared else None
            if inner is None:
                yield from _edit(path, stream.text, leaf, told)
            else:
                for part in (part for below in inner for part in scalars(below)):
                    yield from _edit(path, stream.text, part, told)


def _edit(path: str, text: str, leaf: Scalar, told: Told) -> Iterator[Edit]:
    span = content_span(text, leaf)
    if leaf.value == "<<":
        told.refused["value: merge key"] += 1
    elif leaf.shared:
        told.refused["value: shared by an alias"] += 1
    elif span is None:
        told.refused["value: " + ("empty" if not leaf.value else _STYLES[leaf.style])] += 1
    else:
        yield byte_edit(path, text, *span, leaf.value + "é0")


def texts(archive: Path) -> Iterator[tuple[str, bytes]]:
    """The YAML and JSON files of an archive."""
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and member.name.endswith((".yaml", ".yml", ".json", "Kustomization")):
                handle = tar.extractfile(member)
                if handle is not None:
                    yield member.name, handle.read()


def measure(archive: Path, sample: int = 0) -> Told:
    """All files of an archive."""
    told = Told()
    with ProcessPoolExecutor() as pool:
        jobs = [pool.submit(attempt, path, data, sample) for path, data in texts(archive)]
        for job in jobs:
            told.add(job.result())
    return told


def main(argv: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.spans", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("archives", nargs="*", type=Path)
    parser.add_argument("--sample", type=int, default=0, help="at most so many values of a file (default: all)")
    options = parser.parse_args(argv)
    total, by_archive = Told(), {}
    found = options.archives or archives(shared() / "corpora")
    if not found:
        sys.stderr.write("error: there are no archives; name some\n")
        return 2
    for archive in found:
        told = measure(archive, options.sample)
        by_archive[archive.name.removesuffix(".tar.gz")] = {"files": told.files, "edits": told.edits}
        sys.stderr.write(f"{archive.name}: {told.files} files, {told.edits} edits, {told.outside} bytes outside\n")
        total.add(told)
    figures = {
        "files": total.files,
        "edits": total.edits,
        "bytes_changed_outside": total.outside,
        "refused": dict(sorted(total.refused.items())),
        "refusals": total.examples[:50],
        "archives": by_archive,
    }
    sys.stdout.write(json.dumps(figures, indent=2, ensure_ascii=False) + "\n")
    return 1 if total.outside else 0


if __name__ == "__main__":
    sys.exit(main())
