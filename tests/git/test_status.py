"""Status of a repository as it is committed: how each app stands between two environments."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import pytest

from fairlead.ledger import records
from fairlead.model.errors import UsageError
from fairlead.model.standing import Lag, Pair, Standing, Status
from fairlead.report.status.json import as_data
from fairlead.report.status.schema import SCHEMA
from fairlead.workflows import status
from tests.promotions import CONFIG, Desk, clustered, overlay, path

FIELD = "kustomization.yaml: images[example.com/web].newTag"
NOW = 1_750_000_000


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk.make(tmp_path / "r", "web", "api")


def look(desk: Desk, *apps: str, envs: tuple[str, ...] = ()) -> Status:
    world = desk.world
    found = status.run(world, desk.forge(world), apps, envs)
    assert list(jsonschema_rs.Draft202012Validator(SCHEMA).iter_errors(as_json(found))) == []
    return found


def as_json(found: Status) -> object:
    import json

    return json.loads(json.dumps(as_data(found)))


def pair(desk: Desk, env: str = "staging", app: str = "web") -> Pair:
    row = next(row for row in look(desk).rows if row.app == app)
    return row.into(env)[0]


def standings(desk: Desk) -> dict[str, list[str]]:
    return {row.app: [str(p.standing) for p in row.pairs] for row in look(desk).rows}


@pytest.mark.parametrize(
    ("chains", "groups"),
    [
        ("[[dev, staging, production]]", [["dev", "staging", "production"], ["lab"]]),
        ("[[dev, staging], [lab, production]]", [["dev", "staging"], ["lab", "production"]]),
        ("[[dev, staging], [staging, production]]", [["dev", "staging", "production"], ["lab"]]),
        ("[[dev, [staging, lab]], [staging, production]]", [["dev", "staging", "lab", "production"]]),
    ],
)
def test_environments_are_grouped_by_the_chains_that_they_share(tmp_path, chains, groups):
    config = CONFIG.replace("dev: {}", "dev: {}, lab: {}").replace("[[dev, staging, production]]", chains)
    found = look(Desk.make(tmp_path / "r", config=config))
    assert [list(group) for group in found.groups] == groups
    assert found.notes == ("no app has an overlay in lab",)


def test_everything_in_step(desk):
    assert standings(desk) == {"web": ["in step", "in step"], "api": ["in step", "in step"]}
    assert look(desk).environments == ("dev", "staging", "production")


def test_behind_by_a_unit_since_it_came_into_the_source(desk):
    desk.clock.time = NOW + 60
    desk.set("1.1.0")
    assert pair(desk).behind == (Lag("1.0.0 -> 1.1.0", (FIELD,), NOW + 60, "audit"),)
    assert standings(desk)["web"] == ["behind", "in step"]
    desk.clock.time = NOW + 120
    desk.set("1.2.0")
    assert pair(desk).behind == (Lag("1.0.0 -> 1.2.0", (FIELD,), NOW + 120, "audit"),)


def test_a_time_that_only_a_commit_tells_is_marked(desk):
    desk.change({path("dev"): overlay("dev", "1.1.0")})
    (lag,) = pair(desk).behind
    assert (lag.since, lag.evidence) == (NOW, "commit")


def test_a_hotfix_is_drift_and_then_a_conflict(desk):
    desk.bring("1.1.0")
    desk.change({path("production"): overlay("production", "1.1.0-fix1")})
    found = pair(desk, "production")
    assert (found.standing, found.behind) == (Standing.DRIFT, ())
    (own,) = found.drift
    assert (own.field, own.target, own.source) == (FIELD, "1.1.0-fix1", "1.1.0")
    desk.set("1.2.0")
    for opened in desk.promote(through="staging"):
        desk.merge(opened.number)
    found = pair(desk, "production")
    assert (found.standing, found.drift, found.behind) == (Standing.CONFLICT, (), ())
    assert "a hotfix" in found.conflicts[0].reason


def test_an_open_pull_request_and_the_gate_that_it_waits_for(tmp_path):
    config = CONFIG.replace("staging: {}", "staging: {gates: {soak: 4h, approvals: 1}}")
    desk = Desk.make(tmp_path / "r", config=config)
    desk.set("1.1.0")
    desk.promote()
    found = pair(desk)
    assert found.standing is Standing.WAITING
    (opened,) = found.pulls
    assert [(w.gate, str(w.state)) for w in opened.gates] == [("soak", "waiting"), ("approvals", "waiting")]
    assert opened.gates[0].until == NOW + 4 * 3600
    assert found.behind  # still


def test_an_open_pull_request_whose_gates_are_open(desk):
    desk.set("1.1.0")
    desk.promote()
    found = pair(desk)
    assert (found.standing, found.pulls[0].gates) == (Standing.OPEN, ())


def test_differences_that_a_person_may_take_are_counted(desk):
    more = "configMapGenerator:\n- name: web\n  literals: [LOG_FORMAT={}]\n"
    desk.change({path("dev"): overlay("dev", "1.0.0", more.format("json"))})
    desk.change({path("staging"): overlay("staging", "1.0.0", more.format("text"))})
    found = pair(desk)
    assert (found.standing, found.offered) == (Standing.IN_STEP, 1)


def test_some_apps_and_environments(desk):
    desk.set("1.1.0")
    found = look(desk, "web", envs=("production",))
    assert (found.environments, [r.app for r in found.rows]) == (("production",), ["web"])
    assert [(p.source, p.target) for p in found.rows[0].pairs] == [("staging", "production")]
    assert [c.env for c in found.rows[0].cells] == ["production"]
    with pytest.raises(UsageError, match="there is no environment 'prdo'"):
        look(desk, envs=("prdo",))


def test_an_app_that_lacks_an_environment_has_no_pair_there(tmp_path):
    desk = Desk.make(tmp_path / "r", "web", "api")
    desk.change({path("production", "api"): None})
    rows = {row.app: row for row in look(desk).rows}
    assert [p.target for p in rows["api"].pairs] == ["staging"]
    assert [c.env for c in rows["api"].cells] == ["dev", "staging"]


def test_clusters_one_by_one_and_which_of_them_lack_what(tmp_path):
    desk = clustered(tmp_path / "r", ", rollout: one-by-one")
    (pull,) = desk.promote("web")
    desk.merge(pull.number)
    cell = look(desk).rows[0].cell("production")
    assert [(c.cluster, c.path, c.versions) for c in cell.clusters] == [
        ("b", "apps/web/production/b", ("1.1.0",)), ("a", "apps/web/production/a", ("1.0.0",)),
    ]  # fmt: skip
    (lag,) = pair(desk, "production").behind
    assert (lag.unit, lag.clusters) == ("1.0.0 -> 1.1.0", ("a",))
    desk.set("1.2.0")
    assert [(u.unit, u.clusters) for u in pair(desk, "production").behind] == [
        ("1.1.0 -> 1.2.0", ("b",)), ("1.0.0 -> 1.2.0", ("a",)),
    ]  # fmt: skip
    assert look(desk).rows[0].cell("dr").clusters == ()


def test_no_history_is_read_of_what_is_in_step(desk, monkeypatch):
    asked: list[tuple[str, ...]] = []
    read = records.read

    def counted(repo, tip, layout, evidence, under=()):
        asked.append(tuple(under))
        return read(repo, tip, layout, evidence, under)

    monkeypatch.setattr(records, "read", counted)
    look(desk)
    assert asked == []
    desk.set("1.1.0")
    asked.clear()
    look(desk)
    assert asked
    assert all("api" not in name for under in asked for name in under)


def test_of_many_apps_history_is_read_a_few_times_at_most(tmp_path, monkeypatch):
    names = [f"app{number:02}" for number in range(12)]
    desk = Desk.make(tmp_path / "r", *names)
    for name in names:
        desk.change({path("dev", name): overlay("dev", "1.1.0")})
    asked: list[object] = []
    read = records.read
    monkeypatch.setattr(records, "read", lambda *a, **k: asked.append(a) or read(*a, **k))
    assert sum(p.standing is Standing.BEHIND for row in look(desk).rows for p in row.pairs) == 12
    assert len(asked) <= 6


def test_the_status_changes_nothing(desk):
    from tests.promotions import everything

    desk.set("1.1.0")
    before = everything(Path(desk.folder))
    look(desk)
    assert everything(Path(desk.folder)) == before
