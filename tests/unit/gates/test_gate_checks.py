"""checks: the environment as it would be has no errors; and all gates together."""

from fairlead import gates
from fairlead.gates import checks
from fairlead.model.findings import Finding, Severity, Where
from fairlead.model.gates import Facts, GateState
from fairlead.repo.config import Environment, Freeze, GateRules

TARGET = Environment("production", ("production",))


def finding(severity):
    return Finding("schema", severity, "unknown field", "remove it", Where("a.yaml", 3, 1))


def judge(*findings):
    return checks.judge(GateRules(), TARGET, Facts(0, "staging", "production", "ann", "h1", findings=findings))


def test_no_findings_are_open():
    assert judge().state is GateState.OPEN


def test_warnings_and_notes_are_open():
    assert judge(finding(Severity.WARNING), finding(Severity.NOTE)).state is GateState.OPEN


def test_an_error_closes_and_is_named():
    result = judge(finding(Severity.WARNING), finding(Severity.ERROR))
    assert (result.state, result.evidence) == (GateState.CLOSED, ("a.yaml:3:1: unknown field [schema]",))


def test_of_many_errors_the_first_are_told():
    result = judge(*[finding(Severity.ERROR)] * 50)
    assert "50 errors" in result.message
    assert result.evidence[-1] == "and 30 more"


def test_every_gate_answers_by_its_name_in_order():
    results = gates.judge(TARGET, Facts(0, "", "production", "ann", "h1", planned=True))
    quick = ["plan", "order", "hold", "soak", "statuses", "direct", "approvals", "codeowners", "rules", "freeze"]
    names = [*quick, "checks", "health", "command"]
    assert [r.gate for r in results] == names
    assert {r.gate for r in gates.judge(TARGET, Facts(0, "", "production", "ann", "h1"), gates.QUICK)} == set(quick)
    assert gates.is_open(results)


def test_one_that_waits_is_enough():
    target = Environment("production", ("production",), gates=GateRules(freeze=(Freeze(),)))
    assert not gates.is_open(gates.judge(target, Facts(0, "", "production", "ann", "h1")))


def test_every_gate_has_a_text_for_the_manual():
    assert all(gate.__doc__ for gate in gates.GATES)
