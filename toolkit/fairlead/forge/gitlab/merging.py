"""Merging on GitLab: how is a setting of the project, and a merge request can ask for a squash at most."""

from __future__ import annotations

from typing import Any

from fairlead.forge.gitlab import wire
from fairlead.forge.gitlab.client import Client, No
from fairlead.forge.host import Row
from fairlead.model.errors import ConflictError, DeniedError
from fairlead.model.pulls import Method, PullState
from fairlead.promotion.trailers import lines

_SEE = "fairlead pr show tells what it waits for"
_ANEW = "run the promotion again: it is built on what is there now"
_LOOKS = ("unchecked", "checking", "preparing", "approvals_syncing")  # GitLab doesn't know yet
_WAITS = {
    "ci_must_pass": "its pipeline must succeed",
    "ci_still_running": "its pipeline is not done",
    "conflict": "it conflicts with {base}",
    "broken_status": "its branch, or {base}, is gone",
    "discussions_not_resolved": "a discussion is not resolved",
    "draft_status": "it is a draft",
    "external_status_checks": "a status check of another service is not passed",
    "merge_request_blocked": "another merge request must be merged first",
    "need_rebase": "{base} has moved, and the project takes nothing that is not built on it",
    "not_approved": "GitLab's approval rules are not met",
    "requested_changes": "changes are requested",
    "security_policy_violations": "a security policy forbids it",
    "status_checks_must_pass": "a status check of another service is not passed",
}
_HOW = {
    "merge": "by a merge commit", "rebase_merge": "by a merge commit of what stands on the branch's tip",
    "ff": "by fast-forward alone",
}  # fmt: skip


def merge(client: Client, row: Row, message: str, method: Method) -> str:
    """See Host.merge."""
    project = client.sure(lambda: client.gitlab.projects.get(client.path)).attributes
    _refuse_method(project, row, method)
    found = _put(client, row, {**_terms(message, method), "sha": row.head_oid})
    if not isinstance(found, No):
        return "" if found.get("state") == "merged" else "it is being merged"
    if found.status == 401:
        raise DeniedError(
            f"GitLab does not let the token's owner merge into {row.base}",
            remedy="see Settings, Repository, Protected branches: who is allowed to merge",
        )
    raw = client.sure(lambda: client.project.mergerequests.get(row.number)).attributes
    now, standing = wire.read_row(raw), str(raw.get("detailed_merge_status") or "")
    if now.state is PullState.MERGED or now.head_oid != row.head_oid:
        return found.told
    if standing in _LOOKS or (standing == "mergeable" and found.status != 409) or raw.get("state") == "locked":
        return "GitLab still looks whether it can be merged"
    why = _WAITS.get(standing, standing or found.told or str(found.status)).format(base=row.base)
    again = standing in ("need_rebase", "conflict")
    raise ConflictError(f"#{row.number} can't be merged: {why}", remedy=_ANEW if again else _SEE)


def set_auto(client: Client, row: Row, method: Method) -> None:
    """Let GitLab merge it when its pipeline succeeds; nothing where it refuses, or the project merges otherwise."""
    project = client.sure(lambda: client.gitlab.projects.get(client.path)).attributes
    if _otherwise(project, method):
        return
    message = "\n".join((row.title, "", *lines(row.text))).strip()
    terms = {**_terms(message, method), "sha": row.head_oid, "auto_merge": True, "merge_when_pipeline_succeeds": True}
    _put(client, row, terms)


def unset(client: Client, row: Row) -> None:
    """Let GitLab no more merge it by itself."""
    one = client.sure(lambda: client.project.mergerequests.get(row.number))
    if one.attributes.get("merge_when_pipeline_succeeds"):
        client.ask(one.cancel_merge_when_pipeline_succeeds, ok=(405, 406), safe=True)


def _put(client: Client, row: Row, terms: dict[str, Any]) -> Any:
    """In the body, not as python-gitlab's own method does it: messages are too long for a URL."""
    path = f"{client.project.mergerequests.path}/{row.number}/merge"
    return client.ask(lambda: client.gitlab.http_put(path, post_data=terms), ok=(401, 405, 406, 409, 422), safe=False)


def _terms(message: str, method: Method) -> dict[str, Any]:
    squash = method is Method.SQUASH
    words = {"merge_commit_message": message, **({"squash_commit_message": message} if squash else {})}
    return {**words, "squash": squash, "should_remove_source_branch": False}


def _otherwise(project: Any, method: Method) -> str:
    """Why the project doesn't merge so; empty where it does."""
    how, squash = str(project.get("merge_method") or "merge"), str(project.get("squash_option") or "default_off")
    if method is Method.SQUASH and squash == "never":
        return "it squashes none"
    if method is not Method.SQUASH and squash == "always":
        return "it squashes all"
    if (method is Method.REBASE) != (how == "ff") and method is not Method.SQUASH:
        return f"it merges {_HOW.get(how, how)}"
    return ""


def _refuse_method(project: Any, row: Row, method: Method) -> None:
    why = _otherwise(project, method)
    if why:
        how = "squash" if why == "it squashes all" else "rebase" if project.get("merge_method") == "ff" else "merge"
        raise ConflictError(
            f"#{row.number} can't be merged by {method.value}: how is a setting of the project, and {why}",
            remedy=f"fairlead pr merge {row.number} --method {how}, or change Settings, Merge requests",
        )
