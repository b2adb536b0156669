"""A place on the double of GitLab, with what is behind it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from fairlead.doors.clock import SystemClock
from fairlead.doors.git.repository import Repository
from fairlead.forge import gitlab as gitlab_forge
from fairlead.forge import kept
from fairlead.forge.hosted import HostedForge
from fairlead.forge.http import Token
from fairlead.forge.selection import Place
from fairlead.model.pulls import Draft, latest
from tests.contract.test_forge import FILES, draft
from tests.forges.gitlab.server import Server, server
from tests.forges.gitlab.state import MergeRequest, Project, now
from tests.support import commit, new_repo


class QuickClock(SystemClock):
    """One that waits without waiting; `rate` makes a wait longer than it was asked to be."""

    ahead = 0.0
    rate = 1

    def now(self) -> int:
        return int(time.time() + self.ahead)

    def sleep(self, seconds: float) -> None:
        self.ahead += seconds * self.rate


@dataclass
class Lab:
    """A project on the double, a clone of it, and the forge as ann speaks with it."""

    double: Server
    project: Project
    repo: Repository
    clock: QuickClock = field(default_factory=QuickClock)

    @cached_property
    def forge(self) -> HostedForge:
        return self.as_("ann")

    def as_(self, who: str) -> HostedForge:
        return self.as_token(Token(self.double.token(who), "a test"))

    def as_token(self, token: Token | None, path: str = "") -> HostedForge:
        there = Place("gitlab", self.double.url, path or self.project.path)
        return gitlab_forge.connect(self.repo, self.clock, there, token)

    @property
    def requests(self) -> list[MergeRequest]:
        return self.project.requests

    def branch(self, text: str = "a: 2\n", *, put: bool = False) -> str:
        """A commit on the branch of a promotion; there too if `put`."""
        oid = commit(self.repo, "fairlead/staging/web", {"a.yaml": text}, start="main")
        if put:
            self.put("fairlead/staging/web")
        return oid

    def on_main(self, texts: dict[str, str]) -> str:
        """A commit on main, there too."""
        oid = commit(self.repo, "main", texts)
        self.put("main")
        return oid

    def put(self, ref: str) -> None:
        """As a push does, without git's way over http."""
        self.project.git.run("fetch", "--quiet", str(self.repo.root), f"+refs/heads/{ref}:refs/heads/{ref}")
        self.project.git.look()
        self.project.sync(self.double.world.person("ann"))

    def opened(self) -> str:
        """There is a merge request of ann's; its head."""
        oid = self.branch(put=True)
        self.request(draft(oid))
        return oid

    def request(self, want: Draft, source: Project | None = None) -> MergeRequest:
        """As `ensure` opens one, at once."""
        who, at = self.double.world.person("eve" if source else "ann"), now()
        text = kept.text_of(kept.kept_of(want), want.body)
        made = MergeRequest(
            self.project.number(), next(self.project.iids), self.project, source or self.project, who, want.title, text,
            want.head, want.base, want.head_oid, at, at,
        )  # fmt: skip
        self.requests.append(made)
        self.project.record(made, want.head_oid)
        return made

    def approvals(self) -> list[str]:
        """Whose approvals of the first one count."""
        pull = self.forge.get(1)
        return [r.author for r in latest(pull.reviews, pull.want.hop_id, pull.want.author) if r.approved]

    def calls(self) -> list[str]:
        """The operations since it was last asked."""
        made, self.double.calls[:] = list(self.double.calls), []
        return made


def lab_at(folder: Path) -> Lab:
    """A new one."""
    double = server()
    project = double.project("ann", "bob", "bot")
    repo = new_repo(folder, FILES)
    repo.git.run("remote", "add", "origin", f"{double.url}/{project.path}.git")
    made = Lab(double, project, repo)
    made.put("main")
    made.calls()
    return made
