"""What a token may do on GitLab: its scopes, its owner's role, and the little that a job's own token may."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fairlead.model.pulls import Right

JOB = "CI_JOB_TOKEN"
_REPORTER, _DEVELOPER = 20, 30
MAKE = "make a project access token with the scope `api` and the role Developer, and give it as FAIRLEAD_TOKEN"
_READ, _PUSH = "read the repository and merge requests", "push branches"
_OPEN, _WORDS = "open and merge merge requests", "write statuses and comments"


def read_rights(project: Any, scopes: Sequence[str] | None, *, job: bool) -> tuple[Right, ...]:
    """By the project as the token sees it; `scopes` is None where it has none that are told (OAuth)."""
    if job:
        why = f"{JOB} can't: {MAKE}"
        push = f"{JOB} may only where the project allows it (Settings, CI/CD, Job token permissions): or {MAKE}"
        return Right(_READ, False, why), Right(_PUSH, None, push), Right(_OPEN, False, why), Right(_WORDS, False, why)
    may = project.get("permissions") or {}
    level = max(int((may.get(name) or {}).get("access_level") or 0) for name in ("project_access", "group_access"))
    archived = bool(project.get("archived"))
    reads = scopes is None or bool({"api", "read_api"} & set(scopes))
    whole = scopes is None or "api" in scopes
    pushes = whole or "write_repository" in (scopes or ())
    shut = project.get("merge_requests_enabled") is False
    return (
        _right(_READ, reads and level >= _REPORTER, archived=False, scope=reads),
        _right(_PUSH, pushes and level >= _DEVELOPER, archived=archived, scope=pushes),
        Right(_OPEN, False, "switch merge requests on, in the project's settings") if shut and not archived
        else _right(_OPEN, whole and level >= _DEVELOPER, archived=archived, scope=whole),
        _right(_WORDS, whole and level >= _DEVELOPER, archived=archived, scope=whole),
    )  # fmt: skip


def _right(what: str, allowed: bool, *, archived: bool, scope: bool) -> Right:
    if archived:
        return Right(what, False, "the project is archived")
    if allowed:
        return Right(what, True)
    return Right(what, False, "give the token's owner the role Developer in the project" if scope else MAKE)
