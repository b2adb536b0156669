"""What a value says as a version."""

from __future__ import annotations

import pytest

from fairlead.repo.versions import (
    channel,
    floats,
    goes_back,
    is_constraint,
    is_digest,
    is_semver,
    reservation,
    same_build,
)

SHA = "a1" * 20


@pytest.mark.parametrize("text", ["1.2", "v1.2", "1.2.3", "v1.2.3-rc.1", "1.2.3.4", "1.2.3+build.7", "1.2.3-0.3.7"])
def test_semantic_versions(text):
    assert is_semver(text)


@pytest.mark.parametrize("text", ["1", "v1", "1.x", "1.2.3 ", "a1.2.3", "1.2.", "", "1.2.3_4", "release-1.2.3"])
def test_no_semantic_versions(text):
    assert not is_semver(text)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (SHA, True), ("a" * 64, True), (f"sha256:{'b' * 64}", True), (f"sha512:{'b' * 128}", True),
        (SHA[:-1], False), (SHA.upper(), False), ("sha256:abc", False), (f"sha1:{SHA}", False), ("g" * 40, False),
    ],
)  # fmt: skip
def test_digests_have_at_least_forty_hexadecimal_digits(text, is_one):
    assert is_digest(text) is is_one


@pytest.mark.parametrize("text", ["latest", "LATEST", "main", "stable", "staging", "1.2-SNAPSHOT", "alpine-latest"])
def test_floating_names(text):
    assert floats(text)


@pytest.mark.parametrize("text", ["1.2.3", "latest-1", "mainline", "v1-stable", ""])
def test_names_that_stay(text):
    assert not floats(text)


@pytest.mark.parametrize("text", [">=1.2", "1.x", "1.2.X", "*", "~1.2", "^1", "1 || 2", "1, 2", "x.1", "<2"])
def test_constraints(text):
    assert is_constraint(text)


@pytest.mark.parametrize("text", ["1.2.3", "v1", "x86_64-1.2", "1.2.3-x86", "linux-1.2"])
def test_no_constraints(text):
    assert not is_constraint(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.2.3", ()),
        ("v1.2.3+linux.amd64", ()),
        ("1.2.3-rc.1", ()),
        ("1.2.3-alpine", ("alpine",)),
        ("release-2024-01-02-abc1234", ("release",)),
        ("master-abc1234", ("master",)),
        ("Feature_Login-12", ("feature", "login")),
        ("sha-abc1234", ()),
        ("build-77", ()),
        ("", ()),
    ],
)
def test_the_build_channel_is_the_words_that_are_no_version(text, words):
    assert channel(text) == words


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("release-9c6668ca-1741178279", "release-9c6668ca-1741178296", True),
        ("9c6668ca-1", "9c6668ca-2", True),
        ("release-9c6668ca-1", "master-9c6668ca-1", False),  # another channel built it
        ("release-9c6668ca-1", "release-9c6668cb-1", False),
        ("1.2.3-1234567", "1.2.4-1234567", False),  # digits alone are no commit
        ("release-abcdefa-1", "release-abcdefa-2", False),  # nor are letters alone
        ("1.0", "1.1", False),
    ],
)
def test_the_same_commit_built_twice(old, new, same):
    assert same_build(old, new) is same


ASCENDING = [
    "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
    "1.0.0-rc.1", "1.0.0", "v1.0.1", "1.1", "1.2.3", "1.2.3.1", "1.10.0", "2.0",
]  # fmt: skip


@pytest.mark.parametrize(("low", "high"), [(a, b) for i, a in enumerate(ASCENDING) for b in ASCENDING[i + 1 :]])
def test_semantic_versions_have_the_order_of_their_specification(low, high):
    assert (goes_back(low, high), goes_back(high, low)) == (False, True)


@pytest.mark.parametrize(("one", "other"), [("1.2", "1.2.0"), ("v1.2.3", "1.2.3"), ("1.2.3+a", "1.2.3+b")])
def test_equal_versions_go_nowhere(one, other):
    assert (goes_back(one, other), goes_back(other, one)) == (False, False)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("main-20240101-abc1234", "main-20240102-abc1235"),
        ("release-2024-01-31", "release-2024-02-01"),
        ("2023.12.31", "2024.01.01"),
        ("b-20240101120000", "b-20240101120001"),
        ("b-2024-01-01T12-00", "b-2024-01-01T12-01"),
        ("abc-1741178279", "abc-1741178296"),
        ("abc-1741178279000", "abc-1741178296000"),
    ],
)
def test_time_stamps_have_an_order(low, high):
    assert (goes_back(low, high), goes_back(high, low)) == (False, True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("main-20240102", "main-20240101120000"),  # a day against a second of a day
        ("2024-01-02", "1.2.3"),
        ("build-77", "build-76"),  # numbers alone have no order that we know of
        ("991741178279", "99174117"),
    ],
)
def test_what_can_not_be_compared_goes_nowhere(one, other):
    assert (goes_back(one, other), goes_back(other, one)) == (False, False)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("1.2.3", "1.2.4", ""),
        ("1.2.4-rc.1", "1.2.4", ""),
        (SHA, "b2" * 20, ""),
        ("release-2024-01-01-abc1234", "release-2024-01-02-abc1235", ""),
        ("latest", "1.2", "'latest' floats: it names another build tomorrow"),
        ("1.2", "main", "'main' floats: it names another build tomorrow"),
        (">=1.2", "1.3", "'>=1.2' is a constraint, not one version"),
        ("1.2", "1.x", "'1.x' is a constraint, not one version"),
        ("1.2", "blue", "'blue' has no digit"),
        ("1.2", "", "'' has no digit"),
        ("release-1", "master-2", "'master-2' comes from another build channel than 'release-1'"),
        ("1.2.3", "1.2.4-alpine", "'1.2.4-alpine' comes from another build channel than '1.2.3'"),
        ("1.2.4", "1.2.3", "it would go back from '1.2.4' to '1.2.3'"),
        ("1.2.4", "1.2.4-rc.1", "it would go back from '1.2.4' to '1.2.4-rc.1'"),
        ("b-20240102", "b-20240101", "it would go back from 'b-20240102' to 'b-20240101'"),
    ],
)
def test_why_a_version_is_only_offered(old, new, why):
    assert reservation(old, new) == why
