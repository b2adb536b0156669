"""Apps by name, set and pattern, and what the configuration says otherwise for some."""

from __future__ import annotations

import pytest

from fairlead.model.errors import UsageError
from fairlead.model.overlays import Layout, Overlay, OverlayId
from fairlead.repo.apps import chains_of, environment_of, named, owners_of, stage_of
from fairlead.repo.config import GateRules, read

CONFIG = read(
    b"""\
version: 1
environments: {dev: {}, eu: {gates: {soak: 1h, approvals: 1}}, us: {}}
chains: [[dev, [eu, us]]]
apps:
  pay-*: {gates: {approvals: 2, order: any}, owners: ["@pay"]}
  pay-docs: {chain: [dev, us]}
sets: {checkout: [web, "pay-*"], gone: [web, wbe], web: [pay-docs]}
"""
)
LAYOUT = Layout(tuple(Overlay(OverlayId(app, "dev"), f"{app}/dev") for app in ("pay-card", "pay-docs", "web", "[odd]")))


def test_its_own_name_counts_before_a_pattern():
    assert chains_of(CONFIG, "pay-docs") == ((("dev",), ("us",)),)
    assert chains_of(CONFIG, "pay-card") == chains_of(CONFIG, "web") == CONFIG.chains
    assert (owners_of(CONFIG, "pay-card"), owners_of(CONFIG, "pay-docs"), owners_of(CONFIG, "web")) == (
        ("@pay",),
        (),
        (),
    )
    assert stage_of(CONFIG, "web", "us") == ("eu", "us")
    assert stage_of(CONFIG, "pay-docs", "us") == ("us",)


def test_gates_of_an_app_stand_in_place_of_the_environments_and_the_strictest_of_several_counts():
    assert environment_of(CONFIG, "eu", ["pay-card"]).gates == GateRules(soak=3600, approvals=2, order="any")
    assert environment_of(CONFIG, "eu", ["pay-card", "web"]).gates == GateRules(soak=3600, approvals=2)
    assert environment_of(CONFIG, "dev", ["pay-card"]).gates == GateRules()
    assert environment_of(CONFIG, "eu", []) == CONFIG.environment("eu")


@pytest.mark.parametrize(
    ("words", "sets", "apps"),
    [
        (["web"], [], ("web",)),  # an app before a set of that name
        ([], ["web"], ("pay-docs",)),
        (["checkout"], [], ("web", "pay-card", "pay-docs")),
        (["pay-*", "checkout"], [], ("pay-card", "pay-docs", "web")),
        (["[odd]"], [], ("[odd]",)),
        ([], [], ()),
    ],
)
def test_words_stand_for_apps_sets_and_patterns(words, sets, apps):
    assert named(CONFIG, LAYOUT, words, sets) == apps


@pytest.mark.parametrize(
    ("words", "sets", "message", "remedy"),
    [
        (["chekout"], [], "there is no app 'chekout'", "did you mean 'checkout'?"),
        (["q*"], [], "no app's name is like 'q*'",
         "apps are: [odd], pay-card, pay-docs, web; sets are: checkout, gone, web"),
        ([], ["chekout"], "there is no set 'chekout'", "did you mean 'checkout'?"),
        (["gone"], [], "the set gone names 'wbe', which is no app", "did you mean 'web'?"),
    ],
)  # fmt: skip
def test_words_that_stand_for_nothing(words, sets, message, remedy):
    with pytest.raises(UsageError) as caught:
        named(CONFIG, LAYOUT, words, sets)
    assert (caught.value.message, caught.value.remedy) == (message, remedy)
