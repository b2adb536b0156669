"""command: its exit code decides; hold: what was rolled back."""

from fairlead.gates import command, hold
from fairlead.model.gates import Facts, GateState, Hold, Ran
from fairlead.repo.config import Environment, GateRules

TARGET = Environment("production", ("production",))


def judge(*ran, asked=("ops/healthy.sh", "-q")):
    facts = Facts(9, "staging", "production", "ann", "h1", ran=ran)
    return command.judge(GateRules(command=asked, timeout=90), TARGET, facts)


def test_no_command_is_open():
    assert judge(asked=()).state is GateState.OPEN


def test_0_for_every_app_is_open_with_what_it_said():
    result = judge(Ran("api", 0, "", 0.25), Ran("web", 0, "all 3 pods ready", 1.0))
    assert (result.state, result.message) == (GateState.OPEN, "ops/healthy.sh -q says yes")
    assert result.evidence == (
        "api: ended with 0 after 0.2 s", "web: ended with 0 after 1.0 s: all 3 pods ready",
    )  # fmt: skip


def test_another_code_and_no_answer_close():
    assert judge(Ran("web", 3, "", 1.0)).message == "ops/healthy.sh -q says no (3) for web"
    late = judge(Ran("web", None, "", 90.0))
    assert (late.state, late.message) == (GateState.CLOSED, "ops/healthy.sh -q gave no answer for web")
    assert late.evidence == ("web: did not answer within 1m30s after 90.0 s",)


def test_what_was_not_run_is_no_yes():
    assert judge().state is GateState.CLOSED


def test_a_hold_closes_and_names_the_way_out():
    held = Hold("h/7", "web", "production", "1.1.0", (("k: x", "1.1.0"),), 1_750_000_000, "ann@x.org", 7, "it leaks")
    assert hold.judge(GateRules(), TARGET, Facts(9, "", "production", "ann", "h1")).state is GateState.OPEN
    result = hold.judge(GateRules(), TARGET, Facts(9, "", "production", "ann", "h1", holds=(held,)))
    assert result.state is GateState.CLOSED
    assert result.message == (
        "web 1.1.0 was rolled back in production on 2025-06-15 15:06 UTC; fairlead release 1.1.0 --reason TEXT "
        "ends the hold"
    )
    assert result.evidence == (
        "web 1.1.0: rolled back in production by #7, ann@x.org at 2025-06-15 15:06 UTC: it leaks",
    )
