"""The JSON schema of an event, as it is published: CloudEvents 1.0, and the data of ours in it."""

from __future__ import annotations

from typing import Any

from fairlead.model.events import EventKind
from fairlead.model.gates import GateState
from fairlead.model.json_schema import body, count, listing, text
from fairlead.report.events.cloudevents import PREFIX

_TIME = {"format": "date-time"}
_FULL = body(
    "The pull request, and what happened to it. What there is nothing to say of is left out.",
    number=count("Its number.", 1),
    title=text("Its title."),
    draft={"type": "boolean", "description": "Whether it stands on another one that comes first."},
    apps=listing("The apps that it says it changes.", {"type": "string"}),
    branch=text("Its branch."),
    head=text("The commit at the end of its branch."),
    base=text("The branch that it enters."),
    author=text("Who asked for it."),
    by=text("By whose hand this happened."),
    gates=listing(
        "The gates that are shut, of a kind that tells them.",
        body(
            "One gate; `until` is when it opens by itself, where that is known.",
            gate=text("Its name."),
            state={"enum": [str(GateState.WAITING), str(GateState.CLOSED)], "description": "Why it is shut."},
            message=text("In words."),
        ),
    ),
)
_MORE = {
    "url": text("Where people see it; none on the local forge."),
    "verb": text("promote, rollback, set, backport; none where it is a change by hand."),
    "from": text("The environment that it carries from."),
    "to": text("The environment that it changes."),
    "plan": text("The id of its plan."),
    "why": text("A person's reason: of a close, an emergency."),
    "merge_commit": text("By which it landed."),
}
_FULL["properties"] |= _MORE
_FULL["properties"]["gates"]["items"]["properties"]["until"] = text("UTC.") | _TIME

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "event of fairlead",
    **body(
        "A CloudEvent 1.0 in structured mode. Readers ignore keys that they don't know.",
        specversion={"const": "1.0"},
        id=text("The same for the same event, however often it is sent.") | {"pattern": "^[0-9a-f]{32}$"},
        source=text("The repository: where it was cloned from.") | {"format": "uri-reference", "minLength": 1},
        type={"enum": [f"{PREFIX}{kind}" for kind in EventKind], "description": "What happened."},
        subject=text("Of which pull request.") | {"pattern": "^pulls/[0-9]+$"},
        time=text("When it happened, UTC.") | _TIME,
        datacontenttype={"const": "application/json"},
        data=_FULL,
    ),
}
