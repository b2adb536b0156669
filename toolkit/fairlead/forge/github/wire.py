"""GitHub's answers, in PyGithub's objects or plain JSON, as our values; what is read was written by others.

PyGithub's types say that nothing is ever missing, which is not so: its objects are Any here, and Client.ask tells of
what isn't as it should be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from fairlead.forge.host import Remark, Row, Word
from fairlead.model.pulls import Protection, PullState, Status, StatusState

_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REVIEWS = {"APPROVED": True, "CHANGES_REQUESTED": False}
_STATES = {"success": StatusState.SUCCESS, "pending": StatusState.PENDING}
_PASSED = ("success", "neutral", "skipped")  # GitHub's own reading of a check that it requires
_WORST = (StatusState.FAILURE, StatusState.PENDING, StatusState.SUCCESS)
_APPROVING = ("required_approving_review_count", "require_code_owner_review", "require_code_owner_reviews")


def read_row(raw: Any, *, listed: bool = False) -> Row:
    """A pull request. A list (`listed`) doesn't say who merged it. Raises ValueError where it is none."""
    head, base, merged = raw.head, raw.base, raw.merged_at is not None
    fork = head.repo is None or head.repo.id != base.repo.id
    if not _OID.fullmatch(head.sha):
        raise ValueError("no commit id")
    return Row(
        number=raw.number,
        state=PullState.MERGED if merged else PullState.OPEN if raw.state == "open" else PullState.CLOSED,
        title=raw.title, text=raw.body or "", draft=raw.draft,
        head=f"{head.repo.full_name if head.repo is not None else '?'}:{head.ref}" if fork else head.ref,
        head_oid=head.sha, base=base.ref, author=login_of(raw.user), fork=fork, created=seconds(raw.created_at),
        updated=seconds(raw.updated_at), labels=tuple(label.name for label in raw.labels),
        merged_at=seconds(raw.merged_at), merged_by=login_of(raw.merged_by) if merged and not listed else "",
        merge_commit=raw.merge_commit_sha or "" if merged else "",
    )  # fmt: skip


def read_words(raw: Iterable[Any]) -> tuple[Word, ...]:
    """The reviews that say yes or no; a dismissed one has a state of its own."""
    return tuple(
        Word(row.user.login, _REVIEWS[row.state], seconds(row.submitted_at), row.commit_id or "")
        for row in raw
        if row.state in _REVIEWS and row.user is not None
    )


def read_remark(raw: Any) -> Remark:
    """A comment."""
    return Remark(raw.id, login_of(raw.user), seconds(raw.updated_at), raw.body or "")


def read_status(raw: Any) -> Status:
    """A commit's status."""
    state = _STATES.get(raw.state, StatusState.FAILURE)
    return Status(raw.context, state, login_of(raw.creator), seconds(raw.updated_at), raw.description or "")


def read_run(raw: Any) -> Status:
    """A check run, which says the same as a status of its name."""
    done = raw.status == "completed"
    state = StatusState.SUCCESS if raw.conclusion in _PASSED else StatusState.FAILURE
    author = raw.app.slug if raw.app is not None else ""
    at = raw.completed_at if done else raw.started_at
    return Status(raw.name, state if done else StatusState.PENDING, author or "", seconds(at), raw.conclusion or "")


def latest_statuses(words: Iterable[Status], runs: Iterable[Status]) -> tuple[Status, ...]:
    """Each context's word, by name: of the statuses the newest, which come first; of it and runs the worst."""
    found: dict[str, list[Status]] = {}
    for word in words:
        found.setdefault(word.context, [word])
    for run in runs:
        found.setdefault(run.context, []).append(run)
    return tuple(min(found[name], key=lambda word: _WORST.index(word.state)) for name in sorted(found))


def read_protection(branch: dict[str, Any] | None, classic: dict[str, Any] | None, rules: list[Any]) -> Protection:
    """What a branch demands: by its branch protection, whose details not everybody may read, and by rulesets."""
    checks: dict[str, Any] = {}
    contexts, reviews = (((branch or {}).get("protection") or {}).get("required_status_checks") or {}), []
    for found in (contexts, (classic or {}).get("required_status_checks") or {}):
        checks |= dict.fromkeys(map(str, found.get("contexts") or ()))
        checks |= {str(row["context"]): row.get("app_id") for row in found.get("checks") or ()}
    if (classic or {}).get("required_pull_request_reviews"):
        reviews.append((classic or {})["required_pull_request_reviews"])
    by = {str(row.get("type")): row.get("parameters") or {} for row in rules if isinstance(row, dict)}
    for row in rules:
        parameters = row.get("parameters") or {}
        if row.get("type") == "required_status_checks":
            for check in parameters.get("required_status_checks") or ():
                checks[str(check["context"])] = check.get("integration_id") or checks.get(str(check["context"]))
        elif row.get("type") == "pull_request":
            reviews.append(parameters)
    held = bool(checks or reviews or (classic or {}).get("restrictions") or {"update", "merge_queue"} & set(by))
    return Protection(
        known=branch is not None,
        required=tuple(sorted(checks)),
        pinned=tuple(sorted(name for name, app in checks.items() if isinstance(app, int) and app > 0)),
        approvals=max((int(row.get(_APPROVING[0]) or 0) for row in reviews), default=0),
        owners=any(bool(row.get(name)) for row in reviews for name in _APPROVING[1:]),
        pushes=not held,
        queue="merge_queue" in by,
    )


def login_of(user: Any) -> str:
    """Somebody's login; empty for nobody, as whose account is gone."""
    return str(user.login or "") if user is not None else ""


def seconds(stamp: datetime | None) -> int:
    """A time in seconds since the epoch; 0 for none."""
    return 0 if stamp is None else max(0, int(stamp.timestamp()))
