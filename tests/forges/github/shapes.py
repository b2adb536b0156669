"""The double's state as GitHub's JSON. What no client of ours reads is left to `Description.filled`."""

from __future__ import annotations

from typing import Any

from tests.forges.github.state import Comment, Guard, Pull, Repo, Review, User

RULESET = 42


def user(who: User | None) -> dict[str, Any] | None:
    return None if who is None else {"id": who.id, "login": who.login, "type": who.kind}


def profile(who: User) -> dict[str, Any]:
    return {**(user(who) or {}), "name": who.login, "email": who.mail or None, "user_view_type": "public"}


def repository(repo: Repo) -> dict[str, Any]:
    return {
        "id": repo.id, "name": repo.name, "full_name": repo.full_name, "owner": user(repo.owner), "private": True,
        "default_branch": "main", "archived": repo.archived, "fork": repo.parent is not None,
    }  # fmt: skip


def whole_repository(repo: Repo, access: str, api: str) -> dict[str, Any]:
    level = ("read", "write", "admin").index(access)
    return {
        **repository(repo), "url": f"{api}/repos/{repo.full_name}", "allow_auto_merge": repo.auto_merge,
        "allow_merge_commit": "merge" in repo.methods, "allow_squash_merge": "squash" in repo.methods,
        "allow_rebase_merge": "rebase" in repo.methods, "delete_branch_on_merge": repo.drops,
        "permissions": {
            "admin": level > 1, "maintain": level > 1, "push": level > 0, "triage": level > 0, "pull": True,
        },
    }  # fmt: skip


def pull(repo: Repo, raw: Pull, api: str, *, whole: bool) -> dict[str, Any]:
    """A pull request; lists hold less of it. An answer right after a push may show the head that it had before."""
    url = f"{api}/repos/{repo.full_name}"
    sha = raw.shown.pop() if raw.shown else raw.sha
    own = raw.head_repo.owner
    out = {
        "id": repo.id * 1000 + raw.number, "node_id": raw.node, "number": raw.number, "title": raw.title,
        "body": raw.body or None, "user": user(raw.user), "state": "open" if raw.open else "closed",
        "draft": raw.draft, "created_at": raw.created, "updated_at": raw.updated, "closed_at": raw.closed,
        "merged_at": raw.merged, "url": f"{url}/pulls/{raw.number}", "issue_url": f"{url}/issues/{raw.number}",
        "html_url": f"{api.removesuffix('/api/v3')}/{repo.full_name}/pull/{raw.number}",
        "merge_commit_sha": raw.merge_commit or (raw.sha if raw.looked else None),
        "labels": [{"name": name, "id": repo.labels[name]} for name in raw.labels],
        "requested_reviewers": [user(who) for who in raw.reviewers],
        "requested_teams": [{"slug": slug, "name": slug} for slug in raw.teams],
        "head": {
            "label": f"{own.login}:{raw.head}", "ref": raw.head, "sha": sha, "user": user(own),
            "repo": repository(raw.head_repo),
        },
        "base": {
            "label": f"{repo.owner.login}:{raw.base}", "ref": raw.base, "sha": repo.git.tip(raw.base) or sha,
            "user": user(repo.owner), "repo": repository(repo),
        },
        "auto_merge": _auto(raw),
    }  # fmt: skip
    return out | (_details(repo, raw) if whole else {})


def _auto(raw: Pull) -> dict[str, Any] | None:
    if raw.auto is None:
        return None
    return {
        "enabled_by": user(raw.auto["user"]), "merge_method": raw.auto["method"].lower(),
        "commit_title": raw.auto["title"] or "", "commit_message": raw.auto["body"] or "",
    }  # fmt: skip


def _details(repo: Repo, raw: Pull) -> dict[str, Any]:
    looked, raw.looked = raw.looked, True  # the first that asks starts the look, and isn't told
    mergeable = not repo.conflicts(raw) if raw.open and looked else None
    state = "unknown" if mergeable is None else "dirty" if not mergeable else "draft" if raw.draft else None
    return {
        "merged": raw.merged is not None, "merged_by": user(raw.merged_by), "mergeable": mergeable,
        "mergeable_state": state or ("blocked" if repo.lacking(raw) else "clean"), "comments": len(raw.comments),
    }  # fmt: skip


def review(raw: Review) -> dict[str, Any]:
    return {
        "id": raw.id, "user": user(raw.user), "body": raw.body, "state": raw.state, "commit_id": raw.commit,
        "submitted_at": raw.at,
    }  # fmt: skip


def comment(repo: Repo, raw: Comment, api: str) -> dict[str, Any]:
    return {
        "id": raw.id, "user": user(raw.user), "body": raw.body, "created_at": raw.at, "updated_at": raw.edited,
        "url": f"{api}/repos/{repo.full_name}/issues/comments/{raw.id}",
    }  # fmt: skip


def branch(name: str, sha: str, guard: Guard | None, api: str) -> dict[str, Any]:
    classic = guard if guard is not None and guard.classic else None
    contexts = classic.contexts if classic is not None else {}
    return {
        "name": name, "commit": {"sha": sha, "url": f"{api}/commits/{sha}"}, "protected": classic is not None,
        "protection_url": f"{api}/branches/{name}/protection",
        "protection": {
            "enabled": classic is not None,
            "required_status_checks": {
                "enforcement_level": "non_admins" if contexts else "off", "contexts": list(contexts),
                "checks": [{"context": context, "app_id": app} for context, app in contexts.items()],
            },
        },
    }  # fmt: skip


def protection(guard: Guard) -> dict[str, Any]:
    out: dict[str, Any] = {}
    if guard.contexts:
        checks = [{"context": context, "app_id": app} for context, app in guard.contexts.items()]
        out["required_status_checks"] = {"contexts": list(guard.contexts), "checks": checks}
    if guard.approvals or guard.owners:
        out["required_pull_request_reviews"] = {
            "required_approving_review_count": guard.approvals, "require_code_owner_reviews": guard.owners,
            "dismiss_stale_reviews": guard.stale,
        }  # fmt: skip
    if guard.locked:
        out["restrictions"] = {"users": [], "teams": [], "apps": []}
    return out


def rules(guard: Guard | None, repo: Repo) -> list[dict[str, Any]]:
    if guard is None or guard.classic:
        return []
    rows: list[dict[str, Any]] = []
    if guard.contexts:
        checks = [
            {"context": context} | ({"integration_id": app} if app is not None else {})
            for context, app in guard.contexts.items()
        ]
        parameters = {"required_status_checks": checks, "strict_required_status_checks_policy": False}
        rows.append({"type": "required_status_checks", "parameters": parameters})
    if guard.approvals or guard.owners:
        parameters = {
            "required_approving_review_count": guard.approvals, "require_code_owner_review": guard.owners,
            "dismiss_stale_reviews_on_push": guard.stale, "require_last_push_approval": False,
            "required_review_thread_resolution": False,
        }  # fmt: skip
        rows.append({"type": "pull_request", "parameters": parameters})
    if guard.locked:
        rows.append({"type": "update"})
    if guard.queue:
        parameters = {
            "check_response_timeout_minutes": 60, "grouping_strategy": "ALLGREEN", "max_entries_to_build": 5,
            "max_entries_to_merge": 5, "merge_method": "MERGE", "min_entries_to_merge": 1,
            "min_entries_to_merge_wait_minutes": 5,
        }  # fmt: skip
        rows.append({"type": "merge_queue", "parameters": parameters})
    return [
        {**row, "ruleset_source_type": "Repository", "ruleset_source": repo.full_name, "ruleset_id": RULESET}
        for row in rows
    ]
