"""The forge on a server: all that is the same for each. What differs is asked of its `host.Host`.

git's side goes through `remote.Remote`; what a pull request is for us is kept in its text (`kept`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fairlead.forge import kept as texts
from fairlead.forge.branches import refuse_odd
from fairlead.forge.host import Change, Host, Remark, Row
from fairlead.forge.http import UnsureError, create
from fairlead.forge.kept import read_row
from fairlead.forge.refusals import require_lower_merged, require_open
from fairlead.forge.remote import AUDIT, Remote
from fairlead.model.errors import ConflictError, DeniedError, UsageError, WorldError
from fairlead.model.pulls import (
    Draft,
    Method,
    Protection,
    Pull,
    PullState,
    Review,
    Right,
    Status,
    person,
)
from fairlead.model.runtime import Clock

_LATELY = 10  # seconds for which a listing's reviews are taken as they were; `get` and `find` always ask
_PATIENCE = 30.0  # seconds for a pull request that the server still looks at
_TRIES = 5
_TURN = 4.0  # seconds that somebody else may need between the branch and the pull request
_SEE = "fairlead pr show tells what it waits for"


class HostedForge:
    """Meets model.pulls.Forge. Who acts is whose token it is: the names that callers give are the local forge's."""

    def __init__(self, host: Host, remote: Remote, clock: Clock) -> None:
        self.host = host
        self.remote = remote
        self._clock = clock
        self._notes: tuple[str, ...] = ()
        self._names: dict[str, str] = {}
        self._lately: dict[int, tuple[int, Row, tuple[Review, ...]]] = {}  # number -> when, and what was read

    @property
    def kind(self) -> str:
        """See Forge."""
        return self.host.kind

    def _name(self, login: str) -> str:
        """Who somebody is: by e-mail, as in git, where they show it, else by login."""
        if login and "@" not in login and login not in self._names:
            self._names[login] = self.host.mail(login) or login
        return self._names.get(login, login)

    def _read(self, row: Row) -> Pull:
        pull, kept = read_row(row)
        if kept is None:
            pull = replace(pull, want=replace(pull.want, author=self._name(pull.want.author)))
        return replace(pull, merged_by=self._name(pull.merged_by))

    def follow(self, branch: str) -> None:
        """See Forge."""
        self.remote.follow(branch)

    def fetch(self, ref: str) -> str | None:
        """See Forge."""
        return self.remote.fetched(ref)

    def share(self) -> bool:
        """See Forge."""
        return self.remote.share(AUDIT)

    # ── reading ──

    def find(self, key: str) -> Pull | None:
        """See Forge."""
        found = self._find(key)
        return None if found is None else self._whole(found)

    def get(self, number: int) -> Pull:
        """See Forge."""
        return self._whole(self._get(number))

    def pulls(self, *, open_only: bool = False, reviewed: bool = False) -> tuple[Pull, ...]:
        """See Forge. Comments, and reviews of those that are not open, come with `get`."""
        rows = tuple(self.host.rows(open_only=open_only))
        self._notes = tuple(f"#{r.number} comes from a fork ({r.head}); it was left out" for r in rows if r.fork)
        found = [(self._read(row), row) for row in rows if not row.fork]
        waiting = [pull for pull, _ in found if pull.state is PullState.OPEN]
        self._bring(pull for pull in waiting if reviewed or pull.want.plan_id)
        self.remote.bring_plans(pull.want.plan_id for pull in waiting)
        out = [
            self._reviewed_lately(pull, row) if reviewed and pull.state is PullState.OPEN else pull
            for pull, row in found
        ]
        return tuple(sorted(out, key=lambda p: p.number))

    def notes(self) -> tuple[str, ...]:
        """See Forge; of the last listing."""
        return self._notes

    def _find(self, key: str) -> Row | None:
        rows = (row for row in self.host.rows(open_only=True) if not row.fork and read_row(row)[0].want.key == key)
        return min(rows, key=lambda row: row.number, default=None)

    def _get(self, number: int) -> Row:
        row = self.host.row(number)
        if row is None:
            there = ", ".join(str(n) for n in sorted(row.number for row in self.host.rows(open_only=False))[-20:])
            raise UsageError(
                f"there is no pull request {number}",
                remedy=f"there are: {there}" if there else "there is none yet; `fairlead promote` opens one",
            )
        return row

    def _whole(self, row: Row) -> Pull:
        if row.fork:
            raise DeniedError(
                f"#{row.number} comes from a fork, {row.head}, which anybody may write to",
                remedy="bring its branch into the repository itself, and open a pull request of that",
            )
        pull = self._read(row)
        self._bring((pull,))
        self.remote.bring_plans((pull.want.plan_id,))
        found = (texts.read_remark(remark) for remark in self.host.remarks(row))
        comments = tuple(replace(comment, author=self._name(comment.author)) for comment in found)
        return replace(self._reviewed(pull, row), comments=comments)

    def _bring(self, pulls: Iterable[Pull]) -> None:
        self.remote.bring((str(p.number), self.host.head_ref(p.number), p.want.head_oid) for p in pulls)

    def _reviewed(self, pull: Pull, row: Row) -> Pull:
        """With the reviews that stand, each of the hop whose change it was given for.

        A review of the head is one of the present hop; so is one of an earlier head that does the very same to the
        branch. The text of the pull request may name other hops of earlier heads, and never the present one.
        """
        _, kept = read_row(row)
        known = dict(kept.heads) if kept is not None else {}
        want, found = pull.want, []
        for word in self.host.reviews(pull.number):
            hop = known.get(word.oid, f"commit {word.oid}")
            same = word.oid == want.head_oid
            if same or self.remote.same_change(f"refs/heads/{want.base}", word.oid, want.head_oid):
                hop = want.hop_id
            elif hop == want.hop_id:
                hop = f"commit {word.oid}"
            found.append(Review(self._name(word.author), word.approved, word.at, hop))
        return replace(pull, reviews=tuple(found))

    def _reviewed_lately(self, pull: Pull, row: Row) -> Pull:
        """The same for a listing: one command lists many times, and each pull request would be asked for anew."""
        at, seen, reviews = self._lately.get(row.number, (0, None, ()))
        if seen == row and self._clock.now() - at <= _LATELY:
            return replace(pull, reviews=reviews)
        whole = self._reviewed(pull, row)
        self._lately[row.number] = (self._clock.now(), row, whole.reviews)
        return whole

    # ── writing ──

    def ensure(self, draft: Draft) -> Pull:
        """See Forge. The branch and the plan are published before.

        Raises:
            UsageError: for branch names that are none.
            ConflictError: a person committed to the branch there, or it has another pull request.
        """
        refuse_odd(draft.head, draft.base)
        row = self._find(draft.key)
        moved = self.remote.publish(draft)
        if row is None:
            row = None if moved else self._awaited(draft.key)
            row = row or create(self._clock, lambda: self._find(draft.key), lambda: self._open(draft))
            row = self.host.opened(self._alone(row, draft))
        if row.head != draft.head:
            raise ConflictError(
                f"#{row.number} of {draft.key!r} is of the branch {row.head}", remedy="close it, and try again"
            )
        row = self._settled(row, draft)
        for attempt in range(_TRIES):
            try:
                return self._whole(self._updated(row, draft))
            except ConflictError:  # somebody else changes it at this moment, most likely to the same
                if attempt == _TRIES - 1:
                    raise
                self._clock.sleep(self._clock.jitter(0.2 * 2**attempt))
                row = self._get(row.number)
        raise AssertionError  # pragma: no cover

    def _awaited(self, key: str) -> Row | None:
        """The one that whoever has just published the branch is about to open; not every server refuses a second."""
        late = self._clock.now() + _TURN
        while self._clock.now() < late:
            self._clock.sleep(self._clock.jitter(0.5))
            row = self._find(key)
            if row is not None:
                return row
        return None

    def _alone(self, row: Row, draft: Draft) -> Row:
        """The first of those of this key that are open; the others, opened in the same moment, are closed."""
        rows = (one for one in self.host.rows(open_only=True) if not one.fork and one.head == draft.head)
        same = sorted((one for one in rows if read_row(one)[0].want.key == draft.key), key=lambda one: one.number)
        for more in same[1:]:
            _, kept = read_row(more)
            closed = replace(kept or texts.kept_of(draft), closed=f"the same as #{same[0].number}")
            self.host.change(more, Change(text=texts.text_of(closed, draft.body), closed=True))
        return same[0] if same else row

    def _open(self, draft: Draft) -> Row:
        kept = replace(texts.kept_of(draft), reviewers=())  # nobody was asked yet
        row = self.host.open(draft, texts.title_of(draft), texts.text_of(kept, draft.body)) or self._find(draft.key)
        if row is not None:
            return row
        raise ConflictError(
            f"the branch {draft.head} has an open pull request already, of something else",
            remedy="close it, and run the command again",
        )

    def _settled(self, row: Row, draft: Draft) -> Row:
        """As soon as the server sees the head that was pushed."""
        late = self._clock.now() + _PATIENCE
        while row.head_oid != draft.head_oid:
            if self._clock.now() > late:
                raise ConflictError(f"{draft.head} has moved meanwhile", remedy="run the command again")
            self._clock.sleep(self._clock.jitter(0.5))
            row = self._get(row.number)
        return row

    def _updated(self, row: Row, draft: Draft) -> Row:
        _, kept = read_row(row)
        same = kept is not None and kept.hop_id == draft.hop_id
        if kept is not None and same:  # whoever runs it again asks for nothing new
            draft = replace(draft, author=kept.author)
        has, asked = (kept.labels, kept.reviewers if same else ()) if kept is not None else ((), ())
        gone = tuple(name for name in has if name not in draft.labels and name in row.labels)
        more = tuple(name for name in draft.labels if name not in row.labels)
        if gone or more:
            self.host.relabel(row, more, gone)
        people = tuple(name for name in draft.reviewers if name not in asked)
        if people:
            self.host.ask_review(row, people)
        then = kept.then(draft) if kept is not None else texts.kept_of(draft)
        if kept is not None and kept.auto and not then.auto:  # what was to be merged by itself was another change
            self.host.auto_merge(row, None, Protection(known=False))
        change = _change(row, texts.title_of(draft), texts.text_of(then, draft.body), draft)
        if change != Change():
            self.host.change(row, change)
        return self._get(row.number) if gone or more or people or change != Change() else row

    def review(self, number: int, author: str, *, approved: bool) -> Pull:
        """See Forge. Raises ConflictError where it isn't open any more, or is one's own."""
        pull = self.get(number)
        require_open(pull)
        mine = [r for r in pull.reviews if person(r.author) == person(self._name(self.host.me()) or author)]
        if mine and (mine[-1].approved, mine[-1].hop_id) == (approved, pull.want.hop_id):
            return pull
        self._lately.pop(number, None)
        self.host.review(number, pull.want.head_oid, approved=approved)
        return self.get(number)

    def comment(self, number: int, marker: str, text: str, author: str) -> Pull:
        """See Forge. The comment that is replaced is our own: another's with our marker is left as it is."""
        body, me = texts.marked(marker, text), self.host.me()

        def mine() -> Remark | None:
            found = self.host.remarks(self._get(number)) if marker else ()
            return next(
                (r for r in found if texts.read_remark(r).marker == marker and (not me or r.author == me)), None
            )

        found = create(self._clock, mine, lambda: self.host.remark(number, body))
        if found.text != body:
            self.host.rewrite(number, found.name, body)
        return self.get(number)

    def merge(self, number: int, head_oid: str, by: str, message: str, method: Method = Method.MERGE) -> Pull:
        """See Forge. The server merges, if the head still is `head_oid`; this clone's own branch follows.

        Raises:
            ConflictError: it is closed, a draft, its head or the base moved, or the one below is unmerged.
        """
        row = self._get(number)
        pull = self._whole(row)
        self._require_head(pull, head_oid)
        if pull.state is not PullState.MERGED:
            require_open(pull)
            if pull.want.below:
                require_lower_merged(pull, (read_row(row)[0] for row in self.host.rows(open_only=False)))
            self._merge(row, message, method)
        self.remote.follow(pull.want.base)
        self._drop_branch(pull)
        return self.get(number)

    def _merge(self, row: Row, message: str, method: Method) -> None:
        title, _, text = message.strip().partition("\n")
        late, wait = self._clock.now() + _PATIENCE, 0.5
        while True:
            self._refuse_conflict(row)
            unsure = False
            try:
                told = self.host.merge(row, title, text.strip(), method)
            except UnsureError as error:
                told, unsure = error.message, True
            now = self._get(row.number)
            if now.state is PullState.MERGED:
                return
            if now.head_oid != row.head_oid:
                raise ConflictError(f"#{row.number} was moved while it was merged", remedy="look at it again")
            if self._clock.now() > late:
                if unsure:
                    raise WorldError(f"#{row.number} may not be merged: {told}", remedy=_SEE)
                told = f": {told}" if told else ""
                raise ConflictError(f"#{row.number} is not merged into {row.base}{told}", remedy=_SEE)
            self._clock.sleep(self._clock.jitter(wait))
            wait = min(wait * 2, 5.0)

    def _refuse_conflict(self, row: Row) -> None:
        """A file that both sides changed: what was reviewed was an edit of a whole file."""
        base = self.remote.upstream.branch(row.base)
        files = self.remote.conflicts(base, row.head_oid) if base else ()
        if files:
            names = ", ".join(files[:10]) + (" …" if len(files) > 10 else "")
            raise ConflictError(
                f"{row.base} has changed since #{row.number} was made, in: {names}",
                remedy="run the promotion again: it plans anew on what is there now",
            )

    def _require_head(self, pull: Pull, head_oid: str) -> None:
        if pull.want.head_oid != head_oid:
            raise ConflictError(
                f"#{pull.number} was moved: its head is {pull.want.head_oid[:12]} by now",
                remedy=f"look at it again: fairlead pr show {pull.number}",
            )

    def auto_merge(self, number: int, head_oid: str, method: Method | None, by: str) -> Pull:
        """See Forge. It is kept in the text; the server is told where it is bound to wait for the gate."""
        row = self._get(number)
        pull, kept = read_row(row)
        require_open(pull)
        self._require_head(pull, head_oid)
        if pull.auto is not method:
            known = replace(kept or texts.kept_of(pull.want), auto=method.value if method is not None else "")
            self.host.change(row, Change(text=texts.text_of(known, pull.want.body)))
        self.host.auto_merge(row, method, self.host.protection(row.base))
        return self.get(number)

    def protection(self, branch: str) -> Protection:
        """See Forge."""
        return self.host.protection(branch)

    def rights(self) -> tuple[Right, ...]:
        """See Forge."""
        return self.host.rights()

    def close(self, number: int, why: str, by: str) -> Pull:
        """See Forge. Raises ConflictError where it was merged."""
        row = self._get(number)
        pull, kept = read_row(row)
        if pull.state is PullState.MERGED:
            raise ConflictError(f"#{number} was merged", remedy="`fairlead rollback` takes it back")
        if pull.state is PullState.OPEN:
            text = texts.text_of(replace(kept or texts.kept_of(pull.want), closed=why), pull.want.body)
            self.host.change(row, Change(text=text, closed=True))
        self._drop_branch(pull)
        return self.get(number)

    def _drop_branch(self, pull: Pull) -> None:
        others = [row for row in self.host.rows(open_only=True) if row.number != pull.number]
        taken = {name for row in others for name in (row.head, row.base)}
        if self.remote.drop(pull.want.head, pull.want.head_oid, taken):
            self.host.dropped(pull.want.head)

    def set_status(self, oid: str, status: Status) -> None:
        """See Forge. Raises ConflictError for a commit that the forge has not."""
        if not self.host.has(oid):
            raise ConflictError(f"{self.host.name} has no commit {oid[:12]}", remedy="push its branch first")
        self.host.set_status(oid, status)

    def statuses(self, oid: str) -> tuple[Status, ...]:
        """See Forge; none of a commit that the forge has not."""
        return tuple(replace(status, author=self._name(status.author)) for status in self.host.statuses(oid))


def _change(row: Row, title: str, text: str, draft: Draft) -> Change:
    return Change(
        title=title if title != row.title else None,
        text=text if text != row.text else None,
        base=draft.base if draft.base != row.base else None,
        draft=draft.draft if draft.draft != row.draft else None,
    )
