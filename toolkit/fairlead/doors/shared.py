"""A cache that several machines share, behind the one on this disk: an address that fsspec understands.

It holds the same entries, sealed the same way, but for what is of this machine alone. Like the cache itself it never
fails a job: after the first trouble it is left alone.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from fairlead.doors.store import FORM, Seal, Store

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

VARIABLE = "FAIRLEAD_SHARED_CACHE"
KINDS = ("results", "manifest")  # the others are about this machine
_PATIENCE = 30.0  # seconds for one exchange, however many entries it is about
T = TypeVar("T")


class SharedStore:
    """Meets `render.memory.Entries`. What is put is sent by `send`, at the end of a job."""

    def __init__(self, local: Store, url: str) -> None:
        self.local = local
        self.url = url
        self.told = ""
        self._files: AbstractFileSystem | None = None
        self._root = ""
        self._waiting: dict[str, bytes] = {}

    @property
    def trouble(self) -> str:
        """Why nothing is kept, here or there."""
        return "; ".join(text for text in (self.local.trouble, self.told) if text)

    def _place(self, kind: str, key: str) -> str:
        return f"{self._root}/{FORM}/{kind}/{key if '/' in key else f'{key[:2]}/{key}'}"

    # ── what Entries asks for ──

    def get(self, kind: str, key: str) -> bytes | None:
        """An entry's data, from here or from there."""
        found = self.local.get(kind, key)
        if found is None and kind in KINDS:
            self.prefetch(kind, (key,))
            found = self.local.get(kind, key)
        return found

    @property
    def seal(self) -> Seal:
        """What proves entries."""
        return self.local.seal

    def part(self, pack: str, key: str, offset: int, size: int) -> bytes | None:
        """The data of an entry in a pack, which is brought here whole."""
        kind, _, name = pack.partition("/")
        if kind in KINDS:
            self.prefetch(kind, (name,))
        return self.local.part(pack, key, offset, size)

    def prefetch(self, kind: str, keys: Iterable[str]) -> None:
        """Bring entries here that are only there, all at once; what is damaged is not taken."""
        missing = [key for key in keys if not self.local.has(kind, key)]
        if not missing or not self._connect():
            return
        known = {self._place(kind, key): key for key in missing}
        # Of one path some file systems answer with the bytes alone.
        got = self._try(lambda files: files.cat([*known, *known][: max(2, len(known))], on_error="omit"))
        for place, entry in (got or {}).items():
            key = known[place]
            # The entries of a pack prove themselves, one by one, when they are asked for.
            if kind == "results" or self.seal.open(kind, key, entry) is not None:
                self.local.put_sealed(kind, key, entry)
            else:
                self.local.damaged += 1

    def put(self, kind: str, key: str, data: bytes) -> None:
        """Keep an entry here, and remember to send it."""
        self.put_sealed(kind, key, self.seal.close(kind, key, data))

    def put_sealed(self, kind: str, key: str, entry: bytes) -> None:
        """Keep bytes that prove themselves here, and remember to send them."""
        self.local.put_sealed(kind, key, entry)
        if kind in KINDS:
            self._waiting[f"{kind}/{key if '/' in key else f'{key[:2]}/{key}'}"] = entry

    def drop(self, kind: str, key: str) -> None:
        """Remove an entry here and there."""
        self.local.drop(kind, key)
        if kind in KINDS and self._connect():
            self._try(lambda files: files.rm_file(self._place(kind, key)))

    def keys(self, kind: str, below: str) -> tuple[str, ...]:
        """The keys below a folder of keys, here and there."""
        found = set(self.local.keys(kind, below))
        if kind in KINDS and self._connect():
            place = f"{self._root}/{FORM}/{kind}/{below}"
            names = self._try(lambda files: _names(files, place)) or ()
            found |= {f"{below}/{name}" for name in names}
            self.prefetch(kind, found)
        return tuple(sorted(found))

    def send(self) -> None:
        """Send what was put since the last time."""
        if self._waiting and self._connect():
            said = {f"{self._root}/{FORM}/{name}": entry for name, entry in self._waiting.items()}
            self._try(lambda files: files.pipe(said), writing=True)
        self._waiting.clear()

    # ── the way there ──

    def _connect(self) -> bool:
        if self._files is not None:
            return not self.told
        if self.told:
            return False
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            self.told = (
                f"{VARIABLE} needs fsspec, and the package for its kind of storage: pip install fairlead[shared]"
            )
            return False
        # An instance of our own: its listings and its settings are nobody else's.
        options = {"skip_instance_cache": True}
        if "://" not in self.url or self.url.startswith("file:"):
            options["auto_mkdir"] = True
        found = self._try(lambda _: url_to_fs(self.url, use_listings_cache=False, **options), writing=True)
        if found is None:
            return False
        self._files, root = found
        self._root = root.rstrip("/")
        return True

    def _try(self, job: Callable[[Any], T], *, writing: bool = False) -> T | None:
        """Do it within the time; whatever goes wrong is told once, and ends the sharing.

        What isn't there is no trouble, but for one who is writing.
        """
        if self.told:
            return None
        answer: SimpleQueue[tuple[T | None, str]] = SimpleQueue()

        def run() -> None:
            try:
                answer.put((job(self._files), ""))
            except FileNotFoundError as error:
                answer.put((None, f"there is no {error}" if writing else ""))
            except Exception as error:  # storage packages raise what they like
                answer.put((None, f"{type(error).__name__}: {error}"))

        # Not waited for at the end: a storage that doesn't answer must not hold the command up.
        threading.Thread(target=run, daemon=True, name="shared cache").start()
        try:
            done, told = answer.get(timeout=_PATIENCE)
        except Empty:
            done, told = None, f"no answer within {_PATIENCE:.0f} seconds"
        if told:
            self.told = f"the shared cache can't be used: {' '.join(told.split())[:300]}"
        return done


def _names(files: AbstractFileSystem, place: str) -> tuple[str, ...]:
    found = files.ls(place, detail=False)
    return tuple(path.rstrip("/").rpartition("/")[2] for path in found)
