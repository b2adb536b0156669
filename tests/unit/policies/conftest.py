"""The judge of policies, as a real program."""

from __future__ import annotations

import pytest

from fairlead.policies import judge


@pytest.fixture(autouse=True)
def program() -> str:
    """Its path; the tests are skipped where there is none."""
    found = judge.found()
    if found is None:
        pytest.skip("there is no fairlead-policies: no Go was found to build it with (make policies fetches one)")
    return found
