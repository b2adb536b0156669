"""Judging and merging by the workflow: stacks, stale judgements, the hook, whose word a trailer is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fairlead.doors.git.repository import Repository
from fairlead.model.errors import ConflictError, DeniedError, GateClosedError, UsageError
from fairlead.model.gates import Carried, Facts, GateState
from fairlead.model.pulls import Draft, Pull, PullState
from fairlead.steps import merging
from fairlead.steps.forging import open_forge
from fairlead.steps.gating import Gating
from fairlead.steps.world import Run, environments, open_world
from fairlead.workflows import pull as workflow
from tests.support import StillClock, commit, new_repo

CONFIG = """\
version: 1
environments:
  dev: {}
  staging: {gates: {soak: 1h}}
  production: {gates: {approvals: 1, freeze: [{start: "2030-01-01", end: "2030-01-02"}]}}
chains: [[dev, staging, production]]
layout: ["apps/{app}/overlays/{env}"]
"""
NOW = 1_750_000_000


def path(env: str) -> str:
    return f"apps/web/overlays/{env}/kustomization.yaml"


class Desk:
    """Somebody at work in a repository."""

    def __init__(self, folder: Path) -> None:
        new_repo(folder, {"fairlead.yaml": CONFIG, **{path(e): "x: 1\n" for e in ("dev", "staging", "production")}})
        self.clock = StillClock(NOW)
        self.world = open_world(Run(folder, clock=self.clock, actor="cid@x.org"))
        self.repo: Repository = self.world.git
        self.forge = open_forge(self.world, environments(self.world).config)
        self.carries = Carried("web: x", "2", holds=True, since=NOW - 7200, evidence="merge")

    @property
    def gating(self) -> Gating:
        def gather(facts, *_):
            return replace(facts, carried=(self.carries,) if facts.source else (), planned=True)

        return Gating(self.world, environments(self.world), self.forge, gather=gather)

    def open(self, source: str, env: str, start: str = "main", **more) -> Pull:
        trailer = f"Fairlead-Promote: web {source} -> {env}\nFairlead-Plan: h-{env}"
        head = f"fairlead/{env}/web"
        oid = commit(self.repo, head, {path(env): "x: 2\n"}, start=start, message=f"promote\n\n{trailer}")
        values = {"body": trailer, "author": "ann@x.org", "plan_id": "p", "hop_id": f"h-{env}"} | more
        return self.forge.ensure(
            Draft(key=f"{source}->{env}", title=f"to {env}", head=head, head_oid=oid, base="main", **values)
        )

    def states(self, pull: Pull) -> dict[str, GateState]:
        return {r.gate: r.state for r in self.gating.judge(pull) if r.state is not GateState.OPEN}

    def prepare(self, number: int) -> merging.Seen:
        return merging.prepare(self.world, self.forge, self.gating, number)

    def merge(self, seen: merging.Seen) -> merging.Merged:
        return merging.merge(self.world, self.forge, self.gating, seen)


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk(tmp_path / "repo")


def test_the_rules_are_those_of_the_branch_not_of_the_pull_request(desk):
    pull = desk.open("staging", "production")
    loose = commit(desk.repo, pull.want.head, {"fairlead.yaml": CONFIG.replace("approvals: 1, ", "")})
    pull = desk.forge.ensure(replace(pull.want, head_oid=loose))
    assert desk.states(pull) == {"approvals": GateState.WAITING, "rules": GateState.WAITING}


def test_the_upper_of_a_stack_waits_and_is_judged_by_its_own_commits_only(desk):
    low = desk.open("dev", "staging")
    high = desk.open("staging", "production", start=low.want.head_oid, below="dev->staging", body="")
    assert [e.name for e in desk.gating.reached(high)] == ["production"]
    assert desk.gating.facts(high, desk.gating.reached(high)[0]).waits_for == ("#1",)
    assert desk.states(high) == {"order": GateState.WAITING, "approvals": GateState.WAITING}
    desk.merge(desk.prepare(low.number))
    assert desk.states(desk.forge.get(high.number)) == {"approvals": GateState.WAITING}


def test_a_gate_that_waits_is_told_with_its_end(desk):
    desk.carries = replace(desk.carries, since=NOW - 600)
    with pytest.raises(GateClosedError, match="soak, waiting: 50m of 1h in dev are left, until 2025-06-15 15:56"):
        desk.prepare(desk.open("dev", "staging").number)


def test_what_was_judged_long_ago_is_judged_again(desk):
    seen = desk.prepare(desk.open("dev", "staging").number)
    desk.carries = replace(desk.carries, holds=False, taken_back=True)
    desk.clock.time += 60
    with pytest.raises(GateClosedError, match="taken back"):
        desk.merge(seen)


def test_an_approval_that_was_withdrawn_meanwhile_counts(desk):
    pull = desk.open("staging", "production")
    desk.forge.review(1, "bob@x.org", approved=True)
    seen = desk.prepare(pull.number)
    desk.forge.review(1, "bob@x.org", approved=False)
    with pytest.raises(GateClosedError, match="requested changes"):
        desk.merge(seen)


def test_a_head_that_changed_meanwhile_is_a_conflict(desk):
    seen = desk.prepare(desk.open("dev", "staging").number)
    newer = commit(desk.repo, "fairlead/staging/web", {path("staging"): "x: 3\n"})
    desk.forge.ensure(replace(seen.pull.want, head_oid=newer))
    with pytest.raises(ConflictError, match="changed meanwhile"):
        desk.merge(seen)


def test_what_stands_on_it_is_built_again_after_the_merge_and_on_a_rerun(desk, monkeypatch):
    called = []
    monkeypatch.setattr(merging, "rebuild_above", lambda repo, forge, pull, drafted: called.append(pull) or ())
    seen = desk.prepare(desk.open("dev", "staging").number)
    done = desk.merge(seen)
    again = desk.merge(desk.prepare(1))
    assert (done.again, again.again) == (False, True)
    assert [p.state for p in called] == [PullState.MERGED] * 2


def test_a_merge_stands_though_what_is_above_can_not_be_built_again(desk, monkeypatch):
    def fail(*args):
        raise ConflictError("moved")

    monkeypatch.setattr(merging, "rebuild_above", fail)
    done = desk.merge(desk.prepare(desk.open("dev", "staging").number))
    assert done.pull.state is PullState.MERGED
    assert done.notes == ("what stood on #1 could not be built again: moved",)


def test_trailers_of_the_forges_own_knowledge_can_not_be_claimed(desk):
    lies = "Fairlead-Approved-By: eve\nFairlead-Merged-By: eve\nFairlead-Requested-By: eve\nFairlead-Pull: 99"
    pull = desk.open("dev", "staging", body=f"Text.\n\n{lies}\nFairlead-Promote: web dev -> staging\r")
    text = merging.message(desk.world, pull)
    assert "eve" not in text
    assert text.endswith("Fairlead-Pull: 1\nFairlead-Requested-By: ann@x.org\nFairlead-Merged-By: cid@x.org\n")
    assert text.count("Fairlead-Promote: web dev -> staging") == 1


def test_one_that_can_not_be_judged_does_not_hide_the_others(desk):
    desk.open("dev", "staging")
    desk.open("staging", "production")
    gating = desk.gating

    def fail(facts: Facts, pull: Pull, *_: object) -> Facts:
        if pull.number == 1:
            raise UsageError("odd")
        return facts

    listing = workflow.listing(desk.world, desk.forge, replace(gating, gather=fail))
    assert [row.pull.number for row in listing.rows] == [2, 1]
    assert listing.notes == ("#1 can't be judged: odd",)


def test_who_asked_may_ask_for_changes_but_not_approve(desk):
    pull = desk.open("dev", "staging", author="CID <cid@X.org>")
    with pytest.raises(DeniedError):
        workflow.review(desk.world, desk.forge, pull.number, approved=True)
    assert len(workflow.review(desk.world, desk.forge, pull.number, approved=False).reviews) == 1


def test_a_head_whose_commits_this_clone_lacks_is_judged_by_its_text(desk):
    pull = desk.open("staging", "production")
    pull = desk.forge.ensure(replace(pull.want, head_oid="1" * 40))
    assert [e.name for e in desk.gating.reached(pull)] == ["production"]
    assert merging.message(desk.world, pull).startswith("to production\n")
