"""A pull request that changes what it is judged by: the branch's rules hold, and it needs other people's word."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fairlead.model.gates import GateState
from fairlead.model.pulls import Pull
from fairlead.repo.config import read
from fairlead.repo.rule_files import ruling
from fairlead.steps import ci
from fairlead.steps.gating import open_gating
from fairlead.steps.world import environments
from fairlead.workflows import gate
from tests.git.test_gating import approve, by_hand, gated, shut
from tests.promotions import CONFIG, Desk, git, overlay, path

OWN = "production: {match: [prod], gates: {approvals: 1, freeze: [{calendar: ops/freezes.ics}]}, direct: deny}"
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Freeze\r\n"
    "DTSTART:20250601T000000Z\r\nDTEND:20250701T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def desk(tmp_path) -> Desk:
    made = Desk.make(tmp_path / "repo", config=CONFIG.replace("production: {match: [prod]}", OWN))
    made.change({"ops/freezes.ics": CALENDAR, "CODEOWNERS": "* @ann\n", ".github/workflows/gate.yml": "on: push\n"})
    return made


def told(desk: Desk, pull: Pull) -> dict[str, str]:
    """gate -> what it says, of those that are not open."""
    world = desk.world
    found = open_gating(world, environments(world), desk.forge(world)).judge(pull)
    return {r.gate: r.message for r in found if r.state is not GateState.OPEN}


LAX = CONFIG.replace("production: {match: [prod]}", "production: {match: [prod], direct: allow}")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fairlead.yaml", LAX),
        ("fairlead.yaml", None),
        ("apps/fairlead.yaml", LAX),
        ("CODEOWNERS", "* @eve\n"),
        (".github/CODEOWNERS", "* @eve\n"),
        ("ops/freezes.ics", CALENDAR.replace("2025", "2005")),
        (".github/workflows/gate.yml", "on: never\n"),
        (".forgejo/workflows/x.yml", "on: push\n"),
    ],
)
def test_a_change_of_the_rules_alone_is_told_and_waits_for_somebody_else(desk, name, text):
    pull = by_hand(desk, {name: text})
    assert told(desk, pull) == {
        "rules": f"production: it changes the rules ({name}): 0 of 1 approvals that production asks for that"
    }
    approve(desk, pull.number)
    assert told(desk, desk.forge().get(pull.number)) == {}


def test_what_it_brings_along_is_judged_by_the_rules_of_the_branch(desk):
    files = {"fairlead.yaml": LAX, "ops/freezes.ics": None, path("production"): overlay("production", "6.6.6")}
    pull = by_hand(desk, files)
    assert set(told(desk, pull)) == {"direct", "approvals", "rules", "freeze"}


def test_what_ci_has_checked_out_does_not_say_which_branch_has_the_rules(desk, monkeypatch):
    """The head names itself as the branch that holds the environments, and is what is checked out."""
    head = by_hand(desk, {"fairlead.yaml": LAX.replace("version: 1\n", "version: 1\nbranch: hand\n")}).want.head_oid
    git(desk.folder, "checkout", "-q", "--detach", head)
    assert environments(desk.world).branch == "hand"
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    here = environments(ci.world(desk.world.run))
    assert (here.branch, here.config.environment("production").direct) == ("main", "deny")


def test_the_default_branch_says_it_and_not_the_one_that_is_entered(desk, monkeypatch, tmp_path):
    """Whoever may push to some branch could have its rules call a head good that enters main next."""
    git(desk.folder, "branch", "mine")
    desk.change({"fairlead.yaml": LAX}, branch="mine")
    pull = by_hand(desk, {path("production"): overlay("production", "6.6.6")})
    other = desk.forge().ensure(replace(pull.want, key="other", base="mine"))
    event = tmp_path / "event.json"
    monkeypatch.setenv("GITHUB_BASE_REF", "mine")
    monkeypatch.setenv("GITHUB_EVENT_PATH", str(event))
    for text in (
        '{"repository": {"default_branch": "main"}}',
        "[]",
        "no json",
        '{"repository": {"default_branch": 7}}',
    ):
        event.write_text(text)
        here = ci.world(desk.world.run)
        if "main" in text:
            assert environments(here).branch == "main"
            assert gate.run(here, desk.forge(here), other.number).gates == ()
            assert desk.forge().statuses(pull.want.head_oid) == ()
            assert not gate.run(here, desk.forge(here), pull.number).open
    monkeypatch.setenv("CI_DEFAULT_BRANCH", "main")
    assert ci.world(desk.world.run).run.branch == "main"
    monkeypatch.setenv("FAIRLEAD_BRANCH", "mine")
    assert ci.world(desk.world.run).run.branch == "mine"


def test_environments_that_nothing_guards_ask_for_nobody(tmp_path):
    desk = gated(tmp_path, "", ", direct: allow, protected: false")
    pull = by_hand(desk, {"fairlead.yaml": CONFIG})
    assert shut(desk, pull.number) == {}


def test_owners_of_the_rules_are_asked_where_owners_are(tmp_path):
    desk = gated(tmp_path, "codeowners: true", ", direct: allow", {"CODEOWNERS": "* @ann\n/fairlead.yaml @bob\n"})
    pull = by_hand(desk, {"fairlead.yaml": CONFIG})
    assert told(desk, pull) == {"codeowners": "production: @bob must approve"}


RULES = """\
version: 1
environments:
  dev: {}
  prod: {gates: {command: [./ops/ok.sh, -v], freeze: [{calendar: cal/a.ics}], health: {command: [ops/up.sh]}}}
chains: [[dev, prod]]
apps: {"pay-*": {gates: {freeze: [{calendar: cal/pay.ics}]}}}
check:
  baseline: known.json
  policies: ["rules/*.yaml"]
  schema_locations: ["schemas/{group}/{kind}.json", default]
"""


def test_every_file_that_judges_is_one():
    config = read(RULES.encode())
    mine = [
        "ops/ok.sh",
        "ops/up.sh",
        "cal/a.ics",
        "cal/pay.ics",
        "known.json",
        "rules/x.yaml",
        "schemas/a/b.json",
        ".gitlab-ci.yml",
    ]
    others = ["apps/web/overlays/prod/kustomization.yaml", "README.md", "ops/other.sh", "cal/b.ics", "docs/x.md"]
    assert ruling(config, (*mine, *others)) == tuple(mine)
