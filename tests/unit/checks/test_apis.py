"""APIs that go, by the versions of the environments and of their chain."""

from __future__ import annotations

import pytest

from tests.judging import findings

_BUDGET = "kind: PodDisruptionBudget\nmetadata: {name: web}\nspec: {selector: {matchLabels: {app: web}}}\n"
_SCALER = (
    "kind: HorizontalPodAutoscaler\nmetadata: {name: web}\nspec:\n  maxReplicas: 2\n"
    "  scaleTargetRef: {kind: Deployment, name: web, apiVersion: apps/v1}\n"
)
_CHAIN = "chains: [[dev, production]]\n"


def told(api: str, body: str, dev: str, production: str, env: str = "production") -> list[tuple[str, str, str, str]]:
    versions = ", ".join(
        f"{name}: {{kubernetes: '{version}'}}" if version else f"{name}: {{}}"
        for name, version in (("dev", dev), ("production", production))
    )
    files = {
        "fairlead.yaml": f"version: 1\nenvironments: {{{versions}}}\n{_CHAIN}",
        f"overlays/{env}/kustomization.yaml": "resources: [object.yaml]\n",
        f"overlays/{env}/object.yaml": f"apiVersion: {api}\n{body}",
    }
    found = findings(files, "removed-api", "deprecated-api", "no-schema", "schema")
    assert all(str(f.where) == f"overlays/{env}/object.yaml:1:13" for f in found if f.rule != "no-schema"), found
    return [(f.severity, f.rule, f.message.partition(": ")[2], f.remedy) for f in found]


def test_what_the_own_version_has_removed_is_an_error() -> None:
    assert told("autoscaling/v2beta2", _SCALER, "1.30", "1.30") == [
        (
            "error", "removed-api", "autoscaling/v2beta2 was removed in Kubernetes 1.26",
            "write autoscaling/v2 (Kubernetes 1.30)",
        )
    ]  # fmt: skip


def test_what_another_version_of_the_chain_has_removed_is_a_warning() -> None:
    assert told("autoscaling/v2beta2", _SCALER, "1.30", "1.25") == [
        (
            "warning", "removed-api",
            "autoscaling/v2beta2 was removed in Kubernetes 1.26, and dev has 1.30", "write autoscaling/v2",
        )
    ]  # fmt: skip


def test_what_is_deprecated_here_or_in_the_chain_is_a_warning() -> None:
    endpoints = "kind: Endpoints\nmetadata: {name: web}\n"
    assert told("v1", endpoints, "1.32", "1.32") == []
    assert told("v1", endpoints, "1.33", "1.33") == [
        (
            "warning", "deprecated-api", "v1 is deprecated since Kubernetes 1.33",
            "write discovery.k8s.io/v1 EndpointSlice",
        )
    ]  # fmt: skip
    ((_, rule, message, _),) = told("v1", endpoints, "1.34", "1.32")
    assert (rule, message) == ("deprecated-api", "v1 is deprecated since Kubernetes 1.33, and dev has 1.34")


@pytest.mark.parametrize(
    ("api", "severity"),
    [("policy/v1beta1", "error"), ("flowcontrol.apiserver.k8s.io/v1beta3", "warning")],
)
def test_where_no_version_is_declared_only_what_no_supported_version_has_is_an_error(api: str, severity: str) -> None:
    body = _BUDGET if api.startswith("policy") else "kind: FlowSchema\nmetadata: {name: web}\n"
    ((found, rule, _, remedy),) = told(api, body, "", "")
    assert (found, rule) == (severity, "removed-api")
    assert "as no other is declared" in remedy


def test_an_api_that_comes_later_and_one_that_never_was_are_told() -> None:
    claim = "kind: DeviceClass\nmetadata: {name: web}\nspec: {}\n"
    ((severity, rule, message, _),) = told("resource.k8s.io/v1", claim, "1.31", "1.31")
    assert (severity, rule, message) == ("error", "removed-api", "resource.k8s.io/v1 comes with Kubernetes 1.34")
    ((severity, rule, message, _),) = told("v1", "kind: Deployment\nmetadata: {name: web}\n", "1.31", "1.31")
    assert (severity, rule, message) == ("error", "removed-api", "v1 is no API of Kubernetes")


def test_of_a_version_without_schemas_nothing_is_claimed() -> None:
    assert [row[1] for row in told("apps/v9", "kind: Deployment\nmetadata: {name: web}\n", "1.99", "1.99")] == [
        "no-schema"
    ]


def test_a_kind_that_is_but_misspelled_is_told_at_the_kind():
    files = {
        "fairlead.yaml": "version: 1\nenvironments: {dev: {kubernetes: '1.34'}}\n",
        "overlays/dev/kustomization.yaml": "resources: [object.yaml]\n",
        "overlays/dev/object.yaml": "apiVersion: apps/v1\nkind: Deploymnet\nmetadata: {name: web}\nspec: {}\n",
    }
    (found,) = findings(files, "removed-api", "no-schema", "schema")
    assert (found.rule, str(found.where)) == ("removed-api", "overlays/dev/object.yaml:2:7")
    assert found.message == "Deploymnet/web: apps/v1 has no kind 'Deploymnet'"
    assert found.remedy.startswith("did you mean 'Deployment'?")
