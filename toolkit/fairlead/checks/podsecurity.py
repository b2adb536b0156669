"""The Pod Security Standards: what the levels baseline and restricted forbid a pod, by the version of Kubernetes.

As https://kubernetes.io/docs/concepts/security/pod-security-standards says, and as the admission controller judges
(k8s.io/pod-security-admission/policy) from 1.25 on.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fairlead.checks.workloads import Container, Path, Pod, items, table, text
from fairlead.model.values import dataclass

PRIVILEGED, BASELINE, RESTRICTED = "privileged", "baseline", "restricted"
LEVELS = (PRIVILEGED, BASELINE, RESTRICTED)
_CAPABILITIES = frozenset(
    ("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
     "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT")
)  # fmt: skip
_VOLUMES = frozenset(
    ("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected",
     "secret")
)  # fmt: skip
_SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t")
_SYSCTLS: dict[str, int] = {  # the first version that allows it
    "kernel.shm_rmid_forced": 0,
    "net.ipv4.ip_local_port_range": 0,
    "net.ipv4.tcp_syncookies": 0,
    "net.ipv4.ping_group_range": 0,
    "net.ipv4.ip_unprivileged_port_start": 0,
    "net.ipv4.ip_local_reserved_ports": 27,
    "net.ipv4.tcp_keepalive_time": 29,
    "net.ipv4.tcp_fin_timeout": 29,
    "net.ipv4.tcp_keepalive_intvl": 29,
    "net.ipv4.tcp_keepalive_probes": 29,
    "net.ipv4.tcp_rmem": 32,
    "net.ipv4.tcp_wmem": 32,
    "net.ipv4.tcp_slow_start_after_idle": 37,
    "net.ipv4.tcp_notsent_lowat": 37,
}
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


@dataclass(frozen=True)
class Violation:
    """What a level forbids: the way to the field at fault (or to where it is missing), and what would be allowed."""

    path: Path
    what: str
    remedy: str


@dataclass(frozen=True)
class _Seen:
    """A pod as the controls look at it; `contexts` are the pod's security context and those of its containers."""

    pod: Pod
    minor: int

    @property
    def top(self) -> Path:
        return (*self.pod.path, "spec")

    @property
    def containers(self) -> tuple[Container, ...]:
        return self.pod.containers

    @property
    def windows(self) -> bool:
        return table(self.pod.spec.get("os")).get("name") == "windows"

    @property
    def apart(self) -> bool:
        """Whether it has users of its own, which some controls are relaxed for from 1.35 on."""
        return self.minor >= 35 and self.pod.spec.get("hostUsers") is False

    def contexts(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        yield (*self.top, "securityContext"), table(self.pod.spec.get("securityContext"))
        for container in self.containers:
            yield (*container.path, "securityContext"), table(container.body.get("securityContext"))


def violations(pod: Pod, level: str, minor: int) -> Iterator[Violation]:
    """What a level of Kubernetes 1.`minor` forbids a pod."""
    if level == PRIVILEGED:
        return
    seen = _Seen(pod, minor)
    yield from _host(seen)
    yield from _contexts(seen)
    yield from _ports_and_probes(seen)
    yield from _profiles(seen)
    yield from _sysctls(seen)
    if level == BASELINE:
        yield from _added(seen, _CAPABILITIES)
        yield from _host_paths(seen)
        if not seen.apart:
            yield from _proc_mount(seen)
        return
    yield from _volumes(seen)
    yield from _proc_mount(seen)
    if not seen.apart:
        yield from _users(seen)
    if not seen.windows:
        yield from _added(seen, frozenset(("NET_BIND_SERVICE",)))
        yield from _needed(seen)


def _host(seen: _Seen) -> Iterator[Violation]:
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if seen.pod.spec.get(key) is True:
            yield Violation((*seen.top, key), f"{key} is true", f"remove {key}")


def _contexts(seen: _Seen) -> Iterator[Violation]:
    types = (*_SELINUX_TYPES, *(("container_engine_t",) if seen.minor >= 31 else ()))
    for path, context in seen.contexts():
        if not context:
            continue
        if context.get("privileged") is True:
            yield Violation((*path, "privileged"), "privileged is true", "remove privileged")
        if table(context.get("windowsOptions")).get("hostProcess") is True:
            yield Violation((*path, "windowsOptions", "hostProcess"), "hostProcess is true", "remove hostProcess")
        options = table(context.get("seLinuxOptions"))
        if options and text(options.get("type")) not in types:
            way = (*path, "seLinuxOptions", "type")
            yield Violation(
                way,
                f"the SELinux type is {options['type']!r}",
                f"allowed are {', '.join(filter(None, types))}, or none",
            )
        for key in ("user", "role"):
            if options.get(key):
                yield Violation((*path, "seLinuxOptions", key), f"an SELinux {key} is set", f"remove {key}")


def _added(seen: _Seen, allowed: frozenset[str]) -> Iterator[Violation]:
    for container in seen.containers:
        capabilities = table(table(container.body.get("securityContext")).get("capabilities"))
        for index, name in enumerate(items(capabilities.get("add"))):
            if name not in allowed:
                path = (*container.path, "securityContext", "capabilities", "add", index)
                yield Violation(path, f"it adds the capability {name}", f"allowed are {', '.join(sorted(allowed))}")


def _host_paths(seen: _Seen) -> Iterator[Violation]:
    for index, volume in enumerate(items(seen.pod.spec.get("volumes"))):
        if table(volume).get("hostPath") is not None:
            path = (*seen.top, "volumes", index, "hostPath")
            yield Violation(path, "a volume is a hostPath", "take another kind of volume, such as emptyDir or a claim")


def _ports_and_probes(seen: _Seen) -> Iterator[Violation]:
    for container in seen.containers:
        for index, port in enumerate(items(container.body.get("ports"))):
            number = table(port).get("hostPort")
            if number:
                path = (*container.path, "ports", index, "hostPort")
                yield Violation(path, f"it takes the hostPort {number}", "remove hostPort; a Service reaches the pod")
        if seen.minor >= 34:
            yield from _handlers(container)


def _handlers(container: Container) -> Iterator[Violation]:
    ways: list[Path] = [(key,) for key in _PROBES]
    ways += [("lifecycle", "postStart"), ("lifecycle", "preStop")]
    for way in ways:
        body = container.body
        for key in way:
            body = table(body.get(str(key)))
        for kind in ("httpGet", "tcpSocket"):
            host = table(body.get(kind)).get("host")
            if host:
                path = (*container.path, *way, kind, "host")
                yield Violation(path, f"a probe or hook asks the host {host!r}", "remove host: it asks the pod itself")


def _proc_mount(seen: _Seen) -> Iterator[Violation]:
    for container in seen.containers:
        mount = table(container.body.get("securityContext")).get("procMount")
        if mount is not None and mount != "Default":
            path = (*container.path, "securityContext", "procMount")
            yield Violation(path, f"procMount is {mount}", "remove procMount, or set Default")


def _profiles(seen: _Seen) -> Iterator[Violation]:
    for path, context in seen.contexts():
        for key in ("seccompProfile", "appArmorProfile"):
            kind = table(context.get(key)).get("type")
            if context.get(key) is not None and kind not in ("RuntimeDefault", "Localhost"):
                yield Violation((*path, key, "type"), f"{key} is {kind}", "allowed are RuntimeDefault and Localhost")
    annotations = table(table(seen.pod.body.get("metadata")).get("annotations"))
    for name, value in annotations.items():
        if name.startswith(_APPARMOR) and not _plain_profile(text(value)):
            path = (*seen.pod.path, "metadata", "annotations", name)
            yield Violation(path, f"AppArmor is {value}", "allowed are runtime/default and localhost/*")


def _plain_profile(value: str) -> bool:
    return value in ("", "runtime/default") or value.startswith("localhost/")


def _sysctls(seen: _Seen) -> Iterator[Violation]:
    for index, entry in enumerate(items(table(seen.pod.spec.get("securityContext")).get("sysctls"))):
        name = text(table(entry).get("name"))
        since = _SYSCTLS.get(name)
        if since is None or seen.minor < since:
            allowed = sorted(known for known, first in _SYSCTLS.items() if first <= seen.minor)
            path = (*seen.top, "securityContext", "sysctls", index, "name")
            yield Violation(path, f"it sets the sysctl {name}", f"allowed are {', '.join(allowed)}")


def _volumes(seen: _Seen) -> Iterator[Violation]:
    for index, volume in enumerate(items(seen.pod.spec.get("volumes"))):
        kinds = [key for key, value in table(volume).items() if key != "name" and value is not None]
        if kinds and not _VOLUMES.intersection(kinds):  # one of no kind is an emptyDir
            path = (*seen.top, "volumes", index, kinds[0])
            yield Violation(path, f"a volume is {kinds[0]}", f"allowed are {', '.join(sorted(_VOLUMES))}")


def _users(seen: _Seen) -> Iterator[Violation]:
    whole = table(seen.pod.spec.get("securityContext")).get("runAsNonRoot") is True
    for path, context in seen.contexts():
        of_pod = path == (*seen.top, "securityContext")
        if context.get("runAsUser") == 0 and context.get("runAsUser") is not False:
            yield Violation((*path, "runAsUser"), "runAsUser is 0, which is root", "name another user, such as 10001")
        if context.get("runAsNonRoot") is False:
            yield Violation((*path, "runAsNonRoot"), "runAsNonRoot is false", "set runAsNonRoot: true")
        elif not of_pod and not whole and context.get("runAsNonRoot") is None:
            yield Violation((*path, "runAsNonRoot"), "runAsNonRoot is not set", "set runAsNonRoot: true, for the pod")


def _needed(seen: _Seen) -> Iterator[Violation]:
    whole = table(seen.pod.spec.get("securityContext")).get("seccompProfile") is not None
    for container in seen.containers:
        path = (*container.path, "securityContext")
        context = table(container.body.get("securityContext"))
        if context.get("allowPrivilegeEscalation") is not False:
            way = (*path, "allowPrivilegeEscalation")
            yield Violation(way, "allowPrivilegeEscalation is not false", "set allowPrivilegeEscalation: false")
        if "ALL" not in items(table(context.get("capabilities")).get("drop")):
            way = (*path, "capabilities", "drop")
            yield Violation(way, "it does not drop all capabilities", "set capabilities: {drop: [ALL]}")
        if not whole and context.get("seccompProfile") is None:
            way = (*path, "seccompProfile")
            yield Violation(way, "no seccompProfile is set", "set seccompProfile: {type: RuntimeDefault}, for the pod")
