"""What a forge on a server has to do by itself: the small Protocol beneath `hosted.HostedForge`.

A new forge is one class that meets `Host`. It speaks in these rows and none of its client's types; what it can't do
it refuses with ConflictError, and whatever may have been done or not is `http.UnsureError`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from fairlead.model.pulls import Draft, Method, Protection, PullState, Right, Status
from fairlead.model.values import dataclass


@dataclass(frozen=True)
class Row:
    """A pull request as a server shows it. People are logins, times are seconds since the epoch, 0 for none.

    `title` is without the server's mark of a draft. `head` is a branch; of a fork (`fork`) it is `owner/name:branch`.
    """

    number: int
    state: PullState
    title: str
    text: str
    draft: bool
    head: str
    head_oid: str
    base: str
    author: str
    fork: bool
    created: int
    updated: int
    labels: tuple[str, ...] = ()
    merged_at: int = 0
    merged_by: str = ""
    merge_commit: str = ""


@dataclass(frozen=True)
class Word:
    """A review: a login's word on the commit `oid`."""

    author: str
    approved: bool
    at: int
    oid: str


@dataclass(frozen=True)
class Remark:
    """A comment as the server holds it; `name` is what the server calls it."""

    name: int
    author: str
    at: int
    text: str


@dataclass(frozen=True)
class Change:
    """What is to be otherwise in a pull request; None stays."""

    title: str | None = None
    text: str | None = None
    base: str | None = None
    draft: bool | None = None
    closed: bool | None = None


class Host(Protocol):
    """A server with one project's pull requests, asked with one person's token."""

    @property
    def kind(self) -> str:
        """`gitea`, ..."""

    @property
    def name(self) -> str:
        """The host, for people."""

    def me(self) -> str:
        """Whose token it is, a login; empty where it may not say so."""

    def mail(self, login: str) -> str:
        """Somebody's e-mail, as in git; empty where they don't show it."""

    def rows(self, *, open_only: bool) -> Iterable[Row]:
        """Every pull request, each once; in no order."""

    def row(self, number: int) -> Row | None:
        """One by its number."""

    def head_ref(self, number: int) -> str:
        """The ref under which the server keeps a pull request's head: `refs/pull/1/head`."""

    def open(self, draft: Draft, title: str, text: str) -> Row | None:
        """Open one; None where its branch has an open one already. Labels and reviewers come after."""

    def opened(self, row: Row) -> Row:
        """It was opened: wait until the server leaves it as it is."""

    def change(self, row: Row, change: Change) -> None:
        """Change it."""

    def relabel(self, row: Row, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
        """Add and remove labels; one that is not there yet is made."""

    def ask_review(self, row: Row, people: tuple[str, ...]) -> None:
        """Ask for reviews; whom the server doesn't know, or can't ask, is passed over."""

    def reviews(self, number: int) -> Iterable[Word]:
        """The reviews that stand: neither dismissed nor withdrawn."""

    def review(self, number: int, oid: str, *, approved: bool) -> None:
        """Review the commit `oid`."""

    def remarks(self, row: Row) -> Iterable[Remark]:
        """Its comments, first to last."""

    def remark(self, number: int, text: str) -> Remark:
        """Write a comment."""

    def rewrite(self, number: int, name: int, text: str) -> None:
        """Replace a comment's text."""

    def merge(self, row: Row, title: str, text: str, method: Method) -> str:
        """Merge, if the head still is `row.head_oid`: empty where it was accepted, else why to try again.

        Raises ConflictError where it can't be merged, whatever one waits for.
        """

    def auto_merge(self, row: Row, method: Method | None, protection: Protection) -> None:
        """Tell the server to merge by itself once its rules are met, or no more; nothing where it can't."""

    def dropped(self, branch: str) -> None:
        """A branch was removed there."""

    def has(self, oid: str) -> bool:
        """Whether the server has this commit."""

    def set_status(self, oid: str, status: Status) -> None:
        """Write a status of a commit that is there."""

    def statuses(self, oid: str) -> tuple[Status, ...]:
        """Each context's latest, by name; authors are logins. None of a commit that isn't there."""

    def protection(self, branch: str) -> Protection:
        """See Forge."""

    def rights(self) -> tuple[Right, ...]:
        """See Forge."""
