"""The source line of a finding, and the caret under its column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.model.findings import Finding, Severity, Where
from fairlead.report.findings.excerpt import Excerpt, Lines, columns, excerpt
from fairlead.report.findings.report import Rule


def _of(data: bytes, line: int, column: int = 1, room: int = 60) -> Excerpt | None:
    where = Where("a.yaml", line, column)
    return Lines(lambda path: data).of(Finding("r", Severity.ERROR, "m", "", where), Rule("r"), room)


@pytest.mark.parametrize(
    ("line", "column", "expected", "caret"),
    [
        ("a: b", 4, "a: b", 3),
        ("a: b", 0, "a: b", None),
        ("a: b", 5, "a: b", 4),  # just past the end
        ("a: b", 9, "a: b", None),  # not in this line: the file is another by now
        ("a:\tb", 4, "a:    b", 6),
        ("日本: b", 5, "日本: b", 6),
        ("e\u0301: b", 5, "e\u0301: b", 3),
        ("👍: b", 4, "👍: b", 4),
        ("\x1b[2J: b", 7, "\\x1b[2J: b", 9),
        ("a\u202eb: c", 5, "a\\u202eb: c", 9),
        ("u: https://u:secret@h b", 23, "u: https://u:***@h b", 19),
        ("u: https://u:secret@h b", 16, "u: https://u:***@h b", None),
    ],
)
def test_a_caret_stands_under_its_character(line: str, column: int, expected: str, caret: int | None) -> None:
    assert excerpt(line, column, 60) == Excerpt(expected, caret)


def test_lines_end_where_yaml_says() -> None:
    for end in ("\n", "\r\n", "\r", "\x85", "\u2028"):
        assert _of(end.join(("one", "two", "three")).encode(), 2) == Excerpt("two", 0)
    assert _of("\ufeffone: x\n".encode(), 1, 6) == Excerpt("one: x", 5)


@pytest.mark.parametrize(
    ("data", "line"), [(b"", 1), (b"a\n", 2), (b"a\n", 99), (b"a\n  \nb", 2), (b"---\na: b\n", 1), (b"a\0b\n", 1)]
)
def test_what_is_not_there_or_is_no_text_is_not_shown(data: bytes, line: int) -> None:
    assert _of(data, line) is None


def test_bytes_that_are_no_utf_8_are_shown_as_such() -> None:
    assert _of(b"a: \xff b\n", 1, 6) == Excerpt("a: \\udcff b", 10)


@pytest.mark.parametrize("column", [1, 500, 999_999, 1_000_000])
def test_a_very_long_line_is_cut_around_its_column(column: int) -> None:
    told = _of(b"ab" * 500_000 + b"\n", 1, column, 40)
    assert told is not None
    assert columns(told.text) <= 40
    assert "…" in told.text


@given(
    st.text(st.characters(exclude_characters="\n\r\x85\u2028\u2029"), max_size=200),
    st.integers(0, 210),
    st.integers(20, 90),
)
def test_it_never_takes_more_room_and_the_caret_is_within(line: str, column: int, room: int) -> None:
    told = excerpt(line, column, room)
    assert columns(told.text) <= room
    assert told.caret is None or 0 <= told.caret <= columns(told.text)
