"""What can be made again, kept on this disk: an entry is whole or absent, and verified whenever it is read.

The cache never fails a job: what can't be read is not there, what can't be written is not kept, and `trouble`
says why. Entries may hold rendered Secrets, so that nobody but their owner may read them.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from fairlead.doors.places import cache_folder
from fairlead.model.values import dataclass

FORM = "v1"  # raised with every change that an older fairlead would misread
SECRET = "FAIRLEAD_CACHE_SECRET"
SIZE = "FAIRLEAD_CACHE_SIZE"
PACKS = ("results", "private")
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is fairlead's cache. Deleting it loses nothing.\n"
_MAGIC = b"fairlead"
_DEFAULT_SIZE = 1 << 30
_UNITS = {"k": 10, "m": 20, "g": 30, "t": 40}
_TRIM_AFTER = 3600.0  # seconds between two looks at the size of it all
_YOUNG = 86400.0  # seconds in which a use is not noted again


@dataclass(frozen=True)
class Usage:
    """How much is kept: entries and bytes by kind, and the size at which the oldest go."""

    entries: dict[str, int]
    sizes: dict[str, int]
    limit: int

    @property
    def size(self) -> int:
        """All bytes."""
        return sum(self.sizes.values())


class Seal:
    """What proves that an entry is what was written under its name: a digest, keyed where there is a secret."""

    def __init__(self, secret: str | None = None) -> None:
        self._secret = (os.environ.get(SECRET, "") if secret is None else secret).encode()

    def close(self, kind: str, key: str, data: bytes) -> bytes:
        """An entry's bytes: a line that proves what follows, and the data, compressed."""
        body = zlib.compress(data, 1)
        return b"%s %s %s\n%s" % (_MAGIC, FORM.encode(), self._proof(kind, key, body), body)

    def open(self, kind: str, key: str, entry: bytes) -> bytes | None:
        """The data; None where the entry is torn, was changed, or belongs under another name."""
        head, _, body = entry.partition(b"\n")
        words = head.split(b" ")
        if len(words) != 3 or words[:2] != [_MAGIC, FORM.encode()]:
            return None
        if not hmac.compare_digest(words[2], self._proof(kind, key, body)):
            return None
        try:
            return zlib.decompress(body)
        except zlib.error:
            return None

    def _proof(self, kind: str, key: str, body: bytes) -> bytes:
        named = f"{FORM} {kind} {key}\n".encode() + body
        if self._secret:
            return hmac.new(self._secret, named, hashlib.sha256).hexdigest().encode()
        return hashlib.sha256(named).hexdigest().encode()


def frame(key: str, entry: bytes) -> bytes:
    """What stands before an entry in a pack: many entries in one file, for making a file costs more than writing it."""
    return b"%s %d\n" % (key.encode(), len(entry))


def frames(pack: bytes) -> Iterator[tuple[str, bytes]]:
    """The entries of a pack by their keys; what is torn ends it with an empty entry."""
    at = 0
    while at < len(pack):
        end = pack.find(b"\n", at)
        key, _, size = pack[at:end].partition(b" ")
        if end < 0 or not size.isdigit():
            yield "", b""
            return
        at = end + 1 + int(size)
        yield key.decode("ascii", "replace"), pack[end + 1 : at]


class Store:
    """Entries by kind and key (letters, digits, dots, dashes and slashes) below one folder."""

    def __init__(self, root: Path | None = None, *, seal: Seal | None = None) -> None:
        self.root = cache_folder() if root is None else root
        self.seal = seal or Seal()
        self.trouble = ""
        self.damaged = 0
        self._made: set[Path] = set()
        self._written = 0

    @property
    def folder(self) -> Path:
        """Where this form's entries lie."""
        return self.root / FORM

    def _place(self, kind: str, key: str) -> Path:
        return self.folder / kind / (key if "/" in key else f"{key[:2]}/{key}")

    def get(self, kind: str, key: str) -> bytes | None:
        """An entry's data; None where there is none. A damaged one is removed."""
        place = self._place(kind, key)
        try:
            entry = place.read_bytes()
        except OSError:
            return None
        data = self.seal.open(kind, key, entry)
        if data is None:
            self.damaged += 1
            with suppress(OSError):
                place.unlink()
            return None
        self._use(place)
        return data

    def part(self, pack: str, key: str, offset: int, size: int) -> bytes | None:
        """The data of an entry in a pack; None where there is none. A pack in which one is damaged is removed."""
        kind, _, name = pack.partition("/")
        place = self._place(kind, name)
        try:
            with place.open("rb") as file:
                file.seek(offset)
                entry = file.read(size)
        except OSError:
            return None
        data = self.seal.open("result", key, entry)
        if data is None:
            self.damaged += 1
            self.drop(kind, name)
            return None
        self._use(place)
        return data

    def _use(self, place: Path) -> None:
        """Note that it was used: the least recently used go first."""
        with suppress(OSError):
            if time.time() - place.stat().st_mtime > _YOUNG:
                os.utime(place)

    def has(self, kind: str, key: str) -> bool:
        """Whether there is an entry, sound or not."""
        return self._place(kind, key).is_file()

    def prefetch(self, kind: str, keys: Iterable[str]) -> None:
        """Say that these will be asked for; here they are at hand."""

    def put(self, kind: str, key: str, data: bytes) -> None:
        """Keep an entry, if that can be done."""
        self.put_sealed(kind, key, self.seal.close(kind, key, data))

    def put_sealed(self, kind: str, key: str, entry: bytes) -> None:
        """Keep an entry that was sealed already: it came from another store."""
        if self.trouble:
            return
        place = self._place(kind, key)
        beside = place.with_name(f".{place.name[:40]}.{os.getpid()}.{time.monotonic_ns():x}")
        try:
            self._make(place.parent)
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
                file.write(entry)
            beside.replace(place)
            self._written += len(entry)
        except OSError as error:
            self.trouble = f"{self.folder}: {error.strerror or error}"
            with suppress(OSError):
                beside.unlink()

    def _make(self, folder: Path) -> None:
        if folder in self._made:
            return
        if not self.folder.is_dir():
            self.folder.mkdir(0o700, parents=True, exist_ok=True)
            (self.folder / "CACHEDIR.TAG").write_text(_TAG, encoding="utf-8")  # backups pass it by
        folder.mkdir(0o700, parents=True, exist_ok=True)
        self._made.add(folder)

    def send(self) -> None:
        """Say that a job is done; what was put is kept already."""

    def drop(self, kind: str, key: str) -> None:
        """Remove an entry, if it is there."""
        with suppress(OSError):
            self._place(kind, key).unlink()

    def keys(self, kind: str, below: str) -> tuple[str, ...]:
        """The keys of a kind below a folder of keys, sorted."""
        try:
            names = os.listdir(self.folder / kind / below)  # noqa: PTH208  names, not paths
        except OSError:
            return ()
        return tuple(f"{below}/{name}" for name in sorted(names) if not name.startswith("."))

    # ── looking after it ──

    def _entries(self) -> Iterator[tuple[str, str, Path, os.stat_result]]:
        """Kind, key, file and facts of each entry, and with an empty key of each file that a crash has left."""
        for folder, _, names in os.walk(self.folder):
            kind, _, deeper = Path(folder).relative_to(self.folder).as_posix().partition("/")
            for name in names:
                place = Path(folder, name)
                try:
                    facts = place.stat()
                except OSError:
                    continue
                if kind != ".":
                    short = len(deeper) == 2 and name.startswith(deeper)
                    yield kind, "" if name.startswith(".") else name if short else f"{deeper}/{name}", place, facts

    def usage(self) -> Usage:
        """How much is kept."""
        entries: dict[str, int] = {}
        sizes: dict[str, int] = {}
        for kind, key, _, facts in self._entries():
            entries[kind] = entries.get(kind, 0) + bool(key)
            sizes[kind] = sizes.get(kind, 0) + facts.st_size
        return Usage(entries, sizes, limit())

    def verify(self) -> tuple[int, int]:
        """Read every entry: how many were whole, and how many were damaged and have been removed, with their pack."""
        whole = bad = 0
        for kind, key, place, _ in self._entries():
            if not key:
                continue
            try:
                data = place.read_bytes()
            except OSError:
                data = b""
            found = [("result", *row) for row in frames(data)] if kind in PACKS else [(kind, key, data)]
            sound = [self.seal.open(*row) is not None for row in found]
            whole += sum(sound)
            if not all(sound):
                bad += len(sound) - sum(sound)
                with suppress(OSError):
                    place.unlink()
        return whole, bad

    def clear(self) -> int:
        """Remove all that is ours; how many bytes that were."""
        size = self.usage().size
        if (self.folder / "CACHEDIR.TAG").is_file():  # a person may have named any folder
            for place in (self.root / "remotes", self.folder):
                if not place.is_symlink():
                    shutil.rmtree(place, ignore_errors=True)
        self._made.clear()
        return size

    def trim(self) -> None:
        """Where the store may have grown too large, remove what was not used for longest. Call it after a job."""
        stamp = self.folder / ".trimmed"
        if self.trouble or not self._written:
            return
        try:
            fresh = time.time() - stamp.stat().st_mtime < _TRIM_AFTER
        except OSError:
            fresh = False
        if fresh and self._written < limit() // 20:
            return
        with suppress(OSError):
            stamp.touch()
            self._shrink(limit())

    def _shrink(self, size: int) -> None:
        rows = sorted((facts.st_mtime, facts.st_size, place) for _, _, place, facts in self._entries())
        total = sum(row[1] for row in rows)
        if total <= size:
            return
        for _, taken, place in rows:
            if total <= size * 4 // 5:  # some room, so that this is not done at every turn
                break
            with suppress(OSError):
                place.unlink()
                total -= taken


def limit() -> int:
    """The size in bytes at which the oldest entries go: `FAIRLEAD_CACHE_SIZE` (500M, 2G), else 1 GiB."""
    text = os.environ.get(SIZE, "").strip().lower().removesuffix("b").removesuffix("i")
    number, unit = (text[:-1], _UNITS[text[-1]]) if text[-1:] in _UNITS else (text, 0)
    return int(number) << unit if number.strip().isdigit() else _DEFAULT_SIZE
