"""What stands on one side only: entries and documents, offered as whole-line edits, never carried by default.

A source's entry may be added to the target; a target's entry may go only where the ledger knows that it was
carried there, and the source has let go of it since.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from fairlead.edit.embedded import embedded
from fairlead.edit.entries import inserted, removed
from fairlead.edit.grown import Growth, proved
from fairlead.edit.nodes import Mapping as MapNode
from fairlead.edit.nodes import Scalar, Stream, Value, plain, scalars
from fairlead.edit.rows import entries
from fairlead.model.changes import Edit
from fairlead.model.errors import ExcessProblem, UneditableError
from fairlead.model.findings import Where
from fairlead.model.plan import FieldClass, Move, Verdict
from fairlead.model.values import dataclass
from fairlead.promotion.align import SECRET_KINDS, Lone
from fairlead.promotion.carriers.secrets import is_secret
from fairlead.promotion.fields import is_below, leaves
from fairlead.promotion.views import Claim, Surroundings, line_of
from fairlead.promotion.words import names_environment

if TYPE_CHECKING:
    from fairlead.promotion.compare import Base, FilePair

Configured = Callable[[Claim, str, tuple[str, ...]], Claim]
_LONGEST = 80
_MANY = 1_000  # entries that a map or list may have, for one to be looked for among them
_MUCH = 20_000_000  # bytes that are parsed to prove the edits of one file
_WORD = re.compile(r"[^\s,\[\]{}:\"']+")


@dataclass(frozen=True, slots=True)
class Sides:
    """Both files, parsed, and what is known of them; `configured` gives the configuration's word on class."""

    pair: FilePair
    source: Stream
    target: Stream
    around: Surroundings
    bases: Mapping[tuple[str, str], Base]
    configured: Configured
    sealed: bool


@dataclass(frozen=True, slots=True)
class _Judged:
    move: Move
    growth: Growth | None


def lone_moves(lones: Iterable[Lone], sides: Sides) -> tuple[Move, ...]:
    """A move for each; all edits of a file are proved together, and one by one where that fails."""
    judged = [_judged(lone, sides) for lone in lones]
    growths = [j.growth for j in judged if j.growth is not None]
    if growths and not _sound(growths, sides):
        few = len(growths) * len(sides.pair.target) < _MUCH
        judged = [j if j.growth is None or (few and _sound([j.growth], sides)) else _told(j.move) for j in judged]
    return tuple(j.move for j in judged)


def _sound(growths: list[Growth], sides: Sides) -> bool:
    try:
        proved(sides.pair.target, sides.target, growths)
    except UneditableError:
        return False
    return True


def _told(move: Move) -> _Judged:
    verdict = Verdict.OFFER if move.verdict is Verdict.PROMOTE else move.verdict
    reason = f"{move.reason}; it can't be edited without touching something else"
    return _Judged(replace(move, changes=(), verdict=verdict, reason=reason), None)


def _judged(lone: Lone, sides: Sides) -> _Judged:
    pair = sides.pair
    line, column = lone.node.line, lone.node.column
    here = Where(pair.source_path, line, column) if lone.in_source else Where(pair.source_path)
    there = Where(pair.target_path) if lone.in_source else Where(pair.target_path, line, column)
    secret = "encrypted by SOPS" if sides.sealed else _secret(lone, sides)
    said = "(encrypted)" if sides.sealed else "(secret)" if secret else brief(lone.node)
    claim = Claim("entries", FieldClass.OWNED, "only the target has it", said, "", None)
    if lone.in_source:
        claim = Claim("entries", FieldClass.OFFERED, "only the source has it", "", said, None)
    if secret:
        claim = replace(claim, field_class=FieldClass.OWNED, reason=secret if lone.in_source else claim.reason)
    verdict = Verdict.KEEP
    if not secret:
        claim, verdict = _verdict(lone, claim, sides)
    move = Move(
        field=f"{pair.label}: {lone.field}",
        old=claim.old,
        new=claim.new,
        field_class=claim.field_class,
        verdict=verdict,
        reason=claim.reason,
        carrier=claim.carrier,
        changes=(),
        stands_at=here,
        at=there,
    )
    return _Judged(move, None) if verdict is Verdict.KEEP else _edited(lone, move, sides)


def _edited(lone: Lone, move: Move, sides: Sides) -> _Judged:
    path = sides.pair.target_path
    try:
        if lone.rows is None:
            raise UneditableError("the target has no list or map of this kind to put it in")
        if max(len(entries(lone.rows.source)), len(entries(lone.rows.target))) > _MANY:
            raise UneditableError(f"it is one of more than {_MANY}")
        other = _instead(lone)
        if other:
            raise UneditableError(f"the target has {other} instead")
        if lone.in_source:
            growth = inserted(path, sides.source, sides.target, lone.rows, lone.node)
        else:
            growth = removed(path, sides.target, lone.rows.target, lone.node)
    except UneditableError as error:
        verdict = Verdict.OFFER if move.verdict is Verdict.PROMOTE else move.verdict
        by_hand = "add it by hand" if lone.in_source else "remove it by hand"
        return _Judged(replace(move, verdict=verdict, reason=f"{move.reason}; {by_hand}: {error.message}"), None)
    return _Judged(replace(move, changes=(growth.edit,)), growth)


def _instead(lone: Lone) -> str:
    """The tag that an image has in the target where the source has a digest, or the other way round."""
    pinned = {"newTag": "digest", "digest": "newTag"}.get(lone.keys[-1], "") if "images" in lone.keys[:-1] else ""
    there = lone.rows.target if lone.rows is not None and lone.in_source else None
    return pinned if pinned and isinstance(there, MapNode) and there.key(pinned) is not None else ""


def _verdict(lone: Lone, claim: Claim, sides: Sides) -> tuple[Claim, Verdict]:
    """By history, which tells a removal from what never came; then by the configuration."""
    base = sides.bases.get((sides.pair.target_path, lone.field))
    says = spelled(lone.node)
    if lone.in_source:
        if base is not None and base.carried == says:
            reason = "taken back by" if base.taken_back else "the target has removed it since"
            return replace(claim, reason=f"{reason} {base.told}"), Verdict.KEEP
        if base is not None and not base.taken_back:
            reason = f"the target has removed it since {base.told}, and the source has changed it"
            return replace(claim, reason=reason), Verdict.CONFLICT
        return _default(lone, claim, sides)
    if base is None:
        return claim, Verdict.KEEP
    if base.taken_back:
        return replace(claim, reason=f"its removal was taken back by {base.told}"), Verdict.KEEP
    if base.held != says:
        return replace(claim, reason=f"the target has changed it since {base.told}"), Verdict.KEEP
    gone = replace(claim, field_class=FieldClass.OFFERED, reason=f"the source has removed it since {base.told}")
    return _default(lone, gone, sides)


def _default(lone: Lone, claim: Claim, sides: Sides) -> tuple[Claim, Verdict]:
    text = sides.source.text if lone.in_source else sides.target.text
    first = entries(lone.rows.source if lone.in_source else lone.rows.target) if lone.rows is not None else []
    start = next((entry.first.start for entry in first if entry.value is lone.node), lone.node.start)
    claim = sides.configured(claim, line_of(text, start, start), (f"{sides.pair.label}: {lone.field}",))
    if claim.field_class is FieldClass.OWNED:
        return claim, Verdict.KEEP
    foreign = _foreign(lone, sides.around) if lone.in_source else ""
    if foreign:
        claim = replace(claim, field_class=FieldClass.OFFERED, reason=f"{claim.reason}; it names the source: {foreign}")
    return claim, Verdict.PROMOTE if claim.field_class is FieldClass.VERSION else Verdict.OFFER


def _foreign(lone: Lone, around: Surroundings) -> str:
    """The first value that names the source environment; empty where none does."""
    texts = [lone.keys[-1]] if lone.keys else []
    return next(
        (brief_text(text) for text in (*texts, *(leaf.value for leaf in scalars(lone.node)))
         if names_environment(text, around.foreign)), "",
    )  # fmt: skip


def _secret(lone: Lone, sides: Sides) -> str:
    """Why it must not leave its environment; empty where it may."""
    text = sides.source.text if lone.in_source else sides.target.text
    operation = isinstance(lone.node, MapNode) and lone.node.key("op") is not None
    if is_secret(lone) or (operation and lone.document[0] in SECRET_KINDS) or holds_secret(lone.node, text):
        return "secrets belong to their environment"
    return ""


def holds_secret(node: Value, text: str) -> bool:
    """Whether a node is, or holds, a Secret, a generator of one, or something that SOPS encrypted."""
    if isinstance(node, Scalar):
        inner = embedded(text, node) if node.style == "|" and not node.shared else None
        return any(holds_secret(part, text) for part in inner or ())
    if isinstance(node, MapNode):
        if _is_kind(node) and any(node.key(key) is not None for key in ("metadata", "data", "stringData", "spec")):
            return True
        if _is_kind(node.get("target")) or node.key("secretGenerator") is not None:  # a patch of one
            return True
        if isinstance(node.get("sops"), MapNode):
            return True
    return any(holds_secret(entry.value, text) for entry in entries(node) if not entry.value.shared)


def _is_kind(node: Value | None) -> bool:
    kind = node.get("kind") if isinstance(node, MapNode) else None
    return isinstance(kind, Scalar) and kind.value in SECRET_KINDS


def spelled(node: Value) -> str:
    """A node's values as one text, by which the ledger knows it: a scalar's value, else JSON."""
    if isinstance(node, Scalar):
        return node.value
    try:
        return json.dumps(plain(node), ensure_ascii=False, separators=(",", ":"))
    except ExcessProblem:
        return ""


def brief(node: Value) -> str:
    """A node in a few words."""
    if isinstance(node, Scalar):
        return brief_text(node.value)
    return f"({len(node.items)} entries)"


def brief_text(text: str) -> str:
    """A text as one line, not too long."""
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 3] + "..."


def stands(data: bytes | None, move: Move) -> bool:
    """Whether a source holds the entry that a move adds, or lacks the one that it removes."""
    edits = [change for change in move.changes if isinstance(change, Edit) and change.path == move.at.path]
    if not move.new:
        name = move.field.partition(": ")[2]
        return data is None or not any(field == name or is_below(field, name) for field in leaves(data))
    if data is None:
        return False
    here = "".join(data.decode("utf-8", "replace").split())
    for edit in edits:
        text = edit.new.decode()
        squeezed = "".join(text.split()).strip(",")
        if squeezed not in here and ("{" not in text or any(word not in here for word in _WORD.findall(text))):
            return False
    return True
