"""The host names in rendered objects: those that an overlay answers for, and those that its settings name."""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.checks.objects import Json, Object
from fairlead.checks.workloads import Path, items, pods, table, text, texts
from fairlead.model.patterns import pattern

_URL = pattern(r"[a-z][a-z0-9+.-]*://(?:[^/@\s]*@)?([A-Za-z0-9*](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?=[:/?#\s\"',;|]|$)")
_NAME = pattern(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_LONGEST = 2_000  # of a setting; what is longer is a file of its own
# Files are named like hosts, too.
_ENDINGS = frozenset(
    ("yaml", "yml", "json", "xml", "conf", "cfg", "ini", "toml", "txt", "log", "sh", "py", "js", "ts", "rb", "pem",
     "crt", "key", "properties", "env", "sql", "html", "css", "md", "lua", "tpl", "gz", "zip", "jar", "svc")
)  # fmt: skip
# Kind -> the ways to the hosts that objects of it answer for; `*` is every item.
_WAYS: dict[str, tuple[tuple[str, ...], ...]] = {
    "Ingress": (("spec", "rules", "*", "host"), ("spec", "tls", "*", "hosts", "*")),
    "Route": (("spec", "host"),),
    "HTTPRoute": (("spec", "hostnames", "*"),),
    "GRPCRoute": (("spec", "hostnames", "*"),),
    "TLSRoute": (("spec", "hostnames", "*"),),
    "VirtualService": (("spec", "hosts", "*"),),
    "Gateway": (("spec", "listeners", "*", "hostname"), ("spec", "servers", "*", "hosts", "*")),
    "HTTPProxy": (("spec", "virtualhost", "fqdn"),),
    "Certificate": (("spec", "dnsNames", "*"), ("spec", "commonName")),
    "DomainMapping": (("metadata", "name"),),
}
# Whose names hold a word that stands for an environment with others, and that everybody calls.
_EVERYBODYS = ("dev.azure.com", "test.pypi.org", "dev.mysql.com", ".letsencrypt.org")
Found = tuple[str, Path]


def answered(rendered: Object) -> Iterator[Found]:
    """The hosts that an object answers for, with the way to each."""
    for way in _WAYS.get(rendered.kind, ()):
        for written, path in texts(rendered.body, way):
            host = written.rpartition("/")[2].lower().rstrip(".")  # Istio: namespace/host
            if _NAME.fullmatch(host) and not inside(host):
                yield host, path


def named(rendered: Object) -> tuple[Found, ...]:
    """The hosts that settings name: variables of containers, and the data of ConfigMaps."""
    found: tuple[Found, ...] | None = rendered.kept.get("hosts")
    if found is None:
        found = tuple((host, path) for value, path in settings(rendered) for host in _hosts(value))
        rendered.kept["hosts"] = found
    return found


def mentioned(rendered: Object) -> Iterator[Found]:
    """The hosts that stand elsewhere: in arguments of containers, annotations, and custom resources of any kind.

    These are no settings for sure: of what is no URL, only what has three parts or more is taken for a host.
    """
    for value, path in _elsewhere(rendered):
        if "." in value and len(value) <= _LONGEST:
            pieces = (value,) if "://" in value else value.replace("=", ",").split(",")
            for host in (host for piece in pieces for host in _hosts(piece.strip())):
                if ("://" in value or host.count(".") > 1) and not host.endswith(_EVERYBODYS):
                    yield host, path


def _elsewhere(rendered: Object) -> Iterator[Found]:
    for key, value in table(table(rendered.body.get("metadata")).get("annotations")).items():
        if isinstance(value, str):
            yield value, ("metadata", "annotations", key)
    for pod in pods(rendered):
        for container in pod.containers:
            for key in ("command", "args"):
                for index, value in enumerate(items(container.body.get(key))):
                    yield text(value), (*container.path, key, index)
    if "." in rendered.group and not rendered.group.endswith(".k8s.io") and rendered.kind not in _WAYS:
        yield from _strings(rendered.body.get("spec"), ("spec",))


def _strings(body: Json, path: Path) -> Iterator[Found]:
    if isinstance(body, str):
        yield body, path
    elif isinstance(body, dict | list):
        for key, value in body.items() if isinstance(body, dict) else enumerate(body):
            yield from _strings(value, (*path, key))


def settings(rendered: Object) -> Iterator[Found]:
    """The values of settings that are one line or little more, with the way to each."""
    if rendered.kind == "ConfigMap":
        for key, value in table(rendered.body.get("data")).items():
            if isinstance(value, str) and len(value) <= _LONGEST:
                yield value, ("data", key)
    for pod in pods(rendered):
        for container in pod.containers:
            for index, entry in enumerate(items(container.body.get("env"))):
                value = text(table(entry).get("value"))
                if value and len(value) <= _LONGEST:
                    yield value, (*container.path, "env", index, "value")


def inside(host: str) -> bool:
    """Whether a host means something inside of its own cluster."""
    return host == "localhost" or host.endswith((".local", ".svc", ".localhost", ".internal")) or ".svc." in host


def _hosts(value: str) -> Iterator[str]:
    if "://" in value:
        found = [host.lower() for host in _URL.findall(value)]
    else:
        found = [value.partition(":")[0]] if "." in value and "\n" not in value else []
    for host in dict.fromkeys(found):
        if _NAME.fullmatch(host) and host.rpartition(".")[2] not in _ENDINGS and not inside(host):
            yield host
