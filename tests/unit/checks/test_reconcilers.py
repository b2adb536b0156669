"""What the objects of Argo CD and Flux point to."""

from __future__ import annotations

import pytest

from fairlead.model.findings import Severity
from tests.judging import findings, told

_OWN, _OTHER = "https://git.example.com/shop/deploy.git", "https://git.example.com/lib/charts.git"
_OVERLAY = "configMapGenerator:\n- name: web\n  literals: [A=b]\n"
_FOLDERS = {f"apps/web/overlays/{env}/kustomization.yaml": _OVERLAY for env in ("dev", "production")}
_KNOWN = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: known}}
spec:
  source: {{repoURL: {_OWN}, path: apps/web/overlays/dev}}
"""


def _application(source: str) -> str:
    return f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  {source}\n"


def _set(generators: str, path: str) -> str:
    return (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: web}\nspec:\n"
        f"  generators: {generators}\n  template:\n    spec:\n      source:\n        repoURL: {_OWN}\n"
        f"        path: '{path}'\n"
    )


def _told(text: str, **more: str) -> list[tuple[str, str, Severity]]:
    files = {**_FOLDERS, "argocd/known.yaml": _KNOWN, "argocd/web.yaml": text, **more}
    return [(str(f.where), f.message, f.severity) for f in findings(files, "reconciler-path")]


def test_a_path_of_this_repository_that_is_gone_is_an_error_with_what_may_be_meant() -> None:
    text = _application(f"source: {{repoURL: {_OWN}, path: apps/web/overlays/prodution, targetRevision: HEAD}}")
    files = {**_FOLDERS, "argocd/known.yaml": _KNOWN, "argocd/web.yaml": text}
    (found,) = findings(files, "reconciler-path")
    assert (str(found.where), found.severity, found.remedy) == (
        "argocd/web.yaml:5:68", Severity.ERROR, "did you mean 'production'?",
    )  # fmt: skip
    assert found.message == "Application/web names the folder 'apps/web/overlays/prodution', which isn't there"


def test_each_of_several_sources_is_looked_at_and_another_revision_is_a_warning() -> None:
    text = _application(
        f"sources: [{{repoURL: {_OWN}, chart: web}}, {{repoURL: {_OWN}, path: gone, targetRevision: v2}}]"
    )
    ((_, message, severity),) = _told(text)
    assert message.endswith("names the folder 'gone', which isn't there (it is asked for at 'v2')")
    assert severity is Severity.WARNING


@pytest.mark.parametrize(
    "source",
    [
        f"source: {{repoURL: {_OTHER}, path: apps/web/overlays/prodution}}",
        f"source: {{repoURL: {_OWN}, path: ./apps/web/overlays/production/}}",
        f"source: {{repoURL: {_OWN}, path: .}}",
        f"source: {{repoURL: {_OWN}, path: '{{{{path}}}}'}}",
        "source: 3",
        "sources: [null, 7]",
    ],
)
def test_what_is_elsewhere_there_or_no_path_at_all(source: str) -> None:
    assert _told(_application(source)) == []


def test_where_no_source_is_known_only_what_is_near_is_told_as_a_warning() -> None:
    files = dict(_FOLDERS)
    files["argocd/web.yaml"] = _application(f"source: {{repoURL: {_OTHER}, path: apps/web/overlays/qa}}")
    (found,) = findings(files, "reconciler-path")
    assert found.severity is Severity.WARNING
    files["argocd/web.yaml"] = _application(f"source: {{repoURL: {_OTHER}, path: config/default}}")
    assert findings(files, "reconciler-path") == []


def test_list_elements_are_put_into_the_path_of_an_application_set() -> None:
    generators = "[{list: {elements: [{env: dev}, {env: qa}]}}]"
    assert [message for _, message, _ in _told(_set(generators, "apps/web/overlays/{{env}}"))] == [
        "ApplicationSet/web names the folder 'apps/web/overlays/qa', which isn't there"
    ]
    assert _told(_set(generators, "apps/{{name}}/overlays/{{env}}")) == []
    nested = "[{merge: {mergeKeys: [env], generators: [{clusters: {}}, {list: {elements: [{env: qa}]}}]}}]"
    assert _told(_set(nested, "apps/web/overlays/{{.env}}")) == []


@pytest.mark.parametrize(
    ("glob", "fine"), [("apps/*/overlays/dev", True), ("apps/*", True), ("apps/*/overlay/*", False), ("nothing", False)]
)
def test_a_directory_generator_must_match_a_folder(glob: str, fine: bool) -> None:
    generators = f"[{{git: {{repoURL: {_OWN}, directories: [{{path: '{glob}'}}, {{path: no, exclude: true}}]}}}}]"
    assert (_told(_set(generators, "{{path}}")) == []) is fine


def test_a_file_generator_must_match_a_file() -> None:
    generators = f"[{{git: {{repoURL: {_OWN}, files: [{{path: 'apps/**/config.json'}}]}}}}]"
    assert len(_told(_set(generators, "{{path}}"))) == 1
    assert _told(_set(generators, "{{path}}"), **{"apps/web/config.json": "{}"}) == []


_SOURCE = "sourceRef: {kind: GitRepository, name: flux-system}"
_FLUX = (
    "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web, namespace: flux-system}\n"
    "spec:\n  path: %s\n  " + _SOURCE + "\n"
)


def test_a_rendered_object_is_told_where_a_patch_wrote_the_path() -> None:
    files = {
        **_FOLDERS,
        "clusters/base/kustomization.yaml": "resources: [web.yaml]\n",
        "clusters/base/web.yaml": _FLUX % "./patched",
        "clusters/dev/kustomization.yaml": (
            "resources: [../base]\npatches:\n- target: {kind: Kustomization, name: web}\n  patch: |-\n"
            "    - op: replace\n      path: /spec/path\n      value: ./apps/web/overlays/qa\n"
        ),
    }
    assert told(files, "reconciler-path") == ["clusters/dev/kustomization.yaml:7:14 reconciler-path"]


def test_a_chart_of_this_repository_must_be_one() -> None:
    release = (
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec:\n"
        "  chart:\n    spec:\n      chart: ./charts/web\n      " + _SOURCE + "\n"
    )
    files = {**_FOLDERS, "clusters/dev/web.yaml": release}
    assert len(findings(files, "reconciler-path")) == 1
    files["charts/web/values.yaml"] = "a: b\n"
    (found,) = findings(files, "reconciler-path")
    assert found.message == "HelmRelease/web names the chart 'charts/web', which has no Chart.yaml"
    files["charts/web/Chart.yaml"] = "apiVersion: v2\nname: web\nversion: 0.1.0\n"
    assert findings(files, "reconciler-path") == []


_CONFIG = "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"


@pytest.mark.parametrize(
    ("path", "fine"),
    [("apps/web/overlays/production", True), ("apps/web", True), (".", True), ("apps/web/overlays/dev", False)],
)
def test_an_environment_is_pointed_to_by_its_path_or_one_above(path: str, fine: bool) -> None:
    files = {"fairlead.yaml": _CONFIG, **_FOLDERS, "flux/a.yaml": _FLUX % "apps/web/overlays/dev"}
    files["flux/b.yaml"] = _FLUX % path
    assert (findings(files, "unreconciled-environment") == []) is fine


def test_an_environment_is_pointed_to_by_what_takes_its_overlay_in() -> None:
    files = {"fairlead.yaml": _CONFIG, **_FOLDERS, "flux/a.yaml": _FLUX % "apps/web/overlays/dev"}
    files["all/kustomization.yaml"] = "resources: [../apps/web/overlays/production]\n"
    assert len(findings(files, "unreconciled-environment")) == 1
    files["flux/b.yaml"] = _FLUX % "./all"
    assert findings(files, "unreconciled-environment") == []


def test_without_such_objects_or_in_a_run_over_a_part_nothing_is_said() -> None:
    files = {"fairlead.yaml": _CONFIG, **_FOLDERS}
    assert findings(files) == []


def _variables(value: str, build: str, **more: str) -> list[str]:
    files = {
        "apps/web/overlays/dev/kustomization.yaml": "resources: [m.yaml]\n",
        "apps/web/overlays/dev/m.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n"
        f"data:\n  A: {value}\n",
        "flux/web.yaml": _FLUX % "./apps/web/overlays/dev" + f"  postBuild: {build}\n",
        **more,
    }
    return [f"{f.where} {f.message.partition(':')[0]}" for f in findings(files, "unset-variable")]


def test_a_variable_without_a_value_is_told_where_it_is_used() -> None:
    assert _variables("${region}", "{substitute: {area: eu}}") == [
        "apps/web/overlays/dev/m.yaml:6:6 nothing gives ${region} a value"
    ]


@pytest.mark.parametrize("value", ["${region:=eu}", "${region:-eu}", "$${region}", "$region", "${1}", "x"])
def test_defaults_and_escapes_are_fine(value: str) -> None:
    assert _variables(value, "{substitute: {area: eu}}") == []


@pytest.mark.parametrize(
    "build",
    [
        "{}",
        "{substitute: {region: eu}}",
        "{substituteFrom: [{kind: ConfigMap, name: elsewhere}]}",
        "{substitute: {a: b}, substituteFrom: [{kind: Secret, name: elsewhere, optional: true}]}",
    ],
)
def test_what_has_a_value_or_may_have_one_from_elsewhere(build: str) -> None:
    assert _variables("${region}", build) == []


def test_a_slip_of_the_pen_is_told_even_where_others_may_have_values() -> None:
    build = "{substitute: {web_version: 1.2.3}, substituteFrom: [{kind: ConfigMap, name: elsewhere}]}"
    assert len(_variables("${web_verison}", build)) == 1
    assert _variables("${web_verison}${web_version}", build) == []  # the value is used: the other is another one
    assert _variables("${region}", build) == []


def test_a_config_map_of_the_repository_is_known_by_its_keys() -> None:
    cluster = {
        "clusters/dev/kustomization.yaml": "resources: [m.yaml]\n",
        "clusters/dev/m.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars}\ndata: {region: eu}\n",
    }
    build = "{substituteFrom: [{kind: ConfigMap, name: vars}]}"
    assert _variables("${region}", build, **cluster) == []
    assert len(_variables("${zone}", build, **cluster)) == 1


def test_an_object_that_opts_out_is_left_alone() -> None:
    text = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n"
        "  annotations: {kustomize.toolkit.fluxcd.io/substitute: disabled}\ndata:\n  A: ${region}\n"
    )
    more = {"apps/web/overlays/dev/m.yaml": text}
    assert _variables("", "{substitute: {area: eu}}", **more) == []


_POD = (
    "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n"
    "  containers:\n  - name: web\n    image: example.com/web:1.0.0\n"
)


@pytest.mark.parametrize(
    ("image", "found"),
    [
        ("example.com/web:0.9.0", Severity.WARNING),
        ("example.com/web:1.0.0", Severity.NOTE),
        ("example.com/web=mirror.example.com/web:0.9.0", Severity.WARNING),
        ("example.com/other:0.9.0", None),
        ("example.com/web=mirror.example.com/web", None),
        ("example.com/web:{{tag}}", None),
    ],
)
def test_an_image_that_argo_cd_sets_over_the_overlay(image: str, found: Severity | None) -> None:
    files = {
        "fairlead.yaml": "version: 1\nenvironments: {dev: {}}\n",
        "apps/web/overlays/dev/kustomization.yaml": "resources: [pod.yaml]\n",
        "apps/web/overlays/dev/pod.yaml": _POD,
        "argocd/web.yaml": _application(
            f"source: {{repoURL: {_OWN}, path: apps/web/overlays/dev, kustomize: {{images: ['{image}']}}}}"
        ),
    }
    wanted = [] if found is None else [found]
    assert [f.severity for f in findings(files, "overriding-image")] == wanted
    nobodys = {path.replace("overlays/dev", "base"): t.replace("overlays/dev", "base") for path, t in files.items()}
    assert [f.severity for f in findings(nobodys, "overriding-image")] == wanted


@pytest.mark.parametrize("folder", ["docs/snippets", "examples/flux", "cmd/testdata/export"])
def test_what_examples_name_is_elsewhere(folder: str) -> None:
    files = {
        **_FOLDERS,
        f"{folder}/kustomization.yaml": "resources: [web.yaml]\n",
        f"{folder}/web.yaml": _FLUX % "./infrastructure",
        f"{folder}/unread.yaml": _FLUX.replace("name: web", "name: other") % "./other",
    }
    assert findings(files, "reconciler-path") == []
