"""Image names by kustomize's rules."""

from __future__ import annotations

import pytest

from fairlead.checks.images import Image, means, parse, replaced


@pytest.mark.parametrize(
    ("text", "image"),
    [
        ("web", Image("web")),
        ("shop/web:1.0", Image("shop/web", "1.0")),
        ("host:5000/shop/web", Image("host:5000/shop/web")),
        ("host:5000/shop/web:1@sha256:ab", Image("host:5000/shop/web", "1", "sha256:ab")),
    ],
)
def test_a_reference_is_taken_apart_and_put_together(text: str, image: Image) -> None:
    assert parse(text) == image
    assert str(image) == text


@pytest.mark.parametrize(
    ("name", "image", "same"),
    [
        ("shop/web", "shop/web", True),
        ("shop/web", "shop/web:1", True),
        ("shop/web", "shop/web@sha256:ab", True),
        ("web", "shop/web:1", False),
        ("shop/web", "shop/webhook:1", False),
        ("shop/(web|api)", "shop/api:2", True),
        ("shop/(", "shop/(", False),
    ],
)
def test_an_entry_means_whole_names(name: str, image: str, same: bool) -> None:
    assert means(name, image) is same


def test_a_digest_takes_the_tags_place() -> None:
    assert replaced("a:1", "", "", "sha256:ab") == "a@sha256:ab"
    assert replaced("a:1", "b", "", "") == "b:1"
    assert replaced("a@sha256:ab", "", "2", "") == "a:2"
