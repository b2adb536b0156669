"""The mutations that fairlead sends, and `viewer`; held against the published schema."""

from __future__ import annotations

import re
from typing import Any

from tests.forges.github.description import graphql
from tests.forges.github.state import Login, Pull, Repo, World

_MUTATION = re.compile(r"mutation \w*\(\$input: (\w+)!\) \{ (\w+)\(input: \$input\) (\{.*\}) \}")
_WORD = re.compile(r"[{}]|\w+")


class GraphError(Exception):
    """GitHub answers 200, and says so in `errors`."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def answer(world: World, login: Login, body: dict[str, Any]) -> dict[str, Any]:
    """What `POST /graphql` answers."""
    try:
        return {"data": _answer(world, login, " ".join(body["query"].split()), body.get("variables") or {})}
    except GraphError as error:
        row = {"type": error.kind, "path": [], "locations": [], "message": str(error)}
        return {"data": None, "errors": [row]}


def _answer(world: World, login: Login, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    if re.fullmatch(r"(query )?\{ ?viewer ?\{ ?login ?\} ?\}", query):
        return {"viewer": {"login": login.user.login}}
    found = _MUTATION.fullmatch(query)
    known = graphql()["mutations"].get(found[2]) if found else None
    if found is None or known is None or found[1].lower() != f"{found[2]}input".lower():
        raise GraphError("undefinedField", f"the double knows no such query: {query[:200]}")
    name = found[2]
    takes = _checked(name, known["input"], variables["input"])
    repo, pull = _pull(world, takes["pullRequestId"])
    if login.reads or repo.access.get(login.user.login, "read") == "read":
        raise GraphError("FORBIDDEN", f"{login.user.login} does not have the correct permissions to execute `{name}`")
    _ACTIONS[name](repo, pull, login, takes)
    words = _WORD.findall(found[3])
    values = {"clientMutationId": takes.get("clientMutationId"), "pullRequest": pull, "actor": login.user}
    return {name: _select(words, known["payload"], values)}


def _checked(name: str, fields: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    odd = set(given) - set(fields)
    lacking = {field for field, row in fields.items() if row["required"] and given.get(field) is None}
    if odd or lacking:
        raise GraphError("argumentNotAccepted", f"{name}: unknown {sorted(odd)}, lacking {sorted(lacking)}")
    for field, value in given.items():
        wanted = fields[field].get("values")
        if value is not None and (not isinstance(value, str) or (wanted and value not in wanted)):
            raise GraphError("argumentLiteralsIncompatible", f"{name}: {field} can't be {value!r}")
    return given


def _select(words: list[str], fields: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """The fields that a selection asks for; each must be in the schema."""
    out: dict[str, Any] = {}
    assert words.pop(0) == "{"
    while (name := words.pop(0)) != "}":
        if name not in fields:
            raise GraphError("undefinedField", f"Field '{name}' doesn't exist")
        if words and words[0] == "{":
            inner = graphql()["objects"][fields[name]]
            out[name] = _select(words, inner, _values(values[name]))
        else:
            out[name] = values[name]
    return out


def _values(what: Any) -> dict[str, Any]:
    if isinstance(what, Pull):
        return {"id": what.node, "isDraft": what.draft, "number": what.number}
    url = f"https://github.example/{what.login}"
    return {"login": what.login, "url": url, "avatarUrl": url, "resourcePath": f"/{what.login}"}


def _pull(world: World, node: str) -> tuple[Repo, Pull]:
    for repo in world.repos.values():
        for pull in repo.pulls.values():
            if pull.node == node:
                return repo, pull
    raise GraphError("NOT_FOUND", f"Could not resolve to a node with the global id of '{node}'")


def _enable(repo: Repo, pull: Pull, login: Login, takes: dict[str, Any]) -> None:
    if not repo.auto_merge:
        raise GraphError("UNPROCESSABLE", "Auto merge is not allowed for this repository")
    if not pull.open:
        raise GraphError("UNPROCESSABLE", "Pull request is closed")
    if takes.get("expectedHeadOid") not in (None, pull.sha):
        raise GraphError("UNPROCESSABLE", "Head branch was modified. Review and try again.")
    if not repo.guards.get(pull.base):
        raise GraphError("UNPROCESSABLE", "Protected branch rules not configured for this branch")
    if not repo.lacking(pull) and not repo.guards[pull.base].queue:
        raise GraphError("UNPROCESSABLE", "Pull request is in clean status")
    method = takes.get("mergeMethod") or "MERGE"
    if method.lower() not in repo.methods:
        raise GraphError("UNPROCESSABLE", f"Merge method {method.lower()} merging is not allowed on this repository")
    title, body = takes.get("commitHeadline"), takes.get("commitBody")
    pull.auto = {"user": login.user, "method": method, "title": title, "body": body}
    pull.touch()
    repo.auto_merged()


def _disable(repo: Repo, pull: Pull, login: Login, takes: dict[str, Any]) -> None:
    if pull.auto is None:
        raise GraphError("UNPROCESSABLE", "Can't disable auto-merge for this pull request.")
    pull.auto = None
    pull.touch()


def _ready(repo: Repo, pull: Pull, login: Login, takes: dict[str, Any]) -> None:
    pull.draft = False
    pull.touch()
    repo.auto_merged()


def _draft(repo: Repo, pull: Pull, login: Login, takes: dict[str, Any]) -> None:
    if not repo.drafts:
        raise GraphError("UNPROCESSABLE", "Draft pull requests are not supported in this repository.")
    pull.draft = True
    pull.touch()


_ACTIONS = {
    "enablePullRequestAutoMerge": _enable, "disablePullRequestAutoMerge": _disable,
    "markPullRequestReadyForReview": _ready, "convertPullRequestToDraft": _draft,
}  # fmt: skip
