"""Kubernetes' schemas, by the declared version."""

from __future__ import annotations

import pytest

from fairlead.checks.objects import Object, read
from fairlead.checks.schemas import Schemas, file_name
from fairlead.steps.schemas import BundledSchemas

SCHEMAS = Schemas(BundledSchemas())
_DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template: {spec: {containers: []}}\n"
)


def one(text: str) -> Object:
    (made,) = read(text)
    return made


def told(text: str, version: str = "1.34") -> list[tuple[tuple[str | int, ...], str, str]]:
    return sorted((v.path, v.message, v.remedy) for v in SCHEMAS.violations(version, one(text)))


def test_what_lacks_is_told_at_its_parent() -> None:
    assert told(_DEPLOYMENT) == [(("spec",), "spec lacks 'selector'", "add selector")]


def test_a_wrong_type_and_an_unknown_field_are_told_at_the_field() -> None:
    text = _DEPLOYMENT + "  selector: {}\n  replicas: '3'\n  repilcas: 4\n"
    assert told(text) == [
        (("spec", "repilcas"), "unknown field 'repilcas' in spec", "did you mean 'replicas'?"),
        (("spec", "replicas"), 'spec.replicas is "3", which is no integer', "write it as integer"),
    ]


def test_a_quantity_and_a_port_may_be_numbers_or_text() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports: [{port: 80, targetPort: %s}]\n"
    assert told(service % "http") == told(service % "80") == []
    assert [path for path, _, _ in told(service % "[]")] == [("spec", "ports", 0, "targetPort")]


def test_the_declared_version_decides() -> None:
    text = "apiVersion: autoscaling/v2beta2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n"
    assert SCHEMAS.knows("1.25", one(text))
    assert not SCHEMAS.knows("1.34", one(text))


@pytest.mark.parametrize(("wanted", "used"), [("1.30", "1.30"), ("1.9", "1.25"), ("1.99", "1.37")])
def test_a_version_that_is_not_there_is_judged_by_the_nearest(wanted: str, used: str) -> None:
    versions = BundledSchemas().versions()
    assert SCHEMAS.nearest(wanted) == (used if used in versions else versions[-1])


def test_a_kind_can_not_lead_out_of_the_bundle() -> None:
    assert BundledSchemas().document("1.34", file_name("v1", "../../../../etc/passwd")) is None
    assert BundledSchemas().document("../..", "all.json") is None
    assert file_name("networking.k8s.io/v1", "Ingress") == "ingress-networking-v1.json"
