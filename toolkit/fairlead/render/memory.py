"""What is kept from run to run: results by what they were made of, and what a run recorded of each overlay."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Iterable
from typing import Protocol

from fairlead.doors.store import PACKS, Seal, frame
from fairlead.model.findings import Where
from fairlead.model.rendering import Added, Opaque, Rendered, RenderFailed, RenderResult
from fairlead.repo.manifest import Facts, Manifest, Standing, Verdict, Way, dump, key_of, load

MANIFEST = "manifest"
RESULTS, PRIVATE = PACKS  # what renders a Secret stays on this machine
_MANY = 8  # segments that are made one when there are more
_SECRET = re.compile(rb"(?m)^kind: Secret\r?$")
_PASSING = frozenset(("timeout", "world"))  # the next try may end otherwise


class Entries(Protocol):
    """A store: see `doors.store.Store`."""

    @property
    def trouble(self) -> str:
        """Why nothing is kept any more; empty where all is well."""

    def get(self, kind: str, key: str) -> bytes | None:
        """An entry's data."""

    def put(self, kind: str, key: str, data: bytes) -> None:
        """Keep an entry."""

    def put_sealed(self, kind: str, key: str, entry: bytes) -> None:
        """Keep bytes that prove themselves."""

    def part(self, pack: str, key: str, offset: int, size: int) -> bytes | None:
        """The data of an entry in a pack."""

    @property
    def seal(self) -> Seal:
        """What proves entries."""

    def prefetch(self, kind: str, keys: Iterable[str]) -> None:
        """Say that these entries will be asked for."""

    def drop(self, kind: str, key: str) -> None:
        """Remove an entry."""

    def send(self) -> None:
        """Say that a job is done."""

    def keys(self, kind: str, below: str) -> tuple[str, ...]:
        """The keys below a folder of keys."""


class Memory:
    """One repository's manifest, and the results that it names.

    `stamp` tells engine and options apart, `identity` the repository; `facts` of kustomization files are shared with
    whoever else has them. What is learned is written by `flush`, as a segment of its own, so that runs side by side
    don't overwrite each other's.
    """

    def __init__(
        self, store: Entries, identity: str, stamp: str, facts: dict[str, tuple[str, Facts]] | None = None
    ) -> None:
        self.store = store
        self.stamp = stamp
        self.identity = identity
        self._folder = f"{identity}/{key_of(stamp, '', ())[:16]}"
        self._segments = store.keys(MANIFEST, self._folder)
        self.manifest = Manifest(facts={} if facts is None else facts)
        for key in self._segments:
            data = store.get(MANIFEST, key)
            if data is not None:
                self.manifest.add(load(data))
        self._begin()

    def _begin(self) -> None:
        """Begin what the next `flush` writes. Its name is sorted by time, so that what is newer is added later."""
        self._learned = Manifest()
        self._name = f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        self._packs: dict[str, list[bytes]] = {RESULTS: [], PRIVATE: []}
        self._sizes = dict.fromkeys(self._packs, 0)
        self._pending: dict[str, bytes] = {}

    @property
    def trouble(self) -> str:
        """Why nothing is kept; empty where all is well."""
        return self.store.trouble

    def of(self, options: str, facts: dict[str, tuple[str, Facts]]) -> Memory:
        """The memory of the same engine with other options; what is known of files is shared."""
        return Memory(self.store, self.identity, f"{self.stamp} {options}", facts)

    def way(self, standing: Standing, overlay: str) -> Way | None:
        """The recorded state of an overlay that stands in a snapshot."""
        return next((way for way in self.manifest.ways.get(overlay, ()) if standing.all(way.inputs)), None)

    def expect(self, ways: Iterable[Way]) -> None:
        """Say that the results of these will be asked for: they may be far."""
        packs = {way.pack for way in ways if way.key not in self._pending}
        self.store.prefetch(RESULTS, [pack.partition("/")[2] for pack in sorted(packs) if pack.startswith(RESULTS)])

    def result(self, way: Way) -> RenderResult | None:
        """What was rendered; None where it is not kept any more."""
        entry = self._pending.get(way.key)
        if entry is not None:
            data = self.store.seal.open("result", way.key, entry)
        else:
            data = self.store.part(way.pack, way.key, way.offset, way.size)
        return None if data is None else _undo(data, way)

    def keep(self, result: RenderResult) -> Way | None:
        """Keep a result, where it is known what it depends on."""
        if not result.inputs or (isinstance(result, RenderFailed) and result.code in _PASSING):
            return None
        key = key_of(self.stamp, result.overlay, result.inputs)
        way = Way(
            result.overlay, key, result.inputs, *self._packed(key, _do(result)), isinstance(result, Rendered),
            *(("", "") if isinstance(result, Rendered) else (result.code, result.message)), result.seconds, _hour(),
        )  # fmt: skip
        known = Manifest(ways={way.overlay: [way]})
        self.manifest.add(known)
        self._learned.add(known)
        return way

    def _packed(self, key: str, data: bytes) -> tuple[str, int, int]:
        """Add a result to a pack: which one, and where it stands in it."""
        kind = PRIVATE if _SECRET.search(data) else RESULTS
        entry = self._pending[key] = self.store.seal.close("result", key, data)
        head = frame(key, entry)
        offset = self._sizes[kind] + len(head)
        self._packs[kind] += (head, entry)
        self._sizes[kind] = offset + len(entry)
        return f"{kind}/{self._name}", offset, len(entry)

    def verdict(self, way: Way, context: str) -> tuple[Verdict, ...]:
        """What was found in an overlay in this state, in this context."""
        return tuple(v for v in self.manifest.verdicts.get(way.key, ()) if v.context == context)

    def conclude(self, verdict: Verdict) -> None:
        """Keep a verdict."""
        known = Manifest(verdicts={verdict.way: [verdict]})
        self.manifest.add(known)
        self._learned.add(known)

    def learn(self, facts: dict[str, tuple[str, Facts]]) -> None:
        """Keep facts of kustomization files."""
        self.manifest.facts |= facts
        self._learned.facts |= facts

    def flush(self) -> None:
        """Write what was learned since the last time. Of many segments, one is made."""
        if self._learned:
            self._write()
        self.store.send()

    def _write(self) -> None:
        for kind, parts in self._packs.items():
            if parts:
                self.store.put_sealed(kind, self._name, b"".join(parts))
        many = len(self._segments) >= _MANY
        said = self.manifest.pruned(_hour()) if many else self._learned
        key = f"{self._folder}/{self._name}"
        self.store.put(MANIFEST, key, dump(said))
        if many:
            for old in self._segments:
                self.store.drop(MANIFEST, old)
            self._segments = ()
        self._segments = (*self._segments, key)
        self._begin()


def _hour() -> int:
    return int(time.time()) // 3600


def _do(result: RenderResult) -> bytes:
    if isinstance(result, Rendered):
        lacks = [[*(o.where.path, o.where.line, o.where.column), o.role, o.kind, o.makes, o.why] for o in result.opaque]
        head = json.dumps(
            {"warnings": result.warnings}
            | ({"opaque": lacks} if lacks else {})
            | ({"added": result.added} if result.added else {})
        )
        return f"{head}\n{result.text}".encode("utf-8", "surrogatepass")
    place = result.at
    at = None if place is None else [place.path, place.line, place.column]
    return json.dumps({"code": result.code, "message": result.message, "at": at}).encode() + b"\n"


def _undo(data: bytes, way: Way) -> RenderResult | None:
    line, _, text = data.partition(b"\n")
    head = json.loads(line)
    if way.built:
        said = text.decode("utf-8", "surrogatepass")
        lacks = tuple(
            Opaque(Where(*at), role, kind, tuple(makes), why) for *at, role, kind, makes, why in head.get("opaque", ())
        )
        added = tuple(Added(*row) for row in head.get("added", ()))
        warned = tuple(head["warnings"])
        return Rendered(way.overlay, said, warned, way.inputs, way.seconds, recalled=True, opaque=lacks, added=added)
    at = Where(*head["at"]) if head["at"] else None
    return RenderFailed(way.overlay, head["code"], head["message"], at, way.inputs, way.seconds, recalled=True)
