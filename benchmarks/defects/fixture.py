"""A small repository that has every trait a kind of defect asks for: what a clone without real ones seeds into."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.defects.trees import Tree, own

_ENVIRONMENTS = ("dev", "staging", "production")
SAID: Mapping[str, Any] = {
    "version": 1,
    "environments": {env: {} for env in _ENVIRONMENTS},
    "chains": [list(_ENVIRONMENTS)],
    "layout": ["apps/{app}/overlays/{env}"],
    "check": {"select": ["all"]},
}
_DIGEST = "sha256:" + "ab" * 32

_WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app: web
    team: shop
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
        team: shop
    spec:
      serviceAccountName: web
      terminationGracePeriodSeconds: 30
      containers:
      - name: web
        image: registry.example.com/shop/web
        args: [serve]
        ports:
        - name: http
          containerPort: 8080
        - name: metrics
          containerPort: 9090
        env:
        - name: LOG_LEVEL
          value: info
        - name: REGION
          value: north
        - name: CURRENCY
          valueFrom:
            configMapKeyRef:
              name: settings
              key: currency
        envFrom:
        - secretRef:
            name: web-database
        volumeMounts:
        - name: data
          mountPath: /data
        - name: scratch
          mountPath: /scratch
        resources:
          requests:
            cpu: 100m
            memory: 128Mi
          limits:
            memory: 256Mi
        readinessProbe:
          httpGet:
            path: /ready
            port: http
        livenessProbe:
          httpGet:
            path: /live
            port: http
      - name: proxy
        image: registry.example.com/shop/proxy:v1.4.2@%(digest)s
        args:
        - --quiet
        resources:
          requests:
            cpu: 10m
            memory: 16Mi
          limits:
            memory: 32Mi
        readinessProbe:
          tcpSocket:
            port: 9000
        livenessProbe:
          tcpSocket:
            port: 9000
        securityContext:
          allowPrivilegeEscalation: false
          runAsNonRoot: true
          capabilities:
            drop: [ALL]
          seccompProfile:
            type: RuntimeDefault
      - name: exporter
        image: registry.example.com/shop/exporter:v0.3.0
        resources:
          requests:
            cpu: 10m
            memory: 16Mi
          limits:
            memory: 32Mi
        readinessProbe:
          tcpSocket:
            port: 9100
        livenessProbe:
          tcpSocket:
            port: 9100
      volumes:
      - name: data
        persistentVolumeClaim:
          claimName: web-data
      - name: scratch
        emptyDir: {}
"""
_BESIDE = """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
  labels:
    team: shop
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: web-data
  labels:
    team: shop
spec:
  accessModes:
  - ReadWriteOnce
  resources:
    requests:
      storage: 1Gi
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: web-database
  labels:
    team: shop
spec:
  refreshInterval: 1h
  secretStoreRef:
    name: vault
    kind: ClusterSecretStore
  target:
    name: web-database
  dataFrom:
  - extract:
      key: shop/web
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web-files
  labels:
    team: shop
data:
  greeting: hello
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: web-reader
  labels:
    team: shop
rules:
- apiGroups: [""]
  resources: [configmaps]
  verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: web-reader
  labels:
    team: shop
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: web-reader
subjects:
- kind: ServiceAccount
  name: web
"""
_NETWORK = """\
apiVersion: v1
kind: Service
metadata:
  name: web
  labels:
    team: shop
spec:
  selector:
    app: web
  ports:
  - name: http
    port: 80
    targetPort: http
  - name: numbered
    port: 8080
    targetPort: 8080
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  labels:
    team: shop
spec:
  rules:
  - host: shop.example.com
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: web
            port:
              number: 80
"""
_WORKER = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
  labels:
    team: shop
spec:
  selector:
    matchLabels:
      app: worker
  template:
    metadata:
      labels:
        app: worker
        team: shop
    spec:
      containers:
      - name: worker
        image: registry.example.com/shop/worker:v1.0.0
        securityContext:
          allowPrivilegeEscalation: false
          runAsNonRoot: true
          capabilities:
            drop: [ALL]
          seccompProfile:
            type: RuntimeDefault
        resources:
          requests:
            cpu: 10m
            memory: 16Mi
          limits:
            memory: 32Mi
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: worker
  labels:
    team: shop
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: worker
  minReplicas: 1
  maxReplicas: 4
---
apiVersion: example.com/v1
kind: Queue
metadata:
  name: orders
  labels:
    team: shop
spec:
  partitions: 4
  durable: true
"""
_DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: queues.example.com
  labels:
    team: shop
spec:
  group: example.com
  names: {kind: Queue, listKind: QueueList, plural: queues, singular: queue}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              partitions: {type: integer}
              durable: {type: boolean}
"""
_BASE = """\
resources:
- deployment.yaml
- beside.yaml
- ../common
configMapGenerator:
- name: extra
  literals:
  - more=no
"""
_COMMON = """\
resources:
- network.yaml
- worker.yaml
"""
_OVERLAY = """\
namespace: shop-%(env)s
resources:
- ../../base
- bucket.yaml
images:
- name: registry.example.com/shop/web
  newTag: v%(version)s
- name: registry.example.com/shop/worker
  newName: registry.example.com/shop/worker
  digest: %(digest)s
configMapGenerator:
- name: settings
  literals:
  - currency=EUR
  - backend=https://api.%(env)s.example.com
  - bucket=uploads-%(env)s
- name: extra
  behavior: merge
  literals:
  - more=yes
- name: files
  behavior: create
  files:
  - motd.txt
patches:
- path: scale.yaml
- target:
    kind: Deployment
    name: worker
  patch: |-
    - op: replace
      path: /spec/template/spec/containers/0/resources/limits/memory
      value: 64Mi
"""
_SCALE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: %(replicas)s
  template:
    spec:
      containers:
      - name: web
        env:
        - name: LOG_LEVEL
          value: warn
"""
_BUCKET = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: bucket
  labels:
    team: shop
data:
  bucket: uploads-%(env)s
"""
_MAIL = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: mail
  labels:
    team: shop
data:
  from: shop@example.com
---
apiVersion: v1
kind: Service
metadata:
  name: mail
  labels:
    team: shop
spec:
  type: ExternalName
  externalName: mail.example.com
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: mailer
  labels:
    team: shop
spec:
  replicas: 1
  selector:
    matchLabels:
      app: mailer
  template:
    metadata:
      labels:
        app: mailer
        team: shop
    spec:
      containers:
      - name: mailer
        image: registry.example.com/shop/mailer:v1.0.0@%(digest)s
        resources:
          requests:
            cpu: 10m
            memory: 16Mi
          limits:
            memory: 32Mi
"""
_FLUX = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: shop-%(env)s
  namespace: flux-system
  labels:
    team: shop
spec:
  interval: 10m
  path: ./apps/shop/overlays/%(env)s
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
  postBuild:
    substitute:
      cluster: %(env)s
"""
_ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: mail-%(env)s
  namespace: argocd
  labels:
    team: shop
spec:
  project: default
  source:
    repoURL: https://git.example.com/shop/fleet.git
    targetRevision: main
    path: apps/mail/overlays/%(env)s
  destination:
    server: https://kubernetes.default.svc
    namespace: shop-%(env)s
"""


def files() -> dict[str, str]:
    """All of it, by path."""
    out = {
        "apps/shop/base/kustomization.yaml": _BASE,
        "apps/shop/base/deployment.yaml": _WORKLOAD % {"digest": _DIGEST},
        "apps/shop/base/beside.yaml": _BESIDE,
        "apps/shop/common/kustomization.yaml": _COMMON,
        "apps/shop/common/network.yaml": _NETWORK,
        "apps/shop/common/worker.yaml": _WORKER,
        "apps/mail/base/kustomization.yaml": "resources:\n- mail.yaml\n",
        "apps/mail/base/mail.yaml": _MAIL % {"digest": _DIGEST},
        "clusters/kustomization.yaml": "resources:\n- crd.yaml\n"
        + "".join(f"- shop-{env}.yaml\n- mail-{env}.yaml\n" for env in _ENVIRONMENTS),
        "clusters/crd.yaml": _DEFINITION,
    }
    for number, env in enumerate(_ENVIRONMENTS):
        said = {"env": env, "version": f"1.{9 - number}.0", "digest": _DIGEST, "replicas": str(number + 3)}
        shop, mail = f"apps/shop/overlays/{env}", f"apps/mail/overlays/{env}"
        out |= {
            f"{shop}/kustomization.yaml": _OVERLAY % said,
            f"{shop}/scale.yaml": _SCALE % said,
            f"{shop}/bucket.yaml": _BUCKET % said,
            f"{shop}/motd.txt": "welcome\n",
            f"{mail}/kustomization.yaml": f"namespace: shop-{env}\nresources:\n- ../../base\nimages:\n"
            f"- name: registry.example.com/shop/mailer\n  newTag: v1.0.0\n  digest: {_DIGEST}\n",
            f"clusters/shop-{env}.yaml": _FLUX % said,
            f"clusters/mail-{env}.yaml": _ARGO % said,
        }
    return out


def tree(place: Path) -> Tree:
    """The repository, written into a folder."""
    root = place / "clean" / "fixture"
    for path, text in files().items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return own(root, place, SAID)
