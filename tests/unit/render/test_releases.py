"""Helm releases among the objects: their charts are rendered by the real helm, where they lie in the repository."""

from __future__ import annotations

from typing import Any

import pytest

from fairlead.checks.objects import read
from fairlead.checks.releases import merged, placed
from fairlead.model.rendering import Rendered, Trial
from fairlead.model.snapshot import MemorySnapshot
from fairlead.repo.remotes import BuildRules
from tests.judging import findings
from tests.unit.render.conftest import Make
from tests.unit.render.test_charts import helm

__all__ = ["helm"]
_RULES = BuildRules(helm=True, releases=True, charts=("vendor",))
_CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "values.yaml": "size: 1\ncolor: red\nlist: [a]\n",
    "templates/c.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-web\n"
    "  namespace: {{ .Release.Namespace }}\n"
    'data:\n  size: "{{ .Values.size }}"\n  color: {{ .Values.color }}\n  list: {{ join "," .Values.list }}\n',
}
_FLUX = (
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: shop\n  namespace: web\nspec:\n"
    "  chart:\n    spec:\n      chart: %s\n      version: 0.1.0\n      sourceRef: {kind: %s, name: x}\n%s"
)
_ARGO = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: shop\nspec:\n"
    "  destination: {namespace: web}\n  source:\n    repoURL: https://example.com/x\n%s"
)


def _files(release: str, chart: str = "charts/web", **more: str) -> dict[str, str]:
    kustomization = {"dev/kustomization.yaml": "resources: [r.yaml]\n", "dev/r.yaml": release}
    return {**kustomization, **{f"{chart}/{path}": text for path, text in _CHART.items()}, **more}


def _data(make: Make, files: dict[str, str]) -> dict[str, Any]:
    (result,) = make(1).under(_RULES).render((Trial(MemorySnapshot.of(files), "dev"),))
    assert isinstance(result, Rendered), result
    assert result.opaque == ()
    (made,) = (o for o in read(result.text, result.values) if o.name == "shop-web")
    assert made.namespace == "web"
    return dict(made.body["data"])


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    ("release", "chart", "wanted"),
    [
        (_FLUX % ("./charts/web", "GitRepository", "  values: {size: 3}\n"), "charts/web", ("3", "red", "a")),
        (_FLUX % ("web", "HelmRepository", ""), "vendor/web", ("1", "red", "a")),
        (_FLUX % ("web", "HelmRepository", "  valuesFrom:\n  - {kind: ConfigMap, name: v}\n"
                  "  - {kind: ConfigMap, name: v, valuesKey: c, targetPath: color}\n  values: {size: 7}\n---\n"
                  "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v, namespace: web}\n"
                  "data: {c: blue, values.yaml: \"size: 5\\nlist: [b, c]\\n\"}\n"), "vendor/web-0.1.0",
         ("7", "blue", "b,c")),
        (_ARGO % "    path: charts/web\n", "charts/web", ("1", "red", "a")),
        (_ARGO % ("    path: charts/web\n    helm:\n      valueFiles: [../../dev/v.yaml]\n"
                  "      values: 'color: green'\n"
                  "      parameters: [{name: size, value: '9'}, {name: 'list[0]', value: z}]\n"), "charts/web",
         ("9", "green", "z")),
    ],
)  # fmt: skip
def test_a_release_is_rendered_with_its_values(
    make: Make, release: str, chart: str, wanted: tuple[str, str, str]
) -> None:
    found = _data(make, {**_files(release, chart), "dev/v.yaml": "size: 4\ncolor: black\n"})
    assert (found["size"], found["color"], found["list"]) == wanted


@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize(
    ("release", "why"),
    [
        (_FLUX % ("redis", "HelmRepository", ""), "its chart 'redis' isn't in the repository"),
        (_FLUX % ("../x", "GitRepository", ""), "its chart '../x' isn't in the repository"),
        ((_FLUX % ("web", "HelmRepository", "")).replace("0.1.0", "2.0.0"),
         "its chart 'web' is wanted as 2.0.0, and lies here as 0.1.0"),
        (_FLUX % ("web", "HelmRepository", "  valuesFrom: [{kind: Secret, name: s}]\n"),
         "its values come from the Secret 's', which isn't here"),
        (_ARGO % "    path: vendor/web\n    helm: {valueFiles: [none.yaml]}\n",
         "its values file 'vendor/web/none.yaml' isn't in the repository"),
    ],
)  # fmt: skip
def test_what_can_not_be_rendered_is_a_note(release: str, why: str) -> None:
    config = "version: 1\nenvironments: {dev: {}}\nlayout: ['{env}']\n"
    build = "build: {enable_helm: true, helm_releases: true, charts: [vendor]}\n"
    (note,) = findings({**_files(release, "vendor/web"), "fairlead.yaml": config + build}, "unrendered-release")
    assert note.message.partition(" is not rendered: ")[2].startswith(why)
    assert (note.where.path, release.splitlines()[note.where.line - 1]) == ("dev/r.yaml", "spec:")
    assert note.severity.value == "note"


@pytest.mark.usefixtures("helm")
def test_helms_own_words_are_told(make: Make) -> None:
    release = _FLUX % ("charts/web", "GitRepository", "")
    files = _files(release, **{"charts/web/templates/x.yaml": '{{ fail "no owner" }}'})
    (result,) = make(1).under(_RULES).render((Trial(MemorySnapshot.of(files), "dev"),))
    assert isinstance(result, Rendered)
    assert "no owner" in result.opaque[0].why
    assert "/tmp" not in result.opaque[0].why


@pytest.mark.usefixtures("helm")
def test_what_a_chart_makes_is_judged_at_its_release() -> None:
    config = "version: 1\nenvironments: {dev: {}}\nlayout: ['{env}']\nbuild: {enable_helm: true, helm_releases: true}\n"
    files = _files(_FLUX % ("charts/web", "GitRepository", ""), **{"fairlead.yaml": config})
    files["charts/web/templates/c.yaml"] += "dtaa: {}\n"
    assert [(str(f.where), f.subject) for f in findings(files, "schema")] == [("dev/r.yaml:6:1", "ConfigMap/shop-web")]
    assert findings({**files, "fairlead.yaml": config.replace(", helm_releases: true", "")}, "schema") == []


def test_values_are_merged_and_placed_as_helm_does() -> None:
    assert merged({"a": {"b": 1, "c": [1]}}, {"a": {"c": [2], "d": None}}) == {"a": {"b": 1, "c": [2], "d": None}}
    assert placed({"a": {"b": 1}}, r"a.x\.y[1].z", 2) == {"a": {"b": 1, "x.y": [None, {"z": 2}]}}


@pytest.mark.usefixtures("helm")
def test_a_changed_template_renders_anew(program: str) -> None:
    from fairlead.render.helper import HelperRenderer
    from fairlead.repo.manifest import Standing

    snapshot = MemorySnapshot.of(_files(_FLUX % ("charts/web", "GitRepository", "")))
    (result,) = HelperRenderer(program, 1).under(_RULES).render((Trial(snapshot, "dev"),))
    assert Standing(snapshot).all(result.inputs)
    from fairlead.model.snapshot import File

    assert not Standing(snapshot.with_files({"charts/web/templates/new.yaml": File(b"")})).all(result.inputs)
