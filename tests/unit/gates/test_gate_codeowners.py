"""codeowners: an owner of each file, never who asked."""

from fairlead.gates import codeowners
from fairlead.model.gates import Facts, GateState, Ownership
from fairlead.model.pulls import Review
from fairlead.repo.config import Environment, GateRules

TARGET = Environment("production", ("production",))
WEB = Ownership(("apps/web/a",), ("@shop/web",), ("ann@x.org", "bob@x.org"))
SEC = Ownership(("apps/web/a",), ("@sec",), ("cid@x.org", "dee@x.org"), "Security", 2)


def judge(*owned, approved=(), asked=True, remarks=()):
    reviews = tuple(Review(who, approved=True, at=1, hop_id="h1") for who in approved)
    facts = Facts(9, "", "production", "ann@x.org", "h1", reviews=reviews, owners=owned, remarks=remarks)
    return codeowners.judge(GateRules(codeowners=asked), TARGET, facts)


def test_nobody_asked_is_open():
    assert judge(WEB, asked=False).state is GateState.OPEN


def test_files_of_nobody_are_open_and_why_is_told():
    result = judge(remarks=("there is no CODEOWNERS",))
    assert (result.state, result.evidence) == (GateState.OPEN, ("there is no CODEOWNERS",))


def test_an_owner_is_enough_and_is_named():
    result = judge(WEB, approved=("Bob <bob@x.org>",))
    assert result.state is GateState.OPEN
    assert result.evidence == ("@shop/web: Bob <bob@x.org> approved (apps/web/a)",)


def test_others_than_owners_and_who_asked_do_not_count():
    result = judge(WEB, approved=("eve@x.org", "ann@x.org"))
    assert (result.state, result.message) == (GateState.WAITING, "@shop/web must approve")


def test_each_section_counts_with_its_number():
    assert judge(WEB, SEC, approved=("bob@x.org", "cid@x.org")).message == "2 of @sec [Security] must approve"
    assert judge(WEB, SEC, approved=("bob@x.org", "cid@x.org", "dee@x.org")).state is GateState.OPEN


def test_where_only_who_asked_is_known_it_says_what_helps():
    alone = Ownership(("a",), ("@ann",), ("ann@x.org",))
    assert "name people under `teams:`" in judge(alone).message
