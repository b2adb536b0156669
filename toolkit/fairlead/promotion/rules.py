"""The configuration's word on whose a field is: which patterns speak of it, and which of them decides."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from fairlead.model.plan import FieldClass
from fairlead.model.values import dataclass
from fairlead.repo.config import FieldPattern, PromoteRules


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern of fairlead.yaml that speaks of a field. `word` is the list in which it stands."""

    word: str
    field_class: FieldClass
    pattern: FieldPattern

    @property
    def reason(self) -> str:
        """As a plan tells it."""
        return f"fairlead.yaml: promote.{self.word} {self.pattern}"


def speaking(rules: PromoteRules, names: Iterable[str], app: str, env: str) -> tuple[Rule, ...]:
    """The rules that speak of a field, the one that decides first.

    Who names an app or an environment goes before who speaks of all; then own before offer before carry, and
    the first of a list.
    """
    found = [r for r in _all(rules) if any(matches(r.pattern, name, app, env) for name in names)]
    return tuple(sorted(found, key=lambda r: (r.pattern.app == "*") + (r.pattern.env == "*")))


def _all(rules: PromoteRules) -> Iterator[Rule]:
    yield from (Rule("own", FieldClass.OWNED, pattern) for pattern in rules.own)
    yield from (Rule("offer", FieldClass.OFFERED, pattern) for pattern in rules.offer)
    yield from (Rule("carry", FieldClass.VERSION, pattern) for pattern in rules.carry)


def matches(pattern: FieldPattern, name: str, app: str, env: str) -> bool:
    """Whether a field pattern speaks of this field (`file: path`), app and environment."""
    if not glob(pattern.app).fullmatch(app) or not glob(pattern.env).fullmatch(env):
        return False
    file, _, field = name.partition(": ")
    wanted = glob(pattern.field)
    return any(wanted.fullmatch(text) is not None for text in (name, field, file))


@lru_cache(maxsize=1024)
def glob(text: str) -> re.Pattern[str]:
    """`*` is any text, everything else is itself: brackets are part of field names."""
    return re.compile("".join(".*" if c == "*" else re.escape(c) for c in text), re.DOTALL)
