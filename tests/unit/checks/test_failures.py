"""Build failures of the real kustomize, each told in plain words at its place."""

from __future__ import annotations

import pytest

from tests.judging import findings

_DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
    "      containers:\n      - name: web\n        image: example.com/shop/web:1.0\n"
)
_COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: a-\n"
_PLACE = "overlays/dev/kustomization.yaml"
_ON_WEB = "patches:\n- target: {kind: Deployment}\n  patch: |-\n    - op: OP\n      path: PATH\n      value: x\n"
_COPY = "replacements:\n- source: {kind: Deployment, name: NAME, fieldPath: SOURCE}\n  targets:\n"
_COPY += "  - select: {kind: Deployment}\n    fieldPaths: [TARGET]\n"


def _operation(op: str, path: str) -> str:
    return _ON_WEB.replace("OP", op).replace("PATH", path)


def _replacement(name: str = "web", source: str = "metadata.name", target: str = "metadata.name") -> str:
    return _COPY.replace("NAME", name).replace("SOURCE", source).replace("TARGET", target)


@pytest.mark.parametrize(
    ("kustomization", "line", "column", "message", "remedy"),
    [
        (_operation("replace", "/spec/tmplate/x"), 6, 13, "no 'tmplate' in /spec, which has: selector, template",
         "did you mean 'template'?"),
        (_operation("replace", "/spec/template/spec/containers/3/image"), 6, 13,
         "/spec/template/spec/containers has 1 entry, counted from 0, and none at 3", "mend the path"),
        (_operation("add", "/spec/template/spec/volumes/-"), 6, 13, "there is no 'volumes' in /spec/template/spec",
         "mend the path"),
        (_operation("test", "/spec/replicas"), 6, 13, "the patch's `test` of /spec/replicas fails", "mend the value"),
        (_operation("merge", "/spec"), 5, 11, "the operation 'merge', which there isn't", "write add, replace, remove"),
        ("patches:\n- patch: |-\n    - {op: add, path: /a, value: 1}\n", 3, 3,
         "a JSON patch does not say what it is for", "write `target:`"),
        ("patches:\n- target: {kind: Deployment}\n", 3, 3, "neither `path` nor `patch`", "write one of them"),
        ("patches:\n- path: d.yaml\n  patch: x\n", 3, 3, "both `path` and `patch`", "keep one"),
        ("patches:\n- target: {name: '('}\n  patch: |-\n    - {op: add, path: /a, value: 1}\n", 4, 3,
         "no regular expression: missing closing )", "mend it"),
        ("patches:\n- target: {labelSelector: 'a=b=c'}\n  patch: |-\n    - {op: add, path: /a, value: 1}\n", 4, 3,
         "`labelSelector` or `annotationSelector` is wrong: '=' stands where", "write `key=value`"),
        (_replacement(name="wbe"), 3, 36, "not among the resources: Deployment", "name a resource that is there"),
        (_replacement(source="spec.x"), 3, 52, "the source of a replacement has no field spec.x", "name a field"),
        (_replacement(target="spec.x"), 6, 18, "a target of a replacement has no field spec.x", "{create: true}"),
        ("replicas:\n- name: wbe\n  count: 2\n", 3, 9, "`replicas:` names 'wbe'", "did you mean 'web'?"),
        ("configMapGenerator:\n- name: x\n  literals: [A]\n", 4, 14, "the literal 'A' has no `=`", "write KEY=value"),
        ("configMapGenerator:\n- name: x\n  literals: [A=1, A=2]\n", 3, 9, "'x' has the key 'A' twice", "keep one"),
        ("configMapGenerator:\n- literals: [A=1]\n", 3, 3, "a generator has no name", "write `name:`"),
        ("configMapGenerator:\n- name: x\n- name: x\n", 4, 9, "two generators make 'x'", "behavior: merge"),
        ("kind: Kustomisation\n", 2, 7, "the `kind` of a kustomization", "write one of the two"),
        ("apiVersion: kustomize.config.k8s.io/v1\n", 2, 13, "the `apiVersion` of this kind", "v1beta1"),
        ("sortOptions: {order: fif}\n", 2, 1, "`sortOptions.order` is one of fifo, legacy", "write one of them"),
        ("components: [../../other]\n", 2, 14, "other is no component", "list it under `resources`"),
    ],
)  # fmt: skip
def test_a_failure_is_told_in_plain_words(
    kustomization: str, line: int, column: int, message: str, remedy: str
) -> None:
    files = {
        _PLACE: "resources: [d.yaml]\n" + kustomization,
        "overlays/dev/d.yaml": _DEPLOYMENT,
        "other/kustomization.yaml": "namePrefix: a-\n",
    }
    (found,) = [f for f in findings(files, only=("overlays/dev",)) if f.severity == "error"]
    assert (found.rule, str(found.where)) == ("build-failure", f"{_PLACE}:{line}:{column}")
    assert message in found.message
    assert remedy in found.remedy


@pytest.mark.parametrize(
    ("resources", "column", "message", "more"),
    [
        ("[../../c]", 13, "c is a component, and is listed as a resource", {"c/kustomization.yaml": _COMPONENT}),
        ("[../x.yaml]", 13, "overlays/x.yaml lies outside of overlays/dev", {"overlays/x.yaml": _DEPLOYMENT}),
        ("[x.yaml]", 13, "x.yaml holds something that is no object", {"overlays/dev/x.yaml": "a: b\n"}),
    ],
)  # fmt: skip
def test_what_a_resource_is_that_can_not_be_one(
    resources: str, column: int, message: str, more: dict[str, str]
) -> None:
    found = findings({_PLACE: f"resources: {resources}\n", **more}, "build-failure", only=("overlays/dev",))
    assert [(str(f.where), f.message[: len(message)]) for f in found] == [(f"{_PLACE}:1:{column}", message)]


def test_a_patch_for_nothing_names_what_it_is_for_and_what_may_have_been_meant() -> None:
    patch = "patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: wbe}\n"
    (found,) = findings({_PLACE: "resources: [d.yaml]\n" + patch, "overlays/dev/d.yaml": _DEPLOYMENT}, "dead-patch")
    assert found.message == "this patch matches nothing: no resource for Deployment 'wbe'"
    assert (str(found.where), found.remedy) == (f"{_PLACE}:6:22", "did you mean 'web'?")


def test_an_object_without_a_kind_is_told_where_it_begins() -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n---\napiVersion: v1\nmetadata: {name: b}\n"
    (found,) = findings({_PLACE: "resources: [d.yaml]\n", "overlays/dev/d.yaml": text}, "build-failure")
    assert (str(found.where), found.message) == ("overlays/dev/d.yaml:5:1", "d.yaml holds an object without `kind`")


def test_a_template_that_nobody_filled_is_told_at_its_marks() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  host: {{ .Values.host }}\n"
    (found,) = findings({_PLACE: "resources: [d.yaml]\n", "overlays/dev/d.yaml": text}, "build-failure")
    assert (str(found.where), found.message) == (
        "overlays/dev/d.yaml:5:9",
        "{{ .Values.host }} is a template that nobody filled",
    )


def test_the_marks_of_a_merge_conflict_are_told_where_they_begin() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n<<<<<<< HEAD\n  name: a\n=======\n  name: b\n>>>>>>> other\n"
    (found,) = findings({_PLACE: "resources: [d.yaml]\n", "overlays/dev/d.yaml": text}, "unreadable-file")
    assert (str(found.where), found.message) == ("overlays/dev/d.yaml:4:1", "not YAML: the marks of a merge conflict")


def test_aliases_that_grow_without_end_are_told_at_their_document() -> None:
    rows = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 8))
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\n---\na0: &a0 [x, x, x, x, x, x, x, x, x]\n{rows}"
    (found,) = findings({_PLACE: "resources: [d.yaml]\n", "overlays/dev/d.yaml": text}, "unreadable-file")
    assert str(found.where) == "overlays/dev/d.yaml:5:1"


@pytest.mark.parametrize("amount", ["128MB", "1Gib", "1 Gi", "half"])
def test_an_amount_in_no_unit_of_kubernetes_is_of_the_wrong_type(amount: str) -> None:
    limits = f"        resources:\n          limits: {{cpu: 500m, memory: '{amount}'}}\n"
    files = {_PLACE: "resources: [d.yaml]\n", "overlays/dev/d.yaml": _DEPLOYMENT + limits}
    (found,) = findings(files, "wrong-type")
    assert found.message == f"{amount!r} is no amount that Kubernetes knows"
    assert not findings(files | {"overlays/dev/d.yaml": _DEPLOYMENT + limits.replace(amount, "1.5Gi")}, "wrong-type")


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        (
            "- {name: example.com/shop/web, newTag: 1.0.0}\n- {name: example.com/shop/web, newTag: 1.1.0}\n",
            [f"{_PLACE}:4:10"],
        ),
        ("- {name: example.com/shop/web, newName: shop/web}\n- {name: example.com/shop/web, newTag: 1.1.0}\n", []),
        ("- {name: example.com/shop/web, newTag: 1.0.0}\n- {name: example.com/shop/web, newName: shop/web}\n", []),
    ],
)
def test_of_two_versions_of_one_image_the_later_is_told(entries: str, told: list[str]) -> None:
    files = {_PLACE: f"resources: [d.yaml]\nimages:\n{entries}", "overlays/dev/d.yaml": _DEPLOYMENT}
    assert [str(f.where) for f in findings(files, "duplicate-entry")] == told
