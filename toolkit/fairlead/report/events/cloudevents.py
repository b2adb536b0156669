"""CloudEvents 1.0 in structured mode: one JSON object an event. `data` has a schema of ours, see schema.py."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from fairlead.model.events import Event
from fairlead.report.visible import redacted

CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"
PREFIX = "fairlead.promotion."


def encode(event: Event, source: str) -> dict[str, Any]:
    """The event of a repository, which `source` names by a URI."""
    return {
        "specversion": "1.0",
        "id": identity(event, source),
        "source": source,
        "type": f"{PREFIX}{event.kind}",
        "subject": f"pulls/{event.pull.number}",
        "time": _time(event.at),
        "datacontenttype": "application/json",
        "data": _data(event),
    }


def line(event: Event, source: str) -> str:
    """The event as one line; no text in it breaks out of it."""
    return json.dumps(encode(event, source), ensure_ascii=True, separators=(",", ":")) + "\n"


def identity(event: Event, source: str) -> str:
    """The event's id: of the same event always the same, wherever and however often it is told."""
    parts = (source, str(event.kind), str(event.pull.number), event.mark)
    return sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:32]


def _data(event: Event) -> dict[str, Any]:
    pull, want = event.pull, event.pull.want
    data = {
        "number": pull.number,
        "title": want.title,
        "url": event.url,
        "draft": want.draft,
        "verb": event.verb,
        "apps": list(event.apps),
        "from": event.source,
        "to": event.target,
        "branch": want.head,
        "head": want.head_oid,
        "base": want.base,
        "plan": want.plan_id,
        "author": want.author,
        "by": event.by,
        "why": event.why,
        "merge_commit": pull.merge_commit,
        "gates": [
            {"gate": g.gate, "state": str(g.state), "message": g.message, "until": _time(g.until) if g.until else ""}
            for g in event.gates
        ],
    }
    return {name: _shown(value) for name, value in data.items() if value != ""}


def _shown(value: Any) -> Any:
    """Text without tokens, and without what is no Unicode; the rest as it is."""
    if isinstance(value, str):
        return redacted(value.encode("utf-8", "replace").decode())
    if isinstance(value, list):
        return [_shown(one) for one in value]
    return {name: _shown(one) for name, one in value.items() if one != ""} if isinstance(value, dict) else value


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
