"""Namespaces, hosts and references of another environment."""

from __future__ import annotations

import pytest

from fairlead.model.findings import Severity
from tests.judging import findings, told

_CONFIG = "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"
_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_MAP = "configMapGenerator:\n- name: web\n  literals:\n  - %s\n"
_ROUTE = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata:\n  name: web\nspec:\n  hostnames: [%s]\n"


def _setting(value: str, env: str = "production") -> dict[str, str]:
    return {"fairlead.yaml": _CONFIG, f"overlays/{env}/kustomization.yaml": _MAP % value}


@pytest.mark.parametrize(
    "value",
    [
        "MODE=dev",
        "MODE=--profile=dev-local",
        "SHM=/dev/shm",
        "TEXT=ask the dev team",
        "ISSUER=letsencrypt-dev",
        "BUCKET=shop-development",
        "BUCKET=shop-production-dev",
        "URL=https://get.example.dev/x",
        "API=web.default.svc.cluster.local",
    ],
)
def test_what_is_no_name_of_another_environment(value: str) -> None:
    assert findings(_setting(value), "foreign-reference", "foreign-host") == []


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("BUCKET=shop-dev-assets", "foreign-reference"),
        ("ROLE=arn:aws:iam::1234:role/shop-dev", "foreign-reference"),
        ("DB=postgres://user@db.example.com:5432/shop_dev", "foreign-reference"),
        ("STORE=s3://shop-dev/assets", "foreign-reference"),
        ("PARAMETER=/shop/dev/database", "foreign-reference"),
        ("DB=jdbc:postgresql://db/shop_dev?sslmode=require", "foreign-reference"),
        ("URL=https://api.dev.example.com/x", "foreign-host"),
        ("HOST=api-dev.example.com", "foreign-host"),
        ("BROKERS=kafka://a.dev.example.com:9092,b.example.com", "foreign-host"),
    ],
)
def test_a_setting_of_another_environment_is_told_at_its_literal(value: str, rule: str) -> None:
    assert told(_setting(value), "foreign-reference", "foreign-host") == [
        f"overlays/production/kustomization.yaml:4:5 {rule}"
    ]


def test_elsewhere_than_in_production_it_is_a_note() -> None:
    (found,) = findings(_setting("BUCKET=shop-production-assets", "dev"))
    assert found.severity is Severity.NOTE


def test_a_secret_of_another_environment_is_told_unless_the_overlay_brings_it() -> None:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n"
        "    image: example.com/web:1\n    envFrom:\n    - secretRef:\n        name: web-dev\n"
    )
    files = {
        "fairlead.yaml": _CONFIG + "check: {external: ['Secret/*']}\n",
        "overlays/production/kustomization.yaml": "resources:\n- pod.yaml\n",
        "overlays/production/pod.yaml": pod,
    }
    (found,) = findings(files)
    assert str(found.where) == "overlays/production/pod.yaml:11:15"
    assert found.message == ("Pod/web names the Secret 'web-dev', which sounds like dev's, in an overlay of production")
    files["overlays/production/kustomization.yaml"] += "secretGenerator:\n- name: web-dev\n  literals: [A=b]\n"
    files["overlays/production/kustomization.yaml"] += "  options: {disableNameSuffixHash: true}\n"
    assert findings(files, "foreign-reference") == []


def test_what_a_custom_resource_names_is_told_under_keys_that_name_something() -> None:
    store = (
        "apiVersion: external-secrets.io/v1\nkind: SecretStore\nmetadata:\n  name: web\nspec:\n  provider:\n"
        "    vault:\n      path: /shop/dev/secrets\n      server: https://vault.example.com\n      note: dev has it\n"
    )
    files = {
        "fairlead.yaml": _CONFIG,
        "overlays/production/kustomization.yaml": "resources:\n- store.yaml\n",
        "overlays/production/store.yaml": store,
    }
    assert told(files, "foreign-reference") == ["overlays/production/store.yaml:8:13 foreign-reference"]


def test_an_argument_and_a_path_of_another_environment_are_told_and_a_device_is_not() -> None:
    pod = (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: web\n"
        "    image: example.com/web:1\n    args:\n    - --bucket=shop-dev-assets\n    - --mode=dev\n    - --verbose\n"
        "  volumes:\n  - name: data\n    hostPath:\n      path: /mnt/dev/web\n"
        "  - name: shm\n    hostPath:\n      path: /dev/shm\n"
    )
    files = {
        "fairlead.yaml": _CONFIG,
        "overlays/production/kustomization.yaml": "resources:\n- pod.yaml\n",
        "overlays/production/pod.yaml": pod,
    }
    assert told(files, "foreign-reference") == [
        "overlays/production/pod.yaml:10:7 foreign-reference",
        "overlays/production/pod.yaml:16:13 foreign-reference",
    ]


def test_an_overlay_that_reads_another_environments_is_told_at_the_reference() -> None:
    files = {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "resources: [s.yaml]\n",
        "overlays/dev/s.yaml": _SERVICE,
        "overlays/production/kustomization.yaml": "resources:\n- ../dev\n",
    }
    (found,) = findings(files)
    assert (str(found.where), found.rule) == ("overlays/production/kustomization.yaml:2:3", "foreign-reference")


def test_a_folder_named_after_another_environment_is_told_though_it_is_no_overlay() -> None:
    files = {
        "fairlead.yaml": _CONFIG,
        "patches/dev/kustomization.yaml": "resources: [s.yaml]\n",
        "patches/dev/s.yaml": _SERVICE,
        "overlays/production/kustomization.yaml": "resources:\n- ../../patches/dev\n",
    }
    assert told(files) == ["overlays/production/kustomization.yaml:2:3 foreign-reference"]


def test_a_host_that_another_overlay_of_the_app_answers_for_is_told_where_it_is_called() -> None:
    files = {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "resources: [r.yaml]\n",
        "overlays/dev/r.yaml": _ROUTE % "beta.example.com",
        "overlays/production/kustomization.yaml": "resources: [r.yaml]\n" + _MAP % "API=https://beta.example.com/",
        "overlays/production/r.yaml": _ROUTE % "example.com",
    }
    (found,) = findings(files, "foreign-host")
    assert (str(found.where), found.severity) == ("overlays/production/kustomization.yaml:5:5", Severity.WARNING)
    assert "which the overlay of dev answers for" in found.message


def test_one_host_for_all_environments_is_nobodys_fault() -> None:
    files = {"fairlead.yaml": _CONFIG}
    for env in ("dev", "production"):
        files[f"overlays/{env}/kustomization.yaml"] = "resources: [r.yaml]\n" + _MAP % "API=https://web.example.com/"
        files[f"overlays/{env}/r.yaml"] = _ROUTE % "web.example.com"
    assert findings(files, "foreign-host") == []


def test_a_host_in_a_route_is_told_by_its_word() -> None:
    files = {
        "fairlead.yaml": _CONFIG,
        "overlays/production/kustomization.yaml": "resources: [r.yaml]\n",
        "overlays/production/r.yaml": _ROUTE % "web.dev.example.com",
    }
    assert told(files, "foreign-host") == ["overlays/production/r.yaml:6:15 foreign-host"]


_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\n%sspec:\n  containers:\n  - name: web\n"
    "    image: example.com/web:1\n    args:\n    - --verbose\n%s"
)
_CUSTOM = (
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web}\nspec:\n"
    "  postBuild:\n    substitute:\n      URL: %s\n"
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(_POD % ("", "    - --backend=http://api.dev.example.com/\n"), 11, id="an argument"),
        pytest.param(_POD % ("", "    - --filter=a.example.com,dev.example.com\n"), 11, id="one of several"),
        pytest.param(_POD % ("  annotations:\n    host: web.dev.example.com\n", ""), 6, id="an annotation"),
        pytest.param(_CUSTOM % "https://keys-dev.vault.example.com/", 7, id="a custom resource"),
        pytest.param(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  a.yaml: |\n    # of\n    a: 1\n"
            "    url: https://api.dev.example.com\n", 9, id="a line of a text",
        ),
    ],
)  # fmt: skip
def test_a_host_is_told_wherever_it_stands(text: str, line: int) -> None:
    files = {
        "fairlead.yaml": _CONFIG,
        "overlays/production/kustomization.yaml": "resources:\n- all.yaml\n",
        "overlays/production/all.yaml": text,
    }
    (only,) = findings(files, "foreign-host")
    assert (only.where.path, only.where.line) == ("overlays/production/all.yaml", line)


def test_a_host_is_told_in_the_file_of_a_generator() -> None:
    files = {
        "fairlead.yaml": _CONFIG,
        "overlays/production/kustomization.yaml": "configMapGenerator:\n- name: web\n  files: [a.conf]\n",
        "overlays/production/a.conf": "# of\nmode = 1\nurl = https://api.dev.example.com\n",
    }
    (only,) = findings(files, "foreign-host")
    assert str(only.where) == "overlays/production/a.conf:3:15"


@pytest.mark.parametrize(
    "value", ["https://dev.azure.com/shop/_git/web", "https://acme-staging-v02.api.letsencrypt.org/", "web.dev/kind"]
)
def test_a_host_that_everybody_calls_is_nobodys(value: str) -> None:
    config = _CONFIG.replace("{dev: {}, ", "{dev: {}, staging: {}, ").replace("[[dev, ", "[[dev, staging, ")
    files = {
        "fairlead.yaml": config,
        "overlays/production/kustomization.yaml": "resources:\n- all.yaml\n",
        "overlays/production/all.yaml": _CUSTOM % value,
    }
    assert findings(files, "foreign-host") == []


def test_a_cluster_wide_namespace_that_only_one_environments_overlay_declares_is_nobodys_fault() -> None:
    files = {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "namespace: kube-system\nresources: [s.yaml]\n",
        "overlays/dev/s.yaml": _SERVICE,
        "overlays/production/kustomization.yaml": "resources: [s.yaml]\n",
        "overlays/production/s.yaml": _SERVICE + "  namespace: kube-system\n",
    }
    assert findings(files) == []


def test_folders_beside_each_other_may_be_variants_that_share_a_namespace() -> None:
    files = {
        "web/overlays/platform/kustomization.yaml": "namespace: platform\nresources: [s.yaml]\n",
        "web/overlays/platform/s.yaml": _SERVICE,
        "web/overlays/standalone/kustomization.yaml": "namespace: platform\nresources: [n.yaml, s.yaml]\n",
        "web/overlays/standalone/n.yaml": "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: platform\n",
        "web/overlays/standalone/s.yaml": _SERVICE,
    }
    assert told(files) == []


def test_two_words_for_one_environment_are_not_foreign_to_each_other() -> None:
    files = {
        f"{app}/overlays/{env}/kustomization.yaml": "namespace: web-dev\n" + _MAP % "URL=https://web.dev.example.com"
        for app, env in (("a", "dev"), ("b", "development"))
    }
    assert told(files) == []


def test_a_name_in_that_of_the_environment_is_its_own() -> None:
    files = {
        "a/overlays/staging/kustomization.yaml": "namespace: argocd-staging\n" + _MAP % "A=b",
        "b/overlays/staging-downstream/kustomization.yaml": "namespace: argocd-staging\n" + _MAP % "A=b",
    }
    assert told(files) == []


_FLUX = (
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: %s\nspec:\n"
    "  sourceRef: {kind: GitRepository, name: flux-system}\n  path: ./%s\n"
)


def _applying(*paths: str) -> list[str]:
    said = "---\n".join(_FLUX % (f"k{n}", path) for n, path in enumerate(paths))
    files = {
        "fairlead.yaml": _CONFIG + "layout: ['apps/{app}/{env}', 'clusters/{env}']\n",
        "clusters/production/kustomization.yaml": "resources: [k.yaml]\n",
        "clusters/production/k.yaml": said,
        "clusters/dev/kustomization.yaml": _MAP % "A=b",
    }
    for app in ("web", "db", "cache"):
        files |= {f"apps/{app}/{env}/kustomization.yaml": _MAP % "A=b" for env in ("dev", "production")}
    return told(files, "foreign-reference")


def test_an_object_that_has_another_environments_overlay_applied_is_told() -> None:
    own = ("apps/db/production", "apps/cache/production")
    assert _applying("apps/web/dev", *own) == ["clusters/production/k.yaml:7:9 foreign-reference"]
    assert _applying("apps/web/production", *own) == []


def test_who_applies_the_overlays_of_other_environments_as_a_rule_may_do_so() -> None:
    assert _applying("apps/web/dev", "apps/db/dev", "apps/cache/production") == []


def test_an_environment_that_has_another_one_applied_in_its_own_place_is_told() -> None:
    assert _applying("clusters/dev") == ["clusters/production/k.yaml:7:9 foreign-reference"]
