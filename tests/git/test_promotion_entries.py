"""Entries and files on one side only, promoted in a real repository, taken back, and taken away again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fairlead.model.changes import DropFile, NewFile
from fairlead.model.errors import ConflictError, GateClosedError
from fairlead.model.plan import Verdict
from fairlead.promotion.plan_json import dump, load, plan_id
from fairlead.steps.routes import Request
from fairlead.workflows import promote
from tests.promotions import CONFIG, Desk, path

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\ndata: {colour: blue}\n"
DEV, STAGING = "apps/web/overlays/dev", "apps/web/overlays/staging"
ENTRY = "kustomization.yaml: resources[more.yaml]"


def named(desk: Desk, env: str, *entries: str) -> dict[str, str | None]:
    """The kustomization of an environment, with more resources."""
    text = (desk.world.git.read_file("main", path(env)) or b"").decode()
    return {path(env): text.replace("../../base]", ", ".join(("../../base", *entries)) + "]")}


def grown(folder: Path, text: str = MAP, *, config: str = CONFIG) -> Desk:
    """A repository in which dev has got another file."""
    desk = Desk.make(folder, config=config)
    desk.change({**named(desk, "dev", "more.yaml"), f"{DEV}/more.yaml": text})
    return desk


def file(desk: Desk, name: str, env: str = STAGING) -> str | None:
    data = desk.world.git.read_file("main", f"{env}/{name}")
    return None if data is None else data.decode()


def test_a_file_and_the_entry_that_names_it_are_one_unit_and_no_default(tmp_path):
    desk = grown(tmp_path)
    planned = desk.plan()
    assert planned.empty
    (unit,) = planned.plan.hops[0].apps[0].units
    assert [(m.field, m.carrier, m.verdict) for m in unit.moves] == [
        (ENTRY, "entries", Verdict.OFFER), ("more.yaml", "files", Verdict.OFFER),
    ]  # fmt: skip
    entry, whole = unit.moves
    assert whole.changes == (NewFile(f"{STAGING}/more.yaml", MAP.encode()), *entry.changes)


@pytest.mark.parametrize("wish", [{"fields": ("more.yaml",)}, {"fields": (ENTRY,)}, {"units": (ENTRY,)}])
def test_either_brings_both(tmp_path, wish):
    desk = grown(tmp_path)
    (opened,) = desk.promote(**wish)
    desk.merge(opened.number)
    assert file(desk, "more.yaml") == MAP
    assert "resources: [../../base, more.yaml]\n" in (file(desk, "kustomization.yaml") or "")
    assert desk.plan().empty
    assert not desk.plan().plan.hops[0].apps[0].units


@pytest.mark.parametrize("pattern", ["more.yaml", "*resources[[]more.yaml]", "*"])
def test_the_configuration_makes_it_a_default(tmp_path, pattern):
    pattern = pattern.replace("[[]", "[")
    desk = grown(tmp_path, config=f"{CONFIG}promote: {{carry: ['{pattern}']}}\n")
    desk.merge(desk.promote()[0].number)
    assert file(desk, "more.yaml") == MAP


def test_what_names_the_source_environment_is_never_a_default(tmp_path):
    text = MAP.replace("blue", "web.dev.example.com")
    desk = grown(tmp_path, text, config=f"{CONFIG}promote: {{carry: ['*more.yaml*']}}\n")
    (unit,) = desk.plan().plan.hops[0].apps[0].units
    assert not unit.chosen
    assert all("it names the source: web.dev.example.com" in m.reason for m in unit.moves)
    desk.merge(desk.promote(fields=("more.yaml",))[0].number)
    assert file(desk, "more.yaml") == text


@pytest.mark.parametrize(
    "text",
    [
        MAP.replace("ConfigMap", "Secret"),
        MAP.replace("v1\n", "bitnami.com/v1alpha1\n").replace("ConfigMap", "SealedSecret"),
        f"{MAP}sops: {{mac: x}}\n",
        f"a: 1\n---\n{MAP.replace('ConfigMap', 'Secret')}",
    ],
)
def test_secrets_never_come_and_their_entry_neither(tmp_path, text):
    desk = grown(tmp_path, text, config=f"{CONFIG}promote: {{carry: ['*more.yaml*']}}\n")
    app = desk.plan().plan.hops[0].apps[0]
    assert app.units == ()
    assert {(m.field, str(m.verdict), m.changes) for m in app.held if m.field in (ENTRY, "more.yaml")} == {
        (ENTRY, "keep", ()), ("more.yaml", "keep", ()),
    }  # fmt: skip


def test_what_a_secret_is_made_of_never_comes_even_where_the_target_names_it_too(tmp_path):
    desk = Desk.make(tmp_path, config=f"{CONFIG}promote: {{carry: ['*.env']}}\n")
    made = "secretGenerator:\n- name: s\n  envs: [it.env]\n"
    texts = {
        path(env): (desk.world.git.read_file("main", path(env)) or b"").decode() + made for env in ("dev", "staging")
    }
    desk.change({**texts, f"{DEV}/it.env": "PASSWORD=hunter2\n"})
    app = desk.plan().plan.hops[0].apps[0]
    assert app.units == ()
    (told,) = (m for m in app.held if m.field == "it.env")
    assert (told.verdict, told.changes, told.reason) == (Verdict.KEEP, (), "secrets belong to their environment")


def test_a_file_the_target_names_and_lacks_is_offered_alone(tmp_path):
    desk = grown(tmp_path)
    desk.change(named(desk, "staging", "more.yaml"))
    (unit,) = desk.plan().plan.hops[0].apps[0].units
    assert [m.field for m in unit.moves] == ["more.yaml"]


def test_a_file_does_not_come_where_a_folder_is(tmp_path):
    desk = Desk.make(tmp_path)
    desk.change({**named(desk, "dev", "more"), f"{DEV}/more": MAP, f"{STAGING}/more/kustomization.yaml": "a: 1\n"})
    app = desk.plan().plan.hops[0].apps[0]
    assert app.units == ()
    told = {m.field: m.reason for m in app.held}
    assert told["more"] == "the target has something else of this name"


def test_a_file_that_nothing_names_is_only_told(tmp_path):
    desk = Desk.make(tmp_path)
    desk.change({f"{DEV}/more.yaml": MAP})
    (told,) = (m for m in desk.plan().plan.hops[0].apps[0].held if m.field == "more.yaml")
    assert (told.changes, told.reason) == ((), "only the source has this file, and no entry names it")


def test_a_folder_comes_with_all_that_its_kustomization_names(tmp_path):
    desk = Desk.make(tmp_path)
    more = {"extra/kustomization.yaml": "resources: [one.yaml]\n", "extra/one.yaml": MAP, "loose.yaml": MAP}
    desk.change({**named(desk, "dev", "extra"), **{f"{DEV}/{name}": text for name, text in more.items()}})
    desk.merge(desk.promote(fields=("extra/one.yaml",))[0].number)
    assert [file(desk, name) for name in ("extra/kustomization.yaml", "extra/one.yaml", "loose.yaml")] == [
        "resources: [one.yaml]\n", MAP, None,
    ]  # fmt: skip


def test_what_was_left_out_today_is_offered_tomorrow(tmp_path):
    desk = grown(tmp_path)
    desk.set("1.1.0")
    desk.merge(desk.promote()[0].number)
    assert file(desk, "more.yaml") is None
    assert desk.moves()["resources[more.yaml]"] == ("offer", "", "more.yaml")


def test_what_a_rollback_took_back_is_held_until_it_changes(tmp_path):
    desk = grown(tmp_path)
    desk.merge(desk.promote(fields=("more.yaml",))[0].number)
    desk.merge(desk.roll_back("staging").number)
    assert file(desk, "more.yaml") is None
    held = {m.field: m for m in desk.plan().plan.hops[0].apps[0].held}
    assert held["more.yaml"].verdict is Verdict.KEEP
    assert held["more.yaml"].reason.startswith("taken back by the rollback of staging")
    assert held[ENTRY].verdict is Verdict.KEEP
    desk.change({f"{DEV}/more.yaml": MAP.replace("blue", "green")})
    held = {m.field: m for m in desk.plan().plan.hops[0].apps[0].held}
    assert held["more.yaml"].verdict is Verdict.OFFER


def test_what_the_target_has_removed_by_hand_stays_away(tmp_path):
    desk = grown(tmp_path)
    desk.merge(desk.promote(fields=("more.yaml",))[0].number)
    desk.change({path("staging"): (file(desk, "kustomization.yaml") or "").replace(", more.yaml", ""),
                 f"{STAGING}/more.yaml": None})  # fmt: skip
    held = {m.field: m for m in desk.plan().plan.hops[0].apps[0].held}
    assert [held[name].verdict for name in (ENTRY, "more.yaml")] == [Verdict.KEEP, Verdict.KEEP]
    assert held[ENTRY].reason.startswith("the target has removed it since the promotion dev -> staging")


def test_what_the_source_gave_up_may_go_too_with_its_file(tmp_path):
    desk = grown(tmp_path)
    desk.merge(desk.promote(fields=("more.yaml",))[0].number)
    desk.change({path("dev"): (file(desk, "kustomization.yaml", DEV) or "").replace(", more.yaml", ""),
                 f"{DEV}/more.yaml": None})  # fmt: skip
    planned = desk.plan()
    assert planned.empty
    (unit,) = planned.plan.hops[0].apps[0].units
    assert {m.field for m in unit.moves} == {ENTRY, "more.yaml"}
    assert all(m.reason.startswith("the source has removed it since the promotion") for m in unit.moves)
    assert any(isinstance(c, DropFile) for m in unit.moves for c in m.changes)
    desk.merge(desk.promote(fields=("more.yaml",))[0].number)
    assert file(desk, "more.yaml") is None
    assert "more.yaml" not in (file(desk, "kustomization.yaml") or "")


def test_a_removal_that_was_taken_back_is_held(tmp_path):
    desk = grown(tmp_path)
    desk.merge(desk.promote(fields=("more.yaml",))[0].number)
    desk.change({path("dev"): (file(desk, "kustomization.yaml", DEV) or "").replace(", more.yaml", ""),
                 f"{DEV}/more.yaml": None})  # fmt: skip
    desk.merge(desk.promote(fields=("more.yaml",))[0].number)
    desk.merge(desk.roll_back("staging").number)
    assert file(desk, "more.yaml") == MAP
    assert not desk.plan().plan.hops[0].apps[0].units


def test_what_nobody_carried_there_is_the_targets_own(tmp_path):
    desk = Desk.make(tmp_path)
    desk.change({**named(desk, "staging", "more.yaml"), f"{STAGING}/more.yaml": MAP})
    app = desk.plan().plan.hops[0].apps[0]
    assert app.units == ()
    assert {m.verdict for m in app.held} == {Verdict.KEEP}


def test_a_hotfix_of_a_value_that_came_with_its_entry_stays(tmp_path):
    desk = grown(tmp_path)
    desk.merge(desk.promote(fields=("more.yaml",))[0].number)
    desk.change({f"{STAGING}/more.yaml": MAP.replace("blue", "green")})
    assert desk.moves()["data.colour"][0] == "keep"


# ── as a plan ──


def test_a_plan_holds_the_files_and_is_applied_as_it_is(tmp_path):
    binary = MAP + "# \N{SNOWMAN}\r\n"
    desk = grown(tmp_path, binary)
    made = desk.plan(fields=("more.yaml",)).plan
    text = dump(made)
    assert load(text, "plan.json") == (plan_id(made), made)
    assert dump(desk.plan(fields=("more.yaml",)).plan) == text
    desk.merge(desk.apply(text)[0].number)
    assert file(desk, "more.yaml") == binary


def test_a_plan_is_stale_where_the_file_is_there_by_now(tmp_path):
    desk = grown(tmp_path)
    text = dump(desk.plan(fields=("more.yaml",)).plan)
    desk.change({f"{STAGING}/more.yaml": "a: 1\n"})
    with pytest.raises(ConflictError, match=r"more\.yaml changed on main"):
        desk.apply(text)


def test_a_plan_that_brings_another_file_than_the_sources_is_refused(tmp_path):
    desk = grown(tmp_path)
    made = desk.plan(fields=("more.yaml",)).plan
    hop = made.hops[0]
    (app,) = hop.apps

    def forged(change):
        return replace(change, data=b"kind: Evil\n") if isinstance(change, NewFile) else change

    units = tuple(
        replace(u, moves=tuple(replace(m, changes=tuple(map(forged, m.changes))) for m in u.moves)) for u in app.units
    )
    fake = replace(made, hops=(replace(hop, apps=(replace(app, units=units),)),))
    with pytest.raises(ConflictError, match="writes files of web that the source does not hold so"):
        desk.apply(dump(fake))


def test_the_gate_knows_since_when_the_source_has_it(tmp_path):
    soaking = CONFIG.replace("staging: {}", "staging: {gates: {soak: 1h}}")
    desk = grown(tmp_path, config=soaking)
    (opened,) = desk.promote(fields=("more.yaml",))
    with pytest.raises(GateClosedError):
        desk.merge(opened.number)
    desk.clock.time += 3700
    desk.merge(opened.number)
    assert file(desk, "more.yaml") == MAP


# ── an app that the target lacks altogether ──

PLAIN = "resources: [../../base]\nimages:\n- name: example.com/api\n  newTag: 7.0.0\n"
API = "apps/api/overlays"


def with_api(folder: Path, text: str = PLAIN, **more: str) -> Desk:
    desk = Desk.make(folder)
    base = {name: desk.world.git.read_file("main", f"apps/web/base/{name}") or b""
            for name in ("kustomization.yaml", "deployment.yaml")}  # fmt: skip
    files: dict[str, str | None] = {
        f"apps/api/base/{name}": data.decode().replace("web", "api") for name, data in base.items()
    }
    files |= {f"{API}/dev/kustomization.yaml": text}
    desk.change(files | {f"{API}/dev/{name}.yaml": data for name, data in more.items()})
    return desk


def test_a_new_app_comes_whole_when_it_is_named_and_goes_all_the_way_up(tmp_path):
    desk = with_api(tmp_path, PLAIN.replace("base]", "base, more.yaml]"), more=MAP)
    assert desk.plan("api").plan.warnings == ()
    for opened in desk.promote("api", through="production"):
        desk.merge(opened.number)
    for env in ("staging", "production"):
        assert file(desk, "kustomization.yaml", f"{API}/{env}") == PLAIN.replace("base]", "base, more.yaml]")
        assert file(desk, "more.yaml", f"{API}/{env}") == MAP
    assert desk.plan("api").empty


def test_a_new_app_never_comes_silently(tmp_path):
    desk = with_api(tmp_path)
    world = desk.world
    everything = promote.plan(world, Request(every_app=True), desk.forge(world))[1]
    assert everything.empty
    assert desk.plan("api", exclude=("new app api",)).empty


def test_what_names_the_source_in_a_new_app_is_to_be_looked_at(tmp_path):
    desk = with_api(tmp_path, PLAIN + "commonAnnotations: {host: api.dev.example.com}\n")
    planned = desk.plan("api")
    assert not planned.empty
    assert planned.plan.warnings == (
        f"api is new in staging: {API}/dev/kustomization.yaml: the target does not have this app yet; "
        "look at what names the source: line 5: api.dev.example.com",
    )


def test_a_new_app_with_a_secret_comes_not_at_all(tmp_path):
    secret = MAP.replace("ConfigMap", "Secret")
    desk = with_api(tmp_path, PLAIN.replace("base]", "base, secret.yaml]"), secret=secret)
    planned = desk.plan("api")
    assert planned.empty
    assert planned.plan.warnings == (
        "api can't be brought into staging as a whole, make it by hand: secret.yaml: "
        "secrets belong to their environment",
    )


def test_a_plan_of_a_new_app_is_applied_as_it_is_and_writes_nowhere_else(tmp_path):
    desk = with_api(tmp_path)
    made = desk.plan("api", through="production").plan
    for opened in desk.apply(dump(made)):
        desk.merge(opened.number)
    assert file(desk, "kustomization.yaml", f"{API}/production") == PLAIN
