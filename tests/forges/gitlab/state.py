"""What the double remembers: people and their tokens, projects, merge requests, notes, approvals, statuses, rules."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.forges.gitlab.gitside import Bare

REPORTER, DEVELOPER, MAINTAINER = 20, 30, 40
_DRAFT = re.compile(r"(?i)\s*(?:\[draft\]|\(draft\)|draft:)\s*")
_UNDONE = ("pending", "running")
_last = [0.0]


class Refusal(Exception):  # noqa: N818  it is an answer
    """An answer that is a no. `message` is a text, or what GitLab nests in its place."""

    def __init__(self, status: int, message: Any, **headers: str) -> None:
        super().__init__(str(message))
        self.status, self.message, self.headers = status, message, headers


def now() -> str:
    """GitLab tells milliseconds; no two events are at the same one."""
    _last[0] = max(time.time(), _last[0] + 0.001)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(_last[0])) + f".{int(_last[0] * 1000) % 1000:03}Z"


@dataclass(frozen=True)
class User:
    """Somebody. `mail` is the public one of their profile."""

    id: int
    username: str
    mail: str = ""

    @property
    def identity(self) -> tuple[str, str]:
        return self.username, self.mail or f"{self.id}-{self.username}@users.noreply.gitlab.test"


@dataclass
class Login:
    """What a token stands for. `left` is how many requests it is good for yet; None: it doesn't expire."""

    user: User
    scopes: tuple[str, ...] = ("api",)
    job: bool = False
    left: int | None = None


@dataclass
class Note:
    """A comment, or what GitLab writes of an event by itself (`system`)."""

    id: int
    author: User
    body: str
    created: str
    updated: str
    system: bool = False


@dataclass(frozen=True)
class Version:
    """A head that a merge request had."""

    id: int
    head: str
    base: str
    at: str


@dataclass
class CommitStatus:
    """A word on a commit, as a job of a pipeline from outside."""

    id: int
    sha: str
    ref: str
    name: str
    status: str
    author: User
    at: str
    pipeline: int
    description: str | None = None
    target_url: str | None = None


@dataclass
class Rules:
    """A project's settings, by their names in the API; `protected` branches with who may push; who must approve."""

    merge_method: str = "merge"
    squash_option: str = "default_off"
    only_allow_merge_if_pipeline_succeeds: bool = False
    merge_trains_enabled: bool = False
    archived: bool = False
    merge_requests_enabled: bool = True
    reset_approvals_on_push: bool = False
    author_may_approve: bool = True
    several_reviewers: bool = True
    premium: bool = True  # approval rules and code owners are there
    protected: dict[str, int] = field(default_factory=dict)  # branch -> access level of those who may push; 0: nobody
    owners: bool = False
    approvals: int = 0


@dataclass
class MergeRequest:
    """One. `looking` is how many more times its state is told as being looked at."""

    id: int
    iid: int
    project: Project
    source: Project
    author: User
    title: str
    description: str
    source_branch: str
    target_branch: str
    sha: str
    created: str
    updated: str
    state: str = "opened"
    labels: list[str] = field(default_factory=list)
    reviewers: dict[User, str] = field(default_factory=dict)  # with how each stands
    approved: dict[str, str] = field(default_factory=dict)  # username -> when
    notes: list[Note] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    looking: int = 0
    lagging: list[str] = field(default_factory=list)  # earlier heads that are still shown, once each
    merged: str | None = None
    merged_by: User | None = None
    merge_commit: str | None = None
    squash_commit: str | None = None
    closed: str | None = None
    closed_by: User | None = None
    auto: dict[str, Any] | None = None
    auto_by: User | None = None

    @property
    def draft(self) -> bool:
        return _DRAFT.match(self.title) is not None

    def tell(self, who: User, body: str) -> None:
        """A note of GitLab's own."""
        at = now()
        self.notes.append(Note(self.project.number(), who, body, at, at, system=True))
        self.updated = at


@dataclass
class Project:
    """A project, with its repository."""

    id: int
    path: str
    git: Bare
    number: Callable[[], int]
    members: dict[str, int]
    rules: Rules = field(default_factory=Rules)
    requests: list[MergeRequest] = field(default_factory=list)
    statuses: list[CommitStatus] = field(default_factory=list)
    parent: Project | None = None
    old_paths: set[str] = field(default_factory=set)
    tips: dict[str, str] = field(default_factory=dict)
    looks: int = 1  # how many times a merge request is told as being looked at after a push
    others: dict[str, int] = field(default_factory=dict)  # commits whose latest pipeline is one of merge requests
    lag: int = 0  # how many times it is told with the head that it had before a push
    iids: count[int] = field(default_factory=lambda: count(1))

    def level(self, user: User) -> int:
        return self.members.get(user.username, 0)

    def sync(self, who: User) -> None:
        """What follows from branches that moved: heads follow, approvals go, what has landed is merged."""
        tips = self.git.tips()
        if tips != self.tips:
            before, self.tips = self.tips, tips
            places = (self,) if self.parent is None else (self, self.parent)
            for request in [r for place in places for r in place.requests if r.state == "opened"]:
                self._follow(request, before, who)
        for request in self.requests:
            if request.auto is not None and request.state == "opened" and self.pipeline(request.sha) == "success":
                self.land(request, request.auto_by or who, request.auto)

    def _follow(self, request: MergeRequest, before: dict[str, str], who: User) -> None:
        home = request.project
        tip = self.tips.get(request.source_branch) if request.source is self else None
        if tip is not None and tip != request.sha:
            request.lagging = [request.sha] * home.lag
            request.auto = None
            home.record(request, tip)
            request.tell(who, "added 1 commit")
            if home.rules.reset_approvals_on_push:
                request.approved.clear()
        target = self.tips.get(request.target_branch, "") if home is self else ""
        old = before.get(request.target_branch)
        if target and target != old:
            request.looking = self.looks
            fresh = old is None or not self.git.contains(old, request.sha)
            if fresh and self.git.contains(target, request.sha):
                request.state, request.merged, request.merged_by = "merged", now(), who
                request.merge_commit, request.updated = target, request.merged

    def record(self, request: MergeRequest, head: str) -> None:
        """A merge request has a head from now on."""
        if request.source is not self:
            self.git.run("fetch", "--quiet", str(request.source.git.path), head)
        request.sha, request.looking, request.updated = head, self.looks, now()
        base = self.git.run("merge-base", self.git.tips().get(request.target_branch, head), head)
        request.versions.append(Version(self.number(), head, base, request.updated))
        self.git.move(f"refs/merge-requests/{request.iid}/head", head)

    # ── pipelines ──

    def latest(self, sha: str) -> list[CommitStatus]:
        """Each name's last word on a commit."""
        return list({status.name: status for status in self.statuses if status.sha == sha}.values())

    def pipeline(self, sha: str) -> str:
        """How a commit's pipeline stands; empty where it has none."""
        words = {status.status for status in self.latest(sha)}
        for word in ("failed", "canceled", "running", "pending"):
            if word in words:
                return word
        return "success" if words else ""

    def pipeline_id(self, sha: str) -> int:
        """That of a merge request of this head: the latest one."""
        known = [status.pipeline for status in self.statuses if status.sha == sha]
        return self.others.get(sha) or (known[-1] if known else 0)

    def say(self, who: User, sha: str, want: dict[str, Any]) -> CommitStatus:
        """As GitLab does: what isn't finished is taken further, by the same person alone; else another one is made."""
        branches = self.git.branches_with(sha)
        ref = want.get("ref") or next((s.ref for s in self.statuses if s.sha == sha), "") or next(iter(branches), "")
        if not ref:
            raise Refusal(404, "404 References for commit Not Found")
        name, state = want.get("name") or want.get("context") or "default", want["state"]
        found = next(
            (s for s in reversed(self.statuses)
             if (s.sha, s.name, s.ref, s.author) == (sha, name, ref, who) and s.status in _UNDONE), None,
        )  # fmt: skip
        stuck = found is not None and (state, found.status) in (
            ("pending", "pending"), ("pending", "running"), ("running", "running"),
        )  # fmt: skip
        if found is not None and stuck:
            event = "enqueue" if state == "pending" else "run"
            raise Refusal(
                400, f"Cannot transition status via :{event} from :{found.status} "
                f'(Reason(s): Status cannot transition via "{event}")',
            )  # fmt: skip
        if found is None:
            known = next((s.pipeline for s in self.statuses if (s.sha, s.ref) == (sha, ref)), 0) or self.number()
            found = CommitStatus(self.number(), sha, ref, name, "created", who, now(), known)
            self.statuses.append(found)
        found.status, found.at = state, now()
        found.description = want.get("description", found.description)
        found.target_url = want.get("target_url", found.target_url)
        return found

    # ── merging ──

    def standing(self, request: MergeRequest) -> str:
        """Its `detailed_merge_status`, without the time that GitLab needs to look."""
        rules, target = self.rules, self.git.tips().get(request.target_branch, "")
        if request.state != "opened":
            return "not_open"
        if request.draft:
            return "draft_status"
        if request.source.git.tips().get(request.source_branch) is None or not target:
            return "broken_status"
        if not self.git.merged_tree(target, request.sha):
            return "conflict"
        if rules.merge_method != "merge" and not self.git.contains(request.sha, target):
            return "need_rebase"
        if rules.only_allow_merge_if_pipeline_succeeds and self.pipeline(request.sha) != "success":
            return "ci_still_running" if self.pipeline(request.sha) in _UNDONE else "ci_must_pass"
        if len([name for name in request.approved if name != request.author.username]) < rules.approvals:
            return "not_approved"
        return "mergeable"

    def merge(self, request: MergeRequest, who: User, want: dict[str, Any]) -> None:
        """As GitLab refuses: 401, 405, 422, 409, in this order."""
        if self.level(who) < max(DEVELOPER, self.rules.protected.get(request.target_branch, 0) or 0):
            raise Refusal(401, "401 Unauthorized")
        auto = bool(want.get("auto_merge") or want.get("merge_when_pipeline_succeeds"))
        waits = auto and request.state == "opened" and not request.draft and self.pipeline(request.sha) in _UNDONE
        standing = "checking" if request.looking else self.standing(request)
        if standing in ("conflict", "need_rebase", "broken_status"):
            raise Refusal(422, "Branch cannot be merged")
        if standing != "mergeable" and not waits:
            raise Refusal(405, "405 Method Not Allowed")
        if want.get("sha") not in (None, request.sha):
            raise Refusal(409, f"SHA does not match HEAD of source branch: {request.sha}")
        if waits:
            request.auto, request.auto_by = want, who
            return
        self.land(request, who, want)

    def land(self, request: MergeRequest, who: User, want: dict[str, Any]) -> None:
        rules, target = self.rules, self.git.tips()[request.target_branch]
        squash = (bool(want.get("squash")) and rules.squash_option != "never") or rules.squash_option == "always"
        tree, head = self.git.merged_tree(target, request.sha), request.sha
        if squash:
            base = self.git.run("merge-base", target, request.sha)
            text = want.get("squash_commit_message") or request.title
            head = request.squash_commit = self.git.commit(
                self.git.run("rev-parse", f"{request.sha}^{{tree}}"), (base,), text, request.author.identity
            )
        made = head
        if rules.merge_method != "ff":
            default = f"Merge branch '{request.source_branch}' into '{request.target_branch}'\n\n{request.title}"
            made = self.git.commit(tree, (target, head), want.get("merge_commit_message") or default, who.identity)
        self.git.move(f"refs/heads/{request.target_branch}", made)
        request.state, request.merged, request.merged_by, request.auto = "merged", now(), who, None
        request.merge_commit = made if rules.merge_method != "ff" else None
        request.tell(who, "merged")
        self.tips = self.git.tips()
        for other in self.requests:
            if other.state == "opened" and other.target_branch == request.target_branch:
                other.looking = self.looks
