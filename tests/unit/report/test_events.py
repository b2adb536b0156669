"""Events in the forms in which others are told: CloudEvents by their SDK and the spec's rules, Slack by its limits."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import jsonschema_rs
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.formats.json import JSONFormat

from fairlead.model.events import Event, EventKind
from fairlead.model.gates import GateResult, GateState
from fairlead.model.pulls import Draft, Pull, PullState
from fairlead.repo.notifications import EVENTS
from fairlead.report.events import cloudevents, slack
from fairlead.report.events.schema import SCHEMA

SOURCE = "https://example.org/shop/environments"
WANT = Draft(
    "promote staging->production web", "feat(web): promote 1.1.0 to production", "text", "fairlead/production/web",
    "1" * 40, "main", "ann@x.org", "2" * 64, "3" * 64,
)  # fmt: skip
PULL = Pull(7, PullState.OPEN, WANT, 1_750_000_000, 1_750_000_000)
EVENT = Event(
    EventKind.OPENED, PULL, 1_750_000_000, "ann@x.org", url=f"{SOURCE}/pulls/7", verb="promote", apps=("web",),
    source="staging", target="production",
)  # fmt: skip
SOAK = GateResult("soak", GateState.WAITING, "20h of 1d in staging are left", until=1_750_072_000)
HOSTILE = "<!channel> & <@U1|x> <https://evil.example|safe> \u202e\x1b[31m \ud800 `*_~ \n>q"


def sent(event: Event) -> dict:
    return json.loads(cloudevents.line(event, SOURCE))


# ── CloudEvents ──


@pytest.mark.parametrize("kind", list(EventKind))
def test_the_sdk_reads_each_kind_as_a_valid_event(kind):
    event = replace(EVENT, kind=kind, gates=(SOAK,), why="it can't wait")
    body = cloudevents.line(event, SOURCE).encode()
    message = HTTPMessage({"content-type": cloudevents.CONTENT_TYPE}, body)
    read = from_structured_event(message, JSONFormat())
    assert read.get_specversion() == "1.0"
    assert read.get_type() == f"fairlead.promotion.{kind}"
    assert (read.get_source(), read.get_subject()) == (SOURCE, "pulls/7")
    assert read.get_time().isoformat() == "2025-06-15T15:06:40+00:00"
    jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True).validate(sent(event))


def test_the_whole_event():
    assert sent(replace(EVENT, kind=EventKind.WAITING, gates=(SOAK,))) == {
        "specversion": "1.0",
        "id": cloudevents.identity(replace(EVENT, kind=EventKind.WAITING), SOURCE),
        "source": SOURCE,
        "type": "fairlead.promotion.waiting",
        "subject": "pulls/7",
        "time": "2025-06-15T15:06:40Z",
        "datacontenttype": "application/json",
        "data": {
            "number": 7, "title": WANT.title, "url": f"{SOURCE}/pulls/7", "draft": False, "verb": "promote",
            "apps": ["web"], "from": "staging", "to": "production", "branch": WANT.head, "head": WANT.head_oid,
            "base": "main", "plan": WANT.plan_id, "author": "ann@x.org", "by": "ann@x.org",
            "gates": [
                {"gate": "soak", "state": "waiting", "message": SOAK.message, "until": "2025-06-16T11:06:40Z"}
            ],
        },
    }  # fmt: skip


def test_the_same_event_has_the_same_id_and_any_other_another():
    again = replace(EVENT, at=9, by="ci@x.org", url="")
    others = [
        replace(EVENT, kind=EventKind.MERGED), replace(EVENT, mark="x"), replace(EVENT, pull=replace(PULL, number=8)),
    ]  # fmt: skip
    assert cloudevents.identity(again, SOURCE) == cloudevents.identity(EVENT, SOURCE)
    ids = {cloudevents.identity(one, SOURCE) for one in (EVENT, *others)} | {cloudevents.identity(EVENT, "urn:x")}
    assert len(ids) == 5


def test_a_hostile_title_stays_in_its_line_and_is_unicode():
    told = cloudevents.line(replace(EVENT, pull=replace(PULL, want=replace(WANT, title=HOSTILE + "\n{}"))), SOURCE)
    assert told.count("\n") == 1
    assert told.isascii()
    json.loads(told)["data"]["title"].encode()


def test_a_token_in_a_reason_is_not_told():
    assert sent(replace(EVENT, why="see https://u:s3cr3t@h/x"))["data"]["why"] == "see https://u:***@h/x"


def test_the_configuration_knows_every_kind():
    assert [str(kind) for kind in EventKind] == list(EVENTS)


# ── Slack ──
# Limits as in Slack's reference of blocks and of text objects: 50 blocks a message, 3,000 characters in the text of a
# section, 10 elements in a context.


def texts(message: dict) -> list[str]:
    found = []
    for block in message["blocks"]:
        parts = [block["text"]] if block["type"] == "section" else block["elements"]
        assert all(part["type"] == "mrkdwn" for part in parts)
        found += [part["text"] for part in parts]
    return found


def within_limits(message: dict) -> None:
    assert 1 <= len(message["blocks"]) <= 50
    assert message["text"]
    assert len(message["text"]) <= 4_000
    assert all(1 <= len(text) <= 3_000 for text in texts(message))
    assert all(len(b["elements"]) <= 10 for b in message["blocks"] if b["type"] == "context")
    assert len(json.dumps(message["blocks"], ensure_ascii=False)) <= 13_000


def test_a_message_for_people():
    message = slack.encode([replace(EVENT, kind=EventKind.WAITING, gates=(SOAK,))], SOURCE)
    within_limits(message)
    assert message["text"] == "#7 waits: feat(web): promote 1.1.0 to production"
    assert texts(message) == [
        f"*waits* <{SOURCE}/pulls/7|#7 feat(web): promote 1.1.0 to production>\nstaging → production: web\n"
        "by ann@x.org\n• *soak* waits: 20h of 1d in staging are left (until "
        "<!date^1750072000^{date_short_pretty} {time}|2025-06-16 11:06 UTC>)",
        SOURCE,
    ]


def test_what_a_repository_says_is_no_link_no_mention_and_no_command():
    want = replace(WANT, title=HOSTILE)
    gate = replace(SOAK, message=HOSTILE, until=0)
    event = replace(
        EVENT, pull=replace(PULL, want=want), by=HOSTILE, why=HOSTILE, gates=(gate,), apps=(HOSTILE,), url=""
    )
    message = slack.encode([event], HOSTILE)
    within_limits(message)
    for text in (*texts(message), message["text"]):
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)|[\x00-\x09\x0b-\x1f\u202e\ud800]", text)


@pytest.mark.parametrize("count", [1, 2, 50, 400])
def test_however_much_there_is_it_stays_within_the_limits(count):
    gates = tuple(replace(SOAK, gate=f"gate{n}", message="&<>" * 400) for n in range(30))
    long = replace(WANT, title="&" * 5_000)
    events = [
        replace(EVENT, pull=replace(PULL, number=n, want=long), gates=gates, why="x" * 5_000) for n in range(count)
    ]
    message = slack.encode(events, "y" * 9_000)
    within_limits(message)
    if count > 1:
        assert f"(and {count - 1} more)" in message["text"]
    if count > 2:
        assert re.search(r"; and \d+ more$", texts(message)[-1])


def test_many_short_ones_are_one_message():
    message = slack.encode([replace(EVENT, pull=replace(PULL, number=n)) for n in range(60)], SOURCE)
    within_limits(message)
    assert texts(message)[0].startswith("*opened* <")
