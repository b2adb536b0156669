"""What earlier runs recorded of a repository: which inputs each overlay was rendered from, and what was found.

A manifest is the sum of segments, each written by one run and never changed: runs side by side lose nothing of
each other. What it says of a snapshot holds only where every input that it names still stands there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any, NamedTuple

from fairlead.model.findings import Finding, Ignored, Severity, Where
from fairlead.model.rendering import Input
from fairlead.model.snapshot import SYMLINK, Snapshot
from fairlead.model.values import dataclass

FORM = 3
KEPT = 4  # ways of one overlay that are kept for good: before and after, index and work tree
MOST = 16  # that are kept for some days: branches that somebody works on
_RECENT = 48  # hours
ACROSS = "across"  # in the place of a way: what was found about several overlays at once

AROUND = "around"  # the same: what was found in files that no overlay need have to do with


class Facts(NamedTuple):
    """What a kustomization file says of others, from its bytes and its folder alone.

    `paths` are the places in the repository that it refers to, as joined (links not followed); `namespaces` are
    those that it declares.
    """

    component: bool = False
    paths: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()


class Way(NamedTuple):
    """One state of an overlay that was rendered: by these inputs, with this result.

    `key` names the result; it stands in a `pack`, at an `offset`, in so many bytes. `at` is when it was rendered, in
    hours since the epoch.
    """

    overlay: str
    key: str
    inputs: tuple[Input, ...]
    pack: str
    offset: int
    size: int
    built: bool
    code: str = ""
    message: str = ""
    seconds: float = 0.0
    at: int = 0


class Verdict(NamedTuple):
    """What was found in an overlay as rendered in one way.

    It holds in the same `context` (rules, configuration, what other overlays declare). `whole` is the digest of
    all files where the findings may depend on any of them, else empty; `extra` are inputs of the rules that were
    none of the rendering. `digest` is what rules about several overlays ask of it.
    """

    way: str
    context: str
    whole: str = ""
    extra: tuple[Input, ...] = ()
    findings: tuple[Finding, ...] = ()
    digest: str = ""


@dataclass
class Manifest:
    """All that is known; newest first where there are several."""

    ways: dict[str, list[Way]] = field(default_factory=dict)
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)
    facts: dict[str, tuple[str, Facts]] = field(default_factory=dict)

    def add(self, other: Manifest) -> None:
        """Take in what is newer."""
        for overlay, ways in other.ways.items():
            keys = {way.key for way in ways}
            self.ways[overlay] = [*ways, *(w for w in self.ways.get(overlay, ()) if w.key not in keys)][:MOST]
        for way, verdicts in other.verdicts.items():
            known = {(v.context, v.whole) for v in verdicts}
            old = (v for v in self.verdicts.get(way, ()) if (v.context, v.whole) not in known)
            self.verdicts[way] = [*verdicts, *old][:2]  # two versions of fairlead
        self.facts |= other.facts

    def pruned(self, now: int) -> Manifest:
        """Without old states of which there are newer ones, and what was found in them; `now` in hours."""
        ways = {
            overlay: [*found[:KEPT], *(way for way in found[KEPT:] if now - way.at < _RECENT)]
            for overlay, found in self.ways.items()
        }
        kept = {way.key for found in ways.values() for way in found} | {ACROSS, AROUND}
        return Manifest(ways, {key: found for key, found in self.verdicts.items() if key in kept}, self.facts)

    def __bool__(self) -> bool:
        return bool(self.ways or self.verdicts or self.facts)


class Standing:
    """Which recorded inputs stand in one snapshot, each looked at once.

    `held` tells the commit that a tag of another repository named when it was fetched; None where it was not.
    `defined` tells what changes with the definitions of a kind.
    """

    def __init__(
        self, snapshot: Snapshot, held: Callable[[str, str], str | None] = lambda *_: None,
        defined: Callable[[str], str] = lambda _: "",
    ) -> None:  # fmt: skip
        self._snapshot = snapshot
        self._held = held
        self._defined = defined
        self._known: dict[Input, bool] = {}

    def all(self, inputs: Iterable[Input]) -> bool:
        """Whether every one of them is as it was recorded."""
        known = self._known
        for one in inputs:
            stands = known.get(one)
            if stands is None:
                stands = known[one] = self._stands(one)
            if not stands:
                return False
        return True

    def _stands(self, one: Input) -> bool:
        kind, path, blob = one
        if kind == "remote":
            repository, _, ref = path.rpartition("?ref=")
            return blob == (ref if ref == blob else self._held(repository, ref))
        if kind == "definition":
            return blob == self._defined(path)
        if kind == "folder":
            return self._snapshot.is_dir(path)
        if kind == "tree":
            return blob == tree(self._snapshot, path)
        entry = self._snapshot.entry(path)
        if kind == "missing":
            return entry is None and not self._snapshot.is_dir(path)
        if kind not in ("file", "link") or entry is None:
            return False
        return entry.oid == blob and (entry.mode == SYMLINK) == (kind == "link")


def key_of(stamp: str, overlay: str, inputs: Iterable[Input]) -> str:
    """The name of a result: the same engine with the same options makes the same of the same inputs."""
    return digest(stamp, overlay, *sorted("\0".join(one) for one in inputs))


def digest(*words: str) -> str:
    """A name for these words; none of them holds two NULs in a row."""
    return hashlib.sha256("\0\0".join(words).encode("utf-8", "surrogatepass")).hexdigest()


def whole(snapshot: Snapshot) -> str:
    """A digest of every file of a snapshot."""
    return tree(snapshot, "")


def tree(snapshot: Snapshot, folder: str) -> str:
    """A digest of every file below a folder."""
    rows = ((path, snapshot.entry(path)) for path in snapshot.files(folder))
    return digest(*(f"{path}\0{entry.mode:o} {entry.oid}" for path, entry in rows if entry is not None))


# ── as bytes ──


def dump(manifest: Manifest) -> bytes:
    """A segment's bytes; inputs that overlays share are written once."""
    table: dict[Input, int] = {}

    def rows(inputs: Iterable[Input]) -> list[int]:
        return [table.setdefault(one, len(table)) for one in inputs]

    ways = [
        [
            w.overlay,
            w.key,
            rows(w.inputs),
            w.pack,
            w.offset,
            w.size,
            w.built,
            w.code,
            w.message,
            round(w.seconds, 6),
            w.at,
        ]
        for known in manifest.ways.values()
        for w in known
    ]
    verdicts = [
        [v.way, v.context, v.whole, rows(v.extra), [_told(f) for f in v.findings], len(v.digest)]
        for known in manifest.verdicts.values()
        for v in known
    ]
    facts = [[path, blob, f.component, f.paths, f.namespaces] for path, (blob, f) in manifest.facts.items()]
    said = {"form": FORM, "inputs": list(table), "ways": ways, "verdicts": verdicts, "facts": facts}
    head = json.dumps(said, separators=(",", ":")).encode()
    # Digests are half of all, and texts that few runs read: parsing them as a part of the rest takes as long as it.
    digests = "".join(v.digest for known in manifest.verdicts.values() for v in known)
    return head + b"\n" + digests.encode("utf-8", "surrogatepass")


def load(data: bytes) -> Manifest:
    """Read a segment; one of another form, or that is none, holds nothing."""
    try:
        head, _, digests = data.partition(b"\n")
        said = json.loads(head)
        return _read(said, digests.decode("utf-8", "surrogatepass")) if said["form"] == FORM else Manifest()
    except (ValueError, KeyError, TypeError, IndexError):
        return Manifest()


def _read(said: Mapping[str, Any], digests: str) -> Manifest:
    table = [Input(*row) for row in said["inputs"]]
    out = Manifest()
    at = 0
    for overlay, key, rows, *rest in said["ways"]:
        way = Way(overlay, key, tuple([table[row] for row in rows]), *rest)
        out.ways.setdefault(overlay, []).append(way)
    for way, context, all_files, rows, findings, size in said["verdicts"]:
        extra = tuple([table[row] for row in rows])
        verdict = Verdict(way, context, all_files, extra, tuple(map(_finding, findings)), digests[at : at + size])
        at += size
        out.verdicts.setdefault(way, []).append(verdict)
    for path, blob, component, paths, namespaces in said["facts"]:
        out.facts[path] = (blob, Facts(component, tuple(paths), tuple(namespaces)))
    return out


def _told(f: Finding) -> list[Any]:
    where = [f.where.path, f.where.line, f.where.column]
    told = [f.rule, f.severity.value, f.message, f.remedy, where, f.overlay, f.subject, f.chain, f.overlays]
    by = f.ignored
    return told if by is None else [*told, by.at.path, by.at.line, by.at.column, by.reason]


def _finding(row: list[Any]) -> Finding:
    rule, severity, message, remedy, where, overlay, subject, chain, overlays, *ignored = row
    by = Ignored(Where(*ignored[:3]), ignored[3]) if ignored else None
    return Finding(
        rule, Severity(severity), message, remedy, Where(*where), overlay, subject, tuple(chain), tuple(overlays), by
    )


def readers(manifest: Manifest, paths: Iterable[str]) -> Iterator[str]:
    """The overlays of which some recorded state read, or looked for, one of the paths."""
    wanted = set(paths)
    for overlay, ways in manifest.ways.items():
        if any(one.path in wanted or _holds(one, wanted) for way in ways for one in way.inputs):
            yield overlay


def _holds(one: Input, paths: set[str]) -> bool:
    return one.kind == "tree" and any(path.startswith(one.path + "/") for path in paths)
