"""Whom a patch means."""

from __future__ import annotations

import pytest

from fairlead.checks.patches import labelled

_LABELS = {"app": "web", "tier": "front", "empty": ""}


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ("app=web", True),
        ("app==web,tier=front", True),
        ("app=web,tier=back", False),
        ("app!=web", False),
        ("other!=web", True),
        ("app in (api, web),tier", True),
        ("app in (api),tier", False),
        ("app notin (api, x),!other", True),
        ("other notin (api)", True),
        ("other", False),
        ("!app", False),
        ("empty=", True),
    ],
)
def test_a_label_selector_is_read_as_kubernetes_reads_it(selector: str, expected: bool) -> None:
    assert labelled(selector, _LABELS) is expected
