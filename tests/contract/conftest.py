"""What several suites of forges share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.lab import Lab, lab_at


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A place on the double of GitLab; nothing that it is asked or answers may be unknown to GitLab's own client."""
    made = lab_at(tmp_path)
    yield made
    made.double.faults.clear()
    assert made.double.problems == []
