"""A forge that is watched: what is done to its pull requests is noted, to be told when the command ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairlead.model.events import Event, EventKind
from fairlead.model.gates import GateResult, GateState
from fairlead.model.history import Verb
from fairlead.model.pulls import Draft, Forge, Method, Pull, PullState
from fairlead.promotion import trailers
from fairlead.report.gate_text import MARKER, comment, shut_rows
from fairlead.steps.outbox import Outbox


class Watching:
    """Stands before a forge; what it doesn't watch goes straight through. `page` is where people see a number."""

    def __init__(self, forge: Forge, outbox: Outbox, now: Callable[[], int], page: Callable[[int], str]) -> None:
        self._forge = forge
        self._outbox = outbox
        self._now = now
        self._page = page
        self._seen: dict[int, Pull] = {}
        self._opened: set[int] = set()
        self._listed = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._forge, name)

    # ── looking: what was there before ──

    def pulls(self, *, open_only: bool = False, reviewed: bool = False) -> tuple[Pull, ...]:
        """See Forge."""
        self._listed = True
        return tuple(self._saw(pull) for pull in self._forge.pulls(open_only=open_only, reviewed=reviewed))

    def find(self, key: str) -> Pull | None:
        """See Forge."""
        found = self._forge.find(key)
        return None if found is None else self._saw(found)

    def get(self, number: int) -> Pull:
        """See Forge."""
        return self._saw(self._forge.get(number))

    def _saw(self, pull: Pull) -> Pull:
        self._seen[pull.number] = pull
        return pull

    # ── doing ──

    def ensure(self, draft: Draft) -> Pull:
        """See Forge."""
        if not self._listed:
            self.find(draft.key)
        pull = self._forge.ensure(draft)
        before = self._seen.get(pull.number)
        if before is None:
            self._opened.add(pull.number)
            self._note(EventKind.OPENED, pull, draft.author)
        elif _does(before) != _does(pull):
            self._note(EventKind.UPDATED, pull, draft.author, mark=repr(_does(pull)))
        return self._saw(pull)

    def merge(self, number: int, head_oid: str, by: str, message: str, method: Method = Method.MERGE) -> Pull:
        """See Forge."""
        before = self._seen.get(number)
        pull = self._forge.merge(number, head_oid, by, message, method)
        if before is None or before.state is PullState.OPEN:
            back = any(act.verb is Verb.ROLLBACK for act in trailers.read(pull.want.body).acts)
            kind = EventKind.ROLLED_BACK if back else EventKind.MERGED
            self._note(kind, pull, pull.merged_by or by, mark=pull.merge_commit, at=pull.merged_at)
        return self._saw(pull)

    def close(self, number: int, why: str, by: str) -> Pull:
        """See Forge."""
        before = self._seen.get(number)
        pull = self._forge.close(number, why, by)
        if before is None or before.state is PullState.OPEN:
            self._note(EventKind.CLOSED, pull, by, mark=f"{pull.want.head_oid} {why}", why=why)
        return self._saw(pull)

    def heard(self, pull: Pull, results: tuple[GateResult, ...], at: int, by: str, emergency: str) -> None:
        """What the gates say of it was published: told where it differs from what was said before."""
        shut = tuple(r for r in results if r.state is not GateState.OPEN)
        if not shut:
            return
        now = shut_rows(comment(results, at, by))
        told = f"{pull.want.head_oid} {now} {emergency}"
        if emergency:
            self._note(EventKind.EMERGENCY, pull, by, mark=told, at=at, gates=shut, why=emergency)
        elif now != self._said(pull):
            self._note(EventKind.WAITING, pull, by, mark=told, at=at, gates=shut)

    def _said(self, pull: Pull) -> tuple[str, ...]:
        """Which gates were shut when they were published last; lists of a forge on a server come without comments."""
        if pull.number in self._opened:
            return ()
        comments = pull.comments or self.get(pull.number).comments
        return shut_rows(next((c.text for c in comments if c.marker == MARKER), ""))

    def _note(
        self,
        kind: EventKind,
        pull: Pull,
        by: str,
        *,
        mark: str = "",
        at: int = 0,
        gates: tuple[GateResult, ...] = (),
        why: str = "",
    ) -> None:
        acts = trailers.read(pull.want.body).acts
        first = acts[0] if acts else None
        source = first.source if first is not None and first.source != first.target else ""
        self._outbox.events.append(
            Event(
                kind, pull, at or self._now(), by, mark, gates, why, self._page(pull.number),
                verb=str(first.verb) if first is not None else "",
                apps=tuple(dict.fromkeys(act.app for act in acts)),
                source=source,
                target=first.target if first is not None else "",
            )
        )  # fmt: skip


def _does(pull: Pull) -> tuple[str, str, str]:
    """What makes an open pull request another one for people."""
    return (pull.want.head_oid, pull.want.title, pull.want.base)
