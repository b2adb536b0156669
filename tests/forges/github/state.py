"""What the double remembers: people and their tokens, repositories, pull requests, words on commits, rules."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.forges.github.gitside import Bare


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


class RefusalError(Exception):
    """An answer that is a no."""

    def __init__(self, status: int, message: str, errors: list[dict[str, str]] | None = None, **headers: str) -> None:
        super().__init__(message)
        self.status, self.message, self.errors, self.headers = status, message, errors, headers


def invalid(resource: str, message: str = "", field_: str = "", code: str = "custom") -> RefusalError:
    row = {"resource": resource, "code": code} | ({"field": field_} if field_ else {})
    return RefusalError(422, "Validation Failed", [row | ({"message": message} if message else {})])


@dataclass(frozen=True)
class User:
    """Somebody. `mail` is what their profile shows."""

    id: int
    login: str
    mail: str = ""
    kind: str = "User"


@dataclass(frozen=True)
class Login:
    """What a token stands for. `scopes` are those of a classic token; None: it has permissions instead.

    `reads` names a token that may read alone, `app` one of an App or a workflow, which has no profile.
    """

    user: User
    scopes: tuple[str, ...] | None = ("repo",)
    reads: bool = False
    app: bool = False


@dataclass
class Guard:
    """What a branch demands. `classic` is branch protection, else a ruleset."""

    required: tuple[str, ...] = ()
    pinned: dict[str, int] = field(default_factory=dict)
    approvals: int = 0
    owners: bool = False
    stale: bool = False  # approvals are dismissed by a push
    locked: bool = False  # nobody pushes
    queue: bool = False
    classic: bool = False

    @property
    def contexts(self) -> dict[str, int | None]:
        return {**dict.fromkeys(self.required), **self.pinned}


@dataclass
class Review:
    """A word on a commit of a pull request."""

    id: int
    user: User
    state: str
    commit: str
    body: str
    at: str


@dataclass
class Comment:
    """A remark."""

    id: int
    user: User
    body: str
    at: str
    edited: str


@dataclass
class Pull:
    """A pull request."""

    number: int
    user: User
    title: str
    body: str
    head_repo: Repo
    head: str
    sha: str
    base: str
    created: str
    updated: str
    draft: bool = False
    open: bool = True
    closed: str | None = None
    merged: str | None = None
    merged_by: User | None = None
    merge_commit: str | None = None
    labels: list[str] = field(default_factory=list)
    reviewers: list[User] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    auto: dict[str, Any] | None = None
    looked: bool = False  # whether it can be merged has been computed
    shown: list[str] = field(default_factory=list)  # earlier heads that are still shown, once each

    @property
    def node(self) -> str:
        return f"PR_{self.head_repo.id}_{self.number}"

    def touch(self) -> None:
        self.updated = now()


@dataclass
class Repo:
    """A repository."""

    id: int
    owner: User
    name: str
    git: Bare
    access: dict[str, str]  # login -> read, write, admin
    parent: Repo | None = None
    archived: bool = False
    auto_merge: bool = True
    drafts: bool = True
    methods: tuple[str, ...] = ("merge", "squash", "rebase")
    drops: bool = False  # a merged pull request's branch is removed
    lag: int = 0  # so many times a pull request is shown with the head that it had before a push
    teams: set[str] = field(default_factory=set)
    pulls: dict[int, Pull] = field(default_factory=dict)
    labels: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    runs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    guards: dict[str, Guard] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        return f"{self.owner.login}/{self.name}"

    def guard(self, branch: str, **demands: Any) -> Guard:
        """Let a branch demand something."""
        self.guards[branch] = Guard(**demands)
        self.git.protect([name for name, guard in self.guards.items() if guard.locked])
        return self.guards[branch]

    def sync(self, pusher: User) -> None:
        """What follows from moved branches: heads follow, what lost a branch closes, what landed is merged."""
        for pull in [p for p in self.pulls.values() if p.open]:
            self._sync(pull, pusher)

    def _sync(self, pull: Pull, pusher: User) -> None:
        head, base = pull.head_repo.git.tip(pull.head), self.git.tip(pull.base)
        if head is not None and head != pull.sha:
            pull.shown, pull.sha, pull.looked = [pull.sha] * self.lag, head, False
            pull.touch()
            self.record_head(pull)
            for review in pull.reviews if self._guard(pull).stale else ():
                review.state = "DISMISSED" if review.state in ("APPROVED", "CHANGES_REQUESTED") else review.state
        if base is not None and self.git.contains(base, pull.sha):
            self.landed(pull, pusher, base)
        elif head is None or base is None:
            pull.open, pull.closed, pull.auto = False, now(), None
            pull.touch()

    def record_head(self, pull: Pull) -> None:
        if pull.head_repo is not self:
            self.git.run("fetch", "--quiet", str(pull.head_repo.git.path), pull.sha)
        self.git.move(f"refs/pull/{pull.number}/head", pull.sha)

    def landed(self, pull: Pull, who: User, commit: str) -> None:
        pull.open, pull.closed, pull.merged, pull.merged_by, pull.merge_commit = False, now(), now(), who, commit
        pull.auto = None
        pull.touch()

    def _guard(self, pull: Pull) -> Guard:
        return self.guards.get(pull.base, Guard())

    # ── merging ──

    def lacking(self, pull: Pull) -> str:
        """Why it may not be merged yet; empty where it may."""
        if pull.draft:
            return "Pull Request is still a draft"
        guard = self._guard(pull)
        for context, app in guard.contexts.items():
            if not self._passed(pull.sha, context, app):
                return f'Required status check "{context}" is expected.'
        given = self._approvals(pull)
        if given < guard.approvals:
            return f"At least {guard.approvals} approving review is required by reviewers with write access."
        return ""

    def _passed(self, sha: str, context: str, app: int | None) -> bool:
        said = next((row for row in reversed(self.statuses.get(sha, ())) if row["context"] == context), None)
        if said is not None and app is None:
            return bool(said["state"] == "success")
        runs = [row for row in self.runs.get(sha, ()) if row["name"] == context and app in (None, row["app"]["id"])]
        return bool(runs) and runs[-1]["conclusion"] in ("success", "neutral", "skipped")

    def _approvals(self, pull: Pull) -> int:
        last = {r.user.login: r.state for r in pull.reviews if r.state != "COMMENTED" and r.user != pull.user}
        may = {name for name, access in self.access.items() if access in ("write", "admin")}
        return sum(state == "APPROVED" for name, state in last.items() if name in may)

    def conflicts(self, pull: Pull) -> bool:
        base = self.git.tip(pull.base)
        return base is None or self.git.merged_tree(base, pull.sha) is None

    def merge(self, pull: Pull, who: User, method: str, title: str, body: str) -> str | None:
        """Merge it; None for a conflict."""
        base = self.git.tip(pull.base)
        assert base is not None
        head = f"{pull.head_repo.owner.login}/{pull.head}"
        title = title or f"Merge pull request #{pull.number} from {head}"
        author = (who.login, who.mail or f"{who.login}@users.noreply.example.org")
        made = self.git.merge(base, pull.sha, method, f"{title}\n\n{body}".strip() + "\n", author)
        if made is None:
            return None
        self.git.move(f"refs/heads/{pull.base}", made)
        self.landed(pull, who, made)
        if self.drops:
            pull.head_repo.git.run("update-ref", "-d", f"refs/heads/{pull.head}")
        self.sync(who)
        return made

    def auto_merged(self) -> None:
        """Merge what waits for that, and lacks nothing any more."""
        for pull in [p for p in self.pulls.values() if p.open and p.auto]:
            if pull.auto and not self.lacking(pull) and not self.conflicts(pull):
                wish = pull.auto
                self.merge(pull, wish["user"], wish["method"].lower(), wish["title"] or "", wish["body"] or "")

    def run_checked(self, sha: str, name: str, conclusion: str | None, app: int = 15368, slug: str = "ci") -> None:
        """A check run of an app on a commit; without a conclusion it still runs."""
        rows = self.runs.setdefault(sha, [])
        rows.append({
            "id": len(rows) + 1, "name": name, "head_sha": sha, "conclusion": conclusion,
            "status": "completed" if conclusion else "in_progress", "app": {"id": app, "slug": slug},
            "check_suite": {"id": 1}, "started_at": now(), "completed_at": now() if conclusion else None,
        })  # fmt: skip
        self.auto_merged()


@dataclass
class World:
    """All of it."""

    folder: Path
    users: dict[str, User] = field(default_factory=dict)
    logins: dict[str, Login] = field(default_factory=dict)
    repos: dict[str, Repo] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    _ids: int = 100

    def next_id(self) -> int:
        self._ids += 1
        return self._ids

    def user(self, login: str, kind: str = "User") -> User:
        """Somebody, who is made where there is none: `bob` shows bob@example.org."""
        if login not in self.users:
            mail = f"{login}@example.org" if kind == "User" else ""
            self.users[login] = User(self.next_id(), login, mail, kind)
        return self.users[login]

    def token(self, login: str, *, prefix: str = "ghp_", **more: Any) -> str:
        """A new token of somebody; `more` as in Login."""
        value = f"{prefix}{login.removesuffix('[bot]')}{len(self.logins):030d}"
        kind = "Bot" if login.endswith("[bot]") else "User"
        self.logins[value] = Login(self.user(login, kind), app=kind == "Bot", **more)
        return value

    def repo(self, owner: str, name: str, people: dict[str, str], parent: Repo | None = None) -> Repo:
        """A new repository: an empty one, or a fork."""
        number = self.next_id()
        git = Bare.create(self.folder / f"{number}.git")
        if parent is not None:
            git.run("fetch", "--quiet", str(parent.git.path), "+refs/heads/*:refs/heads/*")
        made = Repo(number, self.user(owner), name, git, {owner: "admin", **people}, parent)
        self.repos[made.full_name.lower()] = made
        return made
