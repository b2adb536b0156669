"""YAML text as nodes: where each stands, how it is written, and what no parser is given."""

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fairlead.edit.nodes import (
    MAX_BYTES,
    MAX_DEPTH,
    Mapping,
    Scalar,
    Sequence,
    expanded,
    parse,
    parse_text,
    plain,
    refuse_depth,
    scalars,
)
from fairlead.model.errors import ExcessProblem, SyntaxProblem
from fairlead.model.findings import Where


def leaves(text):
    """Every scalar as it stands in the text, keys included."""
    stream = parse_text(text)
    return [stream.text[leaf.start : leaf.end] for document in stream.documents for leaf in scalars(document)]


def refused(data, path="f.yaml"):
    with pytest.raises(SyntaxProblem) as caught:
        parse(data if isinstance(data, bytes) else data.encode(), path)
    return caught.value


def root(text):
    document = parse_text(text).first()
    assert document is not None
    return document


# ── where things stand ──


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a: b\n", ["a", "b"]),
        ("a: 'it''s'\nb: \"x\\ty\"\n", ["a", "'it''s'", "b", '"x\\ty"']),
        ("a: !!str 12\n", ["a", "!!str 12"]),
        ("a: &x v\nb: *x\n", ["a", "&x v", "b"]),
        ("a:\nb: ~\n", ["a", "", "b", "~"]),
        ("# c\n\n- a # c\n-   b   # d\n", ["a", "b"]),
        ("{a: [b, 'c'], d: }", ["a", "b", "'c'", "d", ""]),
        ("a: two\n  lines # c\n", ["a", "two\n  lines"]),
        ("a: |\n  x\n  y\nb: c\n", ["a", "|\n  x\n  y\n", "b", "c"]),
        ("---\na\n---\nb\n...\n", ["a", "b"]),
        ("ключ: значение # 中\n😀: 中文\n", ["ключ", "значение", "😀", "中文"]),
        ("\ufeffa: b\n", ["a", "b"]),
        ("a: b\r\nc:\r\n- d\r\n", ["a", "b", "c", "d"]),
        ("'a b': 1", ["'a b'", "1"]),
    ],
)
def test_every_scalar_is_found_where_it_is_written(text, written):
    assert leaves(text) == written


def test_lines_and_columns_count_from_one_in_characters():
    stream = parse_text("😀: x\nlist:\n  - é: {k: 'v'}\n")
    assert [(s.value, s.line, s.column) for d in stream.documents for s in scalars(d)] == [
        ("😀", 1, 1),
        ("x", 1, 4),
        ("list", 2, 1),
        ("é", 3, 5),
        ("k", 3, 9),
        ("v", 3, 12),
    ]


@pytest.mark.parametrize(
    ("written", "style", "value", "tag"),
    [
        ("v", "", "v", ""),
        ("'v'", "'", "v", ""),
        ('"v"', '"', "v", ""),
        ("|\n  v\n", "|", "v\n", ""),
        (">-\n  v\n  w\n", ">", "v w", ""),
        ("!!int 'v'", "'", "v", "tag:yaml.org,2002:int"),
        ("!Ref v", "", "v", "!Ref"),
        ("", "", "", ""),
    ],
)
def test_a_scalar_knows_its_style_and_its_tag(written, style, value, tag):
    node = root(f"a: {written}").get("a")
    assert isinstance(node, Scalar)
    assert (node.style, node.value, node.tag) == (style, value, tag)


def test_maps_and_lists_know_whether_they_are_written_in_flow_style():
    top = root("a: {b: 1}\nc: [d]\ne:\n- f\n")
    assert [(type(v).__name__, v.flow) for _, v in top.items] == [
        ("Mapping", True),
        ("Sequence", True),
        ("Sequence", False),
    ]
    assert not top.flow


def test_a_duplicate_key_is_told_with_both_places_and_the_last_one_counts():
    stream = parse_text("a: 1\nb: {c: 1, c: 2}\na: 3\n")
    assert [(d.key, d.first.line, d.first.column, d.second.line, d.second.column) for d in stream.duplicates] == [
        ("c", 2, 5, 2, 11),
        ("a", 1, 1, 3, 1),
    ]
    assert plain(stream.documents[0]) == {"a": "3", "b": {"c": "2"}}
    top = stream.first()
    assert top is not None
    assert top.key("a") is stream.duplicates[1].first
    assert (top.get("nothing"), top.key("nothing")) == (None, None)


def test_two_merge_keys_are_no_duplicate():
    assert parse_text("a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n").duplicates == []


def test_a_map_or_a_list_may_be_a_key_and_is_never_a_field():
    stream = parse_text("? [a, b]\n: c\n? {d: e}\n: f\n")
    top = stream.first()
    assert top is not None
    assert [(key.value, key.shared) for key, _ in top.items] == [("?", True), ("?", True)]
    assert stream.duplicates == []


def test_several_documents_and_empty_ones():
    stream = parse_text("# nothing\n---\n---\na: 1\n---\n- b\n--- c\n")
    assert [plain(d) for d in stream.documents] == ["", {"a": "1"}, ["b"], "c"]
    assert parse_text("").documents == []
    assert parse_text("# only words\n").documents == []
    assert parse_text("\ufeff").documents == []


def test_the_first_document_counts_only_if_it_is_a_map():
    assert parse_text("- a\n").first() is None
    assert parse_text("").first() is None
    assert plain(parse_text("a: b\n---\n- c\n").first()) == {"a": "b"}


# ── anchors, aliases, merge keys ──


def shared(text):
    return {s.value: s.shared for d in parse_text(text).documents for s in scalars(d)}


def test_an_anchor_that_nobody_uses_is_not_shared():
    assert shared("a: &x v\nb: w\n") == {"a": False, "v": False, "b": False, "w": False}


def test_an_aliased_value_is_shared_at_both_places_with_all_below_it():
    assert shared("a: &x {k: [v]}\nb: *x\nc: w\n") == {
        "a": False,
        "k": True,
        "v": True,
        "b": False,
        "c": False,
        "w": False,
    }


def test_a_merged_map_is_shared_and_what_overrides_it_is_not():
    flags = shared("base: &b\n  tag: '1'\n  keep: x\nweb:\n  <<: *b\n  own: z\n")
    assert flags == {
        "base": False,
        "tag": True,
        "1": True,
        "keep": True,
        "x": True,
        "web": False,
        "<<": False,
        "own": False,
        "z": False,
    }


def test_a_list_of_merged_maps_shares_each_of_them():
    flags = shared("- &a {x: 1}\n- &b {y: 2}\n- <<: [*a, *b]\n  z: 3\n")
    assert {k for k, v in flags.items() if v} == {"x", "1", "y", "2"}


def test_an_alias_as_a_key_is_shared():
    assert shared("a: &k b\n*k : c\n") == {"a": False, "b": True, "c": False}


def test_anchors_end_with_their_document():
    problem = refused("a: &x 1\n---\nb: *x\n")
    assert (problem.where, problem.message) == (Where("f.yaml", 3, 4), "not YAML: found undefined alias")


def test_an_anchor_named_twice_is_told_with_its_first_place():
    problem = refused("a: &x 1\nb: &x 2\n")
    assert problem.where == Where("f.yaml", 2, 4)
    assert problem.message == "not YAML: an anchor of this name stands at line 1 already"


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join(['*' + before] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_a_bomb_of_aliases_is_parsed_counted_and_never_written_out():
    document = parse_text(BOMB).documents[0]
    assert expanded(document) == 200_000
    with pytest.raises(ExcessProblem, match="more than 100,000 values") as caught:
        plain(document, "f.yaml")
    assert caught.value.where is not None
    assert (caught.value.where.path, caught.value.where.line) == ("f.yaml", 1)


@pytest.mark.parametrize("text", ["&a [*a]", "&a {b: *a}", "&a {b: [{c: *a}]}"])
def test_what_holds_itself_is_never_written_out(text):
    document = parse_text(text).documents[0]
    with pytest.raises(ExcessProblem):
        plain(document, "f.yaml")
    assert expanded(document, 500) == 500
    assert sum(1 for _ in scalars(document)) <= 2


def test_values_are_counted_with_aliases_written_out():
    assert expanded(parse_text("a: &x [1, 2]\nb: *x\nc: {d: *x}\n").documents[0]) == 1 + 3 + 3 + 1 + 3
    assert expanded(None) == 1


# ── what no parser is given ──


@pytest.mark.parametrize(
    "text",
    [
        "[" * 30_000,
        "{" * 30_000,
        "[a: " * 30_000,
        "- " * 30_000,
        "-  " * 30_000,
        "? " * 30_000,
        "? - " * 20_000,
        "[ #]\n" * 30_000,
        "[ ']'," * 30_000,
        "# " + "]" * 5000 + "\n" + "[" * 30_000,
        "a: '" + "]" * 5000 + "'\nb: " + "[" * 30_000,
        "\n".join(" " * i + "a:" for i in range(2500)),
        "\n".join(" " * i + "-" for i in range(2500)),
        "\n".join(" " * 1800 * i + "- " * 900 for i in range(30)),
    ],
    ids=lambda text: text[:6].replace("\n", "|"),
)
def test_text_that_nests_too_deep_is_refused_at_the_place_where_it_does(text):
    problem = refused(text)
    assert isinstance(problem, ExcessProblem)
    assert problem.message == "f.yaml nests more than 200 levels"
    assert problem.where is not None
    assert problem.where.line >= 1
    assert problem.where.column >= 1


def test_the_deepest_text_that_is_read_has_as_many_levels_as_the_cap_says():
    deepest = "[" * (MAX_DEPTH - 1) + "x" + "]" * (MAX_DEPTH - 1)
    assert [s.value for s in scalars(parse_text(deepest).documents[0])] == ["x"]
    assert isinstance(refused(f"[{deepest}]"), ExcessProblem)


@pytest.mark.parametrize(
    "text",
    ["a: '" + "[" * 5000 + "'\n", "# " + "[" * 5000 + "\na: b\n", "# " + "-" * 5000 + "\na: b\n", "- b\n" * 5000],
)
def test_signs_in_strings_and_comments_are_no_levels(text):
    assert parse_text(text).documents


@pytest.mark.parametrize("text", ["[" * 1001, "{a: " * 1001, "- " * 1001, "-\t  " * 1001, "a:\n  " + "? " * 1001])
def test_text_for_other_parsers_is_refused_by_its_signs(text):
    with pytest.raises(ExcessProblem) as caught:
        refuse_depth(text, "f.yaml")
    assert caught.value.where is not None
    assert caught.value.where.line >= 1


@pytest.mark.parametrize("text", ["a: b\n" * 3000, "- - - a\n" * 2000, "[]]" * 3000, "x: " + "-" * 4000])
def test_text_that_only_is_long_is_not_refused(text):
    refuse_depth(text)


def test_a_file_that_is_too_large_is_refused():
    problem = refused(b"a: " + b"x" * 5_000_000)
    assert isinstance(problem, ExcessProblem)
    assert problem.where == Where("f.yaml", 1, 1)
    assert len(plain(parse(b"a: " + b"x" * (MAX_BYTES - 3)).documents[0])["a"]) == MAX_BYTES - 3


# ── what is no YAML ──


@pytest.mark.parametrize(
    ("data", "line", "column", "word"),
    [
        (b"a: b\nc: \0d", 2, 4, "control characters"),
        ("\ufeffa: b\nc: \0d".encode(), 2, 4, "control characters"),
        (b"a: b\r\nc: d\x07", 2, 5, "control characters"),
        ("a: b\n".encode("utf-16"), 1, 1, "not UTF-8"),
        ("a: b\n".encode("utf-16-le"), 1, 2, "control characters"),
        ("é: b\n".encode("latin-1"), 1, 1, "not UTF-8"),
        ("a: b\nc: é\n".encode("latin-1"), 2, 4, "not UTF-8"),
        (b"a: \xed\xa0\x80\n", 1, 4, "not UTF-8"),
        (b"a:\n\tb: c\n", 2, 1, "a tab where only spaces may be"),
        (b"a: 'b\n", 2, 1, "unexpected end of stream"),
        (b"a: [b\n", 2, 1, "did not find expected"),
        (b"a: b: c\n", 1, 5, "mapping values are not allowed"),
        (b"a: b\n c: d\n", 2, 3, "mapping values are not allowed"),
        (b"a: *x\n", 1, 4, "undefined alias"),
        (b"a: !e!x 1\n", 1, 4, "undefined tag handle"),
        (b'"\\ud800"', 1, 4, "invalid Unicode"),
        (b"a: @x\n", 1, 4, "cannot start any token"),
        (b"a: b\n---\nc: ]\n", 3, 4, "did not find expected node content"),
        (b"%YAML 2.0\n---\na: b\n", 1, 1, "incompatible YAML"),
        (b"a: b\n}\n", 2, 1, "did not find expected"),
    ],
)
def test_what_is_no_yaml_is_told_with_line_column_and_remedy(data, line, column, word):
    problem = refused(data)
    assert problem.where == Where("f.yaml", line, column)
    assert word in problem.message
    assert problem.remedy


def test_text_with_half_a_character_is_told_too():
    with pytest.raises(SyntaxProblem) as caught:
        parse_text("a: \ud800", "f.yaml")
    assert caught.value.where == Where("f.yaml", 1, 1)


YAMLISH = st.lists(
    st.sampled_from(
        ["a", "b", ": ", ":\n", "- ", "-", "? ", "\n", "\n  ", "\n    ", " ", "'", '"', "[", "]", "{", "}", ",", "&x ",
         "*x", "<<: *x", "|\n", ">-\n", "#", " # c", "---\n", "...\n", "!!int ", "!", "%YAML 1.1\n", "\t", "\r\n",
         "\ufeff", "\u2028", "\x85", "\0", "é", "😀", "\\", "\\u12", "@", "`", "0x1", "~", "=", "1.10", "\x1b"]
    ),
    max_size=40,
).map("".join)  # fmt: skip

SAMPLE = """\
# a comment
apiVersion: kustomize.config.k8s.io/v1beta1
images:
- name: web
  newTag: '1.0'   # here
base: &b {a: 1, "b": [x, 'y']}
merged:
  <<: *b
text: |-
  one: two
  - three
folded: >
  x y
"""


def outcome(data):
    """Where parsing stops; else the scalars that it finds must lie in the text."""
    try:
        stream = parse(data, "f.yaml")
    except SyntaxProblem as problem:
        return problem.where
    for document in stream.documents:
        for leaf in scalars(document):
            assert 0 <= leaf.start <= leaf.end <= len(stream.text)
    return Where("f.yaml", 1, 1)


def has_a_place(where):
    return where is not None and where.path == "f.yaml" and where.line >= 1 and where.column >= 1


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(), YAMLISH))
@example("&a [*a]")
@example("? &a\n: *a")
def test_arbitrary_text_is_read_or_refused_with_a_place(text):
    assert has_a_place(outcome(text.encode("utf-8", "replace")))


@settings(max_examples=200, deadline=None)
@given(st.binary())
def test_arbitrary_bytes_are_read_or_refused_with_a_place(data):
    assert has_a_place(outcome(data))


@settings(max_examples=400, deadline=None)
@given(
    at=st.integers(0, len(SAMPLE)),
    drop=st.integers(0, 8),
    more=st.one_of(YAMLISH, st.text(string.printable, max_size=5)),
)
def test_damaged_yaml_is_read_or_refused_with_a_place(at, drop, more):
    assert has_a_place(outcome((SAMPLE[:at] + more + SAMPLE[at + drop :]).encode()))


def test_all_kinds_of_nodes_become_plain_values():
    document = parse_text("a: [1, ~, {b: 'c'}]\nd:\n").documents[0]
    assert isinstance(document, Mapping)
    assert isinstance(document.get("a"), Sequence)
    assert plain(document) == {"a": ["1", "~", {"b": "c"}], "d": ""}
    assert plain(None) is None
