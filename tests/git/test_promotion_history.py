"""What history says of promotions, and what follows: bases, rollbacks, plans that went stale."""

from __future__ import annotations

import dataclasses

import pytest

from fairlead.model.errors import ConflictError, UsageError
from fairlead.model.history import Record, Verb
from fairlead.model.pulls import PullState
from fairlead.promotion.plan_json import dump
from fairlead.repo.times import moment
from fairlead.workflows import history, promote
from tests.promotions import CONFIG, DEPLOYMENT, Desk, git, overlay, path

TAG = "images[example.com/web].newTag"


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk.make(tmp_path / "repo")


def records(desk: Desk, *what: str) -> tuple[Record, ...]:
    world = desk.world
    return history.run(world, desk.forge(world), *what).records


def told(desk: Desk, *what: str) -> list[str]:
    return [f"{r.verb} {r.app} {r.source} -> {r.target}" for r in records(desk, *what)]


# ── history is read back, however the pull request was merged ──


def test_the_whole_way_up(desk):
    desk.bring("1.1.0")
    assert told(desk) == [
        "promote web staging -> production", "promote web dev -> staging", "set web dev -> dev",
        "change web  -> dev", "change web  -> production", "change web  -> staging",
    ]  # fmt: skip
    assert [(r.evidence, r.actor) for r in records(desk)[:3]] == [
        ("merge", "ann@x.org"), ("merge", "ann@x.org"), ("audit", "ann@x.org"),
    ]  # fmt: skip


def merged_by(desk: Desk, way: str) -> None:
    """The open pull request lands as a forge's button would land it."""
    (pull,) = desk.open()
    head = pull.want.head
    git(desk.folder, "reset", "-q", "--hard")
    if way == "squash":
        git(desk.folder, "merge", "-q", "--squash", head)
        git(desk.folder, "commit", "-q", "-m", f"{pull.want.title} (#1)\n\n{pull.want.body}")
    elif way == "rebase":
        desk.change({"README.md": "elsewhere\n"})
        git(desk.folder, "reset", "-q", "--hard")
        git(desk.folder, "cherry-pick", f"main..{head}")
    elif way == "merge":
        git(desk.folder, "merge", "-q", "--no-ff", "-m", f"Merge pull request #1 from x/{head}", head)
    else:
        git(desk.folder, "merge", "-q", "--ff-only", head)


@pytest.mark.parametrize("way", ["squash", "rebase", "merge", "forward"])
def test_however_it_was_merged_it_is_a_promotion_and_gives_bases(desk, way):
    desk.set("1.1.0")
    desk.promote()
    merged_by(desk, way)
    assert told(desk)[0] == "promote web dev -> staging"
    desk.change({path("staging"): overlay("staging", "1.1.1")}, "Hotfix")
    assert desk.moves()[TAG] == ("keep", "1.1.1", "1.1.0")
    desk.set("1.2.0")
    assert desk.moves()[TAG] == ("conflict", "1.1.1", "1.2.0")


def test_a_bare_clone_knows_the_same(desk, tmp_path):
    desk.bring("1.1.0")
    desk.merge(desk.roll_back().number)
    desk.change({path("production"): overlay("production", "1.0.9")}, "By hand")
    git(tmp_path, "clone", "-q", "--mirror", str(desk.folder), "mirror.git")
    git(tmp_path, "clone", "-q", "--bare", str(desk.folder), "bare.git")
    mine, mirror, bare = (records(Desk(f)) for f in (desk.folder, tmp_path / "mirror.git", tmp_path / "bare.git"))
    assert mine == mirror
    assert len(mine) == 8
    assert [(r.verb, r.app, r.source, r.target, r.commit, r.parent, r.hop_id, r.paths, r.actor) for r in mine] == [
        (r.verb, r.app, r.source, r.target, r.commit, r.parent, r.hop_id, r.paths, r.actor) for r in bare
    ]


def test_a_shallow_clone_says_what_it_can_not_know(desk, tmp_path):
    desk.bring("1.1.0")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{desk.folder}", "shallow")
    shallow = Desk(tmp_path / "shallow")
    world = shallow.world
    found = history.run(world, shallow.forge(world))
    assert found.gaps == ("the clone is shallow: older history is not here (git fetch --unshallow)",)
    shallow.set("1.2.0")
    assert shallow.moves()[TAG][0] == "promote"
    with pytest.raises(UsageError, match="no commit 'main~3'") as caught:
        shallow.back(to="main~3")
    assert "git fetch --unshallow" in caught.value.remedy


def test_a_hostile_commit_is_a_change_like_another(desk):
    tip = desk.world.git.tip("main")
    desk.change({path("dev"): overlay("dev", "9.0.0")})
    text = (
        f"tree {git(desk.folder, 'rev-parse', 'main^{tree}')}\nparent {tip}\n"
        "author x\x1b[2J <x> 99999999999999 +0000\ncommitter x <x> 99999999999999 +0000\n\n"
        "s\x1e\x1f\n\nFairlead-Promote: web dev -> nowhere\nFairlead-Promote: ghost dev -> staging\nFairlead-Plan: \n"
    )
    (desk.folder / "odd").write_bytes(text.encode())
    odd = git(desk.folder, "hash-object", "-w", "-t", "commit", "--literally", "odd")
    git(desk.folder, "update-ref", "refs/heads/main", odd)
    found = records(desk)
    assert [(r.verb, r.app, r.target, r.commit) for r in found[:1]] == [(Verb.CHANGE, "web", "dev", odd)]
    assert moment(found[0].at) == "@99999999999999"


# ── bases ──


def test_a_field_excluded_today_is_offered_again_tomorrow(desk):
    more = "- name: example.com/api\n  newTag: 7.0.0\n"
    head = "newTag: {} # ours\n"

    def both(env: str, web: str, api: str) -> str:
        return overlay(env, web).replace(head.format(web), head.format(web) + more.replace("7.0.0", api))

    desk.change({path(e): both(e, "1.0.0", "7.0.0") for e in ("dev", "staging", "production")})
    desk.change({path("dev"): both("dev", "1.1.0", "7.1.0")})
    (pull,) = desk.promote(exclude=("images[example.com/api].newTag",))
    desk.merge(pull.number)
    assert desk.moves()["images[example.com/api].newTag"] == ("promote", "7.0.0", "7.1.0")
    assert TAG not in desk.moves()


def test_devs_replicas_never_meet_productions(desk):
    desk.bring("1.1.0")
    desk.change({path("dev"): overlay("dev", "1.2.0").replace("count: 1", "count: 2")})
    for pull in desk.promote(through="production"):
        desk.merge(pull.number)
    repo = desk.world.git
    assert repo.read_file("main", path("staging")).decode() == overlay("staging", "1.2.0")
    assert repo.read_file("main", path("production")).decode() == overlay("production", "1.2.0")


def test_a_hotfix_in_production_survives_and_a_newer_version_asks(desk):
    desk.bring("1.1.0")
    desk.change({path("production"): overlay("production", "1.1.5")}, "Hotfix")
    assert desk.moves(source="staging", target="production")[TAG] == ("keep", "1.1.5", "1.1.0")
    desk.bring("1.2.0", through="staging")
    planned = desk.plan(source="staging", target="production")
    assert planned.empty
    assert desk.moves(source="staging", target="production")[TAG] == ("conflict", "1.1.5", "1.2.0")
    (pull,) = desk.promote(source="staging", target="production", fields=(TAG,))
    desk.merge(pull.number)
    assert desk.tags()["production"] == "1.2.0"


# ── a stack, merged from below ──


def test_after_the_lower_merge_the_upper_is_built_again_with_the_same_hop(desk):
    desk.set("1.1.0")
    low, high = desk.promote(through="production")
    desk.change({"README.md": "meanwhile\n"})
    done = desk.merge(low.number)
    (above,) = done.above
    assert (above.number, above.want.hop_id, above.want.below, above.want.draft) == (
        high.number, high.want.hop_id, "", False,
    )  # fmt: skip
    assert above.want.head_oid != high.want.head_oid
    assert git(desk.folder, "rev-parse", f"{above.want.head_oid}^") == desk.world.git.tip("main")
    desk.merge(high.number)
    assert desk.tags() == {"dev": "1.1.0", "staging": "1.1.0", "production": "1.1.0"}
    assert (desk.folder / "README.md").read_text() == "meanwhile\n"
    assert git(desk.folder, "branch", "--list", "fairlead/*") == ""


def test_an_upper_that_no_longer_fits_stays_and_the_merge_stands(desk):
    desk.set("1.1.0")
    low, high = desk.promote(through="production")
    desk.change({path("production"): overlay("production", "1.0.1")}, "Hotfix")
    done = desk.merge(low.number)
    assert (done.pull.state, len(done.above), len(done.notes)) == (PullState.MERGED, 0, 1)
    assert desk.forge().get(high.number).want.head_oid == high.want.head_oid


# ── plans that wait ──


def test_a_plan_is_applied_as_it_was_reviewed(desk):
    desk.set("1.1.0")
    planned = desk.plan(through="production")
    direct = Desk(desk.folder)
    (low, high) = direct.apply(dump(planned.plan))
    assert [p.want.hop_id for p in (low, high)] == [h.id for h in planned.plan.hops]
    assert git(desk.folder, "rev-parse", f"{high.want.head_oid}^{{tree}}") == planned.plan.hops[1].result_tree


def test_what_moved_elsewhere_does_not_matter(desk):
    desk.set("1.1.0")
    data = dump(desk.plan().plan)
    desk.change({"README.md": "meanwhile\n", "apps/other/x.yaml": "a: 1\n"})
    (pull,) = desk.apply(data)
    assert git(desk.folder, "rev-parse", f"{pull.want.head_oid}^") == desk.world.git.tip("main")


def test_a_newer_version_in_the_source_does_not_change_a_plan(desk):
    desk.set("1.1.0")
    data = dump(desk.plan().plan)
    desk.set("1.2.0")
    (pull,) = desk.apply(data)
    assert desk.world.git.read_file(pull.want.head, path("staging")).decode() == overlay("staging", "1.1.0")


@pytest.mark.parametrize(
    ("files", "told_as"),
    [
        ({path("staging"): overlay("staging", "1.0.0", "# a note\n")}, "apps/web/overlays/staging/kustomization.yaml"),
        ({path("staging"): None}, "apps/web/overlays/staging/kustomization.yaml"),
        ({"fairlead.yaml": CONFIG + "# other rules\n"}, "fairlead.yaml changed"),
    ],
)
def test_a_plan_whose_file_or_rules_moved_is_stale(desk, files, told_as):
    desk.set("1.1.0")
    data = dump(desk.plan().plan)
    desk.change(files)
    before = git(desk.folder, "for-each-ref")
    with pytest.raises(ConflictError, match="the plan is stale") as caught:
        desk.apply(data)
    assert (told_as in caught.value.message, caught.value.exit_code) == (True, 5)
    assert git(desk.folder, "for-each-ref") == before


def test_a_plan_of_a_branch_that_was_wound_back_is_refused(desk):
    desk.set("1.1.0")
    data = dump(desk.plan().plan)
    git(desk.folder, "reset", "-q", "--hard", "HEAD~1")
    with pytest.raises(ConflictError, match="not part of main"):
        desk.apply(data)


def test_a_plan_for_another_branch_is_refused(desk):
    desk.set("1.1.0")
    data = dump(desk.plan().plan)
    git(desk.folder, "switch", "-q", "-c", "release")
    with pytest.raises(UsageError, match="the plan is for the branch 'main', this is 'release'"):
        desk.apply(data)


def test_a_value_in_quotes_and_escapes_stands_where_the_plan_says(desk):
    extra = "commonAnnotations: {note: %s}\n"
    desk.change({
        path("dev"): overlay("dev", "1.0.0", extra % "'it''s one'"),
        path("staging"): overlay("staging", "1.0.0", extra % "two"),
    })  # fmt: skip
    (pull,) = desk.apply(dump(desk.plan(fields=("commonAnnotations.note",)).plan))
    assert b"{note: it's one}" in desk.world.git.read_file(pull.want.head, path("staging"))


def test_a_value_that_the_source_never_had_is_refused(desk):
    desk.set("1.1.0")
    plan = desk.plan().plan
    forged = dump(plan).replace(b"1.1.0", b"6.6.6")
    with pytest.raises(UsageError, match="was changed after it was made"):
        desk.apply(forged)
    hop = plan.hops[0]
    move = hop.apps[0].units[0].moves[0]
    edit = dataclasses.replace(move.changes[0], new=b"6.6.6")
    unit = dataclasses.replace(hop.apps[0].units[0], moves=(dataclasses.replace(move, new="6.6.6", changes=(edit,)),))
    app = dataclasses.replace(hop.apps[0], units=(unit,))
    lie = dataclasses.replace(plan, hops=(dataclasses.replace(hop, apps=(app,)),))
    with pytest.raises(ConflictError, match=r"the source does not hold '6.6.6'"):
        desk.apply(dump(lie))


# ── one open promotion for an app and target ──


def test_overlapping_sets_of_apps_are_refused(tmp_path):
    desk = Desk.make(tmp_path / "repo", "web", "api")
    desk.set("1.1.0", app="web")
    desk.set("1.1.0", app="api")
    desk.promote("web", "api")
    before = git(desk.folder, "for-each-ref")
    with pytest.raises(ConflictError, match="pull request #1 already changes web in staging") as caught:
        desk.promote("web")
    assert caught.value.remedy == (
        "merge it (fairlead pr merge 1), or close it (fairlead pr close 1 --why superseded)\n"
        "or make one of all, in its place: --join"
    )
    assert git(desk.folder, "for-each-ref", "refs/heads", "refs/fairlead/pulls") == "\n".join(
        line for line in before.splitlines() if "refs/heads" in line or "fairlead/pulls" in line
    )
    desk.forge().close(1, "apart", "ann")
    assert [p.number for p in (*desk.promote("web"), *desk.promote("api"))] == [2, 3]


def test_a_set_that_overlaps_names_every_pull_request_and_what_is_left(tmp_path):
    desk = Desk.make(tmp_path / "repo", "web", "api", "job")
    for app in ("web", "api", "job"):
        desk.set("1.1.0", app=app)
    desk.promote("web")
    desk.promote("api")
    with pytest.raises(ConflictError) as caught:
        desk.promote("web", "api", "job")
    assert caught.value.message == (
        "pull request #1 already changes web in staging; pull request #2 already changes api in staging"
    )
    assert caught.value.remedy.splitlines()[1:] == [
        "merge it (fairlead pr merge 2), or close it (fairlead pr close 2 --why superseded)",
        "or promote what is not in it: fairlead promote job --from dev --to staging",
        "or make one of all, in its place: --join",
    ]
    assert [p.number for p in desk.promote("job")] == [3]


# ── rollbacks ──


def test_a_rollback_restores_the_bytes_and_is_proved_by_rendering(desk):
    desk.bring("1.1.0")
    before = desk.world.git.read_file("main~1", path("production"))
    back = desk.back()
    assert (back.proved, back.off) == (True, ())
    assert [g.subject for g in back.evidence[0].changed] == ["Deployment/web"]
    pull = desk.roll_back()
    assert (pull.want.title, pull.want.head) == (
        "revert(production): roll web back (1.0.0)", "fairlead/production/rollback-web",
    )  # fmt: skip
    desk.merge(pull.number)
    assert desk.world.git.read_file("main", path("production")) == before
    assert desk.tags() == {"dev": "1.1.0", "staging": "1.1.0", "production": "1.0.0"}
    assert told(desk)[0] == "rollback web production -> production"


def test_what_was_taken_back_is_held_and_a_newer_version_is_offered_again(desk):
    desk.bring("1.1.0")
    desk.merge(desk.roll_back().number)
    held = desk.moves(source="staging", target="production")
    assert held[TAG] == ("offer", "1.0.0", "1.1.0")
    assert desk.plan(source="staging", target="production").empty
    desk.bring("1.2.0", through="staging")
    assert desk.moves(source="staging", target="production")[TAG] == ("promote", "1.0.0", "1.2.0")
    (pull,) = desk.promote(source="staging", target="production")
    desk.merge(pull.number)
    assert desk.tags()["production"] == "1.2.0"


def test_a_rollback_whose_shared_base_moved_is_refused_and_changes_nothing(desk):
    desk.bring("1.1.0")
    desk.change({"apps/web/base/deployment.yaml": DEPLOYMENT.replace("app: web}", "app: web, x: y}", 1)}, "Base")
    desk.bring("1.2.0", through="staging")
    (opened,) = desk.promote(source="staging", target="production")
    back = desk.back()
    assert back.proved is False
    assert [g.subject for g in back.off] == ["Deployment/web"]
    before = git(desk.folder, "for-each-ref")
    with pytest.raises(ConflictError, match="would not render as they did then") as caught:
        desk.roll_back()
    assert caught.value.exit_code == 5
    assert git(desk.folder, "for-each-ref") == before
    assert desk.forge().get(opened.number).state is PullState.OPEN


def test_a_rollback_takes_the_place_of_an_open_promotion(desk):
    desk.bring("1.1.0")
    desk.bring("1.2.0", through="staging")
    (opened,) = desk.promote(source="staging", target="production")
    pull = desk.roll_back()
    closed = desk.forge().get(opened.number)
    assert (closed.state, closed.closed_why) == (
        PullState.CLOSED, f"web in production is rolled back by #{pull.number}",
    )  # fmt: skip
    assert [p.number for p in desk.open()] == [pull.number]


def test_a_rollback_twice_is_one_pull_request(desk):
    desk.bring("1.1.0")
    first, second = desk.roll_back(), desk.roll_back()
    assert (first.number, first.want.head_oid) == (second.number, second.want.head_oid)


def test_a_rollback_brings_back_files_and_restructured_text(desk):
    start = desk.world.git.tip("main")
    desk.change({
        path("production"): overlay("production", "1.1.0", "# odd\npatches: []\n"),
        "apps/web/overlays/production/extra.yaml": "a: 1\n",
    })  # fmt: skip
    pull = desk.roll_back(to=start)
    desk.merge(pull.number)
    assert git(desk.folder, "diff", "--name-only", start, "main", "--", "apps") == ""


def test_a_rollback_to_a_tag(desk):
    git(desk.folder, "tag", "-a", "-m", "x", "good")
    desk.bring("1.1.0")
    desk.bring("1.2.0")
    desk.merge(desk.roll_back(to="good").number)
    assert desk.tags()["production"] == "1.0.0"


SECRET = "secretGenerator:\n- name: s\n  literals: [PASSWORD=%s]\n"


def test_a_rollback_does_not_repeat_secrets(desk):
    desk.change({path("production"): overlay("production", "1.0.0", SECRET % "hunter1")})
    desk.change({path("production"): overlay("production", "1.1.0", SECRET % "hunter2")})
    pull = desk.roll_back()
    texts = pull.want.title + pull.want.body + git(desk.folder, "log", "-1", "--format=%B", pull.want.head_oid)
    assert "hunter" not in texts
    assert "secretGenerator" in texts
    assert b"hunter1" in desk.world.git.read_file(pull.want.head_oid, path("production"))


def test_a_rollback_of_a_whole_secret_file_does_not_repeat_it(desk):
    name = "apps/web/overlays/production/secret.yaml"
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {%s}\n"
    more = "resources: [../../base, secret.yaml]\n"
    text = overlay("production").replace("resources: [../../base]\n", more)
    desk.change({path("production"): text, name: secret % "a: hunter1, b: hunter2"})
    desk.change({name: secret % "a: hunter3, c: hunter4"})
    pull = desk.roll_back()
    said = pull.want.title + pull.want.body + git(desk.folder, "log", "-1", "--format=%B", pull.want.head_oid)
    assert "hunter" not in said


@pytest.mark.parametrize(
    ("env", "app", "to", "message"),
    [
        ("production", "web", "nothing", "there is no commit 'nothing' in this clone"),
        ("production", "web", "HEAD", "web in production is as it was"),
        ("production", "wbe", "", "there is no app 'wbe'"),
        ("prodction", "web", "", "there is no environment 'prodction'"),
        ("production", "web", "--all", "there is no commit '--all' in this clone"),
    ],
)
def test_rollbacks_that_can_not_be(desk, env, app, to, message):
    desk.bring("1.1.0")
    with pytest.raises(UsageError) as caught:
        desk.back(env, app, to)
    assert message in caught.value.message
    assert caught.value.remedy


def test_a_rollback_of_what_nobody_changed_is_refused(desk):
    with pytest.raises(UsageError, match="nothing came before the present state of web in production"):
        desk.back()


def test_rollbacks_are_records_too(desk):
    desk.bring("1.1.0")
    desk.merge(desk.roll_back().number)
    assert [r.verb for r in records(desk, "web", "production")] == [Verb.ROLLBACK, Verb.PROMOTE, Verb.CHANGE]


def test_a_stale_plan_says_which_field_moved_to_what_and_where(desk):
    desk.set("1.1.0")
    data = dump(desk.plan().plan)
    commit = desk.change({path("staging"): overlay("staging", "1.0.1")})
    with pytest.raises(ConflictError) as caught:
        desk.apply(data)
    assert caught.value.message == (
        f"the plan is stale: {path('staging')} changed on main since it was made in {commit[:8]} "
        "(images[example.com/web].newTag is 1.0.1 by now, not 1.0.0)"
    )


def test_a_target_that_changes_during_the_prompt_is_refused_and_nothing_is_done(desk):
    desk.set("1.1.0")
    world = desk.world
    forge = desk.forge(world)
    proposal = promote.assessed(*promote.plan(world, promote.Request(("web",), through="production"), forge))
    desk.change({path("production"): overlay("production", "1.0.1")}, "Hotfix")
    before = git(desk.folder, "for-each-ref", "refs/heads", "refs/fairlead/pulls", "refs/fairlead/plans")
    with pytest.raises(ConflictError, match=r"newTag is 1\.0\.1 by now, not 1\.0\.0") as caught:
        promote.apply(proposal, forge)
    assert caught.value.exit_code == 5
    assert git(desk.folder, "for-each-ref", "refs/heads", "refs/fairlead/pulls", "refs/fairlead/plans") == before
