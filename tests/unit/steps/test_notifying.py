"""Webhooks and lines: what is sent, what becomes of failures, and that no word holds a part of a webhook's URL."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from fairlead.model.events import Event, EventKind
from fairlead.model.pulls import Draft, Pull, PullState
from fairlead.repo.notifications import Notify
from fairlead.steps.notifying import tell
from fairlead.steps.outbox import Outbox
from fairlead.steps.world import Run
from tests.hooks import FINE, STALL, receiving
from tests.support import StillClock

WANT = Draft("k", "promote web", "", "fairlead/production/web", "1" * 40, "main", "ann@x.org", "", "")
PULL = Pull(7, PullState.OPEN, WANT, 1, 1)
OPENED = Event(EventKind.OPENED, PULL, 1_750_000_000, "ann@x.org", target="production")
MERGED = replace(OPENED, kind=EventKind.MERGED, mark="c" * 40)
HOOK = "SHOP_WEBHOOK"


def told(*events: Event, lines_to: str = "", shown=None, **rule) -> tuple[str, ...]:
    box = Outbox(source="urn:x", rules=(Notify(HOOK, **rule),), events=list(events))
    return tell(Run(Path(), clock=StillClock(), outbox=box), lines_to, (shown if shown is not None else []).append)


@pytest.fixture
def hook(monkeypatch):
    def at(url: str) -> None:
        monkeypatch.setenv(HOOK, url)

    return at


def quiet(warnings: tuple[str, ...], url: str = "") -> str:
    """The one warning, which holds nothing of a URL's parts."""
    (warning,) = warnings
    assert warning.startswith("the webhook of SHOP_WEBHOOK was not told all: ")
    parts = [part for part in url.replace(":", "/").replace("?", "/").replace("=", "/").split("/") if len(part) > 3]
    assert [part for part in parts if part not in ("http", "https") and part in warning] == []
    return warning.partition("told all: ")[2]


# ── what is sent ──


def test_each_event_is_posted_as_a_cloudevent(hook):
    with receiving() as receiver:
        hook(receiver.url + "?key=hidden-key")
        assert told(OPENED, MERGED) == ()
    assert [body["type"] for body in receiver.bodies] == ["fairlead.promotion.opened", "fairlead.promotion.merged"]
    path, headers, _ = receiver.got[0]
    assert path == "/services/T0/B0/hush-hush?key=hidden-key"
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert "authorization" not in headers


def test_slack_gets_one_message_for_all(hook):
    with receiving() as receiver:
        hook(receiver.url)
        assert told(OPENED, MERGED, format="slack") == ()
    ((_, headers, body),) = receiver.got
    assert headers["content-type"] == "application/json"
    assert (body["text"], len(body["blocks"])) == ("#7 opened: promote web (and 1 more)", 3)


def test_only_the_asked_events_and_environments(hook):
    with receiving() as receiver:
        hook(receiver.url)
        told(OPENED, MERGED, events=("merged",))
        told(OPENED, replace(MERGED, target="staging"), environments=("production",))
        told(OPENED, environments=("dev",))
    assert [body["type"].rpartition(".")[2] for body in receiver.bodies] == ["merged", "opened"]


def test_without_the_variable_nothing_is_sent_and_nothing_said(monkeypatch):
    monkeypatch.delenv(HOOK, raising=False)
    assert told(OPENED) == ()


# ── what fails ──


@pytest.mark.parametrize("passing", [500, 503, None, (429, {"Retry-After": "2"}, "slow down")])
def test_what_passes_is_tried_again_with_the_same_event(hook, passing):
    with receiving(passing, passing, FINE) as receiver:
        hook(receiver.url)
        assert told(OPENED) == ()
    assert len({body["id"] for body in receiver.bodies}) == 1
    assert len(receiver.got) == 3


@pytest.mark.parametrize(
    ("answer", "tries", "why"),
    [
        (500, 3, "*** failed with 500"),
        (None, 3, "*** can't be asked"),
        (429, 3, "*** has had too many requests of us"),
        ((429, {"Retry-After": "900"}, ""), 1, "*** has had too many requests of us"),
        (403, 1, "it answers with 403; see that the URL is still the right one"),
        ((302, {"Location": "http://127.0.0.1:1/elsewhere"}, ""), 1, "it answers with 302"),
    ],
)
def test_what_stays_is_a_warning_after_a_bounded_number_of_tries(hook, answer, tries, why):
    with receiving(answer) as receiver:
        hook(receiver.url)
        assert quiet(told(OPENED, MERGED), receiver.url).startswith(why)
    assert len(receiver.got) == tries


def test_who_says_nothing_is_not_waited_for_long(hook, monkeypatch):
    from fairlead.forge import http

    patience = replace(http.Patience(), connect=0.2, read=0.2, longest=1, attempts=2)
    monkeypatch.setattr(http, "Patience", lambda **_: patience)
    with receiving(STALL) as receiver:
        hook(receiver.url)
        assert "no answer within" in quiet(told(OPENED), receiver.url)
    assert len(receiver.got) == 2


def test_nobody_there_is_a_warning(hook):
    hook("http://127.0.0.1:9/services/T0/B0/hush-hush")
    assert "can't be asked" in quiet(told(OPENED), "http://127.0.0.1:9/services/T0/B0/hush-hush")


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/hush-hush", "ftp://hooks.example.com/hush-hush", "hush-hush",
        "https://ann:hush-hush@hooks.example.com/x", "https://[hush-hush", "https://hooks.example.com:hush-hush/",
        "https://hooks.example.com/hush hush", "file:///hush-hush",
    ],
)  # fmt: skip
def test_what_is_no_https_url_is_not_sent_to_and_not_shown(hook, url):
    hook(url)
    assert quiet(told(OPENED), url) == "what the variable holds is no https URL"


def test_a_certificate_that_nobody_vouches_for_is_a_warning(hook):
    with receiving() as receiver:
        hook(receiver.url.replace("http:", "https:"))
        assert quiet(told(OPENED), receiver.url)
    assert receiver.got == []


def test_one_that_fails_does_not_keep_another_from_being_told(hook, monkeypatch):
    with receiving(404) as bad, receiving() as good:
        hook(bad.url)
        monkeypatch.setenv("OTHER_WEBHOOK", good.url)
        box = Outbox(source="urn:x", rules=(Notify(HOOK), Notify("OTHER_WEBHOOK")), events=[OPENED])
        warnings = tell(Run(Path(), clock=StillClock(), outbox=box), "", print)
    assert len(warnings) == 1
    assert len(good.got) == 1


# ── lines ──


def test_lines_are_added_to_a_file(tmp_path):
    place = tmp_path / "new" / "events.jsonl"
    assert told(OPENED, lines_to=str(place)) == ()
    assert told(MERGED, lines_to=str(place)) == ()
    lines = place.read_text().splitlines()
    assert [json.loads(line)["type"].rpartition(".")[2] for line in lines] == ["opened", "merged"]


def test_lines_to_where_they_are_shown():
    shown: list[str] = []
    assert told(OPENED, lines_to="-", shown=shown) == ()
    assert json.loads(shown[0])["subject"] == "pulls/7"


def test_a_file_that_can_not_be_written_is_a_warning(tmp_path):
    (warning,) = told(OPENED, lines_to=str(tmp_path))
    assert warning.startswith(f"events were not written: can't write {tmp_path}")
