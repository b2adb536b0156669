"""What happened to the environments, as far as this clone can know."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from functools import cached_property

from fairlead.model.values import dataclass


class Verb(enum.StrEnum):
    """How a change came into an environment."""

    PROMOTE = "promote"
    SET = "set"
    ROLLBACK = "rollback"
    BACKPORT = "backport"  # a hotfix, carried back to where promotions come from
    CHANGE = "change"  # nobody promoted it: a hand edit, a bot


@dataclass(frozen=True)
class Record:
    """One change of one app in one environment, as it landed on the target branch.

    `at` is when (seconds since the epoch); `evidence` says who vouches for the time: `merge` (the forge),
    `audit` (the audit entry), `seen` (fairlead first saw it then), or empty: only the commit says so, and
    commit dates are never evidence. `commit` is the landing, `parent` the branch's tip before it. `emergency`
    names the gates that its merge skipped, and `reason` why.
    """

    verb: Verb
    app: str
    source: str
    target: str
    commit: str
    parent: str
    at: int
    evidence: str
    hop_id: str
    actor: str
    subject: str
    paths: tuple[str, ...]
    emergency: str = ""
    reason: str = ""


@dataclass(frozen=True)
class History:
    """Records, newest first, and what this clone can't know (a shallow clone, unreadable trailers)."""

    records: tuple[Record, ...]
    gaps: tuple[str, ...] = ()

    def of(self, app: str, env: str) -> tuple[Record, ...]:
        """The records of an app in an environment, newest first."""
        return self._by_place.get((app, env), ())

    def newest(self, app: str, envs: Iterable[str], most: int) -> tuple[Record, ...]:
        """At most so many records of an app in each of some environments, all together, newest first."""
        found = (record for env in envs for record in self.of(app, env)[:most])
        return tuple(sorted(found, key=lambda record: self._order[id(record)]))

    @cached_property
    def _order(self) -> dict[int, int]:
        return {id(record): place for place, record in enumerate(self.records)}

    @cached_property
    def _by_place(self) -> dict[tuple[str, str], tuple[Record, ...]]:
        found: dict[tuple[str, str], list[Record]] = {}
        for record in self.records:
            found.setdefault((record.app, record.target), []).append(record)
        return {place: tuple(rows) for place, rows in found.items()}
