"""Edits of bytes: exactly what was wished, every other byte as it was, or a refusal."""

import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.edit.nodes import parse, scalars
from fairlead.edit.scalars import content_span
from fairlead.edit.splice import apply, byte_edit, difference, spliced, verified
from fairlead.model.changes import DropFile, Edit, NewFile
from fairlead.model.errors import ConflictError, UneditableError
from fairlead.model.findings import Where
from fairlead.model.snapshot import EXECUTABLE, File, MemorySnapshot, blob_id

PATH = "k.yaml"


def edit(text, old, new, nth=0):
    """Replace the nth `old` of a text."""
    start = [m.start() for m in re.finditer(re.escape(old), text)][nth]
    return byte_edit(PATH, text, start, start + len(old), new)


def after(text, *pairs):
    return verified(PATH, text.encode(), [edit(text, old, new) for old, new in pairs]).decode()


def refusal(text, *edits):
    with pytest.raises(UneditableError) as caught:
        verified(PATH, text.encode(), edits)
    return caught.value


# ── bytes ──


def test_offsets_in_characters_become_offsets_in_bytes():
    assert byte_edit(PATH, "é: 😀x\n", 3, 5, "ü") == Edit(PATH, 4, 9, "😀x".encode(), "ü".encode())


def test_edits_are_applied_in_the_order_of_the_text_and_each_once():
    one, other = Edit(PATH, 0, 1, b"a", b"AA"), Edit(PATH, 2, 3, b"c", b"")
    assert apply(b"abcd", [other, one, one]) == b"AAbd"
    assert apply(b"abcd", []) == b"abcd"
    assert apply(b"abcd", [Edit(PATH, 4, 4, b"", b"e"), Edit(PATH, 0, 0, b"", b"-")]) == b"-abcde"


def test_overlapping_edits_are_a_conflict_with_its_place():
    with pytest.raises(ConflictError) as caught:
        apply(b"a\nbcd\n", [Edit(PATH, 2, 4, b"bc", b"x"), Edit(PATH, 3, 5, b"cd", b"y")])
    assert caught.value.where == Where(PATH, 2, 2)
    assert "two edits" in caught.value.message


@pytest.mark.parametrize(
    "stale", [Edit(PATH, 2, 3, b"x", b"y"), Edit(PATH, 5, 9, b"d\n..", b"y"), Edit(PATH, 90, 91, b"x", b"y")]
)
def test_an_old_value_that_is_gone_is_a_conflict(stale):
    with pytest.raises(ConflictError) as caught:
        apply(b"a\nbcd\n", [stale])
    assert "no longer holds" in caught.value.message
    assert caught.value.remedy == "make a fresh plan"


# ── the proof ──

KEPT = [
    ("a: old # why\nb: 'x'  # c\n", "old", "new"),
    ("a: 'old'\n", "old", "a # b: c"),
    ('a: "old" # old is gone\n', "old", "new"),
    ("# c\r\na: old\r\n\r\nb: c", "old", "newer"),
    ("a:\n- old\nb:\n    - x\n    -   y: z\n", "old", "new"),
    ("a: old", "old", "new"),
    ("ключ: {é: old, 😀: '中'} # ü\nx: y\n", "old", "ново"),
    ("\ufeffa: old\n", "old", "new"),
    ("a: !!str old\nb: &x 1\nc: *x\n", "old", "new"),
    ("a: |\n  k: old # c\n\n  l: m\nb: c\n", "old", "new"),
    ("a: >\n  folded old\n  text\n", "old", "new"),
    ("---\na: 1\n---\nb: old\n...\n", "old", "new"),
    ("{\n  \"a\": \"old\",\n\t\"b\": [1,2]\n}\n", "old", "new"),
    ("a: 1\na: old\n", "old", "new"),
    ("a: old\t# tab\nb:   c   \n", "old", "new"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new"), KEPT)
def test_every_byte_but_the_value_is_kept(text, old, new):
    assert after(text, (old, new)) == text.replace(old, new, 1)


def test_several_values_at_once():
    text = "images:\n- name: web # c\n  newTag: '1.0'\n- {name: api, newTag: \"2.0\"}\n"
    assert after(text, ("1.0", "1.10"), ("2.0", "2"), ("web", "website")) == (
        "images:\n- name: website # c\n  newTag: '1.10'\n- {name: api, newTag: \"2\"}\n"
    )


def test_a_line_may_be_added_and_taken_away():
    text = "a:\n- x\nb: c\n"
    end = text.index("b: c")
    assert verified(PATH, text.encode(), [byte_edit(PATH, text, end, end, "- y\n")]) == b"a:\n- x\n- y\nb: c\n"
    assert verified(PATH, text.encode(), [byte_edit(PATH, text, end, len(text), "")]) == b"a:\n- x\n"


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("a: old\n", "old", "b: c"),
        ("a: old\n", "old", "[x"),
        ("a: old\n", "old", "'x"),
        ("a: 'old'\n", "old", "it's"),
        ('a: "old"\n', "old", 'x"y'),
        ("a: old\n", "old", "@x"),
        ("a: old\n", "old", "*nobody"),
        ("a: [old, b]\n", "old", "{x"),
        ("a:\n  b: old\n  c: d\n", "old", "e\nf: g"),
        ("a: old\n", "old", "\x07"),
        ("a: old\n", "old", "\t- x\n y: ["),
    ],
)
def test_a_value_that_would_break_the_file_is_refused(text, old, new):
    assert refusal(text, edit(text, old, new)).message.startswith("the edit would leave k.yaml unreadable: ")


@pytest.mark.parametrize(
    ("text", "new", "hurt", "at"),
    [
        ("a:\n  b: c\n^d: e\n", "  ", "d", "3:1"),
        ("a:\n  b: c\n#\n^d: e\n", "  ", "d", "4:1"),
        ("a:\n- b:\n^- c\n", "  ", "", "2:5"),
        ("a: |\n  b\n^c: d\n", "  ", "b\n", "1:4"),
        ("a: b\n^c: d\n", "  ", "b", "1:4"),
        ("a: ^b\n", "!!int ", "b", "1:4"),
        ("a: b^ # c\n", "\n  d", "b", "1:4"),
        ("a: ^# c\nd: e\n", "|", "", "1:3"),
        ("- ^a\n- b\n", "- ", "a", "1:3"),
        ("- ^a\n- b\n", "x: ", "a", "1:3"),
    ],
)
def test_an_insertion_that_would_hurt_a_value_is_refused_and_names_it(text, new, hurt, at):
    begin, text = text.index("^"), text.replace("^", "", 1)
    problem = refusal(text, byte_edit(PATH, text, begin, begin, new))
    if "unreadable" not in problem.message:
        assert problem.message == f"the edit would change {hurt!r}, which is not part of it"
        assert str(problem.where) == f"{PATH}:{at}"


def test_a_removal_that_would_put_a_value_below_another_key_is_refused():
    text = "a:\n  b: c\n  d: e\n"
    problem = refusal(text, byte_edit(PATH, text, 10, 12, ""))
    assert problem.message == "the edit would change 'd', which is not part of it"


def test_a_renamed_key_keeps_what_stands_below_it():
    assert after("a:\n  old:\n  - b: c\n", ("old", "newer")) == "a:\n  newer:\n  - b: c\n"


def test_a_value_that_would_come_into_being_elsewhere_is_named():
    text = "a: b # c: d\n"
    problem = refusal(text, edit(text, "#", ""))
    assert problem.exit_code == 5
    text = "a: x #\n#c: d\n"
    problem = refusal(text, byte_edit(PATH, text, 7, 8, ""))
    assert problem.message == "the edit would bring 'c' into being, which is not part of it"


def test_a_file_that_was_broken_before_is_refused():
    assert "unreadable" in refusal("a: [\nb: old\n", Edit(PATH, 8, 11, b"old", b"new")).message


def test_what_only_the_second_reader_refuses_is_refused():
    text = "a: old\nb: c\n"
    with pytest.raises(UneditableError) as caught:
        verified(PATH, text.encode(), [edit(text, "old", "!<tag:yaml.org,2002:x> [x]: y")])
    assert caught.value.remedy == "edit this value by hand"


def test_an_oddity_that_the_second_reader_refused_before_does_not_matter():
    text = "a: &x 1\nb: 'old'\n? [c, d]\n: e\n"
    assert after(text, ("old", "new")) == text.replace("old", "new")


VALUES = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Cs", "Zl", "Zp"], exclude_characters="'\ufeff"),
    max_size=6,
)


@settings(max_examples=100, deadline=None)
@given(
    values=st.lists(st.tuples(VALUES, st.sampled_from(["", " # c", "   "])), min_size=1, max_size=6),
    end=st.sampled_from(["\n", "\r\n"]),
    new=VALUES,
    final=st.booleans(),
    chosen=st.integers(0, 5),
)
def test_a_quoted_value_is_replaced_and_back_with_no_other_byte_changed(values, end, new, final, chosen):
    lines = [f"k{n}: '{value}'{more}" for n, (value, more) in enumerate(values)]
    data = (end.join(lines) + (end if final else "")).encode()
    stream = parse(data)
    leaf = [s for s in scalars(stream.documents[0]) if s.style][chosen % len(values)]
    span = content_span(stream.text, leaf)
    assert span is not None
    wish = byte_edit(PATH, stream.text, *span, new)
    changed = verified(PATH, data, [wish])
    assert changed == data[: wish.start] + wish.new + data[wish.end :]
    back = Edit(PATH, wish.start, wish.start + len(wish.new), wish.new, wish.old)
    assert verified(PATH, changed, [back]) == data


# ── changes of a snapshot ──


def test_changes_of_a_snapshot_become_files():
    base = MemorySnapshot(
        {
            "a.yaml": File(b"a: old\n", EXECUTABLE),
            "b.txt": File(b"a: [old\n"),
            "gone.yaml": File(b"x\n"),
        }
    )
    changes = [
        Edit("a.yaml", 3, 6, b"old", b"new"),
        Edit("b.txt", 4, 7, b"old", b"new"),
        NewFile("c.sh", b"#!\n", EXECUTABLE),
        DropFile("gone.yaml", blob_id(b"x\n")),
    ]
    with pytest.raises(UneditableError):
        spliced(base, [Edit("a.yaml", 3, 6, b"old", b"[")])
    changes[1] = Edit("b.txt", 4, 7, b"[ol", b"")
    with pytest.raises(ConflictError):
        spliced(base, changes)
    changes[1] = Edit("b.txt", 4, 7, b"old", b"")
    assert spliced(base, changes) == {
        "a.yaml": File(b"a: new\n", EXECUTABLE),
        "b.txt": File(b"a: [\n"),
        "c.sh": File(b"#!\n", EXECUTABLE),
        "gone.yaml": None,
    }


def test_without_the_proof_edits_are_only_applied():
    base = MemorySnapshot.of({"a.yaml": "a: old\n"})
    assert spliced(base, [Edit("a.yaml", 3, 6, b"old", b"[")], verify=False) == {"a.yaml": File(b"a: [\n")}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (NewFile("a.yaml", b""), "a.yaml is there already"),
        (DropFile("a.yaml", "0" * 40), "a.yaml is not the file that the plan removes"),
        (DropFile("b.yaml", "0" * 40), "b.yaml is not the file that the plan removes"),
        (Edit("b.yaml", 0, 1, b"a", b"b"), "b.yaml is gone"),
        (Edit("a.yaml", 3, 4, b"x", b"y"), "a.yaml no longer holds what the plan replaces"),
    ],
)
def test_a_snapshot_that_is_not_what_the_changes_expect_is_a_conflict(change, message):
    with pytest.raises(ConflictError) as caught:
        spliced(MemorySnapshot.of({"a.yaml": "a: b\n"}), [change])
    assert caught.value.message == message


# ── the shortest edit ──


@pytest.mark.parametrize(
    ("old", "new", "start", "end", "text"),
    [
        ("abc", "abXc", 2, 2, "X"),
        ("abc", "ac", 1, 2, ""),
        ("abc", "abc!", 3, 3, "!"),
        ("", "a", 0, 0, "a"),
        ("aaa", "aa", 2, 3, ""),
        ("é", "è", 0, 2, "è"),
        ("xéy", "xêy", 1, 3, "ê"),
        ("😀", "😁", 0, 4, "😁"),
        ("aé", "a\u0129", 1, 3, "\u0129"),
        ("é", "\u0429", 0, 2, "\u0429"),
    ],
)
def test_the_shortest_edit_keeps_characters_whole(old, new, start, end, text):
    assert difference(PATH, old.encode(), new.encode()) == Edit(
        PATH, start, end, old.encode()[start:end], text.encode()
    )


def test_equal_bytes_need_no_edit():
    assert difference(PATH, b"abc", b"abc") is None


SHORT = st.one_of(st.binary(max_size=12), st.text("ab", max_size=8).map(str.encode))


@settings(max_examples=400, deadline=None)
@given(SHORT, SHORT)
def test_the_edit_makes_the_new_bytes_of_the_old_whatever_they_are(old, new):
    found = difference(PATH, old, new)
    assert (old if found is None else apply(old, [found])) == new
    assert (found is None) == (old == new)


TEXTS = st.text("abéè中😀😁\u0129", max_size=8)


@settings(max_examples=400, deadline=None)
@given(TEXTS, TEXTS)
def test_of_text_the_edit_is_text_and_no_shorter_one_would_do(old, new):
    found = difference(PATH, old.encode(), new.encode())
    if found is None:
        assert old == new
        return
    before, after_ = found.old.decode(), found.new.decode()
    assert apply(old.encode(), [found]) == new.encode()
    assert not (before and after_ and (before[0] == after_[0] or before[-1] == after_[-1]))


def test_yaml_of_the_result_is_what_was_wished():
    text = "a: {b: 'old'}\nc: |\n  d: old\n"
    assert yaml.safe_load(after(text, ("old", "new"))) == {"a": {"b": "new"}, "c": "d: old\n"}
