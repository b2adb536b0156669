"""approvals: enough people other than who asked, on what it does now."""

from fairlead.gates import approvals
from fairlead.model.gates import Facts, GateState
from fairlead.model.pulls import Review
from fairlead.repo.config import Environment, GateRules

TARGET = Environment("production", ("production",))


def yes(author, at=1, hop="h1"):
    return Review(author, approved=True, at=at, hop_id=hop)


def no(author, at=1, hop="h1"):
    return Review(author, approved=False, at=at, hop_id=hop)


def judge(*reviews, asked=2):
    facts = Facts(9, "staging", "production", "Ann <ann@x.org>", "h1", reviews=reviews)
    return approvals.judge(GateRules(approvals=asked), TARGET, facts)


def test_nobody_asked_is_open():
    assert judge(asked=0).state is GateState.OPEN


def test_enough_is_open_and_names_them():
    result = judge(yes("bob@x.org"), yes("cid@x.org"))
    assert (result.state, result.message) == (GateState.OPEN, "approved by bob@x.org, cid@x.org")


def test_too_few_wait():
    result = judge(yes("bob@x.org"))
    assert result.state is GateState.WAITING
    assert result.message.startswith("1 of 2 approvals")


def test_who_asked_never_counts_by_whatever_name():
    assert judge(yes("bob@x.org"), yes("ANN@x.org")).state is GateState.WAITING
    assert judge(yes("bob@x.org"), yes("A. <ann@X.org>")).state is GateState.WAITING


def test_one_person_counts_once():
    assert judge(yes("bob@x.org"), yes("Bob <bob@x.org>", 2)).state is GateState.WAITING


def test_an_approval_of_an_earlier_state_does_not_count_and_is_told():
    result = judge(yes("bob@x.org"), yes("cid@x.org", hop="h0"))
    assert result.state is GateState.WAITING
    assert "cid@x.org approved an earlier state, which doesn't count" in result.evidence


def test_a_request_for_changes_closes_even_where_nothing_is_asked():
    assert judge(yes("bob@x.org"), yes("cid@x.org"), no("dan@x.org")).state is GateState.CLOSED
    assert judge(no("dan@x.org"), asked=0).state is GateState.CLOSED


def test_a_request_for_changes_on_an_earlier_state_is_over():
    assert judge(yes("bob@x.org"), yes("cid@x.org"), no("dan@x.org", hop="h0")).state is GateState.OPEN


def test_the_latest_word_of_a_person_stands():
    assert judge(no("bob@x.org", 1), yes("bob@x.org", 2), asked=1).state is GateState.OPEN
    assert judge(yes("bob@x.org", 1), no("bob@x.org", 2), asked=1).state is GateState.CLOSED
    assert judge(yes("bob@x.org", 1), no("bob@x.org", 1), asked=1).state is GateState.CLOSED
    assert judge(no("bob@x.org", 2), yes("bob@x.org", 1), asked=1).state is GateState.CLOSED
