"""GitLab's answers as our values; what is read was written by others, and is checked."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from fairlead.forge.host import Remark, Row, Word
from fairlead.model.errors import WorldError
from fairlead.model.pulls import Protection, PullState, Status, StatusState

DRAFT = "Draft: "
_DRAFT = re.compile(r"(?i)(?:draft:|\[draft\]|\(draft\))\s*")
_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_STATES = {"merged": PullState.MERGED, "closed": PullState.CLOSED}  # `locked`: open yet, it is being merged
_WORDS = {
    "success": StatusState.SUCCESS, "skipped": StatusState.SUCCESS,
    "failed": StatusState.FAILURE, "canceled": StatusState.FAILURE,
}  # fmt: skip
# What GitLab itself notes of a review; it does so in English, whatever a person's language is.
_EVENTS = {"approved this merge request": True, "unapproved this merge request": None, "requested changes": False}


# A line that is a quick action would be done by GitLab in the name of whoever writes it, and leave the text.
_ACTION = re.compile(r"(?m)^/(?=[A-Za-z_]+(?:[ \t]|$))")
_SHIELDED = re.compile(r"(?m)^\\/(?=[A-Za-z_]+(?:[ \t]|$))")


def shielded(text: str) -> str:
    """A text as GitLab leaves it: no line of it is a quick action, and nothing is left that it takes away."""
    return _ACTION.sub(r"\\/", text.replace("\r", "")).rstrip()


def marked_title(title: str, draft: bool) -> str:
    """A title; by the prefix GitLab knows that it isn't to be merged yet."""
    return f"{DRAFT if draft else ''}{title}"


def read_row(raw: Any) -> Row:
    """A merge request. Raises WorldError where the answer is none."""
    try:
        oid, title, state = str(raw["sha"]), str(raw["title"]), _STATES.get(str(raw["state"]), PullState.OPEN)
        if not _OID.fullmatch(oid):
            raise ValueError("no commit id")
        fork = raw["source_project_id"] != raw["target_project_id"]
        merged = state is PullState.MERGED
        made = raw.get("merge_commit_sha") or raw.get("squash_commit_sha") or oid  # none of these: fast-forward
        head = str(raw["source_branch"])
        return Row(
            number=int(raw["iid"]), state=state, title=_DRAFT.sub("", title, count=1) if _DRAFT.match(title) else title,
            text=_text(raw.get("description")), draft=_DRAFT.match(title) is not None,
            head=f"{login_of(raw.get('author')) or '?'}:{head}" if fork else head, head_oid=oid,
            base=str(raw["target_branch"]), author=login_of(raw["author"]), fork=fork,
            created=seconds(raw["created_at"]), updated=seconds(raw["updated_at"]),
            labels=tuple(str(name) for name in raw.get("labels") or ()),
            merged_at=seconds(raw.get("merged_at")) if merged else 0,
            merged_by=login_of(raw.get("merge_user") or raw.get("merged_by")) if merged else "",
            merge_commit=str(made) if merged else "",
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        why = f"the forge's answer is no merge request: {str(error)[:100]}"
        raise WorldError(why, remedy="is it GitLab?") from None


def _text(found: Any) -> str:
    return _SHIELDED.sub("/", str(found or "").replace("\r", ""))


def read_remark(raw: Mapping[str, Any]) -> Remark:
    """A comment."""
    stamp = seconds(raw.get("updated_at"))
    return Remark(int(raw["id"]), login_of(raw.get("author")), stamp, _text(raw.get("body")))


def events(notes: Iterable[Mapping[str, Any]]) -> dict[str, tuple[bool | None, datetime]]:
    """Who reviewed, by GitLab's own notes, first to last: what they said last, and when; None took it back."""
    found: dict[str, tuple[bool | None, datetime]] = {}
    for note in notes:
        body, at = str(note.get("body") or "").strip(), moment(note.get("created_at"))
        who = login_of(note.get("author"))
        if note.get("system") is True and body in _EVENTS and at is not None and who:
            found.pop(who, None)
            found[who] = (_EVENTS[body], at)
    return found


def read_words(
    said: dict[str, tuple[bool | None, datetime]], approvals: Any, versions: Iterable[Mapping[str, Any]]
) -> tuple[Word, ...]:
    """The reviews that stand, each for the head that the merge request had at that time.

    GitLab says who approves, and since when only in its notes; it forgets approvals by itself where the project wants
    that. An approval of which no note tells is one of no commit.
    """
    heads = [(moment(row.get("created_at")), str(row.get("head_commit_sha") or "")) for row in versions]
    known = sorted((at, oid) for at, oid in heads if at is not None)
    approve = {login_of(row.get("user")): moment(row.get("approved_at")) for row in approvals.get("approved_by") or ()}
    found: list[tuple[datetime | None, str, bool]] = []
    for who, at in approve.items():
        state, noted = said.get(who, (None, None))
        found.append((at or (noted if state else None), who, True))
    found += [(at, who, False) for who, (state, at) in said.items() if state is False and who not in approve]
    found.sort(key=lambda row: row[0].timestamp() if row[0] is not None else 0.0)
    return tuple(Word(who, good, int(at.timestamp()) if at else 0, _head(known, at)) for at, who, good in found)


def _head(known: list[tuple[datetime, str]], at: datetime | None) -> str:
    if at is None or not known:
        return ""
    return known[max(0, bisect_right(known, at, key=lambda row: row[0]) - 1)][1]


def latest_statuses(rows: Iterable[Mapping[str, Any]]) -> tuple[Status, ...]:
    """Each name's latest status, by name."""
    found: dict[str, Mapping[str, Any]] = {}
    for row in sorted(rows, key=lambda row: int(row["id"])):
        found[str(row["name"])] = row
    return tuple(
        Status(
            name, StatusState.SUCCESS if row.get("allow_failure") and row["status"] == "failed"
            else _WORDS.get(str(row["status"]), StatusState.PENDING),
            login_of(row.get("author")), seconds(row.get("finished_at") or row.get("created_at")),
            str(row.get("description") or ""),
        )
        for name, row in sorted(found.items())
    )  # fmt: skip


def read_protection(
    project: Any, branch: Any, guarded: Iterable[Mapping[str, Any]], rules: Iterable[Mapping[str, Any]], gate: str
) -> Protection:
    """What a branch's rules demand.

    GitLab requires no status by name: where pipelines must succeed, each one that was set on the head is required, and
    so the gate's. Of approval rules the greatest number is told, for one person may meet several.
    """
    name = str(branch["name"])
    mine = [row for row in guarded if fnmatchcase(name, str(row.get("name")))]
    wanted = [
        int(rule.get("approvals_required") or 0) for rule in rules
        if not rule.get("protected_branches")
        or any(fnmatchcase(name, str(row.get("name"))) for row in rule["protected_branches"])
    ]  # fmt: skip
    return Protection(
        known=True,
        required=(gate,) if project.get("only_allow_merge_if_pipeline_succeeds") else (),
        approvals=max(wanted, default=0),
        owners=any(row.get("code_owner_approval_required") for row in mine),
        pushes=not branch.get("protected") or bool(branch.get("can_push")),
        queue=bool(project.get("merge_trains_enabled")),
    )


def login_of(user: Any) -> str:
    """Somebody's login; empty for nobody."""
    return str(user.get("username") or "") if isinstance(user, dict) else ""


def moment(stamp: Any) -> datetime | None:
    """A time of the API."""
    try:
        return datetime.fromisoformat(str(stamp)) if stamp else None
    except ValueError:
        return None


def seconds(stamp: Any) -> int:
    """A time of the API in seconds since the epoch; 0 for none."""
    at = moment(stamp)
    return max(0, int(at.timestamp())) if at is not None else 0
