"""The smallest forge on a server: what a new one has to bring, and no more. The contract suite runs on it.

Its server is a bare repository and a few tables in memory; with the API of a real one in their place, `SmallestHost` is
the file that a new forge is.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from fairlead.doors.git.plumbing import environment
from fairlead.doors.git.repository import Repository
from fairlead.doors.git.upstream import Upstream
from fairlead.forge.host import Change, Remark, Row, Word
from fairlead.forge.hosted import HostedForge
from fairlead.forge.remote import Remote
from fairlead.model.errors import ConflictError
from fairlead.model.pulls import Draft, Method, Protection, PullState, Right, Status
from fairlead.model.runtime import Clock


@dataclass
class Server:
    """What the server keeps: git's side in a bare repository, the rest in tables."""

    folder: Path
    clock: Clock
    rows: dict[int, Row] = field(default_factory=dict)
    reviews: dict[int, list[Word]] = field(default_factory=dict)
    remarks: list[tuple[int, Remark]] = field(default_factory=list)
    statuses: dict[str, list[Status]] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path, clock: Clock) -> Server:
        """An empty one."""
        folder.mkdir()
        made = cls(folder, clock)
        made.git("init", "--quiet", "--bare", "--initial-branch=main")
        return made

    def git(self, *argv: str) -> str:
        """What git says there; empty where it refuses."""
        who = ("-c", "user.name=server", "-c", "user.email=server@example.org")
        done = subprocess.run(
            ["git", *who, *argv], cwd=self.folder, env=environment(), capture_output=True, text=True, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    def tip(self, branch: str) -> str:
        """Where a branch stands; empty where there is none."""
        return self.git("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}")


class SmallestHost:
    """Meets forge.host.Host, asked by one person."""

    kind = "smallest"
    name = "smallest.example.org"

    def __init__(self, server: Server, login: str) -> None:
        self.server = server
        self.login = login

    def me(self) -> str:
        return self.login

    def mail(self, login: str) -> str:
        return f"{login}@example.org"

    # ── pull requests ──

    def rows(self, *, open_only: bool) -> Iterable[Row]:
        found = [self._now(number) for number in self.server.rows]
        return [row for row in found if row.state is PullState.OPEN or not open_only]

    def row(self, number: int) -> Row | None:
        return self._now(number) if number in self.server.rows else None

    def _now(self, number: int) -> Row:
        """As it stands: an open one follows its branch."""
        row = self.server.rows[number]
        at = self.server.tip(row.head) if row.state is PullState.OPEN else ""
        if at and at != row.head_oid:
            row = self._put(replace(row, head_oid=at))
            self.server.git("update-ref", self.head_ref(number), at)
        return row

    def _put(self, row: Row) -> Row:
        self.server.rows[row.number] = replace(row, updated=self.server.clock.now())
        return self.server.rows[row.number]

    def head_ref(self, number: int) -> str:
        return f"refs/pull/{number}/head"

    def open(self, draft: Draft, title: str, text: str) -> Row | None:
        if any(row.head == draft.head for row in self.rows(open_only=True)):
            return None
        number, now = len(self.server.rows) + 1, self.server.clock.now()
        row = Row(
            number, PullState.OPEN, title, text, draft.draft, draft.head, self.server.tip(draft.head), draft.base,
            self.login, fork=False, created=now, updated=now,
        )  # fmt: skip
        self.server.git("update-ref", self.head_ref(number), row.head_oid)
        return self._put(row)

    def opened(self, row: Row) -> Row:
        return row

    def change(self, row: Row, change: Change) -> None:
        told = {"title": change.title, "text": change.text, "base": change.base, "draft": change.draft}
        state = PullState.CLOSED if change.closed else row.state
        self._put(replace(row, state=state, **{name: value for name, value in told.items() if value is not None}))

    def relabel(self, row: Row, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
        now = self.server.rows[row.number]
        self._put(replace(now, labels=(*(name for name in now.labels if name not in remove), *add)))

    def ask_review(self, row: Row, people: tuple[str, ...]) -> None:
        pass

    def merge(self, row: Row, title: str, text: str, method: Method) -> str:
        git, base = self.server.git, self.server.tip(row.base)
        if method is Method.REBASE:
            raise ConflictError("this server does not rebase", remedy="--method squash")
        tree = git("merge-tree", "--write-tree", base, row.head_oid)
        if self._now(row.number).head_oid != row.head_oid or not tree:
            raise ConflictError(f"#{row.number} can't be merged", remedy="look at it again")
        parents = [base, row.head_oid] if method is Method.MERGE else [base]
        made = git("commit-tree", tree, "-m", title, "-m", text, *(word for oid in parents for word in ("-p", oid)))
        git("update-ref", f"refs/heads/{row.base}", made, base)
        now = self.server.clock.now()
        self._put(replace(row, state=PullState.MERGED, merged_at=now, merged_by=self.login, merge_commit=made))
        return ""

    def auto_merge(self, row: Row, method: Method | None, protection: Protection) -> None:
        pass

    def dropped(self, branch: str) -> None:
        pass

    # ── words ──

    def reviews(self, number: int) -> Iterable[Word]:
        return self.server.reviews.get(number, ())

    def review(self, number: int, oid: str, *, approved: bool) -> None:
        word = Word(self.login, approved, self.server.clock.now(), oid)
        self.server.reviews.setdefault(number, []).append(word)

    def remarks(self, row: Row) -> Iterable[Remark]:
        return [remark for number, remark in self.server.remarks if number == row.number]

    def remark(self, number: int, text: str) -> Remark:
        made = Remark(len(self.server.remarks), self.login, self.server.clock.now(), text)
        self.server.remarks.append((number, made))
        return made

    def rewrite(self, number: int, name: int, text: str) -> None:
        self.server.remarks[name] = (number, replace(self.server.remarks[name][1], text=text))

    def has(self, oid: str) -> bool:
        return self.server.git("cat-file", "-t", oid) == "commit"

    def set_status(self, oid: str, status: Status) -> None:
        self.server.statuses.setdefault(oid, []).append(replace(status, author=self.login))

    def statuses(self, oid: str) -> tuple[Status, ...]:
        latest = {status.context: status for status in self.server.statuses.get(oid, ())}
        return tuple(latest[name] for name in sorted(latest))

    # ── rules ──

    def protection(self, branch: str) -> Protection:
        return Protection(known=True)

    def rights(self) -> tuple[Right, ...]:
        return (Right("read and write pull requests", allowed=True),)


def connect(repo: Repository, server: Server, login: str) -> HostedForge:
    """As a real one's `connect` does, of a place and a token."""
    return HostedForge(SmallestHost(server, login), Remote(repo, Upstream(repo)), server.clock)
