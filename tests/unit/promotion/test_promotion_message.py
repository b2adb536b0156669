"""A person's own words for a pull request."""

from __future__ import annotations

import pytest

from fairlead.model.errors import UsageError
from fairlead.promotion.message import MOST, Message, message


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("", Message()),
        ("  fix:  a   title \n", Message("fix: a title")),
        ("title\n\nfirst\n\nsecond\n", Message("title", "first\n\nsecond")),
        ("title\nat once", Message("title", "at once")),
    ],
)
def test_the_first_line_is_the_title(written, read):
    assert message(written) == read
    assert message(read.written) == read


@pytest.mark.parametrize(
    "written", ["a\n\nFairlead-Plan: x", "Fairlead-Promote: x", "a\n  fairlead-source: x", "x" * (MOST + 1)]
)
def test_what_history_is_read_from_is_no_message(written):
    with pytest.raises(UsageError):
        message(written)
