"""order: only what the source stands behind goes further."""

import pytest

from fairlead.gates import order
from fairlead.model.gates import Carried, Facts, GateState
from fairlead.repo.config import Environment, GateRules

TARGET = Environment("production", ("production",))


def carried(**more):
    values = {"field": "web: tag", "value": "1.2", "holds": True, "since": 0, "evidence": ""}
    return Carried(**(values | more))


def judge(*values, source="staging", waits_for=()):
    facts = Facts(0, source, "production", "ann", "h1", carried=values, waits_for=waits_for)
    return order.judge(GateRules(), TARGET, facts)


def test_what_the_source_runs_may_go_further():
    result = judge(carried())
    assert (result.state, result.evidence) == (GateState.OPEN, ("web: tag 1.2: staging runs it",))


def test_what_the_source_left_for_a_newer_one_may_go_further():
    assert judge(carried(holds=False, left_for_newer=True)).state is GateState.OPEN


def test_what_was_taken_back_may_not():
    result = judge(carried(holds=False, taken_back=True))
    assert result.state is GateState.CLOSED
    assert "taken back" in result.message


def test_taken_back_outweighs_left_for_newer():
    assert judge(carried(holds=False, taken_back=True, left_for_newer=True)).state is GateState.CLOSED


def test_what_came_again_after_it_was_taken_back_may_go_further():
    assert judge(carried(holds=True, taken_back=True)).state is GateState.OPEN


def test_what_the_source_never_had_may_not():
    assert judge(carried(holds=False)).state is GateState.CLOSED


def test_one_bad_value_among_good_ones_closes():
    result = judge(carried(), carried(field="api: tag", holds=False), carried(field="job: tag", holds=False))
    assert result.state is GateState.CLOSED
    assert "api: tag" in result.message
    assert "1 more" in result.message


@pytest.mark.parametrize("source", ["", "staging"])
def test_it_waits_for_the_pull_requests_below(source):
    result = judge(source=source, waits_for=("#3",))
    assert (result.state, result.message) == (GateState.WAITING, "#3 must be merged before")


def test_a_value_that_comes_with_the_one_below_waits_rather_than_closes():
    assert judge(carried(holds=False), waits_for=("#3",)).state is GateState.WAITING


def test_a_value_that_was_taken_back_closes_also_in_a_stack():
    assert judge(carried(holds=False, taken_back=True), waits_for=("#3",)).state is GateState.CLOSED


def test_a_promotion_of_unknown_values_waits():
    assert judge().state is GateState.WAITING


def test_what_comes_from_no_other_environment_has_no_order():
    assert judge(source="").state is GateState.OPEN
