"""A message for Slack's incoming webhooks: blocks, with a text for where no blocks are shown.

Within the limits of Slack's reference: 50 blocks, 3,000 characters in a section; all text together is kept below what
Slack was seen to refuse (about 13,000). `&`, `<` and `>` are escaped, so that nothing of a repository is a link or a
mention.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fairlead.model.events import Event, EventKind
from fairlead.model.gates import GateResult, GateState
from fairlead.repo.times import moment
from fairlead.report.visible import flat

BLOCKS, SECTION, WHOLE = 50, 3_000, 10_000
_TEXT, _TITLE, _GATES = 300, 200, 10
_SIGNS = {
    EventKind.OPENED: "opened", EventKind.UPDATED: "updated", EventKind.WAITING: "waits", EventKind.MERGED: "merged",
    EventKind.CLOSED: "closed", EventKind.ROLLED_BACK: "rolled back", EventKind.EMERGENCY: "EMERGENCY",
}  # fmt: skip


def encode(events: Sequence[Event], repository: str) -> dict[str, Any]:
    """One message for all that one command did."""
    texts = [_section(event) for event in events]
    kept: list[str] = []
    for text in texts:
        if len(kept) == BLOCKS - 2 or sum(map(len, kept)) + len(text) > WHOLE:
            break
        kept.append(text)
    left = len(texts) - len(kept)
    more = f"; and {left} more" if left else ""
    head = flat(events[0].pull.want.title)[:_TITLE]
    told = f"#{events[0].pull.number} {_SIGNS[events[0].kind]}: {head}" + (
        f" (and {len(events) - 1} more)" if len(events) > 1 else ""
    )
    blocks: list[dict[str, Any]] = [{"type": "section", "text": _mrkdwn(text)} for text in kept]
    blocks.append({"type": "context", "elements": [_mrkdwn(escaped(flat(repository)[:_TEXT]) + more)]})
    return {"text": escaped(told), "blocks": blocks}


def escaped(text: str) -> str:
    """Text in which Slack reads no link, no mention and no command."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _section(event: Event) -> str:
    want = event.pull.want
    title = escaped(flat(f"#{event.pull.number} {want.title}")[:_TITLE])
    name = f"<{_link(event.url)}|{title}>" if event.url else title
    lines = [f"*{_SIGNS[event.kind]}* {name}"]
    if event.target:
        way = " → ".join(filter(None, (event.source, event.target)))
        lines.append(_plain(f"{way}: {', '.join(event.apps)}"))
    lines.append(_plain(f"by {event.by}" + (f": {event.why}" if event.why else "")))
    lines += [_gate(gate) for gate in event.gates[:_GATES]]
    if len(event.gates) > _GATES:
        lines.append(f"… and {len(event.gates) - _GATES} more gates")
    return _within("\n".join(lines))


def _gate(gate: GateResult) -> str:
    state = "waits" if gate.state is GateState.WAITING else str(gate.state)
    until = ""
    if gate.until:  # Slack shows it in the reader's own time zone
        until = f" (until <!date^{gate.until}^{{date_short_pretty}} {{time}}|{moment(gate.until)}>)"
    return f"• *{_plain(gate.gate)}* {state}: {_plain(gate.message)}{until}"


def _plain(text: str) -> str:
    return escaped(flat(text)[:_TEXT])


def _within(text: str) -> str:
    """Whole lines, so that no markup of ours is cut in two."""
    lines = text.split("\n")
    while len("\n".join(lines)) > SECTION:
        lines.pop()
    return "\n".join(lines)


def _link(url: str) -> str:
    return escaped(url).replace("|", "%7C")


def _mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
