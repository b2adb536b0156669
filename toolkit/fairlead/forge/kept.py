"""What every forge on a server keeps for us in a pull request's text, and in a comment's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fairlead.forge.hidden import hide, reveal
from fairlead.forge.host import Remark, Row
from fairlead.model.pulls import Comment, Draft, Method, Pull, PullState
from fairlead.model.values import dataclass

_TEXTS = ("key", "plan_id", "hop_id", "below", "author", "closed", "auto")
_LISTS = ("labels", "reviewers")
_HEADS = 50  # earlier heads that are remembered
_MOST = 65_000  # characters of a whole text; GitHub takes 65,536
_LONGEST = 240  # characters of a title; every forge takes as many


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
    reviewers: tuple[str, ...] = ()
    heads: tuple[tuple[str, str], ...] = ()

    def then(self, draft: Draft) -> Kept:
        """What is to be kept after a draft: its head joins those that were before."""
        heads = {oid: hop for oid, hop in self.heads if oid != draft.head_oid} | {draft.head_oid: draft.hop_id}
        auto = self.auto if draft.hop_id == self.hop_id else ""
        return replace(kept_of(draft), auto=auto, heads=tuple(heads.items())[-_HEADS:])


def kept_of(draft: Draft) -> Kept:
    """What a draft asks to keep."""
    return Kept(
        draft.key, draft.plan_id, draft.hop_id, draft.below, draft.author, labels=draft.labels,
        reviewers=draft.reviewers, heads=((draft.head_oid, draft.hop_id),),
    )  # fmt: skip


def text_of(kept: Kept, body: str) -> str:
    """A pull request's text: what is kept is hidden before what people read."""
    values: dict[str, Any] = {name: getattr(kept, name) for name in _TEXTS if getattr(kept, name)}
    values |= {name: list(getattr(kept, name)) for name in _LISTS if getattr(kept, name)}
    body = _plain(body)
    for oldest in range(len(kept.heads)):  # the earliest heads give way where it would be too long
        text = hide("pull", values | {"heads": [list(row) for row in kept.heads[oldest:]]}, body)
        if len(text) <= _MOST:
            return text
    return hide("pull", values, body)


def title_of(draft: Draft) -> str:
    """A draft's title on one line."""
    return " ".join(draft.title.split())[:_LONGEST]


def read_row(row: Row) -> tuple[Pull, Kept | None]:
    """A pull request, without its reviews and comments, and what its text keeps for us.

    From a fork nothing is believed of what the text says: a stranger wrote it.
    """
    kept, body = (None, row.text) if row.fork else _kept(row.text)
    found = kept or Kept(f"{'fork' if row.fork else 'branch'} {row.head}", "", row.head_oid, "", row.author)
    want = Draft(
        key=found.key, title=row.title, body=body, head=row.head, head_oid=row.head_oid, base=row.base,
        author=found.author, plan_id=found.plan_id, hop_id=found.hop_id, below=found.below, draft=row.draft,
        labels=found.labels if kept else row.labels, reviewers=found.reviewers,
    )  # fmt: skip
    return Pull(
        number=row.number, state=row.state, want=want, created=row.created, updated=row.updated,
        merged_at=row.merged_at, merged_by=row.merged_by, merge_commit=row.merge_commit,
        closed_why=found.closed if row.state is PullState.CLOSED else "",
        auto=Method(found.auto) if found.auto in tuple(Method) else None,
    ), kept  # fmt: skip


def read_remark(remark: Remark) -> Comment:
    """A comment, its marker taken from its text."""
    values, text = reveal("comment", remark.text)
    marker = (values or {}).get("marker")
    return Comment(remark.author, remark.at, text, marker if isinstance(marker, str) else "")


def marked(marker: str, text: str) -> str:
    """A comment's text with its marker hidden before it."""
    return hide("comment", {"marker": marker}, _plain(text)) if marker else _plain(text)


def _plain(text: str) -> str:
    """As every server leaves a text: some end lines otherwise, or drop what is empty at its end."""
    return text.replace("\r\n", "\n").rstrip()


def _kept(text: str) -> tuple[Kept | None, str]:
    values, body = reveal("pull", text)
    if values is None or not all(isinstance(values.get(name, ""), str) for name in _TEXTS) or not values.get("key"):
        return None, body
    heads = values.get("heads")
    rows = heads if isinstance(heads, list) else []
    return Kept(
        **{name: values.get(name, "") for name in _TEXTS},
        labels=_words(values.get("labels")),
        reviewers=_words(values.get("reviewers")),
        heads=tuple((row[0], row[1]) for row in rows if isinstance(row, list) and [type(x) for x in row] == [str, str]),
    ), body


def _words(found: Any) -> tuple[str, ...]:
    return tuple(word for word in found if isinstance(word, str)) if isinstance(found, list) else ()
