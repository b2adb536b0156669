"""The history of the environments, put together: landings, the audit log, the forge's merges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field

from fairlead.ledger import audit, records
from fairlead.ledger.holds import Holds
from fairlead.ledger.holds import read as read_holds
from fairlead.ledger.records import Evidence
from fairlead.model.errors import SyntaxProblem
from fairlead.model.gates import Carried, Hold
from fairlead.model.history import History, Record, Verb
from fairlead.model.plan import AppMoves, Hop
from fairlead.model.pulls import Pull
from fairlead.model.values import dataclass
from fairlead.promotion.bases import Carriage, bases
from fairlead.promotion.compare import Base, Bases
from fairlead.promotion.fields import contains, is_below, leaves
from fairlead.promotion.lones import brief_text
from fairlead.promotion.words import neutral
from fairlead.steps import stages
from fairlead.steps.world import Environments, World

_FEW = 5


class _Late(Mapping[tuple[str, str], Base]):
    """Bases that are read when they are first looked at."""

    def __init__(self, read: Callable[[], Mapping[tuple[str, str], Base]]) -> None:
        self._read = read
        self._found: Mapping[tuple[str, str], Base] | None = None

    @property
    def _bases(self) -> Mapping[tuple[str, str], Base]:
        if self._found is None:
            self._found = self._read()
        return self._found

    def __getitem__(self, key: tuple[str, str]) -> Base:
        return self._bases[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._bases)

    def __len__(self) -> int:
        return len(self._bases)


@dataclass
class Chronicle:
    """The history of one branch, read once a command."""

    world: World
    environments: Environments
    pulls: tuple[Pull, ...] = ()
    _evidence: dict[str, Evidence] | None = None
    _histories: dict[tuple[str, ...], History] = field(default_factory=dict)
    _words: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    _holds: Holds | None = None
    many: bool = False  # whether most apps will be asked about

    def evidence(self) -> dict[str, Evidence]:
        """Landing -> who vouches for its time: the forge before the audit log, doing before seeing."""
        if self._evidence is None:
            found: dict[str, Evidence] = {}
            for entry in audit.entries(self.world.git):
                kind = "seen" if entry.verb == "seen" else "audit"
                actor = "" if kind == "seen" else entry.actor
                for commit in entry.commits:
                    if commit not in found or kind == "audit" or found[commit].kind == "seen":
                        found[commit] = Evidence(entry.at, kind, actor)
            for pull in self.pulls:
                if pull.merge_commit:
                    found[pull.merge_commit] = Evidence(pull.merged_at, "merge", pull.want.author)
            self._evidence = found
        return self._evidence

    @property
    def holds(self) -> Holds:
        """What rollbacks have left held."""
        if self._holds is None:
            self._holds = read_holds(self.world.git)
        return self._holds

    def held(self, app: str, target: str) -> tuple[Hold, ...]:
        """The holds on an app that count in an environment: left there, or in one that comes before it."""
        if not self.holds.standing:
            return ()
        config = self.environments.config
        over = [e.name for e in config.environments if target == e.name or target in config.downstream(e.name)]
        return self.holds.of(app, over)

    def history(self, under: Iterable[str] = ()) -> History:
        """Records, newest first, of all overlays or (at least) of some paths.

        Once for all is cheaper than many times for some: who has asked a few times is read everything.
        """
        if () in self._histories:
            return self._histories[()]
        key = tuple(sorted(under))
        if key not in self._histories and (self.many or len(self._histories) >= _FEW):
            key = ()
        if key not in self._histories:
            environments = self.environments
            self._histories[key] = records.read(
                self.world.git, environments.commit, environments.layout, self.evidence(), key
            )
        return self._histories[key]

    def expect_many(self) -> None:
        """Most apps will be asked about: begin to read the history of all."""
        self.many = True
        if () not in self._histories:
            self.world.git.begin_landings(self.environments.commit)

    def gaps(self) -> tuple[str, ...]:
        """What this clone can't know, without reading its history."""
        return records.gaps(self.world.git)

    def observe(self, under: Iterable[str] = ()) -> None:
        """Put on record, with today's time, what landed without anybody vouching for it."""
        unseen = tuple(dict.fromkeys(r.commit for r in self.history(under).records if not r.evidence))
        if unseen and audit.observe(self.world.git, unseen, self.world.run.clock.now(), self.world.actor):
            self._evidence = None
            self._histories.clear()

    def bases(self, app: str, source: str, target: str) -> dict[tuple[str, str], Base]:
        """The base of each field of an app in the target environment, as it is compared with the source."""
        paths = [o.path for o in self.environments.layout.find(app, target)]
        repo = self.world.git

        def carriages() -> Iterable[Carriage]:
            for record in self.history(paths).of(app, target):
                if record.verb not in (Verb.PROMOTE, Verb.ROLLBACK):
                    continue
                for path in record.paths:
                    after = repo.read_file(record.commit, path)
                    before = repo.read_file(record.parent, path) if record.parent else None
                    free = (app, target, record.hop_id) in self.holds.released
                    back = record.verb is Verb.ROLLBACK and not free
                    yield Carriage(path, before, after, tell(record), taken_back=back)

        return bases(carriages(), self.words(source, target))

    def late_bases(self, app: str, source: str, target: str) -> Bases:
        """The same, read when one of them is asked for: nobody asks for the base of what is the environment's own."""
        return _Late(lambda: self.bases(app, source, target))

    def carried(self, hop: Hop) -> tuple[Carried, ...]:
        """What the source environment knows of each value that a hop moves, as the branch stands now."""
        words = self.words(hop.source, hop.target)
        return tuple(
            c for moves in hop.apps for c in stages.carried(self.environments, hop, moves, self._carried, words)
        )

    def words(self, *names: str) -> tuple[str, ...]:
        """All words that stand for these environments."""
        if names not in self._words:
            layout, config = self.environments.layout, self.environments.config
            found = [w for n in names for w in config.environment(n).words]
            found += [w for o in layout.overlays if o.id.env in names for w in o.words]
            self._words[names] = tuple(dict.fromkeys(found))
        return self._words[names]

    def _carried(self, hop: Hop, moves: AppMoves) -> Iterable[Carried]:
        repo = self.world.git
        history = self.history([moves.source_path]).of(moves.app, hop.source)
        words = self.words(hop.source, hop.target)
        for move in moves.chosen():
            path, field_name = move.stands_at.path, move.field.partition(": ")[2]
            now = repo.read_file(self.environments.commit, path)
            held = holds(now, field_name, move.new, words)
            since, left, evidence, landing, taken_back, had_it = 0, 0, "", "", False, False
            for record in history:
                if path not in record.paths:
                    continue
                after = holds(repo.read_file(record.commit, path), field_name, move.new, words)
                before = (
                    holds(repo.read_file(record.parent, path), field_name, move.new, words) if record.parent else False
                )
                if after and not before:
                    had_it, landing = True, record.commit
                    since, evidence = (record.at, tell(record)) if record.evidence else (0, "")
                    break
                if before and not after:
                    left = record.at if record.evidence else 0
                    taken_back = taken_back or record.verb is Verb.ROLLBACK
            yield Carried(
                field=f"{moves.app}: {move.field}",
                value=move.new,
                holds=held,
                since=since,
                evidence=evidence,
                left_for_newer=had_it and not held and not taken_back,
                taken_back=taken_back and not held,
                left=0 if held else left,
                landing=landing,
            )


def holds(data: bytes | None, field_name: str, value: str, words: tuple[str, ...]) -> bool:
    """Whether a field of a file holds a value, alone or as a part (the tag of an image).

    An entry of several values, or a whole file, is held where it is there; no value where it isn't.
    """
    if data is None or not field_name:
        return (data is None) is (not value)
    try:
        found, name = leaves(data, words), neutral(field_name, words)
    except SyntaxProblem:
        return False
    leaf = found.get(name)
    if leaf is None or not value:
        there = leaf is not None and bool(leaf.value)
        return (there or any(is_below(field, name) for field in found)) is bool(value)
    return brief_text(leaf.value) == value or contains(leaf.value, value.rpartition(": ")[2])


def tell(record: Record) -> str:
    """A record in a few words: `the promotion staging -> production in 1a2b3c4d`."""
    short = record.commit[:8]
    if record.verb is Verb.PROMOTE:
        return f"the promotion {record.source} -> {record.target} in {short}"
    if record.verb is Verb.ROLLBACK:
        return f"the rollback of {record.target} in {short}"
    if record.verb is Verb.BACKPORT:
        return f"the back-port {record.source} -> {record.target} in {short}"
    if record.verb is Verb.SET:
        return f"fairlead set in {short}"
    return f"a change that nobody promoted in {short}"
