"""soak: so long in the source, vouched for."""

from fairlead.gates import soak
from fairlead.model.gates import Carried, Facts, GateState
from fairlead.repo.config import Environment, GateRules

TARGET = Environment("production", ("production",))
NOW = 1_750_000_000
HOUR = 3600


def carried(since, **more):
    values = {"field": "web: tag", "value": "1.2", "holds": True, "since": since, "evidence": "merge"}
    return Carried(**(values | more))


def judge(*values, asked=4 * HOUR, source="staging", waits_for=()):
    facts = Facts(NOW, source, "production", "ann", "h1", carried=values, waits_for=waits_for)
    return soak.judge(GateRules(soak=asked), TARGET, facts)


def test_nothing_asked_is_open():
    assert judge(carried(0), asked=0).state is GateState.OPEN


def test_long_enough_is_open_to_the_second():
    assert judge(carried(NOW - 4 * HOUR)).state is GateState.OPEN
    assert judge(carried(NOW - 4 * HOUR + 1)).state is GateState.WAITING


def test_it_waits_until_the_youngest_has_soaked():
    result = judge(carried(NOW - 9 * HOUR), carried(NOW - HOUR, field="api: tag"))
    assert (result.state, result.until) == (GateState.WAITING, NOW + 3 * HOUR)
    assert "3h of 4h" in result.message
    assert result.evidence[1].startswith("api: tag 1.2: in staging since 2025-06-15")


def test_without_evidence_it_waits_and_says_what_helps():
    result = judge(carried(NOW - 9 * HOUR), carried(0, field="api: tag"))
    assert (result.state, result.until) == (GateState.WAITING, 0)
    assert "api: tag" in result.message
    assert "git fetch" in result.message


def test_nothing_known_waits():
    assert judge().state is GateState.WAITING


def test_in_a_stack_it_begins_with_the_merge_below():
    result = judge(carried(0, holds=False), waits_for=("#1",))
    assert (result.state, result.message) == (GateState.WAITING, "begins when #1 is merged (asked: 4h)")


def test_a_clock_that_runs_behind_does_not_open_it():
    assert judge(carried(NOW + HOUR)).until == NOW + 5 * HOUR


def test_what_ran_long_enough_before_a_newer_one_came_has_soaked():
    left = {"holds": False, "left_for_newer": True, "left": NOW - HOUR}
    assert judge(carried(NOW - 9 * HOUR, **left)).state is GateState.OPEN


def test_a_newer_one_does_not_stop_the_clock_and_is_told():
    left = {"holds": False, "left_for_newer": True, "left": NOW - HOUR}
    result = judge(carried(NOW - 3 * HOUR, **left))
    assert (result.state, result.until) == (GateState.WAITING, NOW + HOUR)
    assert result.evidence[0].endswith("(3h, by merge); left for a newer one after 2h")
    assert judge(carried(NOW - 4 * HOUR, **left)).state is GateState.OPEN


def test_when_it_left_need_not_be_known():
    assert judge(carried(NOW - 99 * HOUR, holds=False, left_for_newer=True)).state is GateState.OPEN


def test_what_comes_from_no_other_environment_can_not_soak():
    assert judge(source="").state is GateState.OPEN


def test_where_it_must_run_there_still_what_was_left_is_closed():
    facts = Facts(NOW, "staging", "production", "ann", "h1", carried=(
        carried(NOW - 9 * HOUR),
        carried(NOW - 9 * HOUR, holds=False, left_for_newer=True, left=NOW - HOUR, value="1.1"),
    ))  # fmt: skip
    result = soak.judge(GateRules(soak=4 * HOUR, still=True), TARGET, facts)
    assert result.state is GateState.CLOSED
    assert result.message == "staging has left 1.1 of web: tag after 8h, and it must run there still"
    assert soak.judge(GateRules(soak=4 * HOUR), TARGET, facts).state is GateState.OPEN
    assert judge_still(carried(NOW - 9 * HOUR)).state is GateState.OPEN
    assert judge_still(carried(NOW - HOUR)).state is GateState.WAITING
    assert judge_still(carried(0, holds=False), waits_for=("#1",)).state is GateState.WAITING


def judge_still(*values, waits_for=()):
    facts = Facts(NOW, "staging", "production", "ann", "h1", carried=values, waits_for=waits_for)
    return soak.judge(GateRules(soak=4 * HOUR, still=True), TARGET, facts)
