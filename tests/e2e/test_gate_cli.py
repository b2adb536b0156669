"""`fairlead gate --all-open`, `--merge-group` and `fairlead pr auto` as people and CI run them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fairlead.cli.main import run
from fairlead.model.pulls import Protection
from fairlead.steps.vouching import lacking
from tests.promotions import CONFIG, Desk, git

APPROVED = CONFIG.replace("staging: {}", "staging: {gates: {approvals: 1}}")


@pytest.fixture
def folder(tmp_path, monkeypatch, capsys) -> Path:
    desk = Desk.make(tmp_path / "repo", config=APPROVED)
    desk.set("1.1.0")
    monkeypatch.chdir(desk.folder)
    assert run(["--as", "ann@x.org", "promote", "web", "--through", "production", "--yes"]) == 0
    capsys.readouterr()
    return desk.folder


def told(capsys, *words: str) -> dict:
    assert run(["gate", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_all_open_ends_with_0_and_tells_each(folder, capsys):
    assert run(["gate", "--all-open"]) == 0
    head, _, first, *_ = capsys.readouterr().out.splitlines()
    assert head.split() == ["#", "title", "gate", "waits", "for", "done"]
    assert first.split()[:2] == ["1", "chore(staging):"]
    rows = told(capsys, "--all-open")["pulls"]
    assert [(r["number"], r["state"], r["done"], r["error"]) for r in rows] == [
        (1, "pending", [], None),
        (2, "pending", [], None),
    ]


def test_what_is_set_to_merge_by_itself_is_merged_with_all_above_it(folder, capsys):
    assert run(["pr", "auto", "1", "--method", "squash"]) == 0
    out, err = capsys.readouterr()
    assert out.endswith(": merged (squash) as soon as every gate is open\n")
    assert err.startswith("still waiting: approvals (0 of 1")
    assert run(["pr", "show", "1"]) == 0
    assert "  merged by itself (squash) as soon as every gate is open\n" in capsys.readouterr().out
    assert run(["pr", "auto", "2"]) == 0
    assert run(["pr", "auto", "2", "--off"]) == 0
    assert run(["--as", "bob@x.org", "pr", "approve", "1"]) == 0
    capsys.readouterr()
    rows = told(capsys, "--all-open")["pulls"]
    assert [(r["pull"], r["auto"]) for r in rows] == [("merged", "squash"), ("open", "")]
    assert git(folder, "log", "-1", "--format=%P", "main").count(" ") == 0


def test_a_group_ends_with_1_where_one_of_it_waits(folder, capsys):
    head = git(folder, "rev-parse", "fairlead/staging/web")
    assert run(["gate", "--merge-group", head]) == 1
    out = capsys.readouterr().out
    assert out.startswith("merge group of #1\nreaches staging\n")
    assert "#1: 0 of 1 approvals" in out


def test_one_that_can_not_be_judged_gives_its_exit_code_and_the_others_are_judged(folder, capsys, monkeypatch):
    from fairlead.model.errors import WorldError
    from fairlead.steps.sweeping import Sweep

    real = Sweep._judged

    def judged(self, pull):
        if pull.number == 1:
            raise WorldError("no answer")
        return real(self, pull)

    monkeypatch.setattr(Sweep, "_judged", judged)
    assert run(["gate", "--all-open"]) == 6
    out, err = capsys.readouterr()
    assert "error" in out
    assert "pending" in out
    assert err == "error: #1: no answer\n"


@pytest.mark.parametrize(
    "words",
    [["--all-open", "1"], ["--merge-group", "nothing"], ["--merge-group", "refs/merge-requests/1/train"], ["1", "2"]],
)
def test_what_can_not_be_asked(folder, capsys, words):
    assert run(["gate", *words]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_auto_merge_of_nothing(folder, capsys):
    assert run(["pr", "auto", "7"]) == 2
    assert run(["pr", "close", "1", "--why", "x"]) == 0
    assert run(["pr", "auto", "1"]) == 5
    assert "is closed" in capsys.readouterr().err


class Other:
    kind = "github"

    def __init__(self, **rules) -> None:
        self._rules = Protection(**({"known": True} | rules))

    def protection(self, branch: str) -> Protection:
        return self._rules


def test_a_branch_that_does_not_wait_for_the_gate_is_told():
    assert lacking(Other(), "main") == (
        "main does not require fairlead/gate: a merge on the forge's own page asks no gate: "
        "require it; docs/howto/ci.md has the rules to import"
    )
    required = ("fairlead/gate",)
    assert lacking(Other(required=required), "main").startswith("main requires fairlead/gate, from whoever sets it")
    assert lacking(Other(required=required, pinned=required), "main").startswith("main requires fairlead/gate, and can")
    assert lacking(Other(required=required, pinned=required, pushes=False), "main") == ""
    assert lacking(Other(known=False), "main") == ""
