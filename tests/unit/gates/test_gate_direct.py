"""direct: what may come past promotion."""

import pytest

from fairlead.gates import direct
from fairlead.model.gates import Facts, GateState
from fairlead.model.pulls import Review
from fairlead.repo.config import Environment, GateRules


def state(word, *approvers, **more):
    target = Environment("production", ("production",), direct=word)
    reviews = tuple(Review(who, approved=True, at=1, hop_id="h1") for who in approvers)
    facts = Facts(9, "", "production", "Ann <ann@x.org>", "h1", reviews=reviews, **more)
    return direct.judge(GateRules(), target, facts).state


@pytest.mark.parametrize("word", ["allow", "approve", "deny"])
def test_what_does_its_plan_may_come(word):
    assert state(word, planned=True) is GateState.OPEN


@pytest.mark.parametrize("word", ["allow", "approve", "deny"])
def test_versions_enter_the_first_environment_directly(word):
    assert state(word, entry=True) is GateState.OPEN


def test_a_direct_change_is_let_pass_approved_or_refused():
    assert state("allow") is GateState.OPEN
    assert state("approve") is GateState.WAITING
    assert state("approve", "bob@x.org") is GateState.OPEN
    assert state("deny", "bob@x.org") is GateState.CLOSED


def test_who_asked_does_not_approve_a_direct_change():
    assert state("approve", "ann@x.org") is GateState.WAITING


def test_where_approvals_are_asked_anyway_it_asks_for_none_of_its_own():
    target = Environment("production", ("production",))
    facts = Facts(9, "", "production", "ann", "h1")
    assert direct.judge(GateRules(approvals=1), target, facts).state is GateState.OPEN
