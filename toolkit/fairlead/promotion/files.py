"""Files on one side only: offered together with the entry that names them, never without one.

The source's file comes into the target as it is. A file that nothing names would do nothing there, so it is only
told. The target's file may go where the ledger knows that it was carried there, and the source has let go of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from textwrap import dedent

from fairlead.edit.nodes import parse, parse_text, scalars
from fairlead.model.changes import DropFile, Edit, NewFile
from fairlead.model.errors import SyntaxProblem
from fairlead.model.findings import Where
from fairlead.model.overlays import Overlay
from fairlead.model.plan import FieldClass, Move, Verdict
from fairlead.model.snapshot import SYMLINK, Snapshot, join
from fairlead.model.values import dataclass
from fairlead.promotion.carriers.secrets import is_sealed
from fairlead.promotion.compare import Bases, by_rules
from fairlead.promotion.lones import brief_text, holds_secret
from fairlead.promotion.views import Claim, Surroundings
from fairlead.promotion.words import names_environment
from fairlead.repo.layout import KUSTOMIZATION_NAMES

YAML = (".yaml", ".yml", ".json")
_LARGEST = 1024 * 1024
_COMING = Claim("files", FieldClass.OFFERED, "only the source has this file", "", "(file)", None)
_FOREIGN = "it names the source"
_ENCRYPTED = re.compile(rb"\bENC\[AES256_GCM,|-----BEGIN [A-Z ]*(?:PRIVATE KEY|PGP MESSAGE)|age-encryption\.org/v1")


@dataclass(frozen=True, slots=True)
class Folders:
    """Both overlays' files: what is only there (relative to the overlay), and what is known."""

    snapshot: Snapshot
    source: Overlay
    target: Overlay
    around: Surroundings
    bases: Bases
    coming: tuple[str, ...]
    going: tuple[str, ...]

    def there(self, name: str) -> str:
        """A file's path in the target."""
        return f"{self.target.path}/{name}"

    def here(self, name: str) -> str:
        """A file's path in the source."""
        return f"{self.source.path}/{name}"

    def blocked(self, name: str) -> bool:
        """Whether the target has a folder where a file should come, or a file where its folder should be."""
        parts = self.there(name).split("/")
        above = ("/".join(parts[:size]) for size in range(1, len(parts)))
        return self.snapshot.is_dir(self.there(name)) or any(self.snapshot.entry(path) is not None for path in above)


def with_files(moves: Iterable[Move], folders: Folders) -> tuple[Move, ...]:
    """The moves, those that name a file taking it along, and one for each file that is on one side only."""
    if not folders.coming and not folders.going:
        return tuple(moves)
    found = _Coming(folders)
    known = _named_there(folders)
    out = [found.with_files(move) for move in moves]
    ends = [found.move(name, named=name in known) for name in folders.coming]
    going = _Going(folders, known)
    for move in out:
        going.look(move)
    return (*out, *(going.move(name) for name in folders.going), *ends)


class _Coming:
    """Files that only the source has."""

    def __init__(self, folders: Folders) -> None:
        self._folders = folders
        self._namers: dict[str, list[Edit]] = {}
        self._moves: dict[str, Move] = {}
        self._secrets = _read_as_secrets(folders)

    def with_files(self, move: Move) -> Move:
        """A move with the files that its new text names; without edits where one of them must not come.

        An entry leaves them to the moves of the files, which take it along: so each file is in the plan but once.
        """
        edits = [c for c in move.changes if isinstance(c, Edit) and _is_kustomization(c.path)]
        names: set[str] = set()
        for edit in edits:
            folder = edit.path[len(self._folders.target.path) + 1 :].rpartition("/")[0]
            names |= self._reach(folder, fragment_words(edit.new))
        if not names:
            return move
        files = [self._judged(name) for name in sorted(names)]
        barred = next((f for f in files if f.verdict in (Verdict.KEEP, Verdict.CONFLICT) or not f.changes), None)
        if barred is not None:
            verdict = Verdict.KEEP if barred.verdict is Verdict.KEEP else Verdict.OFFER
            return replace(move, changes=(), verdict=verdict, reason=f"it names {barred.field}: {barred.reason}")
        for name in names:
            self._namers.setdefault(name, []).extend(edits)
        changes = move.changes
        if move.carrier != "entries":
            changes = (*changes, *(c for f in files for c in f.changes))
        foreign = next((f for f in files if _FOREIGN in f.reason), None)
        if foreign is not None and move.verdict is Verdict.PROMOTE:
            reason = f"{move.reason}; {foreign.field}: {foreign.reason}"
            return replace(move, changes=changes, verdict=Verdict.OFFER, reason=reason)
        return replace(move, changes=changes)

    def _reach(self, folder: str, words: Iterable[str]) -> set[str]:
        """The files that words of a kustomization lead to, and those that these lead to."""
        found: set[str] = set()
        waiting = [(folder, word) for word in words]
        while waiting:
            base, word = waiting.pop()
            path = join(base, word) if word and not word.startswith("/") else None
            for name in self._folders.coming if path else ():
                if name in found or (name != path and not name.startswith(f"{path}/")):
                    continue
                found.add(name)
                if _is_kustomization(name):
                    inner = name.rpartition("/")[0]
                    waiting += [(inner, w) for w in fragment_words(self._read(name))]
        return found

    def _read(self, name: str) -> bytes:
        return self._folders.snapshot.read(self._folders.here(name))

    def _judged(self, name: str) -> Move:
        if name not in self._moves:
            self._moves[name] = self._judge(name)
        return self._moves[name]

    def move(self, name: str, *, named: bool) -> Move:
        """The file's own move."""
        wanted = name in self._namers or named
        if wanted or name in self._moves or (self._folders.there(name), "") in self._folders.bases:
            move = self._judged(name)
            if not move.changes:
                return move
            if wanted:
                return replace(move, changes=(*move.changes, *self._namers.get(name, ())))
        claim = by_rules(_COMING, "", (name,), self._folders.around)
        if claim.field_class is FieldClass.OWNED:
            return self._file(name, claim, Verdict.KEEP, claim.reason)
        return self._file(name, _COMING, Verdict.OFFER, f"{_COMING.reason}, and no entry names it")

    def _judge(self, name: str) -> Move:
        folders = self._folders
        here = folders.here(name)
        entry = folders.snapshot.entry(here)
        claim = _COMING
        assert entry is not None
        if entry.mode == SYMLINK:
            return self._file(name, claim, Verdict.OFFER, "a symbolic link is never copied")
        if folders.blocked(name):
            return self._file(name, claim, Verdict.OFFER, "the target has something else of this name")
        data = folders.snapshot.read(here)
        barred, foreign = looked_at(name, data, folders.around.foreign)
        if name in self._secrets:
            barred = "secrets belong to their environment"
        if barred:
            owned = replace(claim, field_class=FieldClass.OWNED)
            return self._file(name, owned, Verdict.KEEP if "secret" in barred else Verdict.OFFER, barred)
        base = folders.bases.get((folders.there(name), ""))
        if base is not None and base.carried == entry.oid:
            said = "taken back by" if base.taken_back else "the target has removed it since"
            return self._file(name, claim, Verdict.KEEP, f"{said} {base.told}")
        if base is not None and not base.taken_back:
            reason = f"the target has removed it since {base.told}, and the source has changed it"
            return self._file(name, claim, Verdict.CONFLICT, reason)
        claim = by_rules(claim, "", (name,), folders.around)
        verdict = {FieldClass.OWNED: Verdict.KEEP, FieldClass.VERSION: Verdict.PROMOTE}.get(
            claim.field_class, Verdict.OFFER
        )
        if verdict is Verdict.KEEP:
            return self._file(name, claim, verdict, claim.reason)
        if foreign:
            offered = replace(claim, field_class=FieldClass.OFFERED)
            moved = self._file(name, offered, Verdict.OFFER, f"{claim.reason}; {_FOREIGN}: {foreign[0][1]}")
        else:
            moved = self._file(name, claim, verdict, claim.reason)
        return replace(moved, changes=(NewFile(folders.there(name), data, entry.mode),))

    def _file(self, name: str, claim: Claim, verdict: Verdict, reason: str) -> Move:
        folders = self._folders
        return _move(name, claim, verdict, reason, Where(folders.here(name)), Where(folders.target.path))


class _Going:
    """Files that only the target has."""

    def __init__(self, folders: Folders, known: set[str]) -> None:
        self._folders = folders
        self._known = known
        self._namers: dict[str, list[Edit]] = {}

    def look(self, move: Move) -> None:
        """Take note of the removal of an entry: the files that it names go with it, if they go."""
        if move.new or move.verdict in (Verdict.KEEP, Verdict.CONFLICT):
            return
        for edit in (c for c in move.changes if isinstance(c, Edit) and _is_kustomization(c.path)):
            folder = edit.path[len(self._folders.target.path) + 1 :].rpartition("/")[0]
            for word in fragment_words(edit.old):
                name = join(folder, word) if word and not word.startswith("/") else None
                if name is not None:
                    self._namers.setdefault(name, []).append(edit)

    def _let_go(self, name: str) -> str:
        """By which act the file came that the source has let go of since; empty where that isn't known."""
        folders = self._folders
        base, entry = folders.bases.get((folders.there(name), "")), folders.snapshot.entry(folders.there(name))
        if base is None or entry is None or base.taken_back or base.held != entry.oid:
            return ""
        return base.told

    def _drop(self, name: str) -> DropFile:
        path = self._folders.there(name)
        entry = self._folders.snapshot.entry(path)
        assert entry is not None
        return DropFile(path, entry.oid)

    def move(self, name: str) -> Move:
        """The file's own move."""
        folders, told = self._folders, self._let_go(name)
        claim = Claim("files", FieldClass.OWNED, "only the target has this file", "(file)", "", None)
        here, there = Where(folders.here(name)), Where(folders.there(name))
        if not told:
            return _move(name, claim, Verdict.KEEP, claim.reason, here, there)
        reason = f"the source has removed it since {told}"
        claim = by_rules(replace(claim, field_class=FieldClass.OFFERED, reason=reason), "", (name,), folders.around)
        if claim.field_class is FieldClass.OWNED:
            return _move(name, claim, Verdict.KEEP, claim.reason, here, there)
        namers = self._namers.get(name, [])
        if not namers and name in self._known:
            return _move(name, claim, Verdict.OFFER, f"{reason}, but an entry still names it", here, there)
        verdict = Verdict.PROMOTE if claim.field_class is FieldClass.VERSION else Verdict.OFFER
        return replace(_move(name, claim, verdict, claim.reason, here, there), changes=(self._drop(name), *namers))


def _move(name: str, claim: Claim, verdict: Verdict, reason: str, here: Where, there: Where) -> Move:
    return Move(
        field=name, old=claim.old, new=claim.new, field_class=claim.field_class, verdict=verdict, reason=reason,
        carrier=claim.carrier, changes=(), stands_at=here, at=there,
    )  # fmt: skip


def _named_there(folders: Folders) -> set[str]:
    """The one-sided files that the target's kustomizations name already."""
    lone, found = {*folders.coming, *folders.going}, set()
    for path in folders.snapshot.files(folders.target.path):
        if _is_kustomization(path):
            folder = path[len(folders.target.path) + 1 :].rpartition("/")[0]
            for word in fragment_words(folders.snapshot.read(path)):
                name = join(folder, word) if word and not word.startswith("/") else None
                whole = name and _whole(name, lone)
                found |= {one for one in lone if one == name or (whole and one.startswith(f"{name}/"))}
    return found


def _read_as_secrets(folders: Folders) -> set[str]:
    """The files that a secretGenerator of either side reads."""
    found = set()
    for root in (folders.source.path, folders.target.path):
        for path in folders.snapshot.files(root) if folders.coming else ():
            data = folders.snapshot.read(path) if _is_kustomization(path) else b""
            if b"secretGenerator" in data:
                folder = path[len(root) + 1 :].rpartition("/")[0]
                found |= {join(folder, word) for word in _generated(data) if word and not word.startswith("/")}
    return {name for name in found if name is not None}


def _generated(data: bytes) -> Iterable[str]:
    try:
        body = parse(data).first()
    except SyntaxProblem:
        return ()
    node = body.get("secretGenerator") if body is not None else None
    return (leaf.value.rpartition("=")[2] for leaf in scalars(node))


def _whole(folder: str, lone: set[str]) -> bool:
    """Whether a folder is on one side as a whole, its kustomization included."""
    return any(f"{folder}/{name}" in lone for name in KUSTOMIZATION_NAMES)


def _is_kustomization(path: str) -> bool:
    return path.rpartition("/")[2] in KUSTOMIZATION_NAMES


def fragment_words(data: bytes) -> tuple[str, ...]:
    """The values that a piece of a kustomization holds, `KEY=` left out: what may be the name of a file."""
    text = dedent(data.decode("utf-8-sig", "replace")).strip().strip(",")
    try:
        stream = parse_text(text)
    except SyntaxProblem:
        return ()
    leaves = (leaf.value for document in stream.documents for leaf in scalars(document) if "\n" not in leaf.value)
    return tuple(leaf.partition("=")[2] or leaf for leaf in leaves)


def looked_at(name: str, data: bytes, words: tuple[str, ...]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Why a file must not be copied, and what in it names the source environment, by line; 0 is the file's name."""
    if len(data) > _LARGEST:
        return "it is too large to be copied", ()
    if _ENCRYPTED.search(data):
        return "secrets belong to their environment", ()
    if not name.endswith(YAML):
        return "", _naming([(0, name), *enumerate(data.decode("utf-8", "replace").splitlines(), 1)], words)
    try:
        stream = parse(data, name)
    except SyntaxProblem as problem:
        return f"it can't be read ({problem.message}): copy it by hand", ()
    if is_sealed(stream) or any(d is not None and holds_secret(d, stream.text) for d in stream.documents):
        return "secrets belong to their environment", ()
    leaves = [(leaf.line, leaf.value) for document in stream.documents for leaf in scalars(document)]
    lines = [(at + n, line) for at, value in leaves for n, line in enumerate(value.splitlines())]
    return "", _naming([(0, name), *lines], words)


def _naming(texts: Iterable[tuple[int, str]], words: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    return tuple((line, brief_text(text)) for line, text in texts if names_environment(text, words))


Reader = Callable[[str], bytes | None]


def copied(read: Reader, moves: Iterable[Move]) -> bool:
    """Whether each file that moves bring is the source's, byte for byte, and each that goes is gone there."""
    chosen = list(moves)
    own = {change: move.stands_at.path for move in chosen if move.carrier == "files" for change in move.changes}
    for move in chosen:
        for change in move.changes:
            if isinstance(change, Edit) or move.carrier not in ("files", "entries"):
                continue
            place = own.get(change, "")
            found = read(place) if place else None
            if isinstance(change, NewFile) and found != change.data:
                return False
            if isinstance(change, DropFile) and (not place or found is not None):
                return False
    return True
