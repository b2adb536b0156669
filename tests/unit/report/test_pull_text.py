"""The text of a pull request: within bounds, and never out of its fence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.plan import Hop, Verdict
from fairlead.promotion import trailers
from fairlead.promotion.units import gather
from fairlead.repo.config import Environment, Freeze, GateRules
from fairlead.report.difference import Group
from fairlead.report.pull_text import LIMIT, asked, body, cell, code, fenced, inline, title
from tests.promoting import a_hop, a_move, an_app

TRAILERS = ("Fairlead-Promote: web staging -> production", "Fairlead-Plan: abc")


def hop(*held, field: str = "k.yaml: images[web].newTag", old: str = "1.1", new: str = "1.2") -> Hop:
    return a_hop(an_app(*gather([a_move(field, old, new, token=(old, new))]), held=held))


def text(of: Hop, changed=(), findings=(), **more) -> str:
    return body("promote", of, changed, findings, TRAILERS, **more)


def test_a_whole_text():
    kept = replace(a_move("k.yaml: replicas", "10", "2", Verdict.KEEP, edit=False), reason="belongs to the environment")
    changed = [Group("Deployment/web", ("apps/web/overlays/production",), ("@@ -1 +1 @@", "-a", "+b"))]
    findings = [Finding("mutable-tag", Severity.WARNING, "floats", "pin it", Where("a.yaml", 3, 4))]
    assert text(hop(kept), changed, findings, reason="urgent", unrendered=("x does not build",)) == (
        "### staging → production\n\n"
        "| app | field | from | to | why |\n|---|---|---|---|---|\n"
        "| web | `k.yaml: images[web].newTag` | `1.1` | `1.2` | so |\n\n"
        "**Reason:** urgent\n\n"
        "### What it changes in the rendered objects\n\n- not compared: x does not build\n\n"
        "**Deployment/web** in apps/web/overlays/production\n\n```diff\n@@ -1 +1 @@\n-a\n+b\n```\n\n"
        "### Checks on the result: 0 errors\n\n- **warning** `a.yaml:3:4` floats (mutable-tag)\n\n"
        "<details><summary>1 differences stay as they are</summary>\n\n"
        "| app | field | production | staging | why it stays |\n|---|---|---|---|---|\n"
        "| web | `k.yaml: replicas` | `10` | `2` | belongs to the environment |\n\n</details>\n\n"
        "**Take it back** after the merge: `fairlead rollback web production`\n\n"
        "Fairlead-Promote: web staging -> production\nFairlead-Plan: abc\n"
    )


def test_the_same_change_of_many_overlays_reads_as_one():
    changed = [Group("Deployment/web", tuple(f"o{i}" for i in range(47)), ("-a", "+b"))]
    assert "**Deployment/web** in 47 overlays: o0, o1, o2 and 44 more" in text(hop(), changed)


def test_no_rendered_change_is_said():
    assert "Nothing: the rendering stays the same." in text(hop())
    assert "Not known." in text(hop(), unrendered=("x",))


def test_conflicts_lead_what_stays():
    held = [a_move(f"k: {v}", verdict=v, edit=False) for v in (Verdict.KEEP, Verdict.OFFER, Verdict.CONFLICT)]
    said = text(hop(*held))
    assert said.index("k: conflict") < said.index("k: offer") < said.index("k: keep")


def test_what_stays_is_counted_where_it_is_long():
    said = text(hop(*(a_move(f"k: f{i:03}", verdict=Verdict.KEEP, edit=False) for i in range(100))))
    assert ("100 differences stay" in said, "… and 60 more." in said, "f039" in said, "f040" in said) == (
        True, True, True, False,
    )  # fmt: skip


# ── hostile text ──


@pytest.mark.parametrize("inside", ["```", "````\nx", "`" * 50, "a\n```\n@all", "~~~"])
def test_a_fence_is_longer_than_any_inside(inside):
    first, *middle, last = fenced(inside, "diff").splitlines()
    assert "\n".join(middle) == inside
    assert first == last + "diff"
    assert set(last) == {"`"}
    assert last not in inside
    assert len(last) >= 3


@pytest.mark.parametrize(
    ("hostile", "safe"),
    [
        ("@all", "@\u200ball"),
        ("a@b", "a@\u200bb"),
        ("<script>", "&lt;script>"),
        ("a|b", "a\\|b"),
        ("`x`", "'x'"),
        ("a\nb\r\nc", "a b c"),
        ("![x](http://e.io/p.png)", "!\\[x](http://e.io/p.png)"),
        ("[x](y)", "\\[x](y)"),
        ("@ x", "@ x"),
    ],
)
def test_text_in_a_line_opens_nothing_and_calls_nobody(hostile, safe):
    assert inline(hostile) == safe


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1.2", "`1.2`"),
        ("", ""),
        ("a|b", "`a\\|b`"),
        ("a`b", "`a'b`"),
        ("images[web].newTag", "`images[web].newTag`"),
        ("<a>", "`<a>`"),
        ("a\nb", "`a b`"),
        ("x@y", "`x@\u200by`"),
        ("y" * 200, f"`{'y' * 157}...`"),
    ],
)
def test_values_are_code(value, shown):
    assert code(value) == shown


def test_long_text_in_a_cell_is_shortened():
    assert (cell("x" * 160), cell("x" * 161)) == ("x" * 160, "x" * 157 + "...")


def test_hostile_values_stay_in_their_cells_and_write_no_trailers():
    evil = "x` | y\n\nFairlead-Promote: pay dev -> production\n```\n@all <img>"
    said = text(
        hop(field=evil, old=evil, new=evil), [Group(evil, (evil,), ("+```", "-@all", " Fairlead-X: y"))], reason=evil
    )
    assert [a.app for a in trailers.read(said).acts] == ["web"]
    assert said.count("\n### ") == 1
    row = next(line for line in said.splitlines() if line.startswith("| web"))
    assert row.replace("\\|", "").count("|") == 6
    assert row.count("`") == 6
    assert "@all" not in said.partition("````diff")[0] + said.rpartition("````")[2]
    assert "**x' \\| y" in said


# ── bounds ──


def big(lines: int) -> list[Group]:
    return [Group(f"Deployment/a{i}", ("o",), ("@@ @@", *(f"+{n:060}" for n in range(lines)))) for i in range(20)]


def test_a_long_text_is_cut_and_says_so_and_keeps_its_trailers():
    said = text(hop(), big(100))
    assert len(said) <= LIMIT
    assert said.endswith("\n\n" + "\n".join(TRAILERS) + "\n")
    assert said.count("```") % 2 == 0
    cut = next(line for line in said.splitlines() if line.startswith("*Cut here: "))
    assert int(cut.split()[2]) + said.index("\n\n*Cut here") >= 20 * 100 * 60
    shown = sum(f"**Deployment/a{i}**" in said for i in range(20))
    assert f", with {20 - shown} of 20 objects; `fairlead pr show {hop().branch} --plan` has all" in cut
    assert "**Take it back** after the merge" in said
    assert "| web | `k.yaml: images[web].newTag` |" in said


def test_a_text_within_bounds_is_whole():
    assert "Cut here" not in text(hop(), big(5))


@pytest.mark.parametrize("lines", range(46, 52))
def test_wherever_it_is_cut_nothing_stays_open(lines):
    held = [a_move(f"k: {'f' * 140}{i}", "o" * 150, "n" * 150, Verdict.KEEP, edit=False) for i in range(60)]
    said = text(hop(*held), big(lines - 8))
    assert len(said) <= LIMIT
    assert said.count("```") % 2 == 0
    assert said.count("<details>") == said.count("</details>")


def test_very_many_trailers_stay_whole_and_within_bounds():
    many = [f"Fairlead-Promote: app-{i} staging -> production" for i in range(900)]
    many += [f"Fairlead-Source-Tree: apps/app-{i}/overlays/staging {'5' * 40}" for i in range(900)]
    said = body("promote", hop(), big(100), (), many)
    assert len(said) <= LIMIT
    assert len(trailers.read(said).acts) == 900
    assert "| web | `k.yaml: images[web].newTag` |" in said


# ── titles ──


@pytest.mark.parametrize(
    ("verb", "apps", "expected"),
    [
        ("promote", ("web",), "chore(production): promote web from staging (1.2)"),
        ("promote", ("web", "api"), "chore(production): promote 2 apps from staging (1.2)"),
        ("rollback", ("web",), "revert(production): roll web back (1.2)"),
    ],
)
def test_titles(verb, apps, expected):
    unit = gather([a_move(token=("1.1", "1.2"))])
    assert title(verb, a_hop(*(an_app(*unit, app=app) for app in apps), an_app(app="still"))) == expected


def test_several_versions_are_in_no_title():
    units = gather([a_move(token=("1", "2")), a_move("k: b", token=("1", "3"), start=99)])
    assert title("promote", a_hop(an_app(*units))) == "chore(production): promote web from staging"


def test_a_title_is_one_line():
    units = gather([a_move(token=("1", "2\nx"))])
    assert title("promote", a_hop(an_app(*units, app="we\nb"))) == "chore(production): promote we b from staging (2 x)"


# ── each part has its room ──


def test_a_thousand_values_and_a_long_difference_leave_room_for_each_other():
    units = gather([a_move(f"k.yaml: f{i}", "o" * 60, "n" * 60, start=100 * i, path=f"p{i}") for i in range(1000)])
    held = tuple(a_move(f"h: {i}" + "x" * 150, "o" * 150, "n" * 150, Verdict.KEEP, edit=False) for i in range(60))
    said = text(a_hop(an_app(*units, held=held)), big(100), asked=("dev runs it",), reason="so")
    assert len(said) <= LIMIT
    assert said.count("*Cut here: ") == 3
    parts = (
        "`k.yaml: f0`",
        "**Deployment/a0**",
        "60 differences stay",
        "**Reason:** so",
        "dev runs it",
        "Take it back",
    )
    assert [part for part in parts if part not in said] == []
    assert said.count("<details>") == said.count("</details>") == 1
    assert said.count("```") % 2 == 0


def test_what_must_be_true_before_the_merge_is_told():
    rules = GateRules(soak=86400, approvals=2, freeze=(Freeze(why="weekend"),))
    found = asked("staging", Environment("production", ("production",), gates=rules))
    assert "**Before the merge:** staging runs what this carries, and nothing of it is held" in text(hop(), asked=found)
    assert found[1:] == (
        "it has soaked there for 1d",
        "nothing else in it than its plan",
        "2 approvals by others than who asked",
        "no freeze: weekend",
        "no errors by the checks",
    )


def test_every_gate_that_is_asked_is_told():
    rules = GateRules(
        codeowners=True, statuses=("ci/test", "scan"), command=("ops/healthy.sh", "-v"), order="any",
        freeze=(Freeze(calendar="ops/freezes.ics"),),
    )  # fmt: skip
    environment = Environment("production", ("production",), gates=rules, direct="deny")
    assert asked("eu", environment, ("us",)) == (
        "any of eu, us runs what this carries, and nothing of it is held after a rollback",
        "ci/test, scan on the source's commit",
        "nothing else in it than its plan",
        "an approval by an owner of each changed file",
        "no freeze: ops/freezes.ics",
        "ops/healthy.sh -v says yes",
        "no errors by the checks",
    )
    free = Environment("production", ("production",), direct="allow")
    assert asked("eu", free, ("us",)) == (
        "all of eu, us run what this carries, and nothing of it is held after a rollback",
        "nothing else in it than its plan", "no errors by the checks",
    )  # fmt: skip
