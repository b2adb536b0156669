"""Pull requests, and the Protocol that every forge meets."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from typing import Protocol

from fairlead.model.values import dataclass

GATE = "fairlead/gate"  # the status that says what the gates say


class PullState(enum.StrEnum):
    """Where a pull request stands."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class Method(enum.StrEnum):
    """How a pull request's commits come to its base: as they are under a merge, as one, or one after the other."""

    MERGE = "merge"
    SQUASH = "squash"
    REBASE = "rebase"


def person(name: str) -> str:
    """Who a name stands for: `Ann <Ann@example.org>` and `ann@example.org` are one person."""
    mail = name.rpartition("<")[2].partition(">")[0] if "<" in name else name
    return mail.strip().casefold()


@dataclass(frozen=True)
class Review:
    """A person's word on a pull request, given for one tree delta (`hop_id`)."""

    author: str
    approved: bool
    at: int
    hop_id: str


def latest(reviews: Iterable[Review], hop_id: str, asker: str) -> tuple[Review, ...]:
    """The reviews that count: each person's last on the present hop, without who asked."""
    words: dict[str, Review] = {}
    for review in sorted(reviews, key=lambda r: r.at):  # stable: of the same second, the later one stands
        who = person(review.author)
        if review.hop_id == hop_id and who != person(asker):
            words.pop(who, None)
            words[who] = review
    return tuple(words.values())


class StatusState(enum.StrEnum):
    """What a program says of a commit."""

    SUCCESS = "success"
    FAILURE = "failure"
    PENDING = "pending"


@dataclass(frozen=True)
class Status:
    """A program's word on a commit; of each `context` the latest counts. `at` in seconds since the epoch."""

    context: str
    state: StatusState
    author: str
    at: int
    text: str = ""


@dataclass(frozen=True)
class Comment:
    """A remark; `marker` names the one that a program keeps current (empty: a person's)."""

    author: str
    at: int
    text: str
    marker: str = ""


@dataclass(frozen=True)
class Draft:
    """The pull request as it should be. `key` says which promotion it is: the same key, the same pull request.

    `below` is the key of the pull request that must be merged before this one (a stack), or empty. `reviewers` are
    those whose review is asked: logins, e-mails, teams (`@org/team`); whom the forge doesn't know is passed over.
    """

    key: str
    title: str
    body: str
    head: str
    head_oid: str
    base: str
    author: str
    plan_id: str
    hop_id: str
    below: str = ""
    draft: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pull:
    """A pull request as the forge holds it. Times are seconds since the epoch, 0 where it has not happened.

    `auto` is how it is to be merged as soon as its gates are open, None where a person merges it.
    """

    number: int
    state: PullState
    want: Draft
    created: int
    updated: int
    reviews: tuple[Review, ...] = ()
    comments: tuple[Comment, ...] = ()
    merged_at: int = 0
    merged_by: str = ""
    merge_commit: str = ""
    closed_why: str = ""
    auto: Method | None = None


@dataclass(frozen=True)
class Protection:
    """What the forge itself demands before a branch moves.

    `known` is False where the token may not read it: then nothing else here says anything. `required` are contexts
    of statuses, `pinned` those of them that only one app may set; `queue` says that merges wait in a queue or train.
    """

    known: bool
    required: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    approvals: int = 0
    owners: bool = False
    pushes: bool = True
    queue: bool = False


@dataclass(frozen=True)
class Right:
    """One thing that fairlead does on a forge, and whether the token may: None where that can't be told.

    `remedy` says what to give it, empty where it may.
    """

    what: str
    allowed: bool | None
    remedy: str = ""


class Forge(Protocol):
    """What fairlead asks of a place that keeps pull requests."""

    @property
    def kind(self) -> str:
        """`local`, `github`, ..."""

    def follow(self, branch: str) -> None:
        """Bring this clone's own branch to where the forge has it, without loss; the local forge has no other."""

    def fetch(self, ref: str) -> str | None:
        """The commit at a ref of the forge's repository, brought here; None where it has none, or can't be asked."""

    def share(self) -> bool:
        """Bring the audit log here and there together: holds, and since when what runs. False where that is refused.

        Without new entries here, the second time costs nothing. The local forge has no other.
        """

    def find(self, key: str) -> Pull | None:
        """The open pull request of this key."""

    def get(self, number: int) -> Pull:
        """One by its number. Raises UsageError where there is none."""

    def pulls(self, *, open_only: bool = False, reviewed: bool = False) -> tuple[Pull, ...]:
        """All that can be read, by number; `reviewed`: the open ones with their reviews, each of which may be asked."""

    def notes(self) -> tuple[str, ...]:
        """What couldn't be read, for people: damaged or foreign records."""

    def ensure(self, draft: Draft) -> Pull:
        """Open it, or bring the open one of the same key up to date. Reviews of another hop are kept, not counted."""

    def review(self, number: int, author: str, *, approved: bool) -> Pull:
        """Record a review of the present head."""

    def comment(self, number: int, marker: str, text: str, author: str) -> Pull:
        """Write one comment; with a marker, the comment of that marker is replaced."""

    def merge(self, number: int, head_oid: str, by: str, message: str, method: Method = Method.MERGE) -> Pull:
        """Merge if the head still is `head_oid`. Raises ConflictError otherwise. Gates are judged before.

        Again after a crash it converges: what has landed already is recorded, and a merged one is returned.
        """

    def auto_merge(self, number: int, head_oid: str, method: Method | None, by: str) -> Pull:
        """Have it merged so when its gates are open; None takes that back. Raises ConflictError if the head moved.

        A forge that can do so by itself is told; `fairlead gate --all-open` merges what is left.
        """

    def protection(self, branch: str) -> Protection:
        """What the forge demands of a branch, by itself; nothing where it has no such rules."""

    def rights(self) -> tuple[Right, ...]:
        """What the token may do, of all that fairlead does there. Changes nothing."""

    def close(self, number: int, why: str, by: str) -> Pull:
        """Close it unmerged and remove its branch."""

    def set_status(self, oid: str, status: Status) -> None:
        """Record a word on a commit; an earlier one of the same context counts no more."""

    def statuses(self, oid: str) -> tuple[Status, ...]:
        """The words on a commit, each context's latest, by name."""
