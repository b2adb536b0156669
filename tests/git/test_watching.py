"""What happens to pull requests is noted once, whichever command does it, and with what people need to know."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import cast

import pytest

from fairlead.model.events import Event
from fairlead.model.gates import GateResult, GateState
from fairlead.model.pulls import Draft, Forge
from fairlead.steps import merging
from fairlead.steps.evidence import publish
from fairlead.steps.gating import open_gating
from fairlead.steps.notifying import source
from fairlead.steps.outbox import Outbox
from fairlead.steps.watching import Watching
from fairlead.steps.world import Run, World, environments, open_world
from fairlead.workflows import gate
from fairlead.workflows import pull as workflow
from tests.forges import smallest
from tests.promotions import CONFIG, Desk, git
from tests.support import StillClock, commit, new_repo

SOAKING = CONFIG.replace("production: {match: [prod]}", "production: {match: [prod], gates: {soak: 1d, approvals: 1}}")


@dataclass
class Told:
    """A desk of which each command is listened to."""

    desk: Desk

    def __post_init__(self) -> None:
        self.box = Outbox(wanted=True)
        desk, box = self.desk, self.box

        class _Listened(Desk):
            @property
            def world(self) -> World:
                return open_world(Run(desk.folder, clock=desk.clock, actor=desk.actor, outbox=box))

        desk.__class__ = _Listened

    def events(self) -> list[Event]:
        """What was noted since the last time."""
        found, self.box.events[:] = list(self.box.events), []
        return found

    def short(self) -> list[str]:
        return [f"#{e.pull.number} {e.kind}" for e in self.events()]

    def gate(self, number: int) -> None:
        world = self.desk.world
        forge = self.desk.forge(world)
        gate.run(world, forge, number)


@pytest.fixture
def told(tmp_path):
    return Told(Desk.make(tmp_path / "repo", config=SOAKING))


def test_a_way_up_is_told_step_by_step_and_nothing_twice(told):
    told.desk.set("1.1.0")
    assert told.short() == []  # it enters the first environment directly
    staging, production = told.desk.promote(through="production")
    assert told.short() == ["#1 opened", "#2 opened", "#2 waiting"]
    told.desk.promote(through="production")
    assert told.short() == []
    told.desk.merge(staging.number)
    merged, updated = told.events()
    assert (str(merged.kind), merged.by, merged.at) == ("merged", "ann@x.org", told.desk.clock.now())
    assert (merged.verb, merged.apps, merged.source, merged.target) == ("promote", ("web",), "dev", "staging")
    assert (str(updated.kind), updated.pull.number) == ("updated", production.number)  # built again on the branch


def test_what_waits_is_told_with_its_gates_and_again_only_when_they_change(told):
    told.desk.bring("1.1.0", through="staging")
    (pull,) = told.desk.promote(source="staging", target="production")
    *_, waiting = told.events()
    assert [(g.gate, g.until) for g in waiting.gates] == [("soak", told.desk.clock.now() + 86400), ("approvals", 0)]
    told.gate(pull.number)
    told.desk.clock.time += 3600
    told.gate(pull.number)
    assert told.short() == []
    told.desk.forge().review(pull.number, "bob@x.org", approved=True)
    told.gate(pull.number)
    (fewer,) = told.events()
    assert ([g.gate for g in fewer.gates], fewer.mark == waiting.mark) == (["soak"], False)
    told.desk.clock.time += 86400
    told.gate(pull.number)
    assert told.short() == []


def test_an_emergency_is_told_with_what_it_skips_and_why(told):
    told.desk.bring("1.1.0", through="staging")
    (pull,) = told.desk.promote(source="staging", target="production")
    told.events()
    world = told.desk.world
    forge = told.desk.forge(world)
    judge = open_gating(world, environments(world), forge)
    merging.merge(world, forge, judge, merging.prepare(world, forge, judge, pull.number, "it burns"))
    emergency, merged = told.events()
    assert (str(emergency.kind), emergency.why, str(merged.kind)) == ("emergency", "it burns", "merged")
    assert [g.gate for g in emergency.gates] == ["soak", "approvals"]


def test_a_rollback_closes_what_is_open_and_its_merge_is_called_so(told):
    told.desk.bring("1.1.0", through="staging")
    (open_one,) = told.desk.promote(source="staging", target="production")
    told.events()
    back = told.desk.roll_back("staging")
    assert told.short() == [f"#{back.number} opened", f"#{open_one.number} closed"]
    told.desk.merge(back.number)
    rolled, *_ = told.events()
    assert (str(rolled.kind), rolled.verb, rolled.target, rolled.source) == ("rolled-back", "rollback", "staging", "")


def test_a_close_is_told_with_its_reason(told):
    told.desk.set("1.1.0")
    (pull,) = told.desk.promote()
    told.events()
    workflow.close(told.desk.world, told.desk.forge(), pull.number, "not now")
    (closed,) = told.events()
    assert (str(closed.kind), closed.why, closed.by) == ("closed", "not now", "ann@x.org")


def test_on_a_server_whose_lists_have_no_comments_nothing_is_told_twice(tmp_path):
    clock = StillClock()
    server, repo = smallest.Server.make(tmp_path / "there.git", clock), new_repo(tmp_path / "here", {"a": "1\n"})
    repo.git.run("remote", "add", "origin", str(server.folder))
    repo.git.run("push", "--quiet", "origin", "main")
    waits = GateResult("soak", GateState.WAITING, "23h are left", until=clock.time + 82_800)
    box = Outbox()

    def run(*results: GateResult) -> list[str]:
        """As each run of CI does, that knows nothing of the ones before."""
        forge = cast(
            "Forge", Watching(smallest.connect(repo, server, "bot"), box, clock.now, lambda n: f"https://x/{n}")
        )
        forge.ensure(want)
        (pull,) = forge.pulls(open_only=True)
        publish(forge, pull, results, clock.now(), "bot")
        found, box.events[:] = [f"{e.kind} {e.url}" for e in box.events], []
        return found

    oid = commit(repo, "fairlead/staging/web", {"a": "2\n"}, start="main")
    want = Draft("k", "promote web", "", "fairlead/staging/web", oid, "main", "ann@x.org", "", "h1")
    assert run(waits) == ["opened https://x/1", "waiting https://x/1"]
    assert run(replace(waits, message="22h are left")) == []
    assert run(waits, GateResult("freeze", GateState.CLOSED, "frozen")) == ["waiting https://x/1"]
    assert run(replace(waits, state=GateState.OPEN, until=0)) == []


def test_nobody_listens_and_nothing_stands_before_the_forge(tmp_path):
    desk = Desk.make(tmp_path / "repo")
    assert type(desk.forge()).__name__ == "LocalForge"


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        ("https://ann:s3cr3t@example.org/shop/env.git", "https://example.org/shop/env"),
        ("git@example.org:shop/env.git", "ssh://example.org/shop/env"),
        ("ssh://git@example.org:22/shop/env", "ssh://example.org:22/shop/env"),
        ("https://example.org/a b?token=s3cr3t", "https://example.org/a%20b"),
    ],
)
def test_the_repository_is_named_by_where_it_comes_from(told, origin, expected):
    git(told.desk.folder, "remote", "add", "origin", origin)
    assert source(told.desk.world) == expected


def test_a_repository_of_nowhere_is_named_by_its_place(told):
    assert source(told.desk.world).startswith("urn:fairlead:")
