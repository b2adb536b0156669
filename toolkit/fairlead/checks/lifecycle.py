"""Which APIs of Kubernetes itself are deprecated and removed, since when, and what stands in their place.

From the lifecycle that k8s.io/api declares of each type (v0.22 to v0.37, Apache-2.0): the API server's own warnings
are made of it. Removals are corrected by what the published schemas of 1.25 to 1.37 hold, which a test repeats.
"""

from __future__ import annotations

from functools import cache

from fairlead.model.values import dataclass

# apiVersion, deprecated in, removed in, what to write instead (`=` another kind), kinds.
_TABLE = """
admissionregistration.k8s.io/v1alpha1 1.29 1.32 admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy
admissionregistration.k8s.io/v1alpha1 1.29 1.32 admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding
admissionregistration.k8s.io/v1alpha1 1.35 1.38 admissionregistration.k8s.io/v1 MutatingAdmissionPolicy
admissionregistration.k8s.io/v1alpha1 1.35 1.38 admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding
admissionregistration.k8s.io/v1beta1 1.16 1.22 admissionregistration.k8s.io/v1 MutatingWebhookConfiguration
admissionregistration.k8s.io/v1beta1 1.16 1.22 admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration
admissionregistration.k8s.io/v1beta1 1.31 1.34 admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy
admissionregistration.k8s.io/v1beta1 1.31 1.34 admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding
admissionregistration.k8s.io/v1beta1 1.37 1.40 admissionregistration.k8s.io/v1 MutatingAdmissionPolicy
admissionregistration.k8s.io/v1beta1 1.37 1.40 admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding
apiextensions.k8s.io/v1beta1 1.16 1.22 apiextensions.k8s.io/v1 CustomResourceDefinition
apiregistration.k8s.io/v1beta1 1.10 1.22 apiregistration.k8s.io/v1 APIService
apps/v1beta1 1.8 1.16 apps/v1 ControllerRevision,Deployment,StatefulSet
apps/v1beta2 1.9 1.16 apps/v1 ControllerRevision,DaemonSet,Deployment,ReplicaSet,StatefulSet
autoscaling/v2beta1 1.22 1.25 autoscaling/v2 HorizontalPodAutoscaler
autoscaling/v2beta2 1.23 1.26 autoscaling/v2 HorizontalPodAutoscaler
batch/v1beta1 1.21 1.25 batch/v1 CronJob
certificates.k8s.io/v1alpha1 1.34 1.37 certificates.k8s.io/v1 ClusterTrustBundle
certificates.k8s.io/v1alpha1 1.35 1.35 certificates.k8s.io/v1 PodCertificateRequest
certificates.k8s.io/v1beta1 1.19 1.22 certificates.k8s.io/v1 CertificateSigningRequest
certificates.k8s.io/v1beta1 1.37 1.40 certificates.k8s.io/v1 ClusterTrustBundle,PodCertificateRequest
coordination.k8s.io/v1alpha1 1.32 1.32 coordination.k8s.io/v1beta1 LeaseCandidate
coordination.k8s.io/v1alpha2 1.35 1.38 coordination.k8s.io/v1beta1 LeaseCandidate
coordination.k8s.io/v1beta1 1.19 1.22 coordination.k8s.io/v1 Lease
coordination.k8s.io/v1beta1 1.36 1.39 - LeaseCandidate
discovery.k8s.io/v1beta1 1.21 1.25 discovery.k8s.io/v1 EndpointSlice
events.k8s.io/v1beta1 1.22 1.25 events.k8s.io/v1 Event
extensions/v1beta1 1.11 1.16 - PodSecurityPolicy
extensions/v1beta1 1.14 1.22 networking.k8s.io/v1 Ingress
extensions/v1beta1 1.8 1.16 apps/v1 DaemonSet,Deployment,ReplicaSet
extensions/v1beta1 1.9 1.16 networking.k8s.io/v1 NetworkPolicy
flowcontrol.apiserver.k8s.io/v1alpha1 1.20 1.21 flowcontrol.apiserver.k8s.io/v1 FlowSchema,PriorityLevelConfiguration
flowcontrol.apiserver.k8s.io/v1beta1 1.23 1.26 flowcontrol.apiserver.k8s.io/v1 FlowSchema,PriorityLevelConfiguration
flowcontrol.apiserver.k8s.io/v1beta2 1.26 1.29 flowcontrol.apiserver.k8s.io/v1 FlowSchema,PriorityLevelConfiguration
flowcontrol.apiserver.k8s.io/v1beta3 1.29 1.32 flowcontrol.apiserver.k8s.io/v1 FlowSchema,PriorityLevelConfiguration
lifecycle.k8s.io/v1alpha1 1.40 1.43 - EvictionRequest
networking.k8s.io/v1alpha1 1.28 1.29 - ClusterCIDR
networking.k8s.io/v1alpha1 1.30 1.31 networking.k8s.io/v1 IPAddress,ServiceCIDR
networking.k8s.io/v1beta1 1.19 1.22 networking.k8s.io/v1 Ingress
networking.k8s.io/v1beta1 1.19 1.22 networking.k8s.io/v1 IngressClass
networking.k8s.io/v1beta1 1.34 1.37 networking.k8s.io/v1 IPAddress,ServiceCIDR
node.k8s.io/v1beta1 1.22 1.25 node.k8s.io/v1 RuntimeClass
policy/v1beta1 1.21 1.25 - PodSecurityPolicy
policy/v1beta1 1.21 1.25 policy/v1 PodDisruptionBudget
rbac.authorization.k8s.io/v1alpha1 1.17 1.22 rbac.authorization.k8s.io/v1 ClusterRole
rbac.authorization.k8s.io/v1alpha1 1.17 1.22 rbac.authorization.k8s.io/v1 ClusterRoleBinding
rbac.authorization.k8s.io/v1alpha1 1.17 1.22 rbac.authorization.k8s.io/v1 Role
rbac.authorization.k8s.io/v1alpha1 1.17 1.22 rbac.authorization.k8s.io/v1 RoleBinding
rbac.authorization.k8s.io/v1beta1 1.17 1.22 rbac.authorization.k8s.io/v1 ClusterRole
rbac.authorization.k8s.io/v1beta1 1.17 1.22 rbac.authorization.k8s.io/v1 ClusterRoleBinding
rbac.authorization.k8s.io/v1beta1 1.17 1.22 rbac.authorization.k8s.io/v1 Role
rbac.authorization.k8s.io/v1beta1 1.17 1.22 rbac.authorization.k8s.io/v1 RoleBinding
resource.k8s.io/v1alpha1 1.27 1.27 - PodScheduling,ResourceClass
resource.k8s.io/v1alpha1 1.27 1.27 resource.k8s.io/v1 ResourceClaim,ResourceClaimTemplate
resource.k8s.io/v1alpha2 1.31 1.31 - PodSchedulingContext
resource.k8s.io/v1alpha2 1.31 1.31 - ResourceClaimParameters
resource.k8s.io/v1alpha2 1.31 1.31 - ResourceClass
resource.k8s.io/v1alpha2 1.31 1.31 - ResourceClassParameters
resource.k8s.io/v1alpha2 1.31 1.31 resource.k8s.io/v1 ResourceClaim,ResourceClaimTemplate,ResourceSlice
resource.k8s.io/v1alpha3 1.32 1.32 - PodSchedulingContext
resource.k8s.io/v1alpha3 1.34 1.34 resource.k8s.io/v1 DeviceClass,ResourceClaim,ResourceClaimTemplate,ResourceSlice
resource.k8s.io/v1alpha3 1.36 1.39 resource.k8s.io/v1 DeviceTaintRule
resource.k8s.io/v1alpha3 1.39 1.42 - ResourcePoolStatusRequest
resource.k8s.io/v1beta1 1.35 1.38 resource.k8s.io/v1 DeviceClass,ResourceClaim,ResourceClaimTemplate,ResourceSlice
resource.k8s.io/v1beta2 1.36 1.39 resource.k8s.io/v1 DeviceClass,ResourceClaim,ResourceClaimTemplate,ResourceSlice
resource.k8s.io/v1beta2 1.39 1.42 resource.k8s.io/v1 DeviceTaintRule
scheduling.k8s.io/v1alpha1 1.14 1.17 scheduling.k8s.io/v1 PriorityClass
scheduling.k8s.io/v1alpha1 1.36 1.36 scheduling.k8s.io/v1beta1 Workload
scheduling.k8s.io/v1alpha2 1.37 1.37 scheduling.k8s.io/v1beta1 PodGroup,Workload
scheduling.k8s.io/v1beta1 1.14 1.22 scheduling.k8s.io/v1 PriorityClass
scheduling.k8s.io/v1beta1 1.40 1.43 - PodGroup,Workload
storage.k8s.io/v1alpha1 1.21 1.24 storage.k8s.io/v1 CSIStorageCapacity,VolumeAttachment
storage.k8s.io/v1alpha1 1.32 1.35 storage.k8s.io/v1 VolumeAttributesClass
storage.k8s.io/v1beta1 1.17 1.22 storage.k8s.io/v1 CSINode
storage.k8s.io/v1beta1 1.19 1.22 storage.k8s.io/v1 CSIDriver,StorageClass,VolumeAttachment
storage.k8s.io/v1beta1 1.24 1.27 storage.k8s.io/v1 CSIStorageCapacity
storage.k8s.io/v1beta1 1.34 1.37 storage.k8s.io/v1 VolumeAttributesClass
storagemigration.k8s.io/v1alpha1 1.33 1.35 storagemigration.k8s.io/v1 StorageVersionMigration
storagemigration.k8s.io/v1beta1 1.37 1.40 storagemigration.k8s.io/v1 StorageVersionMigration
v1 1.19 - - ComponentStatus
v1 1.33 - discovery.k8s.io/v1=EndpointSlice Endpoints
"""

# Removed versions that differ from what stands in their place by no field that a manifest writes.
_ALIKE = """
batch/v1beta1 batch/v1 CronJob
policy/v1beta1 policy/v1 PodDisruptionBudget
autoscaling/v2beta2 autoscaling/v2 HorizontalPodAutoscaler
apps/v1beta2 apps/v1 DaemonSet,Deployment,ReplicaSet,StatefulSet
rbac.authorization.k8s.io/v1beta1 rbac.authorization.k8s.io/v1 ClusterRole,ClusterRoleBinding,Role,RoleBinding
apiregistration.k8s.io/v1beta1 apiregistration.k8s.io/v1 APIService
coordination.k8s.io/v1beta1 coordination.k8s.io/v1 Lease
networking.k8s.io/v1beta1 networking.k8s.io/v1 IngressClass
node.k8s.io/v1beta1 node.k8s.io/v1 RuntimeClass
scheduling.k8s.io/v1beta1 scheduling.k8s.io/v1 PriorityClass
storage.k8s.io/v1beta1 storage.k8s.io/v1 CSIDriver,CSINode,CSIStorageCapacity,StorageClass,VolumeAttachment
"""

# The groups of Kubernetes itself; all others are custom resources'.
BUILT_IN = frozenset(
    (
        "", "admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io", "apps",
        "authentication.k8s.io", "authorization.k8s.io", "autoscaling", "batch", "certificates.k8s.io",
        "coordination.k8s.io", "discovery.k8s.io", "events.k8s.io", "extensions", "flowcontrol.apiserver.k8s.io",
        "internal.apiserver.k8s.io", "lifecycle.k8s.io", "networking.k8s.io", "node.k8s.io", "policy",
        "rbac.authorization.k8s.io", "resource.k8s.io", "scheduling.k8s.io", "storage.k8s.io",
        "storagemigration.k8s.io",
    )
)  # fmt: skip


@cache
def successors() -> dict[tuple[str, str], str]:
    """The version by whose schema an object of a removed one can be judged, by apiVersion and kind."""
    rows = (line.split(" ") for line in _ALIKE.split("\n") if line)
    return {(old, kind): new for old, new, kinds in rows for kind in kinds.split(",")}


@dataclass(frozen=True)
class Lifecycle:
    """What becomes of an API: versions such as `1.25`; `removed` and `replacement` are empty where there is none."""

    deprecated: str
    removed: str
    replacement: str


def lifecycle(api_version: str, kind: str) -> Lifecycle | None:
    """What is known of an API; None for one that stays, or that is not Kubernetes' own."""
    return _known().get((api_version, kind))


def number(version: str) -> tuple[int, ...]:
    """A version for comparing; empty for no version."""
    return tuple(int(part) for part in version.split(".") if part.isdigit())


@cache
def _known() -> dict[tuple[str, str], Lifecycle]:
    out = {}
    for line in _TABLE.split("\n")[1:-1]:
        api, deprecated, removed, instead, kinds = line.split(" ")
        words = "" if instead == "-" else instead.replace("=", " ")
        for kind in kinds.split(","):
            out[api, kind] = Lifecycle(deprecated, removed.strip("-"), words)
    return out
