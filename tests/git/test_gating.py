"""Every pull request is judged by what its merge does to the rendering: by hand, by a bot, of a shared base."""

from __future__ import annotations

from pathlib import Path

import pytest

from fairlead.ledger import audit
from fairlead.model.errors import ConflictError, GateClosedError
from fairlead.model.gates import GateResult, GateState
from fairlead.model.pulls import Draft, Pull, Status, StatusState
from fairlead.steps import merging
from fairlead.steps.evidence import mark
from fairlead.steps.gating import Gating, open_gating
from fairlead.steps.world import environments
from fairlead.workflows import history
from fairlead.workflows import pull as workflow
from tests.promotions import CONFIG, DEPLOYMENT, Desk, overlay, path
from tests.support import commit

BASE = "apps/web/base/deployment.yaml"
GATED = CONFIG.replace("production: {match: [prod]}", "production: {match: [prod], gates: {approvals: 1}}")


@pytest.fixture
def desk(tmp_path) -> Desk:
    return Desk.make(tmp_path / "repo")


def gated(tmp_path: Path, gates: str, more: str = "", files: dict[str, str | None] | None = None) -> Desk:
    """A desk whose production has these gates; `more` stands beside them."""
    rules = f"production: {{match: [prod], gates: {{{gates}}}{more}}}"
    desk = Desk.make(tmp_path / "repo", config=CONFIG.replace("production: {match: [prod]}", rules))
    if files:
        desk.change(files)
    return desk


def by_hand(desk: Desk, files: dict[str, str | None], head: str = "hand", body: str = "", start: str = "main") -> Pull:
    oid = commit(desk.world.git, head, files, start=start)
    return desk.forge().ensure(Draft(head, "by hand", body, head, oid, "main", "ann@x.org", plan_id="", hop_id=oid))


def gating(desk: Desk) -> Gating:
    world = desk.world
    return open_gating(world, environments(world), desk.forge(world))


def judged(desk: Desk, number: int) -> dict[str, list[GateResult]]:
    """environment -> the results that are not open."""
    judge, pull = gating(desk), desk.forge().get(number)
    names = [e.name for e in judge.reached(pull, judge.effect(pull))]
    results = judge.judge(pull)
    size = len(results) // len(names) if names else 0
    return {
        name: [r for r in results[at * size : (at + 1) * size] if r.state is not GateState.OPEN]
        for at, name in enumerate(names)
    }


def shut(desk: Desk, number: int) -> dict[str, list[str]]:
    return {name: [r.gate for r in found] for name, found in judged(desk, number).items()}


def approve(desk: Desk, number: int, who: str = "bob@x.org") -> None:
    desk.forge().review(number, who, approved=True)


# ── the rendered effect ──


def test_an_edit_of_a_shared_base_needs_what_every_environment_asks(tmp_path):
    desk = Desk.make(tmp_path / "repo", config=GATED)
    pull = by_hand(desk, {BASE: DEPLOYMENT.replace("{name: web}\n", "{name: web, labels: {x: y}}\n")})
    assert shut(desk, pull.number) == {"dev": [], "staging": ["direct"], "production": ["approvals"]}
    with pytest.raises(GateClosedError, match="production: 0 of 1 approvals"):
        desk.merge(pull.number)
    approve(desk, pull.number)
    assert desk.merge(pull.number).pull.merged_by == "ann@x.org"


def test_what_changes_no_rendering_waits_for_nothing(tmp_path):
    desk = Desk.make(tmp_path / "repo", config=GATED)
    text = overlay("production") + "# a remark\n"
    pull = by_hand(desk, {"README.md": "bye\n", path("production"): text})
    assert shut(desk, pull.number) == {}
    desk.merge(pull.number)


def test_a_component_counts_for_whoever_reads_it(desk):
    component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {x: %s}\n"
    desk.change({
        "parts/x/kustomization.yaml": component % "a",
        path("production"): overlay("production", more="components: [../../../../parts/x]\n"),
    })  # fmt: skip
    pull = by_hand(desk, {"parts/x/kustomization.yaml": component % "b"})
    assert shut(desk, pull.number) == {"production": ["direct"]}


def test_an_overlay_that_does_not_build_any_more_is_an_effect(desk):
    pull = by_hand(desk, {BASE: None})
    found = shut(desk, pull.number)
    assert found["production"] == ["direct", "checks"]


def test_the_merge_is_judged_not_the_head_alone(desk):
    extra = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n"
    desk.change({"apps/x/kustomization.yaml": "resources: [x.yaml]\n", "apps/x/x.yaml": extra})
    text = overlay("staging").replace("[../../base]", "[../../base, ../../../x]")
    fine = by_hand(desk, {path("staging"): text})
    assert "checks" not in shut(desk, fine.number)["staging"]
    desk.change({"apps/x/kustomization.yaml": None, "apps/x/x.yaml": None})
    assert "checks" in shut(desk, fine.number)["staging"]


def test_what_came_to_the_branch_meanwhile_is_no_effect_of_the_pull_request(desk):
    pull = by_hand(desk, {path("dev"): overlay("dev", "1.0.1")})
    desk.change({path("production"): overlay("production", "1.0.2"), path("dev", "api"): overlay("dev")})
    assert list(shut(desk, pull.number)) == ["dev"]


def test_a_merge_in_conflict_is_judged_by_its_head_and_not_merged(desk):
    pull = by_hand(desk, {path("staging"): overlay("staging", "1.0.1")})
    desk.change({path("staging"): overlay("staging", "1.0.2")})
    assert shut(desk, pull.number) == {"staging": ["direct"]}
    approve(desk, pull.number)
    with pytest.raises(ConflictError, match="has changed since #1 was made"):
        desk.merge(pull.number)


def test_what_came_to_the_branch_after_the_judgement_is_judged_again(desk):
    extra = {"apps/x/kustomization.yaml": "resources: [x.yaml]\n", "apps/x/x.yaml": "{apiVersion: v1, kind: Secret}\n"}
    desk.change({**extra, "apps/x/x.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n"})
    text = overlay("dev").replace("[../../base]", "[../../base, ../../../x]")
    pull = by_hand(desk, {path("dev"): text})
    world = desk.world
    seen = merging.prepare(world, desk.forge(world), gating(desk), pull.number)
    desk.change(dict.fromkeys(extra))
    with pytest.raises(GateClosedError, match="checks, closed"):
        merging.merge(world, desk.forge(world), gating(desk), seen)


# ── direct changes ──


def test_versions_enter_the_first_environment_and_direct_deny_closes_the_last(tmp_path):
    desk = gated(tmp_path, "", ", direct: deny")
    assert shut(desk, by_hand(desk, {path("dev"): overlay("dev", "1.0.1")}).number) == {"dev": []}
    pull = by_hand(desk, {path("production"): overlay("production", "1.0.1")}, "other")
    approve(desk, pull.number)
    (closed,) = judged(desk, pull.number)["production"]
    assert (closed.gate, closed.state) == ("direct", GateState.CLOSED)
    desk.bring("1.1.0")
    assert desk.tags()["production"] == "1.1.0"


def test_words_of_a_promotion_without_its_plan_are_a_direct_change(desk):
    lie = "Fairlead-Promote: web staging -> production\nFairlead-Plan: 0000"
    pull = by_hand(desk, {path("production"): overlay("production", "9.9.9")}, body=lie)
    assert shut(desk, pull.number)["production"] == ["plan", "order", "direct"]


def test_a_commit_on_top_of_a_promotion_makes_it_a_direct_change(desk):
    desk.set("1.1.0")
    (pull,) = desk.promote()
    assert shut(desk, pull.number) == {"staging": []}
    more = commit(desk.world.git, pull.want.head, {path("staging"): overlay("staging", "1.1.0", "namePrefix: x-\n")})
    pull = desk.forge().ensure(Draft(**{**vars(pull.want), "head_oid": more}))
    assert "direct" in shut(desk, pull.number)["staging"]


# ── code owners ──

OWNERS = {"CODEOWNERS": "* @nobody\n/apps/web/ @shop/web\n"}
TEAMS = '\nteams: {"@shop/web": [ann@x.org, bob@x.org]}\n'


def test_an_owner_must_approve_as_the_branch_says(tmp_path):
    desk = gated(tmp_path, "codeowners: true", ", direct: allow", OWNERS)
    desk.change({"fairlead.yaml": (desk.folder / "fairlead.yaml").read_text() + TEAMS})
    grab = {"CODEOWNERS": "* @eve\n", path("production"): overlay("production", "1.0.1")}
    pull = by_hand(desk, grab)
    assert shut(desk, pull.number) == {"production": ["codeowners"]}
    approve(desk, pull.number, "eve")
    (waiting,) = judged(desk, pull.number)["production"]
    assert waiting.message == "@nobody and @shop/web must approve"
    assert waiting.evidence == (
        "@nobody: nobody approved (CODEOWNERS)",
        f"@shop/web: nobody approved ({path('production')})",
    )
    approve(desk, pull.number, "bob@x.org")
    approve(desk, pull.number, "nobody")
    assert shut(desk, pull.number) == {"production": []}


# ── statuses ──


def test_statuses_of_the_commit_that_the_promotion_was_made_from(tmp_path):
    desk = gated(tmp_path, "statuses: [ci/test]")
    desk.bring("1.1.0", through="staging")
    (pull,) = desk.promote(source="staging", target="production")
    (waits,) = judged(desk, pull.number)["production"]
    assert (waits.gate, waits.state) == ("statuses", GateState.WAITING)
    world = desk.world
    for state, expected in (("failure", ["statuses"]), ("success", [])):
        word = Status("ci/test", StatusState(state), "ci@x.org", desk.clock.now())
        workflow.set_status(world, desk.forge(world), "main", word)
        assert shut(desk, pull.number) == {"production": expected}


# ── a command ──

HEALTHY = "#!/bin/sh\necho $FAIRLEAD_APP in $FAIRLEAD_ENV from $FAIRLEAD_SOURCE: $*\ntest $FAIRLEAD_APP = web\n"


def script(desk: Desk, text: str) -> None:
    desk.change({"ops/healthy.sh": text})


def test_a_command_decides_by_its_exit_code_and_leaves_its_words(tmp_path):
    desk = gated(tmp_path, 'command: [ops/healthy.sh, "$(touch x)"]')
    script(desk, HEALTHY)
    desk.bring("1.1.0", through="staging")
    (pull,) = desk.promote(source="staging", target="production")
    assert shut(desk, pull.number) == {"production": []}
    (yes,) = (r for r in gating(desk).judge(desk.forge().get(pull.number)) if r.gate == "command")
    assert yes.evidence[0].endswith("s: web in production from staging: $(touch x)")
    script(desk, HEALTHY.replace("web", "api"))
    (no,) = judged(desk, pull.number)["production"]
    assert (no.gate, no.state) == ("command", GateState.CLOSED)
    assert "says no (1) for web" in no.message


def test_a_pull_request_does_not_bring_its_own_judge(tmp_path):
    desk = gated(tmp_path, "command: [ops/healthy.sh]", ", direct: allow")
    script(desk, "#!/bin/sh\nexit 7\n")
    pull = by_hand(desk, {"ops/healthy.sh": "#!/bin/sh\n", path("production"): overlay("production", "1.0.1")})
    assert "says no (7)" in judged(desk, pull.number)["production"][0].message


def test_a_command_that_takes_too_long_or_is_not_there_is_no_yes(tmp_path):
    desk = gated(tmp_path, "command: {run: [sleep, '60'], timeout: 1s}", ", direct: allow")
    pull = by_hand(desk, {path("production"): overlay("production", "1.0.1")})
    (late,) = judged(desk, pull.number)["production"]
    assert "gave no answer for web" in late.message
    desk.change({"fairlead.yaml": (desk.folder / "fairlead.yaml").read_text().replace("sleep", "no-such-program")})
    assert "can't start no-such-program" in judged(desk, pull.number)["production"][0].evidence[0]


# ── freezes of a calendar ──

CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Freeze\r\n"
    "DTSTART:20250601T000000Z\r\nDTEND:20250701T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def test_a_calendar_of_the_branch_counts_and_what_was_green_goes_stale(tmp_path):
    desk = gated(tmp_path, "freeze: [{calendar: ops/freezes.ics}]", ", direct: allow")
    pull = by_hand(desk, {path("production"): overlay("production", "1.0.1"), "ops/freezes.ics": CALENDAR})
    (closed,) = judged(desk, pull.number)["production"]
    assert "there is no file ops/freezes.ics on the branch" in closed.message
    desk.change({"ops/freezes.ics": CALENDAR.replace("20250601", "20250616")})
    other = by_hand(desk, {path("production"): overlay("production", "1.0.2")}, "other")
    world = desk.world
    seen = merging.prepare(world, desk.forge(world), gating(desk), other.number)
    desk.clock.time += 3 * 86400
    with pytest.raises(GateClosedError, match="production is frozen until 2025-07-01 00:00 UTC"):
        merging.merge(world, desk.forge(world), gating(desk), seen)


# ── emergencies and evidence ──


def merge_now(desk: Desk, number: int, reason: str = "") -> merging.Merged:
    world = desk.world
    forge, judge = desk.forge(world), gating(desk)
    return merging.merge(world, forge, judge, merging.prepare(world, forge, judge, number, reason))


def test_an_emergency_names_what_it_skips_everywhere(tmp_path):
    desk = gated(tmp_path, "approvals: 2, freeze: [{why: always}]")
    pull = by_hand(desk, {path("production"): overlay("production", "1.0.1")})
    with pytest.raises(GateClosedError) as caught:
        merge_now(desk, pull.number)
    assert "--emergency --reason TEXT" in caught.value.remedy
    merged = merge_now(desk, pull.number, "customers\nare locked out").pull
    message = desk.world.git.message(merged.merge_commit)
    assert "Fairlead-Emergency: approvals, freeze\nFairlead-Reason: customers are locked out\n" in message
    (comment,) = merged.comments
    assert "> **Emergency**, asked by ann@\u200bx.org: customers are locked out" in comment.text
    entry = audit.entries(desk.world.git)[0]
    assert (entry.verb, entry.commits) == ("merge", (merged.merge_commit,))
    assert '"emergency": "approvals, freeze"' in entry.detail
    world = desk.world
    record = history.run(world, desk.forge(world), "web", "production").records[0]
    assert (record.emergency, record.reason) == ("approvals, freeze", "customers are locked out")


def test_a_commit_can_not_claim_an_emergency(desk):
    lie = "x\n\nFairlead-Emergency: all\nFairlead-Reason: none"
    oid = commit(desk.world.git, "hand", {path("dev"): overlay("dev", "1.0.1")}, start="main", message=lie)
    pull = desk.forge().ensure(Draft("hand", "x", lie, "hand", oid, "main", "ann@x.org", plan_id="", hop_id=oid))
    merged = desk.merge(pull.number).pull
    assert "Emergency" not in desk.world.git.message(merged.merge_commit)


def test_an_emergency_does_not_merge_an_upper_before_the_lower(desk):
    desk.set("1.1.0")
    _, upper = desk.promote(through="production")
    with pytest.raises(ConflictError, match="stands on #1"):
        merge_now(desk, upper.number, "now")


def test_every_merge_leaves_its_evidence(tmp_path):
    desk = gated(tmp_path, "soak: 1h")
    desk.bring("1.1.0", through="staging")
    desk.clock.time += 7200
    (pull,) = desk.promote(source="staging", target="production")
    merged = desk.merge(pull.number).pull
    (comment,) = merged.comments
    assert comment.marker == "gates"
    assert "Gates, judged at 2025-06-15 17:06 UTC" in comment.text
    assert "| soak | open | came to staging 1h ago or earlier | web: kustomization.yaml: images" in comment.text
    detail = audit.entries(desk.world.git)[0].detail
    assert '"gate": "soak"' in detail
    assert "in staging since 2025-06-15 15:06 UTC" in detail


def test_a_promotion_in_an_emergency_says_so_in_its_text(tmp_path):
    desk = gated(tmp_path, "soak: 1d")
    desk.bring("1.1.0", through="staging")
    pulls = desk.promote(source="staging", target="production")
    world = desk.world
    (pull,) = mark(world, desk.forge(world), gating(desk), pulls, "it burns")
    assert pull.want.body.startswith("> **Emergency**, asked by ann@\u200bx.org: it burns\n>\n> Gates skipped: soak (")
    assert pull.want.body.endswith("Fairlead-Emergency: soak\nFairlead-Reason: it burns\n")
    assert "emergency" in pull.want.labels
    with pytest.raises(GateClosedError, match="soak, waiting"):
        desk.merge(pull.number)
