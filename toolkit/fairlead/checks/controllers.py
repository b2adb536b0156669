"""What becomes of an object once its controller has seen it: Secrets of an ExternalSecret, all of a Helm release.

Nothing of that is rendered, and nobody may say of it that it isn't there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fairlead.checks.objects import Object
from fairlead.checks.workloads import at, items, table, text

# Groups whose objects bring neither pods nor other objects that anything would name.
_QUIET = frozenset(
    ("autoscaling.k8s.io", "cilium.io", "cloud.google.com", "configuration.konghq.com", "config.gatekeeper.sh",
     "constraints.gatekeeper.sh", "crd.projectcalico.org", "elbv2.k8s.aws", "gateway.networking.k8s.io",
     "getambassador.io", "karpenter.k8s.aws", "karpenter.sh", "keda.sh", "kyverno.io", "linkerd.io",
     "monitoring.googleapis.com", "networking.gke.io", "networking.istio.io", "notification.toolkit.fluxcd.io",
     "policies.kyverno.io", "policy.linkerd.io", "projectcontour.io", "quota.openshift.io", "route.openshift.io",
     "security.istio.io", "security.openshift.io", "source.toolkit.fluxcd.io", "telemetry.istio.io",
     "templates.gatekeeper.sh", "traefik.containo.us", "traefik.io", "console.openshift.io", "vpcresources.k8s.aws")
)  # fmt: skip
# Groups whose objects bring Secrets and ConfigMaps, but no pods.
_PODLESS = frozenset(
    ("bitnami.com", "cert-manager.io", "external-secrets.io", "generators.external-secrets.io",
     "isindir.github.com", "kubernetes-client.io", "onepassword.com", "ricoberger.de", "secrets.doppler.com",
     "secrets.hashicorp.com", "secrets.infisical.com", "trust.cert-manager.io")
)  # fmt: skip
_QUIET_KINDS = frozenset(
    ("AppProject", "AnalysisTemplate", "ClusterAnalysisTemplate", "ClusterIssuer", "ClusterPodMonitoring",
     "ClusterSecretStore", "Issuer", "PodMonitor", "PodMonitoring", "Probe", "PrometheusRule", "Rollout",
     "SecretStore", "ServiceMonitor", "VMPodScrape", "VMRule", "VMServiceScrape")
)  # fmt: skip
# Where an object names the Secret, or another object, that its controller makes.
_NAMES = (
    ("spec", "secretName"), ("spec", "target", "name"), ("spec", "destination", "name"), ("spec", "output", "name"),
    ("spec", "externalSecretName"), ("spec", "template", "metadata", "name"), ("spec", "secret", "name"),
    ("spec", "secretTemplate", "metadata", "name"), ("spec", "managedSecretReference", "secretName"),
    ("spec", "passwordSecretName"),
)  # fmt: skip
_RELEASES = frozenset(("HelmRelease", "HelmChart", "Application", "ApplicationSet", "Kustomization", "Subscription"))
_SERVING = (
    "service.beta.openshift.io/serving-cert-secret-name", "service.alpha.openshift.io/serving-cert-secret-name",
)  # fmt: skip
_BY_CERT_MANAGER = ("cert-manager.io/", "kubernetes.io/tls-acme", "acme.cert-manager.io/", "certmanager.k8s.io/")
ANYWHERE = "*"


def is_opaque(rendered: Object) -> bool:
    """Whether its controller may make objects that nobody can foresee."""
    return is_custom(rendered) and rendered.group not in _QUIET and rendered.kind not in _QUIET_KINDS


def is_custom(rendered: Object) -> bool:
    """Whether it is of a kind that Kubernetes itself does not know (or, the Gateway API, has adopted)."""
    return "." in rendered.group and not rendered.group.endswith(".k8s.io")


def brings(rendered: Object) -> Iterator[tuple[str, str]]:
    """Kind and name of what its controller will make in the same namespace, as far as it says so itself."""
    notes = table(table(rendered.body.get("metadata")).get("annotations"))
    for key in _SERVING if rendered.kind == "Service" else ():
        if text(notes.get(key)):
            yield "Secret", text(notes[key])
    if rendered.kind in ("Ingress", "Gateway") and makes_certificates(rendered):
        yield from (("Secret", name) for name in _certificates(rendered))
    if not is_opaque(rendered):
        return
    yield "Secret", rendered.name
    for path in _NAMES:
        name = text(at(rendered.body, path))
        if name:
            yield "Secret", name
            yield "ConfigMap", name
    for entry in items(at(rendered.body, ("spec", "secretTemplates"))):
        if text(table(entry).get("name")):
            yield "Secret", table(entry)["name"]


def makes_certificates(rendered: Object) -> bool:
    """Whether cert-manager makes the Secrets that an Ingress or Gateway names."""
    notes = table(table(rendered.body.get("metadata")).get("annotations"))
    return any(key.startswith(_BY_CERT_MANAGER) for key in notes)


def _certificates(rendered: Object) -> Iterator[str]:
    spec = table(rendered.body.get("spec"))
    for entry in items(spec.get("tls")):
        yield text(table(entry).get("secretName"))
    for listener in items(spec.get("listeners")):
        for entry in items(table(table(listener).get("tls")).get("certificateRefs")):
            yield text(table(entry).get("name"))


def opens(rendered: Object) -> str | None:
    """The namespace that it fills with objects unseen, `*` where that may be any; None where it fills none."""
    if rendered.kind not in _RELEASES or not is_opaque(rendered):
        return None
    spec = table(rendered.body.get("spec"))
    if rendered.kind == "Kustomization" and at(spec, ("sourceRef", "name")) == "flux-system":
        return None  # the repository itself, whose overlays are rendered
    if rendered.kind in ("Application", "ApplicationSet", "Kustomization"):
        return text(at(spec, ("destination", "namespace"))) or text(spec.get("targetNamespace")) or ANYWHERE
    return text(spec.get("targetNamespace")) or text(spec.get("storageNamespace")) or rendered.namespace


def names_after(rendered: Object) -> Iterator[str]:
    """What a controller may name its own objects after: the object it is told of, and itself (`rook-ceph-mon`)."""
    if is_opaque(rendered):
        yield rendered.name
        yield from rendered.group.split(".")[:-1]


def may_bring(makers: Iterable[str], name: str) -> bool:
    """Whether an object of this name may have been made for one of these: controllers derive names from names."""
    return any(name == maker or name.startswith(f"{maker}-") or name.endswith(f"-{maker}") for maker in makers)


def hides_pods(objects: Iterable[Object], namespace: str) -> bool:
    """Whether a namespace may get pods that are not rendered; what is in none may be the cluster's, and reach it."""
    return any(
        opens(one) in (namespace, ANYWHERE)
        or (is_opaque(one) and one.group not in _PODLESS and one.namespace in (namespace, ""))
        for one in objects
        if "." in one.group
    )
