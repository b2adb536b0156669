"""Two overlays side by side: which files are counterparts, and all their moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from fairlead.edit.nodes import Stream, parse
from fairlead.model.errors import SyntaxProblem
from fairlead.model.findings import Where
from fairlead.model.overlays import Overlay
from fairlead.model.plan import FieldClass, Move, Verdict
from fairlead.model.snapshot import SYMLINK, Snapshot, below
from fairlead.promotion.compare import Bases, FilePair, compare
from fairlead.promotion.env_files import compare_env, is_env_file, is_secret
from fairlead.promotion.files import YAML, Folders, with_files
from fairlead.promotion.views import Surroundings
from fairlead.promotion.words import neutral


def own_files(snapshot: Snapshot, overlay: Overlay, others: tuple[str, ...]) -> tuple[str, ...]:
    """An overlay's files, relative to it, without those of overlays below it (`others` are all, sorted)."""
    nested = tuple(p + "/" for p in below(others, overlay.path))
    size = len(overlay.path) + 1
    return tuple(p[size:] for p in snapshot.files(overlay.path) if not p.startswith(nested))


def counterparts(
    source: tuple[str, ...], target: tuple[str, ...], words: tuple[str, ...]
) -> Iterator[tuple[str | None, str | None]]:
    """(source file, target file): by name, environments' words being equal; then what stands on one side only."""
    by_name = {neutral(path, words): path for path in source}
    for path in target:
        twin = path if path in source else by_name.get(neutral(path, words))
        if twin is not None:
            by_name.pop(neutral(twin, words), None)
        yield twin, path
    for path in by_name.values():
        yield path, None


def survey(
    snapshot: Snapshot,
    source: Overlay,
    target: Overlay,
    others: tuple[str, ...],
    around: Surroundings,
    bases: Bases,
) -> tuple[Move, ...]:
    """All moves from one overlay to another, files in the target's order.

    Files with equal blobs are skipped unread. What can't be compared (templates, binary files) is told as a move
    without an edit.
    """
    moves: list[Move] = []
    foreign = tuple(word for word in source.words if word not in target.words)
    around = replace(around, source_words=foreign)
    coming, going = [], []
    mine = own_files(snapshot, source, others)
    theirs = own_files(snapshot, target, others)
    for first, second in counterparts(mine, theirs, around.words):
        if first is not None and second is not None:
            moves += _file(snapshot, source, target, first, second, around, bases)
        elif first is not None:
            coming.append(first)
        elif second is not None:
            going.append(second)
    return with_files(moves, Folders(snapshot, source, target, around, bases, tuple(coming), tuple(going)))


def _file(
    snapshot: Snapshot,
    source: Overlay,
    target: Overlay,
    first: str,
    second: str,
    around: Surroundings,
    bases: Bases,
) -> tuple[Move, ...]:
    from_path, to_path = f"{source.path}/{first}", f"{target.path}/{second}"
    here, there = snapshot.entry(from_path), snapshot.entry(to_path)
    if here is None or there is None or here.oid == there.oid:
        return ()
    if SYMLINK in (here.mode, there.mode):
        return (_told(from_path, to_path, second, "a symbolic link is never edited"),)
    if is_env_file(to_path):
        return _env_file(
            snapshot,
            source,
            target,
            FilePair(from_path, to_path, snapshot.read(from_path), snapshot.read(to_path), second),
            around,
            bases,
        )
    if not to_path.endswith(YAML):
        return (_told(from_path, to_path, second, "not YAML: compare it by hand"),)
    pair = FilePair(from_path, to_path, snapshot.read(from_path), snapshot.read(to_path), second)
    try:
        return compare(pair, around, bases)
    except SyntaxProblem as problem:
        templates = b"{{" in pair.source + pair.target
        why = "a template, which is no YAML: compare it by hand" if templates else problem.message
        return (_told(from_path, to_path, second, f"{problem.where}: {why}"),)


def _env_file(
    snapshot: Snapshot, source: Overlay, target: Overlay, pair: FilePair, around: Surroundings, bases: Bases
) -> tuple[Move, ...]:
    kustomization = _kustomization(snapshot, target)
    if is_secret(pair.label, kustomization) or is_secret(pair.label, _kustomization(snapshot, source)):
        move = _told(pair.source_path, pair.target_path, pair.label, "secrets belong to their environment")
        return (replace(move, field_class=FieldClass.OWNED, verdict=Verdict.KEEP, carrier="secrets"),)
    try:
        return compare_env(pair, around, bases)
    except SyntaxProblem as problem:
        return (_told(pair.source_path, pair.target_path, pair.label, f"{problem.where}: {problem.message}"),)


def _kustomization(snapshot: Snapshot, overlay: Overlay) -> Stream | None:
    for name in ("kustomization.yaml", "kustomization.yml", "Kustomization"):
        path = f"{overlay.path}/{name}"
        if snapshot.entry(path) is not None:
            try:
                return parse(snapshot.read(path), path)
            except SyntaxProblem:
                return None
    return None


def _told(from_path: str, to_path: str, label: str, reason: str) -> Move:
    return Move(
        field=label, old="(file)", new="(file)", field_class=FieldClass.OFFERED, verdict=Verdict.OFFER,
        reason=reason, carrier="files", changes=(), stands_at=Where(from_path), at=Where(to_path),
    )  # fmt: skip
