"""One differing value as carriers look at it: what it is called, which part of it is the value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from typing import NamedTuple

from fairlead.edit.nodes import Mapping, Scalar
from fairlead.edit.scalars import content_span, part_span, spell
from fairlead.model.plan import FieldClass
from fairlead.model.values import dataclass
from fairlead.promotion.align import Pair
from fairlead.promotion.words import split_name
from fairlead.repo.config import PromoteRules

_ASSIGNMENT = re.compile(r"(-{0,2}[A-Za-z_][\w.-]*)=(.*)", re.DOTALL)
_SAFE = re.compile(r"[\w.+:@/=~-]+")


def line_of(text: str, start: int, end: int) -> str:
    """The line, or lines, in which a span stands."""
    stop = text.find("\n", end)
    return text[text.rfind("\n", 0, start) + 1 : stop if stop >= 0 else len(text)]


@dataclass(frozen=True, slots=True)
class Keeper:
    """Another program that writes files of these paths (globs): all values, or `marked`, or of some images, fields."""

    name: str
    paths: tuple[str, ...]
    marked: bool = False
    images: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What carriers may know beside the value: both environments' words, the rules, who else writes.

    `keepers` answers, for a path of the target, which programs write there;
    `source_words` are those of `words` that name the source alone, None where nobody told them apart.
    """

    app: str
    target_env: str
    words: tuple[str, ...]
    rules: PromoteRules = field(default_factory=PromoteRules)
    keepers: Callable[[str], tuple[Keeper, ...]] = lambda _path: ()
    source_words: tuple[str, ...] | None = None

    @property
    def foreign(self) -> tuple[str, ...]:
        """The words that name the source and not the target; where nobody knows, all."""
        return self.words if self.source_words is None else self.source_words


class View(NamedTuple):  # made for each difference, as `Pair`
    """A pair with its telling name. `old` and `new` are the target's and the source's value (after `KEY=`)."""

    pair: Pair
    path: str
    text: str
    name: str
    words: tuple[str, ...]
    old: str
    new: str
    prefix: str

    def line(self) -> str:
        """The target's line, for markers in comments."""
        return line_of(self.text, self.pair.target.start, self.pair.target.end)

    def replace_part(self, old: str, new: str) -> tuple[int, int, str] | None:
        """The span of a part of the value and its new text; None where that can't be done literally."""
        if self.pair.target.shared or not _SAFE.fullmatch(new):
            return None
        span = part_span(self.text, self.pair.target, old)
        return None if span is None else (*span, new)

    def replace_tail(self, old: str, new: str) -> tuple[int, int, str] | None:
        """Like `replace_part`, for a part that ends the value."""
        span = content_span(self.text, self.pair.target)
        if self.pair.target.shared or span is None or not self.pair.target.value.endswith(old):
            return None
        if not _SAFE.fullmatch(new):
            return None
        return span[1] - len(old), span[1], new

    def replace_whole(self) -> tuple[int, int, str] | None:
        """The span of the value and the source's value in the target's style."""
        target, source = self.pair.target, self.pair.source
        if target.shared or target.tag:
            return None
        if self.prefix:
            return self.replace_tail(self.old, self.new)
        span = content_span(self.text, target)
        if span is None and target.value:
            return None
        spelled = spell(source.value, target, source, flow=self.pair.flow)
        if spelled is None:
            return None
        if span is not None and target.style and spelled[1:-1] == source.value:
            return span[0], span[1], source.value
        if span is not None and not target.style:
            return span[0], span[1], spelled
        return target.start, target.end, spelled


@dataclass(frozen=True, slots=True)
class Claim:
    """A carrier's answer: the difference is mine, this is replaced, for this reason.

    `span` is (start, end, new text) in characters of the target; None where it can only be told. `token` is
    the revision that moves (old, new): what makes units.
    """

    carrier: str
    field_class: FieldClass
    reason: str
    old: str
    new: str
    span: tuple[int, int, str] | None
    token: tuple[str, str] | None = None


def view(pair: Pair, path: str, text: str) -> View:
    """Find out what a value is called: its key, the name beside it, what stands before `=`."""
    name = pair.keys[-1] if pair.keys else ""
    old, new, prefix = pair.target.value, pair.source.value, ""
    first, second = _ASSIGNMENT.fullmatch(old), _ASSIGNMENT.fullmatch(new)
    if first is not None and second is not None and first[1] == second[1]:
        name, prefix, old, new = first[1].lstrip("-"), first[1] + "=", first[2], second[2]
    elif name == "value" and pair.target_parent is not None:
        name = _beside(pair.target_parent) or name
    own = name.rpartition("/")[2] or name  # of `app.kubernetes.io/version` the label's own part
    return View(pair, path, text, name, split_name(own), old, new, prefix)


def _beside(parent: Mapping) -> str:
    named, path = parent.get("name"), parent.get("path")
    if isinstance(named, Scalar) and named.value:
        return named.value
    if isinstance(path, Scalar) and path.value:
        return path.value.rstrip("/").rpartition("/")[2].replace("~1", "/")
    return ""
