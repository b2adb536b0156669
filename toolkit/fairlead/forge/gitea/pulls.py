"""Pull requests on Gitea and Forgejo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any
from urllib.parse import quote

from fairlead.forge.branches import refuse_odd
from fairlead.forge.gitea import wire
from fairlead.forge.gitea.labels import label_ids
from fairlead.forge.http import Api, UnsureError, create
from fairlead.forge.remote import Remote
from fairlead.model.errors import ConflictError, DeniedError, UsageError, WorldError
from fairlead.model.pulls import Comment, Draft, Method, Protection, Pull, PullState, Review, Right, Status, person
from fairlead.model.runtime import Clock

_LAG = 3  # seconds after which Gitea has seen that a branch is gone
_PATIENCE = 30.0  # seconds for a pull request that Gitea still looks at
_REVIEWS = {"APPROVED": True, "REQUEST_CHANGES": False}


class GiteaForge:
    """Meets model.pulls.Forge. Who acts is whose token it is: the names that callers give are the local forge's."""

    def __init__(self, api: Api, remote: Remote, project: str, clock: Clock) -> None:
        self.api = api
        self._remote = remote
        self._clock = clock
        self._path = "repos/" + quote(project)
        self._notes: tuple[str, ...] = ()
        self._names: dict[str, str] = {}
        self._dropped: dict[str, int] = {}  # branches that were removed -> when

    @property
    def kind(self) -> str:
        """See Forge."""
        return "gitea"

    @cached_property
    def me(self) -> str:
        """Whose token it is, a login; empty where it may not say so."""
        answer = self.api.ask("GET", "user", ok=(403,))
        return wire.login_of(answer.data) if answer.status == 200 else ""

    def _name(self, login: str) -> str:
        """Who somebody is: by e-mail, as in git, where they show it, else by login."""
        if login and "@" not in login and login not in self._names:
            answer = self.api.ask("GET", f"users/{quote(login)}", ok=(403, 404))
            self._names[login] = wire.mail_of(answer.data) or login
        return self._names.get(login, login)

    def _read(self, raw: Any) -> Pull:
        pull, kept = wire.read_pull(raw)
        if kept is None:
            pull = replace(pull, want=replace(pull.want, author=self._name(pull.want.author)))
        return replace(pull, merged_by=self._name(pull.merged_by))

    def follow(self, branch: str) -> None:
        """See Forge."""
        self._remote.follow(branch)

    # ── reading ──

    def find(self, key: str) -> Pull | None:
        """See Forge."""
        found = self._find(key)
        return None if found is None else self._whole(found)

    def get(self, number: int) -> Pull:
        """See Forge."""
        return self._whole(self._get(number))

    def pulls(self, *, open_only: bool = False) -> tuple[Pull, ...]:
        """See Forge. Reviews of the open ones come with them; comments, and reviews of the others, with `get`."""
        found, forks = [], []
        for raw in self._list("open" if open_only else "all"):
            pull = self._read(raw)
            if ":" in pull.want.head:
                forks.append(f"#{pull.number} comes from a fork ({pull.want.head}); it was left out")
                continue
            found.append((pull, raw))
        self._notes = tuple(forks)
        waiting = [pull for pull, _ in found if pull.state is PullState.OPEN]
        self._bring(waiting)
        self._remote.bring_plans(pull.want.plan_id for pull in waiting)
        out = [self._reviewed(pull, raw) if pull.state is PullState.OPEN else pull for pull, raw in found]
        return tuple(sorted(out, key=lambda p: p.number))

    def notes(self) -> tuple[str, ...]:
        """See Forge; of the last listing."""
        return self._notes

    def _list(self, state: str) -> Iterable[Any]:
        # Gitea takes a `head=` filter without a word and ignores it: all are read.
        seen = {}
        for raw in self.api.pages(f"{self._path}/pulls", {"state": state, "sort": "oldest"}):
            seen[raw.get("number")] = raw  # one that moved to the next page meanwhile comes twice
        return seen.values()

    def _find(self, key: str) -> Any | None:
        for raw in self._list("open"):
            pull, _ = wire.read_pull(raw)
            if pull.want.key == key and ":" not in pull.want.head:
                return raw
        return None

    def _get(self, number: int) -> Any:
        answer = self.api.ask("GET", f"{self._path}/pulls/{number}", ok=(404,))
        if answer.status == 404:
            there = ", ".join(str(raw["number"]) for raw in self._list("all"))
            raise UsageError(
                f"there is no pull request {number}",
                remedy=f"there are: {there}" if there else "there is none yet; `fairlead promote` opens one",
            )
        return answer.data

    def _whole(self, raw: Any) -> Pull:
        pull = self._read(raw)
        if ":" in pull.want.head:
            raise DeniedError(
                f"#{pull.number} comes from a fork, {pull.want.head}, which anybody may write to",
                remedy="bring its branch into the repository itself, and open a pull request of that",
            )
        self._bring((pull,))
        self._remote.bring_plans((pull.want.plan_id,))
        return replace(self._reviewed(pull, raw), comments=self._comments(raw))

    def _bring(self, pulls: Iterable[Pull]) -> None:
        self._remote.bring((str(p.number), f"refs/pull/{p.number}/head", p.want.head_oid) for p in pulls)

    def _comments(self, raw: Any) -> tuple[Comment, ...]:
        found = (wire.read_comment(row) for row in self._comment_rows(raw))
        return tuple(replace(comment, author=self._name(comment.author)) for comment in found)

    def _comment_rows(self, raw: Any) -> tuple[Any, ...]:
        if not raw.get("comments"):
            return ()
        return tuple(self.api.ask("GET", f"{self._path}/issues/{raw['number']}/comments").data or ())

    def _reviewed(self, pull: Pull, raw: Any) -> Pull:
        """With the reviews that were not dismissed, each of the hop whose change it was given for.

        A review of the head is one of the present hop; so is one of an earlier head that does the very same to the
        branch. The text of the pull request may name other hops of earlier heads, and never the present one.
        """
        _, kept = wire.read_pull(raw)
        known = dict(kept.heads) if kept is not None else {}
        want, found = pull.want, []
        for row in self.api.pages(f"{self._path}/pulls/{pull.number}/reviews"):
            approved = _REVIEWS.get(str(row.get("state")))
            if approved is None or row.get("dismissed") or not row.get("user"):
                continue
            oid = str(row.get("commit_id") or "")
            hop = known.get(oid, f"commit {oid}")
            if oid == want.head_oid or self._remote.same_change(self._base(want), oid, want.head_oid):
                hop = want.hop_id
            elif hop == want.hop_id:
                hop = f"commit {oid}"
            who = self._name(wire.login_of(row["user"]))
            found.append(Review(who, approved, wire.seconds(row.get("submitted_at")), hop))
        return replace(pull, reviews=tuple(found))

    def _base(self, want: Draft) -> str:
        return f"refs/heads/{want.base}"

    # ── writing ──

    def ensure(self, draft: Draft) -> Pull:
        """See Forge. The branch and the plan are published before.

        Raises:
            UsageError: for branch names that are none.
            ConflictError: a person committed to the branch there, or it has another pull request.
        """
        refuse_odd(draft.head, draft.base)
        raw = self._find(draft.key)
        self._remote.publish(draft)
        if raw is None:
            raw = create(self._clock, lambda: self._find(draft.key), lambda: self._open(draft))
            raw = self._kept_open(raw, draft.head)
        raw = self._settled(raw, draft)
        return self._whole(self._updated(raw, draft))

    def _open(self, draft: Draft) -> Any:
        body: dict[str, Any] = {
            "head": draft.head, "base": draft.base, "title": wire.title_of(draft),
            "body": wire.text_of(wire.kept_of(draft), draft.body),
            "labels": list(label_ids(self.api, self._path, self._clock, draft.labels)),
        }  # fmt: skip
        answer = self.api.ask("POST", f"{self._path}/pulls", body=body, ok=(409,))
        if answer.status != 409:
            return answer.data
        raw = self._find(draft.key)  # somebody else was faster
        if raw is not None:
            return raw
        raise ConflictError(
            f"the branch {draft.head} has an open pull request already, of something else",
            remedy=f"close it, and run the command again ({answer.told})",
        )

    def _kept_open(self, raw: Any, branch: str) -> Any:
        """Gitea learns of a removed branch a moment later, and then closes what was opened of it meanwhile."""
        late = self._dropped.pop(branch, 0) + _LAG
        while self._clock.now() < late:
            self._clock.sleep(0.3)
            raw = self._get(raw["number"])
            if raw["state"] == "closed":
                self.api.ask("PATCH", f"{self._path}/pulls/{raw['number']}", body={"state": "open"})
                return self._get(raw["number"])
        return raw

    def _settled(self, raw: Any, draft: Draft) -> Any:
        """As soon as the forge sees the head that was pushed."""
        late = self._clock.now() + _PATIENCE
        while raw["head"]["sha"] != draft.head_oid:
            if self._clock.now() > late:
                raise ConflictError(f"{draft.head} has moved meanwhile", remedy="run the command again")
            self._clock.sleep(self._clock.jitter(0.5))
            raw = self._get(raw["number"])
        return raw

    def _updated(self, raw: Any, draft: Draft) -> Any:
        pull, kept = wire.read_pull(raw)
        if pull.want.head != draft.head:
            raise ConflictError(
                f"#{pull.number} of {draft.key!r} is of the branch {pull.want.head}", remedy="close it, and try again"
            )
        if kept is not None and kept.hop_id == draft.hop_id:  # whoever runs it again asks for nothing new
            draft = replace(draft, author=kept.author)
        want = {
            "title": wire.title_of(draft),
            "body": wire.text_of(kept.then(draft) if kept is not None else wire.kept_of(draft), draft.body),
            "base": draft.base,
        }
        is_ = {"title": raw["title"], "body": raw.get("body") or "", "base": raw["base"]["ref"]}
        changes = {name: value for name, value in want.items() if value != is_[name]}
        path = f"{self._path}/pulls/{pull.number}"
        if changes:
            self.api.ask("PATCH", path, body=changes)
        there = wire.label_names(raw)
        gone = set(kept.labels if kept is not None else ()) - set(draft.labels)
        for name, number in zip(gone, label_ids(self.api, self._path, self._clock, gone), strict=True):
            if name in there:
                self.api.ask("DELETE", f"{self._path}/issues/{pull.number}/labels/{number}", ok=(404, 422))
        more = [name for name in draft.labels if name not in there]
        if more:
            labels = {"labels": list(label_ids(self.api, self._path, self._clock, more))}
            self.api.ask("POST", f"{self._path}/issues/{pull.number}/labels", body=labels, safe=True)
        return self._get(pull.number) if changes or more or gone & there else raw

    def review(self, number: int, author: str, *, approved: bool) -> Pull:
        """See Forge. Raises ConflictError where it isn't open any more, or is one's own."""
        pull = self.get(number)
        _require_open(pull)
        mine = [r for r in pull.reviews if person(r.author) == person(self._name(self.me) or author)]
        if mine and (mine[-1].approved, mine[-1].hop_id) == (approved, pull.want.hop_id):
            return pull
        body = {
            "event": "APPROVED" if approved else "REQUEST_CHANGES",
            "commit_id": pull.want.head_oid,
            "body": "" if approved else "Changes requested.",  # Gitea takes none without a word
        }
        self.api.ask("POST", f"{self._path}/pulls/{number}/reviews", body=body, safe=True)
        return self.get(number)

    def comment(self, number: int, marker: str, text: str, author: str) -> Pull:
        """See Forge. The comment that is replaced is our own: another's with our marker is left as it is."""
        raw = self._get(number)
        body = {"body": wire.marked(marker, text)}
        path = f"{self._path}/issues"

        def mine() -> Any | None:
            rows = self._comment_rows(self._get(number)) if marker else ()
            return next((r for r in rows if self._is_mine(r) and wire.read_comment(r).marker == marker), None)

        found = create(self._clock, mine, lambda: self.api.ask("POST", f"{path}/{number}/comments", body=body).data)
        if found.get("body") != body["body"]:
            self.api.ask("PATCH", f"{path}/comments/{found['id']}", body=body)
        return self._whole(self._get(raw["number"]))

    def _is_mine(self, row: Any) -> bool:
        return not self.me or wire.login_of(row.get("user")) == self.me

    def merge(self, number: int, head_oid: str, by: str, message: str, method: Method = Method.MERGE) -> Pull:
        """See Forge. Gitea merges, if the head still is `head_oid`; this clone's own branch follows.

        Raises:
            ConflictError: it is closed, a draft, its head or the base moved, or the one below is unmerged.
        """
        pull = self.get(number)
        if pull.want.head_oid != head_oid:
            raise ConflictError(
                f"#{number} was moved: its head is {pull.want.head_oid[:12]} by now",
                remedy=f"look at it again: fairlead pr show {number}",
            )
        if pull.state is not PullState.MERGED:
            _require_open(pull)
            self._require_lower_merged(pull)
            pull = self._merge(pull, message, method)
        self._remote.follow(pull.want.base)
        self._drop_branch(pull)
        return self.get(number)

    def _merge(self, pull: Pull, message: str, method: Method) -> Pull:
        title, _, text = message.strip().partition("\n")
        body = {
            "Do": method.value, "head_commit_id": pull.want.head_oid, "delete_branch_after_merge": False,
            # Gitea and Forgejo name them differently, and each passes over what it does not know.
            "merge_title_field": title, "MergeTitleField": title,
            "merge_message_field": text.strip(), "MergeMessageField": text.strip(),
        }  # fmt: skip
        late, wait, told = self._clock.now() + _PATIENCE, 0.5, ""
        while True:
            self._refuse_conflict(pull)
            try:
                path = f"{self._path}/pulls/{pull.number}/merge"
                answer = self.api.ask("POST", path, body=body, ok=(405, 409), safe=False)
                told = answer.told
            except UnsureError as error:
                answer, told = None, error.message
            raw = self._get(pull.number)
            now, _ = wire.read_pull(raw)
            if now.state is PullState.MERGED:
                return now
            if now.want.head_oid != pull.want.head_oid:
                raise ConflictError(f"#{pull.number} was moved while it was merged", remedy="look at it again")
            # 405 with these words: Gitea still looks whether it can be merged, or it can't for a conflict.
            if answer is not None and not (answer.status == 405 and "try again later" in told):
                raise ConflictError(f"#{pull.number} can't be merged: {told or answer.status}", remedy=_SEE)
            if self._clock.now() > late:
                if answer is None:
                    raise WorldError(f"#{pull.number} may not be merged: {told}", remedy=_SEE)
                raise ConflictError(f"#{pull.number} conflicts with {pull.want.base}", remedy="promote again")
            self._clock.sleep(self._clock.jitter(wait))
            wait = min(wait * 2, 5.0)

    def _refuse_conflict(self, pull: Pull) -> None:
        """A file that both sides changed: what was reviewed was an edit of a whole file."""
        base = self._remote.upstream.branch(pull.want.base)
        files = self._remote.conflicts(base, pull.want.head_oid) if base else ()
        if files:
            names = ", ".join(files[:10]) + (" …" if len(files) > 10 else "")
            raise ConflictError(
                f"{pull.want.base} has changed since #{pull.number} was made, in: {names}",
                remedy="run the promotion again: it plans anew on what is there now",
            )

    def _require_lower_merged(self, pull: Pull) -> None:
        if not pull.want.below:
            return
        pulls = (wire.read_pull(raw)[0] for raw in self._list("all"))
        lower = sorted((p for p in pulls if p.want.key == pull.want.below), key=lambda p: p.number)
        if lower and lower[-1].state is PullState.OPEN:
            raise ConflictError(
                f"#{pull.number} stands on #{lower[-1].number}, which is not merged yet",
                remedy=f"merge that one first: fairlead pr merge {lower[-1].number}",
            )
        if lower and lower[-1].state is PullState.CLOSED:
            raise ConflictError(
                f"#{pull.number} stands on #{lower[-1].number}, which was closed unmerged",
                remedy="close this one too, or promote again",
            )

    def auto_merge(self, number: int, head_oid: str, method: Method | None, by: str) -> Pull:
        """See Forge. It is kept in the pull request's text."""
        raw = self._get(number)
        pull, kept = wire.read_pull(raw)
        _require_open(pull)
        if pull.want.head_oid != head_oid:
            raise ConflictError(f"#{number} was moved: its head is {pull.want.head_oid[:12]} by now", remedy=_SEE)
        if pull.auto is not method:
            known = replace(kept or wire.kept_of(pull.want), auto=method.value if method is not None else "")
            text = wire.text_of(known, pull.want.body)
            self.api.ask("PATCH", f"{self._path}/pulls/{number}", body={"body": text})
        return self.get(number)

    def protection(self, branch: str) -> Protection:
        """See Forge."""
        answer = self.api.ask("GET", f"{self._path}/branches/{quote(branch)}", ok=(403, 404))
        return wire.read_protection(answer.data) if answer.status == 200 else Protection(known=False)

    def rights(self) -> tuple[Right, ...]:
        """See Forge."""
        answer = self.api.ask("GET", self._path)
        return wire.read_rights(answer.data)

    def close(self, number: int, why: str, by: str) -> Pull:
        """See Forge. Raises ConflictError where it was merged."""
        raw = self._get(number)
        pull, kept = wire.read_pull(raw)
        if pull.state is PullState.MERGED:
            raise ConflictError(f"#{number} was merged", remedy="`fairlead rollback` takes it back")
        if pull.state is PullState.OPEN:
            known = kept or wire.kept_of(pull.want)
            text = wire.text_of(replace(known, closed=why), pull.want.body)
            self.api.ask("PATCH", f"{self._path}/pulls/{number}", body={"state": "closed", "body": text})
        self._drop_branch(pull)
        return self.get(number)

    def _drop_branch(self, pull: Pull) -> None:
        others = [wire.read_pull(raw)[0] for raw in self._list("open")]
        taken = {name for p in others if p.number != pull.number for name in (p.want.head, p.want.base)}
        if self._remote.drop(pull.want.head, pull.want.head_oid, taken):
            self._dropped[pull.want.head] = self._clock.now()

    def set_status(self, oid: str, status: Status) -> None:
        """See Forge. Raises ConflictError for a commit that the forge has not."""
        if self.api.ask("GET", f"{self._path}/git/commits/{oid}", ok=(404, 422)).status != 200:
            raise ConflictError(f"{self.api.host} has no commit {oid[:12]}", remedy="push its branch first")
        body = {"context": status.context, "state": status.state.value, "description": " ".join(status.text.split())}
        self.api.ask("POST", f"{self._path}/statuses/{oid}", body=body, safe=True)

    def statuses(self, oid: str) -> tuple[Status, ...]:
        """See Forge; none of a commit that the forge has not."""
        found = wire.latest_statuses(self.api.pages(f"{self._path}/commits/{oid}/statuses", ok=(404,)))
        return tuple(replace(status, author=self._name(status.author)) for status in found)


_SEE = "fairlead pr show tells what it waits for"


def _require_open(pull: Pull) -> None:
    if pull.state is not PullState.OPEN:
        raise ConflictError(
            f"#{pull.number} is {pull.state}" + (f": {pull.closed_why}" if pull.closed_why else ""),
            remedy="fairlead pr list shows the open ones",
        )
