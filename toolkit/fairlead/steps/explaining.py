"""Why a field is promoted, offered or kept: the rule that decided, the base, and how the field came to be so."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.edit.nodes import Scalar
from fairlead.model.errors import SyntaxProblem
from fairlead.model.findings import Where
from fairlead.model.history import Record
from fairlead.model.overlays import Overlay
from fairlead.model.plan import AppMoves, Hop, Move, Unit
from fairlead.model.values import dataclass
from fairlead.promotion.compare import Base
from fairlead.promotion.fields import leaf_at, leaves
from fairlead.promotion.files import YAML
from fairlead.promotion.overlays import own_files
from fairlead.promotion.rules import Rule, speaking
from fairlead.promotion.words import neutral
from fairlead.steps.chronicle import Chronicle

_EVENTS = 8  # of one environment
_SECRET = "secrets"  # the carrier whose values are shown to nobody


@dataclass(frozen=True)
class Event:
    """A change of one field in one environment; a value is empty where the field wasn't there."""

    env: str
    record: Record
    before: str
    after: str


@dataclass(frozen=True)
class Explanation:
    """Everything that is known of one difference.

    `rules` are the patterns of fairlead.yaml that speak of it, the one that decided first. `base` is what was
    last carried into it, None where nothing ever was. `unit` is what it goes with, None where it can only be told.
    `events` are its changes in the target and the source, newest first.
    """

    app: str
    source: str
    target: str
    move: Move
    rules: tuple[Rule, ...] = ()
    base: Base | None = None
    unit: Unit | None = None
    events: tuple[Event, ...] = ()


def explain(chronicle: Chronicle, hop: Hop, moves: AppMoves, move: Move) -> Explanation:
    """Look up the story of one difference of a plan."""
    name = move.field.partition(": ")[2]
    rules = speaking(chronicle.environments.config.promote, (move.field,), moves.app, hop.target)
    base = chronicle.bases(moves.app, hop.source, hop.target).get((move.at.path, name))
    events: tuple[Event, ...] = ()
    if move.carrier != _SECRET and name:
        sides = {hop.target: move.at.path, hop.source: move.stands_at.path}
        events = tuple(_events(chronicle, moves.app, sides, name, chronicle.words(hop.source, hop.target)))
    return Explanation(
        app=moves.app,
        source=hop.source,
        target=hop.target,
        move=move,
        rules=() if move.carrier == _SECRET else rules,
        base=None if move.carrier == _SECRET else base,
        unit=next((u for u in moves.units if move in u.moves), None),
        events=events,
    )


def _events(
    chronicle: Chronicle, app: str, sides: dict[str, str], field: str, words: tuple[str, ...]
) -> Iterator[Event]:
    """The changes of a field in two environments, `sides` being their files; newest first, not too many."""
    repo, layout = chronicle.world.git, chronicle.environments.layout
    left = dict.fromkeys(sides, _EVENTS)
    for record in chronicle.history(o.path for env in sides for o in layout.find(app, env)).records:
        path = sides.get(record.target, "")
        if record.app != app or path not in record.paths or not left[record.target]:
            continue
        after = _value(repo.read_file(record.commit, path), field, words)
        before = _value(repo.read_file(record.parent, path) if record.parent else None, field, words)
        if before != after:
            yield Event(record.target, record, before, after)
            left[record.target] -= 1


def _value(data: bytes | None, field: str, words: tuple[str, ...]) -> str:
    try:
        leaf = leaf_at(data, field, words) if data is not None else None
    except SyntaxProblem:
        return ""
    return leaf.value if leaf is not None else ""


@dataclass(frozen=True)
class Settled:
    """A field that is the same on both sides: nothing to promote."""

    app: str
    source: str
    target: str
    field: str
    value: str
    stands_at: Where
    at: Where


def settled(chronicle: Chronicle, hop: Hop, moves: AppMoves) -> Iterator[Settled]:
    """The fields of an app that are equal in source and target, of the overlays' own YAML files."""
    here = chronicle.environments
    words = chronicle.words(hop.source, hop.target)
    others = tuple(sorted(o.path for o in here.layout.overlays))
    differing = {m.field for m in (*moves.chosen(), *moves.held)}
    for mine, theirs in here.layout.counterparts(moves.app, hop.source, hop.target):
        if mine is None:
            continue
        source = {
            neutral(f"{file}: {name}", words): (leaf.value, where)
            for file, name, leaf, where in _fields(chronicle, mine, others)
        }
        for file, name, leaf, where in _fields(chronicle, theirs, others):
            field = f"{file}: {name}"
            twin = source.get(neutral(field, words))
            if twin is not None and twin[0] == leaf.value and field not in differing:
                yield Settled(moves.app, hop.source, hop.target, field, leaf.value, twin[1], where)


def _fields(
    chronicle: Chronicle, overlay: Overlay, others: tuple[str, ...]
) -> Iterator[tuple[str, str, Scalar, Where]]:
    """File, name, leaf and place of the fields of an overlay's own files; what may be a secret is not among them."""
    snapshot = chronicle.environments.snapshot
    for file in own_files(snapshot, overlay, others):
        path = f"{overlay.path}/{file}"
        data = snapshot.read(path) if file.endswith(YAML) else b""
        if b"Secret" in data or b"sops:" in data:
            continue
        try:
            found = leaves(data)
        except SyntaxProblem:
            continue
        for name, leaf in found.items():
            if not name.startswith("secretGenerator"):
                yield file, name, leaf, Where(path, leaf.line, leaf.column)
