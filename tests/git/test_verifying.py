"""What a plan's result has found in it, beside what was found before: no more is judged than that needs."""

from __future__ import annotations

import pytest

from fairlead.model.snapshot import File
from fairlead.steps import checking
from fairlead.steps.planning import Planned
from fairlead.steps.rendering import opened
from fairlead.steps.routes import Request
from fairlead.steps.verify import Evidence, assess
from fairlead.workflows import promote
from tests.promotions import DEPLOYMENT, Desk

BASE = "apps/{}/base/deployment.yaml"
OLD = DEPLOYMENT.replace("  selector:", "  old: 1\n  selector:")


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk.make(tmp_path / "repo", "web", "api")


@pytest.fixture
def judged(monkeypatch) -> list[tuple[str, ...]]:
    """The overlays that are judged, each time that some are."""
    found: list[tuple[str, ...]] = []
    judge = checking.judge

    def watched(run, engine, snapshot, part, chosen, *rest):
        found.append(tuple(sorted(chosen)))
        return judge(run, engine, snapshot, part, chosen, *rest)

    monkeypatch.setattr(checking, "judge", watched)
    return found


def evidence(desk: Desk, more: dict[str, str] | None = None) -> Evidence:
    """Of a promotion of both apps; `more` are changes of the result that the plan knows nothing of."""
    for app in ("web", "api"):
        desk.set("1.1.0", app=app)
    world = desk.world
    chronicle, planned = promote.plan(world, Request(every_app=True), desk.forge(world))
    ((before, after),) = planned.states
    spoiled = after.with_files({path: File(text.encode()) for path, text in (more or {}).items()})
    with opened(world) as engine:
        (made,) = assess(world.run, engine, chronicle.environments, Planned(planned.plan, ((before, spoiled),)))
    return made


def test_where_nothing_is_found_in_the_result_the_state_before_is_not_judged(desk, judged):
    assert evidence(desk).findings == ()
    assert judged == [("apps/api/overlays/staging", "apps/web/overlays/staging")]


def test_what_was_found_before_is_not_told_and_what_comes_is(desk, judged):
    desk.change({BASE.format("web"): OLD})
    assert evidence(desk).findings == ()
    assert judged[1:] == [("apps/web/overlays/staging",)]
    told = evidence(desk, {BASE.format("web"): OLD.replace("  old: 1", "  old: 1\n  new: 1")}).findings
    assert [f.rule for f in told] == ["schema"]
    assert "new" in told[0].message


def test_a_finding_that_comes_to_another_overlay_is_new_there(desk):
    desk.change({BASE.format("web"): OLD})
    told = evidence(desk, {BASE.format("api"): OLD}).findings
    assert [(f.rule, f.where.path) for f in told] == [("schema", BASE.format("api"))]
