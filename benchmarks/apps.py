"""The texts of generated apps: which files an app of each shape has, and the bases and components that apps share."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

Files = dict[str, str]
ENVIRONMENTS = ("dev", "staging", "production")
_EXAMPLE = Path(__file__).parents[1] / "environments" / "apps" / "web"
_HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
_PART_OF = "labels:\n  - pairs:\n      app.kubernetes.io/part-of: fleet\n    includeTemplates: true\n"


def _object(api: str, kind: str, name: str, rest: str, labelled: str = "") -> str:
    label = f"  labels:\n    app.kubernetes.io/name: {labelled or name}\n"
    return f"apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: {name}\n{label}{rest}"


def _pod(name: str, image: str, indent: int, config: str, port: int = 0, policy: str = "") -> str:
    """A pod template's `metadata` and `spec`."""
    ports = f"      ports:\n        - name: http\n          containerPort: {port}\n" if port else ""
    text = f"""\
metadata:
  labels:
    app.kubernetes.io/name: {name}
spec:
  serviceAccountName: {name}
{policy}  securityContext:
    runAsNonRoot: true
    runAsUser: 10001
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: main
      image: {image}
      envFrom:
        - configMapRef:
            name: {config}
{ports}      resources:
        requests:
          cpu: 50m
          memory: 64Mi
        limits:
          memory: 128Mi
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
"""
    return re.sub(r"(?m)^(?=.)", " " * indent, text)


def _selector(name: str, indent: str = "  ") -> str:
    return f"{indent}selector:\n{indent}  matchLabels:\n{indent}    app.kubernetes.io/name: {name}\n"


def _account(name: str) -> str:
    return _object("v1", "ServiceAccount", name, "automountServiceAccountToken: false\n")


def _service(name: str, *, headless: bool = False) -> str:
    rest = "spec:\n" + ("  clusterIP: None\n" if headless else "")
    rest += f"  selector:\n    app.kubernetes.io/name: {name}\n  ports:\n    - name: http\n      port: 80\n"
    return _object("v1", "Service", name, rest + "      targetPort: http\n      protocol: TCP\n")


def _deployment(name: str, image: str, port: int) -> str:
    rest = "spec:\n  replicas: 1\n" + _selector(name) + "  template:\n" + _pod(name, image, 4, f"{name}-config", port)
    return _object("apps/v1", "Deployment", name, rest)


def _resources(names: list[str]) -> str:
    return "resources:\n" + "".join(f"  - {name}\n" for name in sorted(names))


def _base(files: Files, generators: str, extra: str = "") -> Files:
    """A base folder of these resource files."""
    kustomization = _HEAD + _resources(list(files)) + extra + _PART_OF + generators
    return {f"base/{path}": text for path, text in files.items()} | {"base/kustomization.yaml": kustomization}


def _keys(source: random.Random) -> list[str]:
    keys = ("CACHE_SECONDS", "LOG_LEVEL", "MAX_BATCH", "POOL_SIZE", "REGION", "RETRIES", "TIMEOUT_SECONDS", "WORKERS")
    return sorted(source.sample(keys, source.randint(2, 6)))


def _literals(name: str, source: random.Random, behavior: str = "", keys: Sequence[str] = ()) -> str:
    merge = f"    behavior: {behavior}\n" if behavior else ""
    lines = "".join(f"      - {key}={source.randint(1, 900)}\n" for key in keys or _keys(source))
    return f"configMapGenerator:\n  - name: {name}-config\n{merge}    literals:\n{lines}"


@cache
def _example() -> tuple[tuple[str, str], ...]:
    paths = sorted(path for path in _EXAMPLE.rglob("*") if path.is_file())
    return tuple((path.relative_to(_EXAMPLE).as_posix(), path.read_text(encoding="utf-8")) for path in paths)


def _web(name: str, source: random.Random) -> Files:
    """The living example's app: deployment, service, ingress, budget, account, configuration."""
    tag = _tag(source)
    return {path: text.replace("web", name).replace("1.0.0", tag) for path, text in _example()}


def _worker(name: str, source: random.Random) -> Files:
    """A deployment without a port, scaled by load, configured by whole files."""
    scale = (
        f"spec:\n  minReplicas: 1\n  maxReplicas: {source.randint(3, 12)}\n"
        f"  scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: {name}\n"
        "  metrics:\n    - type: Resource\n      resource:\n        name: cpu\n        target:\n"
        "          type: Utilization\n          averageUtilization: 70\n"
    )
    rules = "".join(f"rule-{n}: {source.randint(1, 10**9)}\n" for n in range(source.randint(5, 200)))
    files = {
        "deployment.yaml": _deployment(name, _image(name), 0).replace("  replicas: 1\n", ""),
        "scaler.yaml": _object("autoscaling/v2", "HorizontalPodAutoscaler", name, scale),
        "serviceaccount.yaml": _account(name),
    }
    generators = _literals(name, source) + f"  - name: {name}-rules\n    files:\n      - rules.txt\n"
    return _base(files, generators) | {"base/rules.txt": rules} | _overlays(name, source, "Deployment", scaled=True)


def _store(name: str, source: random.Random) -> Files:
    """A stateful set with volumes, configured by an env file; replicas by a replacement."""
    rest = f"spec:\n  serviceName: {name}\n  replicas: 1\n" + _selector(name)
    rest += "  template:\n" + _pod(name, _image(name), 4, f"{name}-config", 5432)
    rest += "  volumeClaimTemplates:\n    - metadata:\n        name: data\n      spec:\n"
    rest += "        accessModes: [ReadWriteOnce]\n        resources:\n          requests:\n"
    rest += f"            storage: {source.choice((1, 10, 50))}Gi\n"
    budget = "spec:\n  maxUnavailable: 1\n" + _selector(name)
    files = {
        "statefulset.yaml": _object("apps/v1", "StatefulSet", name, rest),
        "service.yaml": _service(name, headless=True),
        "serviceaccount.yaml": _account(name),
        "budget.yaml": _object("policy/v1", "PodDisruptionBudget", name, budget),
    }
    replacement = (
        f"replacements:\n  - source:\n      kind: Service\n      name: {name}\n      fieldPath: metadata.name\n"
        f"    targets:\n      - select:\n          kind: StatefulSet\n          name: {name}\n"
        "        fieldPaths:\n          - spec.serviceName\n"
    )
    generators = f"configMapGenerator:\n  - name: {name}-config\n    envs:\n      - settings.env\n"
    settings = "".join(f"SETTING_{n}={source.randint(1, 10**6)}\n" for n in range(source.randint(3, 20)))
    made = _base(files, generators, replacement) | {"base/settings.env": settings}
    return made | _overlays(name, source, "StatefulSet")


def _cron(name: str, source: random.Random) -> Files:
    """A job by the clock, with a role of its own."""
    rest = f"spec:\n  schedule: '{source.randint(0, 59)} {source.randint(0, 23)} * * *'\n"
    rest += "  concurrencyPolicy: Forbid\n  jobTemplate:\n    spec:\n      template:\n"
    rest += _pod(name, _image(name), 8, f"{name}-config", 0, "  restartPolicy: Never\n")
    binding = f"roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: Role\n  name: {name}\n"
    binding += f"subjects:\n  - kind: ServiceAccount\n    name: {name}\n"
    rights = "rules:\n  - apiGroups: ['']\n    resources: [configmaps]\n    verbs: [get, list]\n"
    files = {
        "cronjob.yaml": _object("batch/v1", "CronJob", name, rest),
        "role.yaml": _object("rbac.authorization.k8s.io/v1", "Role", name, rights),
        "rolebinding.yaml": _object("rbac.authorization.k8s.io/v1", "RoleBinding", name, binding),
        "serviceaccount.yaml": _account(name),
    }
    return _base(files, _literals(name, source)) | _overlays(name, source, "CronJob")


def _large(name: str, source: random.Random) -> Files:
    """A web app that brings dashboards: many objects in one file."""
    made = _web(name, source)
    boards = []
    for number in range(source.randint(10, 40)):
        data = f"data:\n  board.json: '{{\"rows\": {source.randint(1, 99)}}}'\n"
        boards.append(_object("v1", "ConfigMap", f"{name}-board-{number}", data))
    path = "base/kustomization.yaml"
    made[path] = made[path].replace("resources:\n", "resources:\n  - boards.yaml\n", 1)
    return made | {"base/boards.yaml": "---\n".join(boards)}


def _derived(name: str, source: random.Random) -> Files:
    """An app on a base that many apps share, with prefixed names and patches of its own."""
    base = f"http-{source.randint(1, 4)}"
    kustomization = (
        f"{_HEAD}namePrefix: {name}-\nresources:\n  - ../../../bases/{base}\n"
        f"labels:\n  - pairs:\n      app.kubernetes.io/instance: {name}\n    includeSelectors: true\n"
        "  - pairs:\n      app.kubernetes.io/part-of: fleet\n    includeTemplates: true\n"
        f"images:\n  - name: app\n    newName: {_image(name)}\n"
        f"patches:\n  - target:\n      kind: Deployment\n      name: server\n    patch: |-\n"
        f"      - op: add\n        path: /spec/revisionHistoryLimit\n        value: {source.randint(1, 9)}\n"
    )
    return {"base/kustomization.yaml": kustomization} | _overlays(name, source, "Deployment", f"{name}-server")


def _image(name: str) -> str:
    return f"registry.example.com/shop/{name}"


def _tag(source: random.Random) -> str:
    return f"{source.randint(0, 9)}.{source.randint(0, 40)}.{source.randint(0, 20)}"


def _overlays(name: str, source: random.Random, kind: str, main: str = "", *, scaled: bool = False) -> Files:
    """An overlay for each environment: namespace, version, size, patches; some with components and extras.

    What is `scaled` by load has no size.
    """
    main = main or name
    tag, made, keys = _tag(source), {}, _keys(source)
    merged = kind != "StatefulSet" and main == name and source.random() < 0.7
    components = [c for c in COMPONENTS if c not in _UNFIT.get(kind, ()) and source.random() < 0.35]
    for size, env in enumerate(ENVIRONMENTS, 1):
        place = f"overlays/{env}"
        used = [c for c in components if size > 1 or c in (components[0], "closed")]
        extra = size == 3 and source.random() < 0.5
        text = f"{_HEAD}namespace: {name}-{env}\n"
        text += _resources(["../../base", "namespace.yaml", *(["quota.yaml"] if extra else [])])
        text += "".join(["components:\n", *(f"  - ../../../../components/{c}\n" for c in used)]) if used else ""
        text += f"labels:\n  - pairs:\n      environment: {env}\n    includeTemplates: true\n"
        text += f'images:\n  - name: {_image(name)}\n    newTag: "{tag}"\n'
        text += f"replicas:\n  - name: {main}\n    count: {size}\n" if kind != "CronJob" and not scaled else ""
        text += _literals(name, source, "merge", keys) if merged else ""
        path = "/spec/jobTemplate/spec/template" if kind == "CronJob" else "/spec/template"
        text += f"patches:\n  - target:\n      kind: {kind}\n      name: {main}\n    patch: |-\n"
        text += f"      - op: replace\n        path: {path}/spec/containers/0/resources/requests/memory\n"
        text += f"        value: {64 * size}Mi\n"
        if kind == "Deployment":
            text += "  - path: deployment.yaml\n"
            made[f"{place}/deployment.yaml"] = (
                f"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {main}\nspec:\n  template:\n    spec:\n"
                f"      terminationGracePeriodSeconds: {source.choice((10, 20, 60))}\n"
            )
        made[f"{place}/kustomization.yaml"] = text
        made[f"{place}/namespace.yaml"] = f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}-{env}\n"
        if extra:
            quota = f"spec:\n  hard:\n    pods: '{source.randint(5, 50)}'\n"
            made[f"{place}/quota.yaml"] = _object("v1", "ResourceQuota", f"{name}-quota", quota, name)
    return made


# How often an app has which shape.
_SHAPES: tuple[tuple[int, Callable[[str, random.Random], Files]], ...] = (
    (40, _web), (20, _derived), (15, _worker), (12, _cron), (10, _store), (3, _large),
)  # fmt: skip

_PATCHES = {
    "scraped": ("/metadata/annotations", "\n          prometheus.io/scrape: 'true'"),
    "slow-stop": ("/spec/template/spec/dnsPolicy", " ClusterFirst"),
}
COMPONENTS = (*_PATCHES, "closed")
_UNFIT = {"CronJob": ("slow-stop",)}  # its pods stand elsewhere


def app(name: str, source: random.Random) -> Files:
    """An app's files, from its own folder; its shape is chosen by the source."""
    shapes = [shape for _, shape in _SHAPES]
    return source.choices(shapes, [weight for weight, _ in _SHAPES])[0](name, source)


def shared(folder: str) -> Files:
    """The files of `bases/NAME` or `components/NAME`, from that folder."""
    kind, _, name = folder.partition("/")
    if kind == "bases":
        port = 8000 + int(name[-1])
        objects = {
            "deployment.yaml": _deployment("server", "app", port),
            "service.yaml": _service("server"),
            "serviceaccount.yaml": _account("server"),
        }
        generator = f"configMapGenerator:\n  - name: server-config\n    literals:\n      - PORT={port}\n"
        return {**objects, "kustomization.yaml": _HEAD + _resources(list(objects)) + generator}
    head = _HEAD.replace("v1beta1", "v1alpha1").replace("Kustomization", "Component")
    if name in _PATCHES:
        path, value = _PATCHES[name]
        kinds = "Deployment|StatefulSet" if name == "slow-stop" else "Deployment|StatefulSet|CronJob"
        patch = f"      - op: add\n        path: {path}\n        value:{value}\n"
        return {"kustomization.yaml": f"{head}patches:\n  - target:\n      kind: {kinds}\n    patch: |-\n{patch}"}
    policy = "spec:\n  podSelector: {}\n  policyTypes: [Ingress]\n"
    return {
        "kustomization.yaml": head + _resources(["policy.yaml"]),
        "policy.yaml": _object("networking.k8s.io/v1", "NetworkPolicy", "closed", policy),
    }
