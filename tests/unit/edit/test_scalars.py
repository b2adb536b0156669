"""How values are written: spelled text is read back as the same value, by every reader."""

import math

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from fairlead.edit.nodes import Scalar, parse_text, scalars
from fairlead.edit.scalars import content_span, fits_plain, is_string, part_span, spell, typed
from fairlead.model.errors import ExcessProblem


def value_of(text):
    """The value of the first key, or the first item."""
    document = parse_text(text).documents[0]
    return next(s for s in scalars(document) if s.value != "k")


def content(text):
    span = content_span(text, value_of(text))
    return None if span is None else (span[0], text[span[0] : span[1]])


# ── where the value stands ──


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("k: v\n", (3, "v")),
        ("k: 'v'\n", (4, "v")),
        ('k: "v w"\n', (4, "v w")),
        ("k: !!str v\n", (9, "v")),
        ("k: &a 'v'\n", (7, "v")),
        ('k: !!str &a "v"\n', (13, "v")),
        ("k: ''\n", (4, "")),
        ("k: &a ''\n", (7, "")),
        ("k: 'it''s'\n", None),
        ('k: "a\\tb"\n', None),
        ('k: "a\n  b"\n', None),
        ("k: a\n  b\n", None),
        ("k:\n", None),
        ("k: &a\n", None),
        ("k: |\n  v\n", None),
        ("k: >\n  v\n", None),
        ("- '😀' # c\n", (3, "😀")),
    ],
)
def test_the_literal_value_is_found_without_quotes_tag_and_anchor(text, span):
    assert content(text) == span


@pytest.mark.parametrize(
    ("text", "part", "begin"),
    [
        ("k: web:1.2\n", "1.2", 7),
        ("k: 'web:1.2'\n", "1.2", 8),
        ("k: https://x/?ref=v1 # v1\n", "v1", 18),
        ("k: 1.2-1.2\n", "1.2", None),
        ("k: web\n", "1.2", None),
        ("k: web\n", "", None),
        ("k: 'it''s 1.2'\n", "1.2", 10),
        ("k: 'it''s'\n", "it's", None),
        ("k: |\n  tag=1.2\n", "1.2", 11),
        ("k: |\n  tag=1.2\n  1.2\n", "1.2", None),
        ("k: >-\n  a\n  b\n", "a b", None),
        ("k: !1.2 web:1.2\n", "1.2", 12),
    ],
)
def test_a_part_is_found_where_it_stands_once(text, part, begin):
    span = part_span(text, value_of(text), part)
    assert span == (None if begin is None else (begin, begin + len(part)))
    if begin is not None:
        assert text[begin : begin + len(part)] == part


# ── how a value is spelled ──


def spelled(value, target, source=None, *, flow=False):
    origin = None if source is None else value_of(f"k: {source}")
    return spell(value, value_of(f"k: {target}\n"), origin, flow=flow)


@pytest.mark.parametrize(
    ("value", "target", "source", "new"),
    [
        ("1.2.3", "1.2.2", "1.2.3", "1.2.3"),
        ("1.10", "1.9", "1.10", "1.10"),
        ("1.10", "1.9", "'1.10'", "'1.10'"),
        ("1.10", "1.9", '"1.10"', '"1.10"'),
        ("1.10", "1.9", None, '"1.10"'),
        ("1.10", "'1.9'", "1.10", "'1.10'"),
        ("1.10", '"1.9"', "1.10", '"1.10"'),
        ("it's", "'x'", None, "'it''s'"),
        ('a"\\', '"x"', None, '"a\\"\\\\"'),
        ("a: b", "x", "'a: b'", "'a: b'"),
        ("a # b", "x", None, '"a # b"'),
        ("", "x", None, '""'),
        ("true", "x", None, '"true"'),
        ("true", "false", "true", "true"),
        ("a\nb", "x", None, None),
        ("a\u2028b", "'x'", None, None),
        ("a\ufffeb", '"x"', None, None),
        ("x", "|\n  y", None, None),
        ("x", ">\n  y", None, None),
        ("2024-01-01", "x", "'2024-01-01'", "'2024-01-01'"),
    ],
)
def test_a_value_takes_the_targets_style_or_the_sources_quotes(value, target, source, new):
    assert spelled(value, target, source) == new


@pytest.mark.parametrize("value", ["a,b", "a]", "{a", "[", "?a", ":a", "a:?b", "a}"])
def test_signs_of_flow_style_are_quoted_inside_it(value):
    assert spelled(value, "x", flow=True) == f'"{value}"'


@pytest.mark.parametrize(
    "value",
    ["1", "1.", ".5", "1_000", "0x1F", "0b1", "0o7", "017", "1e10", "1.5E-3", "-1", "+1", "+_", "~", "null", "Null",
     "yes", "NO", "on", "Off", "y", "N", "true", "FALSE", ".inf", "-.INF", ".NaN", "12:30", "1:2:3.4", "2024-01-02",
     "2024-01-02 10:00:00", "2024-01-02T10:00:00Z", "=", "<<", ""],
)  # fmt: skip
def test_what_some_reader_takes_for_no_string(value):
    assert not is_string(value)


@pytest.mark.parametrize(
    "value", ["v1", "1.2.3", "1a", "a1", "yes!", "nullx", "0xg", "1.2-rc1", "é", "sha256:ab", "-a"]
)
def test_what_every_reader_takes_for_a_string(value):
    assert is_string(value)


SIGNS = st.text(
    st.one_of(
        st.sampled_from(list("ab01.e-: #'\"\\[]{},&*!|>%@`?~=<yn_+/éT\t\x85\u2028\xa0\u3000😀\ufffe\ufeff\x7f")),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=8,
)
WORDS = st.sampled_from(
    ["1.10", "1e3", "yes", "null", "0x1", "12:30", "2024-01-02", "...", "---", "- a", "? a", "a:", "+_"]
)
PLACES = {
    False: "before: 1\nk: {} # c\nafter:\n- 'x'\n",
    True: "before: 1\nk: [{}, z] # c\nafter:\n- 'x'\n",
}


def ruamel(text):
    reader = YAML(typ="safe", pure=True)
    return reader.load(text)


@settings(max_examples=250, deadline=None)
@given(
    value=st.one_of(SIGNS, WORDS),
    target=st.sampled_from(["old", "'old'", '"old"', "&a old", "!!str 'old'"]),
    source=st.sampled_from([None, "'q'", '"q"', "|\n  q"]),
    flow=st.booleans(),
)
@example("a:?b", "old", None, True)
@example("=", "old", None, False)
def test_a_spelled_value_is_read_back_as_a_string_by_every_reader(value, target, source, flow):
    text = PLACES[flow].format(target)
    node = next(s for s in scalars(parse_text(text).documents[0]) if s.value == "old")
    origin = None if source is None else value_of(f"k: {source}\n")
    new = spell(value, node, origin, flow=flow)
    assume(new is not None)
    after = text[: node.start] + new + text[node.end :]
    want = {"before": 1, "k": [value, "z"] if flow else value, "after": ["x"]}
    assert yaml.load(after, yaml.CSafeLoader) == want
    assert yaml.safe_load(after) == want
    assert ruamel(after) == want


@settings(max_examples=300, deadline=None)
@given(value=st.one_of(SIGNS, WORDS), flow=st.booleans())
def test_what_fits_plain_is_read_back_as_these_characters(value, flow):
    assume(fits_plain(value, flow=flow))
    after = PLACES[flow].format(value)
    found = [(s.value, s.style) for s in scalars(parse_text(after).documents[0])]
    assert (value, "") in found
    assert len(found) == (7 if flow else 6)


@settings(max_examples=300, deadline=None)
@given(value=SIGNS)
def test_what_would_not_be_read_back_from_inside_quotes_is_refused(value):
    refused = spell(value, Scalar("old", 0, 5, 1, 1, "'"), None) is None
    try:
        round_trip = yaml.load(f"'{value}'".replace("'", "''")[1:-1], yaml.CSafeLoader) == value
    except yaml.YAMLError:
        round_trip = False
    assert round_trip or refused


# ── values with their types ──


def test_plain_scalars_have_the_types_of_the_core_schema():
    text = "a: true\nb: FALSE\nc: ~\nd:\ne: 12\nf: -0.5\ng: 1e3\nh: '12'\ni: yes\nj: 1.2.3\nk: [.inf, 0x1]\n"
    assert typed(parse_text(text).documents[0]) == {
        "a": True,
        "b": False,
        "c": None,
        "d": None,
        "e": 12,
        "f": -0.5,
        "g": 1000.0,
        "h": "12",
        "i": "yes",
        "j": "1.2.3",
        "k": [".inf", "0x1"],
    }
    assert typed(None) is None


def test_a_number_that_is_too_long_to_be_one_stays_text():
    assert typed(value_of("k: " + "9" * 5000)) == "9" * 5000
    assert typed(value_of("k: " + "9" * 300)) == int("9" * 300)
    assert math.isinf(typed(value_of("k: 1e999")))


def test_values_that_hold_themselves_are_refused():
    with pytest.raises(ExcessProblem) as caught:
        typed(parse_text("a: &a [*a]").documents[0], "f.yaml")
    assert str(caught.value.where) == "f.yaml:1:4"
