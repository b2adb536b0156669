"""Holds in the audit log: a rollback leaves one, `release` ends it. They live in git and travel with the log."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fairlead.ledger import audit
from fairlead.model.gates import Hold
from fairlead.model.values import dataclass

if TYPE_CHECKING:
    from fairlead.doors.git.repository import Repository

_HOLD, _RELEASE = "hold", "release"


@dataclass(frozen=True)
class Holds:
    """What is held, newest first, and (app, environment, hop id) of rollbacks whose hold was released."""

    standing: tuple[Hold, ...] = ()
    released: frozenset[tuple[str, str, str]] = frozenset()

    def of(self, app: str, envs: Iterable[str]) -> tuple[Hold, ...]:
        """Those of an app that were left in one of these environments."""
        names = set(envs)
        return tuple(hold for hold in self.standing if hold.app == app and hold.env in names)


def hold_id(hop_id: str, pull: int) -> str:
    """The name of a hold: the same rollback, by the same pull request, is one hold."""
    return f"{hop_id}/{pull}"


def read(repo: Repository) -> Holds:
    """The holds as the audit log of this clone has them."""
    standing: dict[str, Hold] = {}
    released: set[tuple[str, str, str]] = set()
    for entry in reversed(audit.entries(repo)):
        if entry.verb == _HOLD:
            hold = _hold(entry)
            if hold is not None:
                standing[hold.id] = hold
        elif entry.verb == _RELEASE:
            for name in _ids(entry.detail):
                gone = standing.pop(name, None)
                if gone is not None:
                    released.add((gone.app, gone.env, _hop(gone)))
    held = {(h.app, h.env, _hop(h)) for h in standing.values()}
    return Holds(tuple(reversed(standing.values())), frozenset(released - held))


def record(repo: Repository, hold: Hold) -> None:
    """Put a hold on record, unless it stands already."""
    if any(known.id == hold.id for known in read(repo).standing):
        return
    detail = {"id": hold.id, "name": hold.name, "values": hold.values, "pull": hold.pull, "reason": hold.reason}
    audit.append(repo, audit.Entry(_HOLD, hold.at, hold.by, (), hold.app, hold.env, json.dumps(detail)))


def release(repo: Repository, holds: Iterable[Hold], reason: str, by: str, at: int) -> None:
    """End these holds."""
    for (app, env), ids in _grouped(holds).items():
        detail = json.dumps({"ids": ids, "reason": reason})
        audit.append(repo, audit.Entry(_RELEASE, at, by, (), app, env, detail))


def _grouped(holds: Iterable[Hold]) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for hold in holds:
        found.setdefault((hold.app, hold.env), []).append(hold.id)
    return found


def _hop(hold: Hold) -> str:
    return hold.id.rpartition("/")[0]


def _ids(detail: str) -> list[str]:
    body = _body(detail)
    ids = body.get("ids")
    return [str(one) for one in ids] if isinstance(ids, list) else []


def _hold(entry: audit.Entry) -> Hold | None:
    """A hold of an entry; None for one that somebody else has written."""
    body = _body(entry.detail)
    try:
        values = tuple((str(field), str(value)) for field, value in body["values"])
        return Hold(
            str(body["id"]), entry.app, entry.env, str(body["name"]), values, entry.at, entry.actor,
            int(body["pull"]), str(body["reason"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        return None


def _body(detail: str) -> dict[str, Any]:
    try:
        body = json.loads(detail)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
