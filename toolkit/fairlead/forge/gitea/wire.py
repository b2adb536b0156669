"""Gitea's answers as our values; what is read was written by others, and is checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from fairlead.forge.host import Remark, Row
from fairlead.model.errors import WorldError
from fairlead.model.pulls import Protection, PullState, Right, Status, StatusState

WIP = "WIP: "
_WIP = re.compile(r"(?i)(?:WIP:|\[WIP\])\s*")
_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_STATES = {"success": StatusState.SUCCESS, "skipped": StatusState.SUCCESS, "pending": StatusState.PENDING}


def marked_title(title: str, draft: bool) -> str:
    """A title; by the prefix Gitea knows that it isn't to be merged yet."""
    return f"{WIP if draft else ''}{title}"


def read_row(raw: Any) -> Row:
    """A pull request. Raises WorldError where the answer is none."""
    try:
        head, base = raw["head"], raw["base"]
        fork = head["repo_id"] != base["repo_id"]
        name = f"{((head.get('repo') or {}).get('full_name')) or '?'}:{head['label']}" if fork else str(head["label"])
        oid, title, merged = str(head["sha"]), str(raw["title"]), bool(raw["merged"])
        if not _OID.fullmatch(oid):
            raise ValueError("no commit id")
        return Row(
            number=int(raw["number"]),
            state=PullState.MERGED if merged else PullState.OPEN if raw["state"] == "open" else PullState.CLOSED,
            title=_WIP.sub("", title, count=1) if _WIP.match(title) else title, text=str(raw.get("body") or ""),
            draft=_WIP.match(title) is not None, head=name, head_oid=oid, base=str(base["ref"]),
            author=login_of(raw["user"]), fork=fork, created=seconds(raw["created_at"]),
            updated=seconds(raw["updated_at"]),
            labels=tuple(str(label["name"]) for label in raw.get("labels") or ()),
            merged_at=seconds(raw.get("merged_at")) if merged else 0,
            merged_by=login_of(raw.get("merged_by")) if merged else "",
            merge_commit=str(raw.get("merge_commit_sha") or "") if merged else "",
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WorldError(f"the forge's answer is no pull request: {str(error)[:100]}", remedy="is it Gitea?") from None


def read_remark(raw: Any) -> Remark:
    """A comment."""
    stamp = seconds(raw.get("updated_at"))
    return Remark(int(raw["id"]), login_of(raw.get("user")), stamp, str(raw.get("body") or ""))


def latest_statuses(rows: Iterable[Any]) -> tuple[Status, ...]:
    """Each context's latest status, by name."""
    found: dict[str, Any] = {}
    for row in sorted(rows, key=lambda row: int(row["id"])):
        found[str(row["context"])] = row
    return tuple(
        Status(
            context, _STATES.get(str(row["status"]), StatusState.FAILURE), login_of(row.get("creator")),
            seconds(row.get("created_at")), str(row.get("description") or ""),
        )
        for context, row in sorted(found.items())
    )  # fmt: skip


def read_protection(raw: Any) -> Protection:
    """What the rules for a branch demand, as its page of the API says."""
    checked = bool(raw.get("enable_status_check"))
    return Protection(
        known=True,
        required=tuple(str(name) for name in raw.get("status_check_contexts") or ()) if checked else (),
        approvals=int(raw.get("required_approvals") or 0),
        pushes=not raw.get("protected") or bool(raw.get("user_can_push")),
    )


def read_rights(raw: Any) -> tuple[Right, ...]:
    """What the owner of the token may do in a repository; the token's own scopes aren't told."""
    may = raw.get("permissions") or {}
    write = bool(may.get("push")) and not raw.get("archived")
    remedy = "it is archived" if raw.get("archived") else "give the token's owner the right to write to the repository"
    return (
        Right("read the repository", bool(may.get("pull")), "" if may.get("pull") else "give its owner access"),
        Right("push branches, write statuses, merge", write, "" if write else remedy),
        Right("open pull requests", bool(raw.get("has_pull_requests", True)) and not raw.get("archived"), ""),
    )


def login_of(user: Any) -> str:
    """Somebody's login; empty for nobody."""
    return str(user.get("login") or "") if isinstance(user, dict) else ""


def mail_of(user: Any) -> str:
    """Somebody's e-mail; empty where they don't show it. Only some answers of the API have it."""
    mail = str(user.get("email") or "") if isinstance(user, dict) else ""
    return mail if "@" in mail and "@noreply." not in mail else ""


def seconds(stamp: Any) -> int:
    """A time of the API in seconds since the epoch; 0 for none."""
    try:
        return max(0, int(datetime.fromisoformat(str(stamp)).timestamp())) if stamp else 0
    except ValueError:
        return 0
