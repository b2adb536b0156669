"""What pre-commit wants, by its environment."""

from __future__ import annotations

import pytest

from fairlead.cli.hook import Hooked


@pytest.mark.parametrize(
    ("environment", "hooked"),
    [
        ({}, Hooked()),
        ({"PRE_COMMIT_FROM_REF": "a", "PRE_COMMIT_TO_REF": "b"}, Hooked()),  # another one's words
        ({"PRE_COMMIT": "1"}, Hooked(idle=True)),
        ({"PRE_COMMIT": "1", "GIT_INDEX_FILE": ".git/index"}, Hooked()),
        ({"PRE_COMMIT": "1", "PRE_COMMIT_FROM_REF": "a", "PRE_COMMIT_TO_REF": "b"}, Hooked("a", "b")),
    ],
)
def test_the_environment_says_what_is_asked(environment: dict[str, str], hooked: Hooked) -> None:
    assert Hooked.of(environment) == hooked
