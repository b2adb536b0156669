"""Small repositories, one a feature of kustomize, whose overlay is `o`: where do its rendered values stand?"""

from __future__ import annotations

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      initContainers:
      - name: init
        image: shop/init:1
      containers:
      - image: shop/side:1
        name: side
        ports:
        - containerPort: 8080
        - containerPort: 9090
          protocol: UDP
      - name: web
        image: shop/web:1
        args: ["--one", "--two"]
        env:
        - name: A
          value: "1"
        - name: B
          value: "2"
        envFrom:
        - configMapRef: {name: settings}
      volumes:
      - name: conf
        configMap: {name: settings}
"""
_BASE = {"base/kustomization.yaml": "resources:\n- d.yaml\n", "base/d.yaml": DEPLOYMENT}
_TAKE = "resources:\n- ../base\n"
_MERGE = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations: {note: patched}
spec:
  replicas: 5
  template:
    spec:
      containers:
      - name: web
        args: ["--three"]
        env:
        - {name: B, value: "3"}
        - {name: C, value: "4"}
      - name: new
        image: shop/new:1
        ports:
        - containerPort: 7070
      - name: side
        $patch: delete
      initContainers:
      - name: init
        image: null
        command: [wait]
"""
_SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports:
  - port: 80
    name: http
  - port: 81
    name: other
"""
_JSON_PATCH = """\
- op: add
  path: /spec/template/spec/containers/0
  value:
    name: first
    image: shop/first:1
- op: replace
  path: /spec/template/spec/containers/2/image
  value: shop/web:9
- op: remove
  path: /spec/template/spec/containers/1
- op: add
  path: /metadata/annotations
  value: {"a/b": one}
- op: add
  path: /metadata/annotations/c~1d
  value: two
- op: move
  from: /spec/template/spec/volumes
  path: /spec/template/metadata/annotations
- op: copy
  from: /metadata/labels/app
  path: /metadata/labels/tier
- op: add
  path: /spec/template/spec/containers/1/args/-
  value: --last
"""


def _indented(text: str, by: int) -> str:
    return "".join(" " * by + line + "\n" for line in text.splitlines())


def _with(overlay: str, **more: str) -> dict[str, str]:
    named = {name.replace("__", "/").replace("_yaml", ".yaml").replace("_json", ".json"): t for name, t in more.items()}
    return {**_BASE, "o/kustomization.yaml": _TAKE + overlay, **named}


_CONFIG_MAP = "configMapGenerator:\n- name: settings\n  literals:\n  - A=1\n  - 'B=two words'\n"
_WIDGET = """\
apiVersion: example.com/v1
kind: Widget
metadata:
  name: gear
  namespace: old
spec:
  image: shop/gear:1
  owner: {namespace: old}
  parts:
  - name: tooth
    size: 1
    colour: red
  - name: hub
    size: 2
  template:
    metadata:
      labels: {app: gear}
"""
_OPENAPI = """\
{"definitions": {"com.example.v1.Widget": {
  "properties": {"spec": {"$ref": "#/definitions/com.example.v1.Spec"}, "metadata": {"type": "object"},
    "apiVersion": {"type": "string"}, "kind": {"type": "string"}},
  "type": "object",
  "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v1", "kind": "Widget"}]},
 "com.example.v1.Spec": {"type": "object", "properties": {
  "image": {"type": "string"},
  "parts": {"type": "array", "x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge",
    "items": {"type": "object", "properties": {"name": {"type": "string"}, "size": {"type": "integer"}}}}}}}}
"""
_WIDGET_PATCH = """\
apiVersion: example.com/v1
kind: Widget
metadata:
  name: gear
  namespace: old
spec:
  parts:
  - name: hub
    size: 7
"""
_BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: web
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: web
subjects:
- kind: ServiceAccount
  name: default
  namespace: other
- kind: ServiceAccount
  name: web
- kind: ServiceAccount
  name: web
  namespace: fixed
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
---
apiVersion: v1
kind: Namespace
metadata:
  name: old
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: reader
rules:
- apiGroups: [""]
  resources: [pods]
  verbs: [get]
"""
_ANCHORS = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: anchored
  labels: &labels
    app: web
    tier: &tier front
  annotations:
    <<: *labels
    note: own
data:
  tier: *tier
  "quoted": 'single'
  block: |
    one
    two
  folded: >-
    three
    four
"""
_JSON_OBJECT = """\
{
  "apiVersion": "v1",
  "kind": "ConfigMap",
  "metadata": {"name": "json", "labels": {"a": "b"}},
  "data": {"one": "1", "two": "2"}
}
"""
_LIST = """\
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: one
  data: {a: x}
- apiVersion: v1
  kind: ConfigMap
  metadata:
    name: two
  data: {a: z}
"""
_COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
_TRANSFORMERS = """\
apiVersion: builtin
kind: LabelTransformer
metadata: {name: l}
labels:
  team: shop
fieldSpecs:
- path: metadata/labels
  create: true
---
apiVersion: builtin
kind: AnnotationsTransformer
metadata: {name: a}
annotations:
  by: transformer
fieldSpecs:
- path: metadata/annotations
  create: true
---
apiVersion: builtin
kind: NamespaceTransformer
metadata:
  name: n
  namespace: there
---
apiVersion: builtin
kind: PrefixTransformer
metadata: {name: p}
prefix: pre-
fieldSpecs:
- path: metadata/name
---
apiVersion: builtin
kind: SuffixTransformer
metadata: {name: s}
suffix: -post
fieldSpecs:
- path: metadata/name
---
apiVersion: builtin
kind: ReplicaCountTransformer
metadata: {name: r}
replica:
  name: web
  count: 6
fieldSpecs:
- path: spec/replicas
  create: true
  kind: Deployment
---
apiVersion: builtin
kind: ImageTagTransformer
metadata: {name: i}
imageTag:
  name: shop/web
  newTag: "7"
fieldSpecs:
- path: spec/template/spec/containers[]/image
---
apiVersion: builtin
kind: PatchTransformer
metadata: {name: pt}
target: {kind: Deployment}
patch: |-
  - op: add
    path: /spec/paused
    value: true
---
apiVersion: builtin
kind: PatchTransformer
metadata: {name: pf}
path: merge.yaml
target: {kind: Deployment}
---
apiVersion: builtin
kind: PatchJson6902Transformer
metadata: {name: pj}
target: {group: apps, version: v1, kind: Deployment, name: web}
jsonOp: '[{"op": "add", "path": "/spec/minReadySeconds", "value": 3}]'
---
apiVersion: builtin
kind: PatchStrategicMergeTransformer
metadata: {name: ps}
patches: |-
  apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: web
  spec:
    progressDeadlineSeconds: 9
---
apiVersion: builtin
kind: ReplacementTransformer
metadata: {name: rt}
replacements:
- source: {kind: Deployment, fieldPath: spec.replicas}
  targets:
  - select: {kind: Deployment}
    fieldPaths: [spec.revisionHistoryLimit]
    options: {create: true}
"""
_SHORT_MERGE = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n"
    "      serviceAccountName: runner\n"
)
_INLINE_TRANSFORMER = """\
transformers:
- |-
  apiVersion: builtin
  kind: PatchTransformer
  metadata:
    name: inline
  target:
    kind: Deployment
  patch: |-
    - op: add
      path: /spec/paused
      value: true
- |
  apiVersion: builtin
  kind: LabelTransformer
  metadata: {name: l}
  labels: {team: shop}
  fieldSpecs: [{path: metadata/labels, create: true}]
"""
_VARS = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: host
data:
  name: db.example.com
"""
FEATURES: dict[str, dict[str, str]] = {
    "base": _with(""),
    "three bases": {
        **_with("namePrefix: a-\n"),
        "base/kustomization.yaml": "resources: [../inner]\nnameSuffix: -z\n",
        "inner/kustomization.yaml": "resources: [../innermost]\nnamespace: deep\n",
        "innermost/kustomization.yaml": "resources: [d.yaml, s.yaml]\n",
        "innermost/d.yaml": DEPLOYMENT,
        "innermost/s.yaml": _SERVICE,
    },
    "patch in a file": _with("patches:\n- path: p.yaml\n", o__p_yaml=_MERGE),
    "patch written there": _with("patches:\n- patch: |-\n" + _indented(_MERGE, 4)),
    "patch with an indentation sign": _with("patches:\n- patch: |2-\n" + _indented(_MERGE, 4)),
    "patch with a target": _with(
        "patches:\n- path: p.yaml\n  target: {kind: Deployment, name: w.*, labelSelector: 'app in (web, x),!nothing'}\n"
        "- path: q.yaml\n  target: {kind: Deployment, labelSelector: app=other}\n",
        o__p_yaml=_MERGE.replace("name: web\n  ann", "name: any\n  ann"),
        o__q_yaml=_SHORT_MERGE,
    ),
    "patch of several documents": {
        **_with(
            "patches:\n- path: p.yaml\n",
            o__p_yaml=_MERGE + "---\n" + _SERVICE.replace("port: 81\n    name: other", "port: 81\n    targetPort: 8"),
        ),
        "base/kustomization.yaml": "resources: [d.yaml, s.yaml]\n",
        "base/s.yaml": _SERVICE,
    },
    "patch that replaces": _with(
        "patches:\n- path: p.yaml\n",
        o__p_yaml="apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n"
        "      containers:\n      - $patch: replace\n      - name: only\n        image: shop/only:1\n"
        "      volumes: null\n",
    ),
    "JSON patch written there": _with(
        "patches:\n- target: {kind: Deployment}\n  patch: |-\n"
        + _indented(
            _JSON_PATCH.replace(
                "- op: move\n  from: /spec/template/spec/volumes\n  path: /spec/template/metadata/annotations\n", ""
            ),
            4,
        )
    ),
    "JSON patch in a JSON file": _with(
        "patches:\n- target: {kind: Deployment}\n  path: p.json\n",
        o__p_json='[\n  {"op": "replace", "path": "/spec/replicas", "value": 4},\n'
        '  {"op": "add", "path": "/spec/template/spec/containers/-",\n   "value": {"name": "x", "image": "x:1"}}\n]\n',
    ),
    "JSON patch in quotes": _with(
        "patches:\n- target: {kind: Deployment}\n"
        '  patch: \'[{"op": "replace", "path": "/spec/replicas", "value": 4}]\'\n'
    ),
    "patchesStrategicMerge": _with(
        "patchesStrategicMerge:\n- p.yaml\n- |-\n" + _indented(_SHORT_MERGE, 2), o__p_yaml=_MERGE
    ),
    "patchesJson6902": _with(
        "commonLabels: {from: labels}\npatchesJson6902:\n"
        "- target: {group: apps, version: v1, kind: Deployment, name: web}\n"
        "  path: p.yaml\n- target: {group: apps, version: v1, kind: Deployment, name: web}\n  patch: |-\n"
        "    - op: replace\n      path: /metadata/labels/from\n      value: patch\n",
        o__p_yaml="- op: replace\n  path: /spec/replicas\n  value: 8\n",
    ),
    "images": _with(
        "images:\n- name: shop/web\n  newTag: '2'\n- name: shop/side\n  newName: mirror/side\n- name: mirror/side\n"
        "  newTag: v3\n- name: shop/init\n  digest: sha256:" + "a" * 64 + "\n"
    ),
    "fields in another case": _with(
        "patchesJSON6902:\n- target: {group: apps, version: v1, kind: Deployment, name: web}\n  path: p.yaml\n"
        "NamePrefix: p-\n",
        o__p_yaml="- op: replace\n  path: /spec/replicas\n  value: 8\n",
    ),
    "replicas": _with("replicas:\n- name: web\n  count: 3\n"),
    "labels": _with(
        "labels:\n- pairs: {tier: front}\n- pairs: {every: one}\n  includeTemplates: true\n- pairs: {all: of}\n"
        "  includeSelectors: true\n- pairs: {deep: down}\n  fields:\n  - path: spec/template/spec/nodeSelector\n"
        "    create: true\n    kind: Deployment\ncommonAnnotations: {note: x}\ncommonLabels: {common: label}\n"
    ),
    "namespace": {
        **_with("namespace: here\n"),
        "base/kustomization.yaml": "resources: [d.yaml, b.yaml]\n",
        "base/b.yaml": _BINDING,
    },
    "generators": {
        **_with(
            _CONFIG_MAP
            + "- name: from-files\n  envs: [x.env]\n  files:\n  - conf.txt\n  - other=sub/conf.txt\n"
            + "  options:\n    labels: {own: label}\n    immutable: true\nsecretGenerator:\n- name: hidden\n"
            + "  literals: [P=q]\n  files: [conf.txt]\n  type: example.com/kind\n"
            + "generatorOptions:\n  annotations: {every: generated}\n"
        ),
        "o/x.env": "# no\nB=2\n\n  C=3 4\nwith-dash=5\n",
        "o/conf.txt": "hello: world\nno: yaml\n",
        "o/sub/conf.txt": "first\nsecond\n",
    },
    "generators that merge": {
        **_with(
            "namePrefix: p-\nconfigMapGenerator:\n- name: settings\n  behavior: merge\n  literals:\n  - A=2\n  - C=3\n"
            "- name: gone\n  behavior: replace\n  literals: [Y=3]\n"
        ),
        "base/kustomization.yaml": "resources: [d.yaml]\n" + _CONFIG_MAP + "- name: gone\n  literals: [X=1, Y=2]\n",
    },
    "component": {
        **_with("components:\n- ../c\nnamespace: outer\n"),
        "c/kustomization.yaml": _COMPONENT
        + "resources: [s.yaml]\ncomponents: [../c2]\nreplicas:\n- name: web\n  count: 8\npatches:\n- path: p.yaml\n",
        "c/s.yaml": _SERVICE,
        "c/p.yaml": _MERGE,
        "c2/kustomization.yaml": _COMPONENT + "images:\n- name: shop/web\n  newTag: c2\n",
    },
    "configurations": {
        **_with(
            "namespace: new\nconfigurations: [config.yaml]\nimages:\n- name: shop/gear\n  newTag: '5'\n"
            "commonLabels: {a: b}\nnamePrefix: n-\n"
        ),
        "base/kustomization.yaml": "resources: [w.yaml]\n",
        "base/w.yaml": _WIDGET,
        "o/config.yaml": "images:\n- path: spec/image\n  kind: Widget\nnamespace:\n- path: spec/owner/namespace\n"
        "  kind: Widget\ncommonLabels:\n- path: spec/template/metadata/labels\n  kind: Widget\n  create: true\n"
        "namePrefix:\n- path: spec/template/metadata/labels/app\n  kind: Widget\n",
    },
    "openapi": {
        **_with(
            "openapi: {path: schema.json}\npatches:\n- path: p.yaml\n", o__schema_json=_OPENAPI, o__p_yaml=_WIDGET_PATCH
        ),
        "base/kustomization.yaml": "resources: [w.yaml]\n",
        "base/w.yaml": _WIDGET,
    },
    "a custom resource's list is replaced": {
        **_with("patches:\n- path: p.yaml\n", o__p_yaml=_WIDGET_PATCH),
        "base/kustomization.yaml": "resources: [w.yaml]\n",
        "base/w.yaml": _WIDGET,
    },
    "crds": {
        **_with("crds: [crd.json]\nnamePrefix: p-\n"),
        "base/kustomization.yaml": "resources: [w.yaml, s.yaml]\n",
        "base/w.yaml": _WIDGET + "  service: {name: web}\n",
        "base/s.yaml": _SERVICE,
        "o/crd.json": '{"x.Widget": {"Schema": {"type": "object", "properties": {"apiVersion": {"type": "string"}, '
        '"kind": {"type": "string"}, "metadata": {"$ref": "x"}, "spec": {"$ref": "x.Spec"}}}}, '
        '"x.Spec": {"Schema": {"properties": {"service": {"x-kubernetes-object-ref-api-version": "v1", '
        '"x-kubernetes-object-ref-kind": "Service", "$ref": "x.S"}}}}, "x.S": {"Schema": {"properties": {}}}}\n',
    },
    "name references": _with("namePrefix: p-\nnameSuffix: -s\n" + _CONFIG_MAP),
    "replacements": _with(
        _CONFIG_MAP + "replacements:\n- source: {kind: ConfigMap, name: settings, fieldPath: data.A}\n  targets:\n"
        "  - select: {kind: Deployment}\n    fieldPaths:\n"
        "    - spec.template.spec.containers.[name=web].env.[name=A].value\n"
        "    - metadata.annotations.made\n    options: {create: true}\n"
        "- source: {kind: Deployment, name: web, fieldPath: 'spec.template.spec.containers.[name=side].image', "
        "options: {delimiter: ':', index: 0}}\n  targets:\n  - select: {kind: Deployment}\n    fieldPaths:\n"
        "    - spec.template.spec.containers.*.image\n    options: {delimiter: ':', index: 0}\n    reject:\n"
        "    - {name: other}\n- path: more.yaml\n",
        o__more_yaml="source: {kind: ConfigMap, name: settings, fieldPath: data.B}\ntargets:\n"
        "- select: {kind: Deployment, name: web}\n  fieldPaths:\n"
        "  - spec.template.spec.containers.1.args.1\n",
    ),
    "vars": {
        **_with(
            "vars:\n- name: HOST\n  objref: {apiVersion: v1, kind: ConfigMap, name: host}\n"
            "  fieldref: {fieldpath: data.name}\n"
        ),
        "base/kustomization.yaml": "resources: [d.yaml, h.yaml]\n",
        "base/h.yaml": _VARS,
        "base/d.yaml": DEPLOYMENT.replace('value: "2"', "value: https://$(HOST)/"),
    },
    "list": {**_with("namePrefix: l-\n"), "base/kustomization.yaml": "resources: [l.yaml]\n", "base/l.yaml": _LIST},
    "anchors": {**_with(""), "base/kustomization.yaml": "resources: [a.yaml]\n", "base/a.yaml": _ANCHORS},
    "JSON": {**_with(""), "base/kustomization.yaml": "resources: [j.json]\n", "base/j.json": _JSON_OBJECT},
    "CRLF": {
        **_with("patches:\n- path: p.yaml\n", o__p_yaml=_MERGE.replace("\n", "\r\n")),
        "base/d.yaml": (_SERVICE + "---\n" + DEPLOYMENT).replace("\n", "\r\n"),
    },
    "transformers in a file": _with("transformers: [t.yaml]\n", o__t_yaml=_TRANSFORMERS, o__merge_yaml=_SHORT_MERGE),
    "transformers in a folder": _with(
        "transformers: [t]\n",
        o__t__kustomization_yaml="resources: [t.yaml]\n",
        o__t__t_yaml=_TRANSFORMERS.replace(
            "path: merge.yaml", 'patch: \'[{"op": "add", "path": "/spec/x", "value": 1}]\''
        ),
    ),
    "transformers written there": _with(_INLINE_TRANSFORMER),
    "generators in a file": _with(
        "generators: [g.yaml]\n",
        o__g_yaml="apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata:\n  name: settings\nliterals:\n- A=1\n"
        "---\napiVersion: builtin\nkind: SecretGenerator\nmetadata: {name: hidden}\nliterals: [P=q]\n",
    ),
    "a name that a patch changes": _with(
        "patches:\n- target: {kind: Deployment}\n  options: {allowNameChange: true}\n  patch: |-\n"
        "    - op: replace\n      path: /metadata/name\n      value: shop\n"
        "- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: shop}\n"
        "    spec: {paused: true}\n"
    ),
}
