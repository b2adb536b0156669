"""YAML inside a block scalar: its spans, lines and columns are those of the file around it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.edit.embedded import embedded
from fairlead.edit.nodes import parse_text, plain, scalars


def outer(text):
    """The values of a text that hold YAML, with it."""
    found = []
    for document in parse_text(text).documents:
        for scalar in scalars(document):
            inner = embedded(text, scalar)
            if inner is not None:
                found.append(inner)
    return found


def written(text):
    """(as it stands in the outer text, line, column) of every scalar of the one block that holds YAML."""
    (documents,) = outer(text)
    return [(text[s.start : s.end], s.line, s.column) for d in documents for s in scalars(d)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: |\n  b: c\n  d: e\n", [("b", 2, 3), ("c", 2, 6), ("d", 3, 3), ("e", 3, 6)]),
        ("a: |-\n  b: c\n\n  d: e\nf: g\n", [("b", 2, 3), ("c", 2, 6), ("d", 4, 3), ("e", 4, 6)]),
        ("a: |+\n  b: c\n\n\nd: e\n", [("b", 2, 3), ("c", 2, 6)]),
        ("a: |2\n    b: c\nd: e", [("b", 2, 5), ("c", 2, 8)]),
        ("a: |-1\n  b: c", [("b", 2, 3), ("c", 2, 6)]),
        ("a: |\n\n\n  b: c", [("b", 4, 3), ("c", 4, 6)]),
        ("a: |\n  b: c\n   \n  d: e\n", [("b", 2, 3), ("c", 2, 6), ("d", 4, 3), ("e", 4, 6)]),
        ("a: |\r\n  b: c\r\n\r\n  d: [e]\r\n", [("b", 2, 3), ("c", 2, 6), ("d", 4, 3), ("e", 4, 7)]),
        ("a: |\r\n  b: c\n  d: e\r\n", [("b", 2, 3), ("c", 2, 6), ("d", 3, 3), ("e", 3, 6)]),
        ("- - |\n    b: c # x\n    # all\n    l: [1, 'x y']",
         [("b", 2, 5), ("c", 2, 8), ("l", 4, 5), ("1", 4, 9), ("'x y'", 4, 12)]),
        ("a: | # why\n  - b\n  -   c\n", [("b", 2, 5), ("c", 3, 7)]),
        ("a: &x |\n  b: c\n", [("b", 2, 3), ("c", 2, 6)]),
        ("a: !!str\n  |\n  b: c\n", [("b", 3, 3), ("c", 3, 6)]),
        ("a: |\n  é: 😀 # k\n  x: 中\n", [("é", 2, 3), ("😀", 2, 6), ("x", 3, 3), ("中", 3, 6)]),
        ("\ufeffa: |\n  b: c\n", [("b", 2, 3), ("c", 2, 6)]),
        ("a: |\n  b: c\n# after\nd: e\n", [("b", 2, 3), ("c", 2, 6)]),
        ("a: |\n  b: x\n   y\n", [("b", 2, 3), ("x\n   y", 2, 6)]),
        ("a: |\n  b: |\n    c: d\n", [("b", 2, 3), ("|\n    c: d\n", 2, 6)]),
        ("? |\n  b: c\n: d\n", [("b", 2, 3), ("c", 2, 6)]),
    ],
)  # fmt: skip
def test_every_scalar_is_found_in_the_outer_text(text, found):
    assert written(text) == found


def test_several_documents_in_one_block():
    (documents,) = outer("a: |\n  ---\n  b: c\n  ---\n  - d\n")
    assert [plain(d) for d in documents] == [{"b": "c"}, ["d"]]


def test_an_anchor_inside_is_shifted_once():
    assert written("a: |\n  b: &x {c: d}\n  e: *x\n") == [
        ("b", 2, 3),
        ("c", 2, 10),
        ("d", 2, 13),
        ("e", 3, 3),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: >\n  b: c\n",
        "a: >-\n  - b\n",
        'a: "b: c"\n',
        "a: b\n",
        "a: |\n  words\n",
        "a: |\n  note: [\n",
        "a: |\n  words - more\n",
        "a: |\n  #!/bin/sh\n  echo a:b - c\n",
        "a: |\n  b: c\n  ---\n  words\n",
        "a: |\n  # b: c\n",
        "a: |\n",
        "a: |\n  b: c\x85  d: e\n",
        "a: |\n  b: {{ .Values.x }}: y\n",
    ],
)
def test_what_is_no_literal_block_of_yaml_is_a_value_like_another(text):
    assert outer(text) == []


NAMES = st.text("abcxyz019éß中😀_-/.", min_size=1, max_size=8).filter(lambda s: s[0] not in "-._/")
LINES = st.lists(
    st.one_of(
        st.tuples(NAMES, NAMES, st.sampled_from(["", " # c", "  "])).map(lambda t: f"k{t[0]}: {t[1]}{t[2]}"),
        st.tuples(NAMES, NAMES).map(lambda t: f"l{t[0]}:\n- {t[1]}\n-   {t[1]} # d"),
        st.tuples(NAMES, NAMES).map(lambda t: f"m{t[0]}:\n    n:\n    - o: {t[1]}"),
        st.just("# a comment"),
        st.just(""),
        st.just("   "),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=300, deadline=None)
@given(
    lines=LINES,
    indent=st.integers(1, 6),
    before=st.sampled_from(["", "- ", "- - "]),
    header=st.sampled_from(["|", "|-", "|+", "| # why"]),
    end=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
)
def test_a_plain_scalar_inside_stands_where_its_span_says(lines, indent, before, header, end, last):
    body = "\n".join(["first: one", *lines]).split("\n")
    pad = " " * (len(before) + indent)
    text = end.join([f"{before}key: {header}", *((pad + line) if line else "" for line in body)]) + (
        end if last else ""
    )
    rows = text.replace("\r\n", "\n").split("\n")
    (documents,) = outer(text)
    found = [s for d in documents for s in scalars(d)]
    assert [text[s.start : s.end] for s in found] == [s.value for s in found]
    assert [rows[s.line - 1][s.column - 1 :][: len(s.value)] for s in found] == [s.value for s in found]
