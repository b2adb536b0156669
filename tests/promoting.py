"""Two files in memory, compared as a promotion compares them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fairlead.edit.splice import verified
from fairlead.model.changes import Edit
from fairlead.model.findings import Where
from fairlead.model.plan import AppMoves, FieldClass, Hop, Move, Plan, Unit, Verdict
from fairlead.promotion.compare import Bases, FilePair, compare
from fairlead.promotion.views import Keeper, Surroundings
from fairlead.repo.config import PromoteRules

WORDS = ("dev", "staging", "production", "prod")
FILE = "apps/web/overlays/production/kustomization.yaml"
SHA = "0123456789abcdef" * 4


def around(
    rules: PromoteRules | None = None,
    *,
    app: str = "web",
    env: str = "production",
    words: tuple[str, ...] = WORDS,
    keepers: Callable[[str], tuple[Keeper, ...]] = lambda _path: (),
) -> Surroundings:
    """What carriers may know."""
    return Surroundings(app, env, words, rules or PromoteRules(), keepers)


def moves(source: str, target: str, where: Surroundings | None = None, bases: Bases | None = None) -> tuple[Move, ...]:
    """All moves of a pair of files."""
    path = "apps/web/overlays/staging/kustomization.yaml"
    pair = FilePair(path, FILE, source.encode(), target.encode(), "kustomization.yaml")
    return compare(pair, where or around(), bases)


def told(found: Iterable[Move]) -> list[str]:
    """Moves as `verdict field: old -> new`, the file left out."""
    return [f"{m.verdict} {m.field.partition(': ')[2]}: {m.old} -> {m.new}" for m in found]


def the_move(source: str, target: str, where: Surroundings | None = None, bases: Bases | None = None) -> Move:
    """The one move of a pair of files."""
    (move,) = moves(source, target, where, bases)
    return move


def judged(source: str, target: str, where: Surroundings | None = None) -> tuple[str, str, str]:
    """(carrier, class, verdict) of the one difference."""
    move = the_move(source, target, where)
    return move.carrier, str(move.field_class), str(move.verdict)


def applied(found: Iterable[Move], target: str) -> str:
    """The target's text with all edits of these moves."""
    edits = [c for m in found for c in m.changes if isinstance(c, Edit)]
    return verified(FILE, target.encode(), edits).decode()


def carried(source: str, target: str, where: Surroundings | None = None) -> str:
    """The target's text with what is promoted by default."""
    return applied([m for m in moves(source, target, where) if m.verdict is Verdict.PROMOTE], target)


def a_move(
    field: str = "kustomization.yaml: images[web].newTag",
    old: str = "1",
    new: str = "2",
    verdict: Verdict = Verdict.PROMOTE,
    *,
    path: str = FILE,
    start: int = 10,
    token: tuple[str, str] | None = None,
    edit: bool = True,
    field_class: FieldClass = FieldClass.VERSION,
) -> Move:
    """A move as the comparing would make it."""
    change = Edit(path, start, start + len(old.encode()), old.encode(), new.encode())
    return Move(
        field, old, new, field_class, verdict, "so", "images", (change,) if edit else (),
        Where("source.yaml", 3, 5), Where(path, 4, 6), token,
    )  # fmt: skip


def a_hop(*apps: AppMoves, source: str = "staging", target: str = "production", name: str = "web") -> Hop:
    """A hop of these apps."""
    return Hop("h" * 64, source, target, f"fairlead/{target}/{name}", "c" * 40, apps, "t" * 40)


def an_app(*units: Unit, app: str = "web", held: tuple[Move, ...] = ()) -> AppMoves:
    """One app's part of a hop."""
    return AppMoves(app, f"apps/{app}/overlays/staging", f"apps/{app}/overlays/production", "5" * 40, units, held)


def a_plan(*hops: Hop, verb: str = "promote", reason: str = "") -> Plan:
    """A plan of these hops."""
    return Plan(verb, "fairlead/0", "main", "b" * 40, "f" * 40, hops, ("field=x",), ("a warning",), reason)
