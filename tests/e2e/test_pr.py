"""`fairlead pr` as people run it: what it prints, asks, refuses, and with which exit code."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pexpect
import pytest

from fairlead.cli.main import run
from fairlead.doors.git.repository import Repository
from fairlead.forge.local import LocalForge
from fairlead.model.pulls import Draft, PullState
from tests.support import StillClock, commit, new_repo

CONFIG = """\
version: 1
environments:
  dev: {}
  staging: {gates: {approvals: 1}}
  production: {gates: {approvals: 2}}
chains: [[dev, staging, production]]
layout: ["apps/{app}/overlays/{env}"]
"""


def overlay(env: str, tag: str = "1") -> str:
    return f"resources: [../../base]\nnamespace: {env}\nimages:\n- name: web\n  newTag: '{tag}'\n"


def path(env: str) -> str:
    return f"apps/web/overlays/{env}/kustomization.yaml"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    files = {path(env): overlay(env) for env in ("dev", "staging", "production")}
    new_repo(tmp_path / "repo", {"fairlead.yaml": CONFIG, "apps/web/base/kustomization.yaml": "", **files})
    monkeypatch.chdir(tmp_path / "repo")
    return tmp_path / "repo"


def forge_of(folder: Path) -> LocalForge:
    repo = Repository.open(folder)
    assert repo is not None
    return LocalForge(repo, StillClock())


def open_pull(folder: Path, env: str, tag: str = "2", **more) -> int:
    """A pull request that brings a tag into an environment directly."""
    repo = Repository.open(folder)
    trailers = f"Fairlead-Set: web {env} -> {env}\nFairlead-Approved-By: eve@x.org"
    oid = commit(
        repo, f"fairlead/{env}/web", {path(env): overlay(env, tag)}, start="main", message=f"Set\n\n{trailers}"
    )
    values = {
        "key": f"set {env} web", "title": f"set web in {env}",
        "body": f"| what | to |\n|---|---|\n| tag | {tag} |\n\n{trailers}",
        "base": "main", "author": "ann@x.org", "plan_id": "", "hop_id": tag,
    }  # fmt: skip
    draft = Draft(head=f"fairlead/{env}/web", head_oid=oid, **(values | more))
    return forge_of(folder).ensure(draft).number


def test_no_pull_requests_is_no_error(folder, capsys):
    assert run(["pr", "list"]) == 0
    assert capsys.readouterr() == ("", "no open pull requests (--all shows the others)\n")
    assert run(["pr", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_list_shows_what_each_waits_for(folder, capsys):
    open_pull(folder, "dev")
    open_pull(folder, "staging")
    assert run(["pr", "list"]) == 0
    head, rule, *rows = capsys.readouterr().out.strip().splitlines()
    assert head.split() == ["#", "title", "state", "gates", "by", "updated"]
    assert rows[0].split()[:8] == ["2", "set", "web", "in", "staging", "open", "approvals", "waiting"]
    assert rows[1].split()[:7] == ["1", "set", "web", "in", "dev", "open", "open"]
    assert "\x1b" not in rule


def test_list_all_shows_closed_ones_and_tells_of_damaged_ones(folder, capsys):
    open_pull(folder, "dev")
    forge_of(folder).close(1, "no", "ann")
    repo = Repository.open(folder)
    repo.move("refs/fairlead/pulls/2", repo.tip("main"), "0" * 40)
    assert run(["pr", "list", "--all", "--json"]) == 0
    out, err = capsys.readouterr()
    assert [(p["number"], p["state"], p["closed_why"]) for p in json.loads(out)] == [(1, "closed", "no")]
    assert "pull request 2 can't be read" in err


def test_show_has_gates_text_and_reviews(folder, capsys):
    open_pull(folder, "staging")
    forge_of(folder).review(1, "bob@x.org", approved=True)
    assert run(["pr", "show", "1"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("#1 set web in staging\n  open\n  fairlead/staging/web -> main, asked for by ann@x.org")
    assert "approved by bob@x.org" in out
    assert "| tag | 2 |" in out
    assert "bob@x.org approved" in out
    assert err == "every gate is open: fairlead pr merge 1\n"


def test_show_for_programs(folder, capsys):
    open_pull(folder, "staging")
    assert run(["pr", "show", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["number"], told["environments"], told["mergeable"]) == (1, ["staging"], False)
    assert {g["gate"]: g["state"] for g in told["gates"]} == {
        "order": "open", "soak": "open", "approvals": "waiting", "freeze": "open", "checks": "open",
        "hold": "open", "statuses": "open", "direct": "open", "codeowners": "open", "command": "open",
            "health": "open",
        "plan": "open", "rules": "open",
    }  # fmt: skip


def test_a_touched_environment_counts_though_it_is_not_named(folder, capsys):
    open_pull(folder, "production", body="Fairlead-Set: web dev -> dev")
    assert run(["pr", "show", "1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["environments"] == ["dev", "production"]
    assert not told["mergeable"]


def test_an_unknown_number_is_refused_with_those_that_there_are(folder, capsys):
    open_pull(folder, "dev")
    assert run(["pr", "show", "9"]) == 2
    assert "there are: 1" in capsys.readouterr().err


def test_who_asked_can_not_approve(folder, capsys):
    open_pull(folder, "staging")
    assert run(["--as", "Ann <ANN@x.org>", "pr", "approve", "1"]) == 4
    assert "second person" in capsys.readouterr().err
    assert forge_of(folder).get(1).reviews == ()


def test_approve_then_merge(folder, capsys):
    open_pull(folder, "staging")
    assert run(["--as", "bob@x.org", "pr", "merge", "1", "--yes"]) == 1
    assert "approvals, waiting: 0 of 1 approvals" in capsys.readouterr().err
    assert run(["--as", "bob@x.org", "pr", "approve", "1"]) == 0
    assert run(["--as", "cid@x.org", "pr", "merge", "1", "--yes"]) == 0
    repo = Repository.open(folder)
    assert "merged into main as" in capsys.readouterr().out
    assert (folder / path("staging")).read_text() == overlay("staging", "2")
    assert repo.message(repo.tip("main")).strip().splitlines() == [
        "set web in staging",
        "",
        "| what | to |",
        "|---|---|",
        "| tag | 2 |",
        "",
        "Fairlead-Set: web staging -> staging",
        "Fairlead-Pull: 1",
        "Fairlead-Requested-By: ann@x.org",
        "Fairlead-Approved-By: bob@x.org",
        "Fairlead-Merged-By: cid@x.org",
    ]


def test_merging_again_converges(folder, capsys):
    open_pull(folder, "dev")
    assert run(["pr", "merge", "1", "--yes"]) == 0
    tip = Repository.open(folder).tip("main")
    assert run(["pr", "merge", "1", "--yes"]) == 0
    assert "was merged before" in capsys.readouterr().out
    assert Repository.open(folder).tip("main") == tip


def test_a_request_for_changes_closes_the_gate(folder, capsys):
    open_pull(folder, "dev")
    assert run(["--as", "bob@x.org", "pr", "request-changes", "1"]) == 0
    assert run(["pr", "merge", "1", "--yes"]) == 1
    assert "bob@x.org requested changes" in capsys.readouterr().err


def test_without_a_terminal_merge_needs_yes(folder, capsys, monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    open_pull(folder, "dev")
    assert run(["pr", "merge", "1"]) == 2
    assert "fairlead pr merge 1 --yes" in capsys.readouterr().err
    assert forge_of(folder).get(1).state is PullState.OPEN


def test_a_conflict_is_exit_5_and_changes_nothing(folder, capsys):
    open_pull(folder, "dev")
    repo = Repository.open(folder)
    tip = commit(repo, "main", {path("dev"): overlay("dev", "9")})
    assert run(["pr", "merge", "1", "--yes"]) == 5
    assert path("dev") in capsys.readouterr().err
    assert repo.tip("main") == tip


def test_close_says_why(folder, capsys):
    open_pull(folder, "dev")
    assert run(["pr", "close", "1"]) == 2
    assert run(["pr", "close", "1", "--why", " "]) == 2
    capsys.readouterr()
    assert run(["pr", "close", "1", "--why", "not now"]) == 0
    assert capsys.readouterr().out == "#1 set web in dev: closed (not now)\n"
    assert run(["pr", "merge", "1", "--yes"]) == 5


def test_hostile_text_reaches_no_terminal(folder, capsys):
    open_pull(folder, "dev", title="x\x1b[2Jy\u202e", body="a\x1b]0;t\x07\n", author="ann\x1b[1m@x.org")
    for arguments in (["pr", "list"], ["pr", "show", "1"]):
        assert run(arguments) == 0
        out, err = capsys.readouterr()
        assert not {"\x1b", "\x07", "\u202e"} & set(out + err)


@pytest.mark.parametrize("arguments", [["list"], ["show", "1"], ["approve", "1"], ["merge", "1", "--yes"]])
def test_outside_a_repository_is_exit_2(tmp_path, capsys, arguments):
    assert run(["-C", str(tmp_path), "pr", *arguments]) == 2
    assert "Traceback" not in capsys.readouterr().err


def on_terminal(folder: Path, *arguments: str) -> pexpect.spawn:
    return pexpect.spawn(
        sys.executable, ["-m", "fairlead", *arguments], cwd=str(folder), encoding="utf-8", timeout=20,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "200", "PROMPT_TOOLKIT_NO_CPR": "1"}, dimensions=(40, 200),
    )  # fmt: skip


@pytest.mark.parametrize(("answer", "code"), [("production\r", 0), ("yes\r", 3), ("\x03", 130)])
def test_into_a_protected_environment_its_name_is_typed(folder, answer, code):
    open_pull(folder, "production")
    for who in ("bob@x.org", "cid@x.org"):
        forge_of(folder).review(1, who, approved=True)
    child = on_terminal(folder, "pr", "merge", "1")
    child.expect("Type production")
    child.send(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == code
    assert forge_of(folder).get(1).state is (PullState.OPEN if code else PullState.MERGED)


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("\r", 3)])
def test_elsewhere_a_yes_is_enough_and_the_default_is_no(folder, answer, code):
    open_pull(folder, "dev")
    child = on_terminal(folder, "pr", "merge", "1")
    child.expect("Merge #1")
    child.send(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == code


# ── by hand, statuses, emergencies ──


def test_a_branch_made_by_hand_is_opened_brought_up_to_date_and_judged(folder, capsys):
    repo = Repository.open(folder)
    commit(repo, "mine", {path("production"): overlay("production", "3")}, start="main", message="fix: it\n\nWhy.")
    assert run(["--as", "ann@x.org", "pr", "open", "mine"]) == 0
    out, err = capsys.readouterr()
    assert out == "#1  fix: it  [mine]\n"
    assert err.startswith("still waiting: approvals (0 of 2 approvals")
    new = commit(repo, "mine", {path("production"): overlay("production", "4")}, message="fix: again")
    assert run(["--as", "ann@x.org", "pr", "open", "mine", "--title", "Mine"]) == 0
    pull = forge_of(folder).get(1)
    assert (pull.want.title, pull.want.head_oid, pull.want.author) == ("Mine", new, "ann@x.org")


@pytest.mark.parametrize("name", ["main", "nothing", "fairlead/dev/web", "--all"])
def test_branches_that_are_none_to_open(folder, capsys, name):
    open_pull(folder, "dev")
    assert run(["pr", "open", "--", name]) == 2
    assert "error: " in capsys.readouterr().err


def test_a_status_is_recorded_on_a_commit(folder, capsys):
    assert run(["--as", "ci@x.org", "pr", "status", "main", "ci/test", "success", "--text", "312 tests"]) == 0
    oid = Repository.open(folder).tip("main")
    assert capsys.readouterr().out == f"ci/test of {oid[:12]}: success\n"
    (status,) = forge_of(folder).statuses(oid)
    assert (status.context, str(status.state), status.author, status.text) == (
        "ci/test", "success", "ci@x.org", "312 tests",
    )  # fmt: skip
    assert run(["pr", "status", "nothing", "ci/test", "success"]) == 2
    assert run(["pr", "status", "main", "ci/test", "splendid"]) == 2


def test_an_emergency_needs_a_reason_and_is_shown_in_the_history(folder, capsys):
    open_pull(folder, "production")
    assert run(["pr", "merge", "1", "--yes", "--emergency"]) == 2
    assert "an emergency needs a reason" in capsys.readouterr().err
    assert run(["pr", "merge", "1", "--yes", "--emergency", "--reason", "it burns"]) == 0
    assert "skipped: approvals, waiting: 0 of 2 approvals" in capsys.readouterr().err
    assert run(["history", "web", "production", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)["records"][0]
    assert (record["emergency"], record["reason"]) == ("approvals", "it burns")


def test_nothing_is_held_and_nothing_can_be_released(folder, capsys):
    assert run(["release"]) == 0
    assert capsys.readouterr().err == "nothing is held\n"
    assert run(["release", "1.1.0", "--reason", "x"]) == 2
    assert "nothing named '1.1.0' is held" in capsys.readouterr().err


def test_the_gate_judges_tells_and_ends_with_1_where_it_is_shut(folder, capsys):
    open_pull(folder, "staging")
    assert run(["gate", "1"]) == 1
    assert capsys.readouterr().out.startswith("reaches staging\n")
    pull = forge_of(folder).get(1)
    (comment,) = pull.comments
    assert (comment.marker, "| approvals | **waits** |" in comment.text) == ("gates", True)
    (status,) = forge_of(folder).statuses(pull.want.head_oid)
    assert (status.context, str(status.state)) == ("fairlead/gate", "pending")
    assert run(["--as", "bob@x.org", "pr", "approve", "1"]) == 0
    assert run(["gate", "1"]) == 0
    (status,) = forge_of(folder).statuses(pull.want.head_oid)
    assert str(status.state) == "success"
    assert len(forge_of(folder).get(1).comments) == 1


def test_the_gate_judges_a_branch_without_a_forge_and_writes_nothing(folder, capsys):
    repo = Repository.open(folder)
    oid = commit(repo, "mine", {path("production"): overlay("production", "3"), "a.md": "a"}, start="main")
    assert run(["gate", "--head", "mine", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["environments"], told["open"]) == (["production"], False)
    assert forge_of(folder).pulls() == ()
    assert forge_of(folder).statuses(oid) == ()
    commit(repo, "words", {"b.md": "b"}, start="main")
    assert run(["gate", "--head", "words"]) == 0
    assert capsys.readouterr().out == "changes no environment: nothing to wait for\n"


@pytest.mark.parametrize("words", [[], ["1", "--head", "main"], ["7"], ["--head", "nothing"]])
def test_gates_of_nothing(folder, capsys, words):
    assert run(["gate", *words]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_a_version_set_by_hand_has_no_plan_to_show(folder, capsys):
    open_pull(folder, "dev")
    assert run(["pr", "show", "1", "--plan"]) == 2
    assert "#1 has no plan" in capsys.readouterr().err


@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1), ("rebase", 1)])
def test_merge_by_method(folder, capsys, method, parents):
    open_pull(folder, "dev")
    assert run(["pr", "merge", "1", "--yes", "--method", method]) == 0
    repo = Repository.open(folder)
    assert repo is not None
    assert len(repo.git.text("rev-list", "--parents", "-n", "1", "main").split()) == parents + 1
    assert run(["pr", "merge", "1", "--yes", "--method", method]) == 0
    assert "was merged before" in capsys.readouterr().out
