"""What runs record of a repository, and when it holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.rendering import Input
from fairlead.model.snapshot import SYMLINK, File, MemorySnapshot, blob_id
from fairlead.repo.manifest import (
    KEPT,
    MOST,
    Facts,
    Manifest,
    Standing,
    Verdict,
    Way,
    dump,
    key_of,
    load,
    readers,
    whole,
)

_FILES = MemorySnapshot.of({"a/k.yaml": "x", "b/k.yaml": "y"}).with_files({"link": File(b"a", SYMLINK)})
_X = blob_id(b"x")


@pytest.mark.parametrize(
    ("one", "stands"),
    [
        (Input("file", "a/k.yaml", _X), True),
        (Input("file", "a/k.yaml", blob_id(b"z")), False),
        (Input("file", "a/none", _X), False),
        (Input("file", "link", blob_id(b"a")), False),
        (Input("link", "link", blob_id(b"a")), True),
        (Input("link", "a/k.yaml", _X), False),
        (Input("folder", "a"), True),
        (Input("folder", "c"), False),
        (Input("folder", "a/k.yaml"), False),
        (Input("missing", "a/none"), True),
        (Input("missing", "a/k.yaml"), False),
        (Input("missing", "a"), False),
        (Input("a kind of later", "a"), False),
    ],
)
def test_an_input_stands_or_does_not(one: Input, stands: bool) -> None:
    assert Standing(_FILES).all((one,)) is stands


def test_all_inputs_must_stand() -> None:
    assert Standing(_FILES).all((Input("folder", "a"), Input("missing", "c")))
    assert not Standing(_FILES).all((Input("folder", "a"), Input("missing", "b")))


def test_the_key_changes_with_all_that_matters() -> None:
    inputs = (Input("file", "a", "1"), Input("missing", "b"))
    keys = {
        key_of("e", "o", inputs),
        key_of("f", "o", inputs),
        key_of("e", "p", inputs),
        key_of("e", "o", inputs[:1]),
        key_of("e", "o", (Input("file", "a", "2"), inputs[1])),
        key_of("e", "o", (Input("folder", "a", "1"), inputs[1])),
    }
    assert len(keys) == 6
    assert key_of("e", "o", inputs) == key_of("e", "o", inputs[::-1])


_text = st.text(st.characters(codec="utf-8") | st.sampled_from("\udc80\udcff"), max_size=8)
_input = st.builds(Input, st.sampled_from(("file", "link", "folder", "missing")), _text, _text)
_inputs = st.lists(_input, max_size=5).map(tuple)
_where = st.builds(Where, _text, st.integers(0, 99), st.integers(0, 99))
_words = st.lists(_text, max_size=3).map(tuple)
_finding = st.builds(Finding, _text, st.sampled_from(Severity), _text, _text, _where, _text, _text, _words, _words)
_at = st.integers(0, 99)
_way = st.builds(Way, _text, _text, _inputs, _text, _at, _at, st.booleans(), _text, _text, _at.map(float), _at)
_verdict = st.builds(Verdict, _text, _text, _text, _inputs, st.lists(_finding, max_size=2).map(tuple))
_facts = st.builds(Facts, st.booleans(), _words, _words)


@given(
    st.lists(_way, max_size=4),
    st.lists(_verdict, max_size=3),
    st.dictionaries(_text, st.tuples(_text, _facts), max_size=3),
)
def test_a_segment_is_read_as_it_was_written(
    ways: list[Way], verdicts: list[Verdict], facts: dict[str, tuple[str, Facts]]
) -> None:
    said = Manifest(facts=facts)
    for way in ways:
        said.ways.setdefault(way.overlay, []).append(way)
    for verdict in verdicts:
        said.verdicts.setdefault(verdict.way, []).append(verdict)
    assert load(dump(said)) == said


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b'{"form": 1}', b'{"form": 99, "inputs": []}', b"null"])
def test_what_is_no_segment_holds_nothing(data: bytes) -> None:
    assert not load(data)


def _of(*keys: str) -> Manifest:
    return Manifest({"o": [Way("o", key, (), "results/1", 0, 9, built=True) for key in keys]})


def test_newer_ways_come_first_and_few_are_kept() -> None:
    manifest = _of("1", "2")
    manifest.add(_of("3", "1"))
    assert [way.key for way in manifest.ways["o"]] == ["3", "1", "2"]
    manifest.add(_of(*"abcde"))
    assert len(manifest.ways["o"]) == 8
    manifest.add(_of(*"klmnopqrstuvwxyz"))
    assert len(manifest.ways["o"]) == MOST


def test_old_states_go_where_there_are_newer_ones() -> None:
    ways = [Way("o", str(age), (), "", 0, 0, built=True, at=1000 - age) for age in range(0, 100, 10)]
    kept = Manifest({"o": ways}).pruned(1000).ways["o"]
    assert [way.key for way in kept] == ["0", "10", "20", "30", "40"]
    assert len(Manifest({"o": ways[6:8]}).pruned(1000).ways["o"]) == 2
    assert len(ways[:KEPT]) == KEPT


def test_verdicts_on_states_that_are_gone_go() -> None:
    manifest = _of("1")
    manifest.add(Manifest(verdicts={"1": [Verdict("1", "c")], "2": [Verdict("2", "c")]}))
    assert list(manifest.pruned(0).verdicts) == ["1"]


def test_verdicts_of_another_context_stay_beside() -> None:
    manifest = Manifest(verdicts={"w": [Verdict("w", "old")]})
    manifest.add(Manifest(verdicts={"w": [Verdict("w", "new")]}))
    manifest.add(Manifest(verdicts={"w": [Verdict("w", "new", extra=(Input("folder", "x"),))]}))
    assert [(v.context, len(v.extra)) for v in manifest.verdicts["w"]] == [("new", 1), ("old", 0)]


def test_readers_are_found_by_what_they_read_or_looked_for() -> None:
    ways = {
        "a": [Way("a", "1", (Input("file", "x", "1"),), "", 0, 0, built=True)],
        "b": [Way("b", "2", (Input("missing", "y"),), "", 0, 0, built=False)],
    }
    assert list(readers(Manifest(ways), ["y", "z"])) == ["b"]


def test_the_digest_of_all_is_of_names_modes_and_bytes() -> None:
    digests = {
        whole(_FILES),
        whole(_FILES.with_files({"a/k.yaml": File(b"z")})),
        whole(_FILES.with_files({"a/k.yaml": File(b"x", 0o100755)})),
        whole(_FILES.with_files({"a/k.yaml": None, "a/l.yaml": File(b"x")})),
    }
    assert len(digests) == 4
    assert whole(_FILES) == whole(_FILES.with_files({}))
