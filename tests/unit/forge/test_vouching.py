"""`fairlead doctor` on a forge: whose token it is, what that may do, and whether the branch demands the gate."""

import threading
from types import SimpleNamespace

import pytest

from fairlead.model.errors import DeniedError
from fairlead.model.pulls import Protection, Right
from fairlead.steps import vouching
from fairlead.steps.forging import Login
from fairlead.steps.vouching import Word, asked, own_token

GATE = "fairlead/gate"
MAY = (Right("merge", True),)
FINE = Protection(known=True, required=("ci", GATE), pinned=(GATE,), pushes=False)


def login(kind, source):
    return Login(kind, "https://git.example.org", "shop/fleet", source, (), ())


@pytest.mark.parametrize(
    ("kind", "source", "variables", "other"),
    [
        ("github", "GITHUB_TOKEN", {"GITHUB_ACTIONS": "true"}, "GitHub App"),
        ("gitea", "FORGEJO_TOKEN", {"GITHUB_ACTIONS": "true"}, "account of its own"),
        ("gitlab", "CI_JOB_TOKEN", {"GITLAB_CI": "true"}, "project access token"),
        ("github", "GITHUB_TOKEN", {}, ""),
        ("github", "FAIRLEAD_TOKEN", {"GITHUB_ACTIONS": "true"}, ""),
        ("gitlab", "GITLAB_TOKEN", {"GITLAB_CI": "true"}, ""),
    ],
)
def test_a_workflow_s_own_token_is_told_by_where_it_comes_from(kind, source, variables, other):
    told = own_token(login(kind, source), variables)
    assert ("start no workflow" in told, other in told) == (bool(other), True)


@pytest.fixture
def ask(monkeypatch):
    """What is said of a forge of a kind, with these rights and this protection."""

    def said(kind, protection=FINE, rights=MAY, opens=None):
        forge = SimpleNamespace(kind=kind, rights=lambda: rights, protection=lambda branch: protection)
        monkeypatch.setattr(vouching, "connected", opens or (lambda world, config: forge))
        monkeypatch.setattr(vouching, "environments", lambda world: SimpleNamespace(branch="main"))
        return asked(None, None, 1.0)

    return said


def test_all_well_is_said_in_two_lines(ask):
    assert ask("github") == (Word("rights", "may merge"), Word("branch", "main requires fairlead/gate"))


@pytest.mark.parametrize(
    ("kind", "protection", "state", "remedy"),
    [
        ("github", Protection(known=False), "may not be read", "see that it requires fairlead/gate"),
        ("gitlab", Protection(known=True, required=("ci",)), "does not require fairlead/gate", "docs/howto/ci.md"),
        ("github", Protection(known=True, required=(GATE,)), "any workflow can", "integration_id"),
        ("gitea", Protection(known=True, required=(GATE,)), "can be pushed to past it", "pull request"),
        ("gitea", Protection(known=True, required=(GATE,), pushes=False, queue=True), "and queues merges", ""),
    ],
)
def test_what_the_branch_lacks_is_said_with_what_to_do(ask, kind, protection, state, remedy):
    *_, word = ask(kind, protection)
    assert (word.what, state in word.state, remedy in word.remedy) == ("branch", True, True), word
    assert bool(word.remedy) == bool(remedy)


def test_rights_that_are_lacking_or_unknown_have_a_line_each(ask):
    rights = (Right("merge", True), Right("push", False, "give it write"), Right("label", None, "look"))
    assert ask("gitea", rights=rights)[:3] == (
        Word("rights", "push: not allowed", "give it write"),
        Word("rights", "label: can't be told", "look"),
        Word("rights", "may merge"),
    )


def test_a_refusal_and_a_forge_that_never_answers_are_lines_too(ask):
    def refuse(world, config):
        raise DeniedError("the token is not accepted", remedy="make a new one")

    assert ask("gitea", opens=refuse) == (Word("asked", "the token is not accepted", "make a new one"),)
    silence = threading.Event()

    def wait(world, config):
        silence.wait(20)
        return refuse(world, config)

    (word,) = ask("gitea", opens=wait)
    silence.set()
    assert word.state == "no answer within 1 seconds"
