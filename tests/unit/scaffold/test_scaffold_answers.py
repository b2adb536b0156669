"""Answers are completed, and refused in words that help, before anything is rendered."""

import pytest

from fairlead.model.errors import UsageError
from fairlead.scaffold.answers import complete, default, problem, questions
from fairlead.scaffold.templates import find, kinds

HOSTILE = (
    "{{ 7*7 }}",
    "{% raw %}",
    '"; rm -rf ~; "',
    "$(id)",
    "`id`",
    "a\nb: c",
    "web\n",
    "web\r",
    "web\x00",
    "../../etc",
    "/etc/passwd",
    "-rf",
    "w\u00e9b",
    "web\u202e",
    "\u0661h",
    "\udc80",
    "a: b",
    "- a",
    "!!python/name:os.system",
    "&a",
    "*a",
    "# a",
    "<script>",
    "a" * 10_000,
    "",
    " ",
)


def by_name(name: str):
    return next(question for question in questions("repo") if question.name == name)


def test_without_answers_every_question_takes_its_default():
    assert complete("repo", {}) == {
        "project_name": "fleet",
        "app": "web",
        "image": "registry.example.com/shop/web",
        "image_tag": "1.0.0",
        "domain": "example.com",
        "kubernetes": "1.34",
        "soak_staging": "0s",
        "soak_production": "1h",
        "production_approvals": 1,
        "owners": "@platform",
        "default_branch": "main",
        "forge": "local",
        "ci": "github",
        "shards": 1,
    }


def test_a_default_follows_the_answers_before_it():
    assert complete("repo", {"app": "shop-api"})["image"] == "registry.example.com/shop/shop-api"
    assert default(by_name("image"), {"app": "cart"}) == "registry.example.com/shop/cart"
    own = {forge: complete("repo", {"forge": forge})["ci"] for forge in ("local", "github", "gitlab", "gitea")}
    assert own == {"local": "github", "github": "github", "gitlab": "gitlab", "gitea": "forgejo"}


def test_a_number_may_come_as_text_from_a_flag():
    assert complete("repo", {"production_approvals": "2"})["production_approvals"] == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("project_name", "My.Fleet_2"),
        ("app", "a"),
        ("app", "a" * 52),
        ("image", "web"),
        ("image", "localhost:5000/web"),
        ("image", "3scale/gateway"),
        ("image", "registry.example.com:443/a/b_c/d--e"),
        ("image_tag", "v1.10.0-rc.1"),
        ("image_tag", "1.10"),
        ("domain", "apps.example.co"),
        ("kubernetes", "1.25"),
        ("soak_staging", "90m"),
        ("soak_production", "7d"),
        ("production_approvals", 0),
        ("owners", "@platform @shop/web-team ops@example.com"),
        ("default_branch", "release/2024"),
        ("shards", 1),
        ("shards", 256),
    ],
)
def test_what_is_usual_is_accepted(name, value):
    assert complete("repo", {name: value})[name] == value


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("project_name", "my fleet", "letters, digits"),
        ("app", "Web", "DNS label"),
        ("app", "1web", "DNS label"),
        ("app", "web-", "DNS label"),
        ("app", "a" * 53, "at most 52"),
        ("app", "no", "YAML"),
        ("app", "null", "YAML"),
        ("image", "registry.example.com/web:1.0", "without tag or digest"),
        ("image", "web@sha256:" + "0" * 64, "without tag or digest"),
        ("image", "Web", "lower case"),
        ("image", "true", "image name"),
        ("image", "1e3", "image name"),
        ("image_tag", "latest", "at least one digit"),
        ("image_tag", "1.0:2", "a tag"),
        ("domain", "localhost", "at least one dot"),
        ("domain", "10.5", "domain name"),
        ("domain", "https://example.com", "domain name"),
        ("kubernetes", "1.24", "from 1.25 on"),
        ("kubernetes", "1.34.1", "minor version"),
        ("kubernetes", 1.34, "put it in quotes"),
        ("soak_staging", "4 hours", "duration"),
        ("soak_staging", 0, "put it in quotes"),
        ("soak_production", "-1h", "duration"),
        ("production_approvals", 11, "from 0 to 10"),
        ("production_approvals", "-1", "from 0 to 10"),
        ("production_approvals", "one", "whole number"),
        ("production_approvals", True, "whole number"),
        ("production_approvals", 1.5, "whole number"),
        pytest.param("production_approvals", 16**9000, "from 0 to 10", id="too long to print"),
        ("owners", "platform", "@organisation/team"),
        ("owners", "@platform, @web", "one space"),
        ("default_branch", "a..b", "branch name"),
        ("default_branch", "a.lock", "branch name"),
        ("default_branch", "refs//x", "branch name"),
        ("default_branch", "HEAD", "branch name"),
        ("shards", 0, "from 1 to 256"),
        ("shards", 257, "from 1 to 256"),
        ("shards", "many", "whole number"),
        ("forge", "gogs", "one of: local, github, gitlab, gitea"),
        ("ci", "jenkins", "one of: github, gitlab, forgejo, none"),
        ("app", None, "must be text"),
        ("app", ["web"], "must be text"),
        ("app", {"a": 1}, "must be text"),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_what_is_accepted(name, value, accepted):
    with pytest.raises(UsageError) as caught:
        complete("repo", {name: value})
    message = caught.value.message
    assert message.startswith(f"{name}: ")
    assert accepted in message
    assert "\n" not in message
    assert len(message) < 400


@pytest.mark.parametrize("name", [question.name for question in questions("repo")])
def test_no_question_takes_a_hostile_answer(name):
    question = by_name(name)
    assert [value for value in HOSTILE if problem(question, value) is None] == []


@pytest.mark.parametrize("value", HOSTILE, ids=ascii)
def test_a_refused_value_is_repeated_inert_and_short(value):
    with pytest.raises(UsageError) as caught:
        complete("repo", {"app": value, value: "x"})
    assert len(caught.value.message.splitlines()) == 2
    assert caught.value.message.replace("\n", "").isprintable()
    assert caught.value.message.isascii()
    assert "49" not in caught.value.message
    assert len(caught.value.message) < 500


def test_an_unknown_name_is_refused_with_the_nearest_one():
    with pytest.raises(UsageError) as caught:
        complete("repo", {"imagetag": "2.0.0"})
    assert caught.value.message == "'imagetag': no such question; did you mean 'image_tag'?"
    assert "image_tag" in caught.value.remedy


def test_all_faults_are_named_at_once():
    with pytest.raises(UsageError) as caught:
        complete("repo", {"colour": "red", "app": "Web", "domain": "x"})
    assert [line.split(":")[0] for line in caught.value.message.splitlines()] == ["'colour'", "app", "domain"]


def test_every_question_says_what_it_asks_and_its_default_is_an_answer_to_it():
    so_far = {}
    for question in questions("repo"):
        assert question.help != question.name
        assert question.choices or "must be" in question.validator
        so_far[question.name] = default(question, so_far)
        assert problem(question, so_far[question.name]) is None


def test_templates_are_found_by_kind_and_a_near_miss_is_named():
    assert "repo" in kinds()
    assert (find("repo") / "copier.yml").is_file()
    with pytest.raises(UsageError) as caught:
        find("rep")
    assert caught.value.remedy == "did you mean 'repo'?"
    with pytest.raises(UsageError) as caught:
        find("../repo")
    assert "'../repo'" in caught.value.message
