"""Whose a name is, by the words in it."""

from __future__ import annotations

import pytest

from fairlead.checks.words import Words
from fairlead.model.overlays import Layout
from fairlead.repo import config

_TWO = b"version: 1\nenvironments: {dev: {}, production: {match: [prod]}, c2-production: {}}\n"
_CHAINS = b"version: 1\nenvironments: {dev: {}, production: {}, ring-0: {}, ring-1: {}, tools: {}}\n"
_CHAINS += b"chains: [[dev, production], [ring-0, ring-1]]\n"


@pytest.mark.parametrize(
    ("own", "text", "owner"),
    [
        ("production", "shop-dev-assets", "dev"),
        ("production", "SHOP_DEV", "dev"),
        ("dev", "shop-prod-assets", "production"),
        ("dev", "prod-and-dev", ""),
        ("dev", "shop-c2-production", "c2-production"),
        ("c2-production", "shop-c2-production", ""),
        ("dev", "developer-product", ""),
        ("dev", "prod1", ""),
        ("dev", "shop", ""),
    ],
)
def test_a_name_is_anothers_by_a_word_that_stands_alone(own: str, text: str, owner: str) -> None:
    assert Words(config.read(_TWO), Layout(())).foreign(own, (), text) == owner


@pytest.mark.parametrize(
    ("own", "text", "owner"),
    [("ring-1", "production/secret", ""), ("ring-1", "ring-0/secret", "ring-0"), ("tools", "x-dev", "dev")],
)
def test_environments_of_other_chains_have_no_names_for_each_other(own: str, text: str, owner: str) -> None:
    assert Words(config.read(_CHAINS), Layout(())).foreign(own, (), text) == owner


def test_a_word_of_the_folder_counts_as_its_own() -> None:
    assert Words(config.read(_TWO), Layout(())).foreign("production", ("dev",), "shop-dev") == ""
