"""One file in two environments -> moves: whose each difference is, what becomes of it, what would be edited.

Ownership is decided first (carriers, then the configuration, which has the last word), the three-way table
second, defaults last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial

from fairlead.edit.nodes import Stream, decode, parse, refuse_twice
from fairlead.edit.splice import byte_edit
from fairlead.model.changes import Change
from fairlead.model.errors import SyntaxProblem
from fairlead.model.findings import Where
from fairlead.model.plan import FieldClass, Move, Verdict
from fairlead.model.values import dataclass
from fairlead.promotion.align import Aligner, Lone, Pair
from fairlead.promotion.carriers import CARRIERS
from fairlead.promotion.carriers.images import Switch, switched
from fairlead.promotion.carriers.secrets import is_sealed
from fairlead.promotion.comments import beside
from fairlead.promotion.keepers import kept
from fairlead.promotion.lones import Sides, lone_moves
from fairlead.promotion.rules import speaking
from fairlead.promotion.twice import left_alone, twice
from fairlead.promotion.twins import twin_pairs
from fairlead.promotion.views import Claim, Surroundings, View, line_of, view

OWN_MARK = re.compile(r"#\s*fairlead:\s*own\b")
_HOTFIX = ": a hotfix stays"


@dataclass(frozen=True, slots=True)
class Base:
    """What the ledger knows of a field: the value last carried into the target, and what the target held then.

    Both as the whole leaf reads in the target. After a rollback `held` is what it went back to, `carried`
    what was taken back. `told` names the record for people. `was` are the values that it held before, where no
    ledger tells and a commit only looks like a promotion: enough to keep a value that came since, not to call a newer
    one of the source a conflict, nor to hold a change that was taken back.
    """

    carried: str
    held: str
    told: str
    taken_back: bool = False
    was: tuple[str, ...] = ()


Bases = Mapping[tuple[str, str], Base]
_Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class FilePair:
    """A file of the source environment and its counterpart of the target."""

    source_path: str
    target_path: str
    source: bytes
    target: bytes
    label: str


def compare(pair: FilePair, around: Surroundings, bases: Bases | None = None) -> tuple[Move, ...]:
    """All moves of a pair of YAML files, in the target's order.

    Raises:
        SyntaxProblem: where one of the two can't be read; the caller tells it and goes on.
    """
    source, target, differences = _aligned(pair, around.words)
    sealed = is_sealed(source) or is_sealed(target)
    refuse_twice(target)
    moves: list[Move] = []
    lones: list[Lone] = []
    for difference in differences:
        if isinstance(difference, Lone):
            lones.append(difference)
            continue
        look = view(difference, pair.target_path, target.text)
        move = judge(look, pair, around, {} if bases is None else bases, sealed=sealed)
        moves += beside(move, difference, source.text, target.text) if move.changes and move.token else (move,)
    for switch in () if sealed else tuple(switched(lones, target.text)):
        moves.append(_from_switch(switch, pair, target.text, around, {} if bases is None else bases))
        lones = [lone for lone in lones if lone is not switch.source and lone is not switch.target]
    configured = partial(by_rules, around=around)
    sides = Sides(pair, source, target, around, {} if bases is None else bases, configured, sealed)
    moves += lone_moves(lones, sides)
    below = twice(source, pair.source_path), twice(target, pair.target_path)
    return tuple(left_alone(m, *below) for m in moves) if any(below) else tuple(moves)


def _aligned(pair: FilePair, words: tuple[str, ...]) -> tuple[Stream, Stream, Iterable[Pair | Lone]]:
    """Both files, and where they differ. Of a source that is the target's twin the tree isn't needed."""
    try:
        target = parse(pair.target, pair.target_path)
        text = decode(pair.source, pair.source_path)
        twins = twin_pairs(text, target, words)
    except SyntaxProblem:
        twins = None
    if twins is not None:
        return Stream(text, []), target, twins
    source, target = parse(pair.source, pair.source_path), parse(pair.target, pair.target_path)
    return source, target, Aligner(source, target, words).differences()


def judge(look: View, pair: FilePair, around: Surroundings, bases: Bases, *, sealed: bool = False) -> Move:
    """The move of one difference: whose it is, what becomes of it, what would be edited."""
    claim = kept(_claim(look, around), look, around)
    if sealed:
        claim = Claim("secrets", FieldClass.OWNED, "encrypted by SOPS", "(encrypted)", "(encrypted)", None)
    name = f"{pair.label}: {look.pair.field}"
    claim = _configured(claim, look.line(), (name,), around, look.replace_whole)
    # Whoever reads the history only when it is asked for, reads none for what is the environment's anyway.
    decided = claim.field_class in (FieldClass.OWNED, FieldClass.AUTOMATED)
    base = None if decided else bases.get((pair.target_path, look.pair.field))
    verdict, reason = _verdict(claim, base, _part_of(look, claim), around)
    changes: tuple[Change, ...] = ()
    if claim.span is not None and verdict is not Verdict.KEEP:
        changes = (byte_edit(pair.target_path, look.text, *claim.span),)
    elif verdict is Verdict.PROMOTE:
        verdict, reason = Verdict.OFFER, f"{reason}; it can't be edited without touching something else"
    return Move(
        field=name,
        old=claim.old,
        new=claim.new,
        field_class=claim.field_class,
        verdict=verdict,
        reason=reason,
        carrier=claim.carrier,
        changes=changes,
        stands_at=Where(pair.source_path, look.pair.source.line, look.pair.source.column),
        at=Where(pair.target_path, look.pair.target.line, look.pair.target.column),
        token=claim.token,
    )


def _claim(look: View, around: Surroundings) -> Claim:
    for carrier in CARRIERS:
        claim = carrier(look, around)
        if claim is not None:
            return claim
    return Claim("rest", FieldClass.OFFERED, "nothing says whose it is", look.old, look.new, look.replace_whole())


def by_rules(claim: Claim, line: str, names: tuple[str, ...], around: Surroundings) -> Claim:
    """The configuration's word on the class of what is no single value."""
    return _configured(claim, line, names, around, lambda: None)


def _configured(
    claim: Claim, line: str, names: tuple[str, ...], around: Surroundings, whole: Callable[[], _Span | None]
) -> Claim:
    """The configuration's word on class; secrets are out of its reach."""
    if claim.carrier == "secrets":
        return claim
    if OWN_MARK.search(line):
        return replace(claim, field_class=FieldClass.OWNED, reason="marked `# fairlead: own`")
    for rule in speaking(around.rules, names, around.app, around.target_env):
        span = claim.span if claim.span is not None else whole()
        return replace(claim, field_class=rule.field_class, reason=rule.reason, span=span)
    return claim


def _verdict(claim: Claim, base: Base | None, part: Callable[[str], str], around: Surroundings) -> tuple[Verdict, str]:
    if claim.field_class is FieldClass.OWNED:
        return Verdict.KEEP, claim.reason
    if claim.field_class is FieldClass.AUTOMATED:
        return Verdict.OFFER, claim.reason
    default = Verdict.PROMOTE if claim.field_class is FieldClass.VERSION else Verdict.OFFER
    if base is None:
        return default, claim.reason
    carried, held = part(base.carried), part(base.held)
    source_moved, target_moved = claim.new != carried, claim.old != held
    if base.was and (source_moved or claim.old in base.was or claim.carrier == "branches"):
        return default, claim.reason
    if source_moved and not target_moved:
        return default, f"{claim.reason}; last carried: {carried!r}"
    if not source_moved and not target_moved:
        if base.taken_back:
            return Verdict.OFFER, f"taken back by {base.told}"
        return Verdict.KEEP, f"settled by {base.told}"
    down = f"fairlead backport {around.app} {around.target_env}"
    if not source_moved:
        return (
            Verdict.OFFER if base.was else Verdict.KEEP,
            f"the target's own change since {base.told} ({held!r} -> {claim.old!r}){_HOTFIX}; "
            f"`{down}` carries it to the source, too",
        )
    return (
        Verdict.CONFLICT,
        f"both sides changed since {base.told}: a hotfix ({held!r} -> {claim.old!r}) would be lost; "
        f"take the source's with --field, keep it as it is, or carry it down: {down}",
    )


def is_hotfix(move: Move) -> bool:
    """Whether it stays because the target changed it by itself since it was last carried."""
    return move.verdict in (Verdict.KEEP, Verdict.OFFER) and _HOTFIX in move.reason


def _part_of(look: View, claim: Claim) -> Callable[[str], str]:
    """What a claim's part is in another value of the same leaf: the text between the same head and tail."""
    value = look.pair.target.value
    at = value.rfind(claim.old)
    head, tail = (value[:at], value[at + len(claim.old) :]) if at >= 0 else ("", "")

    def part(other: str) -> str:
        if other.startswith(head) and other.endswith(tail) and len(other) >= len(head) + len(tail):
            return other[len(head) : len(other) - len(tail)]
        return other

    return part


def _from_switch(switch: Switch, pair: FilePair, text: str, around: Surroundings, bases: Bases) -> Move:
    source, target = switch.source, switch.target
    names = tuple(f"{pair.label}: {lone.field}" for lone in (source, target))
    node = target.node
    claim = _configured(switch.claim, line_of(text, node.start, node.end), names, around, lambda: None)
    verdict, reason = _verdict(claim, _switch_base(switch, pair.target_path, bases), str, around)
    changes: tuple[Change, ...] = ()
    if claim.span is not None and verdict is not Verdict.KEEP:
        changes = (byte_edit(pair.target_path, text, *claim.span),)
    return Move(
        field=names[0],
        old=claim.old,
        new=claim.new,
        field_class=claim.field_class,
        verdict=verdict,
        reason=reason,
        carrier=claim.carrier,
        changes=changes,
        stands_at=Where(pair.source_path, source.node.line, source.node.column),
        at=Where(pair.target_path, node.line, node.column),
        token=claim.token,
    )


def _switch_base(switch: Switch, path: str, bases: Bases) -> Base | None:
    """The base of an entry whose key changes too; its values read `key: value`, as the claim's do."""

    def spelled(lone: Lone, value: str) -> str:
        return f"{lone.keys[-1]}: {value}"

    gone, here = bases.get((path, switch.source.field)), bases.get((path, switch.target.field))
    held = switch.claim.old if here is None else spelled(switch.target, here.held)
    if gone is not None:  # the target once had the key that the source has
        left = held if gone.taken_back else spelled(switch.source, gone.held)
        return replace(gone, carried=spelled(switch.source, gone.carried), held=left)
    return None if here is None else replace(here, carried=spelled(switch.target, here.carried), held=held)
