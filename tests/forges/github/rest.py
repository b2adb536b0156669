"""The operations of GitHub's REST API that fairlead uses, on the double's state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.forges.github import shapes
from tests.forges.github.state import Comment, Login, Pull, RefusalError, Repo, Review, User, World, invalid, now

_EVENTS = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
_SHORT, _LONG, _TITLE, _LABEL = 140, 65_536, 256, 50
Handler = Callable[["Call"], "tuple[int, Any]"]
HANDLERS: dict[str, Handler] = {}


@dataclass
class Call:
    """One request, understood."""

    world: World
    login: Login
    operation: str
    parts: dict[str, str]
    query: dict[str, str]
    body: Any
    api: str

    @property
    def me(self) -> User:
        return self.login.user

    @property
    def repo(self) -> Repo:
        return self.world.repos[f"{self.parts['owner']}/{self.parts['repo']}".lower()]

    @property
    def pull(self) -> Pull:
        number = self.parts.get("pull_number") or self.parts["issue_number"]
        found = self.repo.pulls.get(int(number)) if number.isdecimal() else None
        if found is None:
            raise RefusalError(404, "Not Found")
        return found

    def shown(self, *, whole: bool = True) -> dict[str, Any]:
        return shapes.pull(self.repo, self.pull, self.api, whole=whole)


def operation(name: str) -> Callable[[Handler], Handler]:
    def keep(handler: Handler) -> Handler:
        HANDLERS[name.replace("REPO", "/repos/{owner}/{repo}")] = handler
        return handler

    return keep


# ── people and repositories ──


@operation("GET /user")
def _me(call: Call) -> tuple[int, Any]:
    if call.login.app:
        raise RefusalError(403, "Resource not accessible by integration")
    return 200, shapes.profile(call.me)


@operation("GET /users/{username}")
def _user(call: Call) -> tuple[int, Any]:
    found = call.world.users.get(call.parts["username"])
    if found is None:
        raise RefusalError(404, "Not Found")
    return 200, shapes.profile(found)


@operation("GET REPO")
def _repo(call: Call) -> tuple[int, Any]:
    access = "read" if call.login.reads else call.repo.access.get(call.me.login, "read")
    return 200, shapes.whole_repository(call.repo, access, call.api)


# ── pull requests ──


@operation("GET REPO/pulls")
def _pulls(call: Call) -> tuple[int, Any]:
    state, head, base = call.query.get("state", "open"), call.query.get("head", ""), call.query.get("base")
    rows = [p for p in call.repo.pulls.values() if state == "all" or p.open == (state == "open")]
    if ":" in head:  # without an owner it is passed over
        rows = [p for p in rows if f"{p.head_repo.owner.login}:{p.head}" == head]
    rows = [p for p in rows if base in (None, p.base)]
    by = {"updated": lambda p: p.updated}.get(call.query.get("sort", ""), lambda p: p.created)
    rows.sort(key=lambda p: (by(p), p.number), reverse=call.query.get("direction", "desc") == "desc")
    return 200, [lambda p=p: shapes.pull(call.repo, p, call.api, whole=False) for p in rows]


@operation("POST REPO/pulls")
def _open(call: Call) -> tuple[int, Any]:
    repo, body = call.repo, call.body
    owner, _, head = body["head"].rpartition(":")
    where = next((r for r in call.world.repos.values() if _of_network(r, repo, owner or repo.owner.login)), None)
    sha = where.git.tip(head) if where is not None else None
    if where is None or sha is None:
        raise invalid("PullRequest", field_="head", code="invalid")
    tip = repo.git.tip(body["base"])
    if tip is None:
        raise invalid("PullRequest", field_="base", code="invalid")
    if not body.get("title"):
        raise invalid("PullRequest", field_="title", code="missing_field")
    _within(body.get("title", ""), _TITLE, "PullRequest", "title")
    _within(body.get("body") or "", _LONG, "PullRequest", "body")
    if any(p.open and (p.head_repo, p.head, p.base) == (where, head, body["base"]) for p in repo.pulls.values()):
        raise invalid("PullRequest", f"A pull request already exists for {where.owner.login}:{head}.")
    if where is repo and repo.git.contains(tip, sha):
        raise invalid("PullRequest", f"No commits between {body['base']} and {head}")
    if body.get("draft") and not repo.drafts:
        raise RefusalError(422, "Draft pull requests are not supported in this repository.")
    number = max(repo.pulls, default=0) + 1
    repo.pulls[number] = made = Pull(
        number, call.me, body["title"], body.get("body") or "", where, head, sha, body["base"], now(), now(),
        draft=bool(body.get("draft")),
    )  # fmt: skip
    repo.record_head(made)
    call.parts["pull_number"] = str(number)
    return 201, call.shown()


def _of_network(one: Repo, repo: Repo, owner: str) -> bool:
    return one.owner.login == owner and (one is repo or one.parent is repo)


@operation("GET REPO/pulls/{pull_number}")
def _pull(call: Call) -> tuple[int, Any]:
    return 200, call.shown()


@operation("PATCH REPO/pulls/{pull_number}")
def _edit(call: Call) -> tuple[int, Any]:
    repo, pull, body = call.repo, call.pull, call.body or {}
    _within(body.get("title", ""), _TITLE, "PullRequest", "title")
    _within(body.get("body") or "", _LONG, "PullRequest", "body")
    if body.get("state") == "open" and not pull.open:
        if pull.merged or pull.head_repo.git.tip(pull.head) is None:
            raise invalid("PullRequest", "state cannot be changed. The branch was deleted or merged.", "state")
        pull.open, pull.closed = True, None
    if "base" in body and body["base"] != pull.base:
        tip = repo.git.tip(body["base"])
        if tip is None:
            raise invalid("PullRequest", field_="base", code="invalid")
        if repo.git.contains(tip, pull.sha):
            raise invalid(
                "PullRequest", f"There are no new commits between base branch '{body['base']}' and it", "base"
            )
        pull.base, pull.looked = body["base"], False
    pull.title, pull.body = body.get("title", pull.title), body.get("body", pull.body) or ""
    if body.get("state") == "closed" and pull.open:
        pull.open, pull.closed, pull.auto = False, now(), None
    pull.touch()
    return 200, call.shown()


@operation("PUT REPO/pulls/{pull_number}/merge")
def _merge(call: Call) -> tuple[int, Any]:
    repo, pull, body = call.repo, call.pull, call.body or {}
    method = body.get("merge_method", "merge")
    if not pull.open:
        raise RefusalError(405, "Pull Request is not mergeable")
    if body.get("sha") not in (None, pull.sha):
        raise RefusalError(409, "Head branch was modified. Review and try the merge again.")
    if repo.guards.get(pull.base) and repo.guards[pull.base].queue:
        raise RefusalError(405, "Repository rule violations found\n\nChanges must be made through the merge queue")
    if method not in repo.methods:
        name = {"merge": "Merge commits", "squash": "Squash merges", "rebase": "Rebase merges"}[method]
        raise RefusalError(405, f"{name} are not allowed on this repository.")
    why = repo.lacking(pull)
    if why:
        raise RefusalError(405, why)
    made = repo.merge(pull, call.me, method, body.get("commit_title") or "", body.get("commit_message") or "")
    if made is None:
        raise RefusalError(405, "Pull Request has merge conflicts")
    return 200, {"sha": made, "merged": True, "message": "Pull Request successfully merged"}


# ── reviews, reviewers, labels, comments ──


@operation("GET REPO/pulls/{pull_number}/reviews")
def _reviews(call: Call) -> tuple[int, Any]:
    return 200, [shapes.review(row) for row in call.pull.reviews]


@operation("POST REPO/pulls/{pull_number}/reviews")
def _review(call: Call) -> tuple[int, Any]:
    pull, event = call.pull, call.body.get("event", "")
    commit, text = call.body.get("commit_id") or call.pull.sha, call.body.get("body") or ""
    if not call.repo.git.commit(commit):
        raise RefusalError(422, "Unprocessable Entity", None)
    if event in ("APPROVE", "REQUEST_CHANGES") and call.me == pull.user:
        word = "approve" if event == "APPROVE" else "request changes on"
        raise RefusalError(422, f"Unprocessable Entity: Can not {word} your own pull request")
    if event != "APPROVE" and not text:
        raise RefusalError(422, "Unprocessable Entity: Body can't be blank")
    made = Review(call.world.next_id(), call.me, _EVENTS.get(event, "PENDING"), commit, text, now())
    pull.reviews.append(made)
    pull.reviewers = [who for who in pull.reviewers if who != call.me]
    pull.touch()
    call.repo.auto_merged()
    return 200, shapes.review(made)


@operation("POST REPO/pulls/{pull_number}/requested_reviewers")
def _ask(call: Call) -> tuple[int, Any]:
    people, teams = call.body.get("reviewers") or [], call.body.get("team_reviewers") or []
    if call.pull.user.login in people:
        raise RefusalError(422, "Review cannot be requested from pull request author.")
    if any(name not in call.repo.access for name in people) or not set(teams) <= call.repo.teams:
        raise RefusalError(
            422, "Reviews may only be requested from collaborators. One or more of the users or teams you specified "
            f"is not a collaborator of the {call.repo.full_name} repository.",
        )  # fmt: skip
    asked = [call.world.user(name) for name in people]
    call.pull.reviewers += [who for who in asked if who not in call.pull.reviewers]
    call.pull.teams += [name for name in teams if name not in call.pull.teams]
    return 201, call.shown(whole=False)


@operation("POST REPO/issues/{issue_number}/labels")
def _label(call: Call) -> tuple[int, Any]:
    names = call.body if isinstance(call.body, list) else call.body["labels"]
    for name in names:
        _within(name, _LABEL, "Label", "name")
    for name in names:  # those that are lacking are made
        call.repo.labels.setdefault(name, call.world.next_id())
        if name not in call.pull.labels:
            call.pull.labels.append(name)
    return 200, _labels(call)


@operation("DELETE REPO/issues/{issue_number}/labels/{name}")
def _unlabel(call: Call) -> tuple[int, Any]:
    if call.parts["name"] not in call.pull.labels:
        raise RefusalError(404, "Label does not exist")
    call.pull.labels.remove(call.parts["name"])
    return 200, _labels(call)


def _labels(call: Call) -> list[dict[str, Any]]:
    return [{"name": name, "id": call.repo.labels[name]} for name in call.pull.labels]


@operation("GET REPO/issues/{issue_number}/comments")
def _comments(call: Call) -> tuple[int, Any]:
    return 200, [shapes.comment(call.repo, row, call.api) for row in call.pull.comments]


@operation("POST REPO/issues/{issue_number}/comments")
def _comment(call: Call) -> tuple[int, Any]:
    _within(call.body["body"], _LONG, "IssueComment", "body")
    made = Comment(call.world.next_id(), call.me, call.body["body"], now(), now())
    call.pull.comments.append(made)
    call.pull.touch()
    return 201, shapes.comment(call.repo, made, call.api)


@operation("PATCH REPO/issues/comments/{comment_id}")
def _recomment(call: Call) -> tuple[int, Any]:
    rows = (row for pull in call.repo.pulls.values() for row in pull.comments)
    found = next((row for row in rows if str(row.id) == call.parts["comment_id"]), None)
    if found is None:
        raise RefusalError(404, "Not Found")
    _within(call.body["body"], _LONG, "IssueComment", "body")
    found.body, found.edited = call.body["body"], now()
    return 200, shapes.comment(call.repo, found, call.api)


# ── words on commits, rules ──


def _known(call: Call, name: str) -> str:
    found = call.repo.git.commit(name)
    if found is None:
        raise RefusalError(422, f"No commit found for SHA: {name}")
    return found


@operation("GET REPO/commits/{ref}/statuses")
def _statuses(call: Call) -> tuple[int, Any]:
    rows = call.repo.statuses.get(_known(call, call.parts["ref"]), ())
    return 200, [{**row, "creator": shapes.user(row["creator"])} for row in reversed(rows)]


@operation("GET REPO/commits/{ref}/check-runs")
def _runs(call: Call) -> tuple[int, Any]:
    latest = {(row["app"]["id"], row["name"]): row for row in call.repo.runs.get(_known(call, call.parts["ref"]), ())}
    return 200, {"total_count": len(latest), "check_runs": list(reversed(latest.values()))}


@operation("POST REPO/statuses/{sha}")
def _status(call: Call) -> tuple[int, Any]:
    sha, body = _known(call, call.parts["sha"]), call.body
    _within(body.get("description") or "", _SHORT, "Status", "description")
    row = {
        "id": call.world.next_id(), "context": body.get("context", "default"), "state": body["state"],
        "description": body.get("description"), "creator": call.me, "created_at": now(), "updated_at": now(),
    }  # fmt: skip
    call.repo.statuses.setdefault(sha, []).append(row)
    call.repo.auto_merged()
    return 201, {**row, "creator": shapes.user(call.me)}


@operation("GET REPO/git/commits/{commit_sha}")
def _commit(call: Call) -> tuple[int, Any]:
    if call.repo.git.commit(call.parts["commit_sha"]) is None:
        raise RefusalError(404, "Not Found")
    return 200, {"sha": call.parts["commit_sha"]}


@operation("GET REPO/branches/{branch}")
def _branch(call: Call) -> tuple[int, Any]:
    name = call.parts["branch"]
    sha = call.repo.git.tip(name)
    if sha is None:
        raise RefusalError(404, "Branch not found")
    return 200, shapes.branch(name, sha, call.repo.guards.get(name), f"{call.api}/repos/{call.repo.full_name}")


@operation("GET REPO/branches/{branch}/protection")
def _protection(call: Call) -> tuple[int, Any]:
    guard = call.repo.guards.get(call.parts["branch"])
    if call.login.app or call.login.reads or call.repo.access.get(call.me.login) != "admin":
        raise RefusalError(403, "Resource not accessible by personal access token")
    if guard is None or not guard.classic:
        raise RefusalError(404, "Branch not protected")
    return 200, shapes.protection(guard)


@operation("GET REPO/rules/branches/{branch}")
def _rules(call: Call) -> tuple[int, Any]:
    return 200, shapes.rules(call.repo.guards.get(call.parts["branch"]), call.repo)


def _within(text: str, most: int, resource: str, name: str) -> None:
    if len(text) > most:
        raise invalid(resource, f"{name} is too long (maximum is {most} characters)", name)
