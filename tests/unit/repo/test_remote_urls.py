"""Remote bases: URLs are read as kustomize reads them, and only what is configured and pinned is allowed."""

from __future__ import annotations

import json
import posixpath
from pathlib import Path

import pytest

from fairlead.repo.remotes import BuildRules, RemoteBase, RemoteRule, denied, is_pattern, remote_base

_COMMIT = "0123456789abcdef" * 2 + "01234567"
# toolkit/renderer/remotes_test.go holds kustomize's own reader to the same table.
_TABLE = json.loads((Path(__file__).parents[2] / "fixtures/remote-bases.json").read_text())


@pytest.mark.parametrize("row", _TABLE, ids=[row["url"] for row in _TABLE])
def test_a_url_is_read_as_kustomize_reads_it(row: dict[str, str | None]) -> None:
    base = remote_base(row["url"] or "")
    if row["repository"] is None:
        assert base is None
        return
    assert base is not None
    path = posixpath.normpath(base.path) if base.path else ""
    wanted = (row["repository"], row.get("ref", ""), row.get("path", ""))
    assert (base.repository, base.ref, "" if path == "." else path) == wanted


def test_all_ways_to_write_a_repository_and_ref_have_one_name() -> None:
    ways = (
        "github.com/o/r//a?ref=v1", "https://github.com/o/r/b?ref=v1", "GitHub.com/o/r?version=v1&timeout=9s",
        "git::https://github.com/o/r//a?submodules=0&ref=v1",
    )  # fmt: skip
    bases = [remote_base(way) for way in ways]
    assert {base.name for base in bases if base is not None} == {"https://github.com/o/r?ref=v1"}
    assert bases[0] == RemoteBase("https://github.com/o/r", "v1", "a")


def _why(written: str, *rules: RemoteRule) -> str:
    denial = denied(written, BuildRules(remote=rules))
    return "" if denial is None else denial.message


@pytest.mark.parametrize(
    ("pattern", "written", "allowed"),
    [
        ("https://github.com/o/r", "https://github.com/o/r", True),
        ("https://github.com/o/r", "github.com/o/r.git//a", True),
        ("github.com/o/r", "https://github.com/o/r", True),
        ("https://github.com/o/r.git", "https://github.com/o/r", True),
        ("https://github.com/o/*", "https://github.com/o/r", True),
        ("https://github.com/**", "https://github.com/o/r", True),
        ("https://git.example.com/**", "https://git.example.com/a/b/c.git//d", True),
        ("git@github.com:o/*", "ssh://git@github.com/o/r", True),
        ("file:///srv/*", "file:///srv/r.git", True),
        ("https://github.com/o/r", "https://github.com/o/r-evil", False),
        ("https://github.com/o/r", "https://github.com/o/R", False),
        ("https://github.com/o/*", "https://github.com/other/r", False),
        ("https://git.example.com/*", "https://git.example.com/a/b.git", False),
        ("https://github.com/o/*", "git@github.com:o/r", False),
        ("https://github.com/o/*", "http://github.com.evil.example/o/r", False),
        ("https://github.com/o/r", "https://me@github.com/o/r", False),
    ],
)
def test_a_pattern_allows_the_repositories_that_it_names(pattern: str, written: str, allowed: bool) -> None:
    assert (_why(f"{written}?ref={_COMMIT}", RemoteRule(pattern)) == "") is allowed


@pytest.mark.parametrize(
    ("ref", "commits_only", "tags_too"),
    [
        (f"?ref={_COMMIT}", True, True),
        (f"?version={_COMMIT}", True, True),
        (f"?ref={_COMMIT}{_COMMIT[:24]}", True, True),
        ("?ref=v1.2.0", False, True),
        (f"?ref={_COMMIT.upper()}", False, True),
        (f"?ref={_COMMIT[:12]}", False, True),
        ("?ref=", False, False),
        ("", False, False),
        ("?ref=-v", False, False),
        ("?ref=a%20b", False, False),
        ("?ref=a%0ab", False, False),
    ],
)
def test_only_what_is_pinned_is_allowed(ref: str, commits_only: bool, tags_too: bool) -> None:
    url = f"https://github.com/o/r{ref}"
    assert (_why(url, RemoteRule("https://github.com/o/*")) == "") is commits_only
    assert (_why(url, RemoteRule("https://github.com/o/*", tags=True)) == "") is tags_too


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("https://me:secret@example.com/o/r", "a URL holds a password"),
        ("https://example.com/o/r$(x)", "holds characters that fairlead hands to nobody"),
        ("https://example.com/o/r\nx/y", "holds characters that fairlead hands to nobody"),
        ("https://example.com/a.yaml", "single files are never fetched"),
    ],
)
def test_what_no_pattern_can_allow_is_denied(written: str, told: str) -> None:
    assert told in _why(f"{written}?ref={_COMMIT}", RemoteRule("https://**"), RemoteRule("https://example.com/**"))
    assert "secret" not in _why(written)


def test_a_pattern_names_a_host() -> None:
    good = ("https://github.com/o/r", "github.com/o/*", "git@host:o/r", "ssh://git@host:22/o/**", "file:///srv/**")
    assert [is_pattern(text) for text in good] == [True] * len(good)
    bad = ("", "*", "**", "o/r", "https://*/r", "https://**", "https://github.com/", "https://*.example.com/o/r")
    assert [is_pattern(text) for text in bad] == [False] * len(bad)
