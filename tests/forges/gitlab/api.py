"""The double's answers to API v4: one function an operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.forges.gitlab import entities
from tests.forges.gitlab.gitside import Bare
from tests.forges.gitlab.state import (
    DEVELOPER,
    REPORTER,
    Login,
    MergeRequest,
    Note,
    Project,
    Refusal,
    User,
    now,
)

_OID = re.compile(r"[0-9a-f]{40}")
_FREE = ("me", "people", "person", "my_token")  # not of a project


@dataclass
class World:
    """All that there is."""

    folder: Path
    url: str = ""
    shows_mail: bool = True  # whether lists of people tell their public e-mail
    people: dict[str, User] = field(default_factory=dict)
    logins: dict[str, Login] = field(default_factory=dict)
    projects: list[Project] = field(default_factory=list)
    numbers: count[int] = field(default_factory=lambda: count(1001))

    def person(self, name: str, mail: str | None = None) -> User:
        if name not in self.people:
            self.people[name] = User(next(self.numbers), name, f"{name}@example.org" if mail is None else mail)
        return self.people[name]

    def token(self, name: str, value: str = "", **more: Any) -> str:
        value = value or f"glpat-{name}-of-tests"
        self.logins.setdefault(value, Login(self.person(name), **more))
        return value

    def project(self, path: str, members: dict[str, int], parent: Project | None = None) -> Project:
        number = next(self.numbers)
        git = Bare.create(self.folder / f"{number}.git")
        made = Project(number, path, git, lambda: next(self.numbers), members, parent=parent)
        self.projects.append(made)
        return made

    def find(self, word: str) -> tuple[Project | None, bool]:
        """By number or path; whether it was found by a path that it had."""
        for one in self.projects:
            if word in (str(one.id), one.path) or word in one.old_paths:
                return one, word in one.old_paths
        return None, False


@dataclass(frozen=True)
class Ask:
    """A request: who asks, the words of its path, what it says."""

    world: World
    login: Login
    words: dict[str, str]
    want: dict[str, Any]
    project: Project | None = None

    @property
    def user(self) -> User:
        return self.login.user

    @property
    def inner(self) -> Project:
        assert self.project is not None
        return self.project

    def merge_request(self) -> MergeRequest:
        for one in self.inner.requests:
            if str(one.iid) == self.words["iid"]:
                return one
        raise Refusal(404, "404 Not found")

    def oid(self) -> str:
        if not _OID.fullmatch(self.words["sha"]) or not self.inner.git.has(self.words["sha"]):
            raise Refusal(404, "404 Commit Not Found")
        return self.words["sha"]

    def needs(self, level: int, refusal: str = "403 Forbidden") -> None:
        if self.inner.level(self.user) < level:
            raise Refusal(int(refusal[:3]), refusal)


def ask(world: World, name: str, login: Login | None, words: dict[str, str], want: dict[str, Any], method: str) -> Any:
    """The answer to an operation; lists are whole. Raises Refusal."""
    if login is None:
        raise Refusal(401, "401 Unauthorized")
    if login.job and name != "commit":
        raise Refusal(401, "401 Unauthorized")
    if "api" not in login.scopes and not (method == "GET" and "read_api" in login.scopes):
        raise Refusal(403, {"error": "insufficient_scope", "scope": "api"})
    words = {key: unquote(value) for key, value in words.items()}
    project = None
    if name not in _FREE:
        project, moved = world.find(words["id"])
        if project is None or not project.level(login.user):
            raise Refusal(404, "404 Project Not Found")
        if moved and method != "GET":
            raise Refusal(405, "Non GET methods are not allowed for moved projects")
        if moved:
            raise Refusal(302, "moved", Location=f"{world.url}/api/v4/projects/{project.id}")
        if project.rules.archived and method != "GET":
            raise Refusal(403, "403 Forbidden")
        project.sync(login.user)
    return _ANSWERS[name](Ask(world, login, words, want, project))


# ── people ──


def _me(it: Ask) -> Any:
    return entities.person(it.user, it.world.url)


def _people(it: Ask) -> Any:
    name, mail = it.want.get("username"), it.want.get("search")
    found = [
        u for u in it.world.people.values()
        if (name is None or u.username.lower() == name.lower())
        and (mail is None or mail.lower() == u.mail.lower() or ("@" not in mail and mail in u.username))
    ]  # fmt: skip
    rows = [entities.listed(user, it.world.url) for user in found]
    return rows if it.world.shows_mail else [{k: v for k, v in row.items() if k != "public_email"} for row in rows]


def _person(it: Ask) -> Any:
    for user in it.world.people.values():
        if str(user.id) == it.words["user"]:
            return entities.person(user, it.world.url)
    raise Refusal(404, "404 User Not Found")


def _my_token(it: Ask) -> Any:
    return entities.token(it.login)


# ── the project ──


def _project(it: Ask) -> Any:
    return entities.project(it.inner, it.user, it.world.url)


def _branch(it: Ask) -> Any:
    oid = it.inner.tips.get(it.words["branch"])
    if oid is None:
        raise Refusal(404, "404 Branch Not Found")
    return entities.branch(it.inner, it.words["branch"], oid, it.user, it.world.url)


def _protected(it: Ask) -> Any:
    it.needs(DEVELOPER)
    return entities.protected(it.inner)


def _approval_rules(it: Ask) -> Any:
    if not it.inner.rules.premium:
        raise Refusal(404, "404 Not Found")
    return entities.rules(it.inner)


# ── merge requests ──


def _list(it: Ask) -> Any:
    want = it.want
    found = [
        one for one in it.inner.requests
        if want.get("state", "all") in ("all", one.state)
        and want.get("source_branch") in (None, one.source_branch)
        and want.get("target_branch") in (None, one.target_branch)
    ]  # fmt: skip
    key = "updated" if want.get("order_by") == "updated_at" else "created"
    found.sort(key=lambda one: (getattr(one, key), one.iid), reverse=want.get("sort", "desc") == "desc")
    return [entities.request(one, it.world.url, alone=False) for one in found]


def _get(it: Ask) -> Any:
    return entities.request(it.merge_request(), it.world.url)


def _open(it: Ask) -> Any:
    want, source = it.want, it.inner
    target = source
    if want.get("target_project_id") not in (None, source.id):
        target = next(one for one in it.world.projects if one.id == want["target_project_id"])
    if source is target:
        it.needs(DEVELOPER)
    if not target.rules.merge_requests_enabled:
        raise Refusal(403, "403 Forbidden")
    head, base = source.tips.get(want["source_branch"]), target.git.tips().get(want["target_branch"])
    if head is None or base is None:
        raise Refusal(400, {"base": [f"{'Source' if head is None else 'Target'} branch does not exist"]})
    if source is target and want["source_branch"] == want["target_branch"]:
        raise Refusal(422, ["You can't use same project/branch for source and target"])
    for other in target.requests:
        same = (other.source, other.source_branch, other.target_branch)
        if other.state == "opened" and same == (source, want["source_branch"], want["target_branch"]):
            raise Refusal(409, [f"Another open merge request already exists for this source branch: !{other.iid}"])
    at = now()
    made = MergeRequest(
        target.number(), next(target.iids), target, source, it.user, want["title"],
        _plain(want.get("description") or ""), want["source_branch"], want["target_branch"], head, at, at,
    )  # fmt: skip
    made.labels = _names(want.get("labels"))
    made.reviewers = _reviewers(it, target, want.get("reviewer_ids"), {})
    target.requests.append(made)
    target.record(made, head)
    return entities.request(made, it.world.url)


def _update(it: Ask) -> Any:
    one, want = it.merge_request(), it.want
    if it.user != one.author:
        it.needs(DEVELOPER)
    if want.get("target_branch") not in (None, one.target_branch):
        if want["target_branch"] not in it.inner.tips:
            raise Refusal(400, {"base": ["Target branch does not exist"]})
        one.target_branch, one.looking = want["target_branch"], it.inner.looks
    one.title, one.description = want.get("title", one.title), _plain(want.get("description", one.description))
    if want.get("labels") is not None:
        one.labels = _names(want["labels"])
    one.labels = [name for name in one.labels if name not in _names(want.get("remove_labels"))]
    one.labels += [name for name in _names(want.get("add_labels")) if name not in one.labels]
    if want.get("reviewer_ids") is not None:
        one.reviewers = _reviewers(it, it.inner, want["reviewer_ids"], one.reviewers)
    event = want.get("state_event")
    if event == "close" and one.state == "opened":
        one.state, one.closed, one.closed_by, one.auto = "closed", now(), it.user, None
    elif event == "reopen" and one.state == "closed":
        one.state, one.closed, one.closed_by = "opened", None, None
    one.updated = now()
    return entities.request(one, it.world.url)


def _merge(it: Ask) -> Any:
    one = it.merge_request()
    it.inner.merge(one, it.user, it.want)
    return entities.request(one, it.world.url)


def _cancel(it: Ask) -> Any:
    one = it.merge_request()
    if one.auto is None:
        raise Refusal(406, "406 Not Acceptable")
    one.auto = None
    return entities.request(one, it.world.url)


def _versions(it: Ask) -> Any:
    one = it.merge_request()
    return [entities.version(version, one) for version in reversed(one.versions)]


def _pipelines(it: Ask) -> Any:
    one = it.merge_request()
    status = it.inner.pipeline(one.sha)
    row = {"id": it.inner.pipeline_id(one.sha), "sha": one.sha, "ref": one.source_branch, "status": status}
    return [row] if status else []


# ── approvals and notes ──


def _approvals(it: Ask) -> Any:
    return entities.approvals(it.merge_request(), it.world.people, it.user, it.world.url)


def _approve(it: Ask) -> Any:
    one = it.merge_request()
    it.needs(DEVELOPER, "401 Unauthorized")
    own = it.user == one.author and not it.inner.rules.author_may_approve
    if own or it.user.username in one.approved or one.state not in ("opened", "closed"):
        raise Refusal(401, "401 Unauthorized")
    if it.want.get("sha") not in (None, one.sha):
        raise Refusal(409, f"SHA does not match HEAD of source branch: {one.sha}")
    one.tell(it.user, "approved this merge request")
    one.approved[it.user.username] = now()
    return entities.approvals(one, it.world.people, it.user, it.world.url)


def _unapprove(it: Ask) -> Any:
    one = it.merge_request()
    if one.approved.pop(it.user.username, None) is None:
        raise Refusal(404, "404 Not Found")
    one.tell(it.user, "unapproved this merge request")
    return entities.approvals(one, it.world.people, it.user, it.world.url)


def _notes(it: Ask) -> Any:
    one = it.merge_request()
    found = sorted(one.notes, key=lambda note: note.created, reverse=it.want.get("sort", "desc") == "desc")
    return [entities.note(note, one, it.world.url) for note in found]


def _write_note(it: Ask) -> Any:
    one, body = it.merge_request(), str(it.want.get("body") or "")
    it.needs(REPORTER)
    if not body.strip():
        raise Refusal(400, '400 (Bad request) "Note {:note=>["can\'t be blank"]}" not given')
    if body.strip() == "/request_changes":
        if it.user not in one.reviewers:
            raise Refusal(400, {"commands_only": ["Failed to apply commands."]})
        one.reviewers[it.user] = "requested_changes"
        one.approved.pop(it.user.username, None)
        one.tell(it.user, "requested changes")
        raise Refusal(202, {"commands_changes": {}, "summary": ["Changes requested to the current merge request."]})
    at, body = now(), _plain(body)
    made = Note(it.inner.number(), it.user, body, at, at)
    one.notes.append(made)
    one.updated = at
    return entities.note(made, one, it.world.url)


def _edit_note(it: Ask) -> Any:
    one = it.merge_request()
    for note in one.notes:
        if str(note.id) == it.words["note"]:
            if note.author != it.user or note.system:
                raise Refusal(403, "403 Forbidden")
            note.body, note.updated = _plain(it.want["body"]), now()
            return entities.note(note, one, it.world.url)
    raise Refusal(404, "404 Not found")


# ── commits ──


def _commit(it: Ask) -> Any:
    return entities.commit(it.oid())


def _statuses(it: Ask) -> Any:
    oid = it.oid()
    found = it.inner.latest(oid) if it.want.get("all") not in (True, "true", "True") else it.inner.statuses
    name = it.want.get("name")
    return [entities.status(one, it.world.url) for one in found if one.sha == oid and name in (None, one.name)]


def _set_status(it: Ask) -> Any:
    it.needs(DEVELOPER)
    if it.want.get("state") not in ("pending", "running", "success", "failed", "canceled", "skipped"):
        raise Refusal(400, {"error": "state does not have a valid value"})
    if len(it.want.get("description") or "") > 255:
        raise Refusal(400, {"description": ["is too long (maximum is 255 characters)"]})
    return entities.status(it.inner.say(it.user, it.oid(), it.want), it.world.url)


def _plain(text: str) -> str:
    """What GitLab makes of a text: quick actions are done (here: refused), and leave it."""
    found = re.search(r"(?mi)^/(close|merge|approve|reopen|label|draft|ready|assign|title|target_branch)(?=\s|$)", text)
    if found is not None:
        raise Refusal(418, f"the quick action {found[0]} was done")
    return text.replace("\r", "").rstrip()


def _names(found: Any) -> list[str]:
    words = found.split(",") if isinstance(found, str) else found or []
    return [word.strip() for word in words if word.strip()]


def _reviewers(it: Ask, project: Project, ids: Iterable[int] | None, before: dict[User, str]) -> dict[User, str]:
    found = [user for number in ids or () for user in it.world.people.values() if user.id == number]
    may = [user for user in found if project.level(user)]
    may = may if project.rules.several_reviewers else may[:1]
    return {user: before.get(user, "unreviewed") for user in may}


_ANSWERS: dict[str, Callable[[Ask], Any]] = {
    "me": _me, "people": _people, "person": _person, "my_token": _my_token, "project": _project, "list": _list,
    "get": _get, "open": _open, "update": _update, "merge": _merge, "cancel_auto_merge": _cancel,
    "versions": _versions, "approvals": _approvals, "approve": _approve, "unapprove": _unapprove, "notes": _notes,
    "write_note": _write_note, "edit_note": _edit_note, "pipelines": _pipelines, "commit": _commit,
    "statuses": _statuses, "set_status": _set_status, "branch": _branch, "protected": _protected,
    "approval_rules": _approval_rules,
}  # fmt: skip
