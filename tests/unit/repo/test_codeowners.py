"""CODEOWNERS as three kinds of forges read it."""

import pytest

from fairlead.repo.codeowners import Owned, find, read


def owners(text, *paths, at="CODEOWNERS"):
    return read(at, text.encode()).of(paths)


@pytest.mark.parametrize(
    ("pattern", "path", "owned"),
    [
        ("*", "a/b/c.yaml", True),
        ("*.yaml", "a/b/c.yaml", True),
        ("*.yaml", "a/b/c.yml", False),
        ("/build/logs/", "build/logs/a", True),
        ("/build/logs/", "x/build/logs/a", False),
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/b/a.md", False),
        ("docs/*", "x/docs/a.md", False),
        ("apps/", "x/apps/web/a.yaml", True),
        ("/docs/", "docs/b/a.md", True),
        ("/apps/github", "apps/github/a", True),
        ("/apps/github", "apps/githubber", False),
        ("**/logs", "build/x/logs/a", True),
        ("apps/*/overlays/prod*", "apps/web/overlays/production/k.yaml", True),
        ("apps/**/production", "apps/a/b/production/k.yaml", True),
        ("apps/web?", "apps/web1/a", True),
        ("a\\ b/", "x/a b/c", True),
        ("[ab].txt", "a.txt", False),
    ],
)
def test_patterns(pattern, path, owned):
    assert bool(owners(f"{pattern} @ann", path)) is owned


def test_the_last_rule_counts_and_may_say_nobody():
    text = "* @all\n/apps/ @ann bo@example.com # the apps\n/apps/free/\n# nothing\n"
    assert owners(text, "README.md", "apps/a", "apps/free/a", "apps/b") == (
        Owned(("README.md",), ("@all",)),
        Owned(("apps/a", "apps/b"), ("@ann", "bo@example.com")),
    )


def test_sections_of_gitlab_all_count_and_optional_ones_do_not():
    text = "* @all\n[Security][2] @sec\n/apps/\n/apps/web/ @websec\n^[Docs]\n*.md @docs\n[security]\n!/apps/free/\n"
    assert owners(text, "apps/api/a.md") == (
        Owned(("apps/api/a.md",), ("@all",)),
        Owned(("apps/api/a.md",), ("@sec",), "Security", 2),
    )
    assert owners(text, "apps/web/a") == (
        Owned(("apps/web/a",), ("@all",)),
        Owned(("apps/web/a",), ("@websec",), "Security", 2),
    )
    assert owners(text, "apps/free/a") == (Owned(("apps/free/a",), ("@all",)),)


def test_expressions_of_gitea_all_count():
    text = ".*\\.yaml @ann\n!apps/.* @bo\nbase/(.* @broken\n"
    found = read(".gitea/CODEOWNERS", text.encode())
    assert found.of(["base/a.yaml"]) == (Owned(("base/a.yaml",), ("@ann",)), Owned(("base/a.yaml",), ("@bo",)))
    assert found.of(["apps/a.yaml"]) == (Owned(("apps/a.yaml",), ("@ann",)),)
    assert found.faults[0].startswith(".gitea/CODEOWNERS:3: ")


def test_where_it_stands():
    assert find({"docs/CODEOWNERS", "CODEOWNERS"}.__contains__) == "CODEOWNERS"
    assert find(set().__contains__) == ""
