"""A pull request that says it is a promotion is exactly its plan, and the plan is true; whoever forged it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from fairlead.delivery.commits import build
from fairlead.delivery.deliver import PLANS, hop_of, place_branch, store_plan
from fairlead.doors.git.plumbing import ZERO
from fairlead.model.changes import Edit, NewFile
from fairlead.model.findings import Where
from fairlead.model.gates import GateResult, GateState
from fairlead.model.plan import Move
from fairlead.model.pulls import Draft, Pull
from fairlead.promotion.plan_json import hop_id, plan_id
from fairlead.steps.gating import open_gating
from fairlead.steps.world import environments
from fairlead.workflows import backport
from tests.promotions import CONFIG, Desk, git, overlay, path
from tests.support import commit

DENY = CONFIG.replace("staging: {}", "staging: {direct: deny}")


@pytest.fixture
def desk(tmp_path) -> Desk:
    made = Desk.make(tmp_path / "repo", config=DENY)
    made.set("1.1.0")
    return made


def plan(desk: Desk, number: int) -> GateResult:
    world = desk.world
    forge = desk.forge(world)
    found = open_gating(world, environments(world), forge).judge(forge.get(number), quick=True)
    return next(r for r in found if r.gate == "plan")


def pushed(desk: Desk, pull: Pull, files: dict[str, str | None], message: str = "Mine") -> Pull:
    head = commit(desk.world.git, pull.want.head, files, message=message)
    return desk.forge().ensure(replace(pull.want, head_oid=head))


def test_a_promotion_is_its_plan_and_says_where_each_value_stands(desk):
    (pull,) = desk.promote()
    told = plan(desk, pull.number)
    assert (told.state, told.message) == (GateState.OPEN, "it does what its plan says, and nothing else")
    assert told.evidence[0].startswith("web: kustomization.yaml: images[example.com/web].newTag 1.1.0: stands in apps")


def test_a_hand_edit_on_top_is_told_with_file_line_commit_and_author(desk):
    (pull,) = desk.promote()
    pull = pushed(desk, pull, {path("staging"): overlay("staging", "1.1.0", "namePrefix: x-\n"), "new.yaml": "a: 1\n"})
    told = plan(desk, pull.number)
    assert told.state is GateState.CLOSED
    by = f"in {pull.want.head_oid[:12]} by fairlead <fairlead@localhost>"
    assert told.evidence == (
        f"{path('staging')}:7: 'namePrefix: x-' is no part of the plan, {by}",
        f"new.yaml: is new, which is no part of the plan, {by}",
    )
    assert told.message == f"it is not its plan: {told.evidence[0]} (and 1 more)"


def test_a_branch_that_was_updated_from_the_target_is_still_its_plan(desk):
    (pull,) = desk.promote()
    tip = desk.change({"README.md": "meanwhile\n", path("production"): overlay("production", "1.0.1")})
    git(desk.folder, "checkout", "-q", pull.want.head)
    git(desk.folder, "merge", "-q", "--no-ff", "-m", "Update branch", tip)
    head = git(desk.folder, "rev-parse", "HEAD")
    git(desk.folder, "checkout", "-q", "main")
    pull = desk.forge().ensure(replace(pull.want, head_oid=head))
    assert plan(desk, pull.number).state is GateState.OPEN


def test_a_merge_of_the_target_that_brings_more_is_told(desk):
    (pull,) = desk.promote()
    tip = desk.change({"README.md": "meanwhile\n"})
    git(desk.folder, "checkout", "-q", pull.want.head)
    git(desk.folder, "merge", "-q", "--no-ff", "--no-commit", tip)
    (desk.folder / "evil.yaml").write_text("a: 1\n")
    git(desk.folder, "add", "evil.yaml")
    git(desk.folder, "commit", "-q", "-m", "Merge branch 'main'")
    head = git(desk.folder, "rev-parse", "HEAD")
    git(desk.folder, "checkout", "-q", "main")
    pull = desk.forge().ensure(replace(pull.want, head_oid=head))
    told = plan(desk, pull.number).message
    assert told.endswith(f"evil.yaml: is new, which is no part of the plan, in {head[:12]} by Ann <ann@x.org>")


def test_a_promotion_whose_file_has_changed_on_the_branch_is_to_be_made_again(desk):
    (pull,) = desk.promote()
    desk.change({path("staging"): overlay("staging", "1.0.1")})
    told = plan(desk, pull.number)
    assert told.state is GateState.CLOSED
    assert told.message == f"it is not its plan: main has changed in {path('staging')} since it was made: promote again"


# ── plans that are not true ──


def forged(desk: Desk, spoil: Callable[[Move], Move], **more) -> Pull:
    """A promotion as an attacker would make it, who may write refs and branches: plan, ids and commits in order."""
    (pull,) = desk.promote()
    found = hop_of(desk.world.git, pull)
    assert found is not None
    made, hop = found
    app = hop.apps[0]
    units = tuple(replace(u, moves=tuple(map(spoil, u.moves))) if u.chosen else u for u in app.units)
    apps = (replace(app, units=units, **more),)
    hop = replace(hop, apps=apps, id=hop_id("promote", hop.source, hop.target, apps))
    made = replace(made, hops=(hop,))
    repo = desk.world.git
    store_plan(repo, made)
    head = build(repo, made, hop, made.target_commit)
    place_branch(repo, hop.branch, head)
    body = pull.want.body.replace(pull.want.hop_id, hop.id)
    want = replace(pull.want, head_oid=head, plan_id=plan_id(made), hop_id=hop.id, body=body)
    return desk.forge().ensure(want)


def writes(value: bytes) -> Callable[[Move], Move]:
    return lambda m: replace(m, changes=tuple(replace(c, new=value) for c in m.changes if isinstance(c, Edit)))


def test_a_plan_that_writes_another_value_than_it_says_is_forged(desk):
    told = plan(desk, forged(desk, writes(b"6.6.6")).number)
    where = f"{path('staging')}: images[example.com/web].newTag"
    assert told.message == f"its plan is not true: {where}: its source does not hold '6.6.6' (dev)"


def test_a_plan_that_says_another_value_too(desk):
    spoil = writes(b"6.6.6")
    assert "does not hold '6.6.6'" in plan(desk, forged(desk, lambda m: replace(spoil(m), new="6.6.6")).number).message


def test_a_value_may_not_come_from_another_file_or_field(desk):
    desk.change({"notes/evil.yaml": "images: [{name: example.com/web, newTag: 6.6.6}]\n"})
    place = Where("notes/evil.yaml", 1, 1)
    spoil = writes(b"6.6.6")
    told = plan(desk, forged(desk, lambda m: replace(spoil(m), stands_at=place)).number)
    assert told.message == "its plan is not true: notes/evil.yaml is no file of web in dev"
    told = plan(desk, forged(desk, writes(b"web")).number)  # a word of the source, in a field that has another
    assert told.state is GateState.CLOSED


def test_a_plan_may_not_write_where_the_environment_does_not_lie(desk):
    old = (desk.folder / path("production")).read_bytes()
    start = old.index(b"1.0.0")
    edit = Edit(path("production"), start, start + 5, b"1.0.0", b"1.1.0")
    told = plan(desk, forged(desk, lambda m: replace(m, changes=(edit,))).number)
    assert "which is no file of web in staging" in told.message


def test_a_file_must_be_the_sources_own(desk):
    new = NewFile("apps/web/overlays/staging/more.yaml", b"a: 1\n", 0o100644)
    told = plan(desk, forged(desk, lambda m: replace(m, changes=(*m.changes, new))).number)
    assert "more.yaml: the file is none that its source has" in told.message


def test_a_source_that_is_no_part_of_the_branch_is_none(desk):
    evil = commit(desk.world.git, "evil", {path("dev"): overlay("dev", "6.6.6")}, start="main")
    told = plan(desk, forged(desk, writes(b"6.6.6"), source_commit=evil, source_tree="").number)
    assert "its source does not hold '6.6.6'" in told.message


def test_a_plan_whose_ids_are_not_what_it_holds_is_none(desk):
    (pull,) = desk.promote()
    found = hop_of(desk.world.git, pull)
    assert found is not None
    made, hop = found
    repo, lie = desk.world.git, replace(made, hops=(replace(hop, apps=()),))
    store_plan(repo, lie)
    told = plan(desk, desk.forge().ensure(replace(pull.want, plan_id=plan_id(lie))).number)
    assert told.message == "its plan is not true: the stored plan is forged: its hop is not what its id says"
    for name, data in (("f" * 64, b"{}"), ("e" * 64, repo.git.blob(repo.refs(PLANS)[PLANS + plan_id(made)]))):
        repo.move(PLANS + name, repo.store_blob(data), ZERO)
        body = "Fairlead-Promote: web dev -> staging"
        told = plan(desk, desk.forge().ensure(replace(pull.want, plan_id=name, body=body)).number)
        assert told.message == (
            f"there is no such plan: it says that it carries out a plan, and its plan {name[:12]} is not there, "
            "or is not what it is called"
        )


def test_a_text_that_lost_its_plan_is_found_again_by_its_hop(desk):
    (pull,) = desk.promote()
    edited = desk.forge().ensure(replace(pull.want, plan_id=""))
    assert plan(desk, edited.number).state is GateState.OPEN


# ── stacks ──


def test_the_upper_of_a_stack_is_true_before_and_after_its_lower_and_when_the_source_has_moved_on(desk):
    low, high = desk.promote(through="production")
    assert plan(desk, high.number).state is GateState.OPEN
    desk.merge(low.number)
    assert plan(desk, high.number).state is GateState.OPEN
    desk.set("1.2.0")
    (newer,) = desk.promote(source="dev", target="staging")
    desk.merge(newer.number)
    assert desk.tags()["staging"] == "1.2.0"
    assert plan(desk, high.number).state is GateState.OPEN


def test_an_upper_whose_lower_was_closed_carries_what_its_source_does_not_hold(desk):
    low, high = desk.promote(through="production")
    desk.forge().close(low.number, "no", "ann")
    assert plan(desk, high.number).message.endswith("its source does not hold '1.1.0' (staging)")


# ── the other verbs ──


def test_a_rollback_leads_to_what_stood_on_the_branch(desk):
    for opened in desk.promote(through="production"):
        desk.merge(opened.number)
    pull = desk.roll_back()
    told = plan(desk, pull.number)
    assert told.state is GateState.OPEN
    assert told.evidence[0].startswith("each file is as it stood on the branch at ")
    pull = pushed(desk, pull, {path("production"): overlay("production", "0.9.0")})
    assert "'newTag: 0.9.0 # ours' is no part of the plan" in plan(desk, pull.number).message


def test_a_rollback_to_what_never_stood_there_is_forged(desk):
    for opened in desk.promote(through="production"):
        desk.merge(opened.number)
    pull = desk.roll_back()
    found = hop_of(desk.world.git, pull)
    assert found is not None
    made, hop = found
    spoil = writes(b"6.6.6")
    apps = tuple(
        replace(a, units=tuple(replace(u, moves=tuple(map(spoil, u.moves))) for u in a.units)) for a in hop.apps
    )
    hop = replace(hop, apps=apps, id=hop_id("rollback", hop.source, hop.target, apps))
    made = replace(made, hops=(hop,))
    repo = desk.world.git
    store_plan(repo, made)
    head = build(repo, made, hop, made.target_commit)
    place_branch(repo, hop.branch, head)
    want = replace(pull.want, head_oid=head, plan_id=plan_id(made), hop_id=hop.id)
    told = plan(desk, desk.forge().ensure(want).number)
    assert told.message.startswith(f"its plan is not true: {path('production')} is not as it stood at ")


def test_a_back_port_is_true_by_the_environment_it_comes_from(desk):
    for opened in desk.promote(through="production"):
        desk.merge(opened.number)
    desk.change({path("production"): overlay("production", "1.1.1")})
    world = desk.world
    forge = desk.forge(world)
    pull = backport.apply(backport.plan(world, forge, "web", "production", "*newTag"), forge)
    assert plan(desk, pull.number).state is GateState.OPEN


def test_a_version_that_was_set_changes_what_it_names_and_nothing_else(desk):
    body = "Fairlead-Set: web dev -> dev"
    oid = commit(desk.world.git, "s", {path("dev"): overlay("dev", "2.0.0")}, start="main")
    pull = desk.forge().ensure(Draft("s", "set", body, "s", oid, "main", "ann@x.org", plan_id="", hop_id=oid))
    assert plan(desk, pull.number).message == "it sets what it says"
    oid = commit(desk.world.git, "s", {"apps/web/base/deployment.yaml": None})
    pull = desk.forge().ensure(replace(pull.want, head_oid=oid, hop_id=oid))
    told = plan(desk, pull.number)
    assert told.message.endswith("it says that it sets web in dev, and changes apps/web/base/deployment.yaml")


# ── what the text of a pull request says ──


def results(desk: Desk, number: int) -> dict[str, GateState]:
    world = desk.world
    forge = desk.forge(world)
    found = open_gating(world, environments(world), forge).judge(forge.get(number), quick=True)
    return {r.gate: r.state for r in found if r.state is not GateState.OPEN}


@pytest.mark.parametrize(
    "body", ["", "Fairlead-Set: web staging -> staging", "Fairlead-Rollback: web staging -> staging"]
)
def test_a_text_that_hides_where_it_comes_from_does_not_spare_it_the_soak(tmp_path, body):
    desk = Desk.make(tmp_path / "repo", config=CONFIG.replace("staging: {}", "staging: {gates: {soak: 1h}}"))
    desk.set("1.1.0")
    (pull,) = desk.promote()
    edited = desk.forge().ensure(replace(pull.want, body=body))
    assert results(desk, edited.number) == {"soak": GateState.WAITING}


def relabelled(desk: Desk, verb: str, source: str = "dev") -> Pull:
    """A promotion that calls itself another verb, so as not to be asked what promotions are asked."""
    (pull,) = desk.promote()
    found = hop_of(desk.world.git, pull)
    assert found is not None
    made, hop = found
    hop = replace(hop, source=source, id=hop_id(verb, source, hop.target, hop.apps))
    made = replace(made, verb=verb, hops=(hop,))
    store_plan(desk.world.git, made)
    return desk.forge().ensure(replace(pull.want, plan_id=plan_id(made), hop_id=hop.id))


@pytest.mark.parametrize(
    ("verb", "source", "told"),
    [
        ("backport", "dev", "a backport does not lead from dev to staging"),
        ("rollback", "dev", "a rollback does not lead from dev to staging"),
        ("rollback", "staging", "apps/web/overlays/staging/kustomization.yaml is not as it stood at"),
        ("set", "dev", "a set does not lead from dev to staging"),
    ],
)
def test_a_promotion_under_another_name_is_none(desk, verb, source, told):
    found = plan(desk, relabelled(desk, verb, source).number)
    assert found.state is GateState.CLOSED
    assert f"its plan is not true: {told}" in found.message


def test_a_link_is_no_file_that_may_come(desk):
    more = "apps/web/overlays/dev/more.env"
    desk.change({more: "../production/secret"})
    new = NewFile("apps/web/overlays/staging/more.env", b"../production/secret", 0o120000)

    def spoil(move: Move) -> Move:
        return replace(move, carrier="files", stands_at=Where(more, 1, 1), changes=(new,))

    assert (
        "the file is not apps/web/overlays/dev/more.env of its source" in plan(desk, forged(desk, spoil).number).message
    )


def test_leaving_out_a_stage_is_told(tmp_path):
    desk = Desk.make(tmp_path / "repo")
    desk.set("1.1.0")
    (pull,) = desk.promote(source="dev", target="production", skip_order=True, reason="it burns")
    assert plan(desk, pull.number).evidence[-1] == "it leaves the order of the chain: it burns"
