"""Rules on workloads and what belongs to them: images, selectors, ports, budgets, resources, probes, labels."""

from __future__ import annotations

import pytest

from fairlead.model.findings import Severity
from tests.judging import findings

_CONTAINER = (
    "      - name: web\n        image: shop/web:1.0\n        ports:\n        - {name: http, containerPort: 8080}\n"
)
_DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n  selector:\n"
    "    matchLabels:\n      app: web\n  template:\n    metadata:\n      labels:\n        app: web\n    spec:\n"
    "      containers:\n" + _CONTAINER
)
_CONFIG = "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"


def _object(kind: str, spec: str, name: str = "web", api: str = "v1") -> str:
    return f"apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: {name}\nspec:\n{spec}"


def _told(rule: str, *objects: str, config: str = _CONFIG, env: str = "dev", more: str = "") -> list[str]:
    found = findings(
        {
            "fairlead.yaml": config,
            f"overlays/{env}/kustomization.yaml": "resources: [all.yaml]\n" + more,
            f"overlays/{env}/all.yaml": "---\n".join(objects),
        },
        rule,
    )
    return [f"{f.where.path.rpartition('/')[2]}:{f.where.line} {f.severity} {f.message}" for f in found]


@pytest.mark.parametrize(
    ("said", "env", "rules"),
    [
        ("{}", "dev", []),
        ("{}", "production", ["mutable-tag"]),
        ("{images: fixed}", "dev", ["mutable-tag"]),
        ("{images: any}", "production", []),
        ("{images: digest}", "production", ["digest-required"]),
        ("{images: digest}", "dev", ["digest-required"]),
    ],
)
def test_what_an_environment_asks_of_images(said: str, env: str, rules: list[str]) -> None:
    files = {
        "fairlead.yaml": _CONFIG.replace(f"{env}: {{}}", f"{env}: {said}"),
        f"overlays/{env}/kustomization.yaml": "resources: [all.yaml]\n",
        f"overlays/{env}/all.yaml": _DEPLOYMENT.replace(":1.0", ":latest"),
    }
    assert [f.rule for f in findings(files, "mutable-tag", "digest-required")] == rules


@pytest.mark.parametrize(("dev", "want"), [("digest", [Severity.WARNING]), ("any", [])])
def test_outside_of_environments_a_digest_is_asked_for_where_all_of_them_ask(dev: str, want: list[Severity]) -> None:
    files = {
        "fairlead.yaml": f"version: 1\nenvironments: {{dev: {{images: {dev}}}, production: {{images: digest}}}}\n"
        "layout: ['overlays/{env}']\n",
        "overlays/dev/kustomization.yaml": "configMapGenerator: [{name: any}]\n",
        "jobs/kustomization.yaml": "resources: [all.yaml]\n",
        "jobs/all.yaml": _DEPLOYMENT,
    }
    assert [f.severity for f in findings(files, "digest-required")] == want


def test_init_containers_need_a_digest_too_and_a_tag_beside_it_is_fine() -> None:
    config = "version: 1\nenvironments: {dev: {images: digest}}\n"
    digest = "@sha256:" + "0" * 64
    init = "      initContainers:\n      - name: init\n        image: shop/init:1.0\n"
    body = _DEPLOYMENT.replace("web:1.0", "web:1.0" + digest) + init
    assert _told("digest-required", body, config=config) == [
        "all.yaml:22 error shop/init:1.0 has no digest, and dev asks for one"
    ]


@pytest.mark.parametrize(
    ("change", "want"),
    [
        (("        app: web\n", "        app: website\n"),
         ["all.yaml:9 error Deployment/web selects app=web, and its template has 'website'"]),
        (("    matchLabels:\n      app: web\n",
          "    matchExpressions:\n    - {key: app, operator: In, values: [web, site]}\n"), []),
        (("    matchLabels:\n      app: web\n", "    matchExpressions:\n    - {key: tier, operator: Exists}\n"),
         ["all.yaml:8 error Deployment/web selects labels that its template lacks"]),
    ],
)  # fmt: skip
def test_a_deployment_selects_its_own_template(change: tuple[str, str], want: list[str]) -> None:
    assert _told("selector-mismatch", _DEPLOYMENT.replace(*change)) == want


def test_labels_that_only_selectors_get_are_told_at_the_kustomization() -> None:
    more = "patches:\n- target: {kind: Deployment}\n  patch: |-\n    - op: replace\n"
    more += "      path: /spec/selector/matchLabels/app\n      value: site\n"
    assert _told("selector-mismatch", _DEPLOYMENT, more=more) == [
        "kustomization.yaml:7 error Deployment/web selects app=site, and its template has 'web'"
    ]


@pytest.mark.parametrize(
    ("kind", "api", "spec"),
    [
        ("Service", "v1", "  selector:\n    app: site\n  ports: [{port: 80}]\n"),
        ("PodDisruptionBudget", "policy/v1", "  selector:\n    matchLabels: {app: site}\n  maxUnavailable: 1\n"),
        ("NetworkPolicy", "networking.k8s.io/v1", "  podSelector:\n    matchLabels: {app: site}\n"),
    ],
)
def test_a_selector_that_means_no_pod_is_told(kind: str, api: str, spec: str) -> None:
    (told,) = _told("unmatched-selector", _object(kind, spec, api=api), _DEPLOYMENT)
    assert told == f"all.yaml:7 warning {kind}/web selects no pod: none has app=site"
    assert _told("unmatched-selector", _object(kind, spec.replace("site", "web"), api=api), _DEPLOYMENT) == []


def test_labels_that_controllers_write_onto_pods_are_there() -> None:
    spec = "  selector: {app: web, statefulset.kubernetes.io/pod-name: %s}\n  ports: [{port: 80}]\n"
    assert _told("unmatched-selector", _object("Service", spec % "web-0"), _DEPLOYMENT) == []
    other = _object("Service", (spec % "web-0").replace("app: web", "app: site"))
    assert len(_told("unmatched-selector", other, _DEPLOYMENT)) == 1


_SITE = _object("Service", "  selector: {app: site}\n  ports: [{port: 80}]\n")


@pytest.mark.parametrize(
    "others",
    [
        (),  # its pods are another app's
        (_DEPLOYMENT, _object("HelmRelease", "  chart: {}\n", api="helm.toolkit.fluxcd.io/v2")),
        (_DEPLOYMENT, _object("Kafka", "  kafka: {}\n", api="kafka.strimzi.io/v1beta2")),
        (_DEPLOYMENT, "apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec:\n  template:\n"
         "    metadata: {labels: {app: site}}\n    spec: {containers: [{name: j, image: j}]}\n"),
    ],
)  # fmt: skip
def test_a_selector_is_left_alone_where_pods_come_from_elsewhere(others: tuple[str, ...]) -> None:
    assert _told("unmatched-selector", _SITE, *others) == []


_SEALED = _object("SealedSecret", "  encryptedData: {}\n", api="bitnami.com/v1alpha1")
_KAFKA = _object("Kafka", "  kafka: {}\n", api="kafka.strimzi.io/v1beta2")


def test_who_makes_secrets_alone_makes_no_pods() -> None:
    assert len(_told("unmatched-selector", _SITE, _DEPLOYMENT, _SEALED)) == 1


@pytest.mark.parametrize(("label", "slips"), [("frontned", 1), ("fronted", 1), ("frontend-2", 0), ("backend", 0)])
def test_a_slip_is_told_also_where_pods_come_from_elsewhere(label: str, slips: int) -> None:
    pods = _DEPLOYMENT.replace("app: web", "app: frontend")
    service = _object("Service", f"  selector: {{app: {label}}}\n  ports: [{{port: 80}}]\n")
    assert len(_told("unmatched-selector", service, pods, _KAFKA)) == slips


@pytest.mark.parametrize(
    ("port", "want"),
    [
        ("{port: 80, targetPort: http}", []),
        ("{port: 80, targetPort: 8080}", []),
        ("{port: 8080}", []),
        ("{port: 80, targetPort: htpp}",
         ["all.yaml:7 error Service/web leads to the port 'htpp', which no container of its pods has"]),
        ("{port: 80, targetPort: 9090}",
         ["all.yaml:7 note Service/web leads to the port 9090, which no container of its pods declares"]),
    ],
)  # fmt: skip
def test_a_services_port_leads_to_one_of_its_pods(port: str, want: list[str]) -> None:
    service = _object("Service", f"  selector: {{app: web}}\n  ports: [{port}]\n")
    assert _told("unserved-port", service, _DEPLOYMENT) == want


def test_a_number_is_fine_where_no_port_is_declared_and_any_selected_pod_may_have_a_name() -> None:
    service = _object("Service", "  selector: {app: web}\n  ports: [{port: 80, targetPort: %s}]\n")
    bare = _DEPLOYMENT[: _DEPLOYMENT.index("        ports:")]
    assert _told("unserved-port", service % 9090, bare) == []
    other = _DEPLOYMENT.replace("name: web\nspec", "name: other\nspec").replace("name: http", "name: grpc")
    assert _told("unserved-port", service % "grpc", _DEPLOYMENT, other) == []


def test_an_ingress_names_a_port_of_its_service() -> None:
    ingress = _object("Ingress", "  defaultBackend: {service: {name: web, port: {%s}}}\n", api="networking.k8s.io/v1")
    service = _object("Service", "  selector: {app: web}\n  ports: [{name: http, port: 80, targetPort: http}]\n")
    for good in ("name: http", "number: 80"):
        assert _told("unserved-port", ingress % good, service, _DEPLOYMENT) == []
    assert _told("unserved-port", ingress % "number: 8080", service, _DEPLOYMENT) == [
        "all.yaml:6 error Ingress/web leads to the port 8080 of Service/web, which it lacks"
    ]


def test_a_probe_names_a_port_of_its_container() -> None:
    probe = "        livenessProbe: {httpGet: {path: /, port: htpp}}\n"
    assert _told("unserved-port", _DEPLOYMENT + probe) == [
        "all.yaml:20 error livenessProbe of the container 'web' asks the port 'htpp', which it lacks"
    ]
    assert _told("unserved-port", _DEPLOYMENT + probe.replace("htpp", "http")) == []


_SCALER = _object(
    "HorizontalPodAutoscaler",
    "  maxReplicas: 5\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n",
    api="autoscaling/v2",
)


def test_replicas_that_an_autoscaler_sets_are_told_where_they_are_written() -> None:
    more = "replicas:\n- name: web\n  count: 4\n"
    what = "Deployment/web has replicas: 4, and HorizontalPodAutoscaler/web sets that, too"
    assert _told("fixed-replicas", _DEPLOYMENT, _SCALER, more=more) == [f"kustomization.yaml:4 note {what}"]
    assert _told("fixed-replicas", _DEPLOYMENT, _SCALER, more=more, env="production") == [
        f"kustomization.yaml:4 warning {what}"
    ]
    assert _told("fixed-replicas", _DEPLOYMENT.replace("  replicas: 2\n", ""), _SCALER) == []
    assert _told("fixed-replicas", _DEPLOYMENT.replace("name: web\nspec", "name: other\nspec"), _SCALER) == []


@pytest.mark.parametrize(
    ("budget", "blocks"),
    [
        ("maxUnavailable: 0", True),
        ("maxUnavailable: 0%", True),
        ("maxUnavailable: 1%", False),
        ("maxUnavailable: 1", False),
        ("minAvailable: 1", False),
        ("minAvailable: 2", True),
        ("minAvailable: 50%", False),
        ("minAvailable: 51%", True),
        ("minAvailable: 100%", True),
    ],
)
def test_a_budget_that_blocks_every_eviction_is_told(budget: str, blocks: bool) -> None:
    body = _object("PodDisruptionBudget", f"  selector: {{matchLabels: {{app: web}}}}\n  {budget}\n", api="policy/v1")
    assert bool(_told("blocked-eviction", body, _DEPLOYMENT)) is blocks


def test_what_an_autoscaler_may_add_and_pods_that_nobody_counts_let_go() -> None:
    body = _object("PodDisruptionBudget", "  selector: {matchLabels: {app: web}}\n  minAvailable: 2\n", api="policy/v1")
    assert _told("blocked-eviction", body, _DEPLOYMENT, _SCALER) == []
    daemon = _DEPLOYMENT.replace("Deployment", "DaemonSet").replace("  replicas: 2\n", "")
    assert _told("blocked-eviction", body, daemon) == []
    assert _told("blocked-eviction", body) == []


def test_volumes_of_a_pod_and_of_claim_templates_may_be_mounted() -> None:
    mounts = "        volumeMounts:\n        - {name: data, mountPath: /data}\n"
    claims = "  serviceName: web\n  volumeClaimTemplates:\n  - metadata: {name: data}\n"
    state = _DEPLOYMENT.replace("Deployment", "StatefulSet") + mounts
    assert _told("missing-volume", state + claims) == []
    assert _told("missing-volume", state) == [
        "all.yaml:21 error container 'web' of StatefulSet/web mounts 'data', no volume of its pod"
    ]


@pytest.mark.parametrize(
    ("more", "want"),
    [
        ("        env:\n        - {name: A, value: '1'}\n        - {name: B}\n        - {name: A, value: '2'}\n",
         "all.yaml:23 warning Deployment/web has the variable 'A' twice"),
        ("      - {name: web, image: b}\n", "all.yaml:20 error Deployment/web has the container 'web' twice"),
        ("      volumes:\n      - {name: a}\n      - {name: a}\n",
         "all.yaml:22 error Deployment/web has the volume 'a' twice"),
    ],
)  # fmt: skip
def test_two_of_one_name_are_told(more: str, want: str) -> None:
    assert _told("duplicate-name", _DEPLOYMENT + more) == [want]


_ALL = _CONFIG + "check: {select: [all]}\n"


@pytest.mark.parametrize(
    ("resources", "want"),
    [
        ("", ["no request of cpu and no request of memory and no limit of memory"]),
        ("{requests: {cpu: 1, memory: 1Gi}}", ["no limit of memory"]),
        ("{limits: {cpu: 1, memory: 1Gi}}", []),  # requests are as the limits then
        ("{requests: {cpu: 1}, limits: {memory: 1Gi}}", []),
    ],
)
def test_what_a_container_needs(resources: str, want: list[str]) -> None:
    body = _DEPLOYMENT + (f"        resources: {resources}\n" if resources else "")
    told = _told("resources", body, config=_ALL, env="production")
    assert [one.partition(" has ")[2] for one in told] == want
    assert _told("resources", body) == []


def test_jobs_and_what_no_service_reaches_need_no_probes() -> None:
    service = _object("Service", "  selector: {app: web}\n  ports: [{port: 80, targetPort: http}]\n")
    assert _told("probes", _DEPLOYMENT, config=_ALL) == []
    (told,) = _told("probes", service, _DEPLOYMENT, config=_ALL)
    assert told.endswith("note container 'web' of Deployment/web has no readiness and no liveness probe")
    helper = _DEPLOYMENT.replace("      containers:\n", "      containers:\n      - {name: proxy, image: proxy}\n")
    (told,) = _told("probes", service, helper, config=_ALL)
    assert "container 'web'" in told


def test_required_labels_are_asked_of_objects_and_of_pods() -> None:
    config = _CONFIG + "check: {labels: [team]}\n"
    more = "labels:\n- pairs: {team: shop}\n"
    assert _told("required-labels", _DEPLOYMENT, config=config, more=more) == [
        "all.yaml:12 error the pods of Deployment/web have no label team"
    ]
    assert _told("required-labels", _DEPLOYMENT, config=config, more=more + "  includeTemplates: true\n") == []


def test_required_labels_are_asked_of_what_is_in_no_environment_too() -> None:
    files = {
        "fairlead.yaml": _CONFIG + "check: {labels: [team]}\n",
        "jobs/kustomization.yaml": "resources: [all.yaml]\n",
        "jobs/all.yaml": _object("ServiceAccount", ""),
        "apps/web/base/kustomization.yaml": "resources: [all.yaml]\n",
        "apps/web/base/all.yaml": _object("ServiceAccount", ""),
        "apps/web/overlays/dev/kustomization.yaml": "resources: [../../base]\nlabels:\n- pairs: {team: shop}\n",
    }
    assert [f.where.path for f in findings(files, "required-labels")] == ["jobs/all.yaml"]


@pytest.mark.parametrize(
    ("entry", "want"),
    [
        ("  version: 1.2.3\n", []),
        ("  version: v1.2.3-rc.1\n", []),
        ("  version: ^1.2\n", ["kustomization.yaml:5"]),
        ("  version: '*'\n", ["kustomization.yaml:5"]),
        ("", ["kustomization.yaml:3"]),
    ],
)
def test_a_chart_from_elsewhere_names_one_version(entry: str, want: list[str]) -> None:
    more = "helmCharts:\n- name: web\n  repo: https://charts.example.com\n" + entry
    told = _told("unpinned-chart", _DEPLOYMENT, more=more)
    assert [one.partition(" ")[0] for one in told] == want
    assert _told("unpinned-chart", _DEPLOYMENT, more=more.replace("  repo: https://charts.example.com\n", "")) == []


def test_optional_rules_are_silent_until_they_are_selected() -> None:
    files = {"overlays/dev/kustomization.yaml": "resources: [all.yaml]\n", "overlays/dev/all.yaml": _DEPLOYMENT}
    assert findings(files) == []
    asked = findings({**files, "fairlead.yaml": _CONFIG + "check: {select: [safety]}\n"})
    assert {(f.rule, f.severity) for f in asked} == {
        ("resources", Severity.NOTE), ("recommended-labels", Severity.NOTE),
    }  # fmt: skip
