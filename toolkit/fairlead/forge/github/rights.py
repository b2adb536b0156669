"""What a token may do on GitHub, as far as it can be told without trying."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fairlead.model.pulls import Right

_FINE = "Contents, Pull requests and Commit statuses: read and write; Checks: read"
_APP = "ghs_"  # how the tokens of Apps and workflows begin
_FINE_GRAINED = ("github_pat_", "ghu_", _APP)  # tokens with permissions instead of scopes
_WORKFLOWS = "github-actions[bot]"


def read_rights(token: str, scopes: str | None, repo: dict[str, Any], me: Callable[[], str]) -> tuple[Right, ...]:
    """What a token may do in a repository; `scopes` are those of a classic one, None where it has none.

    What a token with permissions of its own may do, GitHub doesn't say; what its owner may do sets the bound.
    """
    may = repo.get("permissions") or {}
    named = {word.strip() for word in (scopes or "").split(",")}
    scoped = scopes is None or "repo" in named or ("public_repo" in named and not repo.get("private"))
    unknown = token.startswith(_FINE_GRAINED)
    read = bool(may.get("pull", True))
    write = _write(may, scoped=scoped, archived=bool(repo.get("archived")), unknown=unknown)
    return (
        Right("read the repository", read, "" if read else "give the token's owner access"),
        Right("push branches, write statuses, merge", *write),
        Right("open and label pull requests, ask for reviews", *write),
        _starting(token, me),
    )


def _write(may: dict[str, Any], *, scoped: bool, archived: bool, unknown: bool) -> tuple[bool | None, str]:
    if archived:
        return False, "the repository is archived: unarchive it in its settings"
    if not scoped:
        return False, "give the token the scope `repo`"
    if unknown and may.get("push", True):
        return None, f"GitHub doesn't tell this token's permissions; it needs {_FINE}"
    return (True, "") if may.get("push") else (False, "give the token's owner the role Write")


def _starting(token: str, me: Callable[[], str]) -> Right:
    what = "open pull requests that start workflows"
    if not token.startswith(_APP) or me() != _WORKFLOWS:
        return Right(what, True)
    return Right(
        what, False,
        "this is a workflow's own GITHUB_TOKEN: what it opens starts no workflow, so a required check never comes; "
        "take the token of a GitHub App (actions/create-github-app-token)",
    )  # fmt: skip
