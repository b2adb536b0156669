"""`fairlead explain` as people and programs run it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from fairlead.report.explanation_schema import SCHEMA
from tests.e2e.sealed import fairlead
from tests.promotions import CONFIG, Desk, overlay, path, texts
from tests.support import new_repo

ENTRY = "images[example.com/web].newTag"


@pytest.fixture
def folder(tmp_path) -> Path:
    config = CONFIG + "promote:\n  own:\n  - {field: '*LOG*', env: staging}\n  carry: ['*LOG*']\n"
    new_repo(tmp_path / "r", texts("web", "api", config=config))
    desk = Desk(tmp_path / "r")
    more = 'configMapGenerator:\n- name: web\n  literals: [LOG=a, "NOTE={}"]\n'
    desk.change({path("dev"): overlay("dev", "1.0.0", more.format("\\e[31mred\\u202e"))})
    desk.change({path("staging"): overlay("staging", "1.0.0", more.replace("LOG=a", "LOG=b").format("plain"))})
    desk.set("1.1.0")
    return tmp_path / "r"


def said(folder: Path, *arguments: str, code: int = 0) -> tuple[str, str]:
    done = fairlead(*arguments, cwd=folder)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


@pytest.mark.parametrize(("word", "kind"), [("dead-patch", "rule"), ("soak", "gate"), ("mutable-tag", "rule")])
def test_a_rule_or_gate_needs_no_repository(tmp_path, word, kind):
    assert said(tmp_path, "explain", word)[0].startswith(f"# {word} ({kind})\n")


def test_a_field_with_the_line_that_decided(folder):
    out, _ = said(folder, "explain", "LOG", "web", "staging")
    assert "\n  keep (owned): fairlead.yaml: promote.own '*LOG*' for env staging; decided by " in out
    assert "\n  configured: promote.own '*LOG*' for env staging (fairlead.yaml:7:5)\n" in out
    assert "\n  overruled:  promote.carry '*LOG*' (fairlead.yaml:8:11)\n" in out
    assert f"\n  source {path('dev')}:9:14   target {path('staging')}:9:14\n" in out
    assert "staging: (absent) -> LOG=b  change " in out


def test_the_same_by_promote_and_for_programs(folder):
    told = said(folder, "explain", "newTag", "web", "staging")[0]
    assert said(folder, "promote", "web", "--to", "staging", "--explain", "newTag")[0] == told
    (found,) = json.loads(said(folder, "explain", "newTag", "web", "staging", "--json")[0])["differing"]
    assert (found["field"], found["old"], found["new"]) == (f"kustomization.yaml: {ENTRY}", "1.0.0", "1.1.0")
    assert (found["class"], found["verdict"], found["base"], found["rules"]) == ("version", "promote", None, [])
    assert next((h["env"], h["after"]) for h in found["history"]) == ("dev", "1.1.0")


@pytest.mark.parametrize("words", [("LOG",), ("newTag",), ("count", "web"), ("NOTE", "web", "staging")])
def test_what_programs_read_is_as_published(folder, words):
    data = json.loads(said(folder, "explain", *words, "--json")[0])
    assert list(jsonschema_rs.Draft202012Validator(SCHEMA).iter_errors(data)) == []
    assert data["differing"] or data["equal"]


def test_promote_explains_without_an_app_over_all_apps(folder):
    out, _ = said(folder, "promote", "--explain", "count")
    assert "api  dev -> staging  kustomization.yaml: replicas[web].count" in out
    assert "web  dev -> staging  kustomization.yaml: replicas[web].count" in out


def test_an_equal_field(folder):
    out, _ = said(folder, "explain", "newTag", "api", "staging")
    assert "the same on both sides: '1.0.0'; there is nothing to promote" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("newTga", "web"), f"did you mean 'kustomization.yaml: {ENTRY}'?"),
        (("sok",), "did you mean 'soak'?"),
        (("newTag", "wbe"), "did you mean 'web'?"),
        (("newTag", "web", "stagin"), "did you mean 'staging'?"),
        (("newTag", "web", "dev"), "nothing comes before dev"),
        ((), "Missing argument"),
    ],
)
def test_words_that_mean_nothing(folder, arguments, message):
    assert message in said(folder, "explain", *arguments, code=2)[1]


def test_hostile_values_reach_no_terminal(folder):
    for arguments in (("explain", "NOTE", "web", "staging"), ("status",), ("promote", "web", "--dry-run")):
        out, err = said(folder, *arguments)
        assert not any(sign in out + err for sign in ("\x1b", "\u202e"))
    assert "\\x1b[31mred\\u202e" in said(folder, "explain", "NOTE", "web", "staging")[0]
