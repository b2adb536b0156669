"""What is GitHub's own: its API, in rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from itertools import takewhile
from typing import Any
from urllib.parse import quote

from fairlead.forge.github import wire
from fairlead.forge.github.client import Client, Refused
from fairlead.forge.github.rights import read_rights
from fairlead.forge.host import Change, Remark, Row, Word
from fairlead.forge.http import UnsureError
from fairlead.model.errors import ConflictError
from fairlead.model.pulls import GATE, Draft, Method, Protection, PullState, Right, Status, StatusState
from fairlead.promotion.trailers import lines

_MARGIN = 60  # seconds by which what was touched may show late
_SAYS, _NAMES = 140, 50  # characters of a status's description, of a label
_AGAIN = "Base branch was modified"
_BOT = "[bot]"
_NO_DRAFTS = "Draft pull requests are not supported"


class GithubServer:
    """Meets forge.host.Host."""

    kind = "github"

    def __init__(self, client: Client, project: str) -> None:
        self.client = client
        self.project = project
        self._all: dict[int, Row] = {}

    @property
    def name(self) -> str:
        """See Host."""
        return self.client.api.host.removeprefix("api.")

    @cached_property
    def _me(self) -> str:
        found = self._get("/user", 403)
        if not isinstance(found, Refused):
            return str(found.get("login") or "")
        # A workflow's and an App's token has no profile; its name is that of its bot.
        ask = self.client.requester.graphql_query
        answer = self.client.ask(
            lambda: ask("query { viewer { login } }", {})[1]["data"]["viewer"]["login"], ok=(400, 401, 403), safe=True
        )
        return "" if isinstance(answer, Refused) else f"{answer.removesuffix(_BOT)}{_BOT}"

    def me(self) -> str:
        """See Host."""
        return self._me

    def mail(self, login: str) -> str:
        """See Host."""
        found = {} if login.endswith(_BOT) else self._get(f"/users/{quote(login)}", 403, 404)
        mail = "" if isinstance(found, Refused) else str(found.get("email") or "")
        return mail if "@" in mail and "@users.noreply." not in mail else ""

    def _get(self, path: str, *ok: int) -> Any:
        ask = self.client.requester.requestJsonAndCheck
        return self.client.ask(lambda: ask("GET", path)[1], ok=ok)

    def _pull(self, number: int) -> Any:
        return self.client.repo.get_pull(number)

    def _issue(self, number: int) -> Any:
        return self.client.repo.get_issue(number)

    # ── pull requests ──

    def rows(self, *, open_only: bool) -> Iterable[Row]:
        """See Host. Where all were read before, those alone are read that were touched since."""
        if open_only and not self._all:
            return self._listed("open", "created", "asc", 0)
        if not self._all:
            found = self._listed("all", "created", "asc", 0)
        else:
            latest = max(row.updated for row in self._all.values())
            found = self._listed("all", "updated", "desc", latest - _MARGIN)
        self._all |= {row.number: row for row in found}
        return [row for row in self._all.values() if not open_only or row.state is PullState.OPEN]

    def _listed(self, state: str, sort: str, direction: str, since: int) -> Iterable[Row]:
        """Each once, though one that is touched meanwhile moves to another page."""

        def read() -> dict[int, Row]:
            raws = self.client.repo.get_pulls(state=state, sort=sort, direction=direction)
            rows = (wire.read_row(raw, listed=True) for raw in raws)
            return {row.number: row for row in takewhile(lambda row: row.updated >= since, rows)}

        return self.client.must(read).values()

    def row(self, number: int) -> Row | None:
        """See Host."""
        found = self.client.ask(lambda: wire.read_row(self._pull(number)), ok=(404,))
        return None if isinstance(found, Refused) else found

    def head_ref(self, number: int) -> str:
        """See Host."""
        return f"refs/pull/{number}/head"

    def open(self, draft: Draft, title: str, text: str) -> Row | None:
        """See Host. Where the plan has no drafts, it is opened as none."""
        takes = {"base": draft.base, "head": draft.head, "title": title, "body": text}
        found = self._opened(takes, draft.draft)
        if draft.draft and isinstance(found, Refused) and _NO_DRAFTS in found.told:
            found = self._opened(takes, False)
        if not isinstance(found, Refused):
            return found
        if "already exists" in found.told:
            return None
        if "head invalid" in found.told:
            raise UnsureError(f"{self.name} does not see the branch {draft.head} yet", remedy="run the command again")
        raise ConflictError(
            f"{self.name} opens no pull request of {draft.head} into {draft.base}: {found.told}",
            remedy="fairlead status tells what is still to be promoted",
        )

    def _opened(self, takes: dict[str, str], drafted: bool) -> Row | Refused:
        make = self.client.repo.create_pull
        return self.client.ask(lambda: wire.read_row(make(**takes, draft=drafted)), ok=(422,))

    def opened(self, row: Row) -> Row:
        """See Host."""
        return row

    def change(self, row: Row, change: Change) -> None:
        """See Host. Whether it is a draft only a mutation changes."""
        state = None if change.closed is None else "closed" if change.closed else "open"
        wanted = {"title": change.title, "body": change.text, "base": change.base, "state": state}
        values = {name: value for name, value in wanted.items() if value is not None}
        if values:
            self.client.must(lambda: self._pull(row.number).edit(**values))
        if change.draft is not None:
            pull = self._pull(row.number)
            done = self._mutated(pull.convert_to_draft if change.draft else pull.mark_ready_for_review)
            if done is not None and not change.draft:
                raise ConflictError(f"#{row.number} stays a draft: {done}", remedy="mark it as ready there")

    def _mutated(self, mutation: Callable[..., object], **takes: str) -> str | None:
        """None where it was done, else why GitHub refuses."""
        found = self.client.ask(lambda: mutation(**takes), ok=(400,), safe=True)
        return found.told if isinstance(found, Refused) else None

    def relabel(self, row: Row, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
        """See Host. GitHub makes the labels that it doesn't know yet."""
        send, path = self.client.requester.requestJsonAndCheck, f"{self.client.path}/issues/{row.number}/labels"
        for name in remove:
            self.client.ask(partial(send, "DELETE", f"{path}/{quote(_cut(name, _NAMES), safe='')}"), ok=(404,))
        if add:
            body = {"labels": [_cut(name, _NAMES) for name in add]}
            self.client.must(lambda: send("POST", path, input=body), safe=True)

    def ask_review(self, row: Row, people: tuple[str, ...]) -> None:
        """See Host. Of a list that holds one who can't be asked, GitHub asks nobody: then one at a time."""
        names, owner = [name.removeprefix("@") for name in people], f"{self.project.partition('/')[0].casefold()}/"
        logins = [n for n in names if "/" not in n and "@" not in n and n.casefold() != row.author.casefold()]
        teams = [n.partition("/")[2] for n in names if n.casefold().startswith(owner)]
        count = len(logins) + len(teams)
        if count and not self._asked(row, logins, teams) and count > 1:
            for login in logins:
                self._asked(row, [login], [])
            for team in teams:
                self._asked(row, [], [team])

    def _asked(self, row: Row, logins: list[str], teams: list[str]) -> bool:
        ask = self._pull(row.number).create_review_request
        found = self.client.ask(lambda: ask(logins, teams), ok=(403, 404, 422), safe=True)
        return not isinstance(found, Refused)

    def merge(self, row: Row, title: str, text: str, method: Method) -> str:
        """See Host."""
        merge = self._pull(row.number).merge
        found = self.client.ask(
            lambda: merge(text, title, merge_method=method.value, sha=row.head_oid), ok=(405, 409), safe=False
        )
        if not isinstance(found, Refused):
            return ""
        if found.status == 409 or _AGAIN in found.told:
            return found.told
        queued = "merge queue" in found.told
        raise ConflictError(
            f"#{row.number} can't be merged: {found.told}",
            remedy="have it merged by itself (--auto-merge): then GitHub's queue takes it" if queued else _SEE,
        )

    def auto_merge(self, row: Row, method: Method | None, protection: Protection) -> None:
        """See Host. GitHub is told only where it has to wait for the gate, else `gate --all-open` merges.

        What it won't do by itself (it is not allowed there, or nothing holds it back) is left to that, too.
        """
        pull = self._pull(row.number)
        if method is None:
            self._mutated(pull.disable_automerge)
        elif GATE in protection.required:
            takes = {"merge_method": method.name, "expected_head_oid": row.head_oid}
            if method is not Method.REBASE:
                takes |= {"commit_headline": f"{row.title} (#{row.number})", "commit_body": "\n".join(lines(row.text))}
            told = self._mutated(pull.enable_automerge, **takes)
            if told is not None and "was modified" in told:
                raise ConflictError(f"#{row.number} was moved meanwhile", remedy=_SEE)

    def dropped(self, branch: str) -> None:
        """See Host."""

    # ── words ──

    def reviews(self, number: int) -> Iterable[Word]:
        """See Host."""
        return self.client.must(lambda: wire.read_words(self._pull(number).get_reviews()))

    def review(self, number: int, oid: str, *, approved: bool) -> None:
        """See Host."""
        event, text = ("APPROVE", "") if approved else ("REQUEST_CHANGES", "Changes requested.")  # it takes no bare no
        review = self._pull(number).create_review
        self.client.must(lambda: review(self._commit(oid), text, event), safe=True)

    def remarks(self, row: Row) -> Iterable[Remark]:
        """See Host."""
        issue = self._issue(row.number)
        return self.client.must(lambda: tuple(map(wire.read_remark, issue.get_comments())))

    def remark(self, number: int, text: str) -> Remark:
        """See Host."""
        return self.client.must(lambda: wire.read_remark(self._issue(number).create_comment(text)))

    def rewrite(self, number: int, name: int, text: str) -> None:
        """See Host."""
        ask = self.client.requester.requestJsonAndCheck
        path = f"{self.client.path}/issues/comments/{name}"
        self.client.must(lambda: ask("PATCH", path, input={"body": text}))

    def _commit(self, oid: str) -> Any:
        from github.Commit import Commit

        return Commit(self.client.requester, {}, {"sha": oid, "url": f"{self.client.path}/commits/{oid}"})

    def has(self, oid: str) -> bool:
        """See Host."""
        return not isinstance(self._get(f"{self.client.path}/git/commits/{oid}", 404, 409, 422), Refused)

    def set_status(self, oid: str, status: Status) -> None:
        """See Host."""
        text = _cut(" ".join(status.text.split()), _SAYS)
        if self._said(oid, status.context) == (status.state, text):
            return  # a schedule says it often, and GitHub keeps no more than a thousand of a context
        create = self._commit(oid).create_status
        self.client.must(lambda: create(status.state.value, description=text, context=status.context), safe=True)

    def statuses(self, oid: str) -> tuple[Status, ...]:
        """See Host. Statuses and check runs are two things there, and one to whoever reads them."""
        words = self.client.ask(lambda: tuple(self._words(oid)), ok=(404, 422))
        if isinstance(words, Refused):
            return ()
        runs = self.client.ask(
            lambda: tuple(map(wire.read_run, self._commit(oid).get_check_runs())), ok=(403, 404, 422)
        )
        return wire.latest_statuses(words, () if isinstance(runs, Refused) else runs)

    def _words(self, oid: str) -> Iterable[Status]:
        """The statuses of a commit, newest first."""
        from github.CommitStatus import CommitStatus
        from github.PaginatedList import PaginatedList

        path = f"{self.client.path}/commits/{oid}/statuses"
        return map(wire.read_status, PaginatedList(CommitStatus, self.client.requester, path))

    def _said(self, oid: str, context: str) -> tuple[StatusState, str] | None:
        word = self.client.must(lambda: next((w for w in self._words(oid) if w.context == context), None))
        return None if word is None else (word.state, word.text)

    # ── rules ──

    def protection(self, branch: str) -> Protection:
        """See Host. Rulesets everybody may read, the details of a branch protection its administrators alone."""
        path = f"{self.client.path}/branches/{quote(branch, safe='')}"
        found = self._get(path, 403, 404)
        if isinstance(found, Refused):
            return Protection(known=False)
        classic = self._get(f"{path}/protection", 403, 404) if found.get("protected") else Refused(404, "")
        rules = self._get(f"{self.client.path}/rules/branches/{quote(branch, safe='')}", 403, 404)
        return wire.read_protection(
            found, None if isinstance(classic, Refused) else classic,
            rules if isinstance(rules, list) else [],
        )  # fmt: skip

    def rights(self) -> tuple[Right, ...]:
        """See Host."""
        ask = self.client.requester.requestJsonAndCheck
        headers, data = self.client.must(lambda: ask("GET", self.client.path))
        token = self.client.api.token
        return read_rights(token.value if token is not None else "", headers.get("x-oauth-scopes"), data, self.me)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


_SEE = "fairlead pr show tells what it waits for"
