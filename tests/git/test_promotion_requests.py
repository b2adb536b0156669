"""Several apps, sets, waves, clusters, an earlier state: what a request for a promotion may say."""

from __future__ import annotations

import pytest

from fairlead.cli.main import run
from fairlead.model.errors import GateClosedError, UsageError
from fairlead.promotion.selection import Selection
from fairlead.steps.gating import open_gating
from fairlead.steps.world import environments
from tests.promotions import BASE, CONFIG, DEPLOYMENT, Desk, clustered, git, overlay, path

WAVE = """\
version: 1
environments: {dev: {}, eu: {match: [prod-eu]}, us: {match: [prod-us]}, edge: {}, pr-1: {ephemeral: true}}
chains: [[dev, [eu, us], edge]]
layout: ["apps/{app}/overlays/{env}"]
sets: {checkout: [web, "pay-*"]}
"""


def waved(folder, *apps: str, config: str = WAVE) -> Desk:
    """Apps in a wave of environments, with replicas of their own."""
    desk = Desk.make(folder, config=config)
    files: dict[str, str | None] = {path(env): None for env in ("staging", "production")}
    for app in apps or ("web",):
        files |= {f"apps/{app}/base/kustomization.yaml": BASE, f"apps/{app}/base/deployment.yaml": DEPLOYMENT}
        for number, env in enumerate(("dev", "eu", "us", "edge"), 1):
            tag = "1.1.0" if env == "dev" else "1.0.0"
            files[path(env, app)] = overlay("dev", tag).replace("count: 1", f"count: {number}")
    desk.change(files)
    return desk


def hops(planned) -> list[tuple[str, str, list[str]]]:
    return [(h.source, h.target, [a.app for a in h.apps if a.changes()]) for h in planned.plan.hops]


def test_a_wave_is_a_hop_and_a_pull_request_for_each_of_its_environments(tmp_path):
    desk = waved(tmp_path / "repo")
    assert hops(desk.plan("web")) == [("dev", "eu", ["web"]), ("dev", "us", ["web"])]
    pulls = desk.promote("web")
    assert [(p.want.head, p.want.draft) for p in pulls] == [("fairlead/eu/web", False), ("fairlead/us/web", False)]
    for number, env in ((2, "eu"), (3, "us")):
        text = git(desk.folder, "show", f"fairlead/{env}/web:{path(env)}")
        assert "newTag: 1.1.0" in text
        assert f"count: {number}" in text


def test_one_environment_of_a_wave_can_be_named(tmp_path):
    assert hops(waved(tmp_path / "repo").plan("web", target="prod-us")) == [("dev", "us", ["web"])]


def test_through_a_wave_enters_all_of_it_and_goes_on_from_the_first(tmp_path):
    desk = waved(tmp_path / "repo")
    assert hops(desk.plan("web", through="edge")) == [
        ("dev", "eu", ["web"]), ("dev", "us", ["web"]), ("eu", "edge", ["web"]),
    ]  # fmt: skip
    assert [p.want.draft for p in desk.promote("web", through="edge")] == [False, False, True]


def test_what_follows_a_wave_waits_for_all_of_it_or_for_any_as_configured(tmp_path):
    desk = waved(tmp_path / "repo")
    eu, us, edge = desk.promote("web", through="edge")
    desk.merge(eu.number)

    def order() -> str:
        forge = desk.forge()
        pull = next(p for p in forge.pulls() if p.number == edge.number)
        results = open_gating(desk.world, environments(desk.world), forge).judge(pull, quick=True)
        return next(f"{r.state}: {r.message}" for r in results if r.gate == "order")

    assert order() == (
        "waiting: web in us: kustomization.yaml: images[example.com/web].newTag is not 1.1.0 yet; "
        "all of the stage before comes first"
    )
    text = WAVE.replace("edge: {}", "edge: {gates: {order: any}}")
    desk.change({"fairlead.yaml": text})
    assert order() == "open: eu runs what this carries"
    desk.change({"fairlead.yaml": WAVE})
    desk.merge(us.number)
    assert order() == "open: eu runs what this carries"


def test_a_set_a_pattern_and_all(tmp_path):
    desk = waved(tmp_path / "repo", "api", "pay-card", "pay-cash", "web")
    assert hops(desk.all(target="eu")) == [("dev", "eu", ["api", "pay-card", "pay-cash", "web"])]
    assert hops(desk.plan("checkout", target="eu")) == [("dev", "eu", ["web", "pay-card", "pay-cash"])]
    assert hops(desk.plan("pay-*", "api", target="eu")) == [("dev", "eu", ["pay-card", "pay-cash", "api"])]
    (pull,) = desk.promote("checkout", target="eu")
    assert pull.want.head == "fairlead/eu/web+pay-card+pay-cash"
    assert git(desk.folder, "rev-list", "--count", f"main..{pull.want.head}") == "3"


@pytest.mark.parametrize(
    ("words", "message", "remedy"),
    [
        (("chekout",), "there is no app 'chekout'", "did you mean 'checkout'?"),
        (("zzz*",), "no app's name is like 'zzz*'", "apps are: web; sets are: checkout"),
    ],
)
def test_apps_and_sets_that_there_are_not(tmp_path, words, message, remedy):
    with pytest.raises(UsageError, match=message.replace("*", r"\*")) as caught:
        waved(tmp_path / "repo").plan(*words)
    assert caught.value.remedy == remedy


def test_a_set_that_names_what_is_no_app(tmp_path):
    with pytest.raises(UsageError, match=r"the set checkout names 'pay-\*', which is no app") as caught:
        waved(tmp_path / "repo").plan("checkout")
    assert str(caught.value.where).startswith("fairlead.yaml:5:")


def test_a_preview_is_promoted_nowhere(tmp_path):
    with pytest.raises(UsageError, match="pr-1 is ephemeral"):
        waved(tmp_path / "repo").plan("web", target="pr-1", skip_order=True, reason="x")


# ── apps with a chain of their own ──

OWN_WAY = (
    CONFIG + 'apps: {"docs-*": {chain: [dev, production], gates: {soak: 1h, codeowners: true}, owners: ["@docs"]}}\n'
)


def test_an_app_with_a_chain_of_its_own_goes_that_way(tmp_path):
    desk = Desk.make(tmp_path / "repo", "web", "docs-a", config=OWN_WAY)
    desk.change({path("dev", app): overlay("dev", "1.1.0") for app in ("web", "docs-a")})
    assert hops(desk.plan("docs-a")) == [("dev", "production", ["docs-a"])]
    assert hops(desk.plan("*")) == [("dev", "production", ["docs-a"]), ("dev", "staging", ["web"])]
    with pytest.raises(UsageError, match="docs-a: nothing comes before staging"):
        desk.plan("web", "docs-a", target="staging")
    with pytest.raises(UsageError, match="different ways"):
        desk.plan("*", through="production")
    made = desk.all(target="staging")
    assert hops(made) == [("dev", "staging", ["web"])]
    assert made.plan.warnings == ("docs-a: nothing comes before staging in the chain",)


def test_gates_and_owners_of_an_app_stand_beside_those_of_the_environment(tmp_path):
    config = OWN_WAY.replace("production: {", "production: {gates: {approvals: 1, soak: 3h}, ")
    desk = Desk.make(tmp_path / "repo", "web", "docs-a", config=config)
    desk.change({path("dev", "docs-a"): overlay("dev", "1.1.0")})
    (pull,) = desk.promote("docs-a")
    forge = desk.forge()
    results = open_gating(desk.world, environments(desk.world), forge).judge(pull, quick=True)
    told = {r.gate: (str(r.state), r.message, r.evidence) for r in results}
    assert told["approvals"][1].startswith("0 of 1 approvals")  # the environment's own word
    assert told["codeowners"][1].startswith("@docs must approve")
    assert "1h" in told["soak"][1]


# ── clusters ──


def places(planned) -> list[str]:
    return [c.path for h in planned.plan.hops for a in h.apps for c in a.changes()]


def test_all_clusters_of_an_environment_go_by_one_pull_request(tmp_path):
    desk = clustered(tmp_path / "repo")
    assert places(desk.plan("web")) == [f"apps/web/production/{c}/kustomization.yaml" for c in "ab"]
    assert len(desk.promote("web")) == 1


def test_one_by_one_in_the_order_of_the_list_each_by_its_own_pull_request(tmp_path):
    desk = clustered(tmp_path / "repo", ", rollout: one-by-one")
    for cluster, rest in (("b", "a"), ("a", "")):
        planned = desk.plan("web")
        assert places(planned) == [f"apps/web/production/{cluster}/kustomization.yaml"]
        assert ("then comes " + rest if rest else "") in "".join(planned.plan.warnings)
        (pull,) = desk.promote("web")
        desk.merge(pull.number)
    assert places(desk.plan("web")) == []


def test_a_cluster_that_the_environment_does_not_list_is_told_and_left_out(tmp_path):
    desk = clustered(tmp_path / "repo")
    desk.change({"apps/web/production/c/kustomization.yaml": overlay("dev").replace("../../base", "../../../base")})
    planned = desk.plan("web")
    assert places(planned) == [f"apps/web/production/{c}/kustomization.yaml" for c in "ab"]
    assert planned.plan.warnings == ("apps/web/production/c: production has no cluster 'c'; it has b, a",)


def test_the_stage_after_clusters_waits_for_all_of_them(tmp_path):
    desk = clustered(tmp_path / "repo", ", rollout: one-by-one")
    (first,) = desk.promote("web")
    desk.merge(first.number)
    (pull,) = desk.promote("web", source="production")
    with pytest.raises(GateClosedError, match="order"):
        desk.merge(pull.number)
    (second,) = desk.promote("web", source="dev")
    desk.merge(second.number)
    desk.merge(pull.number)


# ── an earlier state ──


def test_everything_as_it_stood_at_a_tag(tmp_path):
    desk = Desk.make(tmp_path / "repo")
    desk.set("1.1.0")
    git(desk.folder, "tag", "-a", "release-1", "-m", "one")
    then = git(desk.folder, "rev-parse", "release-1^{commit}")
    desk.set("1.2.0")
    planned = desk.plan("web", as_of="release-1")
    (hop,) = planned.plan.hops
    assert [(m.old, m.new) for a in hop.apps for m in a.chosen()] == [("1.0.0", "1.1.0")]
    assert (hop.source_commit, hop.apps[0].source_tree) == (
        then, git(desk.folder, "rev-parse", f"{then}:apps/web/overlays/dev"),
    )  # fmt: skip
    (pull,) = desk.promote("web", as_of="release-1")
    assert f"Fairlead-Source: {then}" in git(desk.folder, "log", "-1", "--format=%B", pull.want.head)
    desk.merge(pull.number)  # the gate of order knows that dev left it for a newer one
    assert desk.tags() == {"dev": "1.2.0", "staging": "1.1.0", "production": "1.0.0"}


def test_an_earlier_state_goes_through_every_hop(tmp_path):
    desk = Desk.make(tmp_path / "repo")
    desk.set("1.1.0")
    then = git(desk.folder, "rev-parse", "main")
    desk.set("1.2.0")
    made = desk.plan("web", as_of=then, through="production").plan
    assert [[m.new for a in h.apps for m in a.chosen()] for h in made.hops] == [["1.1.0"], ["1.1.0"]]
    assert [h.source_commit for h in made.hops] == [then, made.target_commit]


def test_earlier_states_that_there_are_not(tmp_path):
    desk = Desk.make(tmp_path / "repo")
    desk.set("1.1.0")
    with pytest.raises(UsageError, match="there is no commit or tag 'release-9' in this clone") as caught:
        desk.plan("web", as_of="release-9")
    assert caught.value.remedy == "git log and git tag show what there is"
    git(desk.folder, "branch", "side", "main~1")
    desk.change({"README.md": "aside"}, branch="side")
    with pytest.raises(UsageError, match="is not part of main: its environments never ran that"):
        desk.plan("web", as_of="side")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{desk.folder}", "shallow")
    with pytest.raises(UsageError, match="in this clone, which is shallow") as caught:
        Desk(tmp_path / "shallow").plan("web", as_of="HEAD~1")
    assert caught.value.remedy == "git fetch --unshallow --tags"


def test_a_source_that_went_back_carries_nothing_by_default(tmp_path):
    desk = Desk.make(tmp_path / "repo")
    desk.bring("1.1.0", through="staging")
    git(desk.folder, "revert", "--no-edit", "HEAD~1")
    made = desk.plan("web")
    assert made.empty
    assert (desk.tags()["dev"], desk.tags()["staging"]) == ("1.0.0", "1.1.0")
    (held,) = [m for h in made.plan.hops for a in h.apps for m in a.held if "newTag" in m.field]
    assert "back" in held.reason or "older" in held.reason, held.reason


def test_an_app_that_was_not_there_then_is_left_out(tmp_path):
    desk = Desk.make(tmp_path / "repo")
    git(desk.folder, "tag", "before")
    desk.change({path(env, "new"): overlay(env, "2.0.0") for env in ("dev", "staging")})
    made = desk.plan("new", as_of="before").plan
    assert made.warnings == ("apps/new/overlays/dev was not there at before: left out",)
    assert not any(hop.apps for hop in made.hops)


# ── half a revision, tabs ──


def halved(folder) -> Desk:
    """The new version stands behind an alias, too, where it can't be edited."""
    desk = Desk.make(folder)
    values = "a: &a {tag: %s}\nb: *a\n"
    files: dict[str, str | None] = {
        f"apps/web/overlays/{env}/values.yaml": values % "1.0.0" for env in ("dev", "staging")
    }
    desk.change(files)
    desk.change({path("dev"): overlay("dev", "1.1.0"), "apps/web/overlays/dev/values.yaml": values % "1.1.0"})
    return desk


@pytest.mark.parametrize("wish", [{"units": ("1.1.0",)}, {"fields": ("*newTag",)}])
def test_a_unit_of_which_a_half_can_not_be_edited_is_refused_whole(tmp_path, wish):
    desk = halved(tmp_path / "repo")
    assert not [u for a in desk.plan().plan.hops[0].apps for u in a.units if u.chosen]
    with pytest.raises(UsageError) as caught:
        desk.plan(**wish)
    assert caught.value.message == "web: 1.0.0 -> 1.1.0 would come by half: values.yaml: a.tag can't be edited"
    assert str(caught.value.where) == "apps/web/overlays/staging/values.yaml:1:13"
    assert caught.value.remedy == "change it there by hand first (to '1.1.0'); or --partial with --reason"
    planned = desk.plan(selection=Selection(**wish, partial=True), reason="values come later")
    assert [m.field for m in planned.plan.hops[0].apps[0].chosen()] == [
        "kustomization.yaml: images[example.com/web].newTag"
    ]
    assert "partial" in planned.plan.selection
    assert planned.plan.reason == "values come later"


def test_half_a_unit_needs_a_reason(tmp_path, capsys):
    desk = halved(tmp_path / "repo")
    assert run(["-C", str(desk.folder), "promote", "web", "--unit", "1.1.0", "--partial", "--dry-run"]) == 2
    assert "--partial needs a reason" in capsys.readouterr().err


def test_yaml_indented_with_tabs_is_told_with_its_place_and_stops_nothing_else(tmp_path):
    desk = Desk.make(tmp_path / "repo", "web", "api")
    desk.change({f"apps/web/overlays/{env}/limits.yaml": "a:\n  b: 1\n" for env in ("dev", "staging")})
    desk.change({path("dev", app): overlay("dev", "1.1.0") for app in ("web", "api")})
    desk.change({"apps/web/overlays/dev/limits.yaml": "a:\n\tb: 2\n", path("dev", "api"): "images:\n\t- name: web\n"})
    planned = desk.plan("web", "api")
    web, api = planned.plan.hops[0].apps
    assert [m.field for m in web.chosen()] == ["kustomization.yaml: images[example.com/web].newTag"]
    told = {m.field: m.reason for m in (*web.held, *api.held)}
    tab = "not YAML: a tab where only spaces may be"
    assert told["limits.yaml"] == f"apps/web/overlays/dev/limits.yaml:2:1: {tab}"
    assert told["kustomization.yaml"] == f"apps/api/overlays/dev/kustomization.yaml:2:1: {tab}"
    assert not api.changes()
