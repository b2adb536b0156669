"""Refs of remote bases: only the ref, only on the same URL."""

from __future__ import annotations

import pytest

from fairlead.model.plan import Verdict
from fairlead.promotion.carriers.refs import ref_of
from tests.promoting import carried, moves, the_move

URL = "https://git.example.com/platform/bases//web?ref=%s"
SHA = "a1" * 20


def file(*urls: str) -> str:
    return "resources:\n- ../../base\n" + "".join(f"- {url}\n" for url in urls)


@pytest.mark.parametrize(
    ("url", "old", "new"),
    [
        (URL, "v1.2.3", "v1.2.4"),
        (URL, SHA, "b2" * 20),
        (URL + "&timeout=90s", "v1", "v2"),
        ("https://g.example.com/r//p?submodules=0&ref=%s", "v1", "v2"),
        ("git@g.example.com:o/r?version=%s", "v1.0", "v1.1"),
        ("ssh://g.example.com/o/r?ref=%s#frag", "v1.0", "v1.1"),
    ],
)
def test_only_the_ref_is_replaced(url, old, new):
    source, target = file(url % new), file(f'"{url % old}"  # base')
    assert carried(source, target) == target.replace(f"={old}", f"={new}")
    move = the_move(source, target)
    (edit,) = move.changes
    assert (move.carrier, move.reason, move.token) == ("refs", "the ref of a remote base", (old, new))
    assert (edit.old, edit.new) == (f"={old}".encode(), f"={new}".encode())


def test_the_urls_may_differ_by_the_environments_name():
    url = "https://git.example.com/%s/web?ref=%s"
    assert carried(file(url % ("dev", "v2")), file(url % ("prod", "v1"))) == file(url % ("prod", "v2"))


@pytest.mark.parametrize(
    ("target", "source", "verdict", "reason"),
    [
        ("https://a.io/x?ref=v1", "https://b.io/y?ref=v2", Verdict.OFFER, "another URL"),
        ("https://a.io/dev/x?ref=v1", "https://a.io/prod/x?ref=v1", Verdict.KEEP, "the URL names the environment"),
        (URL % "v1.1", URL % "main", Verdict.OFFER, "'main' floats: it names another build tomorrow"),
        (URL % "v1.2", URL % "v1.1", Verdict.OFFER, "it would go back from 'v1.2' to 'v1.1'"),
    ],
)
def test_refs_that_are_not_carried(target, source, verdict, reason):
    move = the_move(file(source), file(target))
    assert (move.carrier, move.verdict, move.reason) == ("refs", verdict, reason)


def test_another_url_is_offered_whole():
    (edit,) = the_move(file("https://b.io/y?ref=v2"), file("https://a.io/x?ref=v1")).changes
    assert (edit.old, edit.new) == (b"https://a.io/x?ref=v1", b"https://b.io/y?ref=v2")


@pytest.mark.parametrize("pair", [("https://a.io/x", "https://a.io/x?ref=v1"), ("https://a.io/x", "https://a.io/y")])
def test_urls_without_refs_are_left_to_others(pair):
    assert "refs" not in {m.carrier for m in moves(file(pair[0]), file(pair[1]))}


def test_a_ref_in_a_key_value_string():
    source, target = "args:\n- --base=https://a.io/x?ref=v2\n", "args:\n- --base=https://a.io/x?ref=v1\n"
    assert carried(source, target) == source


@pytest.mark.parametrize(("url", "ref"), [(URL % "v1", "v1"), ("../base", ""), ("https://a.io/x?version=2#y", "2")])
def test_the_ref_of_a_url(url, ref):
    assert ref_of(url) == ref
