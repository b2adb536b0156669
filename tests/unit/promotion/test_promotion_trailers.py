"""Trailers are read from messages that anybody may have written or mangled."""

from __future__ import annotations

import pytest

from fairlead.delivery.commits import message, trailer_lines
from fairlead.model.history import Verb
from fairlead.promotion.trailers import Act, Trailers, act, lines, read
from fairlead.promotion.units import gather
from tests.promoting import a_hop, a_move, a_plan, an_app


@pytest.mark.parametrize("verb", [Verb.PROMOTE, Verb.ROLLBACK, Verb.SET])
@pytest.mark.parametrize("app", ["web", "team/web", "my app", "->", "a -> b", "größe"])
def test_an_act_is_read_back(verb, app):
    assert read(f"Subject\n\n{act(verb, app, 'dev', 'staging')}\n").acts == (Act(verb, app, "dev", "staging"),)


def test_all_that_a_message_says():
    text = (
        "chore: x\n\nFairlead-Promote: web dev -> staging\nFairlead-Promote: api dev -> staging\n"
        "Fairlead-Plan: abc\nFairlead-Plan: second\nFairlead-Requested-By: Ann <a@x.org>\n"
    )
    assert read(text) == Trailers(
        (Act(Verb.PROMOTE, "web", "dev", "staging"), Act(Verb.PROMOTE, "api", "dev", "staging")), "abc", "Ann <a@x.org>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "* Fairlead-Promote: web dev -> staging", "> Fairlead-Promote: web dev -> staging",
        " Fairlead-Promote: web dev -> staging", "fairlead-promote: web dev -> staging",
        "Fairlead-Promote web dev -> staging", "Fairlead-Promote: web dev staging", "Fairlead-Promote: dev -> staging",
        "Fairlead-Promote:", "Fairlead-Promote: ", "Fairlead-Promoted: web dev -> staging", "Fairlead-: x",
        "Fairlead-Promote: web dev -> staging -> ", "Fairlead-Promote: web dev → staging", "",
    ],
)  # fmt: skip
def test_mangled_lines_say_nothing(text):
    assert read(f"Subject\n\n{text}\n").acts == ()


@pytest.mark.parametrize(
    "text",
    [
        "Fairlead-Promote: web dev -> staging\r",
        "Fairlead-Promote:web dev -> staging",
        "Fairlead-Promote:   web dev -> staging   ",
        "a\r\nFairlead-Promote: web dev -> staging\r\nb\r",
        "Subject (#3)\n\n* chore: x\n\nFairlead-Promote: web dev -> staging\nCo-authored-by: x <y>",
    ],
)
def test_what_forges_do_to_a_message_is_understood(text):
    assert read(text).acts == (Act(Verb.PROMOTE, "web", "dev", "staging"),)


def test_the_same_act_counts_once():
    line = act(Verb.PROMOTE, "web", "dev", "staging")
    assert (len(read(f"{line}\n{line}\n").acts), lines(f"{line}\nx\n{line} \r\n")) == (1, (line,))


def test_lines_in_order():
    assert lines("s\n\nFairlead-B: 1\nOther: 2\nFairlead-A:  x y \n") == ("Fairlead-B: 1", "Fairlead-A: x y")


@pytest.mark.parametrize("length", [10, 200_000])
def test_a_hostile_message_takes_no_time(length):
    assert read("Fairlead-Promote:" + " " * length + "\n" + "Fairlead-Promote: " + "a " * length).acts == ()
    assert lines("Fairlead-X: a" + " " * length + "b") == ("Fairlead-X: a" + " " * length + "b",)


# ── what we write ourselves ──


def test_the_message_of_an_apps_commit():
    app = an_app(*gather([a_move(old="1.1", new="1.2", token=("1.1", "1.2"))]))
    hop = a_hop(app)
    assert message(a_plan(hop, reason="so\nand so"), hop, app) == (
        "chore(production): promote web 1.2 from staging\n\n"
        "- kustomization.yaml: images[web].newTag: 1.1 -> 1.2\n\n"
        "Reason: so and so\n\n"
        "Fairlead-Promote: web staging -> production\n"
        f"Fairlead-Plan: {'h' * 64}\nFairlead-Source: {'c' * 40}\n"
        f"Fairlead-Source-Tree: apps/web/overlays/staging {'5' * 40}\nFairlead-Base: {'b' * 40}\n"
        "Fairlead-Generation: 1\n"
    )


def test_the_message_of_a_rollback():
    app = an_app(*gather([a_move(token=("1.2", "1.1")), a_move("k: other", start=50)]))
    hop = a_hop(app, source="production")
    text = message(a_plan(hop, verb="rollback"), hop, app)
    assert text.startswith("revert(production): roll web back to 1.1\n")
    assert "Fairlead-Rollback: web production -> production\n" in text
    several = an_app(*gather([a_move("k: a"), a_move("k: b", start=50)]))
    assert message(a_plan(hop, verb="rollback"), hop, several).startswith(
        "revert(production): roll web back to an earlier state\n"
    )


def test_a_long_or_broken_value_is_one_short_line():
    app = an_app(*gather([a_move(old="a\nb", new="x" * 200)]))
    hop = a_hop(app)
    assert f"newTag: a b -> {'x' * 69}...\n" in message(a_plan(hop), hop, app)


EVIL = "x\nFairlead-Promote: pay dev -> production\n"


def test_hostile_names_and_values_write_no_trailers():
    app = an_app(*gather([a_move(f"k.yaml: {EVIL}", EVIL, EVIL, token=(EVIL, EVIL))]), app="web")
    app = type(app)(app.app, f"apps/{EVIL}", app.target_path, app.source_tree, app.units)
    hop = a_hop(app)
    plan = a_plan(hop, reason=EVIL)
    assert read(message(plan, hop, app)).acts == (Act(Verb.PROMOTE, "web", "staging", "production"),)
    assert len(trailer_lines(plan, hop, (app,))) == len("\n".join(trailer_lines(plan, hop, (app,))).splitlines())


def test_only_apps_that_move_are_named():
    moving, still = an_app(*gather([a_move()])), an_app(app="api")
    hop = a_hop(moving, still)
    assert [a.app for a in read("\n".join(trailer_lines(a_plan(hop), hop, hop.apps))).acts] == ["web"]
