"""Gitea's answers as our values; what is read was written by others, and is checked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from fairlead.forge.hidden import hide, reveal
from fairlead.model.errors import WorldError
from fairlead.model.pulls import Comment, Draft, Method, Protection, Pull, PullState, Right, Status, StatusState

WIP = "WIP: "
_WIP = re.compile(r"(?i)(?:WIP:|\[WIP\])\s*")
_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_TEXTS = ("key", "plan_id", "hop_id", "below", "author", "closed", "auto")
_HEADS = 50  # earlier heads that are remembered
_STATES = {"success": StatusState.SUCCESS, "skipped": StatusState.SUCCESS, "pending": StatusState.PENDING}


@dataclass(frozen=True)
class Kept:
    """What a pull request's text holds for us: the draft's own words, earlier heads with their hops, why it was closed.

    Nobody vouches for it: whoever may edit the text may change it.
    """

    key: str
    plan_id: str
    hop_id: str
    below: str
    author: str
    closed: str = ""
    auto: str = ""
    labels: tuple[str, ...] = ()
    heads: tuple[tuple[str, str], ...] = ()

    def then(self, draft: Draft) -> Kept:
        """What is to be kept after a draft: its head joins those that were before."""
        heads = {oid: hop for oid, hop in self.heads if oid != draft.head_oid} | {draft.head_oid: draft.hop_id}
        auto = self.auto if draft.hop_id == self.hop_id else ""
        return replace(kept_of(draft), auto=auto, heads=tuple(heads.items())[-_HEADS:])


def kept_of(draft: Draft) -> Kept:
    """What a draft asks to keep."""
    heads = ((draft.head_oid, draft.hop_id),)
    return Kept(draft.key, draft.plan_id, draft.hop_id, draft.below, draft.author, "", "", draft.labels, heads)


def text_of(kept: Kept, body: str) -> str:
    """A pull request's text: what is kept is hidden before what people read."""
    values: dict[str, Any] = {name: getattr(kept, name) for name in _TEXTS if getattr(kept, name)}
    return hide("pull", values | {"labels": list(kept.labels), "heads": [list(row) for row in kept.heads]}, body)


def title_of(draft: Draft) -> str:
    """A draft's title; by the prefix Gitea knows that it isn't to be merged yet."""
    return f"{WIP if draft.draft else ''}{' '.join(draft.title.split())}"[:250]


def read_pull(raw: Any) -> tuple[Pull, Kept | None]:
    """A pull request, without its reviews and comments, and what its text keeps for us.

    From a fork nothing is believed of what the text says: a stranger wrote it.
    Raises WorldError where the answer is none.
    """
    try:
        head, base = raw["head"], raw["base"]
        own = head["repo_id"] == base["repo_id"]
        kept, body = _kept(raw.get("body") or "") if own else (None, str(raw.get("body") or ""))
        name = str(head["label"]) if own else f"{((head.get('repo') or {}).get('full_name')) or '?'}:{head['label']}"
        oid = str(head["sha"])
        if not _OID.fullmatch(oid):
            raise ValueError("no commit id")
        title = str(raw["title"])
        found = kept or Kept(f"{'branch' if own else 'fork'} {name}", "", oid, "", login_of(raw["user"]))
        want = Draft(
            key=found.key, title=_WIP.sub("", title, count=1) if _WIP.match(title) else title, body=body, head=name,
            head_oid=oid, base=str(base["ref"]), author=found.author, plan_id=found.plan_id, hop_id=found.hop_id,
            below=found.below, draft=_WIP.match(title) is not None,
            labels=found.labels if kept else tuple(str(label["name"]) for label in raw.get("labels") or ()),
        )  # fmt: skip
        merged = bool(raw["merged"])
        state = PullState.MERGED if merged else PullState.OPEN if raw["state"] == "open" else PullState.CLOSED
        pull = Pull(
            number=int(raw["number"]), state=state, want=want, created=seconds(raw["created_at"]),
            updated=seconds(raw["updated_at"]), merged_at=seconds(raw.get("merged_at")) if merged else 0,
            merged_by=login_of(raw.get("merged_by")) if merged else "",
            merge_commit=str(raw.get("merge_commit_sha") or "") if merged else "",
            closed_why=found.closed if state is PullState.CLOSED else "",
            auto=Method(found.auto) if found.auto in tuple(Method) else None,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WorldError(f"the forge's answer is no pull request: {str(error)[:100]}", remedy="is it Gitea?") from None
    return pull, kept


def label_names(raw: Any) -> frozenset[str]:
    """The labels that a pull request has there."""
    return frozenset(str(label.get("name")) for label in raw.get("labels") or ())


def read_comment(raw: Any) -> Comment:
    """A comment, its marker taken from its text."""
    values, text = reveal("comment", str(raw.get("body") or ""))
    marker = (values or {}).get("marker")
    stamp = seconds(raw.get("updated_at"))
    return Comment(login_of(raw.get("user")), stamp, text, marker if isinstance(marker, str) else "")


def marked(marker: str, text: str) -> str:
    """A comment's text with its marker hidden before it."""
    return hide("comment", {"marker": marker}, text) if marker else text


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


def _kept(text: str) -> tuple[Kept | None, str]:
    values, body = reveal("pull", text)
    if values is None or not all(isinstance(values.get(name, ""), str) for name in _TEXTS) or not values.get("key"):
        return None, body
    labels, heads = values.get("labels"), values.get("heads")
    rows = heads if isinstance(heads, list) else []
    return Kept(
        **{name: values.get(name, "") for name in _TEXTS},
        labels=tuple(label for label in labels if isinstance(label, str)) if isinstance(labels, list) else (),
        heads=tuple((row[0], row[1]) for row in rows if isinstance(row, list) and [type(x) for x in row] == [str, str]),
    ), body
