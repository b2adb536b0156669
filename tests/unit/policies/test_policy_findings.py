"""What a check says of policies: real files, the real program."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from fairlead.checks.rules import policy
from fairlead.model.findings import Severity
from fairlead.model.snapshot import MemorySnapshot
from fairlead.steps import checking
from fairlead.steps.rendering import renderer
from fairlead.steps.world import Run
from tests.judging import findings

_HEAD = """\
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: p
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE], resources: [deployments]}
"""
_BASE: Mapping[str, str] = policy.BAD.files


def _files(spec: str, **others: str) -> dict[str, str]:
    named = {name.replace("__", "/") + ".yaml": text for name, text in others.items()}
    return {**_BASE, "policies/few-replicas.yaml": _HEAD + textwrap.indent(textwrap.dedent(spec), "  "), **named}


def _told(files: Mapping[str, str]) -> list[str]:
    return [f"{f.where} {f.severity.value} {f.message}" for f in findings(files, "policy")]


def test_a_violation_points_to_the_field_that_the_expression_looks_at() -> None:
    (found,) = findings(_BASE, "policy")
    assert str(found.where) == "overlays/dev/deployment.yaml:6:13"
    assert (found.severity, found.subject) == (Severity.ERROR, "Deployment/web")
    assert found.message == "Deployment/web: five replicas are enough (policy 'few-replicas')"
    assert found.remedy == "change the object, or the expression at policies/few-replicas.yaml:13:17"


def test_it_points_to_the_patch_that_set_the_value() -> None:
    files = {
        **_BASE,
        "overlays/dev/kustomization.yaml": "resources:\n- deployment.yaml\npatches:\n- path: more.yaml\n",
        "overlays/dev/more.yaml": "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
        "spec:\n  replicas: 9\n",
    }
    assert [str(f.where) for f in findings(files, "policy")] == ["overlays/dev/more.yaml:5:13"]


@pytest.mark.parametrize(
    ("actions", "severity"),
    [("[Deny]", "error"), ("[Warn]", "warning"), ("[Audit]", "note"), ("[Warn, Audit]", "warning")],
)
def test_a_binding_says_how_bad_it_is(actions: str, severity: str) -> None:
    binding = (
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\n"
        f"metadata: {{name: b}}\nspec: {{policyName: few-replicas, validationActions: {actions}}}\n"
    )
    assert [f.severity.value for f in findings({**_BASE, "policies/b.yaml": binding}, "policy")] == [severity]


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        ("expression: object.spec.replicas <= nope", "10:41"),
        ("expression: 'object.metadata.name != ''x'' && nope'", "10:51"),
        ('expression: "object.metadata.name != \\"x\\" && nope"', "10:51"),
        ("expression: |\n  object.spec.replicas > 1 &&\n    nope", "12:9"),
        ("expression: |\n\n  nope", "12:7"),
        ("expression: >-\n  object.spec.replicas > 1\n  && nope", "12:10"),
        ("expression: object.spec.replicas > 1\n  && nope", "11:10"),
    ],
)
def test_what_does_not_compile_is_told_at_its_sign(expression: str, place: str) -> None:
    spec = "validations:\n- " + expression.replace("\n", "\n  ")
    (told,) = _told(_files(spec))
    assert told.startswith(
        f"policies/few-replicas.yaml:{place} error ValidatingAdmissionPolicy/p: undeclared reference"
    )


def test_the_other_validations_of_a_broken_policy_still_judge() -> None:
    told = _told(_files("validations:\n- expression: nope\n- expression: object.spec.replicas < 3\n"))
    assert [one.partition(" ")[0] for one in told] == [
        "overlays/dev/deployment.yaml:6:13",
        "policies/few-replicas.yaml:10:17",
    ]


def test_an_expression_without_end_costs_too_much_and_says_so() -> None:
    loop = "[0,1,2,3,4,5,6,7,8,9]"
    expression = "true"
    for name in "abcdefgh":
        expression = f"{loop}.all({name}, {expression})"
    (told,) = _told(_files(f"validations:\n- expression: '{expression}'\n"))
    assert told == (
        "policies/few-replicas.yaml:10:17 error the policy 'p' costs more than Kubernetes allows: "
        "operation cancelled: actual cost limit exceeded"
    )


def test_what_needs_a_cluster_is_refused_at_its_place() -> None:
    (told,) = _told(_files("validations:\n- expression: \"authorizer.path('/').check('get').allowed()\"\n"))
    assert told.startswith(
        "policies/few-replicas.yaml:10:18 error ValidatingAdmissionPolicy/p: authorizer asks a cluster"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "2:1 error a policy file can't be read: "),
        ("a: \tb\n\tc: d\n", "2:1 error a policy file can't be read: "),
        ("a: \x00", "1:4 error a policy file can't be read: "),
        ("", "1:1 error a policy file holds no object"),
        ("a: 1\na: 2\n", "2:1 error 'a' stands twice (first at line 1)"),
        ("a: &a [*a]\n", "1:"),
    ],
)
def test_a_policy_file_that_is_none_is_told(text: str, told: str) -> None:
    (found,) = _told({**_BASE, "policies/few-replicas.yaml": text})
    assert found.startswith(f"policies/few-replicas.yaml:{told}")


def test_a_glob_without_a_file_is_told_where_it_is_written() -> None:
    files = {path: text for path, text in _BASE.items() if not path.startswith("policies/")}
    (told,) = _told(files)
    assert told.startswith("fairlead.yaml:4:14 error no file matches 'policies/*.yaml'")


def test_a_policy_need_not_be_read_by_a_kustomization() -> None:
    files = {**_BASE, "kustomization.yaml": "resources: [overlays/dev]\n"}
    assert [f.rule for f in findings(files)] == ["policy"]


def test_policies_of_other_environments_are_not_asked() -> None:
    entry = "{{files: policies/*.yaml, environments: [{}]}}"
    config = "version: 1\nenvironments: {{dev: {{}}, live: {{}}}}\ncheck:\n  policies:\n  - " + entry + "\n"
    assert _told({**_BASE, "fairlead.yaml": config.format("live")}) == []
    assert len(_told({**_BASE, "fairlead.yaml": config.format("dev")})) == 1


def test_what_can_t_be_evaluated_fails_as_a_cluster_would_let_it() -> None:
    for failure, severity in (("Fail", "error"), ("Ignore", "note")):
        (told,) = _told(_files(f"failurePolicy: {failure}\nvalidations:\n- expression: object.spec.paused == true\n"))
        assert told == (
            f"overlays/dev/deployment.yaml:5:1 {severity} Deployment/web: the policy 'p' can't be evaluated: "
            "no such key: paused"
        )


def test_a_change_does_not_bring_the_policies_that_it_is_judged_by() -> None:
    now = MemorySnapshot.of(_BASE)
    after = MemorySnapshot.of({**_BASE, "policies/few-replicas.yaml": _BASE["policies/few-replicas.yaml"] + "#\n"})
    loose = after.with_files({"policies/few-replicas.yaml": None})
    engine = renderer(Run(Path(), jobs=1))
    part = replace(checking.scope(loose, ""), rules=now)
    found = checking.judge(Run(Path()), engine, loose, part, ("overlays/dev",)).findings
    assert [str(f.where) for f in found if f.rule == "policy"] == ["overlays/dev/deployment.yaml:6:13"]


_PAGE = Path(__file__).parents[3] / "docs/howto/policies-in-cel.md"
_SHOWN = [b for b in re.findall(r"```yaml\n(.*?)```", _PAGE.read_text(), re.DOTALL) if "validations:" in b]


@pytest.mark.parametrize("spec", _SHOWN)
def test_the_policies_of_the_manual_compile_and_refuse_the_example(spec: str) -> None:
    (told,) = _told(_files(spec))
    assert told.startswith("overlays/dev/deployment.yaml:")
    assert "can't be evaluated" not in told
