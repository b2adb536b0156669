"""Kubernetes' schemas, by the declared version."""

from __future__ import annotations

from itertools import pairwise

import pytest

from fairlead.checks.lifecycle import BUILT_IN, lifecycle, number
from fairlead.checks.objects import Object, read
from fairlead.checks.schemas import Schemas, file_name
from fairlead.steps.schemas import BundledSchemas

SOURCE = BundledSchemas()
SCHEMAS = Schemas(SOURCE)
_DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template: {spec: {containers: []}}\n"
)


def one(text: str) -> Object:
    (made,) = read(text)
    return made


def told(text: str, version: str = "1.34") -> list[tuple[tuple[str | int, ...], str, str]]:
    schema = SCHEMAS.built_in(version, one(text))
    assert schema is not None
    return sorted((v.path, v.message, v.remedy) for v in schema.violations(one(text).body))


def test_what_lacks_is_told_at_its_parent() -> None:
    assert told(_DEPLOYMENT) == [(("spec",), "spec lacks 'selector'", "add selector")]


def test_a_wrong_type_and_an_unknown_field_are_told_at_the_field() -> None:
    text = _DEPLOYMENT + "  selector: {}\n  replicas: '3'\n  repilcas: 4\n"
    assert told(text) == [
        (("spec", "repilcas"), "unknown field 'repilcas' in spec", "did you mean 'replicas'?"),
        (("spec", "replicas"), 'spec.replicas is "3", which is no integer', "write it as integer"),
    ]


def test_what_is_of_a_removed_version_is_judged_by_the_one_that_is_like_it() -> None:
    cron = (
        "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: web}\nspec:\n  %s: '@daily'\n  jobTemplate:\n"
        "    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          containers: []\n"
    )
    assert told(cron % "schedule") == []
    assert [row[:2] for row in told(cron % "shcedule")] == [
        (("spec", "shcedule"), "unknown field 'shcedule' in spec"),
    ]
    assert SCHEMAS.built_in("1.34", one("apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\n")) is None


def test_a_quantity_and_a_port_may_be_numbers_or_text() -> None:
    service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports: [{port: 80, targetPort: %s}]\n"
    assert told(service % "http") == told(service % "80") == []
    assert [path for path, _, _ in told(service % "[]")] == [("spec", "ports", 0, "targetPort")]


def test_the_declared_version_decides() -> None:
    text = "apiVersion: flowcontrol.apiserver.k8s.io/v1beta2\nkind: FlowSchema\nmetadata: {name: a}\n"
    assert SCHEMAS.built_in("1.25", one(text)) is not None
    assert SCHEMAS.built_in("1.34", one(text)) is None


@pytest.mark.parametrize(("wanted", "used"), [("1.30", "1.30"), ("1.9", "1.25"), ("1.99", "1.37")])
def test_a_version_that_is_not_there_is_judged_by_the_nearest(wanted: str, used: str) -> None:
    versions = BundledSchemas().versions()
    assert SCHEMAS.nearest(wanted) == (used if used in versions else versions[-1])


def test_a_kind_can_not_lead_out_of_the_bundle() -> None:
    assert BundledSchemas().document("1.34", file_name("v1", "../../../../etc/passwd")) is None
    assert BundledSchemas().document("../..", "all.json") is None
    assert file_name("networking.k8s.io/v1", "Ingress") == "ingress-networking-v1.json"


def test_there_are_schemas_of_every_version_that_is_promised() -> None:
    assert SOURCE.versions() == tuple(f"1.{minor}" for minor in range(25, 38))


def test_what_is_known_of_removals_is_what_the_schemas_hold() -> None:
    """Each API that a version has and the next one has not is in the table, removed in just that one."""
    holds = {version: _apis(version) for version in SOURCE.versions()}
    for (older, had), (newer, has) in pairwise(holds.items()):
        for api, kind in had - has:
            known = lifecycle(api, kind)
            assert known is not None, (api, kind, older)
            assert known.removed == newer, (api, kind)
        for api, kind in has:
            known = lifecycle(api, kind)
            assert known is None or not known.removed or number(known.removed) > number(newer), (api, kind)
            assert api.rpartition("/")[0] in BUILT_IN


def _apis(version: str) -> set[tuple[str, str]]:
    """The apiVersions and kinds of a version's own schemas, without lists and what is no object."""
    out = set()
    for body in SOURCE.document(version, "_definitions.json")["$defs"].values():
        named = body.get("x-kubernetes-group-version-kind", ())
        if len(named) == 1 and {"apiVersion", "kind", "metadata"} <= body.get("properties", {}).keys():
            (one,) = named
            out.add((f"{one['group']}/{one['version']}".lstrip("/"), one["kind"]))
    return {(api, kind) for api, kind in out if not kind.endswith(("List", "Review", "Eviction", "Status"))}
