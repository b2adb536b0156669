"""Words that name an environment, and names as words."""

from __future__ import annotations

import pytest

from fairlead.promotion.words import names_environment, neutral, split_name

WORDS = ("dev", "prod", "production")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("web.dev.example.com", "web.prod.example.com"),
        ("web-production", "web-dev"),
        ("DEV_URL", "PROD_URL"),
        ("a/dev/b", "a/production/b"),
    ],
)
def test_environments_words_are_equal(one, other):
    one, other = (t.replace("_", "-") for t in (one, other))
    assert neutral(one, WORDS) == neutral(other, WORDS)


@pytest.mark.parametrize("text", ["develop", "product", "device-1", "webdev", "dev2", "reproduction", ""])
def test_a_word_inside_another_is_none(text):
    assert (neutral(text, WORDS), names_environment(text, WORDS)) == (text, False)


@pytest.mark.parametrize("text", ["dev", "a.dev", "x/DEV/y", "my-production-db", "prod:5432"])
def test_values_that_name_an_environment(text):
    assert names_environment(text, WORDS)


def test_the_longest_word_counts():
    assert neutral("a-prod-eu", ("prod", "prod-eu")) == neutral("a-prod", ("prod", "prod-eu"))


@pytest.mark.parametrize("words", [(), ("",)])
def test_without_words_nothing_is_neutral(words):
    assert (neutral("dev", words), names_environment("dev", words)) == ("dev", False)


def test_words_are_no_patterns():
    assert neutral("a.b", ("a.b",)) != "a.b"
    assert neutral("axb", ("a.b",)) == "axb"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("imageTag", ("image", "tag")), ("IMAGE_TAG", ("image", "tag")), ("image-tag", ("image", "tag")),
        ("image.tag", ("image", "tag")), ("ImageTag", ("image", "tag")), ("imageURLPrefix", ("image", "url", "prefix")),
        ("appVersion2", ("app", "version2")), ("APIVersion", ("api", "version")), ("", ()), ("--", ()),
    ],
)  # fmt: skip
def test_names_in_any_case_style_are_the_same_words(name, words):
    assert split_name(name) == words
