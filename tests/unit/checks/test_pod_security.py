"""The Pod Security Standards by level and version, each control with what it allows and what it does not."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from fairlead.checks.objects import Object
from fairlead.checks.podsecurity import BASELINE, PRIVILEGED, RESTRICTED, violations
from fairlead.checks.workloads import pods
from fairlead.model.errors import ConfigError
from fairlead.model.findings import Severity
from tests.judging import findings

_SAFE: dict[str, Any] = {
    "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
    "containers": [
        {
            "name": "web",
            "image": "shop/web:1",
            "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        }
    ],
}


def _told(level: str, minor: int, spec: dict[str, Any], meta: dict[str, Any] | None = None) -> list[str]:
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": meta or {}, "spec": spec}
    (pod,) = pods(Object("v1", "Pod", "web", "", body))
    return [".".join(map(str, v.path)) for v in violations(pod, level, minor)]


def _with(**changes: Any) -> dict[str, Any]:
    """The safe pod with changes: of the pod's context (`pod_`), the container's (`own_`), the container (`c_`)."""
    spec = deepcopy(_SAFE)
    for key, value in changes.items():
        head, _, name = key.partition("_")
        if head == "pod":
            spec["securityContext"][name] = value
        elif head == "own":
            spec["containers"][0]["securityContext"][name] = value
        elif head == "c":
            spec["containers"][0][name] = value
        else:
            spec[key] = value
    return spec


_OWN = "spec.containers.0.securityContext"


@pytest.mark.parametrize("minor", [25, 30, 34, 37])
def test_a_safe_pod_passes_all_levels(minor: int) -> None:
    assert [_told(level, minor, _SAFE) for level in (PRIVILEGED, BASELINE, RESTRICTED)] == [[], [], []]


@pytest.mark.parametrize(
    ("changes", "place", "since"),
    [
        ({"hostNetwork": True}, "spec.hostNetwork", 25),
        ({"hostPID": True}, "spec.hostPID", 25),
        ({"hostIPC": True}, "spec.hostIPC", 25),
        ({"own_privileged": True}, f"{_OWN}.privileged", 25),
        ({"own_windowsOptions": {"hostProcess": True}}, f"{_OWN}.windowsOptions.hostProcess", 25),
        ({"pod_windowsOptions": {"hostProcess": True}}, "spec.securityContext.windowsOptions.hostProcess", 25),
        ({"own_capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}, f"{_OWN}.capabilities.add.0", 25),
        ({"c_ports": [{"containerPort": 80, "hostPort": 80}]}, "spec.containers.0.ports.0.hostPort", 25),
        ({"own_appArmorProfile": {"type": "Unconfined"}}, f"{_OWN}.appArmorProfile.type", 25),
        ({"own_seccompProfile": {"type": "Unconfined"}}, f"{_OWN}.seccompProfile.type", 25),
        ({"own_seLinuxOptions": {"type": "spc_t"}}, f"{_OWN}.seLinuxOptions.type", 25),
        ({"pod_seLinuxOptions": {"user": "sysadm_u"}}, "spec.securityContext.seLinuxOptions.user", 25),
        ({"own_procMount": "Unmasked"}, f"{_OWN}.procMount", 25),
        ({"pod_sysctls": [{"name": "kernel.msgmax", "value": "1"}]}, "spec.securityContext.sysctls.0.name", 25),
        (
            {"c_livenessProbe": {"httpGet": {"host": "10.0.0.1", "port": 80}}},
            "spec.containers.0.livenessProbe.httpGet.host",
            34,
        ),
        (
            {"c_lifecycle": {"preStop": {"tcpSocket": {"host": "10.0.0.1", "port": 80}}}},
            "spec.containers.0.lifecycle.preStop.tcpSocket.host",
            34,
        ),
    ],
)
def test_what_baseline_forbids_restricted_forbids_too(changes: dict[str, Any], place: str, since: int) -> None:
    spec = _with(**changes)
    for level in (BASELINE, RESTRICTED):
        assert _told(level, since, spec) == [place]
        assert since == 25 or _told(level, since - 1, spec) == []
    assert _told(PRIVILEGED, 37, spec) == []


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        ({"pod_runAsNonRoot": None}, [f"{_OWN}.runAsNonRoot"]),
        ({"pod_runAsNonRoot": False, "own_runAsNonRoot": True}, ["spec.securityContext.runAsNonRoot"]),
        ({"own_runAsNonRoot": False}, [f"{_OWN}.runAsNonRoot"]),
        ({"own_runAsUser": 0}, [f"{_OWN}.runAsUser"]),
        ({"own_allowPrivilegeEscalation": None}, [f"{_OWN}.allowPrivilegeEscalation"]),
        ({"own_capabilities": {}}, [f"{_OWN}.capabilities.drop"]),
        ({"own_capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}}, [f"{_OWN}.capabilities.add.0"]),
        ({"pod_seccompProfile": None}, [f"{_OWN}.seccompProfile"]),
        ({"volumes": [{"name": "a", "nfs": {"server": "x", "path": "/"}}]}, ["spec.volumes.0.nfs"]),
    ],
)
def test_what_restricted_alone_forbids(changes: dict[str, Any], places: list[str]) -> None:
    assert _told(BASELINE, 34, _with(**changes)) == []
    assert _told(RESTRICTED, 34, _with(**changes)) == places


def test_a_host_path_is_told_once_at_each_level() -> None:
    spec = _with(volumes=[{"name": "a", "hostPath": {"path": "/"}}])
    assert [_told(level, 34, spec) for level in (BASELINE, RESTRICTED)] == [["spec.volumes.0.hostPath"]] * 2


@pytest.mark.parametrize(
    ("changes", "level", "forbidden", "allowed"),
    [
        ({"pod_sysctls": [{"name": "net.ipv4.ip_local_reserved_ports"}]}, BASELINE, 26, 27),
        ({"pod_sysctls": [{"name": "net.ipv4.tcp_keepalive_time"}]}, BASELINE, 28, 29),
        ({"own_seLinuxOptions": {"type": "container_engine_t"}}, BASELINE, 30, 31),
        ({"pod_sysctls": [{"name": "net.ipv4.tcp_rmem"}]}, BASELINE, 31, 32),
        ({"hostUsers": False, "own_procMount": "Unmasked"}, BASELINE, 34, 35),
        ({"hostUsers": False, "own_runAsUser": 0, "pod_runAsNonRoot": False}, RESTRICTED, 34, 35),
        ({"pod_sysctls": [{"name": "net.ipv4.tcp_notsent_lowat"}]}, BASELINE, 36, 37),
    ],
)
def test_later_versions_allow_more(changes: dict[str, Any], level: str, forbidden: int, allowed: int) -> None:
    assert _told(level, forbidden, _with(**changes)) != []
    assert _told(level, allowed, _with(**changes)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"volumes": [{"name": kind, kind: {}} for kind in ("configMap", "csi", "emptyDir", "image", "projected")]},
        {"volumes": [{"name": "an-empty-dir"}]},
        {"own_capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}},
        {"pod_appArmorProfile": {"type": "Localhost", "localhostProfile": "web"}},
        {"hostNetwork": False, "own_privileged": False, "own_procMount": "Default"},
        {"c_readinessProbe": {"httpGet": {"port": 80, "host": ""}}, "c_ports": [{"containerPort": 80, "hostPort": 0}]},
    ],
)
def test_what_restricted_allows(changes: dict[str, Any]) -> None:
    assert _told(RESTRICTED, 37, _with(**changes)) == []


def test_a_windows_pod_need_not_say_what_is_of_linux() -> None:
    spec = {"os": {"name": "windows"}, "securityContext": {"runAsNonRoot": True}, "containers": [{"name": "web"}]}
    assert _told(RESTRICTED, 34, spec) == []


def test_init_and_ephemeral_containers_count_and_so_does_the_old_annotation_of_app_armor() -> None:
    spec = _with(initContainers=[{"name": "a", "securityContext": {"privileged": True}}])
    assert _told(BASELINE, 34, spec) == ["spec.initContainers.0.securityContext.privileged"]
    name = "container.apparmor.security.beta.kubernetes.io/web"
    assert _told(BASELINE, 29, _SAFE, {"annotations": {name: "unconfined"}}) == [f"metadata.annotations.{name}"]
    assert _told(BASELINE, 29, _SAFE, {"annotations": {name: "localhost/web"}}) == []


_POD = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  selector: {matchLabels: {app: web}}\n"
    "  template:\n    metadata: {labels: {app: web}}\n    spec:\n      hostNetwork: true\n      containers:\n"
    "      - name: web\n        image: shop/web:1\n"
)
_SPACE = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: web\n  labels:\n    pod-security.kubernetes.io/%s\n"


def _rules(environment: str, label: str) -> list[tuple[str, str]]:
    files = {
        "fairlead.yaml": f"version: 1\nenvironments: {{dev: {environment}}}\n",
        "overlays/dev/kustomization.yaml": "namespace: web\nresources: [pod.yaml, space.yaml]\n",
        "overlays/dev/pod.yaml": _POD,
        "overlays/dev/space.yaml": _SPACE % label,
    }
    return [(f"{f.where.path[13:]}:{f.where.line}", f.message) for f in findings(files, "pod-security")]


_NETWORK = ("pod.yaml:10", "Deployment/web: hostNetwork is true, which the level baseline forbids")


@pytest.mark.parametrize(
    ("environment", "label", "want"),
    [
        ("{}", "warn: restricted", []),
        ("{}", "enforce: baseline", [_NETWORK]),
        ("{}", "enforce: anything", []),
        ("{pod_security: baseline}", "audit: restricted", [_NETWORK]),
        ("{pod_security: restricted}", "enforce: privileged", []),
        ("{pod_security: restricted}", "enforce: baseline", [_NETWORK]),
    ],
)
def test_the_namespaces_label_speaks_before_the_configuration(
    environment: str, label: str, want: list[tuple[str, str]]
) -> None:
    assert _rules(environment, label) == want


def test_a_level_is_judged_in_the_version_that_the_label_names() -> None:
    probe = _POD.replace("hostNetwork: true", "hostUsers: true") + (
        "        livenessProbe: {tcpSocket: {host: 10.0.0.1, port: 80}}\n"
    )
    told = []
    for version in ("latest", "v1.33"):
        files = {
            "fairlead.yaml": "version: 1\nenvironments: {dev: {kubernetes: '1.34'}}\n",
            "overlays/dev/kustomization.yaml": "namespace: web\nresources: [pod.yaml, space.yaml]\n",
            "overlays/dev/pod.yaml": probe,
            "overlays/dev/space.yaml": _SPACE % "enforce: baseline"
            + f"    pod-security.kubernetes.io/enforce-version: {version}\n",
        }
        told.append(len(findings(files, "pod-security")))
    assert told == [1, 0]


@pytest.mark.parametrize(
    ("environments", "want"),
    [
        ("{dev: {pod_security: restricted}, production: {pod_security: baseline}}", "the level baseline"),
        ("{dev: {pod_security: privileged}, production: {pod_security: baseline}}", ""),
        ("{dev: {}, production: {pod_security: baseline}}", ""),
    ],
)
def test_outside_of_environments_counts_what_all_of_them_forbid(environments: str, want: str) -> None:
    files = {
        "fairlead.yaml": f"version: 1\nenvironments: {environments}\nlayout: ['overlays/{{env}}']\n",
        "overlays/dev/kustomization.yaml": "configMapGenerator: [{name: any}]\n",
        "bases/web/kustomization.yaml": "resources: [pod.yaml]\n",
        "bases/web/pod.yaml": _POD,
    }
    found = findings(files, "pod-security")
    assert {f.severity for f in found} <= {Severity.WARNING}
    assert [f.message.partition("which ")[2][:18] for f in found if "hostNetwork" in f.message] == [want] * bool(want)


def test_a_level_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match="pod_security"):
        _rules("{pod_security: strict}", "warn: baseline")
