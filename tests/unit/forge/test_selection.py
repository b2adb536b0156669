"""Which forge a clone works with, and to whom a token goes."""

from __future__ import annotations

import pytest

from fairlead.forge import tokens
from fairlead.forge.selection import Place, Remote, choose, page, remote
from fairlead.model.errors import ConfigError, DeniedError
from fairlead.repo.config import ForgeRules

KNOWN = ("local", "gitea", "github", "gitlab")
CODEBERG = "https://codeberg.org/shop/environments.git"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://codeberg.org/shop/environments.git", Remote("https://codeberg.org", "shop/environments")),
        ("https://me:secret@git.example.org:3000/a/b", Remote("https://git.example.org:3000", "a/b")),
        ("http://127.0.0.1:3000/a/b.git", Remote("http://127.0.0.1:3000", "a/b")),
        ("ssh://git@git.example.org:2222/a/b.git", Remote("https://git.example.org", "a/b")),
        ("git@gitlab.com:group/sub/b.git", Remote("https://gitlab.com", "group/sub/b")),
        ("ssh://git@ssh.github.com:443/a/b.git", Remote("https://github.com", "a/b")),
        ("git.example.org:a/b", Remote("https://git.example.org", "a/b")),
        ("/srv/git/b.git", Remote()),
        ("../b.git", Remote()),
        ("C:/git/b.git", Remote()),
        ("file:///srv/git/b.git", Remote()),
        ("", Remote()),
    ],
)
def test_a_remote_url_is_read_in_any_of_gits_forms(url, expected):
    assert remote(url) == expected


def test_without_a_word_it_is_the_local_forge_wherever_the_clone_is_from():
    assert choose(ForgeRules(), "https://github.com/shop/environments", KNOWN) == Place("local")


@pytest.mark.parametrize(
    ("rules", "origin", "expected"),
    [
        (ForgeRules("auto"), CODEBERG, Place("gitea", "https://codeberg.org", "shop/environments")),
        (ForgeRules("gitea"), "git@git.me.org:a/b.git", Place("gitea", "https://git.me.org", "a/b")),
        (ForgeRules("auto"), "git@github.com:a/b.git", Place("github", "https://github.com", "a/b")),
        (ForgeRules("auto"), "https://shop.ghe.com/a/b", Place("github", "https://shop.ghe.com", "a/b")),
        (ForgeRules("gitea", project="x/y"), "git@git.me.org:a/b.git", Place("gitea", "https://git.me.org", "x/y")),
        (
            ForgeRules("gitea", url="https://me.org/git/"), "https://me.org/git/a/b",
            Place("gitea", "https://me.org/git", "a/b"),
        ),
    ],
)  # fmt: skip
def test_what_the_configuration_does_not_say_the_remote_does(rules, origin, expected):
    assert choose(rules, origin, KNOWN) == expected


@pytest.mark.parametrize(
    ("rules", "origin", "said"),
    [
        (ForgeRules("auto"), "https://git.example.org/a/b", "can't be told"),
        (ForgeRules("auto"), "", "can't be told"),
        (ForgeRules("bitbucket"), CODEBERG, "no forge 'bitbucket'"),
        (ForgeRules("gitea"), "/srv/a/b.git", "no web address"),
        (ForgeRules("gitea"), "http://git.example.org/a/b", "others can read"),
        (ForgeRules("gitea"), "https://git.example.org/b", "project is not known"),
        (ForgeRules("gitea", project="../../x"), CODEBERG, "project is not known"),
        (ForgeRules("gitea", url="https://x@codeberg.org"), CODEBERG, "no web address"),
    ],
)
def test_what_can_not_be_is_refused(rules, origin, said):
    with pytest.raises(ConfigError, match=said) as caught:
        choose(rules, origin, KNOWN)
    assert caught.value.remedy


def test_a_repository_can_not_lead_the_token_to_another_host():
    rules = ForgeRules("gitea", url="https://evil.example")
    with pytest.raises(DeniedError, match=r"evil\.example"):
        choose(rules, CODEBERG, KNOWN)
    assert choose(rules, CODEBERG, KNOWN, "https://evil.example").url == "https://evil.example"


# ── tokens ──


def found(kind: str, url: str, **variables: str) -> tuple[str, str]:
    search = tokens.look(kind, url, variables)
    return (search.token.value, search.token.source) if search.token else ("", "; ".join(search.passed))


def test_the_first_variable_counts():
    known = {"GITEA_TOKEN": "b", "FORGEJO_TOKEN": "c"}
    assert found("gitea", "https://codeberg.org", **known) == ("b", "GITEA_TOKEN")
    assert found("gitea", "https://codeberg.org", **known, FAIRLEAD_TOKEN="a") == ("a", "FAIRLEAD_TOKEN")


def test_a_variable_goes_to_the_host_that_it_is_meant_for_alone():
    url = "https://git.example.org"
    assert found("gitea", url, GITEA_TOKEN="b") == (
        "", f"GITEA_TOKEN is not sent to git.example.org: if it is meant for it, set FAIRLEAD_FORGE_URL={url}",
    )  # fmt: skip
    for name in ("FAIRLEAD_FORGE_URL", "GITHUB_SERVER_URL", "CI_SERVER_URL"):
        assert found("gitea", url, GITEA_TOKEN="b", **{name: url}) == ("b", "GITEA_TOKEN")
    assert found("gitea", url, GITEA_TOKEN="b", FAIRLEAD_FORGE_URL="https://other.org")[0] == ""


def test_gits_credential_helper_is_asked_for_the_host_and_nobody_else_is(tmp_path, monkeypatch):
    config = tmp_path / "config"
    config.write_text(
        '[credential "https://git.example.org"]\n'
        '  helper = "!f() { echo username=me; echo password=from-helper; }; f"\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".gitconfig").write_text(config.read_text())
    assert found("gitea", "https://git.example.org") == ("from-helper", "git credential fill")
    assert found("gitea", "https://other.example.org") == ("", "")


def test_a_forges_own_command_is_asked(tmp_path, monkeypatch):
    program = tmp_path / "gh"
    program.write_text('#!/bin/sh\n[ "$*" = "auth token --hostname github.com" ] && echo from-gh\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert found("github", "https://github.com") == ("from-gh", "gh auth token")


def test_on_github_the_variables_are_those_of_gh():
    both = {"GH_TOKEN": "a", "GITHUB_TOKEN": "b"}
    assert found("github", "https://github.com", **both, GH_ENTERPRISE_TOKEN="e") == ("a", "GH_TOKEN")
    url = "https://git.example.org"
    there = {**both, "GH_ENTERPRISE_TOKEN": "e", "GH_HOST": "git.example.org"}
    assert found("github", url, **there) == ("e", "GH_ENTERPRISE_TOKEN")
    assert found("github", url, **(there | {"GH_ENTERPRISE_TOKEN": ""})) == ("b", "GITHUB_TOKEN")
    assert found("github", url, **(there | {"GH_HOST": "other.example.org"}))[0] == ""
    assert found("github", "https://github.com", GH_ENTERPRISE_TOKEN="e") == ("", "")


def test_a_token_is_never_shown():
    search = tokens.look("gitea", "https://codeberg.org", {"GITEA_TOKEN": "s3cr3t"})
    assert "s3cr3t" not in repr(search)
    assert tokens.look("gitea", "https://codeberg.org", {"GITEA_TOKEN": "a\nb"}).passed


@pytest.mark.parametrize(
    ("kind", "expected"), [("gitea", "/pulls/7"), ("github", "/pull/7"), ("gitlab", "/-/merge_requests/7")]
)
def test_people_see_a_pull_request_on_its_page(kind, expected):
    assert page(Place(kind, "https://git.example.org", "shop/env"), 7) == f"https://git.example.org/shop/env{expected}"
