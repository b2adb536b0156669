"""When one name is but a slip of another."""

from __future__ import annotations

import pytest

from fairlead.repo.names import slip


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("settigns", ["settings"], "settings"),
        ("setings", ["settings"], "settings"),
        ("settinggs", ["settings"], "settings"),
        ("aip", ["api"], "api"),
        ("weeb", ["web"], "web"),
        ("redsi", ["redis", "rabbit"], "redis"),
        ("payments-databose", ["payments-database"], "payments-database"),
        ("settings", ["settings"], ""),
        ("web-1", ["web-2"], ""),
        ("payments-database-2", ["payments-database-1"], ""),
        ("web", ["webs"], ""),
        ("dv", ["vd"], ""),
        ("cache", ["queue"], ""),
    ],
)
def test_a_letter_makes_a_slip_and_a_number_another_name(word: str, known: list[str], meant: str) -> None:
    assert slip(word, known) == meant
