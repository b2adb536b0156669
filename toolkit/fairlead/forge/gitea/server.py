"""What is Gitea's and Forgejo's own: their API, in rows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any
from urllib.parse import quote

from fairlead.forge.gitea import wire
from fairlead.forge.gitea.labels import label_ids
from fairlead.forge.host import Change, Remark, Row, Word
from fairlead.forge.http import Api
from fairlead.model.errors import ConflictError
from fairlead.model.pulls import Draft, Method, Protection, Right, Status
from fairlead.model.runtime import Clock

_LAG = 3  # seconds after which Gitea has seen that a branch is gone
_REVIEWS = {"APPROVED": True, "REQUEST_CHANGES": False}


class GiteaServer:
    """Meets forge.host.Host."""

    kind = "gitea"

    def __init__(self, api: Api, project: str, clock: Clock) -> None:
        self.api = api
        self.path = "repos/" + quote(project)
        self._clock = clock
        self._dropped: dict[str, int] = {}  # branches that were removed -> when

    @property
    def name(self) -> str:
        """See Host."""
        return self.api.host

    @cached_property
    def _me(self) -> str:
        answer = self.api.ask("GET", "user", ok=(403,))
        return wire.login_of(answer.data) if answer.status == 200 else ""

    def me(self) -> str:
        """See Host."""
        return self._me

    def mail(self, login: str) -> str:
        """See Host."""
        return wire.mail_of(self.api.ask("GET", f"users/{quote(login)}", ok=(403, 404)).data)

    # ── pull requests ──

    def rows(self, *, open_only: bool) -> Iterable[Row]:
        """See Host. Gitea takes a `head=` filter without a word and ignores it: all are read."""
        seen = {}
        state = "open" if open_only else "all"
        for raw in self.api.pages(f"{self.path}/pulls", {"state": state, "sort": "oldest"}):
            seen[raw.get("number")] = raw  # one that moved to the next page meanwhile comes twice
        return map(wire.read_row, seen.values())

    def row(self, number: int) -> Row | None:
        """See Host."""
        answer = self.api.ask("GET", f"{self.path}/pulls/{number}", ok=(404,))
        return None if answer.status == 404 else wire.read_row(answer.data)

    def head_ref(self, number: int) -> str:
        """See Host."""
        return f"refs/pull/{number}/head"

    def open(self, draft: Draft, title: str, text: str) -> Row | None:
        """See Host."""
        body = {"head": draft.head, "base": draft.base, "title": wire.marked_title(title, draft.draft), "body": text}
        answer = self.api.ask("POST", f"{self.path}/pulls", body=body, ok=(409,))
        return None if answer.status == 409 else wire.read_row(answer.data)

    def opened(self, row: Row) -> Row:
        """See Host. Gitea learns of a removed branch a moment later, and closes what was opened of it meanwhile."""
        late = self._dropped.pop(row.head, 0) + _LAG
        while self._clock.now() < late:
            self._clock.sleep(0.3)
            raw = self.api.ask("GET", f"{self.path}/pulls/{row.number}").data
            if raw["state"] == "closed":
                return self._patched(row.number, {"state": "open"})
        return row

    def change(self, row: Row, change: Change) -> None:
        """See Host. The mark of a draft stands in the title."""
        body: dict[str, Any] = {}
        if change.title is not None or change.draft is not None:
            title = row.title if change.title is None else change.title
            body["title"] = wire.marked_title(title, row.draft if change.draft is None else change.draft)
        if change.closed is not None:
            body["state"] = "closed" if change.closed else "open"
        body |= {name: value for name, value in (("body", change.text), ("base", change.base)) if value is not None}
        self._patched(row.number, body)

    def _patched(self, number: int, body: dict[str, Any]) -> Row:
        return wire.read_row(self.api.ask("PATCH", f"{self.path}/pulls/{number}", body=body).data)

    def relabel(self, row: Row, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
        """See Host."""
        path = f"{self.path}/issues/{row.number}/labels"
        for number in label_ids(self.api, self.path, self._clock, remove):
            self.api.ask("DELETE", f"{path}/{number}", ok=(404, 422))
        if add:
            labels = list(label_ids(self.api, self.path, self._clock, add))
            self.api.ask("POST", path, body={"labels": labels}, safe=True)

    def ask_review(self, row: Row, people: tuple[str, ...]) -> None:
        """See Host. One at a time: of a list that holds one it doesn't know, Gitea asks nobody."""
        path = f"{self.path}/pulls/{row.number}/requested_reviewers"
        for who in people:
            name = who.removeprefix("@")
            kind = "team_reviewers" if "/" in name else "reviewers"
            body = {kind: [name.rpartition("/")[2]]}
            self.api.ask("POST", path, body=body, ok=(403, 404, 422), safe=True)

    def merge(self, row: Row, title: str, text: str, method: Method) -> str:
        """See Host. 405 with these words: it still looks whether it can be merged, or it can't for a conflict."""
        body = {
            "Do": method.value, "head_commit_id": row.head_oid, "delete_branch_after_merge": False,
            # Gitea and Forgejo name them differently, and each passes over what it does not know.
            "merge_title_field": title, "MergeTitleField": title,
            "merge_message_field": text, "MergeMessageField": text,
        }  # fmt: skip
        answer = self.api.ask("POST", f"{self.path}/pulls/{row.number}/merge", body=body, ok=(405, 409), safe=False)
        if answer.status < 300:
            return ""
        if answer.status == 405 and "try again later" in answer.told:
            return answer.told
        raise ConflictError(
            f"#{row.number} can't be merged: {answer.told or answer.status}",
            remedy="fairlead pr show tells what it waits for",
        )

    def auto_merge(self, row: Row, method: Method | None, protection: Protection) -> None:
        """See Host. Gitea merges at once what no rule holds back, and so is never told."""

    def dropped(self, branch: str) -> None:
        """See Host."""
        self._dropped[branch] = self._clock.now()

    # ── words ──

    def reviews(self, number: int) -> Iterable[Word]:
        """See Host."""
        for row in self.api.pages(f"{self.path}/pulls/{number}/reviews"):
            approved = _REVIEWS.get(str(row.get("state")))
            if approved is not None and not row.get("dismissed") and row.get("user"):
                at = wire.seconds(row.get("submitted_at"))
                yield Word(wire.login_of(row["user"]), approved, at, str(row.get("commit_id") or ""))

    def review(self, number: int, oid: str, *, approved: bool) -> None:
        """See Host."""
        body = {
            "event": "APPROVED" if approved else "REQUEST_CHANGES",
            "commit_id": oid,
            "body": "" if approved else "Changes requested.",  # Gitea takes none without a word
        }
        self.api.ask("POST", f"{self.path}/pulls/{number}/reviews", body=body, safe=True)

    def remarks(self, row: Row) -> Iterable[Remark]:
        """See Host."""
        rows = self.api.ask("GET", f"{self.path}/issues/{row.number}/comments").data or ()
        return map(wire.read_remark, rows)

    def remark(self, number: int, text: str) -> Remark:
        """See Host."""
        answer = self.api.ask("POST", f"{self.path}/issues/{number}/comments", body={"body": text})
        return wire.read_remark(answer.data)

    def rewrite(self, number: int, name: int, text: str) -> None:
        """See Host."""
        self.api.ask("PATCH", f"{self.path}/issues/comments/{name}", body={"body": text})

    def has(self, oid: str) -> bool:
        """See Host."""
        return self.api.ask("GET", f"{self.path}/git/commits/{oid}", ok=(404, 422)).status == 200

    def set_status(self, oid: str, status: Status) -> None:
        """See Host."""
        body = {"context": status.context, "state": status.state.value, "description": " ".join(status.text.split())}
        self.api.ask("POST", f"{self.path}/statuses/{oid}", body=body, safe=True)

    def statuses(self, oid: str) -> tuple[Status, ...]:
        """See Host."""
        return wire.latest_statuses(self.api.pages(f"{self.path}/commits/{oid}/statuses", ok=(404,)))

    # ── rules ──

    def protection(self, branch: str) -> Protection:
        """See Host."""
        answer = self.api.ask("GET", f"{self.path}/branches/{quote(branch)}", ok=(403, 404))
        return wire.read_protection(answer.data) if answer.status == 200 else Protection(known=False)

    def rights(self) -> tuple[Right, ...]:
        """See Host."""
        return wire.read_rights(self.api.ask("GET", self.path).data)
