"""statuses: success on the source's commit, or on those that brought the values there."""

from fairlead.gates import statuses
from fairlead.model.gates import Carried, Facts, GateState
from fairlead.model.pulls import Status, StatusState
from fairlead.repo.config import Environment, GateRules

TARGET = Environment("production", ("production",))
TIP, LANDING = "a" * 40, "b" * 40


def word(state, context="ci/test"):
    return Status(context, StatusState(state), "ci", 1_750_000_000)


def judge(tip=(), landing=(), source="staging", asked=("ci/test",)):
    carried = (Carried("web: x", "2", holds=True, since=1, evidence="", landing=LANDING),)
    told = ((TIP, tuple(tip)), (LANDING, tuple(landing)))
    facts = Facts(9, source, "production", "ann", "h1", carried=carried, source_commit=TIP, statuses=told)
    return statuses.judge(GateRules(statuses=asked), TARGET, facts)


def test_nothing_asked_and_nothing_carried_are_open():
    assert judge(asked=()).state is GateState.OPEN
    assert judge(source="").state is GateState.OPEN


def test_success_on_either_commit_is_open():
    assert judge([word("success")]).state is GateState.OPEN
    assert judge((), [word("success")]).state is GateState.OPEN


def test_without_a_word_or_with_one_that_is_not_done_it_waits():
    assert judge().state is GateState.WAITING
    assert judge([word("pending")]).state is GateState.WAITING
    assert judge([word("success", "ci/other")]).state is GateState.WAITING


def test_a_failure_closes_and_is_told():
    result = judge([word("failure")])
    assert result.state is GateState.CLOSED
    assert result.evidence == (f"ci/test failure on {TIP[:12]}, by ci at 2025-06-15 15:06 UTC",)


def test_every_one_must_be_there():
    assert judge([word("success")], asked=("ci/test", "ci/scan")).message.startswith("ci/scan is no success")
