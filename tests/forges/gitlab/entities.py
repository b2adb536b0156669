"""What the double remembers, in the form of GitLab's answers."""

from __future__ import annotations

from typing import Any

from tests.forges.gitlab.state import CommitStatus, Login, MergeRequest, Note, Project, User, Version


def short(user: User | None, url: str) -> dict[str, Any] | None:
    if user is None:
        return None
    row = {"id": user.id, "username": user.username, "name": user.username.title(), "state": "active"}
    return {**row, "avatar_url": f"{url}/avatar/{user.id}.png", "web_url": f"{url}/{user.username}"}


def person(user: User, url: str) -> dict[str, Any]:
    return {**listed(user, url), "created_at": "2025-01-01T00:00:00.000Z", "bot": False}


def listed(user: User, url: str) -> dict[str, Any]:
    return {**(short(user, url) or {}), "public_email": user.mail}


def token(login: Login) -> dict[str, Any]:
    row = {"id": 1, "name": "tests", "revoked": False, "created_at": "2025-01-01T00:00:00.000Z", "active": True}
    return {**row, "scopes": list(login.scopes), "user_id": login.user.id, "expires_at": None}


def project(one: Project, who: User, url: str) -> dict[str, Any]:
    level = one.level(who)
    rules = one.rules
    return {
        "id": one.id, "name": one.path.rpartition("/")[2], "path": one.path.rpartition("/")[2],
        "path_with_namespace": one.path, "default_branch": "main", "web_url": f"{url}/{one.path}",
        "http_url_to_repo": f"{url}/{one.path}.git", "visibility": "private", "archived": rules.archived,
        "empty_repo": not one.tips, "merge_requests_enabled": rules.merge_requests_enabled,
        "merge_method": rules.merge_method, "squash_option": rules.squash_option,
        "only_allow_merge_if_pipeline_succeeds": rules.only_allow_merge_if_pipeline_succeeds,
        "merge_trains_enabled": rules.merge_trains_enabled,
        "permissions": {
            "project_access": {"access_level": level, "notification_level": 3} if level else None, "group_access": None,
        },
    }  # fmt: skip


def request(one: MergeRequest, url: str, *, alone: bool = True) -> dict[str, Any]:
    """One; `alone` has what a list hasn't. Each telling is a look at it."""
    inner = one.project
    status = "unchecked" if one.looking and not alone else "checking" if one.looking else inner.standing(one)
    sha = one.lagging.pop(0) if one.lagging else one.sha
    if alone and one.looking:
        one.looking -= 1
    row = {
        "id": one.id, "iid": one.iid, "project_id": inner.id, "title": one.title, "description": one.description,
        "state": one.state, "created_at": one.created, "updated_at": one.updated,
        "merged_by": short(one.merged_by, url), "merge_user": short(one.merged_by, url), "merged_at": one.merged,
        "closed_by": short(one.closed_by, url), "closed_at": one.closed, "target_branch": one.target_branch,
        "source_branch": one.source_branch, "user_notes_count": len([n for n in one.notes if not n.system]),
        "upvotes": 0, "downvotes": 0, "author": short(one.author, url), "assignees": [], "assignee": None,
        "reviewers": [short(user, url) for user in one.reviewers],
        "source_project_id": one.source.id, "target_project_id": inner.id, "labels": sorted(one.labels),
        "draft": one.draft, "work_in_progress": one.draft, "milestone": None,
        "merge_when_pipeline_succeeds": one.auto is not None,
        "detailed_merge_status": status, "sha": sha, "merge_commit_sha": one.merge_commit,
        "squash_commit_sha": one.squash_commit, "discussion_locked": None, "should_remove_source_branch": None,
        "force_remove_source_branch": False, "web_url": f"{url}/{inner.path}/-/merge_requests/{one.iid}",
        "squash": False, "has_conflicts": status == "conflict", "blocking_discussions_resolved": True,
    }  # fmt: skip
    if not alone:
        return row
    pipeline = {"sha": one.sha, "ref": one.source_branch, "status": inner.pipeline(one.sha)}
    last = one.versions[-1]
    return {
        **row, "merge_status": "can_be_merged" if status == "mergeable" else "cannot_be_merged", "subscribed": True,
        "changes_count": "1", "merge_error": None, "user": {"can_merge": True},
        "diff_refs": {"base_sha": last.base, "head_sha": last.head, "start_sha": last.base},
        "head_pipeline": {"id": inner.pipeline_id(one.sha), **pipeline} if pipeline["status"] else None,
    }  # fmt: skip


def approvals(one: MergeRequest, people: dict[str, User], who: User, url: str) -> dict[str, Any]:
    lacking = max(0, one.project.rules.approvals - len(one.approved))
    return {
        "id": one.id, "iid": one.iid, "project_id": one.project.id, "title": one.title, "description": one.description,
        "state": one.state, "created_at": one.created, "updated_at": one.updated, "merge_status": "can_be_merged",
        "approved": not lacking, "approvals_required": one.project.rules.approvals, "approvals_left": lacking,
        "user_has_approved": who.username in one.approved, "user_can_approve": who.username not in one.approved,
        "approved_by": [{"user": short(people[name], url)} for name in one.approved],
    }  # fmt: skip


def note(one: Note, request: MergeRequest, url: str) -> dict[str, Any]:
    return {
        "id": one.id, "type": None, "body": one.body, "attachment": None, "author": short(one.author, url),
        "created_at": one.created, "updated_at": one.updated, "system": one.system, "noteable_id": request.id,
        "noteable_type": "MergeRequest", "noteable_iid": request.iid, "resolvable": False,
    }  # fmt: skip


def version(one: Version, request: MergeRequest) -> dict[str, Any]:
    return {
        "id": one.id, "head_commit_sha": one.head, "base_commit_sha": one.base, "start_commit_sha": one.base,
        "created_at": one.at, "merge_request_id": request.id, "state": "collected", "real_size": "1",
    }  # fmt: skip


def status(one: CommitStatus, url: str) -> dict[str, Any]:
    return {
        "id": one.id, "sha": one.sha, "ref": one.ref, "status": one.status, "name": one.name,
        "target_url": one.target_url, "description": one.description, "created_at": one.at, "started_at": None,
        "finished_at": None, "allow_failure": False, "coverage": None, "pipeline_id": one.pipeline,
        "author": {k: v for k, v in (short(one.author, url) or {}).items() if k in ("id", "username", "name", "state")},
    }  # fmt: skip


def commit(oid: str) -> dict[str, Any]:
    return {"id": oid, "short_id": oid[:8], "title": "", "message": ""}


def branch(one: Project, name: str, oid: str, who: User, url: str) -> dict[str, Any]:
    rule = one.rules.protected.get(name)
    level = one.level(who)
    return {
        "name": name, "commit": commit(oid), "merged": False, "protected": rule is not None, "default": name == "main",
        "developers_can_push": rule == 30, "developers_can_merge": rule is None or rule == 30,
        "can_push": level >= 30 if rule is None else bool(rule) and level >= rule,
        "web_url": f"{url}/{one.path}/-/tree/{name}",
    }  # fmt: skip


def protected(one: Project) -> list[dict[str, Any]]:
    words = {0: "No one", 30: "Developers + Maintainers", 40: "Maintainers"}
    return [
        {
            "id": number, "name": name, "allow_force_push": False, "code_owner_approval_required": one.rules.owners,
            "push_access_levels": [{"id": 1, "access_level": level, "access_level_description": words[level]}],
            "merge_access_levels": [{"id": 2, "access_level": 30, "access_level_description": words[30]}],
            "unprotect_access_levels": [],
        }
        for number, (name, level) in enumerate(sorted(one.rules.protected.items()), 1)
    ]  # fmt: skip


def rules(one: Project) -> list[dict[str, Any]]:
    if not one.rules.approvals:
        return []
    row = {"id": 1, "name": "All members", "rule_type": "any_approver", "approvals_required": one.rules.approvals}
    return [{**row, "eligible_approvers": [], "users": [], "groups": [], "protected_branches": [],
             "contains_hidden_groups": False}]  # fmt: skip
