"""What the template `repo` makes: a repository whose overlays build, are valid, and really differ."""

import re
import shutil
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from fairlead.model.snapshot import MemorySnapshot
from fairlead.repo import config, layout
from fairlead.scaffold.answers import questions
from fairlead.scaffold.render import render

ENVIRONMENTS = Path(__file__).resolve().parents[3] / "environments"
CHAIN = ("dev", "staging", "production")
OTHER = {
    "project_name": "Harbour",
    "app": "cart",
    "image": "localhost:5000/cart",
    "image_tag": "1.10",
    "domain": "shop.example.net",
    "kubernetes": "1.30",
    "soak_staging": "15m",
    "soak_production": "2d",
    "production_approvals": 3,
    "owners": "@shop/cart @ops",
    "default_branch": "trunk",
    "shards": 3,
}


def kustomize() -> list[str]:
    if found := shutil.which("kustomize"):
        return [found, "build"]
    if found := shutil.which("kubectl"):
        return [found, "kustomize"]
    pytest.skip("neither kustomize nor kubectl is on PATH")


def write(files, folder):
    for name, file in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)


def build(folder, app):
    """The objects of every overlay: environment -> kind -> object."""
    built = {}
    for env in CHAIN:
        done = subprocess.run(
            [*kustomize(), str(folder / "apps" / app / "overlays" / env)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        built[env] = {thing["kind"]: thing for thing in yaml.safe_load_all(done.stdout)}
    return built


@pytest.fixture(scope="module")
def overlays(tmp_path_factory):
    folder = tmp_path_factory.mktemp("defaults")
    write(render("repo", {}), folder)
    return build(folder, "web")


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    folder = tmp_path_factory.mktemp("others")
    write(render("repo", OTHER), folder)
    return build(folder, "cart")


def test_environments_is_the_template_s_output_with_its_defaults():
    made = {name: file.data for name, file in render("repo", {}).items()}
    there = {
        path.relative_to(ENVIRONMENTS).as_posix(): path.read_bytes()
        for path in ENVIRONMENTS.rglob("*")
        if path.is_file()
    }
    assert there == made, "run: python -m tests.unit.scaffold.regenerate"


def test_every_overlay_builds_without_a_warning_into_the_same_kinds(overlays):
    kinds = {
        "ConfigMap",
        "Deployment",
        "Ingress",
        "Namespace",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
    }
    assert {env: set(objects) for env, objects in overlays.items()} == dict.fromkeys(CHAIN, kinds)


def test_overlays_differ_in_replicas_resources_host_configuration_and_namespace(overlays):
    def facts(env):
        objects = overlays[env]
        spec = objects["Deployment"]["spec"]
        return {
            "replicas": spec["replicas"],
            "resources": str(spec["template"]["spec"]["containers"][0]["resources"]),
            "host": objects["Ingress"]["spec"]["rules"][0]["host"],
            "config": str(objects["ConfigMap"]["data"]),
            "namespace": objects["Namespace"]["metadata"]["name"],
        }

    dev, staging, production = (facts(env) for env in CHAIN)
    for fact in dev:
        assert len({dev[fact], staging[fact], production[fact]}) == 3, fact
    assert [dev["replicas"], staging["replicas"], production["replicas"]] == [1, 2, 3]
    assert production["host"] == "web.example.com"


@pytest.mark.parametrize("env", CHAIN)
def test_every_object_stands_in_its_environment_s_namespace(overlays, env):
    namespaces = {thing["metadata"]["namespace"] for kind, thing in overlays[env].items() if kind != "Namespace"}
    assert namespaces == {f"web-{env}"}


@pytest.mark.parametrize("env", CHAIN)
def test_every_object_is_valid_by_the_strict_schemas_of_the_declared_kubernetes(overlays, others, env):
    for thing in overlays[env].values():
        kubernetes_validate.validate(thing, "1.34", strict=True)
    for thing in others[env].values():
        kubernetes_validate.validate(thing, "1.30", strict=True)


@pytest.mark.parametrize("env", CHAIN)
def test_pods_meet_the_restricted_standard_and_have_probes_and_resources(overlays, env):
    pod = overlays[env]["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)
    assert set(container["resources"]["requests"]) == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]
    generated = overlays[env]["ConfigMap"]["metadata"]["name"]
    assert container["envFrom"] == [{"configMapRef": {"name": generated}}]


def test_other_answers_show_up_in_what_is_built(others):
    production = others["production"]
    (container,) = production["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["name"] == "cart"
    assert container["image"] == "localhost:5000/cart:1.10"
    assert production["Ingress"]["spec"]["rules"][0]["host"] == "cart.shop.example.net"
    assert production["ConfigMap"]["data"]["PUBLIC_URL"] == "https://cart.shop.example.net"
    assert production["Namespace"]["metadata"]["name"] == "cart-production"
    assert production["Deployment"]["metadata"]["labels"]["app.kubernetes.io/part-of"] == "Harbour"


def test_other_answers_show_up_in_the_files_and_no_default_is_left():
    files = {name: file.data.decode() for name, file in render("repo", OTHER).items()}
    assert yaml.safe_load(files["fairlead.yaml"]) == {
        "version": 1,
        "environments": {
            "dev": {"kubernetes": "1.30"},
            "staging": {"kubernetes": "1.30", "gates": {"soak": "15m"}},
            "production": {
                "kubernetes": "1.30",
                "match": ["prod", "prd"],
                "protected": True,
                "direct": "approve",
                "gates": {"soak": "2d", "approvals": 3},
            },
        },
        "chains": [["dev", "staging", "production"]],
        "layout": ["apps/{app}/overlays/{env}"],
        "forge": {"kind": "local"},
    }
    assert yaml.safe_load(files["mkdocs.yml"])["site_name"] == "Harbour"
    assert {line.split(" ", 1)[1] for line in files["CODEOWNERS"].splitlines()[1:]} == {"@shop/cart @ops"}
    assert 'branches: ["trunk"]' in files[".github/workflows/check.yml"]
    assert yaml.safe_load(files[".copier-answers.yml"]) == {
        "_src_path": "fairlead:repo",
        "forge": "local",
        "ci": "github",
        **OTHER,
    }
    for name, text in files.items():
        assert not re.search(r"\bweb\b|\bfleet\b|@platform|(?<![.\w])example\.com", text), name
        assert "{{" not in text.replace("${{", ""), name
        assert "{%" not in text, name


def test_fairlead_reads_the_configuration_and_finds_every_overlay():
    snapshot = MemorySnapshot(render("repo", {}))
    rules = config.load(snapshot)
    assert rules.chains == (tuple((env,) for env in CHAIN),)
    assert [str(overlay.id) for overlay in layout.discover(snapshot, rules).overlays] == [
        "web/dev",
        "web/production",
        "web/staging",
    ]


def test_the_answers_file_gives_the_same_repository_again():
    files = render("repo", OTHER)
    kept = yaml.safe_load(files[".copier-answers.yml"].data)
    assert list(kept)[1:] == sorted(question.name for question in questions("repo"))
    del kept["_src_path"]
    assert render("repo", kept) == files


def test_only_fields_that_kustomize_still_recommends_are_used():
    deprecated = {
        "bases",
        "commonLabels",
        "configurations",
        "imageTags",
        "patchesJson6902",
        "patchesStrategicMerge",
        "vars",
    }
    for name, file in render("repo", {}).items():
        if name.endswith("/kustomization.yaml"):
            assert not deprecated & set(yaml.safe_load(file.data)), name


def test_versions_are_quoted_so_that_none_turns_into_a_number():
    files = render("repo", {"image_tag": "1.10", "kubernetes": "1.30"})
    for env in CHAIN:
        overlay = yaml.safe_load(files[f"apps/web/overlays/{env}/kustomization.yaml"].data)
        assert overlay["images"] == [{"name": "registry.example.com/shop/web", "newTag": "1.10"}]
    assert b'newTag: "1.10"\n' in files["apps/web/overlays/dev/kustomization.yaml"].data


def test_one_runner_has_one_job_and_several_have_a_shard_each_and_one_required_check():
    def jobs(shards):
        return yaml.safe_load(render("repo", {"shards": shards})[".github/workflows/check.yml"].data)["jobs"]

    assert list(jobs(1)) == ["overlays", "change"]
    several = jobs(3)
    assert list(several) == ["costs", "shard", "overlays", "change"]
    assert several["shard"]["strategy"] == {"fail-fast": False, "matrix": {"shard": [1, 2, 3]}}
    assert (several["overlays"]["needs"], several["overlays"]["if"]) == ("shard", "${{ !cancelled() }}")


def test_every_file_is_text_with_one_final_newline_and_no_trailing_blanks():
    for name, file in render("repo", {}).items():
        text = file.data.decode()
        assert text.endswith("\n"), name
        assert not text.endswith("\n\n"), name
        assert not re.search(r"[ \t]$", text, re.MULTILINE), name
        assert "\r" not in text, name
