"""Planning and delivering in real repositories: the same commits everywhere, nobody's work disturbed."""

from __future__ import annotations

import pytest

from fairlead.model.errors import ConflictError, GateClosedError, UsageError
from fairlead.model.gates import GateState
from fairlead.model.history import Verb
from fairlead.model.pulls import Draft
from fairlead.promotion.plan_json import plan_id
from fairlead.steps.gating import open_gating
from fairlead.steps.world import environments
from fairlead.workflows import history, status
from tests.promotions import CONFIG, Desk, everything, git, overlay, path, texts
from tests.support import commit, new_repo


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk.make(tmp_path / "repo")


def refs(desk: Desk, *patterns: str) -> dict[str, str]:
    lines = git(desk.folder, "for-each-ref", "--format=%(refname) %(objectname)", *patterns).splitlines()
    return dict(line.split(" ", 1) for line in lines)


def changed(desk: Desk, old: str, new: str) -> list[str]:
    return git(desk.folder, "diff", "--name-only", old, new).splitlines()


# ── one promotion ──


def test_one_commit_one_branch_one_pull_request_that_changes_one_value(desk):
    desk.set("1.1.0")
    tip = desk.world.git.tip("main")
    (pull,) = desk.promote()
    repo = desk.world.git
    assert (pull.number, pull.want.head, pull.want.base) == (1, "fairlead/staging/web", "main")
    assert git(desk.folder, "rev-list", "--parents", "-n", "1", pull.want.head_oid).split()[1:] == [tip]
    assert changed(desk, tip, pull.want.head_oid) == [path("staging")]
    assert repo.read_file(pull.want.head_oid, path("staging")).decode() == overlay("staging", "1.1.0")
    assert repo.tip("main") == tip
    assert git(desk.folder, "log", "-1", "--format=%an <%ae> %cn <%ce>", pull.want.head_oid) == (
        "fairlead <fairlead@localhost> fairlead <fairlead@localhost>"
    )


def test_the_same_plan_gives_the_same_commits_at_other_times_and_places(desk, tmp_path):
    desk.set("1.1.0")
    for name in ("a", "deep/er/b"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        git(tmp_path, "clone", "-q", str(desk.folder), name)
    found = []
    for name, time, actor in (("a", 1_700_000_000, "bob@x.org"), ("deep/er/b", 1_900_000_000, "cid@x.org")):
        other = Desk(tmp_path / name, time, actor)
        plan = other.plan(through="production").plan
        pulls = other.promote(through="production")
        found.append((plan_id(plan), [(p.want.head, p.want.head_oid, p.want.hop_id, p.want.body) for p in pulls]))
    assert found[0] == found[1]
    assert len(found[0][1]) == 2


def test_a_new_pull_request_says_how_its_gates_stand_and_until_when(tmp_path):
    config = CONFIG.replace("staging: {}", "staging: {gates: {soak: 4h, approvals: 1}}")
    desk = Desk.make(tmp_path / "repo", config=config + "promote: {supersede: newest}\n")
    desk.set("1.1.0")
    (opened,) = desk.promote("web")
    (comment,) = opened.comments
    assert comment.marker == "gates"
    assert "| soak | **waits** until 2025-06-15 19:06 UTC | 4h of 4h in dev are left" in comment.text
    assert "| approvals | **waits** | 0 of 1 approvals; whoever asked" in comment.text
    assert "| order | open |" in comment.text
    desk.clock.time += 3600
    assert desk.promote("web") == (opened,)
    desk.set("1.2.0")
    (newer,) = desk.promote("web")
    assert "judged at 2025-06-15 16:06 UTC" in newer.comments[0].text


def test_a_rerun_changes_nothing(desk):
    desk.set("1.1.0")
    desk.promote(through="production")
    before = refs(desk)
    desk.clock.time += 1000
    again = desk.promote(through="production")
    assert [p.number for p in again] == [1, 2]
    assert refs(desk) == before


def test_a_newer_version_updates_the_open_pull_request_in_place(desk):
    desk.set("1.1.0")
    (first,) = desk.promote()
    desk.set("1.2.0")
    (second,) = desk.promote()
    assert (second.number, second.want.head, len(desk.open())) == (first.number, first.want.head, 1)
    assert second.want.head_oid != first.want.head_oid
    assert desk.world.git.read_file(second.want.head, path("staging")).decode() == overlay("staging", "1.2.0")


def test_a_stack_is_ordered_and_its_upper_is_a_draft(desk):
    desk.set("1.1.0")
    low, high = desk.promote(through="production")
    assert (low.want.below, low.want.draft, high.want.below, high.want.draft) == ("", False, low.want.key, True)
    assert git(desk.folder, "rev-parse", f"{high.want.head_oid}^") == low.want.head_oid
    assert changed(desk, low.want.head_oid, high.want.head_oid) == [path("production")]
    with pytest.raises(GateClosedError, match="#2 can't be merged now"):
        desk.merge(high.number)


def test_one_commit_an_app_and_hop(tmp_path):
    desk = Desk.make(tmp_path / "repo", "web", "api", "idle")
    desk.set("1.1.0", app="web")
    desk.set("2.0.0", app="api")
    (pull,) = desk.promote("web", "api", "idle")
    log = git(desk.folder, "log", "--format=%s", f"main..{pull.want.head}").splitlines()
    assert log == ["chore(staging): promote api 2.0.0 from dev", "chore(staging): promote web 1.1.0 from dev"]
    assert pull.want.labels == ("environment: staging", "app: web", "app: api")


# ── nobody's work is disturbed ──


# ── what an edit reaches beside the hop's own overlays ──

SHARING = {
    path("staging", "api"): "resources: [../../../web/overlays/staging]\nnamePrefix: api-\n",
    path("production"): "resources: [../staging]\n",
}
INSISTING = (
    "resources: [../../../web/overlays/staging]\npatches:\n- target: {kind: Deployment}\n  patch: |\n"
    "    - {op: test, path: /spec/template/spec/containers/0/image, value: 'example.com/web:1.0.0'}\n"
)


def test_overlays_of_other_apps_and_environments_that_read_an_edited_file_are_shown(desk):
    desk.change(SHARING)
    desk.set("1.1.0")
    (pull,) = desk.promote()
    mine, other = (
        f"**Deployment/{name}** in {where}\n" in pull.want.body
        for name, where in (
            ("web", f"2 overlays: {path('production')[:-19]}, {path('staging')[:-19]}"),
            ("api-web", path("staging", "api")[:-19]),
        )
    )
    assert (mine, other) == (True, True)


def test_an_overlay_of_another_app_that_an_edit_breaks_forbids_it(desk):
    desk.change({path("staging", "api"): INSISTING})
    desk.set("1.1.0")
    with pytest.raises(GateClosedError, match=r"(?s)1 errors.*test"):
        desk.promote()


def test_the_gate_judges_an_overlay_of_another_app_by_the_same_reach(desk):
    desk.change({path("staging", "api"): INSISTING})
    world = desk.world
    head = commit(world.git, "hand", {path("staging"): overlay("staging", "1.1.0")}, start="main")
    forge = desk.forge(world)
    wish = Draft("hand", "by hand", "", "hand", head, "main", "ann@x.org", plan_id="", hop_id="")
    pull = forge.ensure(wish)
    (checks,) = (r for r in open_gating(world, environments(world), forge).judge(pull) if r.gate == "checks")
    assert checks.state is GateState.CLOSED
    assert path("staging", "api") in str(checks.evidence) + checks.message


def dirty(desk: Desk) -> None:
    """A work tree in the middle of things: staged, unstaged, untracked, stashed, ignored, conflicting."""
    folder = desk.folder
    (folder / "README.md").write_text("stashed\n")
    git(folder, "stash")
    (folder / "README.md").write_text("staged\n")
    git(folder, "add", "README.md")
    (folder / "README.md").write_text("unstaged\n")
    (folder / path("staging")).write_text("broken: [\n")
    (folder / path("dev")).unlink()
    (folder / "fairlead.yaml").write_text("nonsense\n")
    (folder / "untracked.txt").write_text("mine\n")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "link").symlink_to("nowhere")


def test_a_dirty_work_tree_does_not_matter_and_stays_as_it_is(desk, tmp_path):
    desk.set("1.1.0")
    git(tmp_path, "clone", "-q", str(desk.folder), "clean")
    (clean,) = Desk(tmp_path / "clean").promote()
    dirty(desk)
    before = everything(desk.folder)
    (pull,) = desk.promote()
    after = everything(desk.folder)
    assert set(after["refs"]) - set(before["refs"]) == {f"refs/heads/fairlead/staging/web {pull.want.head_oid}"}
    assert after | {"refs": 0} == before | {"refs": 0}
    assert pull.want.head_oid == clean.want.head_oid


def test_another_branch_that_is_checked_out_stays_so(desk):
    git(desk.folder, "remote", "add", "origin", str(desk.folder))
    git(desk.folder, "fetch", "-q", "origin")
    git(desk.folder, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    desk.set("1.1.0")
    git(desk.folder, "switch", "-q", "-c", "feature")
    desk.change({path("dev"): overlay("dev", "9.9.9")}, branch="feature")
    before = everything(desk.folder)
    (pull,) = desk.promote()
    after = everything(desk.folder)
    assert after | {"refs": 0} == before | {"refs": 0}
    assert pull.want.title == "chore(staging): promote web from dev (1.1.0)"


def test_the_branch_of_the_pull_request_may_be_checked_out(desk):
    desk.set("1.1.0")
    desk.promote()
    git(desk.folder, "switch", "-q", "fairlead/staging/web")
    (desk.folder / "README.md").write_text("mine\n")
    desk.change({path("dev"): overlay("dev", "1.2.0")})
    (pull,) = desk.promote()
    assert git(desk.folder, "status", "--porcelain") == " M README.md"
    assert (desk.folder / path("staging")).read_text() == overlay("staging", "1.2.0")
    assert git(desk.folder, "rev-parse", "HEAD") == pull.want.head_oid


def test_what_a_person_committed_to_the_branch_is_not_lost(desk):
    desk.set("1.1.0")
    desk.promote()
    theirs = desk.change({"README.md": "theirs\n"}, "Theirs", branch="fairlead/staging/web")
    desk.change({path("dev"): overlay("dev", "1.2.0")})
    with pytest.raises(ConflictError, match="fairlead/staging/web has a commit that fairlead did not make"):
        desk.promote()
    assert desk.world.git.tip("fairlead/staging/web") == theirs


def test_a_detached_head(desk):
    desk.set("1.1.0")
    git(desk.folder, "checkout", "-q", "--detach", "HEAD~1")
    before = everything(desk.folder)
    (pull,) = desk.promote()
    assert everything(desk.folder) | {"refs": 0} == before | {"refs": 0}
    assert pull.want.base == "main"


def test_a_detached_head_without_a_known_branch_is_an_error_with_a_way(desk):
    git(desk.folder, "branch", "-m", "main", "trunk")
    git(desk.folder, "checkout", "-q", "--detach")
    with pytest.raises(UsageError, match="HEAD is detached") as caught:
        desk.plan()
    assert "branch: NAME" in caught.value.remedy


def test_a_bare_clone_promotes_too(desk, tmp_path):
    desk.set("1.1.0")
    git(tmp_path, "clone", "-q", "--bare", str(desk.folder), "bare.git")
    bare = Desk(tmp_path / "bare.git")
    (here,), (there,) = desk.promote(), bare.promote()
    assert here.want.head_oid == there.want.head_oid
    bare.merge(1)
    assert bare.tags() == {"dev": "1.1.0", "staging": "1.1.0", "production": "1.0.0"}


def test_a_linked_work_tree_promotes_too(desk, tmp_path):
    desk.set("1.1.0")
    git(desk.folder, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    before = everything(desk.folder)
    side = Desk(tmp_path / "side")
    world = side.world
    assert environments(world).branch in ("side", "main")
    (pull,) = side.promote()
    assert pull.want.head == "fairlead/staging/web"
    assert everything(desk.folder) | {"refs": 0} == before | {"refs": 0}


def test_planning_writes_nothing_at_all(desk):
    desk.set("1.1.0")
    before, objects = refs(desk), git(desk.folder, "count-objects", "-v")
    world = desk.world
    desk.plan(through="production")
    status.run(world, desk.forge(world))
    history.run(world, desk.forge(world))
    assert (refs(desk), git(desk.folder, "count-objects", "-v")) == (before, objects)


def test_odd_names_of_apps_have_branches_and_history_of_their_own(tmp_path):
    apps = ("a b", "a-b", "größe", "x~1", "-dash", "c+d", "a.lock", "@{u}")
    desk = Desk.make(tmp_path / "repo", *apps)
    for app in apps:
        desk.set("1.1.0", app=app)
    pulls = [desk.promote(app)[0] for app in apps]
    assert len({p.want.head for p in pulls}) == len({p.number for p in pulls}) == len(apps)
    for pull in pulls:
        desk.merge(pull.number)
    assert [desk.tags(app)["staging"] for app in apps] == ["1.1.0"] * len(apps)
    world = desk.world
    records = history.run(world, desk.forge(world)).records
    assert {r.app for r in records if r.verb is Verb.PROMOTE} == set(apps)


def test_apps_whose_names_read_alike_do_not_share_a_branch(tmp_path):
    config = CONFIG.replace(
        '"apps/{app}/', '"apps/{team}/{app}/", "apps/{app}/'.replace('{app}/", ', '{app}/overlays/{env}", ')
    )
    files = {name: text for app in ("a/b", "a-b") for name, text in texts(app, config=config).items()}
    new_repo(tmp_path / "repo", files)
    desk = Desk(tmp_path / "repo")
    for app in ("a/b", "a-b"):
        desk.set("1.1.0", app=app)
    assert len({desk.promote(app)[0].want.head for app in ("a/b", "a-b")}) == 2
