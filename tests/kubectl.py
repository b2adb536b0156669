"""A kubectl for tests: a program on PATH that answers with objects which are kept in a file, as the real one would.

The forms of the objects are those of the controllers' own types, Argo CD v3.6.1
(`github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1`) and Flux
(`github.com/fluxcd/kustomize-controller/api/v1` v1.10.1, `.../helm-controller/api/v2` v1.7.1); they were held against
the CRDs of these versions (of helm-controller: v1.4.0). What it prints was taken from kubectl v1.34.1: one name gives
the object, several or none give a List, and with `--ignore-not-found` nothing is printed where none is found.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_PROGRAM = """\
#!{python} -SE
import json, sys
from pathlib import Path

place = Path({place!r})
argv = sys.argv[1:]
with (place / "asked").open("a") as log:
    log.write(" ".join(argv) + "\\n")
state = json.loads((place / "state.json").read_text())
if state["fails"]:
    sys.exit(state["fails"])
verb, resource, *rest = argv
names = [word for word in rest if not word.startswith("-")]
flags = dict(word[2:].partition("=")[::2] for word in rest if word.startswith("--"))
assert verb == "get" and flags["output"] == "json" and "ignore-not-found" in flags, argv
context = flags.get("context", state["current"])
if context not in state["contexts"]:
    sys.exit(f'error: context "{{context}}" does not exist')
kind = {{"applications.argoproj.io": "Application", "helmreleases.helm.toolkit.fluxcd.io": "HelmRelease",
        "kustomizations.kustomize.toolkit.fluxcd.io": "Kustomization"}}[resource]
found = [
    one for one in state["contexts"][context]
    if one["kind"] == kind and one["metadata"]["namespace"] == flags["namespace"]
    and (not names or one["metadata"]["name"] in names)
]
if len(names) == 1:
    print(json.dumps(found[0]) if found else "", end="")
elif found or not names:
    print(json.dumps({{"apiVersion": "v1", "kind": "List", "metadata": {{"resourceVersion": ""}}, "items": found}}))
"""


class Kubectl:
    """The program, and what the clusters of its contexts hold."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "kubectl-double"
        self.folder.mkdir(parents=True)
        program = self.folder / "kubectl"
        program.write_text(_PROGRAM.format(python=sys.executable, place=str(self.folder)))
        program.chmod(0o755)
        self.holds()

    def holds(self, *objects: dict[str, Any], fails: str = "", **contexts: list[dict[str, Any]]) -> None:
        """The current context has these objects, others may have more; with `fails` it only says so."""
        state = {"current": "here", "contexts": {"here": list(objects), **contexts}, "fails": fails}
        (self.folder / "state.json").write_text(json.dumps(state))

    @property
    def asked(self) -> list[str]:
        """What it was asked, call by call."""
        log = self.folder / "asked"
        return log.read_text().splitlines() if log.exists() else []


def application(
    name: str = "web-staging",
    revision: str = "",
    *,
    health: str = "Healthy",
    sync: str = "Synced",
    namespace: str = "argocd",
    path: str = "apps/web/overlays/staging",
    made_by: str = "",
    **status: Any,
) -> dict[str, Any]:
    """An Application as Argo CD keeps it."""
    source = {"repoURL": "https://example.org/shop.git", "path": path, "targetRevision": "HEAD"}
    owner = {"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet", "name": made_by, "uid": "1"}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {
            "name": name, "namespace": namespace, "generation": 41,
            **({"ownerReferences": [owner]} if made_by else {}),
        },
        "spec": {"project": "default", "source": source, "destination": {"name": "staging", "namespace": "web"}},
        "status": {
            "health": {"status": health, "lastTransitionTime": "2026-02-01T08:00:00Z"},
            "sync": {
                "status": sync, "revision": revision,
                "comparedTo": {"source": source, "destination": {"name": "staging", "namespace": "web"}},
            },
            "operationState": {
                "operation": {"sync": {"revision": revision}}, "phase": "Succeeded",
                "startedAt": "2026-02-01T07:59:00Z", "finishedAt": "2026-02-01T08:00:00Z",
                "message": "successfully synced (all tasks run)",
                "syncResult": {"revision": revision, "source": source},
            },
            "reconciledAt": "2026-02-01T08:00:00Z",
            **status,
        },
    }  # fmt: skip


def kustomization(
    name: str = "web-staging",
    revision: str = "",
    *,
    ready: str = "True",
    reason: str = "ReconciliationSucceeded",
    message: str = "Applied revision",
    generation: int = 3,
    observed: int = 3,
    namespace: str = "flux-system",
    spec: dict[str, Any] | None = None,
    conditions: tuple[dict[str, str], ...] = (),
    **status: Any,
) -> dict[str, Any]:
    """A Kustomization as Flux keeps it."""
    return {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": name, "namespace": namespace, "generation": generation},
        "spec": {
            "interval": "5m", "prune": True, "path": "./apps/web/overlays/staging",
            "sourceRef": {"kind": "GitRepository", "name": "flux-system"}, **(spec or {}),
        },
        "status": {
            "observedGeneration": observed,
            "conditions": [condition("Ready", ready, reason, message), *conditions],
            "lastAppliedRevision": f"main@sha1:{revision}",
            "lastAttemptedRevision": f"main@sha1:{revision}",
            **status,
        },
    }  # fmt: skip


def helm_release(
    name: str = "redis", *, owner: str = "", ready: str = "True", reason: str = "UpgradeSucceeded", **status: Any
) -> dict[str, Any]:
    """A HelmRelease as Flux keeps it; `owner` is the Kustomization that applied it."""
    labels = {"kustomize.toolkit.fluxcd.io/name": owner, "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
    snapshot = {
        "chartName": name, "chartVersion": "19.0.1", "configDigest": "sha256:1", "digest": "sha256:2", "name": name,
        "namespace": "web", "version": 4, "status": "deployed",
        "firstDeployed": "2026-02-01T08:00:00Z", "lastDeployed": "2026-02-01T08:00:00Z",
    }  # fmt: skip
    return {
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": name, "namespace": "web", "generation": 2, "labels": labels if owner else {}},
        "spec": {
            "interval": "5m",
            "chart": {"spec": {"chart": name, "sourceRef": {"kind": "HelmRepository", "name": "x"}}},
        },
        "status": {
            "observedGeneration": 2,
            "conditions": [condition("Ready", ready, reason, "Helm upgrade succeeded for release web/redis.v4")],
            "history": [snapshot],
            **status,
        },
    }


def condition(kind: str, status: str, reason: str = "Reason", message: str = "") -> dict[str, str]:
    """A condition of a Flux object."""
    return {
        "type": kind, "status": status, "reason": reason, "message": message,
        "lastTransitionTime": "2026-02-01T08:00:00Z",
    }  # fmt: skip
