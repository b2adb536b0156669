"""What refers to what by name: all kinds that do, who answers, and who may answer unseen."""

from __future__ import annotations

import pytest

from fairlead.model.findings import Severity
from tests.judging import findings

_CONFIG = "version: 1\nenvironments: {dev: {}}\n"


def _object(kind: str, rest: str, api: str = "v1", name: str = "web", space: str = "") -> str:
    space = f"  namespace: {space}\n" if space else ""
    return f"apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: {name}\n{space}{rest}"


def _told(
    *objects: str, rule: str = "dangling-reference", config: str = _CONFIG, other: str = "", **more: str
) -> list[str]:
    files = {
        "fairlead.yaml": config,
        "web/overlays/dev/kustomization.yaml": "resources: [all.yaml]\n" + more.get("more", ""),
        "web/overlays/dev/all.yaml": "---\n".join(objects),
    }
    if other:
        files |= {"db/overlays/dev/kustomization.yaml": "resources: [all.yaml]\n", "db/overlays/dev/all.yaml": other}
    return [f"{f.where.path.rpartition('/')[2]}:{f.where.line} {f.message}" for f in findings(files, rule)]


_INGRESS, _AUTOSCALING, _RBAC = "networking.k8s.io/v1", "autoscaling/v2", "rbac.authorization.k8s.io/v1"
_GATEWAY, _HOOKS = "gateway.networking.k8s.io/v1", "admissionregistration.k8s.io/v1"
_REFERRERS = [
    (_object("Ingress", "spec:\n  defaultBackend:\n    service:\n      name: x\n", _INGRESS), "Service", 8),
    (_object("Ingress", "spec:\n  rules:\n  - http:\n      paths:\n      - pathType: Prefix\n        backend:\n"
             "          service:\n            name: x\n", _INGRESS), "Service", 12),
    (_object("Ingress", "spec:\n  tls:\n  - secretName: x\n", _INGRESS), "Secret", 7),
    (_object("HTTPRoute", "spec:\n  rules:\n  - backendRefs:\n    - name: x\n", _GATEWAY), "Service", 8),
    (_object("Gateway", "spec:\n  listeners:\n  - tls:\n      certificateRefs:\n      - name: x\n", _GATEWAY),
     "Secret", 9),
    (_object("HorizontalPodAutoscaler", "spec:\n  scaleTargetRef:\n    kind: Deployment\n    name: x\n", _AUTOSCALING),
     "Deployment", 8),
    (_object("RoleBinding", "roleRef:\n  kind: Role\n  name: x\n", _RBAC), "Role", 7),
    (_object("RoleBinding", "roleRef: {kind: ClusterRole, name: view}\nsubjects:\n- kind: ServiceAccount\n  name: x\n",
             _RBAC), "ServiceAccount", 8),
    (_object("StatefulSet", "spec:\n  serviceName: x\n", "apps/v1"), "Service", 6),
    (_object("ValidatingWebhookConfiguration", "webhooks:\n- clientConfig:\n    service:\n      name: x\n", _HOOKS),
     "Service", 8),
    (_object("ServiceAccount", "imagePullSecrets:\n- name: x\n"), "Secret", 6),
]  # fmt: skip


@pytest.mark.parametrize(("referrer", "kind", "line"), _REFERRERS)
def test_a_reference_that_nobody_answers_is_told_at_its_name(referrer: str, kind: str, line: int) -> None:
    (told,) = _told(referrer)
    assert told.startswith(f"all.yaml:{line} ")
    assert f"refers to the {kind} 'x', which nothing in dev brings" in told


@pytest.mark.parametrize(("referrer", "kind", "line"), _REFERRERS)
def test_it_is_answered_in_the_same_overlay_or_by_another_app(referrer: str, kind: str, line: int) -> None:
    answer = _object(kind, "", {"Deployment": "apps/v1", "Role": _RBAC}.get(kind, "v1"), "x")
    assert _told(referrer, answer) == _told(referrer, other=answer) == []


@pytest.mark.parametrize(
    "rest",
    [
        "roleRef: {kind: ClusterRole, name: whatever}\n",
        "roleRef: {kind: ClusterRole, name: a}\nsubjects:\n- {kind: ServiceAccount, name: x, namespace: other}\n",
        "roleRef: {kind: ClusterRole, name: view}\nsubjects:\n- {kind: ServiceAccount, name: default}\n",
    ],
)
def test_what_the_cluster_or_other_people_bring_is_left_alone(rest: str) -> None:
    assert _told(_object("RoleBinding", rest, _RBAC, space="web")) == []


def test_a_role_that_the_api_server_makes_is_there() -> None:
    rest = "roleRef: {kind: Role, name: %s}\n"
    reader = "extension-apiserver-authentication-reader"
    assert _told(_object("RoleBinding", rest % reader, _RBAC, space="kube-system")) == []
    assert len(_told(_object("RoleBinding", rest % reader, _RBAC, space="web"))) == 1


_POD = _object(
    "Pod",
    "spec:\n  containers:\n  - name: web\n    image: a\n    envFrom:\n    - secretRef:\n        name: db-app\n",
    space="web",
)


@pytest.mark.parametrize(
    "maker",
    [
        _object("SealedSecret", "spec: {encryptedData: {a: b}}\n", "bitnami.com/v1alpha1", "db-app", "web"),
        _object("ExternalSecret", "spec: {target: {name: db-app}}\n", "external-secrets.io/v1", "any", "web"),
        _object("Certificate", "spec: {secretName: db-app}\n", "cert-manager.io/v1", "any", "web"),
        _object(
            "SopsSecret", "spec: {secretTemplates: [{name: db-app}]}\n", "isindir.github.com/v1alpha3", "any", "web"
        ),
        _object("Cluster", "spec: {instances: 1}\n", "postgresql.cnpg.io/v1", "db", "web"),
        _object("HelmRelease", "spec: {targetNamespace: web}\n", "helm.toolkit.fluxcd.io/v2", "any", "flux"),
        _object("Application", "spec: {destination: {namespace: web}}\n", "argoproj.io/v1alpha1", "any", "argocd"),
    ],
)
def test_what_controllers_make_counts_as_there(maker: str) -> None:
    assert _told(_POD) != []
    assert _told(_POD, maker) == _told(_POD, other=maker) == []


@pytest.mark.parametrize(
    "other",
    [
        _object("SealedSecret", "spec: {encryptedData: {a: b}}\n", "bitnami.com/v1alpha1", "db-app", "elsewhere"),
        _object("HelmRelease", "spec: {}\n", "helm.toolkit.fluxcd.io/v2", "any", "elsewhere"),
        _object("ServiceMonitor", "spec: {}\n", "monitoring.coreos.com/v1", "db-app", "web"),
    ],
)
def test_other_namespaces_and_objects_that_make_nothing_answer_nothing(other: str) -> None:
    (told,) = _told(_POD, other)
    assert told.startswith("all.yaml:12 Pod/web refers to the Secret 'db-app'")


def test_a_near_miss_is_told_even_where_a_release_may_bring_anything() -> None:
    release = _object("HelmRelease", "spec: {}\n", "helm.toolkit.fluxcd.io/v2", "any", "web")
    files = {
        "fairlead.yaml": _CONFIG,
        "web/overlays/dev/kustomization.yaml": "resources: [all.yaml]\n",
        "web/overlays/dev/all.yaml": "---\n".join((_POD, release, _object("Secret", "", name="db-apps", space="web"))),
    }
    (found,) = findings(files, "dangling-reference")
    assert found.remedy.startswith("did you mean 'db-apps'? Else add it, or say that it comes from elsewhere")


def test_the_certificate_of_an_ingress_that_cert_manager_cares_for_is_made() -> None:
    ingress = _object("Ingress", "spec:\n  tls:\n  - secretName: x\n", _INGRESS)
    noted = ingress.replace("  name: web\n", "  name: web\n  annotations: {cert-manager.io/cluster-issuer: a}\n")
    assert (len(_told(ingress)), _told(noted)) == (1, [])


_KEYED = (
    "spec:\n  containers:\n  - name: web\n    image: shop/web:1\n    env:\n    - name: A\n      valueFrom:\n"
    "        %s:\n          name: settings\n          key: level\n"
)


def test_of_a_kustomization_without_an_environment_what_is_no_near_miss_is_a_note() -> None:
    scaler = _object("HorizontalPodAutoscaler", "spec:\n  scaleTargetRef: {kind: Deployment, name: %s}\n", _AUTOSCALING)
    files = {
        "fairlead.yaml": _CONFIG,
        "web/kustomization.yaml": "resources: [all.yaml]\n",
        "web/all.yaml": _object("Deployment", "spec: {}\n", "apps/v1", "storefront") + "---\n" + scaler % "storefornt",
    }
    (found,) = findings(files, "dangling-reference")
    assert (str(found.where), found.remedy.partition("?")[0]) == ("web/all.yaml:12:44", "did you mean 'storefront'")
    files["web/all.yaml"] = files["web/all.yaml"].replace("storefornt", "shop")
    (noted,) = findings(files, "dangling-reference")
    assert (noted.severity, noted.remedy.startswith("add it")) == (Severity.NOTE, True)


@pytest.mark.parametrize(("kind", "ref"), [("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")])
@pytest.mark.parametrize(
    ("held", "found"),
    [
        ("data: {level: a}\n", False),
        ("data: {levels: a}\n", True),
        ("binaryData: {level: a}\n", False),
        ("", False),  # somebody else fills it
    ],
)
def test_a_key_that_its_object_lacks_is_told(kind: str, ref: str, held: str, *, found: bool) -> None:
    pod = _object("Pod", _KEYED % ref)
    told = _told(pod, _object(kind, held, name="settings"), rule="missing-key")
    assert told == ([f"all.yaml:14 Pod/web takes the key 'level' of {kind}/settings, which lacks it"] if found else [])
    assert _told(pod + "          optional: true\n", _object(kind, held, name="settings"), rule="missing-key") == []


def test_keys_that_volumes_take_are_looked_up_also_in_what_is_generated() -> None:
    pod = _object(
        "Pod",
        "spec:\n  containers: [{name: web, image: a}]\n  volumes:\n  - name: a\n    configMap:\n      name: settings\n"
        "      items:\n      - {key: app.conf, path: app.conf}\n      - {key: log.conf, path: log.conf}\n"
        "  - name: b\n    projected:\n      sources:\n      - secret: {name: settings, items: [{key: a, path: a}]}\n",
    )
    more = "configMapGenerator:\n- name: settings\n  literals: [app.conf=1]\n"
    assert _told(pod, _object("Secret", "data: {b: YQ==}\n", name="settings"), rule="missing-key", more=more) == [
        "all.yaml:13 Pod/web takes the key 'log.conf' of ConfigMap/settings, which lacks it",
        "all.yaml:17 Pod/web takes the key 'a' of Secret/settings, which lacks it",
    ]


_NAMING = _object("Pod", "spec:\n  serviceAccountName: web-reader\n  containers: [{name: web, image: a}]\n", name="web")
_ACCOUNT = _object("ServiceAccount", "", name="%s")


def _of_nobody(*objects: str, **more: str) -> list[tuple[str, Severity]]:
    files = {
        "fairlead.yaml": _CONFIG + "layout: ['{app}/overlays/{env}']\n",
        "bases/web/kustomization.yaml": "resources: [all.yaml]\n",
        "bases/web/all.yaml": "---\n".join(objects),
        "db/overlays/dev/kustomization.yaml": "configMapGenerator: [{name: any}]\n",
        **{path.replace("__", "/") + ".yaml": text for path, text in more.items()},
    }
    return [(f"{f.where} {f.remedy[:24]}", f.severity) for f in findings(files, "dangling-reference")]


def test_outside_of_environments_it_is_a_note_unless_it_is_a_slip() -> None:
    assert _of_nobody(_NAMING) == [("bases/web/all.yaml:6:23 add it, or say that it c", Severity.NOTE)]
    (slip,) = _of_nobody(_NAMING, _ACCOUNT % "web-raeder")
    assert slip == ("bases/web/all.yaml:6:23 did you mean 'web-raeder", Severity.WARNING)


def test_outside_of_environments_anything_in_the_repository_answers() -> None:
    dev = {
        "db__overlays__dev__kustomization": "resources: [all.yaml]\n",
        "db__overlays__dev__all": _ACCOUNT % "web-reader",
    }
    assert _of_nobody(_NAMING, **dev) == []


def test_where_something_does_not_build_only_slips_are_told_outside_of_environments() -> None:
    broken = {"db__overlays__dev__kustomization": "resources: [nothing.yaml]\n"}
    assert _of_nobody(_NAMING, **broken) == []
    assert len(_of_nobody(_NAMING, _ACCOUNT % "web-readr", **broken)) == 1


def test_where_the_environment_does_not_build_whole_what_another_environment_has_is_told() -> None:
    files = {
        "fairlead.yaml": "version: 1\nenvironments: {dev: {}, production: {}}\n",
        "web/overlays/dev/kustomization.yaml": "resources: [pod.yaml]\n",
        "web/overlays/dev/pod.yaml": _NAMING,
        "web/overlays/production/kustomization.yaml": "resources: [pod.yaml]\n",
        "web/overlays/production/pod.yaml": _NAMING,
        "db/overlays/dev/kustomization.yaml": "resources: [nothing.yaml]\n",
        "db/overlays/production/kustomization.yaml": "resources: [nothing.yaml]\n",
    }
    assert findings(files, "dangling-reference") == []
    mate = {**files, "web/overlays/production/pod.yaml": f"{_NAMING}---\n{_ACCOUNT % 'web-reader'}"}
    (found,) = findings(mate, "dangling-reference")
    assert found.overlay == "web/overlays/dev"
    assert "which its overlay lacks, and that of production brings" in found.message
    generated = _POD.replace("  namespace: web\n", "")
    files |= {"web/overlays/dev/pod.yaml": generated, "web/overlays/production/pod.yaml": generated}
    maker = "resources: [pod.yaml]\nsecretGenerator: [{name: db-app, literals: [a=b]}]\n"
    (found,) = findings({**files, "web/overlays/production/kustomization.yaml": maker}, "dangling-reference")
    assert found.overlay == "web/overlays/dev"


def test_where_the_environment_does_not_build_whole_a_slip_is_told() -> None:
    files = {
        "fairlead.yaml": _CONFIG,
        "web/overlays/dev/kustomization.yaml": "resources: [pod.yaml]\n",
        "db/overlays/dev/kustomization.yaml": "resources: [nothing.yaml]\n",
    }
    slip = {**files, "web/overlays/dev/pod.yaml": f"{_NAMING}---\n{_ACCOUNT % 'web-readers'}"}
    (found,) = findings(slip, "dangling-reference")
    assert found.remedy.startswith("did you mean 'web-readers'?")
