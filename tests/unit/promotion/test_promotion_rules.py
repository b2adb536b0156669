"""Which pattern of fairlead.yaml decides whose a field is."""

from __future__ import annotations

import pytest

from fairlead.model.errors import ConfigError
from fairlead.model.findings import Where
from fairlead.promotion.rules import speaking
from fairlead.repo.config import PromoteRules, read

HEAD = "version: 1\nenvironments: {dev: {}, staging: {}}\npromote:\n"
FIELD = "kustomization.yaml: literals[LOG=]"


def rules(text: str) -> PromoteRules:
    return read((HEAD + text).encode()).promote


def told(text: str, app: str = "web", env: str = "staging") -> list[str]:
    return [f"{r.word} {r.pattern}" for r in speaking(rules(text), (FIELD,), app, env)]


def test_own_goes_before_offer_before_carry():
    text = "  carry: ['*LOG=]']\n  offer: ['*literals*']\n  own: [kustomization.yaml]\n"
    assert told(text) == ["own 'kustomization.yaml'", "offer '*literals*'", "carry '*LOG=]'"]


@pytest.mark.parametrize(
    ("more", "said"),
    [("app: 'w*'", "'*LOG=]' for app w*"), ("env: staging", "'*LOG=]' for env staging"), ("app: '*'", "")],
)
def test_who_names_an_app_or_an_environment_goes_before_who_speaks_of_all(more, said):
    text = f"  own: ['*LOG*']\n  carry: [{{field: '*LOG=]', {more}}}]\n"
    assert told(text)[0] == (f"carry {said}" if said else "own '*LOG*'")


def test_who_names_both_goes_before_who_names_one():
    text = "  own: [{field: '*', app: web}]\n  carry: [{field: '*', app: web, env: staging}]\n"
    assert told(text)[0].startswith("carry")
    assert told(text, env="dev") == ["own '*' for app web"]
    assert told(text, app="api") == []


def test_a_rule_knows_its_line():
    text = "  own:\n  - '*other*'\n  - {field: '*LOG*', env: staging}\n"
    (rule,) = speaking(rules(text), (FIELD,), "web", "staging")
    assert rule.pattern.where == Where("fairlead.yaml", 6, 5)


def test_an_environment_that_there_is_not_is_an_error_with_its_place():
    with pytest.raises(ConfigError) as caught:
        rules("  own:\n  - {field: '*', env: stagin}\n")
    assert caught.value.where == Where("fairlead.yaml", 5, 23)
    assert caught.value.remedy == "did you mean 'staging'?"
    assert rules("  own: [{field: '*', env: 'stag*'}]\n").own
