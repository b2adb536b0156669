"""The gate on every forge: a stack judged and merged by itself, an approval withdrawn, a commit on top."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from fairlead.doors.git.plumbing import ZERO
from fairlead.model.pulls import GATE, Forge, Method, Pull, PullState, StatusState
from fairlead.steps.routes import Request
from fairlead.steps.sweeping import Row
from fairlead.steps.world import Run, World, open_world
from fairlead.workflows import gate, promote, pull
from tests.contract.test_forge import FORGES, Place
from tests.forges.github import server as github
from tests.promotions import CONFIG, overlay, path, texts

GATED = CONFIG.replace("staging: {}", "staging: {gates: {approvals: 1}}")


@dataclass
class Shop:
    """Environments on a forge; every command has a world and a connection of its own."""

    place: Place

    @property
    def world(self) -> World:
        return open_world(Run(Path(self.place.repo.root), clock=self.place.clock, actor="ann@example.org"))

    @property
    def forge(self) -> Forge:
        return self.place.as_("ann@example.org")

    def promote(self, through: str) -> tuple[Pull, ...]:
        world, forge = self.world, self.forge
        forge.follow("main")
        chronicle, planned = promote.plan(world, Request(("web",), through=through), forge)
        return promote.apply(promote.assessed(chronicle, planned), forge)

    def sweep(self) -> dict[int, Row]:
        forge = self.forge
        forge.follow("main")
        return {row.pull.number: row for row in gate.all_open(self.world, forge)}

    def status(self, number: int) -> StatusState:
        found = self.forge.statuses(self.forge.get(number).want.head_oid)
        return next(status.state for status in found if status.context == GATE)


@pytest.fixture
def shop(request, tmp_path) -> Iterator[Shop]:
    place = FORGES[request.param](tmp_path)
    place.on_main(texts("web", config=GATED) | {path("dev"): overlay("dev", "1.1.0")})
    place.repo.git.run("reset", "--quiet", "--hard")  # the branch is checked out, and was moved off to the side
    yield Shop(place)
    assert github.mistakes() == []


@pytest.mark.parametrize("shop", FORGES, indirect=True)
def test_a_stack_is_judged_and_merged_by_itself_from_below(shop):
    low, high = shop.promote("production")
    for number, method in ((low.number, Method.SQUASH), (high.number, Method.SQUASH)):
        pull.auto(shop.world, shop.forge, number, method)
    first = shop.sweep()
    assert [(row.error, row.verdict.state) for row in first.values()] == [(None, StatusState.PENDING)] * 2
    shop.place.as_("bob@example.org").review(low.number, "bob@example.org", approved=True)
    done = shop.sweep()
    assert {number: row.error for number, row in done.items()} == {low.number: None, high.number: None}
    assert [row.pull.state for row in done.values()] == [PullState.MERGED] * 2
    shop.forge.follow("main")
    assert b"newTag: 1.1.0" in (shop.place.repo.read_file("main", path("production")) or b"")


@pytest.mark.parametrize("shop", ["github", "gitlab"], indirect=True)
def test_an_approval_that_is_withdrawn_closes_again_and_a_commit_on_top_is_told(shop):
    (opened,) = shop.promote("staging")
    bob = shop.place.as_("bob@example.org")
    bob.review(opened.number, "bob@example.org", approved=True)
    assert shop.sweep()[opened.number].verdict.state is StatusState.SUCCESS
    assert shop.sweep()[opened.number].did == ()
    bob.review(opened.number, "bob@example.org", approved=False)
    assert shop.sweep()[opened.number].verdict.state is not StatusState.SUCCESS
    assert shop.status(opened.number) is not StatusState.SUCCESS
    shop.place.branch(opened.want.head, path("staging"), overlay("staging", "6.6.6"))
    shop.place.publish(opened.want.head)
    row = shop.sweep()[opened.number]
    told = next(result for result in row.verdict.shut if result.gate == "plan")
    assert "'newTag: 6.6.6 # ours' is no part of the plan" in told.message
    repo, head = shop.place.repo, opened.want.head_oid
    group = f"gh-readonly-queue/main/pr-{opened.number}-{repo.tip('main')}"
    repo.move(f"refs/heads/{group}", head, ZERO)
    shop.place.publish(group)
    repo.move(f"refs/heads/{group}", ZERO, head)  # it is there, and not here
    verdict = gate.of_group(shop.world, shop.forge, group)
    assert (verdict.pull.want.title, verdict.pull.want.head_oid) == (f"merge group of #{opened.number}", head)
    assert "plan" in [result.gate for result in verdict.shut]
