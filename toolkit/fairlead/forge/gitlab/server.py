"""What is GitLab's own: merge requests, by python-gitlab, in rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from fairlead.forge.gitlab import merging, wire
from fairlead.forge.gitlab.client import Client, No
from fairlead.forge.gitlab.rights import read_rights
from fairlead.forge.host import Change, Remark, Row, Word
from fairlead.model.errors import ConflictError, DeniedError
from fairlead.model.pulls import GATE, Draft, Method, Protection, Right, Status, StatusState

_STATES = {StatusState.SUCCESS: "success", StatusState.FAILURE: "failed", StatusState.PENDING: "pending"}
_HIDDEN = (401, 403, 404)
_LONGEST = 255  # characters that GitLab takes of a status


class GitLabServer:
    """Meets forge.host.Host."""

    kind = "gitlab"

    def __init__(self, client: Client) -> None:
        self.client = client
        self._read: tuple[int, tuple[Mapping[str, Any], ...]] = (0, ())  # notes that were just read, for their reviews

    @property
    def name(self) -> str:
        """See Host."""
        return self.client.api.host

    @cached_property
    def _me(self) -> Mapping[str, Any]:
        ok = (401, 403) if self.client.by_job else (403,)
        found = self.client.ask(lambda: self.client.gitlab.http_get("/user"), ok=ok)
        return found if isinstance(found, dict) else {}

    def me(self) -> str:
        """See Host."""
        return str(self._me.get("username") or "")

    def mail(self, login: str) -> str:
        """See Host."""
        row = self._person(login)
        if "id" in row and "public_email" not in row:  # lists of older ones don't tell it
            row = self.client.sure(lambda: self.client.gitlab.users.get(row["id"])).attributes
        return str(row.get("public_email") or "")

    def _person(self, name: str) -> Mapping[str, Any]:
        """Somebody, by login or public e-mail; empty where GitLab knows none."""
        if "@" not in name:
            found = self.client.listed(self.client.gitlab.users, ok=_HIDDEN, username=name)
            return next(iter(found), {})
        found = self.client.listed(self.client.gitlab.users, ok=_HIDDEN, search=name)
        return next((row for row in found if str(row.get("public_email")).casefold() == name.casefold()), {})

    # ── merge requests ──

    def rows(self, *, open_only: bool) -> Iterable[Row]:
        """See Host."""
        state = "opened" if open_only else "all"
        requests = self.client.project.mergerequests
        found = self.client.listed(requests, state=state, order_by="created_at", sort="asc")
        seen = {raw.get("iid"): raw for raw in found}  # one that moved to the next page meanwhile comes twice
        return map(wire.read_row, (raw for raw in seen.values() if raw.get("sha")))  # none: its commits are gone

    def row(self, number: int) -> Row | None:
        """See Host."""
        raw = self._raw(number)
        return None if raw is None else wire.read_row(raw)

    def _raw(self, number: int) -> dict[str, Any] | None:
        found = self.client.ask(lambda: self.client.project.mergerequests.get(number), ok=(404,))
        return None if isinstance(found, No) else found.attributes

    def head_ref(self, number: int) -> str:
        """See Host."""
        return f"refs/merge-requests/{number}/head"

    def open(self, draft: Draft, title: str, text: str) -> Row | None:
        """See Host."""
        want = {
            "source_branch": draft.head, "target_branch": draft.base, "title": wire.marked_title(title, draft.draft),
            "description": wire.shielded(text),
        }  # fmt: skip
        found = self.client.ask(lambda: self.client.project.mergerequests.create(want), ok=(409,))
        return None if isinstance(found, No) else wire.read_row(found.attributes)

    def opened(self, row: Row) -> Row:
        """See Host."""
        return row

    def change(self, row: Row, change: Change) -> None:
        """See Host. The mark of a draft stands in the title."""
        want: dict[str, Any] = {}
        if change.title is not None or change.draft is not None:
            title = row.title if change.title is None else change.title
            want["title"] = wire.marked_title(title, row.draft if change.draft is None else change.draft)
        if change.closed is not None:
            want["state_event"] = "close" if change.closed else "reopen"
        if change.text is not None:
            want["description"] = wire.shielded(change.text)
        if change.base is not None:
            want["target_branch"] = change.base
        self._update(row.number, want)

    def _update(self, number: int, want: dict[str, Any]) -> None:
        self.client.sure(lambda: self.client.project.mergerequests.update(number, want))

    def relabel(self, row: Row, add: tuple[str, ...], remove: tuple[str, ...]) -> None:
        """See Host. GitLab makes labels by itself; a comma in a name would make two of it."""
        want = {"add_labels": add, "remove_labels": remove}
        self._update(row.number, {key: ",".join(n.replace(",", " ") for n in v) for key, v in want.items() if v})

    def ask_review(self, row: Row, people: tuple[str, ...]) -> None:
        """See Host. Groups can't be asked; where GitLab takes one reviewer alone, it is the first."""
        names = [name.removeprefix("@") for name in people if "/" not in name]
        found = [self._person(name) for name in names]
        self._add_reviewers(row.number, [int(user["id"]) for user in found if user and user["username"] != row.author])

    def _add_reviewers(self, number: int, ids: list[int]) -> None:
        raw = self._raw(number) or {} if ids else {}
        there = [int(user["id"]) for user in raw.get("reviewers") or ()]
        if set(ids) - set(there):
            self._update(number, {"reviewer_ids": list(dict.fromkeys(there + ids))})

    def merge(self, row: Row, title: str, text: str, method: Method) -> str:
        """See Host."""
        return merging.merge(self.client, row, f"{title}\n\n{text}".strip(), method)

    def auto_merge(self, row: Row, method: Method | None, protection: Protection) -> None:
        """See Host. GitLab merges at once what nothing holds back: it is told where its pipeline waits for the gate."""
        if method is None:
            merging.unset(self.client, row)
        elif GATE in protection.required and not protection.queue and self._waits_for_gate(row):
            merging.set_auto(self.client, row, method)

    def _waits_for_gate(self, row: Row) -> bool:
        """Whether the gate's status waits in the very pipeline that GitLab looks at; a commit may have several."""
        pipeline = ((self._raw(row.number) or {}).get("head_pipeline") or {}).get("id")
        words = self.client.project.commits.get(row.head_oid, lazy=True).statuses
        found = self.client.listed(words, ok=(404,), name=GATE)
        return any(w.get("status") == "pending" and w.get("pipeline_id") == pipeline for w in found)

    def dropped(self, branch: str) -> None:
        """See Host."""

    # ── words ──

    def _notes(self, number: int) -> tuple[Mapping[str, Any], ...]:
        notes = self.client.merge_request(number).notes
        return tuple(self.client.listed(notes, sort="asc", order_by="created_at"))

    def reviews(self, number: int) -> Iterable[Word]:
        """See Host."""
        (known, notes), self._read = self._read, (0, ())
        said = wire.events(notes if known == number else self._notes(number))
        if all(state is None for state, _ in said.values()):
            return ()
        one = self.client.merge_request(number)
        approvals = self.client.sure(one.approvals.get).attributes
        return wire.read_words(said, approvals, self.client.listed(one.diffs))

    def review(self, number: int, oid: str, *, approved: bool) -> None:
        """See Host. Who approved an earlier head approves once more."""
        one = self.client.merge_request(number)
        if not approved:
            self._request_changes(number)
            return
        found = self.client.ask(lambda: one.approve(sha=oid), ok=(401,), safe=True)
        if isinstance(found, No):
            self.client.ask(one.unapprove, ok=(401, 404), safe=True)
            found = self.client.ask(lambda: one.approve(sha=oid), ok=(401,), safe=True)
        if isinstance(found, No):
            raise DeniedError(
                f"GitLab does not let {self.me() or 'you'} approve #{number}",
                remedy="its author and those who committed to it may not, where the project says so",
            )

    def _request_changes(self, number: int) -> None:
        """GitLab takes it from reviewers alone, and by a quick action."""
        self._add_reviewers(number, [int(self._me["id"])] if "id" in self._me else [])
        notes = self.client.merge_request(number).notes
        found = self.client.ask(lambda: notes.create({"body": "/request_changes"}), ok=(400, 422), safe=True)
        if isinstance(found, No):
            raise ConflictError(
                f"GitLab takes no request for changes to #{number}: {found.told}", remedy="ask for them in a comment"
            )

    def remarks(self, row: Row) -> Iterable[Remark]:
        """See Host."""
        self._read = (row.number, self._notes(row.number))
        return [wire.read_remark(note) for note in self._read[1] if not note.get("system")]

    def remark(self, number: int, text: str) -> Remark:
        """See Host."""
        notes = self.client.merge_request(number).notes
        return wire.read_remark(self.client.sure(lambda: notes.create({"body": wire.shielded(text)})).attributes)

    def rewrite(self, number: int, name: int, text: str) -> None:
        """See Host."""
        notes = self.client.merge_request(number).notes
        self.client.sure(lambda: notes.update(name, {"body": wire.shielded(text)}))

    # ── commits ──

    def has(self, oid: str) -> bool:
        """See Host."""
        return not isinstance(self.client.ask(lambda: self.client.project.commits.get(oid), ok=(404,)), No)

    def set_status(self, oid: str, status: Status) -> None:
        """See Host. What waits already is refused to wait again: then its text stays what it was."""
        text = " ".join(status.text.split())
        want = {"state": _STATES[status.state], "name": status.context, "description": text[:_LONGEST]}
        words = self.client.project.commits.get(oid, lazy=True).statuses
        found = self.client.ask(lambda: words.create(want), ok=(400,), safe=True)
        if isinstance(found, No):
            there = {known.context: known.state for known in self.statuses(oid)}
            if there.get(status.context) is not status.state:
                raise ConflictError(f"GitLab takes no status {status.context} of {oid[:12]}: {found.told}")

    def statuses(self, oid: str) -> tuple[Status, ...]:
        """See Host."""
        words = self.client.project.commits.get(oid, lazy=True).statuses
        return wire.latest_statuses(self.client.listed(words, ok=(404,)))

    # ── rules ──

    def protection(self, branch: str) -> Protection:
        """See Host."""
        project = self.client.sure(lambda: self.client.gitlab.projects.get(self.client.path)).attributes
        found = self.client.ask(lambda: self.client.project.branches.get(branch), ok=(403, 404))
        if isinstance(found, No):
            return Protection(known=False)
        guarded = self.client.listed(self.client.project.protectedbranches, ok=_HIDDEN)
        rules = self.client.listed(self.client.project.approvalrules, ok=_HIDDEN)  # none where the plan has no such
        return wire.read_protection(project, found.attributes, guarded, rules, GATE)

    def rights(self) -> tuple[Right, ...]:
        """See Host."""
        if self.client.by_job:
            return read_rights({}, None, job=True)
        project = self.client.sure(lambda: self.client.gitlab.projects.get(self.client.path)).attributes
        token = self.client.ask(lambda: self.client.gitlab.http_get("/personal_access_tokens/self"), ok=(401, 403, 404))
        scopes = token.get("scopes") if isinstance(token, dict) else None
        return read_rights(project, scopes if isinstance(scopes, list) else None, job=False)
