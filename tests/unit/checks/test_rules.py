"""Each rule's own examples, through the real kustomize."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from fairlead.checks.context import COMMENT, EXTERNAL, FLEET, LISTING, OVERLAY, REPOSITORY
from fairlead.checks.rules import GROUPS, RULES
from fairlead.model.findings import Severity
from fairlead.policies import judge
from tests.judging import findings, told
from tests.support import new_repo

_IDS = [rule.ID for rule in RULES]


@pytest.fixture
def rule(request: pytest.FixtureRequest) -> ModuleType:
    """A rule; policies are skipped where there is no program to judge by them."""
    found: ModuleType = request.param
    if found.ID == "policy" and judge.found() is None:
        pytest.skip("there is no fairlead-policies: no Go was found to build it with (make policies fetches one)")
    return found


_EACH = pytest.mark.parametrize("rule", RULES, ids=_IDS, indirect=True)
# Those for whom other tools speak are held against them in tests/e2e/test_external_tools.py.
_OURS = [rule for rule in RULES if rule.SCOPE != EXTERNAL]
_EACH_OF_OURS = pytest.mark.parametrize("rule", _OURS, ids=[rule.ID for rule in _OURS], indirect=True)


@_EACH_OF_OURS
def test_the_bad_example_is_found_and_no_other_error(rule: ModuleType) -> None:
    found = findings(rule.BAD.files, edited=rule.BAD.edited)
    mine = [f for f in found if f.rule == rule.ID]
    assert mine, found
    assert {f.rule for f in found if f.severity is Severity.ERROR} <= {rule.ID}
    assert all(f.where.line and f.where.column and f.remedy and f.message for f in mine)
    assert all(f.where.path in rule.BAD.files for f in mine)


@_EACH_OF_OURS
def test_nothing_is_wrong_with_the_good_example(rule: ModuleType) -> None:
    assert findings(rule.GOOD.files, edited=rule.GOOD.edited) == []


@_EACH
def test_every_rule_says_what_the_manual_needs(rule: ModuleType) -> None:
    assert rule.__doc__ is not None
    assert rule.__doc__.splitlines()[0].endswith(".")
    assert isinstance(rule.SEVERITY, Severity)
    assert rule.SCOPE in (OVERLAY, REPOSITORY, LISTING, FLEET, COMMENT, EXTERNAL)
    assert rule.GROUP in GROUPS
    assert rule.__name__.rpartition(".")[2] == rule.ID.replace("-", "_")


def test_ids_are_unique() -> None:
    assert len(set(_IDS)) == len(_IDS)


_COMMIT = "0123456789abcdef" * 2 + "01234567"


@pytest.mark.parametrize(
    ("remote", "reference", "message", "remedy"),
    [
        (
            "[]",
            "https://github.com/example/web?ref=v1",
            "'https://github.com/example/web?ref=v1' is fetched from elsewhere, and fairlead builds offline",
            "copy it into the repository and refer to the copy; or allow it in fairlead.yaml: "
            "`build: {remote: ['https://github.com/example/web']}`",
        ),
        (
            "['https://github.com/example/*']",
            "github.com/example/web?ref=v1",
            "'github.com/example/web?ref=v1' is not pinned: a branch or tag can be moved",
            "write the full id of a commit: `?ref=` and its 40 digits (git ls-remote tells it); or allow the "
            "repository's tags: `build: {remote: [{repository: 'https://github.com/example/web', tags: true}]}`",
        ),
        (
            "[{repository: 'https://github.com/example/*', tags: true}]",
            "github.com/example/web",
            "'github.com/example/web' names no version: what it gives today, it need not give tomorrow",
            "write the full id of a commit: `?ref=` and its 40 digits (git ls-remote tells it)",
        ),
        (
            "['file:///nonexistent/*']",
            f"file:///nonexistent/web?ref={_COMMIT}",
            f"'file:///nonexistent/web?ref={_COMMIT}' can't be fetched: "
            "'/nonexistent/web' does not appear to be a git repository",
            "see that the repository can be reached from here (git ls-remote), and check again: it is fetched once",
        ),
    ],
)
def test_a_remote_base_that_is_not_fetched_is_told_once_with_the_key_to_write(
    remote: str, reference: str, message: str, remedy: str
) -> None:
    files = {
        "fairlead.yaml": f"version: 1\nenvironments: {{dev: {{}}}}\nbuild:\n  remote: {remote}\n",
        "overlays/dev/kustomization.yaml": f"resources:\n- {reference}\n",
    }
    (found,) = findings(files)
    assert (found.rule, found.message, found.remedy) == ("remote-base", message, remedy)
    assert str(found.where) == "overlays/dev/kustomization.yaml:2:3"


def test_a_remote_base_that_is_allowed_and_here_is_no_finding(tmp_path: Path) -> None:
    repo = new_repo(tmp_path / "web", {"kustomization.yaml": "resources: [s.yaml]\n", "s.yaml": _SERVICE})
    files = {
        "fairlead.yaml": f"version: 1\nenvironments: {{dev: {{}}}}\nbuild: {{remote: ['file://{tmp_path}/*']}}\n",
        "overlays/dev/kustomization.yaml": f"resources:\n- file://{repo.root}?ref={repo.git.resolve('HEAD')}\n",
    }
    assert findings(files) == []


@pytest.mark.parametrize(
    ("build", "message", "remedy"),
    [
        (
            "{}",
            "Helm charts are inflated here, and fairlead does not start Helm",
            "render the chart to files (`helm template`) and list those; or allow it in fairlead.yaml, for charts that "
            "lie in the repository: `build: {enable_helm: true}`",
        ),
        (
            "{enable_helm: true}",
            "Helm charts are inflated here, and there is no helm",
            "install helm 3 or 4, or name it: FAIRLEAD_HELM=/path/to/helm",
        ),
    ],
)
def test_a_chart_that_is_not_inflated_is_told_at_its_place(
    build: str, message: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAIRLEAD_HELM", "/nonexistent/helm")
    files = {
        "fairlead.yaml": f"version: 1\nenvironments: {{dev: {{}}}}\nbuild: {build}\n",
        "overlays/dev/kustomization.yaml": "namespace: dev\nhelmCharts:\n- name: web\n",
        "overlays/dev/charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    }
    (found,) = [f for f in findings(files) if f.rule == "build-failure"]
    assert (found.message, found.remedy, str(found.where)) == (
        message, remedy, "overlays/dev/kustomization.yaml:2:1",
    )  # fmt: skip


_SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n"
_DEPLOYMENT = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n"
    "  selector: {matchLabels: {app: web}}\n  template:\n    metadata: {labels: {app: web}}\n    spec:\n"
    "      containers:\n      - name: web\n        image: shop/web\n"
)
_CONFIG = "version: 1\nenvironments: {dev: {}, production: {}}\nchains: [[dev, production]]\n"


def test_a_fault_in_a_shared_base_is_told_once_with_all_overlays_it_hits() -> None:
    files = {
        "base/kustomization.yaml": "resources:\n- service.yaml\n",
        "base/service.yaml": _SERVICE + "spec:\n  tpye: ClusterIP\n",
        "overlays/dev/kustomization.yaml": "resources:\n- ../../base\n",
        "overlays/production/kustomization.yaml": "resources:\n- ../../base\n",
    }
    (found,) = findings(files)
    assert str(found.where) == "base/service.yaml:6:3"
    assert found.rule == "schema"
    assert found.overlays == ("overlays/dev", "overlays/production")
    assert "did you mean 'type'?" in found.remedy


def test_a_mutable_tag_of_an_images_entry_is_told_at_the_entry() -> None:
    files = {
        "fairlead.yaml": _CONFIG,
        "base/kustomization.yaml": "resources:\n- deployment.yaml\n",
        "base/deployment.yaml": _DEPLOYMENT,
        "overlays/production/kustomization.yaml": "resources:\n- ../../base\nimages:\n- name: shop/web\n"
        "  newTag: main\n",
    }
    assert told(files) == ["overlays/production/kustomization.yaml:5:11 mutable-tag"]


def test_a_missing_tag_is_told_where_the_image_is_written() -> None:
    files = {
        "fairlead.yaml": _CONFIG,
        "base/kustomization.yaml": "resources:\n- deployment.yaml\n",
        "base/deployment.yaml": _DEPLOYMENT,
        "overlays/production/kustomization.yaml": "resources:\n- ../../base\n",
    }
    assert told(files) == ["base/deployment.yaml:12:16 mutable-tag"]


@pytest.mark.parametrize("image", ["shop/web@sha256:" + "0" * 64, "reg.example.com:5000/shop/web:v1.2"])
def test_a_digest_and_a_version_do_not_move(image: str) -> None:
    files = {
        "fairlead.yaml": _CONFIG,
        "overlays/production/kustomization.yaml": "resources:\n- deployment.yaml\n",
        "overlays/production/deployment.yaml": _DEPLOYMENT.replace("shop/web\n", image + "\n"),
    }
    assert told(files) == []


def test_an_unknown_field_that_a_patch_wrote_is_told_in_the_patch() -> None:
    patch = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n"
        "      containers:\n      - name: web\n        resuorces: {}\n"
    )
    files = {
        "base/kustomization.yaml": "resources:\n- deployment.yaml\n",
        "base/deployment.yaml": _DEPLOYMENT,
        "overlays/dev/kustomization.yaml": "resources:\n- ../../base\npatches:\n- path: patch.yaml\n",
        "overlays/dev/patch.yaml": patch,
    }
    assert told(files) == ["overlays/dev/patch.yaml:10:9 schema"]


def test_a_configured_severity_and_an_ignored_rule_count() -> None:
    files = {
        "fairlead.yaml": _CONFIG + "check: {ignore: [unread-file], severity: {dead-image: note}}\n",
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\nimages:\n- name: nothing\n  newTag: '1'\n",
        "overlays/dev/service.yaml": _SERVICE,
        "overlays/dev/forgotten.yaml": _SERVICE,
    }
    (found,) = findings(files)
    assert (found.rule, found.severity) == ("dead-image", Severity.NOTE)


def test_unread_globs_are_honoured() -> None:
    files = {
        "fairlead.yaml": _CONFIG + "check: {unread: ['overlays/*/for-others.yaml']}\n",
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
        "overlays/dev/for-others.yaml": _SERVICE,
    }
    assert findings(files) == []


def test_a_kustomization_at_the_top_answers_for_the_folders_that_it_reads_from() -> None:
    files = {
        "kustomization.yaml": "resources: [deploy/s.yaml]\n",
        "deploy/s.yaml": _SERVICE,
        "deploy/t.yaml": _SERVICE,
        "u.yaml": _SERVICE,
        "generated/v.yaml": _SERVICE,
    }
    assert told(files) == ["deploy/t.yaml:1:1 unread-file", "u.yaml:1:1 unread-file"]


def test_a_components_patch_is_alive_where_any_consumer_has_something_for_it() -> None:
    component = (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- target: {kind: Deployment}\n"
        "  patch: |-\n    - op: add\n      path: /metadata/labels\n      value: {a: b}\n"
    )
    files = {
        "components/label/kustomization.yaml": component,
        "a/overlays/dev/kustomization.yaml": "resources: [d.yaml]\ncomponents: [../../../components/label]\n",
        "a/overlays/dev/d.yaml": _DEPLOYMENT,
        "b/overlays/dev/kustomization.yaml": "resources: [s.yaml]\ncomponents: [../../../components/label]\n",
        "b/overlays/dev/s.yaml": _SERVICE,
    }
    assert findings(files) == []
    assert findings(files, only=("b/overlays/dev",)) == []


def test_a_dead_patch_explains_no_failure_that_it_has_nothing_to_do_with() -> None:
    files = {
        "base/kustomization.yaml": "resources: [s.yaml]\npatches:\n- target: {kind: Service, name: wbe}\n" + _REPLICAS,
        "base/s.yaml": _SERVICE,
        "overlays/dev/kustomization.yaml": "resources: [../../base]\nhelmCharts:\n- name: web\n  repo: https://x.org\n",
    }
    found = [f.rule for f in findings(files) if f.severity is Severity.ERROR]
    assert sorted(found) == ["build-failure", "dead-patch"]


def test_a_patch_for_one_in_another_namespace_says_where_that_is() -> None:
    files = {
        "overlays/dev/kustomization.yaml": "resources: [s.yaml]\npatches:\n- path: p.yaml\n",
        "overlays/dev/s.yaml": _SERVICE + "  namespace: shop\n",
        "overlays/dev/p.yaml": _SERVICE + "  labels: {a: b}\n",
    }
    (found,) = findings(files)
    assert (str(found.where), found.rule) == ("overlays/dev/p.yaml:4:9", "build-failure")
    assert found.remedy == "the one that is there is v1, in the namespace 'shop'"


def test_a_patch_for_another_version_says_which_is_there() -> None:
    files = {
        "overlays/dev/kustomization.yaml": "resources: [s.yaml]\npatches:\n"
        "- target: {version: v2, kind: Service, name: web}\n" + _REPLICAS,
        "overlays/dev/s.yaml": _SERVICE,
    }
    assert [f.remedy for f in findings(files)] == ["the one that is there is v1, in no namespace"]


def test_a_file_that_is_listed_among_patches_as_text_is_not_forgotten() -> None:
    files = {
        "overlays/dev/kustomization.yaml": "resources: [s.yaml]\npatches:\n- p.yaml\n",
        "overlays/dev/s.yaml": _SERVICE,
        "overlays/dev/p.yaml": _SERVICE,
    }
    assert told(files) == ["overlays/dev/kustomization.yaml:3:3 wrong-type"]


def test_what_another_program_fills_in_is_not_judged_and_a_note_says_so() -> None:
    template = _DEPLOYMENT.replace("- name: web", "- name: '{{ .Values.name }}'\n        HELMSUBST_RESOURCES: ''")
    files = {"overlays/dev/kustomization.yaml": "resources: [d.yaml]\n", "overlays/dev/d.yaml": template}
    (found,) = findings(files)
    assert (found.rule, found.severity) == ("no-schema", Severity.NOTE)
    assert found.message == "'{{ .Values.name }}' is filled in by another program: what it makes of this is not judged"


_REPLICAS = "  patch: |-\n    - op: add\n      path: /metadata/labels\n      value: {a: b}\n"


@pytest.mark.parametrize("placeholder", ["", "# flux bootstrap writes this\n", "---\n---\n# nothing yet\n"])
def test_a_file_without_objects_is_a_place_holder_and_may_bring_what_entries_are_for(placeholder: str) -> None:
    files = {
        "overlays/dev/kustomization.yaml": (
            "resources: [later.yaml, s.yaml]\npatches:\n- target: {kind: Deployment, name: kustomize-controller}\n"
            + _REPLICAS
            + "images:\n- name: ghcr.io/fluxcd/kustomize-controller\n  newTag: v1.2.3\n"
        ),
        "overlays/dev/later.yaml": placeholder,
        "overlays/dev/s.yaml": _SERVICE,
    }
    assert findings(files) == []


@pytest.mark.parametrize(
    ("target", "want"),
    [
        ("{kind: Deployment}", "warning"),
        ("{kind: Deployment, labelSelector: a=b}", "warning"),
        ("{kind: Deployment, name: web}", "error"),
        ("{kind: Servcie}", "error"),
        ("{kind: ServiceMonitor}", "warning"),
    ],
)
def test_a_patch_for_whatever_there_is_of_a_kind_is_no_error(target: str, want: str) -> None:
    files = {
        "overlays/dev/kustomization.yaml": f"resources: [s.yaml]\npatches:\n- target: {target}\n" + _REPLICAS,
        "overlays/dev/s.yaml": _SERVICE,
    }
    assert [(f.rule, f.severity.value) for f in findings(files)] == [("dead-patch", want)]


def test_a_patch_for_what_a_generator_or_prefix_makes_is_alive() -> None:
    files = {
        "overlays/dev/kustomization.yaml": (
            "namePrefix: a-\nresources: [../../base]\nconfigMapGenerator:\n- name: settings\n  literals: [A=1]\n"
            "patches:\n- target: {kind: ConfigMap, name: settings}\n  patch: |-\n    - op: add\n"
            "      path: /metadata/labels\n      value: {a: b}\n"
            "- target: {kind: Service, name: b-web}\n  patch: |-\n    - op: add\n"
            "      path: /metadata/labels\n      value: {a: b}\n"
        ),
        "base/kustomization.yaml": "namePrefix: b-\nresources: [s.yaml]\n",
        "base/s.yaml": _SERVICE,
    }
    assert findings(files) == []


def test_where_a_missing_file_explains_the_failure_it_stands_alone_with_the_near_miss() -> None:
    files = {
        "overlays/dev/kustomization.yaml": "resources:\n- service.yaml\npatches:\n- path: ptach.yaml\n",
        "overlays/dev/service.yaml": _SERVICE,
        "overlays/dev/patch.yaml": "- op: add\n  path: /a\n",
    }
    found = findings(files, "missing-file", "build-failure")
    assert [(str(f.where), f.rule, f.remedy) for f in found] == [
        ("overlays/dev/kustomization.yaml:4:9", "missing-file", "did you mean 'patch.yaml'?")
    ]


@pytest.mark.parametrize(
    ("name", "beside", "want"),
    [
        ("service.yml", "service.yaml", "did you mean 'service.yaml'?"),
        ("hpa.yaml", "my-app.yaml", "add it, or take the reference out"),
        ("platform-kustomization.yaml", "a.yaml", "add it, or take the reference out"),
    ],
)
def test_a_name_is_near_by_more_than_its_ending(name: str, beside: str, want: str) -> None:
    files = {
        "overlays/dev/kustomization.yaml": f"resources:\n- {name}\n- {beside}\n",
        f"overlays/dev/{beside}": _SERVICE,
    }
    assert [f.remedy for f in findings(files, "missing-file")] == [want]


def test_a_schema_that_is_fetched_from_elsewhere_is_no_missing_file() -> None:
    url = "https://example.com/schema.json"
    files = {
        "overlays/dev/kustomization.yaml": f"resources: [s.yaml]\nopenapi:\n  path: {url}\n",
        "overlays/dev/s.yaml": _SERVICE,
    }
    (found,) = findings(files)
    assert (found.rule, str(found.where)) == ("remote-base", "overlays/dev/kustomization.yaml:3:9")
    assert found.message == f"{url!r} is no git repository to kustomize, and single files are never fetched"


def test_what_sops_wrote_into_an_object_is_gone_when_it_is_applied() -> None:
    encrypted = (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nimmutable: ENC[AES256_GCM,data:dGY=,type:bool]\n"
        "stringData:\n  password: ENC[AES256_GCM,data:dGY=,type:str]\n"
        "sops:\n  lastmodified: '2026-01-01T00:00:00Z'\n  mac: ENC[AES256_GCM,data:dGY=,type:str]\n  version: 3.9.0\n"
    )
    files = {"overlays/dev/kustomization.yaml": "resources: [s.yaml]\n", "overlays/dev/s.yaml": encrypted}
    assert findings(files) == []
    files["overlays/dev/s.yaml"] = encrypted.replace("stringData", "stringDate")
    assert [f.message for f in findings(files)] == ["Secret/db: unknown field 'stringDate'"]


@pytest.mark.parametrize(
    ("kustomization", "place", "words"),
    [
        (
            "resources: [s.yaml]\npatches:\n- target: {kind: Service}\n  patch: |-\n    - op: remove\n      path: /a\n",
            "overlays/dev/kustomization.yaml:6:13",
            "there is no /a",
        ),
        (
            "resources: [s.yaml, t.yaml]\n",
            "overlays/dev/t.yaml:1:1",
            "Service 'web' comes in twice (also at overlays/dev/s.yaml:1:1)",
        ),
        (
            "resources: [s.yaml]\nconfigMapGenerator:\n- name: x\n  behavior: merge\n  literals: [A=1]\n",
            "overlays/dev/kustomization.yaml:3:9",
            "no base generates 'x'",
        ),
    ],
)
def test_a_build_failure_is_told_in_plain_words_at_its_place(kustomization: str, place: str, words: str) -> None:
    files = {
        "overlays/dev/kustomization.yaml": kustomization,
        "overlays/dev/s.yaml": _SERVICE,
        "overlays/dev/t.yaml": _SERVICE,
    }
    (found,) = findings(files, "build-failure")
    assert str(found.where) == place
    assert words in found.message


def test_a_strategic_merge_patch_for_nothing_is_told_in_the_patch() -> None:
    files = {
        "overlays/dev/kustomization.yaml": "resources: [s.yaml]\npatches:\n- path: p.yaml\n",
        "overlays/dev/s.yaml": _SERVICE,
        "overlays/dev/p.yaml": "# a comment\n" + _SERVICE.replace("web", "wbe"),
    }
    assert told(files) == ["overlays/dev/p.yaml:5:9 dead-patch"]


def test_another_environments_word_alone_is_a_warning_at_the_namespace_field() -> None:
    files = {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "namespace: web-dev\nresources: [s.yaml]\n",
        "overlays/dev/s.yaml": _SERVICE,
        "overlays/production/kustomization.yaml": "resources: [s.yaml]\nnamespace: dev-tools\n",
        "overlays/production/s.yaml": _SERVICE,
    }
    (found,) = findings(files)
    assert (str(found.where), found.severity) == ("overlays/production/kustomization.yaml:2:12", Severity.WARNING)


def test_one_namespace_in_all_environments_is_nobodys_fault() -> None:
    files = {
        "fairlead.yaml": _CONFIG,
        "overlays/dev/kustomization.yaml": "namespace: web\nresources: [s.yaml]\n",
        "overlays/dev/s.yaml": _SERVICE,
        "overlays/production/kustomization.yaml": "namespace: web\nresources: [s.yaml]\n",
        "overlays/production/s.yaml": _SERVICE,
    }
    assert findings(files) == []


def test_a_base_that_no_overlay_takes_in_is_named_unless_another_file_names_its_folder() -> None:
    files = {
        "fairlead.yaml": _CONFIG + "layout: ['{app}/overlays/{env}']\n",
        "web/base/kustomization.yaml": "resources: [s.yaml]\n",
        "web/base/s.yaml": _SERVICE,
        "web/overlays/dev/kustomization.yaml": "resources: [s.yaml]\n",
        "web/overlays/dev/s.yaml": _SERVICE,
    }
    assert told(files, "unused-base") == ["web/base/kustomization.yaml:1:1 unused-base"]
    assert told({**files, "argocd/web.yaml": "spec: {source: {path: web/base}}\n"}, "unused-base") == []
    taken = {**files, "web/overlays/dev/kustomization.yaml": "resources: [../../base]\n"}
    assert told(taken, "unused-base") == []
